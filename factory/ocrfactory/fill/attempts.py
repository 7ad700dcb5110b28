"""Draw, judge, and draw again with other references what was refused: as often as `fill` does."""

from __future__ import annotations

import msgspec

from ocrfactory.fill.gate import ReaderGate
from ocrfactory.fill.steady import judge_steadily
from ocrfactory.fill.subject import ATTEMPTS, Pictures, Shown, Subject


class Judged(msgspec.Struct, frozen=True):
    """What became of some characters."""

    first: Pictures
    """(N, 64, 64): as they were drawn at first."""
    last: Pictures
    """(N, 64, 64): as they were drawn when they were admitted or given up."""
    first_reasons: tuple[str | None, ...]
    """Why the first picture of each was refused; None: admitted."""
    last_reasons: tuple[str | None, ...]


def draw_and_judge(subject: Subject, gate: ReaderGate, asked: Shown, drawn: Shown | None = None) -> Judged:
    """Draw characters of a subject through a gate.

    Args:
        asked: what the gate is told that the pictures show.
        drawn: what is really drawn, where that is something else; as many as `asked`.

    Raises:
        InputError: the generator fails.
    """
    fed = drawn or asked
    first = subject.draw(fed)
    last = first.copy()
    reasons: list[str | None] = [said.reason for said in judge_steadily(gate, first, asked.texts, asked.frames)]
    at_once = tuple(reasons)
    for attempt in range(1, ATTEMPTS):
        again = [i for i, reason in enumerate(reasons) if reason is not None]
        if not again:
            break
        last[again] = subject.draw(fed.at(again), attempt)
        part = asked.at(again)
        for i, said in zip(again, judge_steadily(gate, last[again], part.texts, part.frames), strict=True):
            reasons[i] = said.reason
    return Judged(first, last, at_once, tuple(reasons))
