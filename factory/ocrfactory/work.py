"""make_shard: the whole factory on one screen.

plan -> rows of one shard -> [source draws -> augment -> encode -> row] -> planned order -> Parquet -> commit -> sidecar
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128_hexdigest

from ocrfactory import encode, plan, schema, write
from ocrfactory.augment.files import with_files
from ocrfactory.augment.run import Augmenter
from ocrfactory.errors import Reject
from ocrfactory.inhand import NOTHING, InHand
from ocrfactory.layout import Layout
from ocrfactory.plan import Plan
from ocrfactory.recipe import Recipe
from ocrfactory.sample import Sample
from ocrfactory.shards import Shard
from ocrfactory.sources.source import Drawer
from ocrfactory.splits import parted_group

BATCH = 48
"""Rows that are drawn one after the other before they are augmented and encoded one after the other: a processor's
caches hold the code and the tables of one of these, not of all; a sixth of the time of a line."""


class Job(msgspec.Struct, frozen=True):
    """What a worker is told: where the plan lies, which shard, and which rows killed earlier attempts."""

    folder: str
    plan_sha256: str
    number: int
    attempt: int = 1
    poison: tuple[tuple[int, str], ...] = ()
    """(position in the shard, reason): not drawn again, counted as rejects."""


class Report(msgspec.Struct, frozen=True):
    """The sidecar of a committed shard: all that later steps know about it."""

    name: str
    split: str
    plan_sha256: str
    planned: int
    rows: int
    bytes: int
    sha256: str
    content_hash: str
    first_id: str | None
    last_id: str | None
    rejects: tuple[tuple[str, str, str], ...]
    """(id, reason, detail)."""
    licences: dict[str, int]
    """Rows by licence, for the data card."""


def make_shard(job: Job) -> Report:
    """Draw one shard and commit it. Called in a worker; nothing but the report crosses the pipe.

    Raises:
        NoSpaceError, OutputError: the disk refused.
    """
    layout = Layout(Path(job.folder))
    whole = plan.load(layout.plan, job.plan_sha256)
    shard = whole.shards[job.number]
    attempt = layout.attempt(shard.name, job.attempt)
    with ExitStack() as stack:
        with write.disk_errors(layout.attempts):
            in_hand = stack.enter_context(InHand(layout.in_hand(shard.name)))
        stack.enter_context(_rare_collections())
        done, rejects = _draw(whole, shard, dict(job.poison), in_hand)
    rows = [row for row in done if row is not None]
    report = _describe(shard, job.plan_sha256, rows, rejects)
    if rows:
        with write.disk_errors(attempt), write.removed_on_error(attempt):
            tables = write.tables_of(rows, whole.recipe["group_rows"])
            write.write_parquet(attempt, tables, whole.footer(shard))
            write.check_parquet(attempt, tables, whole.footer(shard))
            report = msgspec.structs.replace(report, bytes=attempt.stat().st_size, sha256=write.sha256_of(attempt))
            _still_wanted(job)
            write.commit(attempt, layout.data(shard.name))
    write.write_bytes(layout.sidecar(shard.name), msgspec.json.encode(report))
    return report


def _draw(
    whole: Plan, shard: Shard, poison: dict[int, str], in_hand: InHand
) -> tuple[list[write.Encoded | None], list[tuple[str, str, str]]]:
    """All rows of a shard, each at its planned position, and the rejects."""
    part_of, row_of = whole.rows_of(shard)
    done: list[write.Encoded | None] = [None] * shard.rows
    rejects = []
    for number, part in enumerate(whole.parts):
        in_hand.note(NOTHING)  # no row of the part before is at fault while fonts and models are loaded
        finish = Finish(whole, number, shard.split)
        positions = np.flatnonzero(part_of == number)
        positions = positions[np.argsort(row_of[positions], kind="stable")]  # a source is fastest in its own order
        items = _items(whole, number, positions, row_of, poison, in_hand)
        while batch := list(islice(items, BATCH)):
            for position, row, drawn in batch:
                try:
                    if isinstance(drawn, Reject):
                        raise drawn
                    in_hand.note(position)
                    done[position] = finish(row, drawn)
                except Reject as reject:
                    rejects.append((part.identity(row), reject.reason, reject.detail))
    in_hand.note(NOTHING)  # nor the last one while the shard is written
    return done, sorted(rejects)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Rows are many small objects that stay until the shard is written: looking through them for cycles, of which there
    are none, would take a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Finish:
    """What becomes of a drawn sample: augmented, encoded, a row."""

    def __init__(self, whole: Plan, number: int, split: str) -> None:
        self.whole, self.part, self.split = whole, whole.parts[number], split
        recipe = _recipe(schema.dump(whole.recipe))
        self.image = recipe.image
        chosen = recipe.parts[number]
        self.augmenter = None
        if chosen.augment is not None and split in chosen.augmented:
            ops = with_files(chosen.augment.ops, self.part.files)
            self.augmenter = Augmenter(ops, chosen.augment.floor)

    def __call__(self, row: int, drawn: Sample) -> write.Encoded:
        """The finished row.

        Raises:
            Reject: `illegible`, or what an op says.
        """
        sample = self.augmented(drawn)
        if sample.split_group is not None and self.part.leaves_its_group(row):
            sample = msgspec.structs.replace(sample, split_group=parted_group(sample.split_group, self.split))
        identity = self.part.identity(row)
        format, image, pixels = encode.file_of(sample, self.image.format, self.image.quality)
        values = schema.row_of(
            sample, id=identity, source=self.part.source, split=self.split, recipe_id=self.whole.recipe_id
        )
        return write.Encoded(
            image,
            f"{identity.replace('/', '-')}.{format}",
            xxh3_128_hexdigest(image),
            values,
            schema.row_hash(pixels, values),
        )

    def augmented(self, drawn: Sample) -> Sample:
        """The sample after the ops of its part, if its split gets any; with its mask where attributes are stored."""
        sample = drawn if self.augmenter is None else self.augmenter(drawn)
        if sample.mask is None:
            return sample
        return msgspec.structs.replace(
            sample, attrs={**(sample.attrs or {}), "mask": encode.mask_text(sample.mask)}, mask=None
        )


@lru_cache(4)
def _recipe(canonical: str) -> Recipe:
    return Recipe.model_validate_json(canonical)


def _items(
    whole: Plan,
    number: int,
    positions: NDArray[np.intp],
    row_of: NDArray[np.int64],
    poison: dict[int, str],
    in_hand: InHand,
) -> Iterator[tuple[int, int, Sample | Reject]]:
    """Draw the rows of one part. Before each one its position is noted, so that a death names its culprit."""
    if not len(positions):
        return
    todo: list[int] = []
    for position in positions.tolist():
        if position in poison:
            yield position, int(row_of[position]), Reject(poison[position], "twice in hand when its worker was lost")
        else:
            todo.append(position)
    rows = row_of[todo].tolist() if todo else []
    drawn = iter(opened(whole, number).draw(rows))
    for position, row in zip(todo, rows, strict=True):
        in_hand.note(position)
        yield position, row, next(drawn)


@lru_cache(16)
def _opened(fingerprint: str, number: int, state: bytes, seed: int, canonical: str) -> Drawer:
    return _recipe(canonical).parts[number].source.open(state, seed)


def opened(whole: Plan, number: int) -> Drawer:
    """The drawer of a part; fonts and models stay loaded from shard to shard."""
    return _opened(whole.sha256, number, whole.parts[number].state, whole.seed, schema.dump(whole.recipe))


def _describe(
    shard: Shard, plan_sha256: str, rows: Sequence[write.Encoded], rejects: Sequence[tuple[str, str, str]]
) -> Report:
    return Report(
        name=shard.name,
        split=shard.split,
        plan_sha256=plan_sha256,
        planned=shard.rows,
        rows=len(rows),
        bytes=0,
        sha256="",
        content_hash=f"{schema.add_hashes(*(row.content_hash for row in rows)):064x}",
        first_id=rows[0].id if rows else None,
        last_id=rows[-1].id if rows else None,
        rejects=tuple(rejects),
        licences=dict(Counter(row.row.license for row in rows)),  # type: ignore[attr-defined]
    )


def _still_wanted(job: Job) -> None:
    """A worker outlives a killed parent until its task ends; it must not commit for nobody."""
    if os.environ.get("OCRFACTORY_PARENT", str(os.getppid())) != str(os.getppid()):
        raise SystemExit(1)
