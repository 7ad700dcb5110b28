"""What became of every hole that a source was asked to fill; it adds up, or the program is wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from ocrfactory import read
from ocrfactory.errors import OcrFactoryError

UNGATED = '"gate":"ungated"'
"""In `attrs`, whose JSON has sorted keys and no spaces."""


class Filled(msgspec.Struct, frozen=True):
    """The holes of one source, in rows: with `per_class` above 1 a hole is several."""

    asked: int
    admitted: int
    """Drawn by the generator and admitted by the gate."""
    ungated: int
    """Drawn by the generator where no gate was asked."""
    fallback: int
    """Refused by the gate, and drawn by another font instead."""
    refused: dict[str, int]
    """Refused by the gate, by reason."""
    failed: dict[str, int]
    """Other rejects, by reason: what augmentation made illegible, what does not fit."""
    unfit: dict[str, int]
    """Never planned, by reason: no_content, no_references, outside_vocabulary; listed in meta/holes.csv."""
    not_drawn: int
    """Left out by the limit of the recipe."""

    @property
    def judged(self) -> int:
        """Rows that the gate had its say about."""
        return self.admitted + self.fallback + sum(self.refused.values())


def filled(folder: Path, found: read.Manifest) -> dict[str, Filled]:
    """Count what became of the holes of each source.

    Raises:
        OcrFactoryError: they do not add up.
    """
    rows: Counter[tuple[str, str, bool]] = Counter()
    for entry in found.shards:
        columns = read.columns(folder / entry.path, ["source", "origin", "attrs"])
        gated = [UNGATED not in (attrs or "") for attrs in columns["attrs"]]
        rows.update(zip(columns["source"], columns["origin"], gated, strict=True))
    rejects: dict[str, Counter[str]] = {source: Counter() for source in found.fill}
    for id, reason, _ in read.rejects(folder):
        source = id.partition("/")[0]
        if source in rejects:
            rejects[source][reason] += 1
    return {source: _filled(source, asked, rows, rejects[source]) for source, asked in found.fill.items()}


def _filled(source: str, asked: dict[str, int], rows: Counter[tuple[str, str, bool]], rejects: Counter[str]) -> Filled:
    account = Filled(
        asked=asked["holes"],
        admitted=rows[source, "gan", True],
        ungated=rows[source, "gan", False],
        fallback=rows[source, "font", True],
        refused={reason: count for reason, count in rejects.most_common() if reason.startswith("gate_")},
        failed={reason: count for reason, count in rejects.most_common() if not reason.startswith("gate_")},
        unfit={name: n for name, n in asked.items() if name not in ("holes", "planned", "not_drawn")},
        not_drawn=asked["not_drawn"],
    )
    told = (
        account.judged
        + account.ungated
        + sum(account.failed.values())
        + sum(account.unfit.values())
        + account.not_drawn
    )
    if told != account.asked:
        raise OcrFactoryError(f"{source}: {account.asked} holes were asked for, {told} are accounted for")
    return account


def filled_in_words(source: str, account: Filled) -> list[str]:
    """The lines of a run's end."""
    lines = [f"{source}: {account.asked:,} pictures of holes asked for"]
    if account.judged:
        lines.append(
            f"  {account.admitted:,} admitted by the gate: {account.admitted / account.judged:.1%} of those judged"
        )
    for what, count in (
        ("generated, and seen by no gate", account.ungated),
        ("drawn by another font instead", account.fallback),
        ("beyond --limit, or not of the class plan", account.not_drawn),
    ):
        lines += [f"  {count:,} {what}"] if count else []
    for what, counts in (("refused", account.refused), ("rejected", account.failed), ("unfit", account.unfit)):
        if counts:
            reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
            lines.append(f"  {sum(counts.values()):,} {what}: {reasons}")
    return lines
