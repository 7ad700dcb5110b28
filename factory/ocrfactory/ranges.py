"""Fields that are ranges: `[least, most]` or one number, from which each row draws its own value.

Lengths are in glyph heights (em), so a recipe means the same at every size; a wrong unit is an error that says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from pydantic import BeforeValidator

Span = tuple[float, float]
"""Least and most, both possible."""

_NUMBER = re.compile(r"\s*([-+]?\d*\.?\d+)\s*(\S*)\s*")


def _span(unit: str, least: float, most: float, scales: dict[str, float], hint: str) -> Callable[[Any], Span]:
    def parse(value: Any) -> Span:
        pair = value if isinstance(value, (list, tuple)) else (value, value)
        if len(pair) != 2:
            raise ValueError(f"a range is [least, most] or one number, not {len(pair)} values")
        low, high = (number(item) for item in pair)
        if low > high:
            raise ValueError(f"the range starts at {low:g} and ends below it, at {high:g}")
        for end in (low, high):
            if not least <= end <= most:
                raise ValueError(f"{end:g} is not within {least:g} to {most:g} {unit}".rstrip() + hint)
        return low, high

    def number(item: Any) -> float:
        if isinstance(item, bool) or not isinstance(item, (int, float, str)):
            raise ValueError(f"{item!r} is no number")
        if isinstance(item, str):
            found = _NUMBER.fullmatch(item)
            if not found:
                raise ValueError(f"{item!r} is no number" + (f" with a unit such as 1{unit}" if unit else ""))
            if found[2] not in scales:
                known = ", ".join(name for name in scales if name) or "none"
                raise ValueError(f"{found[2]!r} in {item!r} is not a unit here; known: {known}{hint}")
            item = float(found[1]) * scales[found[2]]
        if not math.isfinite(item):
            raise ValueError(f"{item!r} is not finite")
        return float(item)

    return parse


def ems(least: float, most: float) -> BeforeValidator:
    """A range of lengths in glyph heights; `0.02`, `0.02em` and `2%` are the same."""
    hint = " (lengths are in glyph heights: at 50 px a glyph, 1 px is 0.02em)"
    return BeforeValidator(_span("em", least, most, {"": 1.0, "em": 1.0, "%": 0.01}, hint))


def degrees(least: float, most: float) -> BeforeValidator:
    """A range of angles in degrees, counter-clockwise as seen."""
    return BeforeValidator(_span("deg", least, most, {"": 1.0, "deg": 1.0, "°": 1.0}, ""))


def shares(least: float, most: float) -> BeforeValidator:
    """A range of shares of one; `0.2` and `20%` are the same."""
    return BeforeValidator(_span("", least, most, {"": 1.0, "%": 0.01}, " (a share of one)"))


def numbers(least: float, most: float) -> BeforeValidator:
    """A range of plain numbers."""
    return BeforeValidator(_span("", least, most, {"": 1.0}, " (a number without a unit)"))


def levels(least: float, most: float) -> BeforeValidator:
    """A range of grey levels, of 255."""
    return BeforeValidator(_span("levels", least, most, {"": 1.0, "levels": 1.0}, " (grey levels, of 255)"))
