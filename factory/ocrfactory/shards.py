"""In which order rows are written, and where that order is cut into shards.

Rows that are cut from one image stay together: whole units are shuffled, and shards are cut between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory import schema
from ocrfactory.augment.backgrounds import File
from ocrfactory.errors import InputError
from ocrfactory.recipe import Recipe
from ocrfactory.rng import seed_of, stream
from ocrfactory.sources.source import LEFT_OUT, Settled

MAX_SHARDS = 99_999
"""Five digits: the pattern that `datasets` looks for first."""
_MIN_SHARD_ROWS, _MAX_SHARD_ROWS, _MAX_SHARD_BYTES = 2_000, 50_000, 128 << 20
_MIN_SHARD_SECONDS, _FEWEST_ROWS = 0.2, 250
"""A small set of rows that take long is shared by several workers, too."""


class Shard(msgspec.Struct, frozen=True):
    """One file to be: rows `start` to `stop` of the order of its split."""

    number: int
    name: str
    split: str
    start: int
    stop: int

    @property
    def rows(self) -> int:
        """Rows planned."""
        return self.stop - self.start


class PartPlan(msgspec.Struct, frozen=True):
    """One part of the recipe, settled."""

    source: str
    items: int
    replicas: int
    state: bytes
    splits: bytes
    """uint8 (items,): the split of each item, as a number in `schema.SPLITS`; `LEFT_OUT`: it is not planned. Where a
    class plan takes some replicas of an item and leaves others: (items * replicas,), of each row."""
    files: tuple[tuple[File, ...], ...] = ()
    """What the ops of the part use: see `augment.files`."""
    units: bytes = b""
    """uint32: sizes of the stretches of items that stay together; empty: each item is for itself."""
    parted: bytes = b""
    """bool (items,): whether a route took the item out of its group; empty: none."""

    @property
    def row_splits(self) -> NDArray[np.uint8]:
        """uint8 (items * replicas,): the split of each row, or `LEFT_OUT`."""
        codes = np.frombuffer(self.splits, np.uint8)
        return np.repeat(codes, self.replicas) if len(codes) == self.items else codes

    def identity(self, row: int) -> str:
        """The `id` of a row of this part."""
        item, replica = divmod(row, self.replicas)
        return f"{self.source}/{item:09d}" + (f"/{replica}" if self.replicas > 1 else "")

    def leaves_its_group(self, row: int) -> bool:
        """Whether a route took the row out of the group that its source gives it."""
        return bool(self.parted) and self.parted[row // self.replicas] != 0


def row_order(parts: Sequence[PartPlan], seed: int, order: str, limit: int | None) -> dict[str, NDArray[np.uint32]]:
    """The rows of each split in the order in which they are written, numbered through all parts: see `locate`."""
    split_of = np.concatenate([part.row_splits for part in parts])
    planned = np.flatnonzero(split_of != LEFT_OUT)
    if limit is not None and limit < len(planned):
        planned = planned[
            np.sort(stream(seed_of(seed), "limit").choice(len(planned), limit, replace=False, shuffle=False))
        ]
    unit_of = _unit_of(parts)
    found = {}
    for number, split in enumerate(schema.SPLITS):
        chosen = planned[split_of[planned] == number].astype(np.uint32)
        if order == "shuffle":
            chance = stream(seed_of(seed, split), "order")
            if unit_of is None:
                chance.shuffle(chosen)
            else:
                chosen = _shuffled_units(chosen, unit_of[chosen], chance)
        found[split] = chosen
    return found


def _unit_of(parts: Sequence[PartPlan]) -> NDArray[np.uint32] | None:
    """The unit of each row, numbered through all parts; None where every row is its own."""
    if not any(part.units for part in parts):
        return None
    sizes = [
        np.frombuffer(part.units, np.uint32) * part.replicas if part.units else np.ones(part.items * part.replicas, int)
        for part in parts
    ]
    whole = np.concatenate(sizes)
    return np.repeat(np.arange(len(whole), dtype=np.uint32), whole)


def _shuffled_units(
    chosen: NDArray[np.uint32], units: NDArray[np.uint32], chance: np.random.Generator
) -> NDArray[np.uint32]:
    """Rows in rising order, their units shuffled: the rows of a unit stay together and in order."""
    found, of_row = np.unique(units, return_inverse=True)
    place = chance.permutation(len(found)).astype(np.uint32)
    return chosen[np.argsort(place[of_row], kind="stable")]


def unit_breaks(parts: Sequence[PartPlan], order: dict[str, NDArray[np.uint32]]) -> dict[str, NDArray[np.intp]] | None:
    """For each split, the places in its order where one unit ends and another begins; None where all places are."""
    unit_of = _unit_of(parts)
    if unit_of is None:
        return None
    return {
        split: np.append(np.append(0, np.flatnonzero(np.diff(unit_of[rows])) + 1), len(rows))
        for split, rows in order.items()
    }


def locate(parts: Sequence[PartPlan], numbers: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows numbered through all parts, as part numbers and row numbers within their part."""
    starts = np.cumsum([0, *(part.items * part.replicas for part in parts)])
    part_of = np.searchsorted(starts, numbers, side="right") - 1
    return part_of, numbers.astype(np.int64) - starts[part_of]


def cut_shards(
    recipe: Recipe,
    settled: Sequence[Settled],
    rows: dict[str, int],
    breaks: dict[str, NDArray[np.intp]] | None = None,
) -> tuple[Shard, ...]:
    """Cut each split into shards of nearly equal size. Depends on the recipe alone, never on the machine.

    Args:
        breaks: see `unit_breaks`. A unit larger than a shard is one shard, however large.
    """
    most = recipe.shard_rows or _shard_rows(settled, sum(rows.values()) if recipe.classes else None)
    shards: list[Shard] = []
    for split, count in rows.items():
        files = -(-count // most)
        if files > MAX_SHARDS:
            raise InputError(f"{files} shards of {split}, at most {MAX_SHARDS} are possible", "raise shard_rows")
        borders = [count * i // files for i in range(files + 1)] if files else [0]
        if breaks is not None and files:
            allowed = breaks[split]
            borders = sorted({int(allowed[np.searchsorted(allowed, border)]) for border in borders})
            files = len(borders) - 1
        for i, (start, stop) in enumerate(pairwise(borders)):
            shards.append(Shard(len(shards), f"{split}-{i:05d}-of-{files:05d}", split, start, stop))
    return tuple(shards)


def _shard_rows(settled: Sequence[Settled], planned: int | None) -> int:
    """About 32 shards, so that many workers share the work and a kill costs little; yet no tiny and no huge files.

    Args:
        planned: rows that a class plan leaves, often a small part; None: all. A limit has never been counted here, and
            data sets that were made with one are to stay as they are.
    """
    rows = sum(part.rows for part in settled) or 1
    row_bytes = sum(part.rows * part.row_bytes for part in settled) // rows or 1
    row_seconds = sum(part.rows * part.row_seconds for part in settled) / rows or 1.0
    least = min(max(int(_MIN_SHARD_SECONDS / row_seconds), _FEWEST_ROWS), _MIN_SHARD_ROWS)
    return min(
        max(-(-(rows if planned is None else planned) // 32), least),
        _MAX_SHARD_ROWS,
        max(_MAX_SHARD_BYTES // row_bytes, 1),
    )
