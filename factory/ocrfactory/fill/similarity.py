"""How alike two pictures of one character are: grey levels, structure, and structure with a little room to move."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocrfactory.errors import OcrFactoryError

Pictures = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]
WINDOW, SIGMA = 11, 1.5
C1, C2 = 0.01**2, 0.03**2
SHIFT = 2
"""Pixels: two drawings of one design stand as far apart."""


def distance(a: Pictures, b: Pictures) -> Values:
    """Mean absolute difference (L1) of each pair, 0 to 1: ink (N, H, W) to (N,).

    Raises:
        OcrFactoryError: the pictures have not the same shape.
    """
    _refuse_unlike(a, b)
    apart: Values = np.abs(a.astype(np.int16) - b).mean((1, 2), dtype=np.float64) / 255
    return apart


def ssim(a: Pictures, b: Pictures) -> Values:
    """Structural similarity of each pair, -1 to 1, 1 where they are the same: ink (N, H, W) to (N,).

    Wang et al. 2004: a Gaussian window of 11 pixels, sigma 1.5, K1 0.01, K2 0.03, on 0 to 1; the mean over the windows
    that lie inside.

    Raises:
        OcrFactoryError: the pictures have not the same shape, or are smaller than the window.
    """
    _refuse_unlike(a, b)
    return np.array([_ssim(x, y) for x, y in zip(_levels(a), _levels(b), strict=True)], np.float64)


def shifted_ssim(a: Pictures, b: Pictures, most: int = SHIFT) -> Values:
    """The best `ssim` of each pair over shifts of the first by whole pixels, up to `most` in x and y.

    All shifts are compared on the same part of the second picture, which leaves out `most` pixels at each side.

    Raises:
        OcrFactoryError: as `ssim`.
    """
    _refuse_unlike(a, b)
    height, width = a.shape[1:]
    middle = b[:, most : height - most, most : width - most]
    steps = range(2 * most + 1)
    moved = (a[:, y : y + middle.shape[1], x : x + middle.shape[2]] for y in steps for x in steps)
    best: Values = np.max([ssim(part, middle) for part in moved], axis=0)
    return best


def _ssim(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    mean_a, mean_b = _blurred(a), _blurred(b)
    var_a, var_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    both = _blurred(a * b) - mean_a * mean_b
    quality = ((2 * mean_a * mean_b + C1) * (2 * both + C2)) / ((mean_a**2 + mean_b**2 + C1) * (var_a + var_b + C2))
    return float(quality.mean(dtype=np.float64))


def _blurred(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Weighted means of the windows that lie inside."""
    edge = WINDOW // 2
    soft: npt.NDArray[np.float32] = np.asarray(cv2.GaussianBlur(picture, (WINDOW, WINDOW), SIGMA), np.float32)
    return soft[edge:-edge, edge:-edge]


def _levels(ink: Pictures) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(ink, np.float32) / np.float32(255)


def _refuse_unlike(a: Pictures, b: Pictures) -> None:
    if a.shape != b.shape or a.ndim != 3 or min(a.shape[1:]) < WINDOW:
        raise OcrFactoryError(
            f"pictures {a.shape} and {b.shape}: pairs (N, H, W) of {WINDOW} pixels or more are wanted"
        )
