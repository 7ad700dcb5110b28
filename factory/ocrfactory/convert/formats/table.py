"""Tables of comma separated values, record by record: what is wrong with one line costs no other."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator

from ocrfactory.convert.formats.lines import MAX_LINE

MOST_LINES = 100
"""Of one record; a quote that is open for longer is taken for a stray one."""
_OPEN = "unexpected end of data"
"""What Python's parser says of a quote that is open at the end."""
Line = tuple[int, str | None, str]


def records(lines: Iterable[Line]) -> Iterator[tuple[int, list[str], str, str]]:
    """(number of its first line, cells, that line, what is wrong with it) of each record.

    A line that begins no record is a fault of its own, and the next line is tried.
    """
    csv.field_size_limit(MAX_LINE)
    left = iter(lines)
    ahead: deque[Line] = deque()
    while True:
        number, line, fault = ahead.popleft() if ahead else next(left, (-1, None, ""))
        if line is None:
            if number < 0:
                return
            yield number, [], "", fault
            continue
        cells, taken, fault = _record(number, line, ahead, left)
        for _ in range(taken):
            ahead.popleft()
        yield number, cells, line, fault


def _record(number: int, line: str, ahead: deque[Line], left: Iterator[Line]) -> tuple[list[str], int, str]:
    """Cells, how many lines after the first they took, and what is wrong."""
    cells, fault = _cells(line)
    if fault != _OPEN:
        return cells, 0, fault
    parts, size, last = [line], len(line), number
    for taken in range(1, MOST_LINES):
        if len(ahead) < taken:
            following = next(left, None)
            if following is None:
                break
            ahead.append(following)
        place, more, _ = ahead[taken - 1]
        if more is None or size > MAX_LINE:
            break
        parts.append("\n" * (place - last) + more)  # blank lines are passed over, but not within quotes
        size, last = size + len(more), place
        if '"' in more:
            cells, found = _cells("".join(parts))
            if found != _OPEN:
                return (cells, taken, "") if not found else ([], 0, f"a quote that is not closed, or {found}")
    return [], 0, "a quote that is not closed"


def _cells(text: str) -> tuple[list[str], str]:
    try:
        return next(csv.reader([f"{text}\n"], strict=True)), ""
    except csv.Error as error:
        return [], str(error)
