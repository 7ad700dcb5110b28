"""Source kind `coco`: boxes of text in COCO's JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocrfactory.convert.entry import Container
from ocrfactory.convert.formats import coco
from ocrfactory.convert.gather import Gathered
from ocrfactory.sources.labelled import Level
from ocrfactory.sources.listed import Rooted
from ocrfactory.sources.source import Context


class Coco(Rooted):
    """COCO-Text v2, and COCO whose annotations carry a text."""

    kind: Literal["coco"] = "coco"
    name: str = Field("coco", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    level: Level = Field("word", description="What the rows are.")
    root: str | None = Field(None, description="Another folder that images lie in.")

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`."""
        chosen = self.chosen(context, (coco.PATTERN,))
        reading = coco.Coco(chosen, self.level, context.log, self.join, self.keep_illegible)
        return self.gathered(reading, reading.reader.read, reading.images)
