"""One label file: its bytes, decoded once or streamed, whatever encoding it was saved in.

A file whose JSON is larger than `BIG` is never loaded: its top-level arrays are iterated, one pass each.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, BinaryIO, NoReturn

import ijson
import msgspec
from ijson.common import ObjectBuilder

from ocrfactory.convert.stream import Readable, Recoded, Shallow
from ocrfactory.errors import Reject

BIG = 16 << 20
"""Bytes; a larger file is streamed. Decoded JSON takes five to ten times its size in memory."""
FIRST = 3
"""Elements of each array that a probe of a big file holds."""
_EVENTS = 5_000  # of one value that a probe keeps: a hostile file may hold one element of a gigabyte
_CHUNK = 1 << 18
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LONE = re.compile(r"[\ud800-\udfff]")
_DEEP = "nested too deep"


class Document:
    """A label file of a delivery.

    Args:
        path: relative to the delivery, its parts divided by `/`.
        read: gives all bytes.
        size: how many bytes.
        open: opens the same bytes as a stream; called once a pass.
        big: from how many bytes on it is streamed.
    """

    def __init__(
        self,
        path: str,
        read: Callable[[], bytes],
        size: int,
        open: Callable[[], BinaryIO],
        big: int = BIG,
    ) -> None:
        self.path = unicodedata.normalize("NFC", path)
        self.size = size
        self._read = read
        self._open = open
        self._limit = big
        self._value: Any = None
        self._probe: Any = None
        self._decoded = False
        self._encoding: str | None = None

    @classmethod
    def of(cls, path: str, data: bytes, big: int = BIG) -> Document:
        """A document whose bytes are in hand."""
        return cls(path, lambda: data, len(data), lambda: io.BytesIO(data), big)

    @property
    def stem(self) -> str:
        """The file's name without its folders and its last extension."""
        name = self.path.rsplit("/", 1)[-1]
        return name.rpartition(".")[0] or name

    @property
    def big(self) -> bool:
        """Whether it is streamed."""
        return self.size > self._limit

    @property
    def encoding(self) -> str:
        """What the bytes are: `utf-8`, `utf-8-sig`, `utf-16` or, where they are none of these, `cp949`."""
        if self._encoding is None:
            if self.big:
                self._encoding = self._scan()
            else:
                self.value()
        return self._encoding or "utf-8"

    def value(self) -> Any:
        """The whole JSON.

        Raises:
            Reject: `json_decode`, with the position.
        """
        if not self._decoded:
            self._value = self._decode(self._read())
            self._decoded = True
        return self._value

    def items(self, key: str) -> Iterator[Any]:
        """The elements of the array under the top-level key `key`; of a big file in one pass and bounded memory.

        Raises:
            Reject: `json_decode`; of a big file maybe after some elements were given.
        """
        if not self.big:
            value = self.value()
            found = value.get(key) if isinstance(value, dict) else None
            yield from found if isinstance(found, list) else ()
            return
        with closing(self._open()) as file:
            try:
                yield from ijson.items(self._utf8(file), f"{key}.item", use_float=True, buf_size=_CHUNK)
            except (ijson.JSONError, UnicodeError, RecursionError, ArithmeticError, ValueError) as error:
                self._refuse(error)

    def probe(self) -> Any:
        """What detection looks at: the whole JSON, or of a big file its keys and the first elements of its arrays.

        Raises:
            Reject: `json_decode`.
        """
        if not self.big:
            return self.value()
        if self._probe is None:
            self._probe = self._first()
        return self._probe

    def _first(self) -> Any:
        with closing(self._open()) as file:
            try:
                return _first_elements(ijson.basic_parse(self._utf8(file), use_float=True, buf_size=_CHUNK))
            except (ijson.JSONError, UnicodeError, RecursionError, ArithmeticError, ValueError) as error:
                self._refuse(error)

    def _decode(self, data: bytes) -> Any:
        try:
            bom = next((name for mark, name in _BOMS if data.startswith(mark)), None)
            self._encoding = bom or "utf-8"
            if bom is not None:
                return _parse(data.decode(bom).encode())
            return _parse(data)
        except UnicodeDecodeError as error:
            if self._encoding != "utf-8":
                self._refuse(error)
        except (ValueError, RecursionError) as error:
            self._refuse(error)
        self._encoding = "cp949"
        try:
            return _parse(data.decode("cp949").encode())
        except (ValueError, RecursionError) as error:
            self._refuse(error)

    def _scan(self) -> str:
        """The encoding of a big file: nothing less than all its bytes tells UTF-8 from CP949."""
        with closing(self._open()) as file:
            chunk = file.read(_CHUNK)
            for mark, name in _BOMS:
                if chunk.startswith(mark):
                    return name
            decoder = codecs.getincrementaldecoder("utf-8")()
            try:
                while chunk:
                    decoder.decode(chunk)
                    chunk = file.read(_CHUNK)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return "cp949"
        return "utf-8"

    def _utf8(self, file: BinaryIO) -> Readable:
        """The stream as the parser wants it."""
        return Shallow(file if self.encoding == "utf-8" else Recoded(file, self.encoding))

    def _refuse(self, error: Exception) -> NoReturn:
        what = _DEEP if isinstance(error, RecursionError) else " ".join(str(error).split())[:200]
        said = f" (read as {self._encoding})" if self._encoding not in (None, "utf-8") else ""
        raise Reject("json_decode", f"{self.path}: {what}{said}") from error


def _parse(data: bytes) -> Any:
    """JSON, and what Python's own writer makes of numbers that JSON does not know (NaN, Infinity)."""
    try:
        return msgspec.json.decode(data)
    except UnicodeDecodeError:
        raise
    except msgspec.DecodeError:
        value = json.loads(data.decode())
        plain = json.dumps(value, ensure_ascii=False)
        # A lone half of a surrogate pair cannot be written to any file; as a control character it costs its text alone.
        return value if plain.isascii() or not _LONE.search(plain) else json.loads(_LONE.sub(r"\\u0000", plain))


def _first_elements(events: Iterator[tuple[str, Any]]) -> Any:
    """The top-level keys with the first elements of each array; stops once images and annotations are known."""
    kind, value = next(events)
    if kind == "start_array":
        return _array(events)
    if kind != "start_map":
        return value
    found: dict[str, Any] = {}
    for _, key in events:  # here always a key of the top level, or its end
        if key is None:
            break
        kind, value = next(events)
        if kind == "start_array":
            last = bool(found.get({"images": "annotations", "annotations": "images"}.get(key, "")))
            found[key] = _array(events, keep_going=not last)
            if last and found[key]:
                break
        else:
            found[key] = _value(kind, value, events)
    return found


def _array(events: Iterator[tuple[str, Any]], keep_going: bool = False) -> list[Any]:
    """The first elements of an array whose start was read; with `keep_going` the rest is read over."""
    found: list[Any] = []
    for kind, value in events:
        if kind == "end_array":
            break
        if len(found) < FIRST:
            found.append(_value(kind, value, events))
            if len(found) == FIRST and not keep_going:
                break
        elif kind.startswith("start_"):
            _skip(events)
    return found


def _value(kind: str, value: Any, events: Iterator[tuple[str, Any]]) -> Any:
    """One value whose first event was read; None where it is too large for a probe."""
    if not kind.startswith("start_"):
        return value
    builder = ObjectBuilder()
    builder.event(kind, value)
    depth, count = 1, 0
    for kind, value in events:
        depth += kind.startswith("start_") - kind.startswith("end_")
        count += 1
        if count <= _EVENTS:
            builder.event(kind, value)
        if not depth:
            break
    return builder.value if count <= _EVENTS else None


def _skip(events: Iterator[tuple[str, Any]]) -> None:
    """Read over the rest of a value whose start was read."""
    depth = 1
    for kind, _ in events:
        if kind in ("start_map", "start_array"):
            depth += 1
        elif kind in ("end_map", "end_array"):
            depth -= 1
            if not depth:
                return
