"""Can the text still be read: how much of the strokes' detail in the plain picture is left in the final one.

Both pictures are brought to about `EM` pixels an em (which averages grain away, as an eye does) and freed of whatever
is wider than a few strokes (light, stains, shades), so what is compared is strokes against the gaps between them. In
the window of each character, correlation says how much of the final detail is the character; the slope, how many grey
levels of it are left. The sign does not matter: light on dark is as legible as dark on light.

Measured on a line of 17 dense Hangul, Han and punctuation at 48 px (Nanum Gothic; Myeongjo and 100 px differ by 0.05,
but for grain and thinning, which weigh less the larger and bolder the text). Worst character and mean, at the last
strength that one reader could read whole and at the first that he could not:

    what                                    still read     lost
    Gaussian blur, sigma 0.06 / 0.10 em     0.55  0.71     0.37  0.48
    white noise, sigma 220 / 300 levels     0.52  0.59     0.26  0.45
    12 / 7 levels under noise of 10         0.59  0.63     0.30  0.42
    light on dark, noise, blur 0.05 / 0.07  0.60  0.73     0.39  0.55
    strokes thinned by 3.0 / 3.5 px         0.53  0.70     0.22  0.45
    strokes thickened by 3.0 / 4.0 px       0.54  0.68     0.38  0.54
    texture of sigma 55 / 100 on 110        0.56  0.68     0.25  0.40
    stamp, 90 / 100 % opaque                0.52  0.97     0.32  0.95
    holes over 30 / 60 % of the ink         0.68  0.79     0.46  0.63
    clean, 8 / 5 levels of contrast         7.7 / 3.8 levels measured
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ocrfactory.augment.frame import Frame
from ocrfactory.sample import Image

cv: Any = cv2

EM = 13
"""Pictures are halved until one more time would leave fewer pixels an em. The table was measured at 24 pixels an em, in
twice the time: over 500 lines of the recipe `aggressive`, 14 give 0.007 more, with a deviation of 0.02."""
STROKES = 0.35
"""Em: what is wider than this is no detail of a character."""
EMPTY = 0.25
"""Share of the average energy of detail below which a window is no character: a space.

Spaces were found to have up to 0.1, by their neighbours' edges, and characters 0.76 and more.
"""
SMALLER = 0.75
"""Factor on the size of a text that was drawn smaller than `Floor.em`, which geometry may take from it."""
_WIDER = np.array([[-0.5], [-0.5], [1.5], [1.5]], np.float32)
"""A pixel wider at each side, and half a pixel for rounding."""


class Floor(BaseModel):
    """What must be left of a text for its row to be kept. Looked at once, when all ops are done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    correlation: float = Field(
        0.55, ge=0, le=1, description="Correlation of detail before and after, on average over the characters."
    )
    character: float = Field(0.45, ge=0, le=1, description="The same of the worst character.")
    contrast: float = Field(
        8.0, ge=0, le=255, description="Grey levels between strokes and gaps that are left, at the worst character."
    )
    em: float = Field(
        12.0, ge=0, le=1024, description="Pixels an em that geometry leaves: a long line, turned, becomes small."
    )


def legible(frame: Frame, floor: Floor) -> str | None:
    """What is lost, in words; None when the text can be read."""
    image = frame.pixels()
    least = min(floor.em, SMALLER * frame.drawn_em)
    if frame.least_em < least:
        return f"size: {frame.least_em:.1f} pixels an em are below {least:g}"
    reference = _grey(frame.reference)
    if image is frame.reference:
        return None
    sides = frame.sides()
    lost = _lost(reference, _grey(image), sides, frame.em, floor)
    if lost is not None and image.ndim == 3:  # red on green of the same grey can be read
        for channel in range(3):
            if _lost(reference, image[:, :, channel], sides, frame.em, floor) is None:
                return None
    return lost


def _lost(reference: Image, image: Image, sides: NDArray[np.float32] | None, em: float, floor: Floor) -> str | None:
    correlation, contrast = measured(reference, image, sides, em)
    if not len(correlation):
        return None
    mean, worst, faint = float(correlation.mean()), int(correlation.argmin()), int(contrast.argmin())
    if mean < floor.correlation:
        return f"the text: correlation {mean:.2f} is below {floor.correlation:g}"
    if correlation[worst] < floor.character:
        return f"a character: correlation {correlation[worst]:.2f} is below {floor.character:g}"
    if contrast[faint] < floor.contrast:
        return f"contrast: {contrast[faint]:.1f} grey levels are below {floor.contrast:g}"
    return None


def measured(
    reference: Image, image: Image, sides: NDArray[np.float32] | None, em: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Correlation and contrast of each window that holds a character.

    Args:
        reference, image: H x W, before and after.
        sides: x0, y0, x1, y1 of each character; None takes windows of one em.
        em: pixels.
    """
    by = 1
    while em >= 2 * by * EM:
        by *= 2
    height, width = max(1, reference.shape[0] // by), max(1, reference.shape[1] // by)
    before, span = _detail(reference, by, em)
    after, _ = _detail(image, by, em)
    x0, y0, x1, y1 = _windows(sides, by, width, height, em)
    wide = width + 1
    corners = np.concatenate([y1 * wide + x1, y0 * wide + x1, y1 * wide + x0, y0 * wide + x0])
    size = np.maximum((x1 - x0) * (y1 - y0), 1)
    products = cv.merge([cv.multiply(before, before), cv.multiply(after, after), cv.multiply(before, after)])
    plain, left, common = _sums(products, corners) / size
    some = plain > EMPTY * plain.mean()
    plain, left, common = plain[some], left[some], np.abs(common[some])
    # Rounding may leave a flat window less than nothing; a hundredth of a level is no detail.
    return common / np.sqrt(plain * np.maximum(left, 1e-4)), common / plain * span


def _sums(picture: Any, corners: NDArray[np.intp]) -> NDArray[np.float64]:
    """Sums over windows (channels, windows), given the four corners of all in a table of sums.

    float32 is three times as fast as float64 here, and is wrong by less than a thousandth of a window's own sum.
    """
    table = cv.integral(picture, sdepth=cv.CV_32F).reshape(-1, picture.shape[2])
    at = np.take(table, corners, axis=0).astype(np.float64).T.reshape(picture.shape[2], 4, -1)
    return at[:, 0] - at[:, 1] - at[:, 2] + at[:, 3]


def _detail(image: Image, by: int, em: float) -> tuple[Any, float]:
    """What is narrower than a few strokes, float32, `by` times smaller; and the range of levels."""
    width, height = max(1, image.shape[1] // by), max(1, image.shape[0] // by)
    image = image[: height * by, : width * by]  # whole blocks: their mean is ten times as fast as that of parts
    for _ in range(by.bit_length() - 1):  # and that of two by two another three times
        image = cv.resize(
            image, (max(1, image.shape[1] // 2), max(1, image.shape[0] // 2)), interpolation=cv.INTER_AREA
        )
    side = max(3, round(STROKES * em / by) | 1)
    least, most, _, _ = cv.minMaxLoc(image)
    return cv.subtract(image, cv.blur(image, (side, side)), dtype=cv.CV_32F), most - least


def _windows(
    sides: NDArray[np.float32] | None, by: int, width: int, height: int, em: float
) -> tuple[NDArray[np.intp], ...]:
    """x0, y0, x1, y1 of windows in the smaller pictures, a pixel wider than the characters at each side."""
    if sides is None:
        step = max(1, round(em / by))
        columns, rows = (np.arange(0, max(1, size - step // 2), step) for size in (width, height))
        x, y = (edges.ravel() for edges in np.meshgrid(columns, rows))
        return x, y, np.minimum(x + step, width), np.minimum(y + step, height)
    edges = (sides.T / np.float32(by) + _WIDER).astype(np.intp)
    np.minimum(edges, np.array([[width], [height], [width], [height]]), out=edges)
    return tuple(np.maximum(edges, 0, out=edges))


def _grey(image: Image) -> Image:
    return cv.cvtColor(image, cv.COLOR_RGB2GRAY) if image.ndim == 3 else image
