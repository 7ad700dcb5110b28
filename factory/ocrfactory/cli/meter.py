"""How far a command is: a bar on a terminal, elsewhere a plain line now and then, or nothing."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

STYLES = ("auto", "bar", "plain", "none")


class Progress:
    """One way of showing, for work of any unit.

    Args:
        style: `bar`, `plain` or `none`; `auto`: a bar on a terminal, else plain.
        unit: what is counted, in the singular.
        scaled: a bar says 12.3k, not 12345.

    Raises:
        UsageError: there is no such style.
    """

    EVERY = 10.0

    def __init__(self, style: str, unit: str, *, scaled: bool = False) -> None:
        if style not in STYLES:
            from ocrfactory.errors import UsageError

            raise UsageError(f"--progress {style!r}: one of {', '.join(STYLES)}")
        self.style = ("bar" if sys.stderr.isatty() else "plain") if style == "auto" else style
        self.unit, self.scaled = unit, scaled
        self.first = 0
        self.bar: Any = None
        self.said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def show(self, done: int, planned: int, beside: str, line: str, *, at_once: bool = False) -> None:
        """Tell how far it is.

        Args:
            done, planned: units.
            beside: said beside a bar.
            line: said where there is none, once in `EVERY` seconds.
            at_once: say the line however short ago the last one was.
        """
        if self.style == "bar":
            if self.bar is None:
                from tqdm import tqdm

                self.bar = tqdm(
                    total=planned, initial=self.first, unit=self.unit, unit_scale=self.scaled, file=sys.stderr
                )
            self.bar.update(done - self.bar.n)
            self.bar.set_postfix_str(beside, refresh=False)
        elif self.style == "plain" and (at_once or time.monotonic() - self.said >= self.EVERY):
            self.said = time.monotonic()
            print(line, file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()


class Meter(Progress):
    """Rows of a build or a check, and how fast they come."""

    def __init__(self, style: str) -> None:
        super().__init__(style, "row", scaled=True)
        self.started: float | None = None
        self.made = 0
        self.seconds = 0.0

    def __call__(self, done: int, planned: int, rejects: int) -> None:
        """Rows done, rows planned, rejects so far."""
        if self.started is None:  # fonts were fetched and examined before: that is not drawing
            self.first, self.said = done, time.monotonic()
            self.started = self.said
        self.made = done - self.first
        self.seconds = time.monotonic() - self.started
        self.show(done, planned, f"rejects={rejects}", f"{done:,} of {planned:,} rows, {rejects:,} rejects")


class Counter(Progress):
    """Pieces of work that are told one by one: faces, or steps of a measurement."""

    def __init__(self, style: str, unit: str, planned: int) -> None:
        super().__init__(style, unit)
        self.planned = planned
        self.done = 0

    def __enter__(self) -> Self:
        self._tell("")  # a bar from the start: the first face may take minutes
        return self

    def __call__(self, name: str = "") -> None:
        """One more is done; `name` is its own, if it has one."""
        self.done += 1
        self._tell(name)

    def _tell(self, name: str) -> None:
        line = f"{self.done:,} of {self.planned:,} {self.unit}s" + (f": {name}" if name else "")
        self.show(self.done, self.planned, name, line, at_once=self.done == self.planned)
