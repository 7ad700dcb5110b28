"""What this machine has and lacks, with the line that installs it."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import msgspec

from ocrfactory import __version__
from ocrfactory.compat import TRDG

CORE = (
    "pillow", "fonttools", "opencv-python", "imgaug", "typer", "pyarrow", "tqdm", "numpy", "isal", "msgspec",
    "ijson", "pydantic", "ruamel.yaml", "pebble", "regex", "xxhash", "platformdirs", "uharfbuzz",
)  # fmt: skip
EXTRAS = {
    "trdg": ("trdg",),
    "train": ("torch", "safetensors", "onnx", "onnxruntime", "matplotlib"),
    "plot": ("matplotlib",),
    "fill": ("onnxruntime", "safetensors", "matplotlib"),
    "ray": ("ray",),
    "s3": ("obstore",),
    "lmdb": ("lmdb",),
}
SYSTEM = {"libGL.so.1": "libgl1", "libgthread-2.0.so.0": "libglib2.0-0"}
"""Libraries that opencv-python links and the Debian packages that hold them."""


class Finding(msgspec.Struct, frozen=True):
    """One line of the examination."""

    name: str
    value: str
    ok: bool = True
    cure: str | None = None


def examine() -> list[Finding]:
    """Everything that a bug report needs; findings that are not `ok` carry a cure."""
    from ocrfactory.build import default_workers

    findings = [
        Finding("ocrfactory", __version__),
        Finding("python", platform.python_version()),
        Finding("system", platform.platform()),
        Finding("workers", f"{default_workers()} by default, of {os.cpu_count()} processors"),
        Finding("memory", _memory()),
        Finding("gpu", _gpu()),
    ]
    findings += [_package(name) for name in CORE]
    findings += [_opencv(), *_libraries()]
    findings += [_extra(name, packages) for name, packages in EXTRAS.items()]
    return [*findings, *_fonts()]


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "missing", ok=False, cure=f"pip install {name}")


def _opencv() -> Finding:
    try:
        return Finding("import cv2", str(importlib.import_module("cv2").__version__))
    except ImportError as error:
        packages = " ".join(package for library, package in SYSTEM.items() if library in str(error)) or " ".join(
            SYSTEM.values()
        )
        return Finding(
            "import cv2", str(error), ok=False, cure=f"apt-get install {packages}   (or your system's packages of them)"
        )


def _libraries() -> list[Finding]:
    import uharfbuzz
    from PIL import features

    return [
        Finding("harfbuzz", str(uharfbuzz.version_string())),
        Finding("freetype (Pillow's)", str(features.version("freetype2"))),
    ]


def _extra(name: str, packages: tuple[str, ...]) -> Finding:
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        cure = TRDG if name == "trdg" else f"pip install 'ocrfactory[{name}]'"
        return Finding(f"extra {name}", f"not installed: {', '.join(missing)}", cure=cure)
    return Finding(f"extra {name}", ", ".join(f"{package} {version(package)}" for package in packages))


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"


def _gpu() -> str:
    if find_spec("torch") is not None:
        torch = importlib.import_module("torch")
        return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else "none that torch can use"
    return "nvidia-smi is there, torch is not" if shutil.which("nvidia-smi") else "none"


def _fonts() -> list[Finding]:
    from ocrfactory.fonts.inventory import look
    from ocrfactory.fonts.packs import load_pack, pack_names

    findings = []
    for name in pack_names():
        states = look([face for face in load_pack(name).faces if face.need == "core"])
        here = sum(state.complete for state in states)
        cure = (
            None if here == len(states) else f"nothing: the first render fetches it; or ocrfactory fonts install {name}"
        )
        findings.append(Finding(f"font pack {name}", f"{here} of {len(states)} core faces on this machine", cure=cure))
    apt = shutil.which("apt-get")
    findings.append(Finding("apt-get", apt or "missing: font packages cannot be fetched, give folders with --font-dir"))
    return findings
