"""A box as a label writes it, typed by the convention of its adapter. What the numbers mean is never guessed from them.

Nothing is judged here: NaN, negative sizes and places outside the image pass, and `repair.py` names them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from ocrfactory.convert.page import Box, Fault

Convention = Literal["xywh", "xyxy", "xs-ys", "polygon", "xywh-extra", "whole-image"]
CONVENTIONS: tuple[str, ...] = get_args(Convention)


class Typed(NamedTuple):
    """What became of a box."""

    box: Box | None
    polygon: tuple[float, ...] | None = None
    flags: tuple[str, ...] = ()
    fault: Fault | None = None


Typer = Callable[[Any], Typed]
WHOLE = Typed(None)
_MISSING = Typed(None, fault=("bbox_missing", "no box"))
_NAN = (math.nan,) * 4
_POLY_N = ("poly_n",)


def typer(convention: Convention) -> Typer:
    """The function that types boxes of one convention."""
    return _TYPERS[convention]


def xywh(value: Any) -> Typed:
    """[x, y, w, h], or an object with x, y, width and height."""
    numbers = _four(value, ("x", "y", "width", "height"), extra=False)
    return numbers if isinstance(numbers, Typed) else _sized(numbers)


def xywh_extra(value: Any) -> Typed:
    """[x, y, w, h, ...]: the first four count."""
    numbers = _four(value, ("x", "y", "width", "height"), extra=True)
    return numbers if isinstance(numbers, Typed) else _sized(numbers)


def xyxy(value: Any) -> Typed:
    """[x0, y0, x1, y1]."""
    numbers = _four(value, ("x0", "y0", "x1", "y1"), extra=False)
    return numbers if isinstance(numbers, Typed) else Typed((numbers[0], numbers[1], numbers[2], numbers[3]))


def xs_ys(value: Any) -> Typed:
    """{x: [...], y: [...]}: corners in any number, four of them top left, bottom left, top right, bottom right."""
    value = _unpacked(value)
    if value is None:
        return _MISSING
    if not isinstance(value, dict):
        return _wrong(value, "an object with x and y is meant")
    xs, ys = value.get("x"), value.get("y")
    if _nothing(xs) and _nothing(ys):
        return _MISSING
    if not isinstance(xs, list) or not isinstance(ys, list) or len(xs) != len(ys) or len(xs) < 2:
        return _wrong([xs, ys], "x and y are meant to be lists of one length, two or more")
    across, down = _numbers(xs), _numbers(ys)
    if across is None or down is None:
        return _wrong([xs, ys], "not all are numbers")
    return _outline(_around(list(zip(across, down, strict=True))))


def polygon(value: Any) -> Typed:
    """[[x, y], ...] or [x, y, x, y, ...]: points in any number and order."""
    value = _unpacked(value)
    if _nothing(value):
        return _MISSING
    points = _points(value)
    if points is None:
        return _wrong(value, "two or more points of two numbers each are meant")
    return _outline(points)


def _four(value: Any, keys: tuple[str, ...], extra: bool) -> Typed | list[float]:
    """Four numbers, or what became of the box without them."""
    value = _unpacked(value)
    if isinstance(value, dict):
        value = [value.get(key) for key in keys]
    if _nothing(value):
        return _MISSING
    if isinstance(value, list) and len(value) == 4 and all(isinstance(each, list) for each in value):
        return polygon(value)
    if not isinstance(value, list) or len(value) < 4 or (len(value) > 4 and not extra):
        return _wrong(value, "four numbers or more are meant" if extra else "four numbers are meant")
    found = _numbers(value[:4])
    return _wrong(value, "not all are numbers") if found is None else found


def _sized(numbers: list[float]) -> Typed:
    x, y, width, height = numbers
    return Typed((x, y, x + width, y + height))


def _outline(points: list[tuple[float, float]]) -> Typed:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    # min() and max() of NaN depend on the order: one bad number makes the whole box one that is no box.
    finite = math.isfinite(sum(xs) + sum(ys))
    box = (min(xs), min(ys), max(xs), max(ys)) if finite else _NAN
    flat = tuple(number for point in points for number in point)
    return Typed(box, flat if len(points) > 2 else None, () if len(points) == 4 else _POLY_N)


def _around(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Four corners row by column (TL, BL, TR, BR) put in the order in which one walks around them."""
    if len(points) != 4:
        return points
    first, second, third, fourth = points
    crossing = _side(second, third, first) * _side(second, third, fourth) < 0
    crossing = crossing and _side(fourth, first, second) * _side(fourth, first, third) < 0
    return [first, third, fourth, second] if crossing else points


def _side(start: tuple[float, float], end: tuple[float, float], point: tuple[float, float]) -> float:
    """On which side of the line from start to end the point lies."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _points(value: Any) -> list[tuple[float, float]] | None:
    if not isinstance(value, list):
        return None
    if all(isinstance(each, list) and len(each) == 2 for each in value):
        value = [number for pair in value for number in pair]
    numbers = _numbers(value)
    if numbers is None or len(numbers) % 2 or len(numbers) < 4:
        return None
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _numbers(values: Sequence[Any]) -> list[float] | None:
    """All as numbers; None where one is none. Text that is a number counts, true and false do not."""
    found = []
    for value in values:
        kind = type(value)
        if kind is float:
            found.append(value)
        elif kind is int or (kind is str and "_" not in value):
            try:
                found.append(float(value))
            except (ValueError, OverflowError):
                return None
        else:
            return None
    return found


def _nothing(value: Any) -> bool:
    """Null, nothing but nulls, or nothing at all."""
    return value is None or (isinstance(value, list) and all(each is None for each in value))


def _unpacked(value: Any) -> Any:
    """A box that was written as JSON inside a text; other text stays."""
    if type(value) is not str:
        return value
    try:
        return msgspec.json.decode(value) if value.strip() else None
    except (ValueError, RecursionError):
        return value


def _wrong(value: Any, what: str) -> Typed:
    return Typed(None, fault=("bbox_type", f"{what}, got {shortened(value)}"))


def shortened(value: Any) -> str:
    """A value for people: one line of at most 80 characters, however large or deep the value is."""
    try:
        if isinstance(value, (list, dict)) and len(value) > 50:
            return f"{type(value).__name__} of {len(value)}"
        text = repr(value[:200] if isinstance(value, str) else value)
    except (RecursionError, ValueError):  # a nest, or a number of more digits than Python prints
        text = type(value).__name__
    return text if len(text) <= 80 else text[:77] + "..."


_TYPERS: dict[str, Typer] = {
    "xywh": xywh,
    "xyxy": xyxy,
    "xs-ys": xs_ys,
    "polygon": polygon,
    "xywh-extra": xywh_extra,
    "whole-image": lambda value: WHOLE,
}
