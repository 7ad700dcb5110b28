"""Everything in this process, one after the other: the debugger, and the reference in tests."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ocrfactory.errors import InterruptedRunError
from ocrfactory.executors.executor import Outcome


class Serial:
    """No isolation: work that never returns is not stopped, work that kills its process kills the run."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = 1

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
        """See `Executor.map`; `timeout`, `pulse` and `stall` have nobody to watch them here."""
        for item in items:
            if stopping():
                return
            try:
                value = work(item)
            except InterruptedRunError:
                raise  # by the handler of a signal: it is meant for the run, not for the item
            except (Exception, SystemExit) as error:  # noqa: BLE001 - an executor hands on whatever the work raises
                yield Outcome(item, failure="raised", error=error, detail=traceback.format_exc())
            else:
                yield Outcome(item, value)
            tick()
