"""One character into one picture: placed, never clipped.

Han and Hangul are cropped to their ink and centred, as recognisers of characters expect. Punctuation and kana keep
their place in the em box: cropped and centred, a full stop and a middle dot would be the same picture.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from ocrfactory.errors import Reject
from ocrfactory.fonts.opened import Bounds, OpenedFont, Run
from ocrfactory.sample import Image

Placement = Literal["centre", "em", "fit"]
"""`centre`: ink in the middle, at the face's own scale. `em`: as in the em box. `fit`: ink scaled to the margins."""

EDGE = 1.0
"""Pixels that stay free of ink at every side."""


class Wobble(msgspec.Struct, frozen=True, gc=False):
    """What chance may change about a drawing."""

    scale: float = 1.0
    """Factor on the size."""
    dx: float = 0.0
    dy: float = 0.0
    """Shift as a share of the em; x to the right, y up."""
    weight: float = 0.0
    """Emboldening as a share of the em; negative thins."""


STILL = Wobble()


class Drawn(msgspec.Struct, frozen=True, gc=False):
    """A drawn character."""

    ink: Image
    """uint8 H x W, 255 where the ink is full; read-only."""
    em: float
    """Pixels per em that it was drawn at."""
    empty: bool
    """Not a single pixel has ink."""


def draw_glyph(
    font: OpenedFont, run: Run, size: int, margin: float, placement: Placement, wobble: Wobble = STILL
) -> Drawn:
    """Draw a shaped run into `size` x `size` pixels.

    Raises:
        Reject: `clipped`: the ink does not fit, whatever the font says of its size.
    """
    box = font.bounds(run, wobble.weight)
    if box is None:
        return Drawn(np.zeros((size, size), np.uint8), (size - 2 * margin) * wobble.scale, empty=True)
    drawn = _draw(font, run, box, size, margin, placement, wobble)
    if drawn is None:  # the font understates its boxes, or a corner grew a spike when it was emboldened
        drawn = _draw(font, run, _seen(font, run, box, wobble.weight), size, margin, placement, wobble)
    if drawn is None:
        raise Reject("clipped", f"ink reaches the border of {size}x{size} pixels")
    return drawn


def _draw(
    font: OpenedFont, run: Run, box: Bounds, size: int, margin: float, placement: Placement, wobble: Wobble
) -> Drawn | None:
    """The character with its ink inside `box`; None if any ink touches the border."""
    left, bottom, right, top = box
    em = (size - 2 * margin) * wobble.scale
    largest = max(right - left, top - bottom)
    if placement == "fit":
        em *= font.upem / largest
    scale = min(em / font.upem, (size - 2 * EDGE) / largest)
    if placement == "em":
        x = (size - run.advance * scale) / 2
        y = (size - font.upem * scale) / 2 - font.descender * font.upem * scale
    else:
        x = (size - (left + right) * scale) / 2
        y = (size - (bottom + top) * scale) / 2
    em = scale * font.upem
    if placement == "em" or wobble is not STILL:  # else the ink is in the middle already
        x = _inside(x + wobble.dx * em, left * scale, right * scale, size)
        y = _inside(y + wobble.dy * em, bottom * scale, top * scale, size)
    ink = font.raster(run, scale, x, y, size, size, wobble.weight)
    pixels = np.count_nonzero(ink)
    if pixels != np.count_nonzero(ink[1:-1, 1:-1]):
        return None
    return Drawn(ink, em, empty=pixels == 0)


def _inside(origin: float, low: float, high: float, size: int) -> float:
    """Move an origin so that ink from `low` to `high` beside it stays off the edges."""
    return min(max(origin, EDGE - low), size - EDGE - high)


def _seen(font: OpenedFont, run: Run, box: Bounds, weight: float) -> Bounds:
    """The box of the ink as it is drawn, in font units, found on a canvas of four ems around what the font states."""
    middle_x, middle_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    side = 512
    scale = side / (4 * max(font.upem, box[2] - box[0], box[3] - box[1]))
    ink = font.raster(run, scale, side / 2 - middle_x * scale, side / 2 - middle_y * scale, side, side, weight)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return box
    return (
        middle_x + (float(columns[0]) - side / 2) / scale,
        middle_y + (side / 2 - float(rows[-1]) - 1) / scale,
        middle_x + (float(columns[-1]) + 1 - side / 2) / scale,
        middle_y + (side / 2 - float(rows[0])) / scale,
    )
