"""The lines of a text list: streamed, in whatever encoding the list was saved in."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO

from ocrfactory.errors import Reject

MAX_LINE = 1 << 20
"""Bytes of one line."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Lines:
    """The lines of one list. Iterate as often as needed; `encoding` is known from the start.

    Args:
        path: for messages.
        open: gives the bytes as a stream; called once a pass.

    Raises:
        Reject: `bad_list`: the list is UTF-16 or binary; `unreadable`, `bad_zip`, while iterating, too.
    """

    def __init__(self, path: str, open: Callable[[], BinaryIO]) -> None:
        self.path, self._open = path, open
        self.encoding = self._told()

    def __iter__(self) -> Iterator[tuple[int, str | None, str]]:
        """(number from 0, the line without its end, what is wrong with it). Blank lines are passed over."""
        for number, raw in enumerate(self._raw()):
            if len(raw) > MAX_LINE:
                yield number, None, f"longer than {MAX_LINE:,} bytes"
                continue
            if b"\0" in raw:
                yield number, None, f"byte {raw.index(0) + 1} is zero"
                continue
            try:
                line = raw.rstrip(b"\r\n").decode(self.encoding)
            except UnicodeDecodeError as error:
                yield number, None, f"byte {error.start + 1} is 0x{raw[error.start]:02x}, which is not {self.encoding}"
                continue
            if line.strip():
                yield number, line, ""

    @contextmanager
    def _stream(self) -> Iterator[BinaryIO]:
        """The bytes; what is wrong with their file is a reject."""
        try:
            with closing(self._open()) as file:
                yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise Reject("bad_zip", f"the member is damaged: {error}") from error
        except OSError as error:
            raise Reject("unreadable", error.strerror or str(error)) from error

    def _raw(self) -> Iterator[bytes]:
        """All lines as bytes; of one that is too long only so much that it can be told."""
        with self._stream() as file:
            line = file.readline(MAX_LINE + 1)
            if line.startswith(codecs.BOM_UTF8):
                line = line[3:] if line.endswith(b"\n") else line[3:] + file.readline(3)
            while line:
                yield line
                while len(line) > MAX_LINE and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE + 1)
                    if len(line) <= MAX_LINE:
                        break
                line = file.readline(MAX_LINE + 1)

    def _told(self) -> str:
        """`utf-8`, or `cp949` where every line can be that and most lines cannot be UTF-8.

        So one damaged line of a list in UTF-8 is one bad line, and not a list of nonsense.
        """
        with self._stream() as file:
            if file.read(2) in _UTF16:
                raise Reject("bad_list", "UTF-16; convert it: iconv -f UTF-16 -t UTF-8")
        foreign = broken = lines = binary = 0
        korean = True
        for line in self._raw():
            lines += 1
            binary += b"\0" in line
            if line.isascii():
                continue
            foreign += 1
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                broken += 1
                korean = korean and _is_korean(line)
        if binary * 2 > lines:
            raise Reject("bad_list", "a binary file: most of its lines hold zero bytes")
        return "cp949" if korean and broken * 2 > foreign else "utf-8"


def _is_korean(line: bytes) -> bool:
    try:
        line.decode("cp949")
    except UnicodeDecodeError:
        return False
    return True
