"""An endless row of classes in which each occurs as often as every other: shuffled decks, one after another.

Drawing with replacement gives a rare class half of what a lucky one gets; a deck gives each exactly one per round.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrfactory.charset import decompose

Codes = NDArray[np.int64]


class Deck:
    """Numbers below `size`, each once per round.

    Args:
        first: the order of the first round; None: shuffled as all others.
    """

    def __init__(self, size: int, rng: np.random.Generator, first: Codes | None = None) -> None:
        self.size, self.rng = size, rng
        self.rest = np.zeros(0, np.int64) if first is None else first

    def deal(self, count: int) -> Codes:
        """The next numbers."""
        parts, have = [self.rest], len(self.rest)
        while have < count:
            # Many small rounds are shuffled in one go, row by row.
            rounds = min(max(1, -(-(count - have) // self.size)), max(1, 4_000_000 // self.size))
            block = np.tile(np.arange(self.size, dtype=np.int64), (rounds, 1))
            parts.append(self.rng.permuted(block, axis=1).ravel())
            have += rounds * self.size
        row = np.concatenate(parts)
        self.rest = row[count:]
        return row[:count]


def jamo_first(classes: Sequence[str], rng: np.random.Generator) -> Codes:
    """The classes in random order, but syllables that show a new pair of jamo before those that do not.

    Pairs are initial with medial, medial with final, and initial with final. A font designer draws by pairs, so a few
    hundred syllables show nearly all that a font of thousands has; three passes take those with three, two and one new.
    """
    order = rng.permutation(len(classes)).tolist()
    seen: set[tuple[int, int, int]] = set()
    chosen: dict[int, None] = {}
    pairs = {i: _pairs(classes[i]) for i in order if _is_syllable(classes[i])}
    for new in (3, 2, 1):
        for i, of_class in pairs.items():
            if i not in chosen and len(of_class - seen) >= new:
                chosen[i] = None
                seen |= of_class
    chosen |= dict.fromkeys(order)
    return np.fromiter(chosen, np.int64, len(chosen))


def _is_syllable(text: str) -> bool:
    return len(text) == 1 and "가" <= text <= "힣"


def _pairs(syllable: str) -> set[tuple[int, int, int]]:
    lead, vowel, tail = decompose(syllable)
    return {(0, lead, vowel), (1, vowel, tail), (2, lead, tail)}
