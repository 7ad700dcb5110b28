"""Where the glyphs of a text go: shaped by HarfBuzz with kerning, horizontal or vertical, one or several faces.

Ligatures are off, because each character of a label has a box of its own; what a script requires (the joining of
Arabic, the composition of old Hangul) stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from ocrfactory.charset.hangul import graphemes
from ocrfactory.errors import Reject
from ocrfactory.fonts.opened import OpenedFont
from ocrfactory.render.orientation import orientation

FEATURES = {"liga": False, "clig": False, "dlig": False, "hlig": False}
CORNER = 0.58
"""Ems by which a comma or full stop without a vertical form moves to the right and up: there vertical text has it."""
_STOPS = "、。，．"
_RTL = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""Blocks with right-to-left characters."""


class Piece(NamedTuple):
    """A stretch of text that one face draws."""

    font: OpenedFont
    text: str


Placed = tuple[int, int, float, float, bool, int]
"""One glyph of a line: number of its piece; glyph id; x, y from the origin to the pen, in ems, y up; whether it is
turned; number of its grapheme cluster. The origin of a horizontal line is on the baseline, of a vertical one at the
top of its centre."""


class Layout(NamedTuple):
    """A laid out text, in ems."""

    glyphs: list[Placed]
    cells: list[tuple[float, float]]
    """Of each grapheme cluster: from where to where its advance reaches, along the line."""
    length: float
    """Of the whole line, all advances included."""
    direction: str
    """`ltr`, `rtl` or `ttb`."""


def lay_out(pieces: Sequence[Piece], vertical: bool = False, spacing: float = 0.0) -> Layout:
    """Shape a text.

    Args:
        pieces: the text, cut at grapheme borders.
        spacing: ems added between characters.

    Raises:
        Reject: `tofu`: a run shapes to glyph 0; `bidi`: directions are mixed, or right-to-left text is vertical.
    """
    glyphs: list[Placed] = []
    cells: list[tuple[float, float]] = []
    pen = 0.0
    direction = _direction("".join(piece.text for piece in pieces))
    if direction == "rtl" and (vertical or len(pieces) > 1):
        raise Reject("bidi", "right-to-left text is laid out in horizontal lines of one font only")
    direction = "ttb" if vertical else direction
    for number, (font, text) in enumerate(pieces):
        clusters = graphemes(text)
        for way, members in _turns(font, clusters) if vertical else [(direction, clusters)]:
            glyphs += _placed(number, font, members, way, pen, vertical, spacing, cells)
            pen = cells[-1][1] if way != "rtl" else max(end for _, end in cells)
            pen += spacing
    return Layout(glyphs, cells, pen - spacing, direction)


def _placed(
    number: int,
    font: OpenedFont,
    members: Sequence[str],
    way: str,
    pen: float,
    vertical: bool,
    spacing: float,
    cells: list[tuple[float, float]],
) -> list[Placed]:
    """Shape one run behind the pen. Its cells are added to `cells`."""
    text = "".join(members)
    run = font.shape(text, way, FEATURES)
    unit, first, last = 1 / font.upem, len(cells), len(members) - 1
    char_of = range(len(text)) if len(text) == len(members) else _numbers(members)
    begin: list[float | None] = [None] * len(members)
    centre = (font.ascender + font.descender) / 2
    corner = _corner(font, text) if way == "ttb" else ()
    glyphs: list[Placed] = []
    for (gid, x, y), cluster, before in zip(run.glyphs, run.clusters, run.pens, strict=True):
        char = char_of[cluster]
        if gid == 0:
            raise Reject("tofu", f"{code_points(members[char])} shapes to glyph 0")
        shift = pen + spacing * (char if way != "rtl" else last - char)
        if begin[char] is None:
            begin[char] = before * unit + shift
        if not vertical:
            glyphs.append((number, gid, x * unit + shift, y * unit, False, first + char))
        elif way == "ttb":
            move = CORNER if char in corner else 0.0
            glyphs.append((number, gid, x * unit + move, y * unit - shift + move, False, first + char))
        else:
            glyphs.append((number, gid, y * unit - centre, -(x * unit + shift), True, first + char))
    cells += _cells(begin, pen + run.advance * unit + spacing * last, way == "rtl")
    return glyphs


def _cells(begin: Sequence[float | None], end: float, rtl: bool) -> list[tuple[float, float]]:
    """From where to where each character reaches; what shares a glyph (a required ligature) shares its room evenly."""
    order = list(reversed(begin)) if rtl else list(begin)
    known = [i for i, value in enumerate(order) if value is not None]
    if len(known) < len(order):
        borders = [*known, len(order)]
        for i, j in pairwise(borders):
            low = order[i] or 0.0
            high = end if j == len(order) else order[j] or 0.0
            order[i:j] = [low + (high - low) * k / (j - i) for k in range(j - i)]
    cells = list(pairwise([value or 0.0 for value in order] + [end]))
    return cells[::-1] if rtl else cells


def _numbers(members: Sequence[str]) -> list[int]:
    """The number of the cluster that each code point belongs to."""
    return [number for number, member in enumerate(members) for _ in member]


def _turns(font: OpenedFont, clusters: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Runs of upright (`ttb`) and turned (`ltr`) characters of a vertical line."""
    return [(way, list(members)) for way, members in groupby(clusters, lambda cluster: _way(font, cluster))]


def _way(font: OpenedFont, cluster: str) -> str:
    value = orientation(cluster[0])
    if value == "R":
        return "ltr"
    if value == "Tr" and not has_vertical_form(font, cluster):
        return "ltr"
    return "ttb"


def has_vertical_form(font: OpenedFont, cluster: str) -> bool:
    """Whether the font has another glyph for vertical text."""
    across, down = font.shape(cluster).glyphs, font.shape(cluster, "ttb").glyphs
    return [glyph[0] for glyph in across] != [glyph[0] for glyph in down]


def _corner(font: OpenedFont, text: str) -> tuple[int, ...]:
    """Characters that must be moved into their corner by us."""
    if not any(stop in text for stop in _STOPS):
        return ()
    return tuple(i for i, char in enumerate(graphemes(text)) if char in _STOPS and not has_vertical_form(font, char))


def _direction(text: str) -> str:
    """`ltr` or `rtl`, of a horizontal line that holds one of them only."""
    if not _RTL.search(text):
        return "ltr"
    ways = {unicodedata.bidirectional(char) for char in text}
    if not ways & {"R", "AL"}:
        return "ltr"
    if ways & {"L", "EN", "AN"}:
        raise Reject("bidi", "left-to-right and right-to-left text in one line is not laid out")
    return "rtl"


def code_points(text: str) -> str:
    """A text by its code points: `U+5B57`."""
    return "_".join(f"U+{ord(char):04X}" for char in text)
