"""A plan in numbers and in words: what `--dry-run` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np

from ocrfactory.plan import Survey
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import Settled

OP_SECONDS = 6e-5
"""Of one op on a line of 64 px: enough for an estimate."""
SHOWN_CLASSES = 20


def plan_facts(recipe: Recipe, survey: Survey, workers: int) -> dict[str, Any]:
    """The plan in numbers."""
    parts, seconds = {}, 0.0
    for part, found, planned in zip(recipe.parts, survey.settled, survey.plan.rows_by_part(), strict=True):
        ops = [op.op for op in part.augment.ops] if part.augment else []
        seconds += planned * (found.row_seconds + OP_SECONDS * len(ops))
        parts[part.source.name] = {
            "kind": part.source.kind,
            "classes": len(found.charset),
            "rows": found.rows,
            "planned": planned,
            "faces": _by_face(found),
            "ops": ops,
            "left_out": {item.reason: item.count for item in found.dropped},
            **({"labels": found.tally, "known_rejects": found.faults} if found.tally else {}),
        }
    return {
        "name": recipe.name,
        "rows": survey.plan.rows,
        "shards": len(survey.plan.shards),
        "splits": {
            split: sum(s.rows for s in survey.plan.shards if s.split == split)
            for split in dict.fromkeys(shard.split for shard in survey.plan.shards)
        },
        "classes": len(survey.charset),
        "classes_undrawn": list(survey.undrawn),
        "holes": sum(found.asked.get("holes", len(found.holes)) for found in survey.settled),
        "bytes": survey.bytes,
        "seconds": round(seconds / workers + 1, 1),
        "workers": workers,
        "parts": parts,
        "notes": [note for found in survey.settled for note in found.notes],
    }


def _by_face(found: Settled) -> dict[str, dict[str, int]]:
    """Rows and holes of each face; where holes are filled, each of them, and those that cannot be."""
    facet = found.facets.get("face")
    counts = np.bincount(facet.codes, minlength=len(facet.names)).tolist() if facet else ()
    items = dict(zip(facet.names if facet else (), counts, strict=True))
    left = Counter(hole.face for hole in found.holes)
    faces = {}
    for name in dict.fromkeys((*items, *left)):
        drawn = items.get(name, 0)
        faces[name] = {"rows": drawn * found.replicas, "holes": left[name]}
        if found.asked:  # its items are holes, too
            faces[name].update(holes=drawn + left[name], unfillable=left[name])
    return {name: counts for name, counts in faces.items() if name != "-" or counts["rows"]}


def _of_labels(part: dict[str, Any]) -> list[str]:
    """What is known of labelled data before an image is opened."""
    tally, rejects = part["labels"], part["known_rejects"]
    left = "".join(f", {count:,} {reason}" for reason, count in part["left_out"].items())
    lines = [f"  {tally['annotations']:,} annotations in {tally.get('labels', 0):,} labels{left}"]
    if rejects:
        told = ", ".join(f"{reason} {count:,}" for reason, count in rejects.items())
        lines.append(f"  {sum(rejects.values()):,} of the rows are rejects already, by their labels: {told}")
    return lines


def plan_in_words(facts: dict[str, Any], told: Collection[str] = ()) -> list[str]:
    """The plan for people.

    Args:
        told: classes that no face draws and that are named elsewhere.
    """
    lines = [
        f"plan {facts['name']}: {facts['rows']:,} rows in {facts['shards']} shards, "
        f"about {facts['bytes'] / 1e6:,.0f} MB and {facts['seconds']:,.0f} s with {facts['workers']} workers",
    ]
    if len(facts["splits"]) > 1:
        lines.append("splits: " + ", ".join(f"{name} {rows:,}" for name, rows in facts["splits"].items()))
    for name, part in facts["parts"].items():
        chosen = f"{part['planned']:,} of " if part["planned"] != part["rows"] else ""
        lines.append(f"{name}: {part['classes']:,} classes, {chosen}{part['rows']:,} rows")
        if "labels" in part:
            lines += _of_labels(part)
        if part["ops"]:
            lines.append(f"  ops: {', '.join(part['ops'])}")
        faces = {"(no font)" if face == "-" else face: counts for face, counts in part["faces"].items()}
        width = max(map(len, faces), default=0)
        for face, n in faces.items():
            left = f"  {n['unfillable']:>7,} unfillable" if "unfillable" in n else ""
            lines.append(f"  {face:<{width}}  {n['rows']:>9,} rows  {n['holes']:>7,} holes{left}")
    undrawn = [text for text in facts["classes_undrawn"] if text not in told]
    if undrawn:
        shown = " ".join("+".join(f"U+{ord(char):04X}" for char in text) for text in undrawn[:SHOWN_CLASSES])
        lines.append(
            f"{len(undrawn):,} classes that no face draws: {shown}{' ...' if len(undrawn) > SHOWN_CLASSES else ''}"
        )
    return lines
