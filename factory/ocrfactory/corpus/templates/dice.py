"""Random choices one by one, from numbers that are drawn in blocks: a call to numpy costs ten times as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
_BLOCK = 8192


class Dice:
    """Choices from one generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._left: list[float] = []

    def unit(self) -> float:
        """A number in [0, 1)."""
        if not self._left:
            self._left = self._rng.random(_BLOCK).tolist()
        return self._left.pop()

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends possible. From 2**53 on not every number can come."""
        return min(high, low + int(self.unit() * (high - low + 1)))

    def pick(self, items: Sequence[T]) -> T:
        """One of several."""
        return items[int(self.unit() * len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of them in another order."""
        found = list(items)
        for i in range(len(found) - 1, 0, -1):
            j = self.between(0, i)
            found[i], found[j] = found[j], found[i]
        return found
