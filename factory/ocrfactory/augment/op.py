"""What an op is: parameters are drawn first, recorded, and then applied; the same parameters give the same picture.

A field of an op is a range, `[least, most]` or one number, from which each picture draws its own value. Lengths are in
glyph heights (em), so a recipe means the same at every size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ocrfactory.augment.frame import Frame
from ocrfactory.ranges import Span as Span
from ocrfactory.ranges import degrees as degrees
from ocrfactory.ranges import ems as ems
from ocrfactory.ranges import levels as levels
from ocrfactory.ranges import numbers as numbers
from ocrfactory.ranges import shares as shares
from ocrfactory.rng import block

Choice = TypeVar("Choice")


class Chance:
    """Where an op takes its chances from: a stream of numbers that a sample's seed and a stage decide.

    `strength` in 0..1 pulls every range towards what changes nothing.
    """

    def __init__(self, seed: int, stage: str, strength: float = 1.0) -> None:
        self.strength = strength
        self._key = seed, stage
        self._blocks = 0
        self._ready: list[float] = []

    def unit(self) -> float:
        """A number in [0, 1)."""
        if not self._ready:
            self._ready = block(*self._key, self._blocks)
            self._blocks += 1
        return self._ready.pop()

    def happens(self, p: float) -> bool:
        """True with probability `p`."""
        return p >= 1 or self.unit() < p

    def within(self, span: Span, neutral: float | None = None) -> float:
        """A number from a range, with six digits after the point, so that what is recorded is what is applied.

        Args:
            neutral: the value that changes nothing; with less than full strength the range moves towards it.
        """
        value = span[0] + (span[1] - span[0]) * self.unit()
        if neutral is not None and self.strength < 1:
            value = neutral + (value - neutral) * self.strength
        return round(value, 6)

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return int(self.unit() * count)

    def one_of(self, items: Sequence[Choice], weights: Sequence[float] | None = None) -> Choice:
        """One of some items."""
        if weights is None:
            return items[self.below(len(items))]
        at = self.unit() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            at -= weight
            if at < 0:
                return item
        return items[-1]

    def seed(self) -> int:
        """A seed for a field of noise: 0..2^31-1, what OpenCV and NumPy both take."""
        return int(self.unit() * 2**31)


class Op(BaseModel):
    """One way of changing a picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pollutes: ClassVar[bool] = False
    """Changes which pixels are ink: refused for real scans unless forced, for it ruins thin or worn strokes."""
    wants_clean: ClassVar[bool] = False
    """Takes only plain drawings, black on white, that nothing but geometry has touched."""

    op: str
    p: float = Field(1.0, ge=0, le=1, description="Probability that the op is applied.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """Choose parameters: JSON values that, with the op's name, say everything that `apply` needs.

        Lengths are recorded in em. May look at the frame's size, never at its pixels.
        """
        raise NotImplementedError

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """Change the frame by parameters that `draw` chose: a pure function of both."""
        raise NotImplementedError
