"""Which adapter a label belongs to: scored once for every structure that a delivery shows, and never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocrfactory.convert import adapters
from ocrfactory.convert.adapter import Adapter, Probe, Score
from ocrfactory.convert.adapters import register_adapter
from ocrfactory.convert.document import Document

__all__ = ["ENOUGH", "MARGIN", "decide", "probe_of", "register_adapter", "score_all", "signature"]

ENOUGH = 60
"""Points that the best adapter needs."""
MARGIN = 15
"""Points by which it must be ahead of the second."""
_LEVELS = 2  # of objects below the top that a signature looks into
_KEYS = 64  # an object with more has keys that are data, not structure


def probe_of(document: Document) -> Probe:
    """What detection looks at.

    Raises:
        Reject: `json_decode`.
    """
    return Probe(document.path, document.probe())


def score_all(probe: Probe, candidates: Sequence[Adapter] | None = None) -> list[Score]:
    """The score of every adapter, best first."""
    found = [adapter.score(probe) for adapter in (adapters.all() if candidates is None else candidates)]
    return sorted(found, key=lambda score: (-score.points, score.adapter))


def decide(scores: Sequence[Score]) -> Score | None:
    """The score to go by: good enough and clearly the best, else None.

    Args:
        scores: best first.
    """
    if not scores or scores[0].points < ENOUGH:
        return None
    second = scores[1].points if len(scores) > 1 else 0
    return scores[0] if scores[0].points - second >= MARGIN else None


def signature(value: Any) -> tuple[Any, ...]:
    """The structure of a label, for a dictionary: labels with the same one fit the same adapter."""
    return (_shape(value, _LEVELS),)


def _shape(value: Any, levels: int) -> Any:
    kind = type(value)
    if kind is dict:
        if not levels or len(value) > _KEYS:
            return tuple(value) if len(value) <= _KEYS else _KEYS
        return (
            tuple(value),
            *[_shape(each, levels - 1) for each in value.values() if type(each) is dict or type(each) is list],
        )
    if kind is list:
        if not value:
            return ()
        first = value[0]
        if type(first) is dict:
            return "[", _shape(first, levels)
        return ("[", _shape(first, levels - 1)) if type(first) is list and levels else "["
    return None
