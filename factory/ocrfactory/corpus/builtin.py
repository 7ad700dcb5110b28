"""The corpora that are part of the package: sentences written for it, one a line."""

from __future__ import annotations

import difflib
from functools import cache
from hashlib import sha256
from importlib import resources

import msgspec

from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.corpus.files import TextFile

_NAMES = ("en", "ja", "ko", "zh-Hant")


class Description(msgspec.Struct, frozen=True):
    """What a built-in corpus holds."""

    name: str
    sentences: int
    characters: int
    different: int
    """Different characters, spaces not among them."""


def builtin_names() -> tuple[str, ...]:
    """The built-in corpora, each named by its language."""
    return _NAMES


def check_name(name: str | None) -> str | None:
    """For validators: `name`, if it is one."""
    if name is None or name in _NAMES:
        return name
    near = difflib.get_close_matches(name, _NAMES, 1, 0.4)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ValueError(f"no built-in corpus {name!r}; {hint}built-in: {', '.join(_NAMES)}")


@cache
def read_builtin(name: str) -> TextFile:
    """A built-in corpus, as if it were a file."""
    data = (resources.files(__package__) / "bundled" / f"{name}.txt").read_bytes()
    return TextFile(f"built-in {name}", data.decode(), sha256(data).hexdigest())


def describe(name: str) -> Description:
    """Sentences and characters of a built-in corpus."""
    lines = read_builtin(name).lines
    different = set("".join(lines)) - {" "}
    return Description(name, len(lines), sum(map(grapheme_count, lines)), len(different))
