"""Single values of a label, typed: texts, ids, sizes, attributes. None of these functions raises."""

from __future__ import annotations

from typing import Any

from ocrfactory.convert.boxes import shortened
from ocrfactory.convert.jsonpath import Getter
from ocrfactory.convert.page import Fault

Pairs = tuple[tuple[str, Getter], ...]
"""Names of attributes and where they lie."""

_DEPTH = 8  # of attributes; what writes them has a recursion limit
_INT64 = 1 << 63
_SAFE = 1 << 53
_DIGITS = 18  # what is longer is no number of an image, and Python refuses thousands of digits


def text_of(value: Any) -> tuple[str | None, Fault | None]:
    """A label's text. A number is no text: nobody knows how its digits were written."""
    if value is None or type(value) is str:
        return value, None
    return None, ("text_type", f"a text is meant, got {shortened(value)}")


def id_of(value: Any) -> str | None:
    """An id as text; None for what cannot be one."""
    if type(value) is str:
        return value
    if type(value) is float and value.is_integer():
        value = int(value)
    return str(value) if type(value) is int and abs(value) < _INT64 else None


def loose(text: str) -> str:
    """An id as a number without leading zeros, where it is one."""
    bare = text.strip()
    return str(int(bare)) if bare.isascii() and bare.isdigit() and len(bare) <= _DIGITS else text


def size_of(value: Any) -> int | None:
    """Width or height in pixels; None where there is no whole number."""
    if type(value) is str:
        text = value.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) < _SAFE else None


def same(value: Any, texts: frozenset[str]) -> bool:
    """Whether a value, as text, is one of `texts`: 0 and "0" are the same mark."""
    if type(value) is str:
        return value in texts
    return type(value) in (int, float) and (id_of(value) or "") in texts


def collected(pairs: Pairs, value: Any) -> dict[str, Any] | None:
    """The attributes that are there; None where there is none."""
    found = None
    for name, get in pairs:
        item = get(value)
        if item is not None:
            if found is None:
                found = {}
            found[name] = item if type(item) is str else plain(item)
    return found


def plain(value: Any, depth: int = _DEPTH) -> Any:
    """A value that every writer takes; what none takes is said in words."""
    kind = type(value)
    if kind is int and not -_INT64 <= value < _INT64:
        return "(a number out of range)"
    if kind in (list, dict):
        if not depth:
            return "(nested too deep)"
        if kind is list:
            return [plain(each, depth - 1) for each in value]
        return {str(key): plain(each, depth - 1) for key, each in value.items()}
    return value
