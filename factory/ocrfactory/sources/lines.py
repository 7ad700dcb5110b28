"""Source kind `lines`: texts of corpora, each drawn as a line by a face that draws all of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from pydantic import Field, model_validator

from ocrfactory.ranges import Span, ems, numbers, shares
from ocrfactory.sources.line_drawer import LineDrawer
from ocrfactory.sources.source import Context, Drawer, Settled
from ocrfactory.sources.written import State, Written


class Lines(Written):
    """Lines of text from fonts."""

    kind: Literal["lines"] = "lines"
    name: str = Field("lines", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    height: int = Field(64, ge=12, le=1024, description="Pixels across the line: the width of a vertical one.")
    margin: int | None = Field(None, ge=0, description="Pixels free of ink at each side; by default height / 16.")
    vertical: float = Field(0.0, ge=0, le=1, description="Share of lines that are set vertically.")
    size: Annotated[Span, shares(0.2, 1)] = Field((1.0, 1.0), description="Em as a share of the room across the line.")
    shift: Annotated[Span, numbers(-1, 1)] = Field((0.0, 0.0), description="Across the line, -1 and 1 at the margins.")
    padding: Annotated[Span, ems(0, 20)] = Field((0.0, 0.0), description="Free room before and after the text.")
    spacing: Annotated[Span, ems(-0.2, 2)] = Field((0.0, 0.0), description="Added between characters.")
    weight: Annotated[Span, ems(-0.05, 0.1)] = Field((0.0, 0.0), description="Emboldening; negative thins.")
    mixed_faces: float = Field(0.0, ge=0, le=1, description="Share of lines whose words take faces of their own.")
    fallback: bool = Field(False, description="What the chosen face lacks, another of the faces draws; recorded.")
    masks: bool = Field(False, description="Keep which pixel belongs to which character, in attrs.mask.")

    @model_validator(mode="after")
    def _room(self) -> Lines:
        if self.margin is not None and 2 * self.margin > self.height - 8:
            raise ValueError(f"a margin of {self.margin} leaves no room in {self.height} pixels")
        return self

    @property
    def clean(self) -> bool:
        """See `Source.clean`."""
        return True

    @property
    def mixes_faces(self) -> bool:
        """See `Source.mixes_faces`."""
        return self.mixed_faces > 0 or self.fallback

    def portable(self) -> Lines:
        """See `Source.portable`."""
        return self.model_copy(update=self.cut())

    def settle(self, context: Context) -> Settled:
        """Choose the texts, and for each a face that draws it whole.

        Raises:
            FontError, CharsetError: a font or a character set is unknown or unreadable.
            InputError: a corpus is missing, empty, or has too few different texts.
        """
        return self.settle_written(
            self.faces(context),
            context,
            {},
            together=self.fallback,
            row_bytes=400 + self.height * self.height * 3,
            row_seconds=4e-4,
        )

    def open(self, state: bytes, seed: int) -> Drawer:
        """Load the fonts, in the worker. `seed` is the build's."""
        return LineDrawer(self, msgspec.msgpack.decode(state, type=State), seed)
