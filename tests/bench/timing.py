"""How we measure: both clocks, several rounds in turn, ratios of one run. Nothing here judges."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Rate(NamedTuple):
    """One measurement."""

    per_second: float
    """Items by the wall clock."""
    cpu_us: float
    """Microseconds of this process an item."""


def rate(work: Callable[[], int]) -> Rate:
    """Run `work`, which returns how many items it finished."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Rate(done / wall, cpu / done * 1e6)


def in_turn(ours: Callable[[], int], theirs: Callable[[], int], rounds: int = 5) -> tuple[list[Rate], list[Rate]]:
    """Measure two works one after the other, round by round, after one round to warm up."""
    ours()
    theirs()
    pairs = [(rate(ours), rate(theirs)) for _ in range(rounds)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def middle(values: list[float]) -> str:
    """Median with the range."""
    return f"{statistics.median(values):,.1f} ({min(values):,.1f}-{max(values):,.1f})"


class Stages:
    """A stop watch for the stages of one row."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = 0.0

    def start(self) -> None:
        """A row begins."""
        self.last = time.perf_counter()

    def stop(self, stage: str) -> None:
        """A stage ends and the next one begins."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now
