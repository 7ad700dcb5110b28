"""Tones: grey levels and RGB of a wanted luma; and the fields that say where they come from.

A tone is a grey level or three of them (red, green, blue), 0 to 255. Luma is that of Rec. ITU-R BT.601.
"""

from __future__ import annotations

import colorsys
import math
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ocrfactory.augment.op import Chance, Span, shares
from ocrfactory.ranges import levels as grey_levels

Tone = int | list[int]

MODES = ("normal", "multiply", "darken", "overlay", "hard_light", "soft_light")
MIRRORED = {"multiply": "screen", "darken": "lighten"}
"""What a blend mode is for light ink on dark ground; the others are their own mirror images."""


def luma(tone: Any) -> float:
    """The brightness of a tone, 0 to 255."""
    if isinstance(tone, (int, float)):
        return float(tone)
    return float(0.299 * tone[0] + 0.587 * tone[1] + 0.114 * tone[2])


def coloured(level: float, hue: float, saturation: float) -> list[int]:
    """The RGB of a luma; `hue` and `saturation` in 0..1, the latter of what this luma allows."""
    pure = [255 * channel for channel in colorsys.hsv_to_rgb(hue, 1.0, 1.0)]
    away = [channel - luma(pure) for channel in pure]
    room = min(((255 - level) if step > 0 else level) / max(abs(step), 1e-6) for step in away)
    scale = saturation * min(max(room, 0.0), 1.0)
    return [min(max(round(level + scale * step), 0), 255) for step in away]


def channels(tone: Tone) -> list[int]:
    """A tone as a list: one level, or three."""
    return tone if isinstance(tone, list) else [tone]


class Tones(BaseModel):
    """Where tones come from; a bare range is its `levels`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    levels: Annotated[Span, grey_levels(0, 255)] = Field(description="Grey level, or luma of a colour.")
    saturation: Annotated[Span, shares(0, 1)] = Field(
        (0.0, 1.0), description="For pictures in colour: 0 is grey, 1 the most that the luma allows."
    )


def as_tones(value: Any) -> Any:
    """A bare range as the fields of `Tones`."""
    return {"levels": value} if isinstance(value, (int, float, str, list, tuple)) else value


class Blend(BaseModel):
    """How ink meets ground. Modes are weights; for light ink multiply is screen and darken is lighten."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    normal: float = Field(5.0, ge=0, description="Weight of ink that covers.")
    multiply: float = Field(3.0, ge=0, description="Weight of ink that lets the ground through: print.")
    darken: float = Field(0.5, ge=0, description="Weight of whichever is darker, ink or ground.")
    overlay: float = Field(0.3, ge=0, description="Weight of more contrast in the ground; wants a ground in mid tones.")
    hard_light: float = Field(0.3, ge=0, description="Weight of multiply for dark ink and screen for light ink.")
    soft_light: float = Field(0.0, ge=0, description="Weight of the mildest; 64 levels of contrast at best.")
    opacity: Annotated[Span, shares(0.2, 1)] = Field((0.85, 1.0), description="Opacity of the ink.")

    @model_validator(mode="after")
    def _some(self) -> Blend:
        if sum(self.weights) <= 0:
            raise ValueError("every mode has the weight 0")
        return self

    @property
    def weights(self) -> list[float]:
        """In the order of `MODES`."""
        return [getattr(self, mode) for mode in MODES]


def drawn_tone(chance: Chance, level: int, saturation: Span, colour: bool) -> Tone:
    """A level as it is, or a colour of that luma."""
    return coloured(level, chance.unit(), chance.within(saturation, 0.0)) if colour else level


def apart(chance: Chance, level: int, need: float) -> int:
    """A level at least `need` away from another, on one side or the other; the far end if neither has one."""
    below, above = math.floor(level - need), math.ceil(level + need)
    sides = [side for side in ((0, below), (above, 255)) if side[0] <= side[1]]
    if not sides:
        return 255 if level < 128 else 0
    side = chance.one_of(sides, [end - start + 1 for start, end in sides])
    return side[0] + chance.below(side[1] - side[0] + 1)


def mirrored(span: Span) -> Span:
    """Levels seen from the other end."""
    return 255 - span[1], 255 - span[0]
