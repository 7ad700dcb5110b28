"""Source kind `folder`: image folders with metadata, docTR's labels, or a text file beside each image."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocrfactory.convert.entry import Container
from ocrfactory.convert.formats import folder
from ocrfactory.convert.gather import Gathered
from ocrfactory.sources.listed import Listed
from ocrfactory.sources.source import Context


class Folder(Listed):
    """`metadata.jsonl` or `.csv`, `labels.json`, or pairs `X.png` and `X.gt.txt`."""

    kind: Literal["folder"] = "folder"
    name: str = Field("folder", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    text_column: str | None = Field(
        None, description="Column of the texts in metadata. By default text, label, ground_truth or transcription."
    )

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`."""
        chosen = self.choose(context, folder.PATTERNS)
        reading = folder.Folder(chosen, self.level, context.log, self.text_column)
        return self.gathered(reading, reading.reader.read, reading.images)
