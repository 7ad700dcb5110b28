"""What light and exposure do to grey levels: brightness, contrast, gamma, shade, the stripes of a screen.

Where each level changes on its own, the level of the ground changes with it, so that geometry after it still fills in
what fits.
"""

from __future__ import annotations

from math import cos, pi, radians, sin
from typing import Annotated, Any, Literal

import cv2
import numpy as np
from pydantic import Field

from ocrfactory.augment.banks import added
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Op, Span, degrees, ems, levels, numbers, shares

cv: Any = cv2

_LEVELS = np.arange(256, dtype=np.float64)
_UNIT = 2**11
_NODE = 8
"""Pixels between the nodes at which a field of light is computed; between them it is linear."""


class Brightness(Op):
    """A longer or shorter exposure: every level is shifted."""

    op: Literal["brightness"] = "brightness"
    shift: Annotated[Span, levels(-200, 200), Field(description="Grey levels that are added.")] = (-30.0, 30.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"shift": chance.within(self.shift, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        _by_level(frame, _LEVELS + drawn["shift"])


class Contrast(Op):
    """Flat or hard light: levels move towards the middle grey, 128, or away from it."""

    op: Literal["contrast"] = "contrast"
    factor: Annotated[Span, numbers(0.1, 4), Field(description="Distance from 128 is multiplied by it.")] = (0.7, 1.2)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"factor": chance.within(self.factor, 1)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        _by_level(frame, (_LEVELS - 128) * drawn["factor"] + 128)


class Gamma(Op):
    """Another tone curve: mid greys get darker (above 1) or lighter (below 1), black and white stay."""

    op: Literal["gamma"] = "gamma"
    gamma: Annotated[Span, numbers(0.2, 5), Field(description="Exponent of the level as a share of 255.")] = (0.7, 1.4)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"gamma": chance.within(self.gamma, 1)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        _by_level(frame, 255 * (_LEVELS / 255) ** drawn["gamma"])


class Invert(Op):
    """White on black. Nothing between: strength does not weaken it, `p` says how often."""

    op: Literal["invert"] = "invert"
    p: float = Field(0.5, ge=0, le=1, description="Probability that the op is applied.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        _by_level(frame, 255 - _LEVELS)


class ColourShift(Op):
    """Another white balance: red, green and blue are dimmed each on its own. A grey picture stays as it is."""

    op: Literal["colour_shift"] = "colour_shift"
    amount: Annotated[Span, levels(0, 150), Field(description="Most that white loses in a channel, in levels.")] = (
        0.0,
        30.0,
    )

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        amount = chance.within(self.amount, 0)
        return {"loss": [round(amount * chance.unit(), 3) for _ in range(3)]}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image = frame.pixels()
        if image.ndim == 3:
            channels = cv.split(image)
            gains = [(255 - loss) / 255 for loss in drawn["loss"]]
            _put(frame, cv.merge([cv.convertScaleAbs(c, alpha=gain) for c, gain in zip(channels, gains, strict=True)]))


class Vignette(Op):
    """A lens loses light towards the corners: in rings, so a line gets darker towards its ends."""

    op: Literal["vignette"] = "vignette"
    amount: Annotated[Span, shares(0, 0.9), Field(description="Share of the light that the corners lose.")] = (
        0.05,
        0.4,
    )
    centre: Annotated[Span, shares(0, 1), Field(description="Brightest point, as a share of both sides.")] = (
        0.35,
        0.65,
    )

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "amount": chance.within(self.amount, 0),
            "x": chance.within(self.centre),
            "y": chance.within(self.centre),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        x, y = _nodes(frame)
        side = max(frame.width, frame.height)
        squares = _far(x, drawn["x"] * frame.width, side) + _far(y, drawn["y"] * frame.height, side)
        _shade(frame, squares * (drawn["amount"] / squares.max()))


class UnevenLight(Op):
    """A lamp at one side and the shadow of a hand: shade that grows along a direction, and a soft spot of it."""

    op: Literal["uneven_light"] = "uneven_light"
    amount: Annotated[Span, levels(0, 200), Field(description="Levels that white paper loses where it is darkest.")] = (
        10.0,
        60.0,
    )
    spot: Annotated[Span, shares(0, 1), Field(description="Share of the spot; the rest is the ramp.")] = (0.0, 0.7)
    radius: Annotated[Span, ems(0.3, 20), Field(description="Radius of the spot, in em.")] = (1.0, 5.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "amount": chance.within(self.amount, 0),
            "angle": chance.within((-180, 180)),
            "spot": chance.within(self.spot),
            "radius": chance.within(self.radius),
            "x": chance.within((0, 1)),
            "y": chance.within((0, 1)),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        x, y = _nodes(frame)
        ramp = x * cos(radians(drawn["angle"])) - y * sin(radians(drawn["angle"]))
        ramp = (ramp - ramp.min()) / np.ptp(ramp)
        radius = drawn["radius"] * frame.em
        spot = np.exp(-_far(x, drawn["x"] * frame.width, radius) - _far(y, drawn["y"] * frame.height, radius))
        _shade(frame, (ramp + (spot - ramp) * drawn["spot"]) * (drawn["amount"] / 255))


class Moire(Op):
    """A photographed screen: two fine gratings, of its pixels and the camera's, and the broad stripes of their beat."""

    op: Literal["moire"] = "moire"
    amount: Annotated[Span, levels(0, 120), Field(description="Levels from the darkest to the lightest stripe.")] = (
        6.0,
        30.0,
    )
    period: Annotated[Span, ems(0.03, 2), Field(description="Period of the first grating, in em.")] = (0.06, 0.25)
    angle: Annotated[Span, degrees(-180, 180), Field(description="Direction across the stripes.")] = (-90.0, 90.0)
    ratio: Annotated[Span, numbers(0.5, 2), Field(description="Period of the second grating, times the first.")] = (
        0.85,
        1.15,
    )
    turn: Annotated[Span, degrees(-45, 45), Field(description="Angle between the gratings.")] = (-8.0, 8.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "amount": chance.within(self.amount, 0),
            "period": chance.within(self.period),
            "angle": chance.within(self.angle),
            "ratio": chance.within(self.ratio),
            "turn": chance.within(self.turn),
            "phases": [chance.within((0, 1)), chance.within((0, 1))],
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image = frame.pixels()
        period = max(drawn["period"] * frame.em, 2.0)  # no picture holds a finer one
        second = max(period * drawn["ratio"], 2.0)
        one = _grating(frame, period, drawn["angle"], drawn["phases"][0])
        two = _grating(frame, second, drawn["angle"] + drawn["turn"], drawn["phases"][1])
        stripes = np.hstack([one[0], two[0]]) @ np.vstack([one[1], two[1]])
        tile = cv.convertScaleAbs(stripes, alpha=32 / _UNIT**2, beta=128)  # a power of two: exact
        if image.ndim == 3:
            tile = cv.cvtColor(tile, cv.COLOR_GRAY2RGB)
        _put(frame, added(image, tile, 128, drawn["amount"] / 128), frame.ground)


def _by_level(frame: Frame, curve: Any) -> None:
    """Replace each level by another one: in the picture, and that of the ground."""
    table = np.rint(curve).clip(0, 255).astype(np.uint8)
    image = frame.pixels()
    _put(frame, cv.LUT(image, table), None if frame.ground is None else int(table[frame.ground]))


def _put(frame: Frame, image: Any, ground: int | None = None) -> None:
    frame.put(image)
    frame.ground = ground


def _nodes(frame: Frame) -> tuple[Any, Any]:
    """Where `cv.resize` takes nodes to lie, x (1, columns) and y (rows, 1), in pixels: the middles of even cells."""
    frame.flush()
    columns, rows = frame.width // _NODE + 2, frame.height // _NODE + 2
    x, y = (np.arange(columns) + 0.5) * (frame.width / columns), (np.arange(rows) + 0.5) * (frame.height / rows)
    return x[None, :], y[:, None]


def _far(at: Any, centre: float, unit: float) -> Any:
    """Squared distance along one side, in units."""
    return ((at - centre) / unit) ** 2


def _shade(frame: Frame, loss: Any) -> None:
    """Take a share of the light away, given at nodes: black stays black. Such a ground has no single level."""
    image = frame.pixels()
    coarse = np.rint(255 * (1 - loss)).clip(0, 255).astype(np.uint8)
    gain = cv.resize(coarse, (frame.width, frame.height), interpolation=cv.INTER_LINEAR)
    if image.ndim == 3:
        gain = cv.cvtColor(gain, cv.COLOR_GRAY2RGB)
    _put(frame, cv.multiply(image, gain, scale=1 / 255))


def _grating(frame: Frame, period: float, angle: float, phase: float) -> tuple[Any, Any]:
    """cos(kx + ly + phase) as the product of (height, 2) and (2, width), in units of 1 / `_UNIT`^2.

    Whole numbers, so that float32 holds the sum of all products exactly and no processor rounds it otherwise.
    """
    wave = 2 * pi / period
    x = np.arange(frame.width) * (wave * cos(radians(angle)))
    y = np.arange(frame.height) * (-wave * sin(radians(angle))) + 2 * pi * phase
    return _whole(np.cos(y), -np.sin(y)).T, _whole(np.cos(x), np.sin(x))


def _whole(*rows: Any) -> Any:
    return np.rint(np.stack(rows) * _UNIT).astype(np.float32)


OPS: tuple[type[Op], ...] = (Brightness, Contrast, Gamma, Invert, ColourShift, Vignette, UnevenLight, Moire)
