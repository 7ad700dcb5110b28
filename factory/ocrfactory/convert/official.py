"""The split that a delivery itself gives a file, read from its path."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_WORDS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
}
_STEP = re.compile(
    r"(?i)^(?:\d+\s*[.\-_]?\s*)?(?:\[[^\]]*\]\s*)?(training|train|validation|valid|val|testing|test|evaluation|eval)(?![a-z])"
)
_WHOLE_STEP = re.compile(r"(?:\d+\s*[.\-_]?\s*)?(Training|Validation|Test|training|validation)|([TV])[SL]\d*")
_PAIR = re.compile(r"^([TV])[SL](?![a-z])", re.IGNORECASE)


def split_of(path: str, root: str = "") -> str | None:
    """`train`, `validation` or `test` by the folders of a path; None where they do not say.

    The prefix of a zip (TS, TL, VS, VL: training or validation, source or label) wins. Else the outermost folder that
    names a split does, for a training tree may hold a folder `4.Validation`.

    Args:
        path: of a file, zips as folders.
        root: name of a folder around it, which is asked last.
    """
    steps = [*path.split("/")[:-1], root]
    for step in steps:
        if step.lower().endswith(".zip") and (found := _PAIR.match(step)):
            return _of_letter(found[1])
    for step in steps:
        if found := _STEP.match(step):
            return _of_word(found[1])
    for step in steps:
        if found := _PAIR.match(step):
            return _of_letter(found[1])
    return None


def split_above(root: str, inner: Collection[str]) -> str | None:
    """The split that the folder which was named lies in, by its own name and those of the two around it.

    Args:
        root: path of that folder.
        inner: the splits that folders within it name. Where they name several, it holds a whole delivery, and it is
            theirs to say.
    """
    if len(inner) > 1:
        return None
    for step in root.replace("\\", "/").rstrip("/").split("/")[:-4:-1]:
        if found := _WHOLE_STEP.fullmatch(step):
            return _of_word(found[1]) if found[1] else _of_letter(found[2])
    return None


def _of_word(word: str) -> str:
    return _WORDS.get(word.lower(), "validation")


def _of_letter(letter: str) -> str:
    return "train" if letter.upper() == "T" else "validation"


def split_by_rules(path: str, rules: Sequence[tuple[str, re.Pattern[str]]]) -> str | None:
    """The split whose rule matches the path farthest to the left; None where none does."""
    found = [(match.start(), split) for split, rule in rules if (match := rule.search(path))]
    return min(found, key=lambda pair: pair[0])[1] if found else None
