"""Text files, read whole: UTF-8, at most 256 MB, with an error that says where and what to do."""

from __future__ import annotations

import os
import re
import shlex
import stat
from hashlib import sha256
from pathlib import Path

import msgspec

from ocrfactory.errors import InputError

MAX_BYTES = 256_000_000
_BOMS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


class TextFile(msgspec.Struct, frozen=True):
    """One file, decoded. `name` is what the user typed."""

    name: str
    text: str
    sha256: str

    @property
    def short(self) -> str:
        """The name without folders, for what is published."""
        return without_folders(self.name)

    @property
    def lines(self) -> list[str]:
        """The lines without their ends. Only LF, CR LF and CR end a line: the separators of Unicode are characters."""
        text = self.text.replace("\r\n", "\n").replace("\r", "\n")
        return text.removesuffix("\n").split("\n") if text else []


def read_text_file(name: str, base: Path, cure: str | None = None) -> TextFile:
    """Read a file that a user named, relative to `base`; a byte order mark is dropped.

    Args:
        cure: what to do where there is no such file; by default a built-in corpus is offered, too.

    Raises:
        InputError: missing, no regular file, too large, binary, or not UTF-8.
    """
    data = _bytes(name, base, cure)
    encoding = next((word for mark, word in _BOMS if data.startswith(mark)), "CP949")
    if b"\0" in data and encoding == "CP949":
        at = data.index(b"\0")
        raise InputError(
            f"{name}:{data.count(10, 0, at) + 1}: a binary file: byte {at + 1:,} is 0", "name a text file in UTF-8"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The decoder counts from behind the mark that it dropped.
        at = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        raise InputError(
            f"{name}:{data.count(10, 0, at) + 1}: not UTF-8: byte {at + 1:,} is 0x{data[at]:02x}",
            f"convert it: iconv -f {encoding} -t UTF-8 {shlex.quote(name)} > new.txt",
        ) from error
    return TextFile(name, text, sha256(data).hexdigest())


def _bytes(name: str, base: Path, cure: str | None) -> bytes:
    try:
        with open(base / name, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"{name}: not a file", "name a text file in UTF-8")
            data = b"" if status.st_size > MAX_BYTES else file.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise InputError(f"{name}: a folder, not a file", "name the text files in it one by one") from error
    except FileNotFoundError as error:
        from ocrfactory.corpus.builtin import builtin_names  # which reads its corpora as files

        names = ", ".join(builtin_names())
        cure = cure or f"name a text file, or a built-in corpus: {names}"
        raise InputError(f"{name}: no such file", cure) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: {getattr(error, 'strerror', None) or error}") from error
    if status.st_size > MAX_BYTES or len(data) > MAX_BYTES:
        raise InputError(
            f"{name}: larger than {MAX_BYTES // 1_000_000} MB",
            f"take a part of it: head -c 200M {shlex.quote(name)} | iconv -c -f UTF-8 -t UTF-8 > part.txt",
        )
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    # A named pipe without a writer would block `open` itself.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def without_folders(text: str) -> str:
    """A path, or an expression with paths in it, with each path cut to its last part."""
    return re.sub(r"[^\s+&()]*/(?=[^/\s])", "", text.rstrip("/")) if "/" in text else text
