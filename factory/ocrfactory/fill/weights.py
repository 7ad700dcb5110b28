"""A weights file, read once: what it is by its content, and its SHA-256.

The bytes that were hashed are the bytes that are loaded, so a file that changes meanwhile changes nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from ocrfactory.errors import InputError
from ocrfactory.fill.onnx_file import OnnxFile, read_onnx

Kind = Literal["torchscript", "onnx", "safetensors"]
MAX_BYTES = 1 << 30
_CONVERT = (
    "convert it where you trust it: model.load_state_dict(torch.load('{name}')); model.eval(); then "
    "torch.jit.trace(model, (content, style_refs)).save('{stem}.pt') or "
    "torch.onnx.export(model, (content, style_refs), '{stem}.onnx', dynamo=False), or "
    "safetensors.torch.save_file(model.state_dict(), '{stem}.safetensors') for a built-in network"
)


class Weights(msgspec.Struct, frozen=True):
    """The content of a weights file."""

    path: Path
    kind: Kind
    data: bytes
    sha256: str
    """Of the file; with ONNX data files, of the file and then of these in the order of their names."""
    onnx: OnnxFile | None
    """What an ONNX file refers to; None for the other kinds."""

    @property
    def generator_id(self) -> str:
        """The name, and the first 16 hex digits of the SHA-256."""
        return f"{re.sub(r'[^A-Za-z0-9._-]', '_', self.path.stem)}-{self.sha256[:16]}"


def read_weights(path: Path) -> Weights:
    """Read a file and tell what it is.

    Raises:
        InputError: it is missing, larger than 1 GiB, a pickle, or nothing that can be loaded safely.
    """
    data = read_bounded(path, MAX_BYTES)
    kind = _kind(path, data)
    digest = sha256(data)
    onnx = read_onnx(path, data, MAX_BYTES) if kind == "onnx" else None
    for _, content in sorted(onnx.files.items()) if onnx else ():
        digest.update(content)
    return Weights(path, kind, data, digest.hexdigest(), onnx)


def read_bounded(path: Path, limit: int) -> bytes:
    """The bytes of a file.

    Raises:
        InputError: it cannot be read, or holds more than `limit` bytes.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path}: no such file" if not path.exists() else f"{path}: not a file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    if len(data) > limit:
        raise InputError(f"{path}: more than {limit >> 20} MiB, larger than any generator of glyphs")
    return data


def _kind(path: Path, data: bytes) -> Kind:
    cure = _CONVERT.format(name=path.name, stem=path.stem)
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
            raise InputError(f"{path}: a damaged archive: {error}", "copy or download it again") from error
        if any(name.partition("/")[2].startswith("code/") for name in names):
            return "torchscript"
        raise InputError(f"{path}: a pickled checkpoint (a torch archive without code); unpickling runs its code", cure)
    if data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8:
        return "safetensors"
    # A pickle of protocol 2 or newer starts with 0x80 and its number. Of older ones, and of all else, nothing is asked.
    if data[:1] == b"\x80" and data[1:2] <= b"\x10":
        raise InputError(f"{path}: a pickled checkpoint; unpickling runs code that the file brings", cure)
    if data[:1] in (b"\x08", b"\x12", b"\x1a", b"\x22", b"\x3a", b"\x42"):  # a first field of ONNX's ModelProto
        return "onnx"
    raise InputError(
        f"{path}: neither TorchScript, nor ONNX, nor safetensors, whatever its name says",
        f"a damaged file: copy it again; a checkpoint of another kind: {cure}",
    )
