"""What became of every annotation of a labelled source: rows, rejects by reason, quirks that were bridged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from ocrfactory import read
from ocrfactory.errors import VerifyError
from ocrfactory.read import Manifest

EXAMPLES = 5
"""Of each reason, in `meta/report.json`."""
SHOWN = 120
"""Characters of an example on a terminal."""


class Reason(msgspec.Struct, frozen=True):
    """One kind of reject."""

    count: int
    examples: tuple[str, ...]
    """`id: detail` of the first, in the order of their ids."""


class Account(msgspec.Struct, frozen=True):
    """Annotations in, rows and rejects out. annotations + file_faults = rows + rejected + not_selected + joined +
    not_drawn."""

    annotations: int
    rows: int
    rejected: int
    """Annotations and files."""
    file_faults: int
    """Files without an annotation that could be read, images without a label: each is one reject."""
    not_selected: int
    """Of another level."""
    joined: int
    """Part of another annotation's row."""
    not_drawn: int
    """Beyond --limit, or left out by the class plan."""
    read: dict[str, int]
    """Labels, pages."""
    reasons: dict[str, Reason]
    flags: dict[str, int]
    """Quirks that were bridged, by the number of rows."""


def accounts(folder: Path, found: Manifest) -> dict[str, Account]:
    """Count the annotations of each labelled source of a finished data set.

    Raises:
        VerifyError: the counts do not add up.
    """
    rows, flags = _rows_and_flags(folder, found)
    reasons = _reasons(folder, found.labels)
    result = {}
    for source, tally in found.labels.items():
        told = dict(tally)
        annotations, faults = told.pop("annotations"), told.pop("file_faults")
        not_selected, joined, not_drawn = told.pop("not_selected"), told.pop("joined"), told.pop("not_drawn")
        rejected = sum(reason.count for reason in reasons[source].values())
        rest = annotations + faults - rows[source] - rejected - not_selected - joined - not_drawn
        if rest:
            raise VerifyError(f"{folder}: {rest} annotations of {source} are not accounted for")
        result[source] = Account(
            annotations=annotations,
            rows=rows[source],
            rejected=rejected,
            file_faults=faults,
            not_selected=not_selected,
            joined=joined,
            not_drawn=not_drawn,
            read=told,
            reasons=reasons[source],
            flags=dict(flags[source].most_common()),
        )
    return result


class _Attrs(msgspec.Struct):
    flags: tuple[str, ...] = ()


def _rows_and_flags(folder: Path, found: Manifest) -> tuple[Counter[str], dict[str, Counter[str]]]:
    rows: Counter[str] = Counter()
    flags: dict[str, Counter[str]] = {source: Counter() for source in found.labels}
    decode = msgspec.json.Decoder(_Attrs).decode
    for entry in found.shards:
        columns = read.columns(folder / entry.path, ["source", "attrs"])
        rows.update(columns["source"])
        for source, attrs in zip(columns["source"], columns["attrs"], strict=True):
            if source in flags and attrs:
                flags[source].update(decode(attrs).flags)
    return rows, flags


def _reasons(folder: Path, sources: dict[str, dict[str, int]]) -> dict[str, dict[str, Reason]]:
    counts: dict[str, Counter[str]] = {source: Counter() for source in sources}
    examples: dict[tuple[str, str], list[str]] = {}
    for identity, reason, detail in read.rejects(folder):
        source = identity.partition("/")[0]
        if source in counts:
            counts[source][reason] += 1
            few = examples.setdefault((source, reason), [])
            if len(few) < EXAMPLES:
                few.append(f"{identity}: {detail}")
    return {
        source: {reason: Reason(n, tuple(examples[source, reason])) for reason, n in found.most_common()}
        for source, found in counts.items()
    }


def account_in_words(source: str, account: Account) -> list[str]:
    """The table at the end of a conversion."""
    out = [f"{account.rows:,} rows", f"{account.rejected - account.file_faults:,} rejected"]
    out += [f"{account.not_selected:,} of another level"] if account.not_selected else []
    out += [f"{account.joined:,} joined to others"] if account.joined else []
    out += [f"{account.not_drawn:,} beyond --limit or the class plan"] if account.not_drawn else []
    lines = [f"{source}: {account.annotations:,} annotations = {' + '.join(out)}"]
    if account.not_drawn:  # which of the faults of files were drawn is not known by their number
        whole = f"{account.annotations:,} annotations and {account.file_faults:,} faults of files"
        lines = [f"{source}: {whole}: {', '.join(out)}"]
    elif account.file_faults:
        lines.append(f"  and {account.file_faults:,} files that could not be used")
    width = max((len(reason) for reason in (*account.reasons, *account.flags)), default=0)
    if account.reasons:
        lines.append("  rejected (all in meta/rejects.parquet):")
        for reason, found in account.reasons.items():
            example = found.examples[0].replace("\n", "<U+000A>")
            example = example if len(example) <= SHOWN else example[: SHOWN - 3] + "..."
            lines.append(f"    {reason:<{width}}  {found.count:>9,}  {example}")
    if account.flags:
        lines.append("  kept with a flag (in attrs.flags):")
        lines += [f"    {flag:<{width}}  {count:>9,}" for flag, count in account.flags.items()]
    return lines
