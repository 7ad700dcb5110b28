"""Geometry as functions of points: projections, smooth fields of displacement, bent baselines.

Units are pixels, y down; pixel 0 reaches from 0.0 to 1.0, so its centre is at 0.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import cos, pi, sin, sqrt
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

cv: Any = cv2
Points = NDArray[np.float32]
Matrix = NDArray[np.float64]

GRID = 8
"""Pixels between the nodes at which a bent geometry is computed, at most; between them it is linear."""
SHARP = 0.7
"""Below this scale a picture is made smaller first: linear resampling would skip pixels."""
LONGEST = 32_766
"""Pixels of a side, and points of a call: what OpenCV's remap takes."""


class Warp(Protocol):
    """A step of geometry. Both directions take points (n, 2), float32, and give new ones."""

    def forward(self, points: Any) -> Any:
        """Where points of the picture go."""
        ...

    def backward(self, points: Any) -> Any:
        """Where points come from: the inverse of `forward`."""
        ...


class Projection:
    """A 3 x 3 matrix: rotation, shear, scale, perspective."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = np.asarray(matrix, np.float64)

    def forward(self, points: Any) -> Any:
        """See `Warp`."""
        return _project(self.matrix, points)

    def backward(self, points: Any) -> Any:
        """See `Warp`."""
        return _project(np.asarray(np.linalg.inv(self.matrix), np.float64), points)


class Displacement:
    """A smooth field: the point p of the result comes from p + field(p).

    Args:
        field: (rows, columns, 2), float32, in pixels: dx, dy at nodes that cover `width` x `height` evenly, the first
            at 0, 0 and the last at width, height; constant beyond. It must change by less than half of what it is
            moved by, or its inverse is not found.
    """

    ROUNDS = 4
    """A field that changes by 0.4 of what it is moved by is inverted to a hundredth of its amplitude."""

    def __init__(self, field: NDArray[np.float32], width: float, height: float) -> None:
        self.field = np.ascontiguousarray(field, np.float32)
        rows, columns = field.shape[:2]
        self.per_pixel = np.array([(columns - 1) / max(width, 1), (rows - 1) / max(height, 1)], np.float32)

    def backward(self, points: Any) -> Any:
        """See `Warp`."""
        return points + self._at(points)

    def forward(self, points: Any) -> Any:
        """See `Warp`. Found by fixed-point iteration, which converges while the field changes by less than it moves."""
        moved = points - self._at(points)
        for _ in range(self.ROUNDS):
            moved = points - self._at(moved)
        return moved

    def _at(self, points: Any) -> Any:
        if len(points) > LONGEST:
            return np.concatenate([self._at(points[:LONGEST]), self._at(points[LONGEST:])])
        at = (np.asarray(points, np.float32) * self.per_pixel)[None]
        found = cv.remap(self.field, at, None, cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
        return found.reshape(-1, 2)


class Bow:
    """A baseline that bends: every point moves across the line, by what depends on its place along the line alone.

    Args:
        rise: from places along the line to shifts across it, in pixels; positive is down, or to the right.
        vertical: the line runs down.
    """

    def __init__(self, rise: Callable[[Points], Points], vertical: bool) -> None:
        self.rise, self.vertical = rise, vertical

    def forward(self, points: Any) -> Any:
        """See `Warp`."""
        return self._shifted(points, 1)

    def backward(self, points: Any) -> Any:
        """See `Warp`."""
        return self._shifted(points, -1)

    def _shifted(self, points: Any, sign: int) -> Any:
        along, across = (1, 0) if self.vertical else (0, 1)
        moved = np.array(points, np.float32)
        moved[:, across] += np.float32(sign) * self.rise(moved[:, along])
        return moved


def turned(degrees: float, x: float, y: float) -> Matrix:
    """A turn about a point, counter-clockwise as seen."""
    c, s = cos(degrees * pi / 180), sin(degrees * pi / 180)
    return about([[c, s], [-s, c]], x, y)


def about(linear: Sequence[Sequence[float]], x: float, y: float) -> Matrix:
    """A linear map, 2 x 2, that keeps a point in its place."""
    (a, b), (c, d) = linear
    return np.array([[a, b, x - a * x - b * y], [c, d, y - c * x - d * y], [0, 0, 1.0]])


def joined(warps: Sequence[Warp]) -> list[Warp]:
    """The same steps, with each run of projections made one."""
    steps: list[Warp] = []
    for warp in warps:
        if steps and isinstance(warp, Projection) and isinstance(steps[-1], Projection):
            steps[-1] = Projection(warp.matrix @ steps[-1].matrix)
        else:
            steps.append(warp)
    return steps


def forward(warps: Sequence[Warp], points: Points) -> Points:
    """Points after all steps."""
    for warp in warps:
        points = warp.forward(points)
    return np.asarray(points, np.float32)


def backward(warps: Sequence[Warp], points: Any) -> Any:
    """Points before all steps."""
    for warp in reversed(warps):
        points = warp.backward(points)
    return points


Linear = tuple[float, float, float, float]


def linear_parts(warps: Sequence[Warp], box: Sequence[float]) -> list[Linear]:
    """What the projections among the steps do to small lengths: dx/dx, dx/dy, dy/dx, dy/dy.

    In the middle of a box (x0, y0, x1, y1) first, and where perspective makes it differ, at its corners.

    What bends is left out: on average over a line it neither turns nor scales.
    """
    merged = joined([warp for warp in warps if isinstance(warp, Projection)])
    if not merged:
        return [(1.0, 0.0, 0.0, 1.0)]
    rows = merged[0].matrix.tolist()  # type: ignore[attr-defined]
    x0, y0, x1, y1 = box
    places = [((x0 + x1) / 2, (y0 + y1) / 2)]
    if rows[2][0] or rows[2][1]:
        places += [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return [_linear(rows, x, y) for x, y in places]


def _linear(rows: Sequence[Sequence[float]], x: float, y: float) -> Linear:
    (a, b, c), (d, e, f), (g, h, i) = rows
    w = g * x + h * y + i
    u, v = (a * x + b * y + c) / w, (d * x + e * y + f) / w
    return (a - u * g) / w, (b - u * h) / w, (d - v * g) / w, (e - v * h) / w


def zoom_of(linear: Linear) -> float:
    """The factor on lengths, on average over all directions."""
    return sqrt(abs(linear[0] * linear[3] - linear[1] * linear[2]))


Take = Callable[..., Any]


def sampled(warps: Sequence[Warp], width: int, height: int, zoom: float = 1.0) -> Take:
    """The function that resamples a picture through all steps onto a canvas: `take(image, ground, nearest=False)`.

    `ground` is the grey level around the picture; None repeats its border.

    Args:
        zoom: the factor on lengths of all steps; below `SHARP` the picture is made smaller first.
    """
    steps = joined(warps)
    bends = len(steps) != 1 or not isinstance(steps[0], Projection)
    maps = _maps(steps, width, height, _grid(width, height, zoom)) if bends else None

    def take(image: Any, ground: int | None, nearest: bool = False) -> Any:
        shrink = np.array([1.0, 1.0])
        if zoom < SHARP and not nearest:
            image, shrink = _smaller(image, zoom)
        border = cv.BORDER_REPLICATE if ground is None else cv.BORDER_CONSTANT
        how = {"borderMode": border, "borderValue": (ground or 0,) * 3}
        flags = cv.INTER_NEAREST if nearest else cv.INTER_LINEAR
        if maps is not None:
            return cv.remap(image, _scaled(maps, shrink), None, flags, **how)
        matrix = _CENTRE_BACK @ steps[0].matrix @ np.diag([*(1 / shrink), 1.0]) @ _CENTRE  # type: ignore[attr-defined]
        if matrix[2, 0] or matrix[2, 1]:
            return cv.warpPerspective(image, matrix, (width, height), flags=flags, **how)
        return cv.warpAffine(image, matrix[:2], (width, height), flags=flags, **how)

    return take


def _grid(width: int, height: int, zoom: float) -> int:
    """Pixels between nodes: `GRID`, and fewer where a bow over a small picture, or one made smaller, needs them."""
    return max(1, min(GRID, int(GRID * zoom), min(width, height) // GRID))


def _maps(steps: Sequence[Warp], width: int, height: int, grid: int) -> NDArray[np.float32]:
    """Where the centre of each pixel comes from, (height, width, 2), counted from the centre of pixel 0."""
    columns, rows = -(-width // grid) + 2, -(-height // grid) + 2
    coarse = np.asarray(backward(steps, _nodes(columns, rows, grid)) - np.float32(0.5), np.float32)
    fine = cv.resize(coarse.reshape(rows, columns, 2), (columns * grid, rows * grid), interpolation=cv.INTER_LINEAR)
    return fine[grid : grid + height, grid : grid + width]  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _nodes(columns: int, rows: int, grid: int) -> Points:
    """The centres of blocks of `grid` x `grid` pixels, from one before the picture; (columns * rows, 2)."""
    x = (np.arange(columns, dtype=np.float32) - 1) * grid + grid / 2
    y = (np.arange(rows, dtype=np.float32) - 1) * grid + grid / 2
    nodes = np.ascontiguousarray(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
    nodes.setflags(write=False)
    return nodes


_CENTRE = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
_CENTRE_BACK = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])


def _smaller(image: Any, zoom: float) -> tuple[Any, NDArray[np.float64]]:
    """The picture as linear resampling can take it: halved while it will be, then a little blurred; and the factors on
    x and y. To bring it to its last size by area would take ten times as long."""
    height, width = image.shape[:2]
    while zoom < 0.5:
        size = max(1, image.shape[1] // 2), max(1, image.shape[0] // 2)
        image, zoom = cv.resize(image, size, interpolation=cv.INTER_AREA), 2 * zoom
    if zoom < SHARP:
        image = cv.GaussianBlur(image, (3, 3), 0)
    return image, np.array([image.shape[1] / width, image.shape[0] / height])


def _scaled(maps: NDArray[np.float32], shrink: NDArray[np.float64]) -> NDArray[np.float32]:
    if shrink[0] == 1 and shrink[1] == 1:
        return maps
    factor = shrink.astype(np.float32)
    return (maps + np.float32(0.5)) * factor - np.float32(0.5)


def _project(matrix: Matrix, points: Any) -> Any:
    if matrix[2, 0] or matrix[2, 1]:
        return cv.perspectiveTransform(points[None], matrix)[0]
    return cv.transform(points[None], matrix[:2])[0]
