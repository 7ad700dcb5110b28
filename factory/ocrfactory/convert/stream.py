"""What stands between the bytes of a big label file and the parser: another encoding, and a limit to nesting."""

from __future__ import annotations

import codecs
import re
from typing import Protocol

import numpy as np

DEEPEST = 500
"""Levels; the parser spells out the whole way down at every level, which takes the square of the depth in memory."""
_QUOTE, _ESCAPE = ord('"'), re.compile(rb"\\.", re.DOTALL)
_STEPS = np.zeros(256, np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""


class Recoded:
    """A stream of another encoding as UTF-8."""

    def __init__(self, file: Readable, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def read(self, size: int = -1) -> bytes:
        """About `size` bytes: the parser takes what comes, and only nothing at all is the end."""
        while size:
            chunk = self._file.read(size)
            found = self._decoder.decode(chunk, final=not chunk).encode()
            if found or not chunk:
                return found
        return b""


class Shallow:
    """A stream of JSON in UTF-8 that fails as soon as it nests deeper than `DEEPEST` levels."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._depth = 0
        self._in_text = False
        self._after_backslash = False

    def read(self, size: int = -1) -> bytes:
        """See `Readable`.

        Raises:
            RecursionError: nested too deep.
        """
        chunk = self._file.read(size)
        if chunk:
            self._measure(chunk)
        return chunk

    def _measure(self, chunk: bytes) -> None:
        data = b"\\" + chunk if self._after_backslash else chunk
        self._after_backslash = False
        if b"\\" in data:
            data = _ESCAPE.sub(b"", data)
            self._after_backslash = data.endswith(b"\\")
        values = np.frombuffer(data, np.uint8)
        if not len(values):
            return
        texts = (np.cumsum(values == _QUOTE, dtype=np.int32) + self._in_text) & 1
        steps = _STEPS[values]
        steps[texts.astype(bool)] = 0
        depths = np.cumsum(steps, dtype=np.int32)
        if self._depth + int(depths.max()) > DEEPEST:
            raise RecursionError
        self._depth += int(depths[-1])
        self._in_text = bool(texts[-1])
