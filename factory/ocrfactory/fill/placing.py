"""Where the ink of a generated picture stands: in the middle, as that of a rendered one, at any size, never cut off."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image

from ocrfactory.fill import marks
from ocrfactory.fill.frame import FRAME
from ocrfactory.render.glyph import EDGE, STILL, Wobble
from ocrfactory.sample import Image

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, the latter two behind what is inside."""
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
    box = _box(picture)
    if side == size and wobble is STILL and _has_room(box, size):
        return picture
    left, top, right, bottom = box or (0, 0, side, side)
    found = _resampled(picture, size, wobble, (left, top, right, bottom))
    if _has_room(_box(found), size):
        return found
    # the soft side of an edge is up to a pixel of the old picture wide, which at a larger size is several
    return _resampled(picture, size, wobble, (left - 1, top - 1, right + 1, bottom + 1))


def seen(picture: Image) -> Image:
    """What the gate looks at: the picture as a row of `FRAME` pixels shows it.

    Only ink that runs off the frame is left where it is: moved inside it would look whole.
    """
    edges = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    return picture if picture.shape[0] == FRAME and edges.max() >= marks.INK else placed(picture, FRAME)


def _resampled(picture: Image, size: int, wobble: Wobble, box: Box) -> Image:
    """The picture scaled and shifted, what is in the box a pixel off the edges."""
    side, (left, top, right, bottom) = picture.shape[0], box
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


def _has_room(box: Box | None, size: int) -> bool:
    """Whether ink in this box of a picture keeps off its edges."""
    return box is None or (min(box[:2]) >= EDGE and max(box[2:]) <= size - EDGE)


def _box(picture: Image) -> Box | None:
    """The box of the ink; None: there is none."""
    rows, columns = np.flatnonzero((picture >= INK).any(axis=1)), np.flatnonzero((picture >= INK).any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
