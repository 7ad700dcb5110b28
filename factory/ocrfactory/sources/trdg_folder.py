"""Source kind `trdg_folder`: what trdg wrote, read back."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocrfactory.convert.entry import Container
from ocrfactory.convert.formats import trdg_folder
from ocrfactory.convert.gather import Gathered
from ocrfactory.sources.listed import Listed
from ocrfactory.sources.source import Context


class TrdgFolder(Listed):
    """Output folders of trdg. Rows have the origin `real`, as all labelled data, and `synthetic: true` in attrs."""

    kind: Literal["trdg_folder"] = "trdg_folder"
    name: str = Field("trdg", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    names: Literal["text_id", "id_text"] | None = Field(
        None, description="How files are named where there is no labels.txt: TEXT_0.jpg or 0_TEXT.jpg."
    )

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`."""
        chosen = self.choose(context, (trdg_folder.PATTERN,), needed=False)
        reading = trdg_folder.TrdgFolder(chosen, self.level, context.log, self.names)
        return self.gathered(reading, reading.reader.read, reading.images)
