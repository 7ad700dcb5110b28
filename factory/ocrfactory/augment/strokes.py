"""Ink against its ground: which is which, masks where strokes change, and the tables and filters that change them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfactory.augment.frame import Frame
from ocrfactory.augment.mixing import grey
from ocrfactory.sample import Image

cv: Any = cv2

LEVELS = np.arange(256, dtype=np.float32)
GROUND_WINDOW = 0.6
"""Em: a window this wide always holds ground, in the densest glyph too."""


def dark_ink(frame: Frame) -> tuple[Image, bool]:
    """The picture with dark ink on a light ground, and whether it had to be turned for that."""
    image = frame.pixels()
    if frame.ground is not None:
        turned = frame.ground < 128
    else:
        # most pixels are ground, so the median lies there, and ink pulls the mean towards itself
        level = grey(image)
        turned = quantile(level, 0.5) < cv.mean(level)[0] - 0.5
    return (cv.bitwise_not(image) if turned else image), bool(turned)


def put_back(frame: Frame, image: Image, turned: bool, clean: bool = False) -> None:
    """Give a frame the picture that was made of what `dark_ink` gave. `clean`: only ink changed."""
    frame.put(cv.bitwise_not(image) if turned else image, clean)


def ground_of(image: Image, em: float) -> Image:
    """The ground that dark ink stands on: a closing of the picture, done on a smaller one; never below the picture."""
    step = min(max(int(em / 12), 1), 4, *image.shape[:2])  # of a thinner picture nothing would be left
    small = cv.blur(image, (step, step))[step // 2 :: step, step // 2 :: step] if step > 1 else image
    window = 2 * round(GROUND_WINDOW * em / step / 2) + 1
    small = cv.morphologyEx(small, cv.MORPH_CLOSE, np.ones((window, window), np.uint8))
    if image.ndim == 2 and small.min() == 255:
        return np.full_like(image, 255)
    ground = cv.resize(small, (image.shape[1], image.shape[0]), interpolation=cv.INTER_LINEAR)
    return cv.max(ground, image)  # type: ignore[no-any-return]


def moved_edges(image: Image, radius: float, filter_: Any) -> Image:
    """A minimum (`cv2.erode`) or maximum (`cv2.dilate`) filter; between two whole radii, a mixture of both."""
    whole = int(radius)
    near = filter_(image, _disc(whole)) if whole else image
    rest = exact(radius - whole)
    if not rest:
        return near
    return cv.addWeighted(near, 1 - rest, filter_(image, _disc(whole + 1)), rest, 0)  # type: ignore[no-any-return]


def as_table(levels: Any) -> NDArray[np.uint8]:
    """256 levels as a table for `cv2.LUT`."""
    found: NDArray[np.uint8] = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return found


def exact(factor: float) -> float:
    """Rounded so that float32 holds its products with grey levels: no processor rounds a pixel otherwise."""
    return round(factor * 1024) / 1024


def lightened(image: Image, ground: Image, where: Image, depth: float = 1.0) -> Image:
    """A picture that goes towards a lighter one where a mask says so."""
    step = cv.multiply(cv.subtract(ground, image), _wide(where, image), scale=depth / 255)
    return cv.add(image, step)  # type: ignore[no-any-return]


def darkened(image: Image, ink: Image, where: Image, depth: float = 1.0) -> Image:
    """A picture that goes towards a darker one where a mask says so."""
    step = cv.multiply(cv.subtract(image, ink), _wide(where, image), scale=depth / 255)
    return cv.subtract(image, step)  # type: ignore[no-any-return]


def highest(noise: Image, share: float, soft: float = 10) -> Image:
    """A mask of the given share of the pixels: those where the noise is highest; edges are `soft` levels wide."""
    level = quantile(noise, 1 - share)
    # below a thousandth the ramp moves out above all levels, so that a share of 0 is none at all
    middle = level + (soft / 2 + 1) * (1 - min(share * 1000, 1.0))
    return cv.LUT(noise, ramp(middle, soft))  # type: ignore[no-any-return]


def stroked(shape: tuple[int, ...], lines: Any, width: float) -> Image:
    """A mask of polylines (n, points, 2) in pixels; a width below one pixel makes them fainter."""
    mask = np.zeros(shape, np.uint8)
    whole = max(1, round(width))
    at = np.rint((np.asarray(lines) - 0.5) * 16).astype(np.int32)
    cv.polylines(mask, list(at), False, round(255 * min(width, 1.0)), whole, cv.LINE_AA, 4)
    return mask


def ends(level: Image) -> tuple[float, float]:
    """Mean grey level of ink and of ground, parted by Otsu's threshold; the same twice where there is no ink."""
    level = _thinned_out(level)
    middle, bits = cv.threshold(level, 0, 255, cv.THRESH_BINARY + cv.THRESH_OTSU)
    white = cv.countNonZero(bits)
    if white in (0, level.size):
        return middle, middle
    ground, mean = cv.mean(level, bits)[0], cv.mean(level)[0]
    return (mean * level.size - ground * white) / (level.size - white), ground


def quantile(level: Image, share: float) -> int:
    """The grey level that a share of the pixels does not exceed."""
    level = _thinned_out(level)
    counts = np.cumsum(cv.calcHist([level], [0], None, [256], [0, 256]))
    return int(np.searchsorted(counts, share * level.size))


def _thinned_out(level: Image) -> Image:
    """A quarter of the pixels of a larger picture: enough for statistics."""
    return np.ascontiguousarray(level[::2, ::2]) if level.size > 16384 else level


def _wide(mask: Image, image: Image) -> Image:
    return mask if image.ndim == 2 else cv.merge([mask] * 3)


def ramp(middle: float, width: float) -> NDArray[np.uint8]:
    """A table of levels: 0 up to 255, half at the middle."""
    return as_table((LEVELS - middle) * (255 / width) + 127.5)


@lru_cache(64)
def _disc(radius: int) -> Any:
    return cv.getStructuringElement(cv.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
