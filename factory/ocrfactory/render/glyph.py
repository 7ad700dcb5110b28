"""One character into one picture: placed, never clipped.

Han and Hangul are cropped to their ink and centred, as recognisers of characters expect. Punctuation and kana keep
their place in the em box: cropped and centred, a full stop and a middle dot would be the same picture.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from ocrfactory.fonts.opened import OpenedFont, Run
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


def draw_glyph(
    font: OpenedFont, run: Run, size: int, margin: float, placement: Placement, wobble: Wobble = STILL
) -> tuple[Image, float]:
    """Draw a shaped run into `size` x `size` pixels.

    Returns:
        The ink, uint8 `size` x `size`, 255 where it is full; and the pixels per em that it was drawn at.
    """
    em = (size - 2 * margin) * wobble.scale
    box = font.bounds(run, wobble.weight)
    if box is None:
        return np.zeros((size, size), np.uint8), em
    left, bottom, right, top = box
    room = size - 2 * EDGE
    largest = max(right - left, top - bottom)
    if placement == "fit":
        em = (size - 2 * margin) * wobble.scale * font.upem / largest
    scale = min(em / font.upem, room / largest)
    if placement == "em":
        x = (size - run.advance * scale) / 2
        y = (size - font.upem * scale) / 2 - font.descender * font.upem * scale
    else:
        x = (size - (left + right) * scale) / 2
        y = (size - (bottom + top) * scale) / 2
    em = scale * font.upem
    x = _inside(x + wobble.dx * em, left * scale, right * scale, size)
    y = _inside(y + wobble.dy * em, bottom * scale, top * scale, size)
    return font.raster(run, scale, x, y, size, size, wobble.weight), em


def _inside(origin: float, low: float, high: float, size: int) -> float:
    """Move an origin so that ink from `low` to `high` beside it stays off the edges."""
    return min(max(origin, EDGE - low), size - EDGE - high)
