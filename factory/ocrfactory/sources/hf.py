"""Source kind `hf`: Parquet of Hugging Face data sets."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocrfactory.convert.entry import Container
from ocrfactory.convert.formats.folder import TEXTS
from ocrfactory.convert.gather import Gathered
from ocrfactory.sources.listed import Listed
from ocrfactory.sources.source import Context


class Hf(Listed):
    """Parquet files with images as struct<bytes, path>."""

    kind: Literal["hf"] = "hf"
    name: str = Field("hf", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    image_column: str | None = Field(None, description="Column of the images. By default the one of their shape.")
    text_column: str | None = Field(
        None, description="Column of the texts. By default text, label, ground_truth or transcription."
    )

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`.

        Raises:
            InputError: no file has such columns.
        """
        from ocrfactory.convert.formats import hf  # pyarrow: not for a list of source kinds

        texts = TEXTS if self.text_column is None else (self.text_column,)
        chosen = self.choose(context, (hf.PATTERN,), cached=True)
        reading = hf.Hf(chosen, self.level, context.log, self.image_column, texts)
        return self.gathered(reading, reading.read, reading.sized())
