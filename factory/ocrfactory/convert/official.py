"""The split that a delivery itself gives a file, read from its path."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORDS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
_STEP = re.compile(
    r"(?i)^(?:\d+\s*[.\-_]?\s*)?(?:\[[^\]]*\]\s*)?(training|train|validation|valid|val|testing|test)(?![a-z])"
)
_PAIR = re.compile(r"^([TV])[SL](?![a-z])", re.IGNORECASE)


def split_of(path: str, root: str = "") -> str | None:
    """`train`, `validation` or `test`; None where the path does not say.

    The prefix of a zip (TS, TL, VS, VL: training or validation, source or label) wins. Else the outermost folder that
    names a split does, for a training tree may hold a folder `4.Validation`. Last the folder that was named itself.

    Args:
        path: of the file, zips as folders.
        root: name of the folder that the path starts at.
    """
    steps = path.split("/")[:-1]
    for step in steps:
        if step.lower().endswith(".zip") and (found := _PAIR.match(step)):
            return _of_letter(found[1])
    for step in (*steps, root):
        if found := _STEP.match(step):
            return _WORDS.get(found[1].lower(), "validation")
    for step in (*steps, root):
        if found := _PAIR.match(step):
            return _of_letter(found[1])
    return None


def _of_letter(letter: str) -> str:
    return "train" if letter.upper() == "T" else "validation"


def split_by_rules(path: str, rules: Sequence[tuple[str, re.Pattern[str]]]) -> str | None:
    """The split whose rule matches the path farthest to the left; None where none does."""
    found = [(match.start(), split) for split, rule in rules if (match := rule.search(path))]
    return min(found, key=lambda pair: pair[0])[1] if found else None
