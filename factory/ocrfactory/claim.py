"""Whose an output folder is: refuse other people's files and other plans, keep what is committed, sweep what is not."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ocrfactory import plan, schema, views, write
from ocrfactory.errors import NoSpaceError, OutputError, PlanChangedError
from ocrfactory.layout import Layout
from ocrfactory.plan import Survey
from ocrfactory.shards import Shard
from ocrfactory.work import Report


def refuse_foreign(layout: Layout) -> None:
    """Raise OutputError if the folder holds files and no build of ours was ever there."""
    if layout.folder.is_dir() and not layout.private.is_dir() and any(layout.folder.iterdir()):
        raise OutputError(
            f"{layout.folder}: holds files that no build made", "choose another folder with --out, or empty this one"
        )


def claim(layout: Layout, survey: Survey, *, force: bool, verify: bool) -> dict[int, Report]:
    """Make the folder this plan's and return what of it is committed, by shard number.

    Raises:
        PlanChangedError: it is another plan's and `force` is not given.
        NoSpaceError: there is no room for what is left to draw.
    """
    whole = survey.plan
    with write.disk_errors(layout.folder):
        before = _facts(layout)
        if before != whole.facts:
            if before is not None and not force:
                raise _another_plan(layout, before, whole.facts)
            if before is None and not force and any(shard_files(layout)):
                raise PlanChangedError(
                    f"{layout.folder} holds shards, but the plan that made them is gone", "--force removes them"
                )
            clear(layout)
        layout.make_folders()
        sweep(layout)
        reports = {
            shard.number: report
            for shard in whole.shards
            if (report := committed(layout, shard, whole.sha256, verify)) is not None
        }
        left = whole.rows - sum(report.planned for report in reports.values())
        check_space(layout.folder, survey.bytes * left // whole.rows)
        if left:
            layout.manifest.unlink(missing_ok=True)  # complete again only when this run says so
        write.write_bytes(layout.plan, plan.save(whole))
        write.write_bytes(layout.facts, msgspec.json.format(msgspec.json.encode(whole.facts, order="sorted")))
    return reports


def _another_plan(layout: Layout, before: dict[str, Any], now: dict[str, Any]) -> PlanChangedError:
    found = plan.differences(before, now)
    more = f"\n  ... and {len(found) - 12} more" if len(found) > 12 else ""
    return PlanChangedError(
        f"{layout.folder} belongs to another plan:\n  " + "\n  ".join(found[:12]) + more,
        "choose another folder with --out, or --force to remove what is there",
    )


def _facts(layout: Layout) -> dict[str, Any] | None:
    try:
        data = layout.facts.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


_SHARD = re.compile(rf"({'|'.join(schema.SPLITS)})-\d{{5}}-of-\d{{5}}\.parquet")
_RECIPE = re.compile(r"[0-9a-f]{16}\.yaml")


def shard_files(layout: Layout) -> Iterator[Path]:
    """The files under `data/` that have the name of a shard."""
    if layout.data_folder.is_dir():
        yield from (path for path in sorted(layout.data_folder.iterdir()) if _SHARD.fullmatch(path.name))


def clear(layout: Layout) -> None:
    """Remove what builds of ours wrote, by name, and nothing else."""
    ours = [layout.manifest, layout.card, layout.preview, layout.plan, layout.facts, *shard_files(layout)]
    ours += [layout.charset, layout.holes, layout.rejects, layout.fonts, layout.report, layout.class_plan]
    ours += [layout.view(name) for name in views.NAMES]
    if layout.recipes.is_dir():
        ours += [path for path in layout.recipes.iterdir() if _RECIPE.fullmatch(path.name)]
    for file in ours:
        file.unlink(missing_ok=True)
    for folder in (layout.sidecars, layout.attempts):
        if folder.is_dir():
            shutil.rmtree(folder)
    if layout.data_folder.is_dir() and any(layout.data_folder.iterdir()):
        strange = ", ".join(sorted(path.name for path in layout.data_folder.iterdir())[:5])
        raise OutputError(f"{layout.data_folder}: holds files that no build made: {strange}", "move them elsewhere")


def sweep(layout: Layout) -> None:
    """Remove what attempts of dead or failed workers left behind, which may be what fills the disk."""
    for folder in (layout.folder, layout.meta, layout.views, layout.recipes, layout.sidecars, layout.private):
        for leftover in folder.glob(".*.part"):
            leftover.unlink(missing_ok=True)
    for leftover in layout.attempts.glob("*"):
        leftover.unlink(missing_ok=True)


def check_space(out: Path, needed: int) -> None:
    """Raise NoSpaceError if fewer than `needed` bytes are free."""
    free = shutil.disk_usage(out).free
    if free < needed:
        raise NoSpaceError(
            f"{out}: about {_size(needed)} are needed, {_size(free)} are free",
            "make room and run the same command again: it goes on; or choose another disk with --out",
        )


def _size(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} bytes"


def committed(layout: Layout, shard: Shard, fingerprint: str, verify: bool = False) -> Report | None:
    """The sidecar of a shard that is done: it parses, is of this plan, and the file has its size (and its SHA-256)."""
    try:
        report = msgspec.json.decode(layout.sidecar(shard.name).read_bytes(), type=Report)
        if report.plan_sha256 != fingerprint:
            return None
        data = layout.data(shard.name)
        if report.rows and data.stat().st_size != report.bytes:
            return None
        if report.rows and verify and write.sha256_of(data) != report.sha256:
            return None
    except (OSError, msgspec.MsgspecError):
        return None
    return report
