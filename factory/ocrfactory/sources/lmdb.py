"""Source kind `lmdb`: the databases that DTRB and PARSeq read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocrfactory.convert.entry import Container
from ocrfactory.convert.formats import lmdb
from ocrfactory.convert.gather import Gathered
from ocrfactory.sources.labelled import Level
from ocrfactory.sources.listed import Listed
from ocrfactory.sources.source import Context


class Lmdb(Listed):
    """One LMDB, or a tree of them."""

    kind: Literal["lmdb"] = "lmdb"
    name: str = Field("lmdb", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    level: Level = Field("word", description="What the rows are.")

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`.

        Raises:
            InputError: the package lmdb is not installed.
        """
        reading = lmdb.Lmdb(self.choose(context, (lmdb.PATTERN,)), self.level, context.log)
        return self.gathered(reading, reading.read, reading.sized())
