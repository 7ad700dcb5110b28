"""Where the ink of a generated picture stands: in the middle, as that of a rendered one, at any size, never cut off."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image

from ocrfactory.render.glyph import EDGE, STILL, Wobble
from ocrfactory.sample import Image

INK = 24
"""Least grey level that counts as ink where its place is measured: a network leaves a haze of a few levels."""
HAZE = 16
"""Fainter grey away from ink is none: paper is clean around a rendered glyph, and is to be around a generated one."""


def centred(picture: Image) -> Image:
    """The same pixels without their haze, moved by whole ones, the box of the ink in the middle: (H, W) to (H, W)."""
    near = cv2.dilate(picture, np.ones((3, 3), np.uint8))
    picture = np.where((picture < HAZE) & (near < INK), np.uint8(0), picture)
    box = _box(picture)
    if box is None:
        return picture
    left, top, right, bottom = box
    height, width = picture.shape
    dx, dy = int((width - left - right) / 2), int((height - top - bottom) / 2)
    if not (dx or dy):
        return picture
    moved = np.zeros_like(picture)
    moved[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = picture[
        max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)
    ]
    return moved


def placed(picture: Image, size: int, wobble: Wobble = STILL) -> Image:
    """A square picture at another size, scaled and shifted, in one resampling: (n, n) to (size, size).

    Bicubic with antialiasing: a sharper filter would ring, and leave a second, faint outline. The ink keeps a pixel of
    room at each side, whatever is asked.
    """
    side = picture.shape[0]
    if side == size and wobble is STILL:
        return picture
    left, top, right, bottom = _box(picture) or (0, 0, side, side)
    scale = min(size / side * wobble.scale, (size - 2 * EDGE) / max(right - left, bottom - top))
    em = scale * side * 7 / 8  # the em box of the frame leaves a sixteenth at each side
    middle_x = _inside((size - side * scale) / 2 + wobble.dx * em, left * scale, right * scale, size)
    middle_y = _inside((size - side * scale) / 2 - wobble.dy * em, top * scale, bottom * scale, size)
    x, y = side - middle_x / scale, side - middle_y / scale  # of the new picture's corner, in the padded old one
    padded = PIL.Image.fromarray(np.pad(picture, side))
    window = (max(x, 0.0), max(y, 0.0), min(x + size / scale, 3.0 * side), min(y + size / scale, 3.0 * side))
    return np.asarray(padded.resize((size, size), PIL.Image.Resampling.BICUBIC, window))


def _inside(origin: float, low: float, high: float, size: int) -> float:
    """Move an origin so that ink from `low` to `high` beside it stays off the edges."""
    return min(max(origin, EDGE - low), size - EDGE - high)


def _box(picture: Image) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the ink, the latter two behind it."""
    rows, columns = np.flatnonzero((picture >= INK).any(axis=1)), np.flatnonzero((picture >= INK).any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
