"""A generator by its name or its file, on the engine that this machine has.

Light to import: torch and onnxruntime are loaded when a generator is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ocrfactory.errors import InputError
from ocrfactory.fill.engine import Engine, LoadedGenerator
from ocrfactory.fill.probe import probe
from ocrfactory.fill.sidecar import GUIDE, Sidecar, read_sidecar
from ocrfactory.fill.tensors import read_tensors
from ocrfactory.fill.weights import Weights, read_weights

ENGINES = ("auto", "onnx", "torch", "cuda")
BUNDLED = ("fast", "full")
WEIGHTS = Path(__file__).parent / "weights"
_DRIVERS = tuple(map(Path, ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")))
"""What Linux has where a driver of a GPU that torch can use is loaded: NVIDIA, AMD, and either under WSL."""
_TORCH = "pip install 'ocrfactory[train]'"
_ONNX = "pip install 'ocrfactory[fill]'"


def load_generator(spec: str | Path, *, engine: str = "auto", base: Path | None = None) -> LoadedGenerator:
    """Open a generator and let it draw once.

    Args:
        spec: `fast`, `full`, or a file: TorchScript, ONNX, or safetensors of a built-in network, told by its content,
            with its sidecar beside it.
        engine: `torch`: on the CPU; `cuda`: on a GPU, in bfloat16; `onnx`: on the CPU, without torch; `auto`: cuda
            where torch sees a GPU, else onnx where it is installed, else torch.
        base: the folder where a relative path starts; the current one where it is None.

    Raises:
        InputError: the file is missing, damaged, or of a kind that could run code; it and its sidecar do not fit; the
            engine is not there or cannot run it; or what it draws cannot be right.
    """
    _refuse_unknown(engine)
    path = resolve(spec, base)
    weights = read_weights(path)
    sidecar = read_sidecar(path, weights.sha256)
    if (weights.kind == "safetensors") != (sidecar.architecture is not None):
        raise InputError(
            f"{path.with_suffix('.json')}: architecture: safetensors need the name of a built-in network, and "
            f"{weights.kind} files bring their own",
            GUIDE,
        )
    generator = LoadedGenerator(weights.generator_id, sidecar, _open(weights, sidecar, engine))
    probe(generator)
    return generator


def choose_engine(engine: str = "auto") -> str:
    """What runs a built-in network here: `onnx`, `torch` or `cuda`. Engines as for `load_generator`.

    Raises:
        InputError: there is no such engine, or it is not there.
    """
    _refuse_unknown(engine)
    if engine == "onnx" or (engine == "auto" and _prefers_onnx()):
        return "onnx"
    return "cuda" if _device(engine) == "cuda" else "torch"


def _refuse_unknown(engine: str) -> None:
    if engine not in ENGINES:
        raise InputError(f"no engine is called {engine!r}", f"engines: {', '.join(ENGINES)}")


def resolve(spec: str | Path, base: Path | None = None) -> Path:
    """The weights file that `spec` means.

    Raises:
        InputError: a bundled generator is not part of this installation.
    """
    if isinstance(spec, str) and spec in BUNDLED:
        path = WEIGHTS / f"{spec}.safetensors"
        if not path.is_file():
            raise InputError(
                f"the generator {spec!r} is not in this installation",
                f"train it on a GPU with: ocrfactory fill train --preset {spec}; or take --generator fast",
            )
        return path
    return (base or Path()) / Path(spec).expanduser()


def _open(weights: Weights, sidecar: Sidecar, engine: str) -> Engine:
    name = str(weights.path)
    if weights.kind == "onnx":
        if engine not in ("auto", "onnx") or weights.onnx is None:
            raise InputError(f"{name}: ONNX models run on engine onnx, not on {engine}", "take --engine onnx or auto")
        from ocrfactory.fill.onnx_engine import OnnxEngine

        return OnnxEngine(weights.data, weights.onnx.tensors(), sidecar, name)
    if weights.kind == "torchscript":
        if engine == "onnx":
            raise InputError(f"{name}: TorchScript needs torch", "export it as ONNX, or take --engine torch")
        device = _device(engine)
        from ocrfactory.fill.script_engine import ScriptEngine

        return ScriptEngine(weights.data, sidecar, device, name)
    tensors = read_tensors(weights.data, name)
    if engine == "onnx" or (engine == "auto" and _prefers_onnx()):
        from ocrfactory.fill.onnx_engine import NetworkEngine

        return NetworkEngine(weights.path, tensors, sidecar)
    device = _device(engine)
    from ocrfactory.fill.torch_engine import open_network

    return open_network(tensors, sidecar, device, name)


def _prefers_onnx() -> bool:
    """No GPU that torch sees, and onnxruntime is there.

    Raises:
        InputError: there is neither torch nor onnxruntime.
    """
    onnx = _has_onnxruntime()
    if onnx and not _has_driver():
        return True  # without a look at torch, whose import takes seconds in every worker
    torch = _has_torch()
    if not torch and not onnx:
        raise InputError("neither onnxruntime nor torch is installed", f"{_ONNX}, or for a GPU {_TORCH}")
    return onnx and not (torch and _sees_gpu())


def _device(engine: str) -> str:
    if not _has_torch():
        raise InputError("torch is not installed", _TORCH)
    gpu = _sees_gpu()
    if engine == "cuda" and not gpu:
        raise InputError(
            "torch sees no GPU", "take --engine auto; on a machine with a GPU install torch for its driver"
        )
    return "cuda" if gpu and engine != "torch" else "cpu"


def _has_torch() -> bool:
    try:
        import torch  # noqa: F401 - asked for, not used
    except ImportError:
        return False
    return True


def _has_onnxruntime() -> bool:
    try:
        import onnxruntime  # noqa: F401 - asked for, not used
    except ImportError:
        return False
    return True


def _has_driver() -> bool:
    return sys.platform != "linux" or any(node.exists() for node in _DRIVERS)


def _sees_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())
