"""Drawn glyphs of one face at one size, kept: a line is pasted together from them.

Characters of a line repeat over a data set; to paste one costs a twentieth of drawing it. Pen positions are whole
pixels, so that one picture of a glyph serves everywhere.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil, floor
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfactory.fonts.opened import OpenedFont, Run
from ocrfactory.sample import Image

cv: Any = cv2

MAX_BYTES = 192 << 20
"""Of all kept glyphs of a process: about 70,000 of 48 px."""
_ENTRY = 900
"""Bytes of a kept glyph beside its pixels."""


class Bitmap(NamedTuple):
    """A glyph as it is pasted: cut to its ink."""

    ink: Image
    """Coverage, 255 is full; never an empty array."""
    left: int
    """Pixels from the pen to the first column."""
    top: int
    """Pixels from the baseline down to the first row; negative above it."""
    right: int
    bottom: int
    hull: NDArray[np.float32]
    """Points on the convex hull of the ink, (n, 2): x, y from its upper left corner, y down; see `Outline.dense`."""


class Shapes:
    """The hulls of the glyphs of one face, as shares of the box of their ink.

    A hull takes four times as long as the picture of its glyph, and hardly depends on size or weight: it is found once,
    always at the same size, whatever size is drawn first, and stretched to the box that is drawn.
    """

    EM = 48

    def __init__(self, font: OpenedFont) -> None:
        self.font = font
        self._kept: dict[int, NDArray[np.float32]] = {}

    def __call__(self, gid: int) -> NDArray[np.float32]:
        """Points (n, 2): x, y from 0 to 1, y down."""
        if gid not in self._kept:
            found = _ink(self.font, gid, self.EM, 0.0)
            self._kept[gid] = _SQUARE if found is None else _stretched(found[0], self.EM / 4)
        return self._kept[gid]


def _stretched(ink: Image, step: float) -> NDArray[np.float32]:
    """The hull of a glyph, stretched to a square of one by one."""
    height, width = ink.shape
    found: NDArray[np.float32] = np.divide(_hull(ink, step), np.array((width, height), np.float32), dtype=np.float32)
    return found


_SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


class Atlas:
    """The glyphs of one face at one size and weight.

    Args:
        em: pixels per em.
        weight: emboldening as a share of the em.
        shapes: of the face, shared by all its atlases.
        drawn: is told the bytes of each glyph that is kept.
    """

    def __init__(
        self,
        font: OpenedFont,
        em: int,
        weight: float = 0.0,
        shapes: Shapes | None = None,
        drawn: Callable[[int], None] | None = None,
    ) -> None:
        self.font, self.em, self.weight = font, em, weight
        self.shapes = shapes or Shapes(font)
        self.bytes = 0
        self._drawn = drawn
        self.upright: dict[int, Bitmap | None] = {}
        """Glyph id -> bitmap, None for a glyph without ink; read it first, and ask `bitmap` for what it lacks."""
        self.turned: dict[int, Bitmap | None] = {}
        """The same, turned 90 degrees clockwise about the pen."""

    def bitmap(self, gid: int, turned: bool) -> Bitmap | None:
        """A glyph, drawn if it never was."""
        kept = self.turned if turned else self.upright
        if gid not in kept:
            found = _turn(self.bitmap(gid, False)) if turned else self._draw(gid)
            kept[gid] = found
            size = _ENTRY + (found.ink.size if found else 0)
            self.bytes += size
            if self._drawn:
                self._drawn(size)
        return kept[gid]

    def _draw(self, gid: int) -> Bitmap | None:
        found = _ink(self.font, gid, self.em, self.weight)
        if found is None:
            return None
        ink, left, top = found
        height, width = ink.shape
        hull = self.shapes(gid) * np.array((width, height), np.float32)
        return Bitmap(ink, left, top, left + width, top + height, hull)


def _ink(font: OpenedFont, gid: int, em: int, weight: float) -> tuple[Image, int, int] | None:
    """The ink of a glyph, cut to itself, and its left and top from the pen; None where there is none."""
    box = font.extents(gid)
    if box is None:
        return None
    left, bottom, right, top = (side * em / font.upem for side in box)
    grow = abs(weight) * em + 2
    found = _seen(font, gid, em, weight, left - grow, bottom - grow, right + grow, top + grow)
    if found is None:  # the font understates its box: look four ems around
        found = _seen(font, gid, em, weight, *(way * 4 * em for way in (-1, -1, 1, 1)))
    return found


def _seen(
    font: OpenedFont, gid: int, em: int, weight: float, left: float, bottom: float, right: float, top: float
) -> tuple[Image, int, int] | None:
    """The ink on a canvas of these sides; None if there is none, or it was cut off."""
    x, y = floor(left), ceil(top)
    width, height = ceil(right) - x, y - floor(bottom)
    run = Run(((gid, 0.0, 0.0),), 0.0, (0,))
    canvas = font.raster(run, em / font.upem, -x, height - y, width, height, weight)
    column, row, wide, high = cv.boundingRect(canvas)
    if not wide or column == 0 or row == 0 or column + wide == width or row + high == height:
        return None
    return canvas[row : row + high, column : column + wide].copy(), x + column, row - y


def _turn(bitmap: Bitmap | None) -> Bitmap | None:
    """A point (x, y) goes to (-y, x), y down: what was above the baseline is to the right of the pen."""
    if bitmap is None:
        return None
    ink, left, top, right, bottom, hull = bitmap
    turned = np.stack([bottom - top - hull[:, 1], hull[:, 0]], axis=1)
    return Bitmap(np.ascontiguousarray(np.rot90(ink, -1)), -bottom, left, -top, right, turned)


def _hull(ink: Image, step: float) -> NDArray[np.float32]:
    """Points on the convex hull of the pixels with ink, no two neighbours farther apart than `step` pixels."""
    some = ink > 0
    rows = np.flatnonzero(some.any(axis=1))
    first, last = some.argmax(axis=1)[rows], ink.shape[1] - some[:, ::-1].argmax(axis=1)[rows]
    corners = np.empty((4, len(rows), 2), np.float32)  # all four corners of the outer pixels of each row
    corners[:2, :, 0], corners[2:, :, 0] = first, last
    corners[::2, :, 1], corners[1::2, :, 1] = rows, rows + 1
    hull = cv.convexHull(corners.reshape(-1, 2)).reshape(-1, 2)
    sides = np.roll(hull, -1, axis=0) - hull
    count = np.maximum(np.ceil(np.abs(sides).max(axis=1) / step), 1).astype(np.intp)
    part = np.concatenate([np.arange(n) / n for n in count.tolist()])
    found: NDArray[np.float32] = np.repeat(hull, count, axis=0)
    found += (np.repeat(sides, count, axis=0) * part[:, None]).astype(np.float32)
    return found


class Atlases:
    """The atlases of a process, as many as fit into `MAX_BYTES`; the one that was not used for longest goes first."""

    def __init__(self, most: int = MAX_BYTES) -> None:
        self.most = most
        self._kept: OrderedDict[tuple[int, int, float], Atlas] = OrderedDict()
        self._bytes = 0
        self._shapes: dict[int, Shapes] = {}

    def __call__(self, font: OpenedFont, em: int, weight: float = 0.0) -> Atlas:
        """The atlas of a face at a size."""
        if self._bytes > self.most:
            self._shrink()
        key = id(font), em, weight
        atlas = self._kept.get(key)
        if atlas is None or atlas.font is not font:  # another font may live where a dropped one did
            shapes = self._shapes.get(id(font))
            if shapes is None or shapes.font is not font:
                self._shapes[id(font)] = shapes = Shapes(font)
            self._kept[key] = atlas = Atlas(font, em, weight, shapes, self._grown)
        else:
            self._kept.move_to_end(key)
        return atlas

    def _grown(self, size: int) -> None:
        self._bytes += size

    def _shrink(self) -> None:
        """Drop what is too much; an atlas that alone is too large as well: large glyphs of one size are gigabytes."""
        self._bytes = sum(atlas.bytes for atlas in self._kept.values())  # a dropped one may have grown once more
        while self._bytes > self.most:
            self._bytes -= self._kept.popitem(last=False)[1].bytes
