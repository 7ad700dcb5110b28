"""One run: plan, skip what is committed, map the rest, commit the job.

A run that was killed, starved or fed rubbish leaves either nothing or finished shards; started again it ends with the
same data as a run that was never disturbed.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from ocrfactory import finish, inhand, plan, write
from ocrfactory.claim import check_space, claim, refuse_foreign, sweep
from ocrfactory.errors import (
    InterruptedRunError,
    OcrFactoryError,
    TooManyRejectsError,
)
from ocrfactory.executors import EXECUTORS
from ocrfactory.executors.executor import Outcome
from ocrfactory.layout import Layout
from ocrfactory.lock import Lock
from ocrfactory.plan import Plan, Survey
from ocrfactory.read import Manifest
from ocrfactory.recipe import Recipe
from ocrfactory.shards import Shard
from ocrfactory.sources.source import Context
from ocrfactory.stopping import Stopping
from ocrfactory.work import Job, Report, make_shard

MAX_ATTEMPTS = 3
"""Of one shard, between two verdicts on a poisonous row."""
MAX_POISON = 20
"""Poisonous rows of one shard; more is no accident of a row."""
LOADING = 60.0
"""Seconds that fonts and models may take to load before a worker with no row in hand counts as still."""


class Options(msgspec.Struct, frozen=True):
    """How to run; nothing here changes a byte of the result."""

    executor: str = "processes"
    workers: int | None = None
    """None: as many as cores and memory allow."""
    max_reject_rate: float | None = None
    """None: the recipe's."""
    force: bool = False
    """Remove what another plan left in the folder."""
    steal_lock: bool = False
    verify: bool = False
    """Hash committed shards again before they are taken for done."""
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
    allowed = recipe.max_reject_rate if options.max_reject_rate is None else options.max_reject_rate
    survey = plan.make_plan(recipe, context)
    for note in (note for part in survey.settled for note in part.notes):
        context.log(note)
    layout = Layout(out)
    with write.disk_errors(out):
        refuse_foreign(layout)
        layout.private.mkdir(parents=True, exist_ok=True)
    with Lock(layout.lock, steal=options.steal_lock, log=context.log), Stopping() as stopping:
        reports = claim(layout, survey, force=options.force, verify=options.verify)
        if reports:
            context.log(f"{len(reports)} of {len(survey.plan.shards)} shards are done already")
        try:
            _make_all(layout, survey, reports, options, context, stopping)
        finally:
            sweep(layout)
        with write.disk_errors(out):
            in_order = [reports[shard.number] for shard in survey.plan.shards]
            manifest = finish.commit_job(layout, survey, in_order, allowed)
            shutil.rmtree(layout.attempts)
    _judge(manifest, allowed, layout)
    return manifest


def _make_all(
    layout: Layout, survey: Survey, reports: dict[int, Report], options: Options, context: Context, stopping: Stopping
) -> None:
    """Draw the shards that `reports` lacks, and add theirs to it."""
    whole = survey.plan
    number_of = {shard.name: shard.number for shard in whole.shards}
    todo = [
        Job(str(layout.folder), whole.sha256, shard.number) for shard in whole.shards if shard.number not in reports
    ]
    shard_bytes = survey.bytes // len(whole.shards)
    workers = min(options.workers or default_workers(), max(len(todo), 1))
    done = sum(report.planned for report in reports.values())
    rejects = sum(len(report.rejects) for report in reports.values())

    def note(report: Report) -> None:
        nonlocal done, rejects
        reports[number_of[report.name]] = report
        done, rejects = done + report.planned, rejects + len(report.rejects)
        options.progress(done, whole.rows, rejects)

    def jobs() -> Iterator[Job]:
        for job in todo:
            check_space(layout.folder, shard_bytes)
            yield job

    options.progress(done, whole.rows, rejects)
    suspects = []
    with closing(_map(options, workers, jobs(), layout, whole, stopping)) as outcomes:
        for outcome in outcomes:
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


def _map(
    options: Options, workers: int, jobs: Iterable[Job], layout: Layout, whole: Plan, stopping: Stopping
) -> Generator[Outcome, None, None]:
    executor = EXECUTORS[options.executor](workers)
    most = max((shard.rows for shard in whole.shards), default=0)
    yield from executor.map(
        options.work,
        jobs,
        timeout=max(600.0, options.item_timeout * most),  # what all rows may take: a slow generator needs seconds each
        pulse=_Pulse(layout, whole),
        stall=options.item_timeout,
        stopping=stopping.__bool__,
        tick=stopping.check,
    )


class _Pulse:
    """What a worker notes, from a job. While it starts and loads fonts and models no row is in hand, and none is timed.

    That may take `LOADING` seconds; then it counts as still, as with a row in hand.
    """

    def __init__(self, layout: Layout, whole: Plan) -> None:
        self.layout, self.whole = layout, whole
        self.since: dict[tuple[Job, int], float] = {}
        """When a job was first seen with no row in hand, by its ticks."""

    def __call__(self, job: Job) -> tuple[int, int] | None:
        note = inhand.read(self.layout.in_hand(self.whole.shards[job.number].name)) or (0, inhand.NOTHING)
        if note[1] != inhand.NOTHING:
            return note
        now = time.monotonic()
        return None if now - self.since.setdefault((job, note[0]), now) < LOADING else note


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
        layout.in_hand(whole.shards[job.number].name).unlink(missing_ok=True)  # of the attempt before
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
    cure = "if the machine is short of memory, try --workers 1; else please send us the recipe"
    if outcomes[0].failure == "stalled":
        cure = f"give a row more time than --item-timeout {options.item_timeout:g}; or look what its source waits for"
    raise OcrFactoryError(
        f"shard {whole.shards[job.number].name} failed {job.attempt} times, at last: {outcomes[0].detail}", cure
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
