"""A line of text into one picture, with the exact box of every character: nothing is cut off, nothing touches the edge.

The picture's side across the line is given; the ink is moved, and made smaller where it must be, until it lies inside
the margins. Along the line the picture is as long as the text.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory.encode import MAX_PIXELS
from ocrfactory.errors import Reject
from ocrfactory.render.atlas import Atlases
from ocrfactory.render.layout import Layout, Piece, lay_out
from ocrfactory.sample import Image, Outline

LONGEST = 65_000
"""Pixels along the line; JPEG ends at 65,535."""
LEAST_EM = 5
TRIES = 4
"""Sizes tried until the ink fits."""


class Style(msgspec.Struct, frozen=True, gc=False):
    """How a line is drawn. Shares are of the em."""

    height: int
    """Pixels across the line: the height of a horizontal picture, the width of a vertical one."""
    margin: int
    """Pixels at each side that stay free of ink."""
    size: float = 1.0
    """Em as a share of what is between the margins."""
    shift: float = 0.0
    """Across the line, -1 to 1: from the middle to where the ink would meet a margin."""
    before: float = 0.0
    after: float = 0.0
    """Free room in front of and behind the text, beyond the margin."""
    spacing: float = 0.0
    """Added between characters."""
    weight: float = 0.0
    """Emboldening; negative thins."""
    vertical: bool = False
    masks: bool = False


class DrawnLine(msgspec.Struct, frozen=True, gc=False):
    """A drawn line."""

    ink: Image
    """uint8 H x W, 255 where the ink is full."""
    boxes: tuple[float, ...]
    """x0, y0, x1, y1 of each grapheme cluster: of its ink; of its advance where it has none."""
    outline: Outline
    em: int
    """Pixels per em."""
    inkless: tuple[int, ...]
    """Characters that left no ink, by number."""
    direction: str
    """`ltr`, `rtl` or `ttb`."""
    mask: NDArray[np.uint16] | None


Glyph = tuple[int, int, int, int, Image, NDArray[np.float32], int]
"""A glyph that has ink: left, top, right, bottom from the origin, y down; ink; hull; number of its character."""
Box = tuple[int, int, int, int]


def draw_line(pieces: Sequence[Piece], style: Style, atlases: Atlases) -> DrawnLine:
    """Draw a text.

    Raises:
        Reject: `tofu`, `bidi`: see `lay_out`; `clipped`: it does not fit across the line at any size; `too_long`:
            longer than `LONGEST` pixels, or more pixels than a reader takes.
    """
    layout = lay_out(pieces, style.vertical, style.spacing)
    room = style.height - 2 * style.margin
    # In steps of two pixels, so that drawn glyphs serve again in lines that nearly have their size.
    em = max(LEAST_EM, room - 2 * round(room * (1 - style.size) / 2))
    for _ in range(TRIES):
        if layout.length * em > LONGEST:
            raise Reject("too_long", f"{layout.length * em:.0f} pixels along the line, at most {LONGEST}")
        glyphs = _placed(layout, pieces, style, em, atlases)
        box = _around(glyphs)
        across = 0 if box is None else box[2] - box[0] if style.vertical else box[3] - box[1]
        if across <= room:
            return _pasted(layout, pieces, glyphs, box, style, em)
        em = min(em - 1, int(em * room / across))
        if em < LEAST_EM:
            break
    raise Reject("clipped", f"the ink does not fit into {style.height} pixels")


def _placed(layout: Layout, pieces: Sequence[Piece], style: Style, em: int, atlases: Atlases) -> list[Glyph]:
    """Every glyph that has ink, on whole pixels."""
    of_piece = [atlases(piece.font, em, style.weight) for piece in pieces]
    found: list[Glyph] = []
    for piece, gid, x, y, turned, char in layout.glyphs:
        atlas = of_piece[piece]
        kept = atlas.turned if turned else atlas.upright
        bitmap = kept[gid] if gid in kept else atlas.bitmap(gid, turned)
        if bitmap is not None:
            ink, left, top, right, bottom, hull = bitmap
            x, y = round(x * em), round(y * em)
            found.append((left + x, top - y, right + x, bottom - y, ink, hull, char))
    return found


def _around(glyphs: Sequence[Glyph]) -> Box | None:
    """Left, top, right and bottom of all ink, from the origin; y down."""
    if not glyphs:
        return None
    left, top, right, bottom, *_ = zip(*glyphs, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _pasted(
    layout: Layout, pieces: Sequence[Piece], glyphs: Sequence[Glyph], box: Box | None, style: Style, em: int
) -> DrawnLine:
    x, y, width, height = _canvas(layout, pieces[0], box, style, em)
    ink = np.zeros((height, width), np.uint8)
    mask = np.zeros((height, width), np.uint16) if style.masks else None
    boxes: list[tuple[float, float, float, float] | None] = [None] * len(layout.cells)
    parts: list[list[tuple[NDArray[np.float32], float, float]]] = [[] for _ in boxes]
    reach = -1  # nothing is drawn yet behind this pixel along the line, so it may be pasted over
    for left, top, right, bottom, picture, hull, char in glyphs:
        left, top, right, bottom = left + x, top + y, right + x, bottom + y
        here = ink[top:bottom, left:right]
        if mask is not None:
            mask[top:bottom, left:right][picture > here] = char + 1
        if (top if style.vertical else left) >= reach:
            here[:] = picture
        else:
            np.maximum(here, picture, out=here)
        reach = max(reach, bottom if style.vertical else right)
        before = boxes[char]
        boxes[char] = (left, top, right, bottom) if before is None else _union(before, (left, top, right, bottom))
        parts[char].append((hull, left, top))
    inkless = tuple(char for char, known in enumerate(boxes) if known is None)
    for char in inkless:
        boxes[char] = blank = _blank(layout.cells[char], x, y, (width, height), box, style, em)
        x0, y0, x1, y1 = blank
        parts[char].append((np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32), 0.0, 0.0))
    outline = Outline(tuple(part for own in parts for part in own), tuple(map(len, parts)), dense=True)
    sides = tuple(side for one in boxes if one for side in one)
    return DrawnLine(ink, sides, outline, em, inkless, layout.direction, mask)


def _union(
    a: tuple[float, float, float, float], b: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _canvas(layout: Layout, first: Piece, box: Box | None, style: Style, em: int) -> tuple[int, int, int, int]:
    """Where the origin goes, and the size of the picture: x, y, width, height."""
    length = round(layout.length * em)
    x0, y0, x1, y1 = box or (0, 0, 0, 0)
    begin, end = (min(y0, 0), max(y1, length)) if style.vertical else (min(x0, 0), max(x1, length))
    start = style.margin + round(style.before * em) - begin
    size = max(1, start + end + style.margin + round(style.after * em))
    most = min(LONGEST, MAX_PIXELS // style.height)
    if size > most:
        raise Reject("too_long", f"{size} pixels along the line, at most {most}")
    if style.vertical:
        return _inside(style.height / 2, x0, x1, style), start, style.height, size
    middle = (first.font.ascender + first.font.descender) / 2
    return start, _inside(style.height / 2 + middle * em, y0, y1, style), size, style.height


def _inside(origin: float, low: int, high: int, style: Style) -> int:
    """An origin across the line so that ink from `low` to `high` beside it keeps to the margins."""
    least, most = style.margin - low, style.height - style.margin - high
    if style.shift > 0:
        origin += style.shift * max(most - origin, 0)
    elif style.shift < 0:
        origin += style.shift * max(origin - least, 0)
    return min(max(round(origin), least), most)


def _blank(
    cell: tuple[float, float], x: int, y: int, size: tuple[int, int], box: Box | None, style: Style, em: int
) -> tuple[float, float, float, float]:
    """The room of a character without ink: its advance, as wide across the line as the ink of the whole line.

    Args:
        size: width and height of the picture.
    """
    x0, y0, x1, y1 = box or (-em // 2, -em // 2, em // 2, em // 2)
    low, high = cell[0] * em, cell[1] * em
    if style.vertical:
        across, along = _room(x0 + x, x1 + x, size[0]), _room(low + y, high + y, size[1])
    else:
        across, along = _room(low + x, high + x, size[0]), _room(y0 + y, y1 + y, size[1])
    return across[0], along[0], across[1], along[1]


def _room(low: float, high: float, size: int) -> tuple[float, float]:
    """From where to where, inside the picture; a thin space that tight spacing took all room from gets a pixel."""
    low = min(max(low, 0.0), size - 1.0)
    return low, min(max(high, low + 1), float(size))
