"""The data card `README.md` of an output: what `datasets` and the Hub read, and what a person wants to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ocrfactory import schema
from ocrfactory.plan import Survey
from ocrfactory.read import Manifest
from ocrfactory.work import Report

NOT_TO_BE_PASSED_ON = {"LicenseRef-AIHub"}
NOTICE = (
    "**Do not redistribute.** Rows under `LicenseRef-AIHub` are cut from data of AIHub, whose terms allow training and "
    "derived works for those who applied, and forbid passing the data on. Do not upload or publish this data set."
)


def render(manifest: Manifest, survey: Survey, reports: Sequence[Report], remarks: Sequence[str] = ()) -> str:
    """Markdown with the YAML head of a Hugging Face data set: all columns, or `datasets` refuses the card.

    Args:
        remarks: sentences of what came of the build.
    """
    named = [face for part in survey.settled for face in (*part.fonts, *part.lenders)]
    faces = {(face.id, face.files[0].sha256): face for face in named}
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split in manifest.rows_by_split:
        lines += [f"  - split: {split}", f"    path: data/{split}-*.parquet"]
    lines += ["dataset_info:", "  features:", *schema.card_features(), "  splits:"]
    for split, rows in manifest.rows_by_split.items():
        size = sum(entry.bytes for entry in manifest.shards if entry.split == split)
        lines += [f"  - name: {split}", f"    num_bytes: {size}", f"    num_examples: {rows}"]
    lines += ["---", "", f"# {manifest.name}", ""]
    lines += [f"{manifest.rows:,} rows, {len(survey.charset):,} classes, {manifest.rejects:,} rejects.", ""]
    lines += [
        "| split | rows |",
        "|---|---|",
        *(f"| {name} | {rows:,} |" for name, rows in manifest.rows_by_split.items()),
        "",
    ]
    licences = sum((Counter(report.licences) for report in reports), Counter[str]())
    lines += [
        "| licence | rows |",
        "|---|---|",
        *(f"| {name} | {rows:,} |" for name, rows in licences.most_common()),
        "",
    ]
    if NOT_TO_BE_PASSED_ON & licences.keys():
        lines += [NOTICE, ""]
    for notice in dict.fromkeys((*remarks, *(notice for part in survey.settled for notice in part.notices))):
        lines += [notice, ""]
    if faces:
        lines += ["| face | font | licence | attribution |", "|---|---|---|---|"]
        for face in faces.values():
            lines.append(f"| {face.id} | {face.files[0].name} | {face.licence} | {face.attribution} |")
        lines.append("")
    lines += [
        f"Content hash `{manifest.content_hash}`, made by ocrfactory {manifest.versions.get('ocrfactory', '')}.",
        "",
    ]
    return "\n".join(lines)
