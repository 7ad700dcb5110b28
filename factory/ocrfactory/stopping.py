"""SIGINT and SIGTERM: the first lets running shards finish, the second stops them at once. Never exit 0."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from ocrfactory.errors import InterruptedRunError


class Stopping:
    """True once a signal has come; a second one raises. Handlers are those of before again after the block."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.count = 0
        self.before: dict[int, Any] = {}

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():  # others cannot set handlers
            for number in (signal.SIGINT, signal.SIGTERM):
                self.before[number] = signal.signal(number, self._note)
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        self.count += 1
        self.check()  # here too: work in this very process may never let anybody else call it

    def __bool__(self) -> bool:
        return self.signal is not None

    def check(self) -> None:
        """Called by each signal, and often by whoever waits: a library may swallow what a signal raises within it.

        Raises:
            InterruptedRunError: a second signal came.
        """
        if self.count > 1:
            raise InterruptedRunError(
                "stopped at once; committed shards are whole",
                "run the same command again: it goes on from there",
                exit_code=128 + (self.signal or signal.SIGINT),
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
