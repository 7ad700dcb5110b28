"""What printing and copying do to strokes. All of it changes which pixels are ink, so real scans are spared.

Ink is what differs from the ground: dark on light, or light on dark, which is turned before and after. Every op works
against the ground around it, so shadows and textures stay what they are.
"""

from __future__ import annotations

from math import ceil
from typing import Annotated, Any, ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ocrfactory.augment.banks import smooth_tile
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.mixing import grey
from ocrfactory.augment.op import Chance, Op, Span, ems, numbers, shares
from ocrfactory.augment.strokes import (
    dark_ink,
    darkened,
    ends,
    exact,
    ground_of,
    highest,
    lightened,
    moved_edges,
    put_back,
    ramp,
    stroked,
)
from ocrfactory.rng import stream

cv: Any = cv2

LEAST_CONTRAST = 12
"""Grey levels between ink and ground; below it there is nothing to threshold."""


class InkOp(Op):
    """An op that changes which pixels are ink."""

    pollutes: ClassVar[bool] = True

    force: bool = Field(False, description="Allow it on real scans, whose strokes it may ruin.")


class Erode(InkOp):
    """Strokes get thinner: a light copy, a low threshold, worn type."""

    op: Literal["erode"] = "erode"
    radius: Annotated[
        Span, ems(0, 0.05), Field(description="How far each edge of a stroke goes back; parts of a pixel count.")
    ] = (0.0, 0.012)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"radius": chance.within(self.radius, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        put_back(frame, moved_edges(image, drawn["radius"] * frame.em, cv.dilate), turned, clean=True)


class Dilate(InkOp):
    """Strokes get thicker: a dark copy, a high threshold, soaked paper."""

    op: Literal["dilate"] = "dilate"
    radius: Annotated[
        Span, ems(0, 0.08), Field(description="How far each edge of a stroke goes out; parts of a pixel count.")
    ] = (0.0, 0.02)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"radius": chance.within(self.radius, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        put_back(frame, moved_edges(image, drawn["radius"] * frame.em, cv.erode), turned, clean=True)


class Binarise(InkOp):
    """Black and white only: fax, old copiers, scans stored with one bit a pixel."""

    op: Literal["binarise"] = "binarise"
    threshold: Annotated[
        Span,
        shares(0.1, 0.9),
        Field(description="Where the threshold lies on the way from ink (0) to ground (1); higher is bolder."),
    ] = (0.4, 0.65)
    local: float = Field(0.7, ge=0, le=1, description="How often the threshold follows the ground around each pixel.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. With less than full strength, grey levels shine through."""
        drawn = {"threshold": chance.within(self.threshold), "local": chance.happens(self.local)}
        return drawn | {"blend": round(chance.strength, 6)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        level = grey(image)
        if drawn["local"]:
            level = cv.bitwise_not(cv.subtract(ground_of(level, frame.em), level))
        black, white = ends(level)
        if white - black < LEAST_CONTRAST:
            return
        blend = exact(drawn["blend"])
        bits = cv.threshold(level, black + drawn["threshold"] * (white - black), 255, cv.THRESH_BINARY)[1]
        bits = bits if image.ndim == 2 else cv.cvtColor(bits, cv.COLOR_GRAY2RGB)
        put_back(frame, cv.addWeighted(bits, blend, image, 1 - blend, 0) if blend < 1 else bits, turned, clean=True)
        if blend == 1:
            frame.ground = 0 if turned else 255


class InkBleed(InkOp):
    """Ink runs into the paper: edges spread unevenly, as on newsprint or with a felt pen."""

    op: Literal["ink_bleed"] = "ink_bleed"
    spread: Annotated[Span, ems(0, 0.08), Field(description="About how far ink runs.")] = (0.01, 0.03)
    roughness: Annotated[Span, shares(0, 1), Field(description="How uneven the new edges are.")] = (0.4, 1.0)
    grain: Annotated[Span, ems(0.02, 0.5), Field(description="Size of the unevenness.")] = (0.04, 0.12)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "spread": chance.within(self.spread, 0),
            "roughness": chance.within(self.roughness),
            "grain": chance.within(self.grain),
            "seed": chance.seed(),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`. A noisy threshold on blurred ink says where; the darkest neighbour says what colour."""
        image, turned = dark_ink(frame)
        spread = drawn["spread"] * frame.em
        level = grey(image)
        ink = cv.subtract(ground_of(level, frame.em), level)
        contrast = cv.minMaxLoc(ink)[1]
        if contrast < LEAST_CONTRAST:
            return
        sigma = max(spread, 0.5)
        side = 2 * ceil(2 * sigma) + 1
        blurred = cv.GaussianBlur(ink, (side, side), sigma)
        noise = smooth_tile(frame.height, frame.width, drawn["seed"], drawn["grain"] * frame.em)
        rough = exact(0.6 * drawn["roughness"])
        # 128 where the ink ends: a third of the contrast, more or less by the noise; then a steep edge
        far = cv.addWeighted(blurred, exact(255 / contrast), noise, rough, 128 - 85 - 128 * rough)
        where = cv.LUT(far, ramp(128, 40))
        put_back(frame, darkened(image, moved_edges(image, 1.5 * spread, cv.erode), where), turned, clean=True)


class Dropout(InkOp):
    """Patches where ink is missing: dry ribbon, rough paper, a worn plate."""

    op: Literal["dropout"] = "dropout"
    share: Annotated[Span, shares(0, 0.6), Field(description="Share of the area that lost its ink.")] = (0.01, 0.08)
    size: Annotated[Span, ems(0.02, 1), Field(description="Size of a patch.")] = (0.04, 0.15)
    depth: Annotated[Span, shares(0, 1), Field(description="How much of the ink is gone there.")] = (0.6, 1.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "share": chance.within(self.share, 0),
            "size": chance.within(self.size),
            "depth": chance.within(self.depth, 0),
            "seed": chance.seed(),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        noise = smooth_tile(frame.height, frame.width, drawn["seed"], drawn["size"] * frame.em)
        where = highest(noise, drawn["share"])
        put_back(frame, lightened(image, ground_of(image, frame.em), where, drawn["depth"]), turned, clean=True)


class BrokenStrokes(InkOp):
    """Thin cuts through strokes: hairlines that did not print, scratches in a plate or film."""

    op: Literal["broken_strokes"] = "broken_strokes"
    cuts: Annotated[Span, numbers(0, 20), Field(description="Cuts in each em square.")] = (0.5, 2.5)
    width: Annotated[Span, ems(0.002, 0.08), Field(description="Width of a cut.")] = (0.01, 0.03)
    length: Annotated[Span, ems(0.05, 3), Field(description="Length of a cut; each has half to all of it.")] = (
        0.2,
        0.8,
    )
    depth: Annotated[Span, shares(0, 1), Field(description="How much of the ink is gone there.")] = (0.7, 1.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "cuts": chance.within(self.cuts, 0),
            "width": chance.within(self.width),
            "length": chance.within(self.length),
            "depth": chance.within(self.depth, 0),
            "seed": chance.seed(),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        lines = _cuts(frame, drawn["seed"], drawn["cuts"], drawn["length"])
        if not len(lines):
            return
        where = stroked(image.shape[:2], lines, drawn["width"] * frame.em)
        put_back(frame, lightened(image, ground_of(image, frame.em), where, drawn["depth"]), turned, clean=True)


class Ghost(InkOp):
    """A second, fainter print beside the first: double strike of a typewriter, slipped paper."""

    op: Literal["ghost"] = "ghost"
    shift: Annotated[Span, ems(0, 0.3), Field(description="How far the second print is off.")] = (0.02, 0.07)
    opacity: Annotated[Span, shares(0, 1), Field(description="Ink of the second print.")] = (0.15, 0.45)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. Recorded as dx and dy, in em."""
        shift, angle = chance.within(self.shift, 0), 2 * np.pi * chance.unit()
        dx, dy = round(shift * float(np.cos(angle)), 6), round(shift * float(np.sin(angle)), 6)
        return {"dx": dx, "dy": dy, "opacity": chance.within(self.opacity, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        ink = cv.subtract(ground_of(image, frame.em), image)
        move = np.array([[1, 0, drawn["dx"] * frame.em], [0, 1, drawn["dy"] * frame.em]])
        second = cv.warpAffine(ink, move, (frame.width, frame.height))
        # ink on ink is no darker than ink: only what the first print left bare takes the second
        bare = cv.subtract(cv.convertScaleAbs(second, alpha=drawn["opacity"]), ink)
        put_back(frame, cv.subtract(image, bare), turned, clean=True)


def _cuts(frame: Frame, seed: int, density: float, length: float) -> NDArray[np.float64]:
    """Straight lines (n, 2, 2), anywhere and in any direction."""
    count = round(density * frame.width * frame.height / frame.em**2)
    x, y, angle, part = stream(seed, "cuts").random((count, 4)).T
    half = (0.25 + 0.25 * part) * length * frame.em
    dx, dy = half * np.cos(np.pi * angle), half * np.sin(np.pi * angle)
    x, y = x * frame.width, y * frame.height
    return np.stack([x - dx, y - dy, x + dx, y + dy], axis=-1).reshape(-1, 2, 2)


OPS: tuple[type[Op], ...] = (Erode, Dilate, Binarise, InkBleed, Dropout, BrokenStrokes, Ghost)
