"""What lies on the paper or shows through it: the back side, stains, folds, ruled lines, seals, dust.

All is done on dark ink and a light ground (see `ink.dark_ink`) and multiplies with what is there, so text stays above
or shines through. Grey pictures stay grey, but for a coloured seal.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, cos, floor, radians, sin
from typing import Annotated, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ocrfactory.augment.banks import added, smooth_tile
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Op, Span, degrees, ems, levels, shares
from ocrfactory.augment.seal import seal_of
from ocrfactory.augment.strokes import LEVELS, as_table, dark_ink, ground_of, highest, put_back, quantile
from ocrfactory.augment.tones import coloured
from ocrfactory.sample import Image

cv: Any = cv2

INKS = (0.0, 0.02, 0.62, 0.75)
"""Hues of seals: red twice, blue, violet."""
PAPER_BROWN = (0.6, 0.8, 1.0)
"""How much of its red, green and blue a stain takes from paper."""
_MIDDLE = 128
_FINE = 4
"""Steps a pixel at which a profile is computed."""


class BleedThrough(Op):
    """Print of the back side shines through thin paper, mirrored and blurred."""

    op: Literal["bleed_through"] = "bleed_through"
    opacity: Annotated[Span, shares(0, 0.6), Field(description="Ink of the back that comes through.")] = (
        0.05,
        0.2,
    )
    blur: Annotated[Span, ems(0, 0.2), Field(description="Sigma of the blur that the paper makes.")] = (0.01, 0.05)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. The back side is the picture itself, moved by shares of its width and height, and wrapped."""
        return {
            "opacity": chance.within(self.opacity, 0),
            "blur": chance.within(self.blur),
            "x": chance.within((0, 1)),
            "y": chance.within((0, 1)),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        ink = cv.flip(cv.subtract(ground_of(image, frame.em), image), 1)
        ink = np.roll(ink, (int(drawn["y"] * frame.height), int(drawn["x"] * frame.width)), (0, 1))
        sigma = drawn["blur"] * frame.em
        if sigma > 0.3:
            ink = cv.GaussianBlur(ink, (0, 0), sigma)
        put_back(frame, shaded(image, ink, drawn["opacity"]), turned)


class Stain(Op):
    """Water, tea and foxing: soft patches, darker at their rim, and at times the ring of a cup."""

    op: Literal["stain"] = "stain"
    share: Annotated[Span, shares(0, 1), Field(description="Share of the picture that is stained.")] = (0.1, 0.5)
    size: Annotated[Span, ems(0.1, 20), Field(description="Size of a patch.")] = (0.5, 3.0)
    depth: Annotated[Span, shares(0, 0.8), Field(description="Share of the light that a rim takes.")] = (0.06, 0.25)
    ring: float = Field(0.2, ge=0, le=1, description="How often there is a cup ring as well.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. The ring is its centre in shares of width and height, and its radius in em."""
        drawn = {
            "share": chance.within(self.share),
            "size": chance.within(self.size),
            "depth": chance.within(self.depth, 0),
            "seed": chance.seed(),
        }
        if not chance.happens(self.ring):
            return drawn
        ring = [chance.within((0, 1)), chance.within((-0.5, 1.5)), chance.within((0.8, 2.5))]
        return drawn | {"ring": ring}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        shape, em = image.shape[:2], frame.em
        coarse = smooth_tile(frame.height, frame.width, drawn["seed"], drawn["size"] * em)
        fine = smooth_tile(frame.height, frame.width, drawn["seed"] + 1, 0.15 * em)
        rough = added(coarse, fine, _MIDDLE, 0.06)
        patches = cv.LUT(rough, _patch(quantile(rough, 1 - drawn["share"])))
        if "ring" in drawn:
            patches = cv.add(patches, _ring(shape, drawn["ring"], em, fine))
        depth = drawn["depth"]
        brown = image.ndim == 3 and not turned
        put_back(frame, shaded(image, patches, [depth * part for part in PAPER_BROWN] if brown else depth), turned)
        frame.ground = None


class Fold(Op):
    """A crease across the paper: light on one side, shade on the other, ink worn off along the ridge."""

    op: Literal["fold"] = "fold"
    depth: Annotated[Span, levels(0, 120), Field(description="Light and shade beside the crease.")] = (10.0, 40.0)
    reach: Annotated[Span, ems(0.02, 3), Field(description="How far light and shade reach.")] = (0.1, 0.6)
    angle: Annotated[Span, degrees(-90, 90), Field(description="Of the crease; 0 is upright.")] = (-20.0, 20.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. `x` is where the crease crosses the middle of the picture, a share of its width."""
        return {
            "depth": chance.within(self.depth, 0),
            "reach": chance.within(self.reach),
            "angle": chance.within(self.angle),
            "x": chance.within((0, 1)),
            "lit": chance.one_of(("left", "right")),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        reach, core = drawn["reach"] * frame.em, max(0.015 * frame.em, 0.7)
        side = 1 if drawn["lit"] == "right" else -1

        def profile(away: Any) -> Any:
            light = side * away
            slope = np.where(light > 0, 0.5, -1) * np.exp(-np.abs(away) / reach)
            ridge, gap = np.exp(-(((light - core) / core) ** 2)), np.exp(-(((light + core) / core) ** 2))
            return _MIDDLE + drawn["depth"] * (slope + ridge - 0.6 * gap)

        field = _across(frame, drawn["angle"], drawn["x"] * frame.width, frame.height / 2, profile)
        field = field if image.ndim == 2 else cv.merge([field] * 3)
        put_back(frame, cv.addWeighted(image, 1, field, 1, -_MIDDLE), turned)
        frame.ground = None


class RuledLines(Op):
    """Lines of a notebook or a form, under the text or through it; at times with columns."""

    op: Literal["ruled_lines"] = "ruled_lines"
    spacing: Annotated[Span, ems(0.3, 10), Field(description="From line to line.")] = (0.9, 1.8)
    width: Annotated[Span, ems(0.005, 0.2), Field(description="Width of a line.")] = (0.015, 0.04)
    depth: Annotated[Span, shares(0, 1), Field(description="Share of the light that a line takes.")] = (0.15, 0.6)
    angle: Annotated[Span, degrees(-10, 10), Field(description="Between the lines and the text.")] = (-0.7, 0.7)
    columns: float = Field(0.15, ge=0, le=1, description="How often lines cross the text too, as in a table.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. `phase` says where the first line lies, a share of what is less: spacing or picture."""
        return {
            "spacing": chance.within(self.spacing),
            "width": chance.within(self.width),
            "depth": chance.within(self.depth, 0),
            "angle": chance.within(self.angle),
            "phase": chance.within((0, 1)),
            "columns": chance.within((1.0, 4.0)) if chance.happens(self.columns) else None,
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`. Columns are recorded in units of the spacing."""
        image, turned = dark_ink(frame)
        spacing, width = drawn["spacing"] * frame.em, drawn["width"] * frame.em
        along = frame.fixed == "width"
        side = frame.width if along else frame.height
        first = drawn["phase"] * min(spacing, side)
        angle = drawn["angle"] if along else drawn["angle"] + 90
        lines = _rules(frame, angle, spacing, width, first)
        if drawn["columns"] is not None:
            wide = spacing * drawn["columns"]
            lines = cv.max(lines, _rules(frame, angle + 90, wide, width, drawn["phase"] * wide))
        put_back(frame, shaded(image, lines, drawn["depth"]), turned)
        frame.ground = None


class Stamp(Op):
    """A round or square seal, partly over the text, unevenly inked."""

    op: Literal["stamp"] = "stamp"
    radius: Annotated[Span, ems(0.2, 5), Field(description="Half its width.")] = (0.5, 1.3)
    opacity: Annotated[Span, shares(0, 1), Field(description="How much its ink covers.")] = (0.3, 0.7)
    level: Annotated[Span, levels(0, 200), Field(description="Brightness of its ink on white paper.")] = (60.0, 130.0)
    colour: float = Field(0.0, ge=0, le=1, description="How often it is red, blue or violet, and the picture RGB.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. `x` and `y` are shares of width and height, `hue` is None for grey ink."""
        return {
            "radius": chance.within(self.radius),
            "opacity": chance.within(self.opacity, 0),
            "level": chance.within(self.level),
            "shape": chance.one_of(("round", "square")),
            "x": chance.within((0, 1)),
            "y": chance.within((0, 1)),
            "angle": chance.within((-12, 12)),
            "hue": chance.one_of(INKS) if chance.happens(self.colour) else None,
            "seed": chance.seed(),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        radius = drawn["radius"] * frame.em
        left, top, seal = seal_of(frame, drawn, radius)
        height, width = seal.shape
        worn = smooth_tile(height, width, drawn["seed"], 0.15 * frame.em)
        seal = cv.multiply(seal, cv.LUT(worn, _WORN), scale=1 / 255)
        tone: Any = drawn["level"]
        if drawn["hue"] is not None:
            image = image if image.ndim == 3 else cv.cvtColor(image, cv.COLOR_GRAY2RGB)
            # what is turned back later gets the complement of its hue
            tone = coloured(tone, (drawn["hue"] + 0.5 * turned) % 1, 0.9)
        taken = drawn["opacity"] * (1 - np.asarray(tone) / 255)
        image = image.copy()
        part = image[top : top + height, left : left + width]
        part[:] = shaded(part, seal, taken.tolist())
        put_back(frame, image, turned)


class Dust(Op):
    """Specks of dirt on the paper or on the glass of a scanner."""

    op: Literal["dust"] = "dust"
    share: Annotated[Span, shares(0, 0.1), Field(description="Share of the picture under specks.")] = (
        0.001,
        0.006,
    )
    size: Annotated[Span, ems(0.01, 0.3), Field(description="Size of a speck.")] = (0.03, 0.08)
    depth: Annotated[Span, shares(0, 1), Field(description="Share of the light that they take.")] = (0.3, 0.9)

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
        # features of the noise are cut near their top, so they look a third as wide as its grain
        noise = smooth_tile(frame.height, frame.width, drawn["seed"], 3 * drawn["size"] * frame.em)
        put_back(frame, shaded(image, highest(noise, drawn["share"], 16), drawn["depth"]), turned)


def shaded(image: Image, where: Image, depth: float | list[float]) -> Image:
    """A picture that loses a share of its light where a mask says so; one depth, or one a channel."""
    if isinstance(depth, list):
        wide = cv.merge([cv.convertScaleAbs(where, alpha=part) for part in depth])
        return cv.subtract(image, cv.multiply(image, wide, scale=1 / 255))  # type: ignore[no-any-return]
    wide = where if image.ndim == where.ndim else cv.merge([where] * 3)
    return cv.subtract(image, cv.multiply(image, wide, scale=depth / 255))  # type: ignore[no-any-return]


def _across(frame: Frame, angle: float, x: float, y: float, profile: Callable[[Any], Any]) -> Image:
    """Levels by the distance from a straight line through x, y; angle 0 is upright, and to its right is above 0."""
    c, s = cos(radians(angle)), sin(radians(angle))
    away_x = (np.arange(frame.width) + 0.5 - x) * c
    away_y = (y - 0.5 - np.arange(frame.height)) * s
    low, high = floor(away_x.min() + away_y.min()) - 1, ceil(away_x.max() + away_y.max()) + 1
    levels_ = as_table(profile(np.arange(low * _FINE, high * _FINE + 1, dtype=np.float32) / _FINE))
    at_x, at_y = np.rint((away_x - low) * _FINE).astype(np.intp), np.rint(away_y * _FINE).astype(np.intp)
    return levels_.take(at_x + at_y[:, None])  # type: ignore[no-any-return]


def _rules(frame: Frame, angle: float, spacing: float, width: float, first: float) -> Image:
    """A mask of parallel lines, the first one at `first` pixels from the left or the top."""
    upright = abs(cos(radians(angle))) > 0.5
    x, y = (first, frame.height / 2) if upright else (frame.width / 2, first)

    def profile(away: Any) -> Any:
        away = np.abs(np.remainder(away + spacing / 2, spacing) - spacing / 2)
        # the part of each pixel that a line covers; thinner than a pixel is fainter
        return 255 * np.clip((width + 1) / 2 - away, 0, min(width, 1.0))

    return _across(frame, angle, x, y, profile)


def _patch(level: int) -> NDArray[np.uint8]:
    """From noise to a patch where it exceeds a level: nothing outside, darkest at the rim, half of that inside."""
    above = LEVELS - level
    return as_table(255 * (0.5 * np.clip(above / 16 + 1, 0, 1) + 0.5 * np.exp(-(((above - 2) / 9) ** 2))))


def _ring(shape: tuple[int, ...], ring: list[float], em: float, noise: Image) -> Image:
    """A mask of a cup ring, uneven by a noise."""
    mask = np.zeros(shape, np.uint8)
    centre = round(ring[0] * shape[1] * 16), round(ring[1] * shape[0] * 16)
    cv.circle(mask, centre, round(ring[2] * em * 16), 230, max(1, round(0.05 * em)), cv.LINE_AA, 4)
    mask = cv.GaussianBlur(mask, (0, 0), max(0.02 * em, 0.5))
    return cv.multiply(mask, noise, scale=1 / 160)  # type: ignore[no-any-return]


_WORN = as_table(255 * np.clip((LEVELS - 20) / 100, 0.3, 1))
"""From noise to how well a seal was inked."""

OPS: tuple[type[Op], ...] = (BleedThrough, Stain, Fold, RuledLines, Stamp, Dust)
