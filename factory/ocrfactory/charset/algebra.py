"""Expressions over character sets: `ksx1001-hangul+ascii-(digits&./mine.txt)`.

    sum    = product (("+" | "-") product)*       union keeps the order of the left, then what the right adds
    product = atom ("&" atom)*                    intersection binds tighter, and keeps the order of the left
    atom    = "(" sum ")" | U+4E00 | U+4E00..U+4E8F | a built-in name | a file

Names and files may hold the operators. A built-in name is the longest one that ends before an operator, a space, a
parenthesis or the end; a file is the longest piece that exists, else the shortest one that ends in a list's suffix.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ocrfactory.charset.files import LIST_SUFFIXES, is_file, read_classes
from ocrfactory.charset.named import NAMED
from ocrfactory.charset.rules import visible, why_no_class
from ocrfactory.errors import CharsetError

MAX_EXPRESSION = 4_096
MAX_DEPTH = 50
_RANGE = re.compile(r"U\+([0-9A-Fa-f]{4,6})(?:\.\.U\+([0-9A-Fa-f]{4,6}))?(?=[-+&()\s]|$)")
_WORD_END = re.compile(r"[-+&()\s]|$")
_BARE = re.compile(r"[^-+&()\s]*(?:-[^-+&()\s]+)*")


@dataclass(frozen=True)
class Charset:
    """An ordered set of classes.

    Attributes:
        name: the expression or file it came from.
        classes: unique, in order.
        duplicates: how many repeated lines were dropped from files. Sets that overlap in a union are no duplicates.
    """

    name: str
    classes: tuple[str, ...]
    duplicates: int = 0

    @cached_property
    def sha256(self) -> str:
        """The hash of the classes as a text file: one a line, in order."""
        return sha256_of(self.classes)

    def __len__(self) -> int:
        return len(self.classes)


def sha256_of(classes: Iterable[str]) -> str:
    """The SHA-256 of classes joined by line feeds, with one at the end, as UTF-8."""
    return hashlib.sha256(("\n".join(classes) + "\n").encode("utf-8", "surrogatepass")).hexdigest()


def load_charset(expression: str | Path, base: str | Path | None = None) -> Charset:
    """The character set that an expression or a file names.

    A `Path` is always a file. A text is a built-in set if it is exactly its name (write `./kana` for a file of that
    name), else a file if it is one, else an expression. The result may be empty.

    Args:
        expression: see the module.
        base: the folder that relative files are in, a recipe's for what a recipe names; without it the current one.

    Raises:
        CharsetError: an unknown name, a slip in the expression, an unreadable file, or a class that cannot be a label.
    """
    name = str(expression)
    parser = _Parser(name, base)
    if isinstance(expression, Path) or (name not in NAMED and parser.exists(name)):
        return Charset(name, tuple(parser.file(name)), parser.duplicates)
    return Charset(name, tuple(parser.parse()), parser.duplicates)


class _Parser:
    """Recursive descent; a set is a dict without values, because a dict keeps order."""

    def __init__(self, text: str, base: str | Path | None = None) -> None:
        self.text = text
        self.base = base
        self.at = 0
        self.depth = 0
        self.duplicates = 0

    def parse(self) -> dict[str, None]:
        if len(self.text) > MAX_EXPRESSION:
            raise CharsetError(f"charset: longer than {MAX_EXPRESSION:,} characters", "put the classes in a file")
        result = self._sum()
        if self.at < len(self.text):
            raise self._slip("expected + - & or the end")
        return result

    def _sum(self) -> dict[str, None]:
        result = self._product()
        while (operator := self._peek()) and operator in "+-":
            self.at += 1
            right = self._product()
            if operator == "+":
                result = result | right
            else:
                result = {each: None for each in result if each not in right}
        return result

    def _product(self) -> dict[str, None]:
        result = self._atom()
        while self._peek() == "&":
            self.at += 1
            right = self._atom()
            result = {each: None for each in result if each in right}
        return result

    def _atom(self) -> dict[str, None]:
        if self._peek() == "(":
            return self._parenthesis()
        if found := _RANGE.match(self.text, self.at):
            return self._range(found)
        name, path = self._longest_name(), self._file_name()
        # `kana-more.txt` is a file where there is one, and not `kana` without `more.txt`.
        if name and not (path and len(path) > len(name) and path.lower().endswith(LIST_SUFFIXES) and self.exists(path)):
            self.at += len(name)
            return dict.fromkeys(NAMED[name].classes())
        if path:
            self.at += len(path)
            return self.file(path)
        raise self._unknown()

    def _parenthesis(self) -> dict[str, None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._slip(f"more than {MAX_DEPTH} nested parentheses")
        self.at += 1
        result = self._sum()
        if self._peek() != ")":
            raise self._slip("expected )")
        self.at += 1
        self.depth -= 1
        return result

    def _range(self, found: re.Match[str]) -> dict[str, None]:
        first = int(found[1], 16)
        last = int(found[2], 16) if found[2] else first
        if last < first or last > 0x10FFFF:
            raise self._slip(f"{found[0]} is no range of code points")
        classes = dict.fromkeys(map(chr, range(first, last + 1)))
        _refuse_bad(((found[0], each) for each in classes), "leave it out of the range")
        self.at = found.end()
        return classes

    def _longest_name(self) -> str | None:
        rest = self.text[self.at :]
        return max((name for name in NAMED if rest.startswith(name) and _ends(rest, len(name))), key=len, default=None)

    def _file_name(self) -> str | None:
        rest = self.text[self.at :]
        pieces = [rest[: end.start()] for end in _WORD_END.finditer(rest) if end.start()]
        existing = [piece for piece in pieces if self.exists(piece)]
        if existing:
            return existing[-1]
        return next((piece for piece in pieces if piece.lower().endswith(LIST_SUFFIXES)), None)

    def exists(self, path: str) -> bool:
        return is_file(self._under_base(path))

    def _under_base(self, path: str) -> str:
        return path if self.base is None else str(Path(self.base, path))

    def file(self, path: str) -> dict[str, None]:
        classes, duplicates = _from_file(self._under_base(path))
        self.duplicates += duplicates
        return dict.fromkeys(classes)

    def _peek(self) -> str:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def _slip(self, what: str) -> CharsetError:
        return CharsetError(
            f"charset {self.text!r}: {what} at character {self.at + 1}",
            "sets are joined as a+b, a-b, a&b, with parentheses; see ocrfactory charset list",
        )

    def _unknown(self) -> CharsetError:
        bare = _BARE.match(self.text, self.at)
        word = bare.group() if bare else ""
        if not word:
            return self._slip("expected a set")
        near = difflib.get_close_matches(word.casefold(), NAMED, 1, 0.5)
        hint = f"did you mean {near[0]}? " if near else ""
        return CharsetError(
            f"charset {word!r} is neither a built-in set nor a file", f"{hint}built-in: {', '.join(sorted(NAMED))}"
        )


def _ends(text: str, at: int) -> bool:
    return _WORD_END.match(text, at) is not None


def _from_file(path: str) -> tuple[tuple[str, ...], int]:
    raw = read_classes(path)
    first: dict[str, int] = {}
    for index, entry in enumerate(raw.entries):
        first.setdefault(entry, index)
    _refuse_bad(((raw.where(index), entry) for entry, index in first.items()), _check_command(path))
    return tuple(first), len(raw.entries) - len(first)


def _check_command(path: str) -> str:
    return f"ocrfactory charset check {shlex.quote(path)}"


def _refuse_bad(entries: Iterable[tuple[str, str]], cure: str) -> None:
    for where, entry in entries:
        if reason := why_no_class(entry):
            raise CharsetError(f"{where}: the class '{visible(entry[:40])}' {reason}, so it cannot be a label", cure)
