"""Tensors of a safetensors file as float32 arrays: how built-in networks are stored."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError

MAX_HEADER = 1 << 20


def read_tensors(data: bytes, name: str) -> dict[str, npt.NDArray[np.float32]]:
    """Weights by name, float32; half precision on disk is widened, which loses nothing.

    Args:
        data: the bytes of the file.
        name: what the file is called, for messages.

    Raises:
        InputError: the file is damaged, its header is longer than 1 MiB, or it holds other than F16 and F32; or the
            package safetensors is not installed.
    """
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load
    except ImportError as error:
        raise InputError("the package safetensors is not installed", "pip install 'ocrfactory[fill]'") from error
    length = int.from_bytes(data[:8], "little")
    if length > min(MAX_HEADER, len(data) - 8):
        raise InputError(f"{name}: a header of {length} bytes, more than the file or {MAX_HEADER}", "copy it again")
    try:
        header = json.loads(data[8 : 8 + length])
        kinds = {entry["dtype"] for key, entry in header.items() if key != "__metadata__"}
        if not kinds <= {"F16", "F32"}:
            raise InputError(f"{name}: weights of type {', '.join(sorted(kinds - {'F16', 'F32'}))}", "save F16 or F32")
        tensors = load(data)
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"{name}: not whole: {error}", "copy or download it again") from error
    return {key: np.asarray(value, np.float32, order="C") for key, value in tensors.items()}  # a scalar stays one


def read_classes(
    data: bytes, name: str
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32], npt.NDArray[np.uint16]]:
    """What a gate knows: code points, ascending; directions (classes, D) of length 1; look-alike list (classes, K).

    Raises:
        InputError: the file is damaged or holds no classes; or the package safetensors is not installed.
    """
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load
    except ImportError as error:
        raise InputError("the package safetensors is not installed", "pip install 'ocrfactory[fill]'") from error
    try:
        tensors = load(data)
        codes, steps, alike = tensors["codes"], tensors["directions"], tensors["alike"]
        if codes.dtype != np.uint32 or steps.dtype != np.int8 or codes.ndim != 1 or steps.shape[:-1] != codes.shape:
            raise ValueError("codes (classes,) uint32 and directions (classes, D) int8 are wanted")
        if not len(codes) or not (codes[1:] > codes[:-1]).all():
            raise ValueError("its code points do not ascend")
        if alike.dtype != np.uint16 or alike.shape[:-1] != codes.shape or alike.max(initial=0) >= len(codes):
            raise ValueError("a look-alike list (classes, K) uint16 of its own classes is wanted")
    except (SafetensorError, ValueError, KeyError) as error:
        raise InputError(f"{name}: no classes of a gate: {error}", "install ocrfactory again") from error
    directions = steps.astype(np.float32)
    return codes, directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-6), alike
