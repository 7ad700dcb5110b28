"""How long texts are, in grapheme clusters, and how texts of a wanted length are found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

Ints = NDArray[np.int64]
Propose = Callable[[Ints, bool], tuple[NDArray[np.bool_], list[str]]]
"""(wanted lengths, exactly?) -> which of them were met, and the texts of those."""

_EXACT, _LOOSE = 24, 16
_MANY, _BLOCK = 32, 4096


class Lengths(BaseModel):
    """The limits of a text's length, both possible, and how lengths spread between them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: int = Field(5, ge=1, le=10_000, description="Shortest text, in grapheme clusters.")
    max: int = Field(30, ge=1, le=10_000, description="Longest text, in grapheme clusters.")
    shape: Literal["uniform", "natural", "normal"] = Field(
        "uniform", description="Every length as often (where the corpus can), as the corpus gives, or a bell."
    )
    mean: float | None = Field(None, description="Of the bell; by default the middle.")
    sd: float | None = Field(None, gt=0, description="Of the bell; by default a sixth of the range.")

    @model_validator(mode="after")
    def _sensible(self) -> Lengths:
        if self.min > self.max:
            raise ValueError(f"lengths start at {self.min} and end below it, at {self.max}")
        if self.shape != "normal" and (self.mean is not None or self.sd is not None):
            raise ValueError("mean and sd belong to shape: normal")
        if self.mean is not None and not self.min <= self.mean <= self.max:
            raise ValueError(f"the mean {self.mean:g} is not within {self.min} to {self.max}")
        return self

    def targets(self, rng: np.random.Generator, count: int, natural: Ints | None = None) -> Ints:
        """The length that each of `count` texts should have.

        Uniform ones are dealt, not drawn: in any block each length occurs as often as every other, give or take one.

        Args:
            natural: lengths that occur in the corpus, for shape `natural`; without them it is uniform.
        """
        if self.shape == "natural" and natural is not None and len(natural):
            return natural[rng.integers(0, len(natural), count)]
        if self.shape == "normal":
            return self._bell(rng, count)
        span = self.max - self.min + 1
        start = int(rng.integers(0, span))
        return rng.permutation((np.arange(count, dtype=np.int64) + start) % span + self.min)

    def _bell(self, rng: np.random.Generator, count: int) -> Ints:
        mean = (self.min + self.max) / 2 if self.mean is None else self.mean
        sd = max((self.max - self.min) / 6, 0.5) if self.sd is None else self.sd
        values = np.rint(rng.normal(mean, sd, count))
        for _ in range(20):  # what falls outside is drawn again, so that no length at a border piles up
            outside = np.flatnonzero((values < self.min) | (values > self.max))
            if not len(outside):
                break
            values[outside] = np.rint(rng.normal(mean, sd, len(outside)))
        return np.clip(values, self.min, self.max).astype(np.int64)

    def holds(self, lengths: Ints) -> NDArray[np.bool_]:
        """Which lengths are within the limits."""
        return (lengths >= self.min) & (lengths <= self.max)


def fill(targets: Ints, propose: Propose) -> list[str]:
    """Texts of the wanted lengths, in their order.

    Proposals cost little, so most are refused: only one of the right length is taken. What a corpus cannot give in a
    few rounds gets any length within the limits, and what it cannot give at all is missing from the answer.
    """
    texts: list[str | None] = [None] * len(targets)
    if not len(targets):
        return []
    todo = np.arange(len(targets))
    for turn in range(_EXACT + _LOOSE):
        # The rarer a length, the fewer are left that want it, and the more proposals each of them gets in one call.
        asked = np.tile(todo, min(_MANY, max(1, _BLOCK // len(todo))))
        met, found = propose(targets[asked], turn < _EXACT)
        for i, text in zip(asked[met].tolist(), found, strict=True):
            texts[i] = text
        todo = np.array([i for i in todo.tolist() if texts[i] is None], np.int64)
        if not len(todo):
            break
    return [text for text in texts if text is not None]
