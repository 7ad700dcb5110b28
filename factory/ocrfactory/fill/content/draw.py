"""Strokes to ink: a plain Mincho pen, then antialiased pixels.

Horizontals are thin, verticals thick, falling strokes and dots taper, hooks are short spikes, a horizontal that ends
free carries the small triangle of Mincho. Where strokes stand close together they get thinner, so that white remains
between them. The weights were fitted to HanaMin, the font of GlyphWiki's own project; the pen is ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ocrfactory.fill.content.kage import UNITS, Points, Stroke
from ocrfactory.sample import Image

THICK = 6.2
THIN = 2.2
"""Half of a vertical's and of a horizontal's width, in units."""
HOOK = 16.0
"""Length of a hook, in units; at most `HOOK_SHARE` of its stroke."""
HOOK_SHARE = 0.35
CROWDED = 0.24
"""Half a width is at most this share of the way to the next stroke beside it."""
MANY = 18
"""A glyph of more strokes has a finer pen, by the root of the ratio: that many strokes share the em."""
LEAST = 1.2
"""No half width is below this, in units, but for the tips of tapering strokes."""
TIP = 0.7
SERIF = (14.0, 11.0)
"""Width and height of the triangle at the end of a horizontal, in units."""

EDGE = 1.0
"""Pixels that stay free of ink at every side, as in `render.glyph`."""
MARGIN = 1 / 16
"""Margin as a share of the side: the em has `size - 2 * MARGIN * size` pixels."""
SMALLEST = 8
LARGEST = 1024

_STEPS = 12
"""Straight pieces of a curve."""
_SUPER = 4
"""Pixels are drawn at this many times their size, then averaged."""
_SHIFT = 4
"""Binary digits of a pixel that OpenCV is told."""

Polygon = npt.NDArray[np.float64]
"""n x 2, convex, in units."""


def picture(strokes: Sequence[Stroke], size: int) -> Image:
    """Draw a glyph as `render.glyph.draw_glyph` does with placement `centre` and a margin of a sixteenth.

    The em is `size - 2 * size / 16` pixels, the ink is in the middle, at its own scale, and is scaled down only where
    it would come nearer to the border than `EDGE`.

    Args:
        strokes: one glyph's, at least one.
        size: side of the picture in pixels, `SMALLEST` to `LARGEST`.

    Returns:
        uint8 `size` x `size`, 255 where the ink is full; read-only.
    """
    return ink(outlines(strokes), size)


def ink(polygons: Sequence[Polygon], size: int) -> Image:
    """Fill outlines, centred; see `picture`."""
    every = np.concatenate(polygons)
    low, high = every.min(axis=0), every.max(axis=0)
    largest = max(float((high - low).max()), 1e-6)
    # The last quarter of a pixel is OpenCV's: it also fills the pixels that an outline touches.
    scale = min(size * (1 - 2 * MARGIN) / UNITS, (size - 2 * EDGE - 2 / _SUPER) / largest)
    # OpenCV counts from the middle of the first pixel.
    offset = size * _SUPER / 2 - (low + high) / 2 * scale * _SUPER - 0.5
    corners = np.rint((every * scale * _SUPER + offset) * (1 << _SHIFT)).astype(np.int32)
    canvas = np.zeros((size * _SUPER, size * _SUPER), np.uint8)
    first = 0
    for polygon in polygons:
        cv2.fillConvexPoly(canvas, corners[first : first + len(polygon)], (255,), lineType=cv2.LINE_8, shift=_SHIFT)
        first += len(polygon)
    drawn = np.asarray(cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
    drawn.flags.writeable = False
    return drawn


def outlines(strokes: Sequence[Stroke]) -> list[Polygon]:
    """The ink of a glyph as convex pieces that overlap, in units."""
    pieces: list[Polygon] = []
    for stroke, room in zip(strokes, _rooms(strokes), strict=True):
        _flesh(stroke, room, pieces)
    return pieces


def _flesh(stroke: Stroke, room: float, pieces: list[Polygon]) -> None:
    spine = _spine(stroke)
    length = float(np.hypot(*np.diff(spine, axis=0).T).sum())
    if stroke.kind == 1:
        thick, thin = min(THICK, room), min(THIN, room)
        way = spine[1] - spine[0]
        along = abs(float(way[1])) / (length or 1.0)
        half = np.full(2, thin + (thick - thin) * along)
        if along > 0.5:
            spine = _reaching(stroke, spine, thin)
        _line(spine, half, pieces)
        if along < 0.3 and stroke.tail == 0 and way[0] > 0:
            _serif(spine[-1], float(half[0]), min(1.0, length / 40, room / THIN / 2), pieces)
    else:
        _line(spine, _taper(stroke, len(spine), min(THICK, room)), pieces)
    if stroke.tail in (4, 5) and length > 0:
        _hook(stroke, spine, min(HOOK, length * HOOK_SHARE), min(THICK, room), pieces)


def _spine(stroke: Stroke) -> Points:
    """The middle of a stroke as a polyline."""
    points = stroke.points
    if stroke.kind == 1:
        return points
    if stroke.kind in (2, 6):
        return _curve(points)
    if stroke.kind == 7:
        return np.concatenate([points[:1], _curve(points[1:])])
    # A corner of radius 10; the wide one of kind 4 takes what room there is.
    before, corner, after = points
    to_before, to_after = before - corner, after - corner
    arms = math.hypot(*to_before), math.hypot(*to_after)
    radius = min(30.0 if stroke.kind == 4 else 10.0, *(arm * 0.6 for arm in arms))
    if radius <= 0:
        return points
    start, end = corner + to_before / arms[0] * radius, corner + to_after / arms[1] * radius
    return np.concatenate([points[:1], _curve(np.stack([start, corner, end])), points[2:]])


def _curve(points: Points) -> Points:
    """A Bezier curve of any degree, as `_STEPS` straight pieces (de Casteljau)."""
    at = np.linspace(0, 1, _STEPS + 1)[:, None, None]
    level = np.broadcast_to(points, (len(at), *points.shape))
    while level.shape[1] > 1:
        level = level[:, :-1] * (1 - at) + level[:, 1:] * at
    return np.asarray(level[:, 0])


def _taper(stroke: Stroke, count: int, thick: float) -> npt.NDArray[np.float64]:
    """Half widths along a stroke that is no straight line."""
    at = np.linspace(0, 1, count)
    if stroke.tail == 7:  # falls to the left, or flicks: runs out
        return TIP + (thick - TIP) * (1 - at) ** 0.7
    if stroke.head % 10 == 7 and stroke.kind in (2, 6):  # falls to the right, or a dot: swells
        return TIP + (thick * 1.1 - TIP) * at**0.8
    return np.full(count, thick * 0.95)


def _reaching(stroke: Stroke, spine: Points, thin: float) -> Points:
    """A vertical that makes a corner covers the whole width of the horizontal there, and stands below it a little."""
    way = spine[1] - spine[0]
    way = way / (math.hypot(*way) or 1.0)
    above = thin if stroke.head in (12, 22, 32) else 0.0
    below = thin + 3 if stroke.tail in (13, 23) else thin if stroke.tail == 32 else 0.0
    return np.stack([spine[0] - way * above, spine[1] + way * below])


def _line(spine: Points, half: npt.NDArray[np.float64], pieces: list[Polygon]) -> None:
    """A polyline with a width at each point: a quadrilateral for each piece, discs at joints and at its end."""
    ways = np.diff(spine, axis=0)
    lengths = np.hypot(ways[:, 0], ways[:, 1])
    if not lengths.any():  # a stroke without a length is a dot
        pieces.append(spine[0] + _DISC * half.max())
        return
    real = lengths > 0
    sides = np.stack([-ways[real, 1], ways[real, 0]], axis=1) / lengths[real, None]
    start, end = spine[:-1][real], spine[1:][real]
    first, second = sides * half[:-1][real, None], sides * half[1:][real, None]
    pieces.extend(np.stack([start + first, end + second, end - second, start - first], axis=1))
    if len(spine) > 2:
        pieces.extend(spine[1:, None] + _DISC * half[1:, None, None])


_DISC = np.stack([np.cos(np.arange(12) * np.pi / 6), np.sin(np.arange(12) * np.pi / 6)], axis=1)


def _serif(end: Points, half: float, share: float, pieces: list[Polygon]) -> None:
    width, height = SERIF[0] * share, SERIF[1] * share
    x, y = float(end[0]), float(end[1])
    pieces.append(np.array([[x, y + half], [x - width, y], [x - width * 0.35, y - height], [x + width * 0.25, y]]))


def _hook(stroke: Stroke, spine: Points, length: float, half: float, pieces: list[Polygon]) -> None:
    """Tail 4 flicks to the left and a little up, tail 5 upwards."""
    way = np.array([-1.0, -0.35]) if stroke.tail == 4 else np.array([0.05, -1.0])
    root = spine[-1] - way * half * 0.3
    _line(np.stack([root, root + way * (length + half * 0.5)]), np.array([half * 0.8, TIP * 0.6]), pieces)


def _rooms(strokes: Sequence[Stroke]) -> list[float]:
    """For each stroke the largest half width that leaves white beside it.

    Strokes that go nearly across or nearly down are told from their neighbours; all get finer with their number.
    """
    pen = THICK * min(1.0, math.sqrt(MANY / len(strokes)))
    runs = [_run(stroke) for stroke in strokes]
    rooms = []
    for mine in runs:
        room = pen
        if mine is not None:
            for other in runs:
                if other is None or other is mine or other[0] != mine[0]:
                    continue
                gap = abs(other[1] - mine[1])
                if gap > 2 and min(other[3], mine[3]) - max(other[2], mine[2]) > 4:
                    room = min(room, gap * CROWDED)
        rooms.append(max(room, LEAST))
    return rooms


def _run(stroke: Stroke) -> tuple[int, float, float, float] | None:
    """Which way a straight stroke goes (0 across, 1 down), where, from and to; None for another stroke."""
    if stroke.kind not in (1, 3, 7):
        return None
    (x1, y1), (x2, y2) = stroke.points[:2]
    if abs(y2 - y1) < 0.25 * abs(x2 - x1):
        return 0, (y1 + y2) / 2, min(x1, x2), max(x1, x2)
    if abs(x2 - x1) < 0.25 * abs(y2 - y1):
        return 1, (x1 + x2) / 2, min(y1, y2), max(y1, y2)
    return None
