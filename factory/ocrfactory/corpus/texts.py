"""What a composition gives: texts in plan order, and what was left out on the way, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory.charset import codepoints

MAX_EXAMPLES = 20


class Dropped(msgspec.Struct, frozen=True):
    """Material that never became a text, for one reason."""

    reason: str
    count: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = ", ".join(self.examples[:3])
        return f"left out {self.count:,} ({self.reason})" + (f": {shown}" if shown else "")


class Texts(msgspec.Struct, frozen=True):
    """The texts of a composition."""

    texts: tuple[str, ...]
    """NFC, no control characters, no space at either end; in plan order."""
    raw: dict[int, str]
    """Number of a text -> the line as the file had it, where the two differ. Kind `lines` only."""
    corpus: NDArray[np.uint8]
    """Which corpus each text came from."""
    facts: dict[str, Any]
    """Hashes and counts of all that was read; no path of this machine."""
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()
    """What a user should read before the first pixel."""


class Tally:
    """Counts what is left out, with a few examples of each reason."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, dict[str, None]] = {}
        self._foreign: Counter[str] = Counter()

    def add(self, reason: str, example: str = "") -> None:
        """One text less."""
        self._counts[reason] += 1
        examples = self._examples.setdefault(reason, {})
        if example and len(examples) < MAX_EXAMPLES:
            examples[example] = None

    def add_foreign(self, clusters: list[str]) -> None:
        """One text less, for these clusters that the charset lacks."""
        self._counts["charset"] += 1
        self._foreign.update(dict.fromkeys(clusters, 1))

    @classmethod
    def merged(cls, tallies: Iterable[Tally]) -> Tally:
        """The sum of several."""
        whole = cls()
        for each in tallies:
            whole._counts += each._counts
            whole._foreign += each._foreign
            for reason, examples in each._examples.items():
                known = whole._examples.setdefault(reason, {})
                known.update(dict.fromkeys(list(examples)[: MAX_EXAMPLES - len(known)]))
        return whole

    def dropped(self) -> tuple[Dropped, ...]:
        """What was counted, by reason."""
        return tuple(
            Dropped(reason, count, self._shown(reason)) for reason, count in sorted(self._counts.items()) if count
        )

    def _shown(self, reason: str) -> tuple[str, ...]:
        if reason != "charset":
            return tuple(self._examples[reason])
        most = sorted(self._foreign.items(), key=lambda item: (-item[1], item[0]))[:MAX_EXAMPLES]
        return tuple(f"{cluster} {codepoints(cluster)} x{count}" for cluster, count in most)

    def __str__(self) -> str:
        return "; ".join(map(str, self.dropped()))
