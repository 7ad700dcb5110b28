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


class Atlas:
    """The glyphs of one face at one size and weight.

    Args:
        em: pixels per em.
        weight: emboldening as a share of the em.
        drawn: is told the bytes of each glyph that is kept.
    """

    def __init__(
        self, font: OpenedFont, em: int, weight: float = 0.0, drawn: Callable[[int], None] | None = None
    ) -> None:
        self.font, self.em, self.weight = font, em, weight
        self.scale = em / font.upem
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
            found = _turn(self.bitmap(gid, False), self.em) if turned else self._draw(gid)
            kept[gid] = found
            size = _ENTRY + (found.ink.size if found else 0)
            self.bytes += size
            if self._drawn:
                self._drawn(size)
        return kept[gid]

    def _draw(self, gid: int) -> Bitmap | None:
        box = self.font.extents(gid)
        if box is None:
            return None
        left, bottom, right, top = (side * self.scale for side in box)
        grow = abs(self.weight) * self.em + 2
        found = self._seen(gid, left - grow, bottom - grow, right + grow, top + grow)
        if found is None:  # the font understates its box: look four ems around
            found = self._seen(gid, *(way * 4 * self.em for way in (-1, -1, 1, 1)))
        if found is None:
            return None
        (x, y), ink = found
        return _bitmap(ink, x, y, self.em)

    def _seen(
        self, gid: int, left: float, bottom: float, right: float, top: float
    ) -> tuple[tuple[int, int], Image] | None:
        """The ink on a canvas of these sides, and its upper left corner; None if there is none, or it was cut off."""
        x, y = floor(left), ceil(top)
        width, height = ceil(right) - x, y - floor(bottom)
        run = Run(((gid, 0.0, 0.0),), 0.0, (0,))
        canvas = self.font.raster(run, self.scale, -x, height - y, width, height, self.weight)
        column, row, wide, high = cv.boundingRect(canvas)
        if not wide or column == 0 or row == 0 or column + wide == width or row + high == height:
            return None
        return (x + column, row - y), canvas[row : row + high, column : column + wide].copy()


def _bitmap(ink: Image, left: int, top: int, em: int) -> Bitmap:
    return Bitmap(ink, left, top, left + ink.shape[1], top + ink.shape[0], _hull(ink, em / 4))


def _turn(bitmap: Bitmap | None, em: int) -> Bitmap | None:
    """A point (x, y) goes to (-y, x), y down: what was above the baseline is to the right of the pen."""
    if bitmap is None:
        return None
    return _bitmap(np.ascontiguousarray(np.rot90(bitmap.ink, -1)), -bitmap.bottom, bitmap.left, em)


def _hull(ink: Image, step: float) -> NDArray[np.float32]:
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

    def __call__(self, font: OpenedFont, em: int, weight: float = 0.0) -> Atlas:
        """The atlas of a face at a size."""
        if self._bytes > self.most:
            self._shrink()
        key = id(font), em, weight
        atlas = self._kept.get(key)
        if atlas is None or atlas.font is not font:  # another font may live where a dropped one did
            self._kept[key] = atlas = Atlas(font, em, weight, self._grown)
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
