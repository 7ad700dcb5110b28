"""One run: plan, skip what is committed, map the rest, commit the job.

A run that was killed, starved or fed rubbish leaves either nothing or finished shards; started again it ends with the
same data as a run that was never disturbed.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from ocrfactory import finish, inhand, plan, write
from ocrfactory.errors import (
    InterruptedRunError,
    NoSpaceError,
    OcrFactoryError,
    OutputError,
    PlanChangedError,
    TooManyRejectsError,
)
from ocrfactory.executors import EXECUTORS
from ocrfactory.executors.executor import Outcome
from ocrfactory.layout import Layout
from ocrfactory.lock import Lock
from ocrfactory.plan import Plan, Shard
from ocrfactory.read import Manifest
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import Context
from ocrfactory.stopping import Stopping
from ocrfactory.work import Job, Report, make_shard

MAX_ATTEMPTS = 3
"""Of one shard, between two verdicts on a poisonous row."""
MAX_POISON = 20
"""Poisonous rows of one shard; more is no accident of a row."""


class Options(msgspec.Struct, frozen=True):
    """How to run; nothing here changes a byte of the result."""

    executor: str = "processes"
    workers: int | None = None
    """None: as many as cores and memory allow."""
    max_reject_rate: float = 0.01
    force: bool = False
    """Remove what another plan left in the folder."""
    steal_lock: bool = False
    item_timeout: float = 60.0
    """Seconds that one row may be in hand."""
    progress: Callable[[int, int, int], None] = lambda done, planned, rejects: None
    """Called with rows done, rows planned and rejects so far."""
    work: Callable[[Job], Report] = make_shard


def build(recipe: Recipe, out: Path, context: Context, options: Options | None = None) -> Manifest:
    """Build a data set into a folder, or go on where an earlier run of the same plan stopped.

    Raises:
        InputError, RecipeError: before anything is written.
        PlanChangedError, LockedError, OutputError: the folder belongs to another plan or process, or cannot be written.
        NoSpaceError, InterruptedRunError: what is committed stays; the same command goes on.
        TooManyRejectsError: the data set is whole, yet more rows were rejected than allowed.
    """
    options = options or Options()
    survey = plan.make_plan(recipe, context)
    for note in (note for part in survey.settled for note in part.notes):
        context.log(note)
    layout = Layout(out)
    with write.disk_errors(out):
        _refuse_foreign(layout)
        layout.private.mkdir(parents=True, exist_ok=True)
    with Lock(layout.lock, steal=options.steal_lock, log=context.log), Stopping() as stopping:
        _claim(layout, survey.plan, force=options.force)
        _check_space(out, survey.bytes)
        reports = _make_all(layout, survey.plan, options, context, stopping)
        with write.disk_errors(out):
            manifest = finish.commit_job(layout, survey, reports, options.max_reject_rate)
            shutil.rmtree(layout.attempts)
    _judge(manifest, options.max_reject_rate, layout)
    return manifest


def _refuse_foreign(layout: Layout) -> None:
    if layout.folder.is_dir() and not layout.private.is_dir() and any(layout.folder.iterdir()):
        raise OutputError(
            f"{layout.folder}: holds files that no build made", "choose another folder with --out, or empty this one"
        )


def _claim(layout: Layout, whole: Plan, *, force: bool) -> None:
    """Make the folder this plan's; refuse if it is another's."""
    with write.disk_errors(layout.folder):
        before = _facts(layout)
        if before is not None and before != whole.facts:
            if not force:
                found = plan.differences(before, whole.facts)
                more = f"\n  ... and {len(found) - 12} more" if len(found) > 12 else ""
                raise PlanChangedError(
                    f"{layout.folder} belongs to another plan:\n  " + "\n  ".join(found[:12]) + more,
                    "choose another folder with --out, or --force to remove what is there",
                )
            _clear(layout)
        layout.make_folders()
        for leftover in layout.attempts.iterdir():
            leftover.unlink()
        layout.manifest.unlink(missing_ok=True)  # complete again only when this run says so
        write.write_bytes(layout.plan, plan.save(whole))
        write.write_bytes(layout.facts, msgspec.json.format(msgspec.json.encode(whole.facts, order="sorted")))


def _facts(layout: Layout) -> dict[str, Any] | None:
    try:
        data = layout.facts.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _clear(layout: Layout) -> None:
    """Remove what builds of ours wrote, and nothing else."""
    for folder in (layout.data_folder, layout.meta, layout.sidecars, layout.attempts):
        if folder.is_dir():
            shutil.rmtree(folder)
    for file in (layout.manifest, layout.card, layout.preview, layout.plan, layout.facts):
        file.unlink(missing_ok=True)


def _check_space(out: Path, needed: int) -> None:
    free = shutil.disk_usage(out).free
    if free < needed:
        raise NoSpaceError(
            f"{out}: about {needed >> 20} MB are needed, {free >> 20} MB are free",
            "make room, or choose another disk with --out",
        )


def committed(layout: Layout, shard: Shard, fingerprint: str) -> Report | None:
    """The sidecar of a shard that is done: it parses, is of this plan, and the file has its size."""
    try:
        report = msgspec.json.decode(layout.sidecar(shard.name).read_bytes(), type=Report)
        if report.plan_sha256 != fingerprint:
            return None
        if report.rows and layout.data(shard.name).stat().st_size != report.bytes:
            return None
    except (OSError, msgspec.MsgspecError):
        return None
    return report


def _make_all(layout: Layout, whole: Plan, options: Options, context: Context, stopping: Stopping) -> list[Report]:
    reports: dict[int, Report] = {}
    for shard in whole.shards:
        report = committed(layout, shard, whole.sha256)
        if report is not None:
            reports[shard.number] = report
    if reports:
        context.log(f"{len(reports)} of {len(whole.shards)} shards are done already")
    todo = [
        Job(str(layout.folder), whole.sha256, shard.number) for shard in whole.shards if shard.number not in reports
    ]
    workers = min(options.workers or default_workers(), max(len(todo), 1))

    def note(report: Report) -> None:
        reports[whole_number[report.name]] = report
        _tell(options, whole, reports.values())

    whole_number = {shard.name: shard.number for shard in whole.shards}
    _tell(options, whole, reports.values())
    suspects = []
    for outcome in _map(options, workers, todo, layout, whole, stopping):
        if outcome.failure is None:
            note(outcome.value)
        else:
            suspects.append(_suspect(outcome, layout, whole, context))
    for job, culprit in suspects:
        if not stopping:
            _isolate(job, culprit, options, layout, whole, context, stopping, note)
    if len(reports) < len(whole.shards):
        raise InterruptedRunError(
            f"interrupted: {len(reports)} of {len(whole.shards)} shards are committed",
            "run the same command again: it goes on from there",
            exit_code=128 + (stopping.signal or 2),
        )
    return [reports[shard.number] for shard in whole.shards]


def _tell(options: Options, whole: Plan, reports: Iterable[Report]) -> None:
    known = list(reports)
    options.progress(sum(r.planned for r in known), whole.rows, sum(len(r.rejects) for r in known))


def _map(
    options: Options, workers: int, jobs: Iterable[Job], layout: Layout, whole: Plan, stopping: Stopping
) -> Iterator[Outcome]:
    executor = EXECUTORS[options.executor](workers)
    slowest = max((shard.rows for shard in whole.shards), default=0)
    yield from executor.map(
        options.work,
        jobs,
        timeout=max(600.0, 0.1 * slowest),
        pulse=lambda job: inhand.read(layout.in_hand(whole.shards[job.number].name)),
        stall=options.item_timeout,
        stopping=stopping.__bool__,
        tick=stopping.check,
    )


def _suspect(outcome: Outcome, layout: Layout, whole: Plan, context: Context) -> tuple[Job, int | None]:
    """A failed job, and the row that its worker had in hand. What the work itself raised is raised here."""
    job: Job = outcome.item
    shard = whole.shards[job.number]
    if outcome.failure == "raised":
        if isinstance(outcome.error, OcrFactoryError):
            raise outcome.error
        raise OcrFactoryError(f"shard {shard.name}: {outcome.detail}") from outcome.error
    note = inhand.read(layout.in_hand(shard.name))
    culprit = note[1] if note is not None and note[1] != inhand.NOTHING else None
    row = "" if culprit is None else f", row {_identity(whole, shard, culprit)} in hand"
    context.log(f"shard {shard.name}, attempt {job.attempt}: {outcome.detail}{row}; it is drawn again")
    return job, culprit


def _identity(whole: Plan, shard: Shard, position: int) -> str:
    parts, rows = whole.rows_of(shard)
    return whole.parts[int(parts[position])].identity(int(rows[position]))


def _isolate(
    job: Job,
    culprit: int | None,
    options: Options,
    layout: Layout,
    whole: Plan,
    context: Context,
    stopping: Stopping,
    note: Callable[[Report], None],
) -> None:
    """Draw a shard again, alone. A row that is in hand when two workers in a row are lost becomes a reject."""
    attempts = 1
    while attempts < MAX_ATTEMPTS and len(job.poison) <= MAX_POISON:
        job = msgspec.structs.replace(job, attempt=job.attempt + 1)
        attempts += 1
        outcomes = list(_map(options, 1, [job], layout, whole, stopping))
        if not outcomes:
            return
        if outcomes[0].failure is None:
            note(outcomes[0].value)
            return
        _, again = _suspect(outcomes[0], layout, whole, context)
        if again is not None and again == culprit:
            reason = "timed_out" if outcomes[0].failure == "stalled" else "crashed_worker"
            job = msgspec.structs.replace(job, poison=(*job.poison, (again, reason)))
            attempts, culprit = 0, None
        else:
            culprit = again
    raise OcrFactoryError(
        f"shard {whole.shards[job.number].name} failed {job.attempt} times; its workers were lost",
        "if the machine is short of memory, try --workers 1; else please send us the recipe",
    )


def _judge(manifest: Manifest, allowed: float, layout: Layout) -> None:
    if manifest.rejects > allowed * manifest.planned:
        reasons = Counter(manifest.rejects_by_reason).most_common()
        raise TooManyRejectsError(
            f"{manifest.rejects} of {manifest.planned} rows were rejected, more than --max-reject-rate {allowed:g}: "
            + ", ".join(f"{reason} {count}" for reason, count in reasons),
            f"see {layout.rejects}; the rows that were made are committed",
        )


def default_workers(row_memory: int = 400 << 20) -> int:
    """As many workers as there are cores for us and memory for them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_cores()
    if quota is not None:
        cores = min(cores, quota)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else row_memory * cores
    return max(1, min(cores, memory // row_memory))


def _cgroup_cores() -> int | None:
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return None
    return None if quota == "max" else max(1, int(quota) // int(period))
