"""How ink meets what lies below it, on pixels: whole numbers and tables, no float pictures."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfactory.augment.tones import Tone, channels
from ocrfactory.sample import Image

cv: Any = cv2

LEVELS = np.arange(256, dtype=np.float32)


def blended(mode: str, ground: Any, ink: Any) -> Any:
    """What opaque ink shows over a ground, channel by channel; both 0 to 255, numbers or arrays.

    The formulas of W3C Compositing and Blending Level 1; soft light is the one without a jump in its slope.
    """
    if mode == "multiply":
        return ground * ink / 255
    if mode == "screen":
        return ground + ink - ground * ink / 255
    if mode == "darken":
        return np.minimum(ground, ink)
    if mode == "lighten":
        return np.maximum(ground, ink)
    if mode == "overlay":
        return blended("hard_light", ink, ground)
    if mode == "hard_light":
        return np.where(ink < 128, 2 * ground * ink / 255, 255 - 2 * (255 - ground) * (255 - ink) / 255)
    if mode == "soft_light":
        return ground * ground / 255 + 2 * ink * ground / 255 * (1 - ground / 255)
    return ink + 0 * ground


def shaded(field: Image, low: Tone, high: Tone, middle: float, half: float) -> Image:
    """A field of levels in tones: `middle` - `half` becomes `low`, `middle` + `half` `high`, and so on beyond."""
    pairs = zip(channels(low), channels(high), strict=True)
    return _joined([scaled(field, (b - a) / 2 / half, (a + b) / 2 - (b - a) / 2 / half * middle) for a, b in pairs])


def scaled(image: Image, factor: float, shift: float) -> Image:
    """Levels times a factor plus a shift, cut at 0 and 255."""
    # convertScaleAbs would turn what is below 0 over; a table takes three times as long.
    return cv.addWeighted(image, factor, image, 0, shift)  # type: ignore[no-any-return]


def over_plain(ground: Tone, coverage: Image, ink: Tone, mode: str, opacity: float) -> Image:
    """Ink on a plain ground."""
    pairs = list(zip(channels(ground), channels(ink), strict=True))
    steps = [opacity * (float(blended(mode, below, tone)) - below) for below, tone in pairs]
    return _joined([scaled(coverage, step / 255, below) for (below, _), step in zip(pairs, steps, strict=True)])


def over(below: Image, coverage: Image, ink: Tone, mode: str, opacity: float) -> Image:
    """Ink on a picture; grey ink may go on colour."""
    tones = channels(ink) * (3 if below.ndim == 3 and isinstance(ink, int) else 1)
    plain = mode == "normal"
    flat = [cv.convertScaleAbs(coverage, alpha=opacity * (tone if plain else 255) / 255) for tone in tones]
    rest = scaled(coverage, -opacity, 255) if opacity < 1 else cv.bitwise_not(coverage)
    kept = cv.multiply(below, _joined([rest] * len(tones)), scale=1 / 255)
    if plain:
        return cv.add(kept, _joined(flat))  # type: ignore[no-any-return]
    planes = [below] if below.ndim == 2 else cv.split(below)
    inked = _joined([cv.LUT(plane, _table(mode, tone)) for plane, tone in zip(planes, tones, strict=True)])
    return cv.add(kept, cv.multiply(inked, _joined(flat), scale=1 / 255))  # type: ignore[no-any-return]


def _table(mode: str, ink: float) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = np.rint(blended(mode, LEVELS, ink)).astype(np.uint8)
    return found


def _joined(planes: list[Any]) -> Image:
    return planes[0] if len(planes) == 1 else cv.merge(planes)  # type: ignore[no-any-return]


def grey(image: Image) -> Image:
    """The luma of a picture."""
    return image if image.ndim == 2 else cv.cvtColor(image, cv.COLOR_RGB2GRAY)
