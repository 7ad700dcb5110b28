"""One annotation cut out of its image: clipped, never mirrored; padded, straightened and turned only where asked."""

from __future__ import annotations

import math
from typing import Any

import cv2
import msgspec
import numpy as np

from ocrfactory.convert.cutting import Cutting
from ocrfactory.convert.page import Box
from ocrfactory.errors import Reject
from ocrfactory.sample import Image

cv: Any = cv2

LEAST_KEPT = 0.5
"""Share of a box's area that must lie inside the image."""
LEAST_SIDE = 2.0
"""Pixels of a clipped box."""
LEAST_AREA = 4.0
"""Square pixels of four points that can be straightened; of fewer there is nothing but their box."""
TURNS = {"ccw": 1, "cw": -1}
"""Quarter turns for `numpy.rot90`."""


class Cut(msgspec.Struct, frozen=True):
    """A crop and what is to be told of it."""

    pixels: Image
    bbox: tuple[float, float, float, float]
    """x, y, width, height: the label's box inside the image."""
    polygon: tuple[float, ...] | None
    flags: tuple[str, ...]
    notes: dict[str, Any]
    """For `attrs`."""


def cut(pixels: Image, box: Box | None, polygon: tuple[float, ...] | None, vertical: bool, how: Cutting) -> Cut:
    """Cut a box, or take the whole image where there is none.

    Raises:
        Reject: `bbox_clipped`: too little of the box is inside.
    """
    height, width = pixels.shape[:2]
    flags: list[str] = []
    notes: dict[str, Any] = {}
    inside = (0.0, 0.0, float(width), float(height)) if box is None else _clipped(box, width, height)
    if box is not None and inside != box:
        flags.append("bbox_clipped")
        notes["bbox_raw"] = _xywh(box)
    points = polygon
    if polygon and not (min(polygon) >= 0 and max(polygon[::2]) <= width and max(polygon[1::2]) <= height):
        points = tuple(min(max(v, 0.0), float((width, height)[i % 2])) for i, v in enumerate(polygon))
        notes["polygon_raw"] = polygon
    if how.warp and points is not None and len(points) == 8 and cv.contourArea(in_order(points)) >= LEAST_AREA:
        crop = _straightened(pixels, points, how.pad)
        notes["warped"] = True
    elif box is None:
        crop = pixels
    else:
        x0, y0, x1, y1 = _padded(inside, how.pad, width, height)
        crop = np.ascontiguousarray(pixels[y0:y1, x0:x1])
        if how.pad:
            notes["crop"] = [x0, y0, x1 - x0, y1 - y0]
    tall = how.rotate_tall is not None and crop.shape[0] > how.rotate_tall * crop.shape[1]
    if tall and not vertical:
        crop = np.ascontiguousarray(np.rot90(crop, TURNS[how.turn]))
        flags.append("rotated_tall")
        notes["rotated"] = how.turn
    return Cut(crop, _xywh(inside), points, tuple(flags), notes)


def _xywh(box: Box) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return x0, y0, x1 - x0, y1 - y0


def _clipped(box: Box, width: int, height: int) -> Box:
    x0, y0, x1, y1 = box
    if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        return box
    left, top, right, bottom = max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))
    w, h = max(right - left, 0.0), max(bottom - top, 0.0)
    share = w / (x1 - x0) * (h / (y1 - y0))
    if w < LEAST_SIDE or h < LEAST_SIDE or share < LEAST_KEPT:
        raise Reject(
            "bbox_clipped",
            f"x {x0:g}, y {y0:g}, width {x1 - x0:g}, height {y1 - y0:g}: {share:.0%} of it lies in {width}x{height}",
        )
    return left, top, right, bottom


def _padded(box: Box, pad: float, width: int, height: int) -> tuple[int, int, int, int]:
    """Whole pixels around a box, so that no ink is cut off."""
    x0, y0, x1, y1 = box
    more = pad * min(x1 - x0, y1 - y0)
    return (
        max(math.floor(x0 - more), 0),
        max(math.floor(y0 - more), 0),
        min(math.ceil(x1 + more), width),
        min(math.ceil(y1 + more), height),
    )


def in_order(polygon: tuple[float, ...]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Four points as top left, top right, bottom right, bottom left, whatever order they came in: (4, 2).

    They are sorted around their middle, which for labels drawn as TL, BL, TR, BR undoes the cross; the first is the one
    nearest to the top left corner of their bounds.
    """
    points = np.array(polygon, np.float32).reshape(4, 2)
    middle = points.mean(0)
    around = points[np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]), kind="stable")]
    first = int(np.argmin(around.sum(1)))
    return np.roll(around, -first, axis=0)


def _straightened(pixels: Image, polygon: tuple[float, ...], pad: float) -> Image:
    """The quadrilateral as a rectangle whose sides are the longer of each two opposite ones."""
    corners = in_order(polygon)
    top, right, bottom, left = (float(np.hypot(*(corners[i] - corners[(i + 1) % 4]))) for i in range(4))
    width, height = max(top, bottom), max(left, right)
    more = pad * min(width, height)
    size = max(1, math.ceil(width + 2 * more - 1e-3)), max(1, math.ceil(height + 2 * more - 1e-3))
    target = np.array(
        [(more, more), (more + width, more), (more + width, more + height), (more, more + height)], np.float32
    )
    matrix = cv.getPerspectiveTransform(corners, target)
    warped = cv.warpPerspective(pixels, matrix, size, flags=cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)
    return np.ascontiguousarray(warped)
