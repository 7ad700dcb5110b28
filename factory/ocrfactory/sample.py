"""Sample: the one record that passes through every stage, and the provenance it carries."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""H x W (grey) or H x W x 3 (RGB), uint8."""


class FontUse(msgspec.Struct, frozen=True, gc=False):
    """The font that drew a row."""

    sha256: str
    index: int
    name: str
    variation: str | None = None
    """`wdth=90,wght=700`, axes sorted; None for a static font."""


class Outline(msgspec.Struct, frozen=True, gc=False):
    """Where the ink of each character lies, by points around it: what geometry moves, and boxes are made of."""

    parts: tuple[tuple[NDArray[np.float32], float, float], ...]
    """(points, dx, dy): points (n, 2) as x, y, shifted by dx, dy, in pixels; y down, pixel 0 from 0.0 to 1.0."""
    parts_of: tuple[int, ...]
    """How many of `parts` each grapheme cluster has, in the order of the text; at least one."""
    dense: bool = False
    """No two neighbouring points are farther apart than a quarter of the em: fit to be bent."""

    def points(self) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """All points (n, 2), and the number of the first one of each character."""
        arrays = [points + np.array((dx, dy), np.float32) for points, dx, dy in self.parts]
        sizes = np.fromiter(map(len, arrays), np.intp, len(arrays))
        first_part = np.cumsum((0, *self.parts_of[:-1]))
        return np.concatenate(arrays), np.cumsum(np.append(0, sizes[:-1]))[first_part]


class Photo(msgspec.Struct, frozen=True):
    """The real image that a row was cut from. Lengths in pixels of that image, after EXIF orientation."""

    image: str
    image_sha256: str
    width: int
    height: int
    annotation: str | None = None
    annotation_id: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    """x, y, w, h after clipping."""
    polygon: tuple[float, ...] | None = None


class Sample(msgspec.Struct, frozen=True):
    """One picture with its label. Stages do not change it; they return `msgspec.structs.replace(sample, ...)`."""

    text: str
    image: Image
    kind: str
    """`glyph`, `word` or `line`."""
    origin: str
    """`font`, `gan` or `real`."""
    seed: int
    """Key of the sample's own generators, 0..2^53-1: see `rng.stream`."""
    license: str
    split_group: str | None = None
    text_raw: str | None = None
    lang: str | None = None
    direction: str = "ltr"
    font: FontUse | None = None
    font_size_px: float | None = None
    generator_id: str | None = None
    photo: Photo | None = None
    char_boxes: tuple[float, ...] | None = None
    """4 numbers a grapheme cluster: x0, y0, x1, y1 in pixels of `image`."""
    aug: tuple[dict[str, Any], ...] | None = None
    """The ops that were applied, with the parameters that chance chose."""
    attrs: dict[str, Any] | None = None
    outline: Outline | None = None
    """For augmentation, not stored. Without it the corners of `char_boxes` are moved."""
    mask: NDArray[np.uint16] | None = None
    """H x W: the number of the character that a pixel belongs to, from 1; 0 is ground. None if nobody asked."""
    ground: int | None = None
    """Grey level of a plain ground; None where the ground is a picture."""
    margin: float = 0.0
    """Pixels at each side that geometry keeps free of ink."""
    encoded: tuple[str, bytes] | None = None
    """(format, file) that `image` was decoded from: stored as it is while no op changes the pixels."""
