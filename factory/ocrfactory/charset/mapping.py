"""What a mapping says about classes: files in JSON and pickles hold label tables in both directions."""

from __future__ import annotations

from collections.abc import Sequence


def classes_of_mapping(pairs: Sequence[tuple[object, object]]) -> list[str] | str:
    """The classes in order, or the reason why they cannot be told.

    * text -> number (or null): the keys; by number where the numbers run from 0 or 1 without a gap (an index), else
      in the order of the file (a count, a weight).
    * integer -> text: the values, by integer. An integer may be written as text, because JSON keys always are.
    * anything else could mean several things and is refused.
    """
    if not pairs:
        return []
    keys, values = [key for key, _ in pairs], [value for _, value in pairs]
    texts = [key for key in keys if isinstance(key, str)]
    if len(texts) == len(keys) and all(value is None or isinstance(value, (int, float)) for value in values):
        return [text for _, text in sorted(zip(values, texts, strict=True), key=_index)] if _runs(values) else texts
    labels = [value for value in values if isinstance(value, str)]
    numbers = [_integer(key) for key in keys]
    if len(labels) == len(values) and None not in numbers:
        return [text for _, text in sorted(zip(numbers, labels, strict=True), key=_index)]
    return "a mapping must be class -> number, or number -> class"


def _index(pair: tuple[object, str]) -> int:
    return pair[0] if isinstance(pair[0], int) else 0


def _runs(values: Sequence[object]) -> bool:
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    if len(numbers) != len(values):
        return False
    first = min(numbers)
    return first in (0, 1) and sorted(numbers) == list(range(first, first + len(numbers)))


def _integer(key: object) -> int | None:
    if isinstance(key, int) and not isinstance(key, bool):
        return key
    # Nineteen digits hold every 64-bit number; `int` of a longer text takes quadratic time.
    return int(key) if isinstance(key, str) and len(key) < 20 and key.isascii() and key.isdigit() else None
