"""What every source of labelled images has in common: options, what it settles to, and how its rows are cut.

A kind of delivery is one file beside this one: it says how pages are found, and nothing else.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar, Literal

import msgspec
import numpy as np
from pydantic import Field

from ocrfactory import schema
from ocrfactory.convert.cutting import Cutting
from ocrfactory.convert.entry import Container
from ocrfactory.convert.gather import Gathered
from ocrfactory.convert.repair import Policy
from ocrfactory.convert.scene import Packed
from ocrfactory.corpus.texts import Dropped
from ocrfactory.errors import EmptyPlanError
from ocrfactory.sources.source import FREE, LEFT_OUT, Context, Drawer, Facet, Settled, Source, without_folders

UNKNOWN = "LicenseRef-unknown"
Level = Literal["char", "word", "line", "paragraph"]


class Labelled(Source):
    """Images that people labelled."""

    finished: ClassVar[bool] = True
    origins: ClassVar[tuple[str, ...]] = ("real",)

    paths: tuple[str, ...] = Field(min_length=1, description="Folders, zips or files; relative to the recipe.")
    level: Level | None = Field(
        None, description="Keep the annotations of this level only. By default word where the same text has two levels."
    )
    join: Literal["line", "paragraph"] | None = Field(
        None, description="Join neighbouring boxes of one line, or of one paragraph, into one row."
    )
    pad: float = Field(0.0, ge=0, le=2, description="Share of a box's shorter side that is added at each side.")
    warp: bool = Field(False, description="Straighten annotations with four points into rectangles.")
    rotate_tall: float | None = Field(
        None, ge=1, description="Turn crops that are this many times as tall as wide; recorded. By default none is."
    )
    turn: Literal["ccw", "cw"] = Field("ccw", description="Which way rotate_tall turns.")
    keep_illegible: bool = Field(False, description="Keep what the label marks as unreadable, with legible: false.")
    keep_person_attributes: bool = Field(False, description="Keep what labels say of people: age, sex, job.")
    drop_duplicates: bool = Field(
        False, description="Reject annotations that an equal file had before; equal-sized files are read when planning."
    )
    license: str | None = Field(
        None, min_length=1, description="SPDX name for the column `license`. By default LicenseRef-unknown."
    )
    lang: str | None = Field(None, description="For the column `lang`, where the labels do not say.")

    def portable(self) -> Labelled:
        """See `Source.portable`."""
        return self.model_copy(update={"paths": tuple(without_folders(path) for path in self.paths)})

    @property
    def policy(self) -> Policy:
        """What the options mean for the labels."""
        return Policy(keep_illegible=self.keep_illegible, keep_person=self.keep_person_attributes)

    def licence(self, context: Context) -> str:
        """What rows have in the column `license`."""
        return self.license or UNKNOWN

    @abstractmethod
    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """All pages, where they lie, and notes for people."""

    def settle(self, context: Context) -> Settled:
        """Read all labels; not a pixel is decoded.

        Raises:
            InputError: a path is missing, or labels cannot be told.
            EmptyPlanError: there is nothing to cut.
        """
        found, containers, notes = self.gather(context)
        if not found.planned:
            raise EmptyPlanError(*_nothing(self, found))
        sizes = found.units
        splits = np.repeat(np.array([_code(split) for split in found.splits], np.uint8), sizes)
        splits[~found.selected] = LEFT_OUT
        names, codes = np.unique(np.array(found.groups, object), return_inverse=True)
        items = int(sizes.sum())
        planned = int(np.count_nonzero(found.selected))
        state = State(containers, found.packed, self.licence(context))
        return Settled(
            items=items,
            replicas=1,
            facts={"labels": found.digest},
            state=msgspec.msgpack.encode(state),
            facets={
                "group": Facet(tuple(names.tolist()), np.repeat(codes.astype(np.int32), sizes)),
                **({"class": Facet(found.class_names, found.class_codes)} if len(found.class_names) > 1 else {}),
            },
            charset=found.charset,
            splits=splits,
            units=sizes,
            tally=found.tally,
            faults=found.faults,
            dropped=_left_out(found),
            row_bytes=max(found.image_bytes // max(planned, 1), 200),
            row_seconds=5e-4,
            notes=tuple(notes),
        )

    def open(self, state: bytes, seed: int) -> Drawer:
        """Unpack what the worker needs. `seed` is the build's."""
        from ocrfactory.sources.labelled_drawer import LabelledDrawer  # OpenCV and Pillow: a tenth of a second

        found = msgspec.msgpack.decode(state, type=State)
        how = Cutting(self.pad, self.warp, self.rotate_tall, self.turn)
        row = RowFacts(self.name, found.license, self.lang, seed)
        return LabelledDrawer(found.packed, found.containers, how, row)


class RowFacts(msgspec.Struct, frozen=True):
    """What all rows of a source share."""

    source: str
    license: str
    lang: str | None
    seed: int
    """The build's."""


class State(msgspec.Struct, frozen=True, array_like=True):
    """What a worker needs."""

    containers: tuple[Container, ...]
    packed: Packed
    license: str


def _code(split: str | None) -> int:
    return FREE if split is None else schema.SPLITS.index(split)


def _left_out(found: Gathered) -> tuple[Dropped, ...]:
    left = []
    if found.levels:
        levels = tuple(f"{level} {count:,}" for level, count in sorted(found.levels.items()))
        left.append(Dropped("not_selected", sum(found.levels.values()), levels))
    if found.tally["joined"]:
        left.append(Dropped("joined", found.tally["joined"], ("they are part of the row of the first of them",)))
    return tuple(left)


def _nothing(source: Labelled, found: Gathered) -> tuple[str, str]:
    if found.levels:
        there = ", ".join(f"{level} ({count:,})" for level, count in sorted(found.levels.items()))
        return f"no annotation is of level {source.level}; there are {there}", "choose another --level"
    lines = [f"no annotation in {', '.join(source.paths)}"]
    lines += [f"  {fault.path}: {fault.reason}: {fault.detail}" for fault in found.file_faults]
    more = found.tally["file_faults"] - len(found.file_faults)
    lines += [f"  and {more:,} more files that cannot be used"] if more else []
    return "\n".join(lines), "is this the folder that holds the labels?"


def place_of(path: str, context: Context) -> Path:
    """Where a path of a recipe is: in the folder of labelled data, else beside the recipe, else in the current one."""
    asked = Path(path).expanduser()
    tried = [base / asked for base in (context.data, context.folder) if base is not None]
    return next((place for place in tried if place.exists()), asked)
