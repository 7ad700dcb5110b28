"""GlyphWiki's stroke records: from one record and the records that it includes to plain strokes.

A record is a text: lines between `$`, numbers between `:`, on a canvas of 200 x 200 units, y down.

    kind:head:tail:x1:y1:x2:y2[:x3:y3[:x4:y4]]      a stroke
    99:sx:sy:x1:y1:x2:y2:NAME[:_:sx2:sy2]           all strokes of the record NAME, its canvas laid into the box
    0:97|98|99:turn:x1:y1:x2:y2                     flip or turn the strokes so far that lie in the box

Kinds: 1 line, 2 quadratic curve, 3 and 4 two lines with a round corner, 6 cubic curve, 7 a line that runs out into a
quadratic curve. 0 else and 9 draw nothing. `head` and `tail` say how the ends look; hundreds and above in these three
fields tune the engine of GlyphWiki and change no stroke. An included record is first stretched: its point s goes to d,
what lies between s and the ends of its ink follows in proportion, and the ends stay.

GlyphWiki describes the format on its page "GlyphWiki:KAGEデータ仕様"; how the fields are read here was settled on the
data, against HanaMin and BabelStone Han, which draw the same characters. No code of GlyphWiki's engine, which is GPL,
is in here.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError

UNITS = 200
"""Side of the canvas, which is the em."""

POINTS = {1: 2, 2: 3, 3: 3, 4: 3, 6: 4, 7: 4}
"""Points that a stroke of each kind has."""

PLACEHOLDER = "u3013"
"""The geta mark: a record that is nothing else says that nobody has drawn the character yet."""

DEPTH = 16
"""Inclusions within inclusions; the deepest record of an ideograph has fewer than ten."""
STROKES = 400
"""Strokes of a glyph; the most crowded ideographs have about a hundred."""
PARTS = 400
"""Inclusions in one glyph, so that records which include each other twice cannot double without end."""
REACH = 10_000
"""Largest number in a record: far outside the canvas, small enough to calculate with."""

Points = npt.NDArray[np.float64]
"""n x 2: x to the right, y down, in units."""


class Stroke(msgspec.Struct, frozen=True, eq=False):
    """One stroke: what the pen does, and where."""

    kind: int
    """A key of `POINTS`."""
    head: int
    tail: int
    """0 to 99: the look of the ends, as GlyphWiki numbers them."""
    points: Points
    """`POINTS[kind]` x 2: ends and control points, in units."""


class Absent(InputError):  # noqa: N818 - a fact about the character that the builder records
    """No strokes can be had for a name; `reason` says why: placeholder, missing, empty or damaged."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message, "leave the character out, or repair its record")
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message, self.reason)


def strokes_of(name: str, records: Mapping[str, str]) -> tuple[Stroke, ...]:
    """The strokes of a record with all that it includes.

    Args:
        name: such as `u4e00`. `NAME@3` is the third version of a record; the current one stands in where it is gone.
        records: data by name; hostile data costs no more than the limits above.

    Raises:
        Absent: there is no such record, it or a part of it is missing, a placeholder, empty or damaged, it includes
            itself, or it is above the limits.
    """
    strokes = _Resolver(records).resolve(name, ())
    if not strokes:
        raise Absent(f"{name}: draws nothing", "empty")
    return tuple(strokes)


class _Resolver:
    def __init__(self, records: Mapping[str, str]) -> None:
        self.records = records
        self.parts = 0

    def resolve(self, name: str, above: tuple[str, ...]) -> list[Stroke]:
        if name == PLACEHOLDER:
            raise Absent(f"{name}: nobody has drawn this yet", "placeholder")
        data = self.records.get(name)
        if data is None:
            name = name.partition("@")[0]
            data = self.records.get(name)
        if data is None:
            raise Absent(f"{name}: no such record", "missing")
        if name in above or len(above) >= DEPTH:
            raise Absent(f"{name}: includes itself, or is {DEPTH} inclusions deep", "damaged")
        self.parts += 1
        if self.parts > PARTS:
            raise Absent(f"{name}: more than {PARTS} inclusions", "damaged")
        strokes: list[Stroke] = []
        for line in data.split("$"):
            fields = line.split(":")
            if fields[0] == "99":
                numbers, part = _inclusion(fields, name)
                strokes += _placed(self.resolve(part, (*above, name)), numbers)
            elif line:
                _stroke(_numbers(fields, name), strokes, name)
            if len(strokes) > STROKES:
                raise Absent(f"{name}: more than {STROKES} strokes", "damaged")
        return strokes


def _numbers(fields: list[str], name: str) -> list[int]:
    try:
        numbers = [round(float(field)) for field in fields]
    except (ValueError, OverflowError) as error:
        raise Absent(f"{name}: {':'.join(fields)[:60]!r} is no line of numbers", "damaged") from error
    if any(abs(number) > REACH for number in numbers):
        raise Absent(f"{name}: a number is above {REACH}", "damaged")
    return numbers


def _inclusion(fields: list[str], name: str) -> tuple[list[int], str]:
    """sx, sy, x1, y1, x2, y2, sx2, sy2 and the name of the part."""
    if len(fields) < 8:
        raise Absent(f"{name}: an inclusion has 8 fields or more, not {len(fields)}", "damaged")
    source = fields[9:11] if len(fields) >= 11 else ["0", "0"]
    return _numbers(fields[1:7] + [field or "0" for field in source], name), fields[7]


def _stroke(numbers: list[int], strokes: list[Stroke], name: str) -> None:
    """Add the stroke of one line, or carry out what the line says of those before it."""
    kind = numbers[0] % 100
    if kind == 0 and len(numbers) >= 7:
        _turn(strokes, numbers)
    if kind not in POINTS:
        return
    count = 2 * POINTS[kind]
    if len(numbers) < 3 + count:
        raise Absent(f"{name}: a stroke of kind {kind} has {POINTS[kind]} points", "damaged")
    points = np.array(numbers[3 : 3 + count], np.float64).reshape(-1, 2)
    strokes.append(Stroke(kind, numbers[1] % 100, numbers[2] % 100, points))


def _turn(strokes: list[Stroke], numbers: list[int]) -> None:
    """97: top to bottom; 98: left to right; 99: clockwise by 90 degrees, `turn` times; only what lies in the box."""
    what, times = numbers[1], numbers[2] % 4
    left, top, right, bottom = (float(number) for number in numbers[3:7])
    for at, stroke in enumerate(strokes):
        x, y = stroke.points.T
        if not ((x >= left) & (x <= right) & (y >= top) & (y <= bottom)).all():
            continue
        if what == 97:
            y = top + bottom - y
        elif what == 98:
            x = left + right - x
        elif what == 99 and times == 1:
            x, y = left + bottom - y, top + x - left
        elif what == 99 and times == 2:
            x, y = left + right - x, top + bottom - y
        elif what == 99 and times == 3:
            x, y = left + y - top, bottom + left - x
        strokes[at] = Stroke(stroke.kind, stroke.head, stroke.tail, np.stack([x, y], axis=1))


def _placed(strokes: list[Stroke], numbers: list[int]) -> list[Stroke]:
    """The strokes of a part, stretched and laid into its box."""
    if not strokes:
        return strokes
    sx, sy, x1, y1, x2, y2, from_x, from_y = numbers
    if sx > 100:  # 200 is nought where a source point is named; without one the middle of the canvas is the source
        sx -= 200
    else:
        from_x = from_y = 0
    every = np.concatenate([stroke.points for stroke in strokes])
    low, high = every.min(axis=0), every.max(axis=0)
    box = np.array([x1, y1], np.float64), np.array([x2 - x1, y2 - y1], np.float64) / UNITS
    placed = []
    for stroke in strokes:
        points = stroke.points
        if sx != from_x or sy != from_y:
            middle = UNITS / 2
            stretched = [
                _stretch(points[:, 0], from_x + middle, sx + middle, low[0], high[0]),
                _stretch(points[:, 1], from_y + middle, sy + middle, low[1], high[1]),
            ]
            points = np.stack(stretched, axis=1)
        placed.append(Stroke(stroke.kind, stroke.head, stroke.tail, box[0] + points * box[1]))
    return placed


def _stretch(
    values: npt.NDArray[np.float64], source: float, target: float, low: float, high: float
) -> npt.NDArray[np.float64]:
    """Move `source` to `target`; `low` and `high`, where the ink ends, stay."""
    below = low + (values - low) * ((target - low) / (source - low) if source != low else 1.0)
    above = high + (values - high) * ((target - high) / (source - high) if source != high else 1.0)
    return np.where(values < source, below, above)
