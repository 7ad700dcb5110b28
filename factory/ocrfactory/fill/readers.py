"""The gate's reader on the engine that this machine has: pictures to directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError

_CURE = "install ocrfactory again"
Read = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]


def open_reader(
    architecture: str, config: dict[str, Any], tensors: dict[str, npt.NDArray[np.float32]], graph: bytes, engine: str
) -> Read:
    """A reader of ink, uint8 (N, 64, 64), to unit vectors (N, D).

    Args:
        tensors: its weights.
        graph: its ONNX structure, without weights.
        engine: as for `load_generator`.

    Raises:
        InputError: the engine is not there, or weights and structure do not fit.
    """
    from ocrfactory.fill.load import choose_engine

    chosen = choose_engine(engine)
    if chosen == "onnx":
        return _on_onnx(tensors, graph)
    return _on_torch(architecture, config, tensors, "cuda" if chosen == "cuda" else "cpu")


def _on_onnx(tensors: dict[str, npt.NDArray[np.float32]], graph: bytes) -> Read:
    from ocrfactory.fill.onnx_engine import open_structure

    session = open_structure(graph, tensors, "gate.onnx")

    def read(ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        values = ink.astype(np.float32)[:, None] * np.float32(1 / 255)
        each = [session.run("direction", {"ink": values[i : i + 1]}) for i in range(len(values))]
        return np.concatenate(each)

    return read


def _on_torch(
    architecture: str, config: dict[str, Any], tensors: dict[str, npt.NDArray[np.float32]], device: str
) -> Read:
    import torch

    from ocrfactory.fill.batches import one_thread
    from ocrfactory.fill.networks import build

    network = build(architecture, config).eval()
    try:
        network.load_state_dict({name: torch.from_numpy(value) for name, value in tensors.items()}, strict=True)
    except RuntimeError as error:
        short = " ".join(str(error).split())[:300]
        said = f"gate.safetensors: not the weights of {architecture} with {config}: {short}"
        raise InputError(said, _CURE) from error
    network.to(device)

    def read(ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with one_thread(), torch.inference_mode():
            values = torch.from_numpy(np.ascontiguousarray(ink)).to(device).float()[:, None] * (1 / 255)
            parts = torch.split(values, 1) if device == "cpu" else [values]  # it rounds by the shape of a batch
            directions: npt.NDArray[np.float32] = torch.cat([network(part).float() for part in parts]).cpu().numpy()
        return directions

    return read
