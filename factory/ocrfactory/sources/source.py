"""What a source is: a deterministic, random-access sequence of items.

The class is the configuration: a frozen pydantic model with a `kind`. `settle` runs once, at plan time, and finds out
what exists; `open` runs in the worker and loads what is heavy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ocrfactory.corpus.texts import Dropped
from ocrfactory.errors import Reject
from ocrfactory.fonts.face import Face, FontFile
from ocrfactory.fonts.select import Selection, select_faces
from ocrfactory.sample import FontUse, Sample

FREE, LEFT_OUT = 254, 255
"""In `Settled.splits`: an item whose split the recipe decides; an item that is numbered, yet never planned."""


class Context(msgspec.Struct, frozen=True):
    """What planning may use and the recipe does not say: where files lie, and what is allowed."""

    folder: Path = Path()
    """Relative paths of a recipe start here."""
    data: Path | None = None
    """Where labelled data lies: relative paths of labelled sources are looked for here first."""
    font_dirs: tuple[Path, ...] = ()
    offline: bool = False
    allow_missing: bool = False
    allow_unpinned: bool = False
    seed: int = 0
    """The build's root seed, for sources whose items are chosen at random."""
    log: Callable[[str], None] = lambda line: None


class Hole(msgspec.Struct, frozen=True, gc=False):
    """A class that a chosen face cannot draw: known at plan time, listed, never planned."""

    face: str
    text: str
    reason: str


class Facet(msgspec.Struct, frozen=True):
    """One property of every item: `names[codes[i]]`. Splits hold out by it."""

    names: tuple[str, ...]
    codes: NDArray[np.int32]


class Settled(msgspec.Struct, frozen=True):
    """A source after `settle`: what exists, and all that a worker needs."""

    items: int
    """Items, before replicas."""
    replicas: int
    facts: dict[str, Any]
    """What decides the pixels: hashes and counts. Part of the plan's fingerprint, so no path of this machine."""
    state: bytes
    """For `open`, in whatever form the source likes."""
    facets: dict[str, Facet]
    """`group` (what must not leak); whatever a split may hold out by: `face`, `class` (of single characters; the empty
    text where a row is none); `origin`, where rows of several origins are mixed."""
    holes: tuple[Hole, ...] = ()
    undrawn: tuple[str, ...] = ()
    """Classes that no chosen face draws."""
    charset: tuple[str, ...] = ()
    splits: NDArray[np.uint8] | None = None
    """Per item, the split that it has by right, as a number in `schema.SPLITS`, or `FREE`, or `LEFT_OUT`; None: all
    are free."""
    units: NDArray[np.uint32] | None = None
    """Sizes of the stretches of items that one shard should hold whole, for what they are cut from is opened once;
    None: each item is for itself."""
    tally: dict[str, int] = msgspec.field(default_factory=dict)
    """What was read, and what became of it before planning: annotations, not_selected, joined, file_faults."""
    origins: tuple[str, ...] = ()
    """What rows may be, where only settling finds out; empty: what the source's class says. The first is what items
    without a facet `origin` are planned with."""
    faults: dict[str, int] = msgspec.field(default_factory=dict)
    """Planned items that are rejects already, by reason: known without a pixel."""
    fonts: tuple[Face, ...] = ()
    lenders: tuple[Face, ...] = ()
    """Faces that lend content to generated rows: named with their licences, yet nothing is asked of their coverage."""
    asked: dict[str, int] = msgspec.field(default_factory=dict)
    """Of a source that fills holes: `holes` asked for, and those that are not planned, by reason."""
    notices: tuple[str, ...] = ()
    """What the data card must say of its rows."""
    dropped: tuple[Dropped, ...] = ()
    """What a source left out before it planned anything, by its own rules."""
    row_bytes: int = 1000
    """A rough size of one finished row, for the choice of shards and the check of free space."""
    row_seconds: float = 85e-6
    """A rough time of one row on one core, for the estimate that is printed."""
    notes: tuple[str, ...] = ()
    """What a user should know before the first pixel."""

    @property
    def rows(self) -> int:
        """Rows that will be planned."""
        left_out = 0 if self.splits is None else int(np.count_nonzero(self.splits == LEFT_OUT))
        return (self.items - left_out) * self.replicas


class Drawer(Protocol):
    """An opened source."""

    def draw(self, rows: Sequence[int]) -> Iterator[Sample | Reject]:
        """One Sample or Reject for each row number, in the order given; a row is `item * replicas + replica`.

        A span, not one number: so a page is decoded once for all its crops, and a generator runs in batches. Who works
        on many rows before the first one is out calls `inhand.alive` on the way.
        """
        ...


def without_folders(text: str) -> str:
    """A font or a charset as it was typed, with paths cut to their last part.

    What a row says must not depend on where a file lay; that its content is the same is in the plan's facts.
    """
    return re.sub(r"[^\s+&()]*/(?=[^/\s])", "", text.rstrip("/")) if "/" in text else text


def faces_of(fonts: Sequence[str], context: Context, locale: str | None, extra: bool) -> Selection:
    """The faces that words name, looked for as the context allows.

    Raises:
        FontError: a font is unknown, missing or unreadable.
    """
    return select_faces(
        fonts,
        base=context.folder,
        locale=locale,
        font_dirs=context.font_dirs,
        offline=context.offline,
        allow_missing=context.allow_missing,
        allow_unpinned=context.allow_unpinned,
        with_extra=extra,
        log=context.log,
    )


def font_use(file: FontFile) -> FontUse:
    """The provenance of a font file."""
    variation = ",".join(f"{axis}={value:g}" for axis, value in file.variation) or None
    return FontUse(file.sha256, file.index, file.name, variation)


class Source(BaseModel):
    """The fields that every source has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origins: ClassVar[tuple[str, ...]] = ("font",)
    """What its rows may be: `font`, `gan`, `real`. Ops that ruin real scans are refused by it."""
    finished: ClassVar[bool] = False
    """Gives the rows of a data set that exists: its splits are kept, and only train is augmented unless asked."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="First part of every id; unique in a recipe; lower-case ASCII.",
    )

    @property
    def clean(self) -> bool:
        """Whether it gives plain drawings, black on white, which `paint` takes."""
        return False

    @property
    def mixes_faces(self) -> bool:
        """Whether a row may show more faces than the one it is filed under, so that no face can be held out."""
        return False

    def portable(self) -> Source:
        """The same source without any path of this machine: what is hashed and published."""
        return self
