"""The contract of every executor: one outcome for each item, always."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, Protocol

import msgspec

Failure = Literal["raised", "died", "stalled"]


class Outcome(msgspec.Struct, frozen=True):
    """What became of one item."""

    item: Any
    value: Any = None
    failure: Failure | None = None
    """`raised`: the work raised `error`. `died`: its process was lost. `stalled`: it was stopped for standing still."""
    error: BaseException | None = None
    """What was raised; where that cannot be sent from a worker, a RuntimeError that names it."""
    detail: str = ""
    """The traceback of what was raised, else how the worker was lost."""


class Executor(Protocol):
    """Maps `work` over items with some number of workers."""

    def __init__(self, workers: int) -> None: ...

    def map(
        self,
        work: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        timeout: float,
        pulse: Callable[[Any], object] | None = None,
        stall: float = 60.0,
        stopping: Callable[[], bool] = lambda: False,
        tick: Callable[[], None] = lambda: None,
    ) -> Iterator[Outcome]:
        """Outcomes as they come, one per item: a raised, killed or stuck item is a failed outcome, never a missing one.

        Args:
            timeout: seconds that one item may take in total.
            pulse: a value that changes while the work on an item goes on; still for `stall` seconds, it is stopped.
            stopping: when true no further item is started; items never started have no outcome.
            tick: called a few times a second while waiting.
        """
        ...
