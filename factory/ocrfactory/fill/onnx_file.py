"""What an ONNX file refers to: operators of foreign domains, and data files beside it.

The file is walked before onnxruntime sees it, without the package onnx: fields of a protocol-buffer message are a tag
and a value, and only those on the way to nodes and tensors are followed. Anything irregular is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError

# TensorProto.DataType -> dtype, for tensors whose values lie in a file of their own.
_DTYPES = {1: "<f4", 2: "u1", 3: "i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2", 11: "<f8"}
_STANDARD = ("", "ai.onnx")
_DEPTH = 32


class External(msgspec.Struct, frozen=True):
    """A tensor whose values lie elsewhere."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    location: str
    offset: int
    length: int | None


class OnnxFile(msgspec.Struct, frozen=True):
    """The tensors of a model that lie elsewhere, and the files they lie in."""

    external: tuple[External, ...]
    files: dict[str, bytes]

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """The values, by the names of the tensors.

        Raises:
            InputError: a file is too short for what the model takes from it.
        """
        result = {}
        for item in self.external:
            wanted = int(np.prod(item.shape, dtype=np.int64)) * np.dtype(item.dtype).itemsize
            part = self.files[item.location][item.offset : item.offset + wanted]
            if len(part) != wanted or item.length not in (None, wanted):
                raise InputError(
                    f"{item.location}: tensor {item.name!r} of {wanted} bytes is not in it", "copy it again"
                )
            result[item.name] = np.frombuffer(part, item.dtype).reshape(item.shape)
        return result


def read_onnx(path: Path, data: bytes, limit: int) -> OnnxFile:
    """Walk a model and read the data files that it names, from its own folder only.

    Args:
        path: where the model lies, for its folder and for messages.
        data: the bytes of the model.
        limit: bytes of all data files together.

    Raises:
        InputError: the model is damaged, uses an operator of a foreign domain, or names a file outside its folder.
    """
    external = walk(data, str(path))
    files: dict[str, bytes] = {}
    for location in sorted({item.location for item in external}):
        pure = PurePosixPath(location)
        file = path.parent / location
        if pure.is_absolute() or {"..", ""} & set(location.split("/")) or set(location) & set("\\:\0"):
            raise InputError(f"{path}: it takes data from {location!r}, outside of its folder")
        if any(step.is_symlink() for step in (file, *file.parents[: len(pure.parts) - 1])):
            raise InputError(f"{path}: {location!r} is a link, and links are not followed", "put the file itself there")
        try:
            with file.open("rb") as stream:
                files[location] = stream.read(limit + 1)
        except OSError as error:
            raise InputError(f"{file}: {error.strerror or error}", f"{path.name} needs it beside itself") from error
        limit -= len(files[location])
        if limit < 0:
            raise InputError(f"{path}: its data files are larger than any generator of glyphs")
    return OnnxFile(tuple(external), files)


def walk(data: bytes, name: str) -> list[External]:
    """The tensors of a model that lie elsewhere; `name` is for messages.

    Raises:
        InputError: the model is damaged, or holds what no generator needs.
    """
    walker = _Walker()
    try:
        walker.model(memoryview(data))
    except (ValueError, IndexError) as error:
        raise InputError(f"{name}: not a whole ONNX model: {error}", "export or copy it again") from error
    foreign = sorted(f"{domain}::{op}" for domain, op in walker.used - walker.defined if domain not in _STANDARD)
    if foreign:
        raise InputError(
            f"{name}: it uses operators that are not part of ONNX: {', '.join(foreign[:5])}",
            "export it with standard operators only: torch.onnx.export(..., dynamo=False, opset_version=17)",
        )
    return walker.external


class _Walker:
    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()
        self.defined: set[tuple[str, str]] = set()
        self.external: list[External] = []

    def model(self, data: memoryview) -> None:
        graphs = 0
        for field, value in _fields(data):
            if field == 7:
                graphs += 1
                self._graph(_message(value), 0)
            elif field == 20:
                raise ValueError("it carries a training graph")
            elif field == 25:
                self._function(_message(value))
        if graphs != 1:
            raise ValueError(f"{graphs} graphs in it")

    def _graph(self, data: memoryview, depth: int) -> None:
        if depth > _DEPTH:
            raise ValueError("graphs nested too deeply")
        for field, value in _fields(data):
            if field == 1:
                self._node(_message(value), depth)
            elif field == 5:
                self._tensor(_message(value), top=depth == 0)
            elif field == 15:
                self._sparse(_message(value))

    def _function(self, data: memoryview) -> None:
        name = domain = ""
        for field, value in _fields(data):
            if field == 1:
                name = _text(value)
            elif field == 10:
                domain = _text(value)
            elif field == 7:
                self._node(_message(value), 1)
            elif field == 11:
                self._attribute(_message(value), 1)
        self.defined.add((domain, name))

    def _node(self, data: memoryview, depth: int) -> None:
        op = domain = ""
        for field, value in _fields(data):
            if field == 4:
                op = _text(value)
            elif field == 7:
                domain = _text(value)
            elif field == 5:
                self._attribute(_message(value), depth)
        self.used.add((domain, op))

    def _attribute(self, data: memoryview, depth: int) -> None:
        for field, value in _fields(data):
            if field in (5, 10):
                self._tensor(_message(value), top=False)
            elif field in (6, 11):
                self._graph(_message(value), depth + 1)
            elif field in (22, 23):
                self._sparse(_message(value))

    def _sparse(self, data: memoryview) -> None:
        for field, value in _fields(data):
            if field in (1, 2):
                self._tensor(_message(value), top=False)

    def _tensor(self, data: memoryview, *, top: bool) -> None:
        shape: list[int] = []
        entries: dict[str, str] = {}
        name, kind, elsewhere = "", 0, False
        for field, value in _fields(data):
            if field == 1:
                shape += [value] if isinstance(value, int) else _varints(value)
            elif field == 2:
                kind = _number(value)
            elif field == 8:
                name = _text(value)
            elif field == 13:
                pair = {key: _text(text) for key, text in _fields(_message(value))}
                entries[pair.get(1, "")] = pair.get(2, "")
                elsewhere = True
            elif field == 14:
                elsewhere |= _number(value) != 0
        if not elsewhere:
            return
        if not top or not name:
            raise ValueError("a tensor inside of a node takes its values from a file")
        if kind not in _DTYPES:
            raise ValueError(f"tensor {name!r} takes values of type {kind} from a file")
        if max([0, *shape]) >= 2**31 or float(np.prod(shape, dtype=float)) >= 2**31:
            raise ValueError(f"tensor {name!r} is too large")
        offset, length = int(entries.get("offset", "0")), entries.get("length")
        if offset < 0:
            raise ValueError(f"tensor {name!r} starts before its file")
        location = entries.get("location", "")
        self.external.append(
            External(name, _DTYPES[kind], tuple(shape), location, offset, None if length is None else int(length))
        )


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: numbers as int, bytes and messages as views."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag >= 2**32 or tag < 8:
            raise ValueError("an impossible field")
        wire = tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        if wire == 2:
            length, at = _varint(data, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError(f"fields of wire type {wire}")  # groups: no version of ONNX has one
        if at + length > len(data):
            raise ValueError("it ends early")
        yield tag >> 3, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number that does not end")


def _varints(data: memoryview) -> list[int]:
    values, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        values.append(value)
    return values


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number in the place of a message")
    return value


def _number(value: int | memoryview) -> int:
    if not isinstance(value, int):
        raise ValueError("a message in the place of a number")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8")
