"""A class plan in numbers and in words: what `plan` and `build --dry-run` print."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from ocrfactory.charset import GROUPS
from ocrfactory.classplan import ClassPlan
from ocrfactory.classtable import ClassRow
from ocrfactory.cli.plan_text import plan_in_words

BANDS = (0, 1, 5, 20, 50, 100, 200, 500, 1000)
"""Where the bands of rows a class begin."""
ENDS = 8
"""Classes of the head and of the tail that are shown."""
SHOWN = 20
"""Classes without a row that are shown."""


def class_facts(plan: ClassPlan, rows: Sequence[ClassRow], whole: bool = False) -> dict[str, Any]:
    """The class plan in numbers.

    Args:
        whole: with every class, under `table`.
    """
    status = Counter(row.status for row in rows)
    by_size = sorted((row for row in rows if row.planned), key=lambda row: -row.planned)
    facts: dict[str, Any] = {
        "wanted": len(rows),
        "asked": plan.asked,
        "rules": msgspec.to_builtins(plan.rules.model_dump(mode="json")),
        "ok": status["ok"],
        "short": status["short"],
        "unfillable": [row.text for row in rows if row.status == "unfillable"],
        "never_trained": sum(row.planned > 0 and row.train == 0 for row in rows),
        "rows": {name: sum(getattr(row, name) for row in rows) for name in ("planned", "font", "gan", "real")},
        "groups": [_group(group, found) for group in GROUPS if (found := [row for row in rows if row.group == group])],
        "bands": [_band(number, rows) for number in range(len(BANDS))],
        "head": [(row.text, row.planned) for row in by_size[:ENDS]],
        "tail": [(row.text, row.planned) for row in by_size[-ENDS:]],
        "raised_by": _raised(rows),
        "needs_rows": sum(row.status == "short" and not row.raised_by for row in rows),
        "not_selected": plan.not_selected,
        "untouched": plan.untouched,
    }
    if whole:
        facts["table"] = msgspec.to_builtins(rows)
    return facts


def _group(group: str, rows: Sequence[ClassRow]) -> dict[str, Any]:
    status = Counter(row.status for row in rows)
    counts = {name: sum(getattr(row, name) for row in rows) for name in ("font", "gan", "real", "planned")}
    return {
        "group": group, "classes": len(rows), **counts, "short": status["short"], "unfillable": status["unfillable"],
    }  # fmt: skip


def _band(number: int, rows: Sequence[ClassRow]) -> dict[str, Any]:
    here = [row for row in rows if bisect_right(BANDS, row.planned) - 1 == number]
    last = BANDS[number + 1] - 1 if number + 1 < len(BANDS) else None
    return {"from": BANDS[number], "to": last, "classes": len(here), "rows": sum(row.planned for row in here)}


def _raised(rows: Iterable[ClassRow]) -> dict[str, int]:
    """The settings that would fill short classes, those that must change together as one: of each its largest value,
    and how many classes need it."""
    counts: Counter[tuple[str, ...]] = Counter()
    most: dict[tuple[str, ...], dict[str, int]] = {}
    for row in rows:
        if row.raised_by:
            settings = dict(setting.split(": ") for setting in row.raised_by.split(", "))
            counts[tuple(settings)] += 1
            largest = most.setdefault(tuple(settings), {})
            for name, value in settings.items():
                largest[name] = max(largest.get(name, 0), int(value) if value.isdecimal() else 0)
    return {
        ", ".join(f"{name}: {value or 'null'}" for name, value in most[names].items()): count
        for names, count in counts.most_common()
    }


def all_in_words(facts: dict[str, Any], classes: dict[str, Any] | None) -> list[str]:
    """A plan for people: of its parts, then of its classes, where it has single characters."""
    if classes is None:
        return plan_in_words(facts)
    return plan_in_words(facts, frozenset(classes["unfillable"])) + class_words(classes)


def class_words(facts: dict[str, Any]) -> list[str]:
    """The class plan for people; the table of all classes is the CSV."""
    rules, rows, unfillable = facts["rules"], facts["rows"], facts["unfillable"]
    least = f"{rules['min_per_class']:,} rows" if rules["min_per_class"] > 1 else "a row"
    lines = [
        f"classes: {facts['wanted']:,} wanted; {facts['ok']:,} have {least} or more, "
        f"{facts['short']:,} are short, {len(unfillable):,} unfillable",
        f"  {rows['planned']:,} rows of single characters: font {rows['font']:,}, GAN {rows['gan']:,}, "
        f"real {rows['real']:,}",
    ]
    if facts["asked"]:
        lines.append("  " + ", ".join(_rules(rules)))
    lines += _table(
        ("group", "classes", "font", "GAN", "real", "rows", "short", "unfillable"),
        [tuple(group.values()) for group in facts["groups"]],
    )
    bands = [(_span(band), band["classes"], band["rows"]) for band in facts["bands"] if band["classes"]]
    lines += _table(("rows a class", "classes", "rows"), bands)
    for name in ("head", "tail"):
        if facts[name]:
            lines.append(f"  {name}: " + ", ".join(f"{points(text)} {count:,}" for text, count in facts[name]))
    for setting, count in facts["raised_by"].items():
        lines.append(f"  {setting} would fill {count:,} of the short classes")
    if facts["needs_rows"]:
        lines.append(
            f"  {facts['needs_rows']:,} of the short classes need more rows in the parts: no setting fills them"
        )
    if facts["never_trained"]:
        lines.append(f"  {facts['never_trained']:,} classes have rows, yet none in train")
    if facts["not_selected"]:
        told = ", ".join(f"{reason} {count:,}" for reason, count in facts["not_selected"].items())
        lines.append(f"  not selected: {told}")
    for source, count in facts["untouched"].items():
        lines.append(f"  {source}: {count:,} rows are no single characters, so the class plan leaves them as they are")
    if unfillable:
        more = f" and {len(unfillable) - SHOWN:,} more" if len(unfillable) > SHOWN else ""
        lines.append("  unfillable, no part has a row: " + " ".join(map(points, unfillable[:SHOWN])) + more)
    return lines


def _rules(rules: dict[str, Any]) -> Iterator[str]:
    """The rules that cut."""
    yield "no cap of real rows" if rules["cap"] is None else f"cap of real rows {rules['cap']:,}"
    most = rules["max_per_class"]
    yield "no max_per_class" if most is None else f"at most {most:,} a class, first {', then '.join(rules['priority'])}"


def _span(band: dict[str, Any]) -> str:
    if band["from"] == band["to"]:
        return f"{band['from']:,}"
    return f"{band['from']:,} or more" if band["to"] is None else f"{band['from']:,} to {band['to']:,}"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    cells = [tuple(head), *(tuple(value if isinstance(value, str) else f"{value:,}" for value in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    first, *others = widths
    return [
        "  ".join((f"  {line[0]:<{first}}", *(f"{cell:>{w}}" for cell, w in zip(line[1:], others, strict=True))))
        for line in cells
    ]


def points(text: str) -> str:
    """A class by its code points: `U+5B57`."""
    return "+".join(f"U+{ord(char):04X}" for char in text)
