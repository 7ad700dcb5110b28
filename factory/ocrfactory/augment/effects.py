"""What lies around ink and under it: outline, shadow, block letters, relief; and ink that is only an outline.

Lengths are in em. No effect reaches beyond the picture: each takes what room is left between ink and border.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ocrfactory.augment.banks import gaussian_tile, smooth_tile
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Span, degrees, ems, shares
from ocrfactory.augment.tones import Tone
from ocrfactory.sample import Image

cv: Any = cv2


class _Effect(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stroke(_Effect):
    """A line of another tone around the ink: subtitles, comics, signs."""

    p: float = Field(0.04, ge=0, le=1, description="Probability.")
    width: Annotated[Span, ems(0, 0.3)] = Field((0.015, 0.05), description="How far it reaches beyond the ink.")

    def draw(self, chance: Chance) -> dict[str, Any]:
        """Width, em."""
        return {"width": chance.within(self.width, 0.0)}


class Shadow(_Effect):
    """A dark copy, moved and blurred, under the ink: posters, captions."""

    p: float = Field(0.08, ge=0, le=1, description="Probability.")
    offset: Annotated[Span, ems(0, 0.5)] = Field((0.02, 0.09), description="How far the copy is moved.")
    angle: Annotated[Span, degrees(-360, 360)] = Field(
        (-75.0, -15.0), description="Where to; -45 is to the lower right."
    )
    blur: Annotated[Span, ems(0, 0.3)] = Field((0.0, 0.06), description="Radius of the blur.")
    opacity: Annotated[Span, shares(0, 1)] = Field((0.2, 0.6), description="Less where contrast needs it.")

    def draw(self, chance: Chance) -> dict[str, Any]:
        """Offset as x, y and blur in em; opacity."""
        moved = _moved(chance, self.offset, self.angle)
        return {**moved, "blur": chance.within(self.blur, 0.0), "opacity": chance.within(self.opacity, 0.0)}


class Extrude(_Effect):
    """Letters as blocks that reach back into the picture: shop signs, titles."""

    p: float = Field(0.03, ge=0, le=1, description="Probability.")
    depth: Annotated[Span, ems(0, 0.5)] = Field((0.03, 0.12), description="How far the block reaches.")
    angle: Annotated[Span, degrees(-360, 360)] = Field((-150.0, -30.0), description="Where to; -90 is down.")

    def draw(self, chance: Chance) -> dict[str, Any]:
        """Depth as x, y in em."""
        return _moved(chance, self.depth, self.angle)


class Emboss(_Effect):
    """A light edge on one side and a dark one on the other: stamped card, letterpress, engraved plates."""

    p: float = Field(0.03, ge=0, le=1, description="Probability.")
    depth: Annotated[Span, ems(0, 0.2)] = Field((0.015, 0.04), description="Width of the edges.")
    angle: Annotated[Span, degrees(-360, 360)] = Field((-75.0, -15.0), description="Where the light edge lies.")
    opacity: Annotated[Span, shares(0, 1)] = Field((0.3, 0.8), description="Of the edges.")

    def draw(self, chance: Chance) -> dict[str, Any]:
        """Depth as x, y in em; opacity of both edges."""
        opacity = chance.within(self.opacity, 0.0)
        return {**_moved(chance, self.depth, self.angle), "light": opacity, "dark": opacity}


class Hollow(_Effect):
    """Only the outline is inked: display type. Small or dense characters suffer, so it is rare."""

    p: float = Field(0.01, ge=0, le=1, description="Probability.")
    width: Annotated[Span, ems(0.005, 0.1)] = Field((0.02, 0.04), description="Of the outline; at least 1.5 pixels.")

    def draw(self, chance: Chance) -> dict[str, Any]:
        """Width, em."""
        return {"width": chance.within(self.width)}


class Uneven(_Effect):
    """Ink that covers unevenly: a dry stamp, a worn ribbon, old print."""

    p: float = Field(0.15, ge=0, le=1, description="Probability.")
    amount: Annotated[Span, shares(0, 0.7)] = Field((0.08, 0.4), description="Opacity lost where most is lost.")
    grain: Annotated[Span, ems(0, 5)] = Field((0.0, 0.5), description="Size of the spots; below 0.05 plain noise.")

    def draw(self, chance: Chance) -> dict[str, Any]:
        """Amount, grain in em, seed."""
        return {"amount": chance.within(self.amount, 0.0), "grain": chance.within(self.grain), "seed": chance.seed()}


def _moved(chance: Chance, length: Span, angle: Span) -> dict[str, Any]:
    far, turn = chance.within(length, 0.0), math.radians(chance.within(angle))
    return {"x": round(far * math.cos(turn), 5), "y": round(-far * math.sin(turn), 5)}


class Layer(NamedTuple):
    """Something painted under the ink."""

    name: str
    coverage: Image
    tone: Tone
    opacity: float


class Room:
    """Whole pixels between ink and border that effects may still use: left, top, right, bottom."""

    def __init__(self, frame: Frame) -> None:
        low, high = frame.points.min(axis=0).tolist(), frame.points.max(axis=0).tolist()
        free = (low[0], low[1], frame.width - high[0], frame.height - high[1])
        self.sides = [max(0, math.floor(side)) for side in free]

    def around(self, length: float) -> float:
        """As much of a length as there is room for on all sides; it is used up, in whole pixels."""
        length = min(length, float(min(self.sides)))
        self.sides = [side - math.ceil(length) for side in self.sides]
        return length

    def towards(self, dx: float, dy: float) -> tuple[int, int]:
        """As much of a way as there is room for, its direction kept; it is used up."""
        across, down = self.sides[2 if dx > 0 else 0], self.sides[3 if dy > 0 else 1]
        share = min(1.0, across / max(abs(dx), 1e-6), down / max(abs(dy), 1e-6))
        x, y = round(dx * share), round(dy * share)
        self.sides[2 if dx > 0 else 0] -= abs(x)
        self.sides[3 if dy > 0 else 1] -= abs(y)
        return x, y


def arranged(coverage: Image, drawn: dict[str, Any], em: float, room: Room) -> tuple[list[Layer], Image]:
    """The layers under the ink, lowest first, and the coverage of the ink itself."""
    layers: list[Layer] = []
    ink = coverage
    if "hollow" in drawn:
        ink, coverage = _outlined(coverage, drawn["hollow"], em, room)
    if "stroke" in drawn:
        coverage = grown(coverage, room.around(drawn["stroke"]["width"] * em))
        layers.append(Layer("stroke", coverage, drawn["stroke"]["tone"], 1.0))
    if "extrude" in drawn:
        way = drawn["extrude"]
        coverage = swept(coverage, *room.towards(way["x"] * em, way["y"] * em))
        layers.append(Layer("extrude", coverage, way["tone"], 1.0))
    if "emboss" in drawn:
        layers += _edges(coverage, drawn["emboss"], em, room)
    if "shadow" in drawn:
        layers.append(_shadow(coverage, drawn["shadow"], em, room))
    return layers[::-1], ink


def _outlined(coverage: Image, drawn: dict[str, Any], em: float, room: Room) -> tuple[Image, Image]:
    width = room.around(max(drawn["width"] * em, 1.5))
    if width < 1:
        return coverage, coverage
    whole = grown(coverage, width)
    return cv.subtract(whole, coverage), whole


def _edges(coverage: Image, drawn: dict[str, Any], em: float, room: Room) -> list[Layer]:
    length = max(1.0, math.hypot(drawn["x"], drawn["y"]) * em)
    unit = length / max(math.hypot(drawn["x"], drawn["y"]), 1e-6)
    x, y = drawn["x"] * unit, drawn["y"] * unit
    light, dark = shifted(coverage, *room.towards(x, y)), shifted(coverage, *room.towards(-x, -y))
    return [Layer("light", light, 255, drawn["light"]), Layer("dark", dark, 0, drawn["dark"])]


def _shadow(coverage: Image, drawn: dict[str, Any], em: float, room: Room) -> Layer:
    dx, dy = room.towards(drawn["x"] * em, drawn["y"] * em)
    radius = int(room.around(drawn["blur"] * em * 2)) // 2
    copy = shifted(coverage, dx, dy)
    if radius:
        side = 2 * radius + 1, 2 * radius + 1
        copy = cv.blur(cv.blur(copy, side), side)  # twice a box is a tent, which looks like a Gaussian at a third
    return Layer("shadow", copy, 0, drawn["opacity"])


def grown(coverage: Image, radius: float) -> Image:
    """Ink made bolder by a radius in pixels, between whole ones by mixing."""
    whole, part = int(radius), radius - int(radius)
    small = cv.dilate(coverage, _disc(whole)) if whole else coverage
    if part < 0.05:
        return small
    return cv.addWeighted(small, 1 - part, cv.dilate(coverage, _disc(whole + 1)), part, 0)  # type: ignore[no-any-return]


def swept(coverage: Image, dx: int, dy: int) -> Image:
    """Ink drawn along a way."""
    return cv.dilate(coverage, _line(dx, dy)) if dx or dy else coverage


def shifted(coverage: Image, dx: int, dy: int) -> Image:
    """Ink moved by whole pixels."""
    height, width = coverage.shape
    if not (dx or dy):
        return coverage
    out = np.zeros_like(coverage)
    out[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = coverage[
        max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
    ]
    return out


def worn(coverage: Image, drawn: dict[str, Any], em: float) -> Image:
    """Ink that lost up to `amount` of its opacity, here more and there less."""
    height, width = coverage.shape
    grain = drawn["grain"] * em
    rough = drawn["grain"] < 0.05
    tile = gaussian_tile(height, width, drawn["seed"]) if rough else smooth_tile(height, width, drawn["seed"], grain)
    kept = cv.bitwise_not(cv.convertScaleAbs(tile, alpha=drawn["amount"]))
    return cv.multiply(coverage, kept, scale=1 / 255)  # type: ignore[no-any-return]


@lru_cache(64)
def _disc(radius: int) -> NDArray[np.uint8]:
    side = np.arange(-radius, radius + 1)
    return (side[:, None] ** 2 + side**2 <= radius * (radius + 0.7)).astype(np.uint8)


@lru_cache(256)
def _line(dx: int, dy: int) -> NDArray[np.uint8]:
    """The kernel whose dilation drags ink from where it is to `dx`, `dy`: a line from the centre the other way."""
    half = max(abs(dx), abs(dy))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.uint8)
    steps = np.linspace(0, 1, half + 1)
    kernel[half - np.int64(np.rint(steps * dy)), half - np.int64(np.rint(steps * dx))] = 1
    return kernel
