"""The disposable process: opens fonts that nobody trusts yet, and may die of it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import msgspec

from ocrfactory.errors import FontError
from ocrfactory.fonts.coverage.facts import VERSION, examine, quarantined
from ocrfactory.fonts.face import FontFile
from ocrfactory.fonts.opened import HARFBUZZ, OpenedFont

MEMORY = 4 << 30
"""Bytes of address space."""


class Order(msgspec.Struct, frozen=True):
    """One font to examine."""

    file: FontFile
    lang: str

    @property
    def key(self) -> str:
        """Name in the cache: the content of the font and all that may change the verdicts; never its path."""
        parts = (self.file.sha256, self.file.index, self.file.variation, self.lang, VERSION, HARFBUZZ)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def serve(folder: Path) -> None:
    """Examine the fonts that stdin names, one after the other; each answer is a file, each file is announced."""
    _limit_memory()
    for order in msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[Order]):
        try:
            facts = examine(OpenedFont(order.file, order.lang))
        except FontError as error:
            facts = quarantined(error.message)
        temporary = folder / f".{order.key}"
        temporary.write_bytes(msgspec.msgpack.encode(facts))
        temporary.replace(folder / order.key)
        sys.stdout.write("done\n")
        sys.stdout.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
