"""The canvas of a picture that geometry has moved: which part of the plane becomes the new picture.

Nothing is cut off. A line keeps its height and grows or shrinks along its text, a vertical one keeps its width, a glyph
keeps both; ink that no longer fits is made smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory.augment.warp import SHARP, Linear, zoom_of
from ocrfactory.errors import Reject

Fixed = Literal["height", "width", "both"]
Room = tuple[float, float, float, float]
"""Left, top, right, bottom."""

LEAST_SHRINK = 0.05
"""Ink that would have to become smaller than this is lost."""
WIDEST = 2.0
"""Factor by which free room may make ink smaller or larger."""


class Canvas(msgspec.Struct, frozen=True):
    """Where moved ink goes."""

    fit: NDArray[np.float64]
    """3 x 3: scale and shift."""
    width: int
    height: int
    zoom: float
    """Factor on lengths of all geometry, the canvas's own included."""


class _Side(msgspec.Struct, frozen=True):
    """One direction of the picture. Lengths in pixels."""

    low: float
    high: float
    """Where the moved ink lies."""
    size: float
    """Of the picture so far."""
    before: float
    after: float
    """Free at both ends, before the geometry that is being done."""
    keep: float
    """Stays free at both ends."""
    more: float
    """Room to add at the start, and ..."""
    more_after: float
    """... at the end."""

    @property
    def ink(self) -> float:
        return max(self.high - self.low, 1e-3)

    @property
    def most(self) -> float:
        """The greatest factor at which the ink fits into the size."""
        return (self.size - 2 * self.keep) / self.ink

    def added(self, scale: float) -> tuple[float, float]:
        """What is added at both ends: as wished, but no ink is cut off."""
        free = self.size - self.ink * scale - 2 * self.keep
        start = self.start(scale, self.size) - self.keep
        return max(self.more, -max(start, 0)), max(self.more_after, -max(free - start, 0))

    def start(self, scale: float, size: float) -> float:
        """Where the ink starts when the side keeps its size: in place if it can be, else moved as little as need be."""
        middle = self.size / 2 + ((self.low + self.high) / 2 - self.size / 2) * scale
        length = self.ink * scale
        return max(min(middle - length / 2, size - self.keep - length), self.keep)


def canvas_of(
    before: Room,
    after: Room,
    size: tuple[int, int],
    fixed: Fixed,
    margin: float,
    near: Sequence[Linear],
    spread: float,
    widened: Room | None,
) -> Canvas:
    """Find the canvas.

    Args:
        before, after: x0, y0, x1, y1 of all ink before and after the geometry.
        size: width and height of the picture so far.
        near: what the geometry does to small lengths: in the middle of the ink first, and elsewhere.
        spread: how far interpolation carries ink over the edge of a pixel, in half pixels of both pictures.
        widened: room to add at each side.

    Raises:
        Reject: `clipped`: the ink cannot be kept.
    """
    zoom, keep = zoom_of(near[0]), (margin, margin)
    for blurred in (False, True):
        keep = _kept(margin, near, spread, blurred)
        x, y = _sides(before, after, size, keep, widened)
        fit, scale = _scales(x, y, fixed)
        if zoom * scale >= SHARP:
            break
    if not scale > LEAST_SHRINK:
        raise Reject("clipped", f"{x.ink:.0f}x{y.ink:.0f} pixels of ink do not fit into {size[0]}x{size[1]}")
    left, width = _placed(x, fit, scale, fixed != "height")
    top, height = _placed(y, fit, scale, fixed != "width")
    matrix = np.array([[scale, 0, left - x.low * scale], [0, scale, top - y.low * scale], [0, 0, 1.0]])
    return Canvas(matrix, width, height, zoom * scale)


def _kept(margin: float, near: Sequence[Linear], spread: float, blurred: bool) -> tuple[float, float]:
    """What stays free on both sides of x and of y, and room for the soft edge of resampled ink.

    Linear interpolation carries ink half a pixel of the old picture and half a pixel of the new one; of a picture that
    was made smaller first the pixels are as much larger, and ink fills up one more of them.
    """
    x = max(abs(a) + abs(b) for a, b, _, _ in near)
    y = max(abs(c) + abs(d) for _, _, c, d in near)
    old = 1.5 / max(zoom_of(near[0]), 1e-6) if blurred else 0.5
    return margin + spread * (0.5 + old * x), margin + spread * (0.5 + old * y)


def _sides(
    before: Room, after: Room, size: tuple[int, int], keep: tuple[float, float], widened: Room | None
) -> tuple[_Side, _Side]:
    more = widened or (0.0, 0.0, 0.0, 0.0)
    x, y = (
        _Side(after[i], after[i + 2], size[i], before[i], size[i] - before[i + 2], keep[i], more[i], more[i + 2])
        for i in (0, 1)
    )
    return x, y


def _scales(x: _Side, y: _Side, fixed: Fixed) -> tuple[float, float]:
    """The factor at which the ink fits, and that at which it fits with the room that is added."""
    sides = [side for side, free in ((x, "height"), (y, "width")) if fixed != free]
    most = min(side.most for side in sides)
    fit = min(1.0, most)
    zoom = min(side.size / (side.size + sum(side.added(fit))) for side in sides)
    return fit, min(fit * min(max(zoom, 1 / WIDEST), WIDEST), most)


def _placed(side: _Side, fit: float, scale: float, kept: bool) -> tuple[float, int]:
    """Where the ink starts, and the size of the side."""
    length, zoom = side.ink * scale, scale / fit
    if not kept:
        start = max((side.before + side.more) * zoom, side.keep)
        return start, max(1, ceil(start + length + max((side.after + side.more_after) * zoom, side.keep) - 1e-4))
    before, after = side.added(fit)
    rest = side.size - (side.size + before + after) * zoom  # where the other side decided the factor
    start = (side.start(fit, side.size) + before) * zoom + rest / 2
    return max(min(start, side.size - side.keep - length), side.keep), int(side.size)
