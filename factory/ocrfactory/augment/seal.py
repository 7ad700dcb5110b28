"""The seal that `stamp` presses on a picture: an outline, and signs that mean nothing in any script."""

from __future__ import annotations

from math import ceil, cos, floor, pi, radians, sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfactory.augment.frame import Frame
from ocrfactory.augment.strokes import stroked
from ocrfactory.rng import stream
from ocrfactory.sample import Image

cv: Any = cv2


def seal_of(frame: Frame, drawn: dict[str, Any], radius: float) -> tuple[int, int, Image]:
    """Left, top and a mask: the outline, and four made-up signs of straight strokes in it."""
    x, y, reach = drawn["x"] * frame.width, drawn["y"] * frame.height, 1.6 * radius
    left, top = max(floor(x - reach), 0), max(floor(y - reach), 0)
    shape = min(ceil(y + reach), frame.height) - top, min(ceil(x + reach), frame.width) - left
    c, s = radius * cos(radians(drawn["angle"])), radius * sin(radians(drawn["angle"]))
    turn, centre = np.array([[c, -s], [s, c]]), np.array([x - left, y - top])
    circle = drawn["shape"] == "round"
    corners = 48 if circle else 4
    turns = 2 * pi * (np.arange(corners + 1) + 0.5) / corners
    outline = np.stack([np.cos(turns), np.sin(turns)], axis=-1) * (1 if circle else 2**0.5)
    edge = stroked(shape, [outline @ turn + centre], 0.09 * radius)
    signs = _signs(drawn["seed"]) * (0.6 if circle else 0.8)
    return left, top, cv.max(edge, stroked(shape, signs @ turn + centre, 0.07 * radius))


def _signs(seed: int) -> NDArray[np.float64]:
    """Strokes (n, 2, 2) within -1..1: in each quarter three level ones and three upright ones, of chance lengths."""
    chance = stream(seed, "seal").random((2, 2, 2, 3, 2))
    step = (np.arange(3) - 1) * 0.35
    low, high = -0.4 + 0.5 * chance[..., 0], 0.4 - 0.35 * chance[..., 1]
    level = np.stack([low, step + 0 * low, high, step + 0 * low], axis=-1).reshape(2, 2, 2, 3, 2, 2)
    strokes = np.concatenate([level[0], level[1, ..., ::-1]], axis=2)
    found: NDArray[np.float64] = (strokes + _QUARTERS).reshape(-1, 2, 2)
    return found


_QUARTERS = np.stack(np.meshgrid((-0.5, 0.5), (-0.5, 0.5)), axis=-1)[:, :, None, None]
