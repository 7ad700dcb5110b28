"""The picture that ops work on: pixels, the outline of each character, and the geometry that waits.

Geometry is collected and done in one go (each pass over the pixels costs time and sharpness): `flush` finds the canvas
that holds all ink, so nothing is ever cut off, and moves pixels, mask and outline alike.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfactory.augment.canvas import Canvas, Fixed, Room, canvas_of
from ocrfactory.augment.warp import LONGEST, Projection, Warp, forward, joined, linear_parts, sampled, zoom_of
from ocrfactory.encode import MAX_PIXELS
from ocrfactory.errors import Reject
from ocrfactory.sample import Image, Outline, Sample

cv: Any = cv2
"""OpenCV's own types refuse what its functions take: every array is Any here."""

Points = NDArray[np.float32]

STEP = 0.25
"""Em between points of an outline that is to be bent: what lies between them stays straight."""
STILL = 0.02
"""Pixels by which a point may move and still count as unmoved."""


class Frame:
    """One picture on its way through the ops."""

    image: Image
    """H x W or H x W x 3, uint8. While `clean`, 0 is ink and 255 ground."""

    def __init__(self, sample: Sample) -> None:
        self.image = sample.image
        self.em = em_of(sample)
        """Pixels per em; follows what geometry does to the size."""
        self.drawn_em = self.least_em = self.em
        """What the sample came with; and what geometry left of it where it left least."""
        self.ground = sample.ground
        self.margin = sample.margin
        self.mask = sample.mask
        self.clean = sample.ground == 255
        """Still a plain drawing, black on white: what `paint` can take."""
        self.fixed: Fixed = "both" if sample.kind == "glyph" else "width" if sample.direction == "ttb" else "height"
        """Which sides of the picture geometry keeps: a line its height, a vertical one its width, a glyph both."""
        self.outlined = sample.outline is not None or sample.char_boxes is not None
        self.points, self.starts, self._sizes = _outline(sample)
        self.reference: Image = sample.image
        """The picture after geometry and before all else: what legibility is measured against."""
        self.moved = False
        """Geometry was done: the boxes that the sample came with are no longer true."""
        self._reference_ground = sample.ground
        self._touched = False
        self._dense = sample.outline is not None and sample.outline.dense
        self._warps: list[Warp] = []
        self._sides: NDArray[np.float32] | None = None
        self._widened: Room | None = None

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.image.shape[0])

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.image.shape[1])

    def bend(self, warp: Warp) -> None:
        """Add a geometric step; the pixels follow when an op needs them."""
        self._warps.append(warp)

    def widen(self, left: float, top: float, right: float, bottom: float) -> None:
        """Add free room around the picture, in pixels; negative cuts some off, never ink or what the margin keeps.

        The sides that are kept stay as long as they are: the picture is scaled, as a recogniser scales a crop. It is
        done after all steps that wait with it.
        """
        before = self._widened or (0.0, 0.0, 0.0, 0.0)
        self._widened = before[0] + left, before[1] + top, before[2] + right, before[3] + bottom

    def pixels(self) -> Image:
        """The picture with all geometry done."""
        self.flush()
        return self.image

    def put(self, image: Image, clean: bool = False) -> None:
        """Replace the picture by one of the same size: any change but geometry.

        Args:
            clean: a plain drawing is one still: only ink changed, black on white.
        """
        if self._warps or self._widened:
            raise RuntimeError("put before pixels: the geometry that waits would be lost")
        self.image, self._touched, self.clean = image, True, self.clean and clean

    def colours(self) -> Image:
        """The picture as H x W x 3."""
        image = self.pixels()
        return cv.cvtColor(image, cv.COLOR_GRAY2RGB) if image.ndim == 2 else image

    def sides(self) -> NDArray[np.float32] | None:
        """x0, y0, x1, y1 of each character, (n, 4), in pixels, inside the picture; None where no outline is known."""
        if not self.outlined:
            return None
        self.flush()
        if self._sides is not None:
            return self._sides
        sides = np.empty((len(self.starts), 4), np.float32)
        np.minimum.reduceat(self.points, self.starts, out=sides[:, :2])
        np.maximum.reduceat(self.points, self.starts, out=sides[:, 2:])
        self._sides = np.clip(sides, 0, np.array((self.width, self.height) * 2, np.float32), out=sides)
        return self._sides

    def replace_outline(self, points: Points, starts: NDArray[np.intp]) -> None:
        """New points for the characters, where an op moved pixels by itself; `starts`: the first of each character."""
        self.points, self.starts, self.moved, self._sides = points, starts, True, None
        self._dense = True  # as dense as the op made them: parts are not known any more

    def boxes(self) -> tuple[float, ...] | None:
        """x0, y0, x1, y1 of each character in one row, to a hundredth of a pixel; see `sides`."""
        sides = self.sides()
        return None if sides is None else tuple(sides.astype(np.float64).round(2).ravel().tolist())

    def flush(self) -> None:
        """Do the geometry that waits: move the outline, choose the canvas, resample the pixels once.

        Raises:
            Reject: `clipped`: no canvas of this size holds the ink; `too_long`: more pixels than a warp can take.
        """
        if not self._warps and not self._widened:
            return
        warps, widened = joined(self._warps), self._widened
        self._warps, self._widened = [], None
        canvas = self._move(warps, widened)
        warps.append(Projection(canvas.fit))
        longest = max(canvas.width, canvas.height, self.width, self.height)
        if longest > LONGEST:
            raise Reject("too_long", f"{longest} pixels, geometry takes {LONGEST}")
        if canvas.width * canvas.height > MAX_PIXELS:
            raise Reject("too_long", f"{canvas.width}x{canvas.height} pixels are more than {MAX_PIXELS}")
        take = sampled(warps, canvas.width, canvas.height, canvas.zoom)
        image = take(self.image, self.ground)
        if self.mask is not None:
            self.mask = take(self.mask, 0, nearest=True)
        self.reference = take(self.reference, self._reference_ground) if self._touched else image
        self.image, self.moved, self._sides = image, True, None

    def _move(self, warps: list[Warp], widened: Room | None) -> Canvas:
        """Move the outline, and find the canvas for it."""
        bent = not all(isinstance(warp, Projection) for warp in warps)
        if bent and not self._dense:
            self._densify()
        before = extent(self.points)
        moved = forward(warps, self.points)
        still = len(moved) == len(self.points) and cv.norm(moved, self.points, cv.NORM_INF) < STILL
        near = linear_parts(warps, before)
        canvas = canvas_of(
            before,
            extent(moved),
            (self.width, self.height),
            self.fixed,
            self.margin if self.outlined else 0.0,
            near,
            spread=0.0 if (still and not widened) or not self.outlined else 1.3 if bent else 1.0,
            widened=widened,
        )
        fit = float(canvas.fit[0, 0])
        self.em *= zoom_of(near[0]) * fit
        self.least_em *= min(map(zoom_of, near)) * fit
        self.points = forward([Projection(canvas.fit)], moved)
        return canvas

    def _densify(self) -> None:
        """Put points on the long sides of the outlines: what is bent is no longer straight between two corners."""
        ends = np.cumsum(self._sizes)
        after = np.arange(1, len(self.points) + 1)
        after[ends - 1] = ends - self._sizes  # each part is closed
        way = self.points[after] - self.points
        count = np.ceil(np.abs(way).max(axis=1) / np.float32(STEP * self.em)).astype(np.intp).clip(1, 64)
        first = np.cumsum(count) - count
        step = (np.arange(first[-1] + count[-1]) - np.repeat(first, count)) / np.repeat(count, count)
        points = np.repeat(self.points, count, axis=0) + np.repeat(way, count, axis=0) * step[:, None]
        self.points, self.starts, self._dense = points.astype(np.float32), first[self.starts], True


def extent(points: Points) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 of all points."""
    (x0, y0), (x1, y1) = (
        cv.reduce(points, 0, cv.REDUCE_MIN)[0].tolist(),
        cv.reduce(points, 0, cv.REDUCE_MAX)[0].tolist(),
    )
    return x0, y0, x1, y1


def em_of(sample: Sample) -> float:
    """Pixels per em: as it was drawn; else 0.8 of the side across the line, which is what tight crops have."""
    if sample.font_size_px:
        return sample.font_size_px
    height, width = sample.image.shape[:2]
    return 0.8 * float(width if sample.direction == "ttb" else height if sample.kind != "glyph" else min(width, height))


def _outline(sample: Sample) -> tuple[Points, NDArray[np.intp], NDArray[np.intp]]:
    """Points, the first of each character, the number of each part: of the outline, the boxes, or the whole picture."""
    if sample.outline is not None:
        arrays, left, top = zip(*sample.outline.parts, strict=True)
        sizes = np.array(list(map(len, arrays)), np.intp)
        points = np.concatenate(arrays)
        points += np.repeat(np.array([left, top], np.float32), sizes, axis=1).T
        first_part = np.cumsum(np.array((0, *sample.outline.parts_of[:-1])))
        return points, (np.cumsum(sizes) - sizes)[first_part], sizes
    height, width = sample.image.shape[:2]
    boxes = np.array(sample.char_boxes or (0, 0, width, height), np.float32).reshape(-1, 4)
    corners = np.ascontiguousarray(boxes[:, (0, 1, 2, 1, 2, 3, 0, 3)]).reshape(-1, 2)
    starts = np.arange(0, len(corners), 4)
    return corners, starts, np.full(len(starts), 4, np.intp)


def outline_of_boxes(boxes: tuple[float, ...]) -> Outline:
    """An outline of box corners, for sources that know no more."""
    quads = np.array(boxes, np.float32).reshape(-1, 4)[:, (0, 1, 2, 1, 2, 3, 0, 3)].reshape(-1, 4, 2)
    return Outline(tuple((quad, 0.0, 0.0) for quad in quads), (1,) * len(quads))
