"""Ops that move ink: turned, slanted, seen from the side, bent, cropped with more or less room around it.

They only collect what is to be done, so several of them cost one pass over the pixels. Ink is never cut off: where it
no longer fits across the line it is made smaller.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi, sqrt, tan
from typing import Annotated, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Op, Span, ems, numbers
from ocrfactory.augment.op import degrees as angles
from ocrfactory.augment.warp import Bow, Displacement, Projection, about, turned
from ocrfactory.rng import stream

cv: Any = cv2

STEEPEST = 0.5
"""Slope of a bent baseline: 27 degrees."""
SUPPLEST = 0.12
"""Amplitude of an elastic field as a share of the distance of its nodes: with more, its inverse may not be found."""
FARTHEST = 0.3
"""Shift of a corner as a share of the picture's shorter side: with more, the sides could cross."""
NODE = 8
"""Pixels between the points at which an elastic field is tabulated."""


class Rotate(Op):
    """A page that lies askew on the scanner, a sign photographed with a tilted camera."""

    op: Literal["rotate"] = "rotate"
    degrees: Annotated[Span, angles(-180, 180)] = Field((-2.0, 2.0), description="Angle, counter-clockwise as seen.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op`."""
        return {"degrees": chance.within(self.degrees, 0.0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op`."""
        frame.bend(Projection(turned(drawn["degrees"], frame.width / 2, frame.height / 2)))


class Shear(Op):
    """Slanted letters, as italics have them; or one end of the line lifted while the letters stay upright."""

    op: Literal["shear"] = "shear"
    degrees: Annotated[Span, angles(-45, 45)] = Field(
        (-8.0, 8.0), description="Angle; positive leans to the right (x), or lifts the right end (y)."
    )
    axis: Literal["x", "y"] | None = Field(
        None, description="Direction in which pixels move; null: along the line, x for horizontal text, y for vertical."
    )

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op`."""
        axis = self.axis or ("y" if frame.fixed == "width" else "x")
        return {"degrees": chance.within(self.degrees, 0.0), "axis": axis}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op`."""
        slope = -tan(drawn["degrees"] * pi / 180)
        linear = ((1.0, slope), (0.0, 1.0)) if drawn["axis"] == "x" else ((1.0, 0.0), (slope, 1.0))
        frame.bend(Projection(about(linear, frame.width / 2, frame.height / 2)))


class Affine(Op):
    """Scale, proportions, slant, turn and shift in one: another cut of the face, another scanner feed."""

    op: Literal["affine"] = "affine"
    scale: Annotated[Span, numbers(0.3, 2)] = Field(
        (0.9, 1.0), description="Factor on lengths; across the line no more than fits."
    )
    aspect: Annotated[Span, numbers(0.3, 3)] = Field(
        (0.95, 1.05), description="Factor on width over height; the area stays."
    )
    rotate: Annotated[Span, angles(-180, 180)] = Field((-1.0, 1.0), description="Angle, counter-clockwise as seen.")
    shear: Annotated[Span, angles(-45, 45)] = Field((-3.0, 3.0), description="Slant; positive leans to the right.")
    translate: Annotated[Span, ems(-1, 1)] = Field(
        (-0.03, 0.03), description="Shift in x and in y; what lies along a line is shifted by crop_jitter instead."
    )

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op`."""
        return {
            "scale": chance.within(self.scale, 1.0),
            "aspect": chance.within(self.aspect, 1.0),
            "rotate": chance.within(self.rotate, 0.0),
            "shear": chance.within(self.shear, 0.0),
            "x": chance.within(self.translate, 0.0),
            "y": chance.within(self.translate, 0.0),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op`."""
        x, y = frame.width / 2, frame.height / 2
        wide, slope = sqrt(drawn["aspect"]), -tan(drawn["shear"] * pi / 180)
        scale = drawn["scale"]
        matrix = turned(drawn["rotate"], x, y) @ about([[scale * wide, slope * scale], [0, scale / wide]], x, y)
        matrix[:2, 2] += drawn["x"] * frame.em, drawn["y"] * frame.em
        frame.bend(Projection(matrix))


class Perspective(Op):
    """A page or a sign photographed from the side: parallel edges run together."""

    op: Literal["perspective"] = "perspective"
    shift: Annotated[Span, ems(0, 1)] = Field(
        (0.0, 0.08), description="How far corners move at most, in x and in y, each by a chance of its own."
    )

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op`."""
        most = min(chance.within(self.shift, 0.0), FARTHEST * min(frame.width, frame.height) / frame.em)
        return {"corners": [round((2 * chance.unit() - 1) * most, 6) for _ in range(8)]}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op`. Corners: x, y from the upper left one, clockwise."""
        width, height = frame.width, frame.height
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        shifts = np.array(drawn["corners"], np.float32).reshape(4, 2) * np.float32(frame.em)
        frame.bend(Projection(cv.getPerspectiveTransform(corners, corners + shifts)))


class Elastic(Op):
    """Ink on paper that swelled and shrank, an unsteady hand: every stroke is bent a little."""

    op: Literal["elastic"] = "elastic"
    amplitude: Annotated[Span, ems(0, 0.5)] = Field((0.01, 0.03), description="How far points move at most.")
    smoothness: Annotated[Span, ems(0.1, 10)] = Field(
        (0.4, 0.8), description="Distance over which the movement changes; the amplitude is kept below an eighth of it."
    )

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op`."""
        smoothness = chance.within(self.smoothness)
        # a picture smaller than that has a node in each corner all the same
        apart = min(smoothness, frame.width / frame.em, frame.height / frame.em)
        amplitude = min(chance.within(self.amplitude, 0.0), round(SUPPLEST * apart, 6))
        return {"amplitude": amplitude, "smoothness": smoothness, "seed": chance.seed()}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op`."""
        pitch = max(drawn["smoothness"] * frame.em, 2.0)
        columns, rows = max(2, round(frame.width / pitch) + 1), max(2, round(frame.height / pitch) + 1)
        noise = stream(drawn["seed"], "elastic").random((rows, columns, 2), np.float32) * 2 - 1
        field = _smooth(noise * np.float32(drawn["amplitude"] * frame.em), frame.width, frame.height)
        frame.bend(Displacement(field, frame.width, frame.height))


class Curve(Op):
    """A line near the spine of an open book, on a bottle, on a cloth that hangs in folds."""

    op: Literal["curve"] = "curve"
    shape: tuple[Literal["arc", "wave"], ...] = Field(
        ("arc", "wave"), min_length=1, description="Of which one is chosen: one bow over the line, or a wave."
    )
    amplitude: Annotated[Span, ems(-2, 2)] = Field(
        (-0.15, 0.15), description="Height of the bow, positive is up (vertical text: to the left); of half the wave."
    )
    period: Annotated[Span, ems(1, 100)] = Field((4.0, 16.0), description="Length of a wave.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op`."""
        shape = chance.one_of(self.shape)
        amplitude = chance.within(self.amplitude, 0.0)
        if shape == "arc":
            length = (frame.height if frame.fixed == "width" else frame.width) / frame.em
            return {"shape": shape, "amplitude": _at_most(amplitude, STEEPEST * length / 4)}
        period = chance.within(self.period)
        amplitude = _at_most(amplitude, STEEPEST * period / (2 * pi))
        return {"shape": shape, "amplitude": amplitude, "period": period, "phase": round(chance.unit(), 6)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op`. The phase is a share of the period."""
        vertical = frame.fixed == "width"
        length = frame.height if vertical else frame.width
        amplitude = np.float32(-drawn["amplitude"] * frame.em)
        if drawn["shape"] == "arc":
            half = np.float32(length / 2)
            frame.bend(Bow(lambda at: amplitude * (1 - ((at - half) / half) ** 2), vertical))
        else:
            turn, start = np.float32(2 * pi / (drawn["period"] * frame.em)), np.float32(2 * pi * drawn["phase"])
            frame.bend(Bow(lambda at: amplitude * np.sin(at * turn + start), vertical))


class CropJitter(Op):
    """A text box that a detector or a person drew too wide or too tight: more or less room at each side."""

    op: Literal["crop_jitter"] = "crop_jitter"
    along: Annotated[Span, ems(-2, 2)] = Field(
        (-0.1, 0.3), description="Room added in front of and behind the text; negative cuts, but never ink."
    )
    across: Annotated[Span, ems(-1, 1)] = Field(
        (-0.05, 0.1), description="Room added above and below; the text becomes smaller or larger by as much."
    )

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op`."""
        along, across = self.along, self.across
        spans = (across, along, across, along) if frame.fixed == "width" else (along, across, along, across)
        sides = ("left", "top", "right", "bottom")
        return {side: chance.within(span, 0.0) for side, span in zip(sides, spans, strict=True)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op`."""
        left, top, right, bottom = (drawn[side] * frame.em for side in ("left", "top", "right", "bottom"))
        frame.widen(left, top, right, bottom)


def _at_most(value: float, most: float) -> float:
    return round(max(min(value, most), -most), 6)


def _smooth(coarse: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """A field between the nodes of a coarse one: cosines, so no more than the nodes hold, and no kinks."""
    rows, columns = max(2, -(-height // NODE) + 1), max(2, -(-width // NODE) + 1)
    maps = np.empty((rows, columns, 2), np.float32)
    maps[:, :, 0] = _eased(columns, coarse.shape[1])
    maps[:, :, 1] = _eased(rows, coarse.shape[0])[:, None]
    return cv.remap(coarse, maps, None, cv.INTER_LINEAR, borderMode=cv.BORDER_REPLICATE)  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _eased(count: int, nodes: int) -> NDArray[np.float32]:
    """Places among the nodes at which linear interpolation gives cosines."""
    at = np.arange(count, dtype=np.float32) * np.float32((nodes - 1) / (count - 1))
    whole = np.minimum(np.floor(at), nodes - 2)
    return whole + (1 - np.cos((at - whole) * np.float32(pi))) / 2  # type: ignore[no-any-return]


OPS: tuple[type[Op], ...] = (Rotate, Shear, Affine, Perspective, Elastic, Curve, CropJitter)
