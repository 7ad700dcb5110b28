"""Words drawn independently of each other and joined; and windows over a running text. Both in blocks, by numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.corpus.lengths import Ints, Lengths
from ocrfactory.corpus.passages import Units

_BLOCK = 20_000


class Mixer:
    """Texts of independent words.

    Args:
        words: what is drawn from.
        counts: the least and the most words of a text.
        weights: how often each word is drawn, relative to the others; None: all alike.
    """

    def __init__(
        self,
        words: Sequence[str],
        separator: str,
        counts: tuple[int, int],
        limits: Lengths,
        rng: np.random.Generator,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        self.words, self.separator, self.limits, self.rng = words, separator, limits, rng
        self.low, self.high = counts
        self.sizes = np.array([grapheme_count(word) for word in words], np.int64)
        self.gap = grapheme_count(separator)
        self.borders = None if weights is None else np.cumsum(weights) / weights.sum()

    def propose(self, targets: Ints, exact: bool) -> tuple[NDArray[np.bool_], list[str]]:
        """See `lengths.Propose`. A row of words meets its target if one of its beginnings does."""
        met: list[NDArray[np.bool_]] = []
        texts: list[str] = []
        for at in range(0, len(targets), _BLOCK):
            part = targets[at : at + _BLOCK]
            rows = self._draw((len(part), self.high))
            sizes = np.cumsum(self.sizes[rows] + self.gap, axis=1)[:, self.low - 1 :] - self.gap
            if exact:
                hits = sizes == part[:, None]
                column = hits.argmax(axis=1)
            else:
                hits = self.limits.holds(sizes)
                column = (hits * self.rng.random(hits.shape)).argmax(axis=1)
            good = hits.any(axis=1)
            met.append(good)
            words, join = self.words, self.separator.join
            for row, count in zip(rows[good].tolist(), (column[good] + self.low).tolist(), strict=True):
                texts.append(join([words[i] for i in row[:count]]))
        return np.concatenate(met) if met else np.zeros(0, bool), texts

    def natural(self, count: int) -> list[str]:
        """Texts with as many words as it happens, of any length within the limits."""
        return self.propose(np.zeros(count, np.int64), exact=False)[1]

    def _draw(self, shape: tuple[int, int]) -> Ints:
        if self.borders is None:
            return self.rng.integers(0, len(self.words), shape)
        found = np.searchsorted(self.borders, self.rng.random(shape), "right")
        return np.minimum(found, len(self.words) - 1).astype(np.int64)


class Windows:
    """Stretches of a running text that start at any unit."""

    def __init__(self, units: Units, limits: Lengths, rng: np.random.Generator) -> None:
        self.units, self.limits, self.rng = units, limits, rng

    def propose(self, targets: Ints, exact: bool) -> tuple[NDArray[np.bool_], list[str]]:
        """See `lengths.Propose`."""
        units = self.units
        i = self.rng.integers(0, len(units.starts), len(targets))
        begin = units.first[i]
        j = np.searchsorted(units.last, begin + targets, "right") - 1
        good = (j >= i) & (units.runs[j] == units.runs[i]) & units.may_start[i] & units.may_end[j]
        sizes = units.last[j] - begin
        good &= (sizes == targets) if exact else self.limits.holds(sizes)
        borders = zip(units.starts[i[good]].tolist(), units.ends[j[good]].tolist(), strict=True)
        return good, [units.text[a:b] for a, b in borders]
