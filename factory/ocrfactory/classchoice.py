"""Which rows of a class are drawn: real ones up to the cap, then all of them up to the most, by origin.

The choice goes by keys of source and row, so the order of the parts does not matter. Rows are taken in rounds, one of
each split group a round, so that few rows show many pages, hands and faces.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory import schema
from ocrfactory.classes import NO_TARGET, class_numbers, origin_numbers, wanted_classes
from ocrfactory.recipe import Recipe
from ocrfactory.rng import hashes
from ocrfactory.sources.source import LEFT_OUT, Context, Settled
from ocrfactory.splits import Fixed

_TRAIN = schema.SPLITS.index("train")


class Choice(msgspec.Struct, frozen=True):
    """The rows that a class plan takes."""

    classes: tuple[str, ...]
    """The classes that are wanted, in order."""
    taken: tuple[NDArray[np.bool_], ...]
    """Of each part, of each row: whether it is drawn."""
    not_selected: dict[str, int]
    """Rows that are not, by reason: not_a_target, over_cap, over_max."""
    over_cap: NDArray[np.int64]
    """(classes,): real rows that the cap left out."""

    def kept(self, settled: Sequence[Settled]) -> list[NDArray[np.int64]]:
        """Of each part, int64 (items,): how many rows of each item are drawn."""
        return [
            taken.reshape(found.items, found.replicas).sum(axis=1, dtype=np.int64)
            for taken, found in zip(self.taken, settled, strict=True)
        ]


class _Rows(msgspec.Struct, frozen=True):
    """The candidates of all parts side by side: one entry a row in each array."""

    part: NDArray[np.uint16]
    row: NDArray[np.int64]
    """Within its part."""
    cls: NDArray[np.int32]
    origin: NDArray[np.uint8]
    group: NDArray[np.int64]
    replica: NDArray[np.int32]
    key: NDArray[np.uint64]
    name: NDArray[np.uint16]
    """The place of the source's name among all names: it breaks ties, for the order of parts must not."""
    may_train: NDArray[np.bool_]

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> _Rows:
        return _Rows(**{name: getattr(self, name)[chosen] for name in self.__struct_fields__})

    def __len__(self) -> int:
        return len(self.row)


def choose_rows(recipe: Recipe, settled: Sequence[Settled], fixed: Fixed, context: Context) -> Choice | None:
    """Choose the rows of single characters as `classes` of the recipe says; all other rows are taken.

    Returns:
        None where the recipe has no `classes`.

    Raises:
        CharsetError: the charset of `classes` is unknown, unreadable or empty.
    """
    rules = recipe.classes
    if rules is None:
        return None
    classes = wanted_classes(recipe, settled, context.folder)
    taken = [np.ones(found.items * found.replicas, np.bool_) for found in settled]
    rows, strangers = _candidates(recipe, settled, fixed, classes, taken)
    over_cap = np.zeros(len(rows), np.bool_)
    if rules.cap is not None:
        over_cap = _beyond(rows, rows.origin == schema.ORIGINS.index("real"), rules.cap, ())
    over_max = np.zeros(len(rows), np.bool_)
    if rules.max_per_class is not None:
        place = np.array([rules.priority.index(origin) for origin in ("font", "gan", "real")], np.uint8)
        over_max = _beyond(rows, rows.may_train & ~over_cap, rules.max_per_class, (place[rows.origin],))
    for number, mask in enumerate(taken):
        mask[rows.row[(over_cap | over_max) & (rows.part == number)]] = False
    counts = {"not_a_target": strangers, "over_cap": int(over_cap.sum()), "over_max": int(over_max.sum())}
    return Choice(
        classes,
        tuple(taken),
        {reason: count for reason, count in counts.items() if count},
        np.bincount(rows.cls[over_cap], minlength=len(classes)).astype(np.int64),
    )


def _candidates(
    recipe: Recipe,
    settled: Sequence[Settled],
    fixed: Fixed,
    classes: Sequence[str],
    taken: Sequence[NDArray[np.bool_]],
) -> tuple[_Rows, int]:
    """All rows of the wanted classes, and how many rows are of others; those are no longer taken."""
    names = sorted(part.source.name for part in recipe.parts)
    groups: dict[str, int] = {}
    tables, strangers = [], 0
    for number, (part, found) in enumerate(zip(recipe.parts, settled, strict=True)):
        numbers = class_numbers(found, classes)
        if numbers is None:
            continue
        planned = fixed.codes[number] != LEFT_OUT
        strange = (numbers == NO_TARGET) & planned
        taken[number][np.repeat(strange, found.replicas)] = False
        strangers += int(strange.sum()) * found.replicas
        items = np.flatnonzero((numbers >= 0) & planned)
        group = fixed.groups[number]
        coded = np.array([groups.setdefault(name, len(groups)) for name in group.names], np.int64)[group.codes[items]]
        may_train = ~fixed.held[number] | (fixed.codes[number] == _TRAIN)
        row = (items[:, None] * found.replicas + np.arange(found.replicas)).ravel()
        keys = hashes(recipe.seed, f"classes\x1f{part.source.name}", found.items * found.replicas)
        tables.append(
            _Rows(
                part=np.full(len(row), number, np.uint16),
                row=row,
                cls=np.repeat(numbers[items], found.replicas),
                origin=np.repeat(origin_numbers(part.source, found)[items], found.replicas),
                group=np.repeat(coded, found.replicas),
                replica=np.tile(np.arange(found.replicas, dtype=np.int32), len(items)),
                key=keys[row],
                name=np.full(len(row), names.index(part.source.name), np.uint16),
                may_train=np.repeat(may_train[items], found.replicas),
            )
        )
    columns = {name: np.concatenate([getattr(table, name) for table in tables]) for name in _Rows.__struct_fields__}
    return _Rows(**columns), strangers


def _beyond(
    rows: _Rows, counted: NDArray[np.bool_], most: int, before: tuple[NDArray[np.uint8], ...]
) -> NDArray[np.bool_]:
    """bool (rows,): what is more than `most` counted rows of its class.

    Args:
        before: columns that rank a row before the rounds do.
    """
    beyond = np.zeros(len(rows), np.bool_)
    sizes = np.bincount(rows.cls[counted])
    crowded = np.flatnonzero(counted & (sizes > most)[rows.cls.clip(max=len(sizes) - 1)]) if len(sizes) else ()
    if not len(crowded):
        return beyond
    found = rows[np.asarray(crowded, np.intp)]
    ranks = tuple(column[crowded] for column in before)
    rounds = _position((found.cls, *ranks, found.group), (found.replica, found.key, found.name, found.row))
    places = _position((found.cls,), (*ranks, rounds, found.key, found.name, found.row))
    beyond[crowded] = places >= most
    return beyond


def _position(within: tuple[NDArray[np.generic], ...], by: tuple[NDArray[np.generic], ...]) -> NDArray[np.int64]:
    """int64: the place of each entry among those that are equal in `within`, ordered by `by`."""
    order = np.lexsort((*reversed(by), *reversed(within)))
    starts = np.zeros(len(order), np.bool_)
    starts[0] = True
    for column in within:
        starts[1:] |= np.diff(column[order].astype(np.int64)) != 0
    first = np.flatnonzero(starts)
    place = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    found = np.empty(len(order), np.int64)
    found[order] = place
    return found
