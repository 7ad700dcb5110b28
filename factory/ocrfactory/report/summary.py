"""`meta/report.json` and the words at the end of a run, both made from the finished output."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import msgspec

from ocrfactory import read, write
from ocrfactory.charset.hangul import graphemes
from ocrfactory.classtable import below_in_words, below_minimum, from_csv
from ocrfactory.layout import Layout
from ocrfactory.report.account import Account, account_in_words, accounts
from ocrfactory.report.filled import Filled, filled, filled_in_words


class Summary(msgspec.Struct, frozen=True):
    """What one run made, in counts."""

    name: str
    folder: str
    complete: bool
    planned: int
    rows: int
    rejects: int
    rejects_by_reason: dict[str, int]
    rows_by_split: dict[str, int]
    rows_by_source: dict[str, int]
    rows_by_font: dict[str, int]
    rows_by_origin: dict[str, int]
    classes: int
    classes_with_rows: int
    undrawn: tuple[str, ...]
    """Classes without a single row, in the order of the charset."""
    holes: int
    holes_by_face: dict[str, int]
    holes_by_reason: dict[str, int]
    left_out: dict[str, int]
    """Material that sources left out before planning, by reason; with examples in meta/dropped.csv."""
    bytes: int
    content_hash: str
    not_selected: dict[str, int] = {}
    """Rows of single characters that the class plan left out, by reason; each class is in meta/class_plan.csv."""
    below_minimum: dict[str, int] = {}
    """Classes that ended with fewer rows than `min_per_class` of the recipe, and their rows."""
    labels: dict[str, Account] = {}
    """Of each source that reads labels: what became of its annotations."""
    fill: dict[str, Filled] = {}
    """Of each source that fills holes: what became of them."""


def summarise(folder: Path) -> Summary:
    """Count a finished data set.

    Raises:
        InputError: there is none, or its class plan cannot be read.
    """
    found, layout = read.manifest(folder), Layout(folder)
    by: dict[str, Counter[str]] = {name: Counter() for name in ("source", "font_name", "origin")}
    drawn: set[str] = set()
    for entry in found.shards:
        counts = read.count_values(folder / entry.path, ["text", *by])
        for text in counts.pop("text"):
            drawn.add(text)  # a glyph's class, whatever its clusters are
            drawn.update(graphemes(text))
        for name, counter in counts.items():
            by[name] += counter
    classes = layout.charset.read_text("utf-8").split("\n")[:-1]
    with layout.holes.open(encoding="utf-8", newline="") as file:
        holes = list(csv.DictReader(file))
    return Summary(
        name=found.name,
        folder=str(folder),
        complete=found.complete,
        planned=found.planned,
        rows=found.rows,
        rejects=found.rejects,
        rejects_by_reason=found.rejects_by_reason,
        rows_by_split=found.rows_by_split,
        rows_by_source=dict(sorted(by["source"].items())),
        rows_by_font=dict(sorted(by["font_name"].items())),
        rows_by_origin=dict(sorted(by["origin"].items())),
        classes=len(classes),
        classes_with_rows=sum(text in drawn for text in classes),
        undrawn=tuple(text for text in classes if text not in drawn),
        holes=len(holes),
        holes_by_face=dict(Counter(hole["face"] for hole in holes)),
        holes_by_reason=dict(Counter(hole["reason"] for hole in holes)),
        left_out=_left_out(layout.dropped),
        bytes=sum(entry.bytes for entry in found.shards),
        content_hash=found.content_hash,
        not_selected=found.not_selected,
        below_minimum=below_minimum(from_csv(layout.class_plan)) if found.class_sources else {},
        labels=accounts(folder, found) if found.labels else {},
        fill=filled(folder, found) if found.fill else {},
    )


def _left_out(path: Path) -> dict[str, int]:
    counts: Counter[str] = Counter()
    if path.exists():  # a data set of an earlier version has none
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                counts[row["reason"]] += int(row["count"])
    return dict(counts)


def write_report(folder: Path) -> Summary:
    """Write `meta/report.json` and return what it says."""
    summary = summarise(folder)
    data = msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(summary, folder=".")))
    write.write_bytes(Layout(folder).report, data + b"\n")
    return summary


def in_words(summary: Summary) -> list[str]:
    """The lines that a run prints at its end."""
    lines = [
        f"{summary.rows:,} rows ({summary.bytes / 1e6:,.1f} MB) of {summary.planned:,} planned, "
        f"{summary.rejects:,} rejects; {summary.classes_with_rows:,} of {summary.classes:,} classes",
    ]
    splits = [f"{name} {rows:,}" for name, rows in summary.rows_by_split.items() if rows]
    if len(splits) > 1:
        lines.append(f"splits: {', '.join(splits)}")
    if summary.rejects:
        lines.append(
            "rejects: " + ", ".join(f"{reason} {count:,}" for reason, count in summary.rejects_by_reason.items())
        )
    if summary.holes:
        faces = ", ".join(f"{face} {count:,}" for face, count in summary.holes_by_face.items())
        lines.append(f"holes (a face that lacks a class; in meta/holes.csv): {faces}")
    if summary.left_out:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in summary.left_out.items())
        lines.append(f"left out before planning (in meta/dropped.csv): {reasons}")
    if summary.not_selected:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in summary.not_selected.items())
        lines.append(f"left out by the class plan (in meta/class_plan.csv): {reasons}")
    if summary.below_minimum:
        lines.append(below_in_words(summary.below_minimum))
    for source, account in summary.labels.items():
        lines += account_in_words(source, account)
    for source, holes in summary.fill.items():
        lines += filled_in_words(source, holes)
    if summary.undrawn and not summary.labels:
        shown = " ".join("+".join(f"U+{ord(char):04X}" for char in text) for text in summary.undrawn[:20])
        more = f" and {len(summary.undrawn) - 20:,} more" if len(summary.undrawn) > 20 else ""
        lines.append(f"classes without a row: {shown}{more}")
    return lines
