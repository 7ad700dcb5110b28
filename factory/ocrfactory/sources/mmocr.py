"""Source kind `mmocr`: recognition lists of MMOCR, 1.x and 0.x."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocrfactory.convert.entry import Container
from ocrfactory.convert.formats import mmocr
from ocrfactory.convert.gather import Gathered
from ocrfactory.sources.listed import Rooted
from ocrfactory.sources.source import Context


class Mmocr(Rooted):
    """`textrecog_train.json`, JSON lines, or `train_label.txt`."""

    kind: Literal["mmocr"] = "mmocr"
    name: str = Field("mmocr", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`."""
        reading = mmocr.Mmocr(self.chosen(context, mmocr.PATTERNS), self.level, context.log)
        return self.gathered(reading, reading.reader.read, reading.images)
