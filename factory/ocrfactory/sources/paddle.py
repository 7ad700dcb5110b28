"""Source kind `paddle`: recognition lists of PaddleOCR."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocrfactory.convert.entry import Container
from ocrfactory.convert.formats import paddle
from ocrfactory.convert.gather import Gathered
from ocrfactory.sources.listed import Rooted
from ocrfactory.sources.source import Context


class Paddle(Rooted):
    """`rec_gt_train.txt` and its like: `path<TAB>label` a line."""

    kind: Literal["paddle"] = "paddle"
    name: str = Field("paddle", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`."""
        reading = paddle.Paddle(self.chosen(context, (paddle.PATTERN,)), self.level, context.log)
        return self.gathered(reading, reading.reader.read, reading.images)
