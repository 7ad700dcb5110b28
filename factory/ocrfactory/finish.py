"""Job commit: sidecars -> ledger, lists, data card, and last of all the manifest."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from ruamel.yaml import YAML

from ocrfactory import card, schema, views, write
from ocrfactory.classplan import class_plan, rejects_by_class
from ocrfactory.classtable import below_in_words, below_minimum, faults, to_csv
from ocrfactory.errors import OcrFactoryError
from ocrfactory.layout import Layout
from ocrfactory.plan import Survey
from ocrfactory.read import Manifest, ShardEntry
from ocrfactory.sources.source import Settled
from ocrfactory.work import Report


def commit_job(layout: Layout, survey: Survey, reports: Sequence[Report], max_reject_rate: float) -> Manifest:
    """Write everything beside the shards, the manifest last. Totals are sums over sidecars: a resume counts right.

    Raises:
        OcrFactoryError: what was made is not what was planned.
        NoSpaceError, OutputError: the disk refused.
    """
    plan = survey.plan
    rejects = [reject for report in reports for reject in report.rejects]
    rows = sum(report.rows for report in reports)
    if rows + len(rejects) != plan.rows:
        raise OcrFactoryError(f"{plan.rows} rows were planned, but {rows} rows and {len(rejects)} rejects were made")
    _refuse_lost_annotations(survey)
    write.write_rejects(layout.attempts / "rejects.part", layout.rejects, rejects)
    write.write_bytes(layout.charset, "".join(f"{text}\n" for text in survey.charset).encode("utf-8"))
    write.write_bytes(layout.holes, _holes(survey))
    write.write_bytes(layout.dropped, _dropped(survey))
    write.write_bytes(layout.fonts, _json([fact for part in survey.settled for fact in _fonts(part)]))
    shards = tuple(_entry(layout, report) for report in reports if report.rows)
    by_class = _write_classes(layout, survey, shards, rejects)
    recipe = layout.recipes / f"{plan.recipe_id}.yaml"
    write.write_bytes(recipe, _yaml(plan.recipe))
    manifest = Manifest(
        complete=len(rejects) <= max_reject_rate * plan.rows,
        name=str(plan.recipe["name"]),
        schema=schema.VERSION,
        planned=plan.rows,
        rows=rows,
        rejects=len(rejects),
        rejects_by_reason=dict(Counter(reason for _, reason, _ in rejects).most_common()),
        rows_by_split={split: count for split in schema.SPLITS if (count := _rows_in(split, reports))},
        content_hash=f"{schema.add_hashes(*(int(report.content_hash, 16) for report in reports)):064x}",
        plan_sha256=plan.sha256,
        recipe_sha256=plan.facts["recipe_sha256"],
        seed=plan.seed,
        versions=plan.facts["versions"],
        shards=shards,
        labels=_labels(survey),
        fill=_fill(survey),
        not_selected=by_class.not_selected,
        class_sources=by_class.sources,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write.write_bytes(layout.card, card.render(manifest, survey, reports, by_class.remarks).encode())
    beside = [layout.card, layout.charset, layout.dropped, layout.fonts, layout.holes, layout.rejects, recipe]
    beside += by_class.files
    files = {path.relative_to(layout.folder).as_posix(): write.sha256_of(path) for path in beside}
    manifest = msgspec.structs.replace(manifest, files=files)
    write.write_bytes(layout.manifest, _json(manifest))
    return manifest


class _ByClass(msgspec.Struct, frozen=True):
    """What a class plan and views add to a data set."""

    files: tuple[Path, ...] = ()
    not_selected: dict[str, int] = msgspec.field(default_factory=dict)
    sources: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """What the data card says of classes that have too few rows."""


def _write_classes(
    layout: Layout,
    survey: Survey,
    shards: Sequence[ShardEntry],
    rejects: Sequence[tuple[str, str, str]],
) -> _ByClass:
    """The class plan and the views, where the recipe asks for them. What was built is counted, not believed."""
    asked = survey.recipe.wanted_views
    if asked is None:
        return _ByClass()
    found = views.characters(layout.folder, shards)
    balanced = asked.balanced
    files = views.write_views(layout, found, survey.plan.seed, balanced.per_class, balanced.repeat)
    plan = class_plan(survey)
    if plan is None or not plan.asked:
        return _ByClass(files)
    rows = plan.rows(rejects_by_class(survey, plan, rejects))
    written = views.written(found, plan.sources)
    for fault in faults(rows, written, len(rejects)):
        raise OcrFactoryError(f"what was built is not what was planned: {fault}")
    write.write_bytes(layout.class_plan, to_csv(rows))
    below = below_minimum(rows)
    remarks = (f"{below_in_words(below)}.",) if below else ()
    return _ByClass((*files, layout.class_plan), plan.not_selected, plan.sources, remarks)


def _rows_in(split: str, reports: Sequence[Report]) -> int:
    return sum(report.rows for report in reports if report.split == split)


def _labels(survey: Survey) -> dict[str, dict[str, int]]:
    """What labelled sources read, and what of that the limit of the recipe left out."""
    return {
        part.source: {**found.tally, "not_drawn": found.rows - planned}
        for part, found, planned in zip(survey.plan.parts, survey.settled, survey.plan.rows_by_part(), strict=True)
        if found.tally
    }


def _fill(survey: Survey) -> dict[str, dict[str, int]]:
    """What sources that fill holes were asked for, what of it was planned, and why the rest was not; in rows."""
    return {
        part.source: {
            **{reason: count * part.replicas for reason, count in found.asked.items()},
            "planned": planned,
            "not_drawn": found.rows - planned,
        }
        for part, found, planned in zip(survey.plan.parts, survey.settled, survey.plan.rows_by_part(), strict=True)
        if found.asked
    }


def _refuse_lost_annotations(survey: Survey) -> None:
    """What was read is what was planned and what was left out with a count, or the program is wrong."""
    for part, found in zip(survey.plan.parts, survey.settled, strict=True):
        tally = found.tally
        if tally:
            read = tally["annotations"] + tally["file_faults"]
            told = found.rows + tally["not_selected"] + tally["joined"]
            if read != told:
                raise OcrFactoryError(f"{part.source}: {read} annotations were read, {told} are accounted for")


def _entry(layout: Layout, report: Report) -> ShardEntry:
    path = layout.data(report.name).relative_to(layout.folder).as_posix()
    return ShardEntry(
        path,
        report.split,
        report.rows,
        report.bytes,
        report.sha256,
        report.content_hash,
        report.first_id,
        report.last_id,
    )


def _holes(survey: Survey) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("source", "face", "class", "codepoints", "reason"))
    for part, found in zip(survey.plan.parts, survey.settled, strict=True):
        for hole in found.holes:
            points = " ".join(f"U+{ord(char):04X}" for char in hole.text)
            table.writerow((part.source, hole.face, hole.text, points, hole.reason))
    return text.getvalue().encode("utf-8")


def _dropped(survey: Survey) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("source", "reason", "count", "examples"))
    for part, found in zip(survey.plan.parts, survey.settled, strict=True):
        for item in found.dropped:
            table.writerow((part.source, item.reason, item.count, " | ".join(item.examples)))
    return text.getvalue().encode("utf-8")


def _fonts(part: Settled) -> list[dict[str, Any]]:
    """The faces of a part and what each draws of its charset, without any path of this machine.

    A part that fills holes has no coverage to tell, for what a face draws is not asked of it: it tells which can be
    filled.
    """
    lacking = Counter(hole.face for hole in part.holes)
    facts = []
    for number, face in enumerate((*part.fonts, *part.lenders)):
        fact = msgspec.to_builtins(face)
        if number < len(part.fonts):
            left = lacking[face.id]
            if part.asked:
                by_face = part.facets["face"]
                fillable = int(np.count_nonzero(by_face.codes == by_face.names.index(face.id)))
                fact["fill"] = {"holes": fillable + left, "fillable": fillable, "unfillable": left}
            else:
                fact["coverage"] = {"drawn": len(part.charset) - left, "holes": left}
        for file in fact["files"]:
            file["file"] = file.pop("path").replace("\\", "/").rpartition("/")[2]
        facts.append(fact)
    return facts


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value)) + b"\n"


def _yaml(recipe: dict[str, Any]) -> bytes:
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.dump(recipe, text)
    return text.getvalue().encode("utf-8")
