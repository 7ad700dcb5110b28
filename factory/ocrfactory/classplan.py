"""The class plan: how many rows of each class come from where, counted over the very rows that will be drawn.

With `classes` in a recipe it says what was chosen; without, what comes. It is made from a finished plan, so what it
says and what is built cannot differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory import schema
from ocrfactory.charset import class_group
from ocrfactory.classes import NO_CLASS, NO_TARGET, class_numbers, classes_of, origin_numbers
from ocrfactory.classtable import ClassRow, Status, points_of
from ocrfactory.plan import MAX_ROWS, Survey
from ocrfactory.sources.source import LEFT_OUT, Settled, Source
from ocrfactory.targets import Classes


class Supply(msgspec.Struct, frozen=True):
    """What one source could draw of each class."""

    source: str
    per_class: int | None
    """Pictures of an item, where that can be raised."""
    most: int
    """The largest `per_class` that the source takes."""
    items: NDArray[np.int64]
    """(classes,): items before replicas."""
    planned: int
    """All items: each is a row more with each picture more."""
    wanted: int
    """Those of them that may be drawn: not of a class that nobody wants."""


class ClassPlan(msgspec.Struct, frozen=True):
    """Rows of each class, by origin and by split."""

    rules: Classes
    """What the recipe asks; the defaults where it asks for nothing."""
    asked: bool
    """Whether the recipe has `classes`: without it nothing was cut."""
    classes: tuple[str, ...]
    planned: NDArray[np.int64]
    """(classes, 3): rows by origin, in the order of `schema.ORIGINS`."""
    splits: NDArray[np.int64]
    """(classes, 3): rows by split, in the order of `schema.SPLITS`."""
    over_cap: NDArray[np.int64]
    """(classes,): real rows beyond the cap."""
    over_limit: NDArray[np.int64]
    """(classes,): rows that were taken, but for the recipe's limit."""
    supplies: tuple[Supply, ...]
    not_selected: dict[str, int]
    """Rows that are not drawn, by reason: not_a_target, over_cap, over_max, over_limit."""
    untouched: dict[str, int]
    """Planned rows of each source that are no single characters."""
    limit: int | None
    """The recipe's."""
    chosen: int
    """Rows of all parts that would be drawn without the limit."""
    room: int
    """Rows that the parts may have more of before they are too many for any plan."""

    @property
    def totals(self) -> NDArray[np.int64]:
        """(classes,): rows of each class."""
        found: NDArray[np.int64] = self.planned.sum(axis=1)
        return found

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that have single characters."""
        return tuple(supply.source for supply in self.supplies)

    def rows(self, rejected: Counter[str] | None = None) -> list[ClassRow]:
        """The table, in the order of the classes.

        Args:
            rejected: rejects of each class, once all is built; the status then goes by what was written.
        """
        totals, supply = self.totals.tolist(), np.sum([supply.items for supply in self.supplies], axis=0)
        found = []
        for number, text in enumerate(self.classes):
            font, gan, real = self.planned[number].tolist()
            train, validation, test = self.splits[number].tolist()
            lost = None if rejected is None else rejected[text]
            written = None if lost is None else totals[number] - lost
            status: Status = "short" if supply[number] else "unfillable"
            if (totals[number] if written is None else written) >= self.rules.min_per_class:
                status = "ok"
            found.append(
                ClassRow(
                    text,
                    points_of(text),
                    class_group(text),
                    real,
                    font,
                    gan,
                    totals[number],
                    train,
                    validation,
                    test,
                    status,
                    self.raised_by(number) if supply[number] else "",
                    written,
                    lost,
                )
            )
        return found

    def raised_by(self, number: int) -> str:
        """The settings that together bring a class to `min_per_class`, as they are typed in a recipe.

        Returns:
            Empty where the class has that many rows, and where no setting gives it as many.
        """
        total = int(self.planned[number].sum())
        if total >= self.rules.min_per_class:
            return ""
        lacking = self.rules.min_per_class - total - int(self.over_limit[number])
        if lacking <= 0:
            return "limit: null"
        setting, more = self._more_rows(number, lacking)
        if setting and self.limit is not None and self.chosen + more > self.limit:
            return f"limit: null, {setting}"  # or the limit takes away again what the setting gives
        return setting

    def _more_rows(self, number: int, lacking: int) -> tuple[str, int]:
        """The setting that gives a class the rows that it lacks, and how many rows of all classes it adds at most."""
        if self.rules.cap is not None and self.over_cap[number] >= lacking:
            return f"cap: {self.rules.cap + lacking}", int(np.minimum(self.over_cap, lacking).sum())
        for supply in sorted(self.supplies, key=lambda supply: (-supply.items[number], supply.source)):
            if supply.per_class is None or not supply.items[number]:
                continue
            more = -(-lacking // int(supply.items[number]))
            if supply.per_class + more <= supply.most and more * supply.planned <= self.room:
                return f"{supply.source}.per_class: {supply.per_class + more}", more * supply.wanted
        return "", 0


def class_plan(survey: Survey) -> ClassPlan | None:
    """Count the planned rows of each class.

    Returns:
        None where no part has single characters.
    """
    recipe, choice = survey.recipe, survey.choice
    classes = classes_of(survey.settled) if choice is None else choice.classes
    counts = _Counts(classes)
    parts = zip(recipe.parts, survey.plan.parts, survey.settled, survey.plan.splits_of_rows(), strict=True)
    for part, planned, found, drawn in parts:
        counts.add(part.source, found, planned.row_splits, drawn)
    if not counts.supplies:
        return None
    limit = int(counts.over_limit.sum())
    return ClassPlan(
        rules=recipe.classes or Classes(cap=None),
        asked=recipe.classes is not None,
        classes=classes,
        planned=counts.planned,
        splits=counts.splits,
        over_cap=np.zeros(len(classes), np.int64) if choice is None else choice.over_cap,
        over_limit=counts.over_limit,
        supplies=tuple(counts.supplies),
        not_selected={**(choice.not_selected if choice else {}), **({"over_limit": limit} if limit else {})},
        untouched=counts.untouched,
        limit=recipe.limit,
        chosen=counts.chosen,
        room=MAX_ROWS - sum(found.rows for found in survey.settled),
    )


class _Counts:
    def __init__(self, classes: tuple[str, ...]) -> None:
        self.classes = classes
        self.planned = np.zeros((len(classes), len(schema.ORIGINS)), np.int64)
        self.splits = np.zeros((len(classes), len(schema.SPLITS)), np.int64)
        self.over_limit = np.zeros(len(classes), np.int64)
        self.supplies: list[Supply] = []
        self.untouched: dict[str, int] = {}
        self.chosen = 0

    def add(self, source: Source, found: Settled, chosen: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> None:
        """One part: the splits of its rows before the limit, and after it."""
        self.chosen += int(np.count_nonzero(chosen != LEFT_OUT))
        numbers = class_numbers(found, self.classes)
        if numbers is None:
            self.untouched[source.name] = int(np.count_nonzero(drawn != LEFT_OUT))
            return
        origins = origin_numbers(source, found)
        cls, origin = np.repeat(numbers, found.replicas), np.repeat(origins, found.replicas)
        here = (cls >= 0) & (drawn != LEFT_OUT)
        self.planned += _table(cls[here], origin[here], self.planned.shape)
        self.splits += _table(cls[here], drawn[here], self.splits.shape)
        lost = (cls >= 0) & (chosen != LEFT_OUT) & (drawn == LEFT_OUT)
        self.over_limit += np.bincount(cls[lost], minlength=len(self.classes))
        other = int(np.count_nonzero((cls == NO_CLASS) & (drawn != LEFT_OUT)))
        if other:
            self.untouched[source.name] = other
        there = numbers if found.splits is None else numbers[found.splits != LEFT_OUT]
        self.supplies.append(
            Supply(
                source.name,
                getattr(source, "per_class", None),
                _most_per_class(source),
                np.bincount(there[there >= 0], minlength=len(self.classes)).astype(np.int64),
                len(there),
                int(np.count_nonzero(there != NO_TARGET)),
            )
        )


def _most_per_class(source: Source) -> int:
    """The bound that stands in the source's own field; as many as a plan can hold where there is none."""
    field = type(source).model_fields.get("per_class")
    bounds = () if field is None else (getattr(rule, "le", None) for rule in field.metadata)
    return min((bound for bound in bounds if bound is not None), default=MAX_ROWS)


def _table(rows: NDArray[np.int32], columns: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.int64]:
    flat = np.bincount(rows.astype(np.int64) * shape[1] + columns, minlength=shape[0] * shape[1])
    return flat.reshape(shape).astype(np.int64)


def rejects_by_class(survey: Survey, plan: ClassPlan, rejects: Iterable[tuple[str, str, str]]) -> Counter[str]:
    """How many planned rows of each class became rejects.

    Args:
        rejects: (id, reason, detail) of all rejects of the data set.
    """
    number_of = {part.source: number for number, part in enumerate(survey.plan.parts)}
    numbers = [class_numbers(found, plan.classes) for found in survey.settled]
    found: Counter[str] = Counter()
    for identity, _, _ in rejects:
        source, item = identity.split("/")[:2]
        of_part = numbers[number_of[source]]
        if of_part is not None and of_part[int(item)] >= 0:
            found[plan.classes[of_part[int(item)]]] += 1
    return found
