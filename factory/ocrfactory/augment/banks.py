"""Noise made once a process: a picture takes a window of a bank, where and how flipped its seed says.

Fresh Gaussian noise for a line of 64 x 771 pixels costs half a millisecond; a window of a bank costs microseconds. A
bank comes from a constant key, by raw bits and tables alone, so it has the same bytes in every process.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from statistics import NormalDist
from typing import Any

import cv2
import numpy as np

from ocrfactory.rng import stream, uniforms
from ocrfactory.sample import Image

cv: Any = cv2

HEIGHT, WIDTH = 1024, 4096
"""Pixels of a bank: 4 MiB. What is larger is continued by reflection."""
MEAN = 128
GAUSSIAN_SD = 32
"""Grey levels: four deviations fit on both sides."""
UNIFORM_MEAN, UNIFORM_SD = 127.5, (256**2 / 12 - 1 / 12) ** 0.5
"""Grey levels: of all 256 with equal chance."""
SMOOTH_SD = 48
"""Grey levels: nearly all of black to white, and one pixel in 110 is clipped."""
LEAST_GRAIN, MOST_GRAIN = 2.0, 4096.0
"""Pixels."""

_GRAIN = 8
"""Grain of the smooth bank: many pixels a feature, so that linear sampling at any rate keeps the deviation."""
_STRETCH = 1.02
"""Clipping takes half a hundredth of the deviation, sampling between pixels one to two."""
_GRAIN_OF_SIGMA = 2 * (4 * np.log(2)) ** 0.5
"""White noise blurred by a Gaussian of sigma s has the autocorrelation exp(-d^2 / 4 s^2): this wide at half height."""


def gaussian_tile(height: int, width: int, seed: int) -> Image:
    """White Gaussian noise, mean 128, deviation 32: a view that must not be written to, or a fresh array.

    For noise of deviation `sd` in a grey picture: `added(image, tile, MEAN, sd / GAUSSIAN_SD)`. A colour picture whose
    channels get their own noise takes a tile of three times the width, reshaped.
    """
    return _window(_gaussian(), height, width, seed)


def uniform_tile(height: int, width: int, seed: int) -> Image:
    """White noise, each grey level with equal chance; like `gaussian_tile` otherwise."""
    return _window(_uniform(), height, width, seed)


def smooth_tile(height: int, width: int, seed: int, grain: float) -> Image:
    """Smooth Gaussian noise, mean 128, deviation `SMOOTH_SD`; like `gaussian_tile` otherwise.

    The mean is that of many tiles: one that is only a few grains large may be all dark or all light.

    Args:
        grain: width of a feature in pixels: of the autocorrelation at half its height. Taken within `LEAST_GRAIN` and
            `MOST_GRAIN`.
    """
    rate = _GRAIN / min(max(grain, LEAST_GRAIN), MOST_GRAIN)
    rows, columns = max(2, ceil(height * rate)), max(2, ceil(width * rate))
    window, flip = _part(_smooth(), rows, columns, seed)
    if window.shape != (height, width):
        method = cv.INTER_CUBIC if rate < 0.25 else cv.INTER_LINEAR  # linear would show its corners
        window = cv.resize(window, (width, height), interpolation=method)
    return _flipped(window, flip)


def added(image: Image, tile: Image, mean: float, share: float) -> Image:
    """The picture plus `share` of what a tile of its shape differs from `mean`; saturates at black and white.

    The share is rounded to 1/4096: float32 then holds every product and sum exactly, so that no processor (or the last
    pixels of a row, which are not done by vectors) rounds a pixel otherwise.
    """
    share = round(share * 4096) / 4096
    return cv.addWeighted(image, 1, tile, share, -mean * share)  # type: ignore[no-any-return]


def _window(bank: Image, height: int, width: int, seed: int) -> Image:
    return _flipped(*_part(bank, height, width, seed))


def _part(bank: Image, height: int, width: int, seed: int) -> tuple[Image, int]:
    """A part of a bank, reflected where it is larger than the bank; and how to flip it, 0..3."""
    down, right, flip = uniforms(seed, "window", 3)
    top = int(down * (max(HEIGHT - height, 0) + 1))
    left = int(right * (max(WIDTH - width, 0) + 1))
    part = bank[top : top + height, left : left + width]
    below, beside = height - part.shape[0], width - part.shape[1]
    if below or beside:
        part = cv.copyMakeBorder(part, 0, below, 0, beside, cv.BORDER_REFLECT)
    return part, int(flip * 4)


def _flipped(tile: Image, flip: int) -> Image:
    """0: as it is; else by OpenCV's codes -1, 0 and 1: both ways, upside down, left to right."""
    return cv.flip(tile, flip - 2) if flip else tile


def _raw(name: str, count: int) -> Any:
    """`count` random bytes: raw bits stay the same in every release of NumPy, its distributions need not."""
    return stream(0, f"bank {name}").bit_generator.random_raw(count // 8).astype("<u8").view(np.uint8)


def _frozen(bank: Any) -> Image:
    bank.setflags(write=False)
    return bank  # type: ignore[no-any-return]


@lru_cache(1)
def _gaussian() -> Image:
    bits = _raw("gaussian", 2 * HEIGHT * WIDTH).view("<u2").reshape(HEIGHT, WIDTH)
    return _frozen(_normal(GAUSSIAN_SD)[bits])


@lru_cache(1)
def _uniform() -> Image:
    return _frozen(_raw("uniform", HEIGHT * WIDTH).reshape(HEIGHT, WIDTH))


@lru_cache(1)
def _smooth() -> Image:
    """White noise, blurred in float32, then stretched to the deviation that is wanted."""
    bits = _raw("smooth", HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    field = cv.GaussianBlur(bits.astype(np.float32), (0, 0), _GRAIN / _GRAIN_OF_SIGMA, borderType=cv.BORDER_REFLECT)
    mean, sd = field.mean(dtype=np.float64), field.std(dtype=np.float64)
    return _frozen(np.clip(np.rint((field - mean) * (_STRETCH * SMOOTH_SD / sd) + MEAN), 0, 255).astype(np.uint8))


def _normal(sd: float) -> Image:
    """Grey level of each of 65,536 equal chances: the quantiles of a normal distribution round `MEAN`."""
    below = [NormalDist(MEAN, sd).cdf(level + 0.5) for level in range(255)]
    ends = np.rint(np.array([0, *below, 1]) * 65536).astype(np.intp)
    return np.repeat(np.arange(256, dtype=np.uint8), np.diff(ends))
