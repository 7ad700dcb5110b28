"""`meta/class_plan.csv`: one line a class, what was planned of it and what became of that; and whether it adds up."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

import msgspec

from ocrfactory import schema
from ocrfactory.charset import class_group
from ocrfactory.errors import InputError

Status = Literal["ok", "short", "unfillable"]
NAMED = 8
"""Classes that are named where all would be too many."""


class ClassRow(msgspec.Struct, frozen=True):
    """One class. All counts are rows."""

    text: str
    codepoints: str
    """`U+4E00`, or several with spaces between."""
    group: str
    """See `charset.groups`."""
    real: int
    font: int
    gan: int
    planned: int
    """real + font + gan."""
    train: int
    validation: int
    test: int
    status: Status
    """ok: at least min_per_class are written, or planned as long as nothing is built; short: fewer; unfillable: no part
    has a row of it."""
    raised_by: str
    """What must change, all of it together, so that min_per_class are planned; as it is typed in a recipe. Empty where
    they are, and where no setting does it."""
    written: int | None = None
    """None: nothing is built yet."""
    rejected: int | None = None


COLUMNS = (
    "class", "codepoints", "group", "real", "font", "gan", "planned", "train", "validation", "test", "status",
    "raised_by", "written", "rejected",
)  # fmt: skip
Key = tuple[str, str, str]
"""Class, origin and split of a row."""


def points_of(text: str) -> str:
    """The code points of a class as they stand in the table: `U+4E00`, or several with spaces between."""
    return " ".join(f"U+{ord(char):04X}" for char in text)


def to_csv(rows: Iterable[ClassRow]) -> bytes:
    """The table as CSV: UTF-8, a head line, line feeds; empty where a count is not known yet."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(msgspec.structs.astuple(row) for row in rows)
    return text.getvalue().encode("utf-8")


def below_minimum(rows: Iterable[ClassRow]) -> dict[str, int]:
    """The classes of a built data set that have fewer rows than `min_per_class`, in order, each with its rows."""
    return {row.text: row.written or 0 for row in rows if row.status != "ok"}


def below_in_words(below: Mapping[str, int]) -> str:
    """The same for people: how many, and the first of them."""
    first = ", ".join(f"{points_of(text)} {count:,}" for text, count in islice(below.items(), NAMED))
    more = f" and {len(below) - NAMED:,} more" if len(below) > NAMED else ""
    have = "class has" if len(below) == 1 else "classes have"
    return f"{len(below):,} {have} fewer rows than min_per_class (in meta/class_plan.csv): {first}{more}"


def from_csv(path: Path) -> list[ClassRow]:
    """The table of a data set.

    Raises:
        InputError: the file cannot be read, or a line is none of ours; it is named.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: {error}") from error
    if not lines or tuple(lines[0]) != COLUMNS:
        raise InputError(f"{path}: line 1: the columns are not {', '.join(COLUMNS)}")
    return [_row(line, f"{path}: line {number}") for number, line in enumerate(lines[1:], 2)]


def _row(line: Sequence[str], where: str) -> ClassRow:
    try:
        text, codepoints, group, *counts, status, raised_by, written, rejected = line
        real, font, gan, planned, train, validation, test = map(int, counts)
        known = next(name for name in get_args(Status) if name == status)
        if (codepoints, group) != (points_of(text), class_group(text)):
            raise ValueError("other code points or another group than those of the class")
        return ClassRow(
            text, codepoints, group, real, font, gan, planned, train, validation, test, known, raised_by,
            int(written), int(rejected),
        )  # fmt: skip
    except (ValueError, StopIteration) as error:
        raise InputError(f"{where}: not a line of a class plan: {','.join(line)[:80]}") from error


def faults(rows: Sequence[ClassRow], written: Counter[Key], rejects: int) -> Iterator[str]:
    """What does not add up: planned = written + rejected of every class, and nothing that was not planned.

    A row that was planned as a generated one may have become one of a font, where its source falls back: the two are
    held against their sum.

    Args:
        written: rows of single characters that lie in the data set, of the sources that the plan rules.
        rejects: all rejects of the data set; those of other rows are among them.
    """
    by_class: Counter[str] = Counter()
    by_side: Counter[tuple[str, str]] = Counter()
    for (text, origin, split), count in written.items():
        by_class[text] += count
        by_side[text, origin] += count
        by_side[text, split] += count
    for row in rows:
        if row.written is None or row.rejected is None or row.planned != row.written + row.rejected:
            yield f"class {row.codepoints}: {row.planned} planned, {row.written} written, {row.rejected} rejected"
        if by_class[row.text] != row.written:
            yield f"class {row.codepoints}: {row.written} written, there are {by_class[row.text]}"
        if not row.planned == row.real + row.font + row.gan == row.train + row.validation + row.test:
            yield f"class {row.codepoints}: {row.planned} planned is not the sum by origin and by split"
        for names in (("real",), ("gan",), ("gan", "font"), *((split,) for split in schema.SPLITS)):
            most, there = sum(getattr(row, name) for name in names), sum(by_side[row.text, name] for name in names)
            if there > most:
                yield f"class {row.codepoints}: {most} planned of {' and '.join(names)}, there are {there}"
    listed = Counter(row.text for row in rows)
    for text, count in listed.items():
        if count > 1:
            yield f"class {text!r} has {count} lines"
    for text in sorted(by_class.keys() - listed.keys()):
        yield f"class {text!r} has {by_class[text]} rows and no line"
    rejected = sum(row.rejected or 0 for row in rows)
    if rejected > rejects:
        yield f"{rejected} rejects of classes, the data set has {rejects}"
