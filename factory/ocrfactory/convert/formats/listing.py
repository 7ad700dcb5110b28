"""Label files that name whole images: what each of them says becomes a page of one region."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

import msgspec

from ocrfactory.convert.entry import Entry
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.index import Claims, Index
from ocrfactory.convert.formats.lines import Lines
from ocrfactory.convert.gather import FileFault, Found
from ocrfactory.convert.page import Fault, Page, Region
from ocrfactory.convert.reader import Reader
from ocrfactory.errors import Reject
from ocrfactory.schema import SPLITS

NEWS = 200_000
"""Rows between two words about the progress of planning."""
SMALL = 1 << 20
"""Bytes of a list that is not streamed."""


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a label file says of one image."""

    number: int
    """Of its line or element, from 0."""
    image: str
    """As written; empty where none can be told, which takes a `fault`."""
    text: str | None
    fault: Fault | None = None
    """What makes it no row: `bad_line` and the like."""


def bad(number: int, detail: str, reason: str = "bad_line", image: str = "") -> Row:
    """What cannot be read, and the image that it speaks of, if that much is known."""
    return Row(number, image, None, (reason, detail))


class Listing(ABC):
    """The pages of all label files. Iterate once; `faults` and `notes` are whole afterwards.

    Args:
        level: what the rows are.
    """

    attributes: ClassVar[dict[str, Any] | None] = None
    """Of every row, for `attrs`."""

    def __init__(self, chosen: Chosen, level: str, log: Callable[[str], None] = lambda line: None) -> None:
        self.chosen, self.level, self.log = chosen, level, log
        self.containers = chosen.delivery.containers
        self.labels = chosen.labels
        self.images = chosen.delivery.images
        self.reader = Reader(self.containers)
        self.faults = [FileFault(f.path, f.reason, f.detail) for f in chosen.delivery.faults]
        self.notes = list(chosen.delivery.notes)
        self._old = 0

    @abstractmethod
    def rows(self, entry: Entry) -> Iterator[Row]:
        """What one label file says.

        Raises:
            Reject: nothing of it can be read.
        """

    def split_of(self, entry: Entry) -> str | None:
        """The split of a label file, by its own word."""
        return self.chosen.split_of_list(entry)

    def folders(self, entry: Entry) -> Sequence[str]:
        """Where the paths of a label file may start."""
        return (entry.path.rpartition("/")[0] if self.chosen.root is None else self.chosen.root,)

    def __iter__(self) -> Iterator[Found]:
        index = Index(self.images, self.chosen.places, self.chosen.root or "", self.chosen.from_slash)
        claims = Claims(len(self.images))
        labels = [(self.split_of(entry), entry) for entry in self.labels]
        labels.sort(key=lambda pair: (SPLITS.index(pair[0]) if pair[0] else -1, pair[1].path))
        count = 0
        for split, entry in labels:
            folders = self.folders(entry)
            try:
                for row in self.rows(entry):
                    yield self._found(row, entry, split, folders, index, claims)
                    count += 1
                    if count % NEWS == 0:
                        self.log(f"{count:,} labels read")
            except Reject as reject:
                self.faults.append(FileFault(entry.path, reject.reason, reject.detail, split))
        if self._old:
            self.notes.append(f"{self._old:,} label files are in CP949, not in UTF-8")
        self._judge_unused(list(index.unused()))

    def _found(
        self, row: Row, entry: Entry, split: str | None, folders: Sequence[str], index: Index, claims: Claims
    ) -> Found:
        image, fault = None, row.fault
        flags: tuple[str, ...] = ()
        if row.image:
            try:
                number, flags = index.find(row.image, folders)
                image = self.images[number]
                split = self.chosen.split_of_folders(image) if split is None else split
                conflict = claims.refused(number, split, entry.path, image.path)
                if conflict is not None:
                    image, fault = None, conflict  # its rows belong to this list, not to the image of the other split
            except Reject as reject:
                fault = fault or (reject.reason, reject.detail)
        if fault is not None:
            fault = fault[0], f"{entry.path}:{row.number + 1}: {fault[1]}"
        region = Region(row.number, None if fault else row.text, self.level, fault=fault)
        return Found(entry.path, Page(row.image, (region,), attributes=self.attributes), image, split, flags=flags)

    def _judge_unused(self, unused: list[Entry]) -> None:
        named = [image for image in unused if self.chosen.is_named(image)]
        self.faults += [
            FileFault(image.path, "missing_label", "no label names this image", self.chosen.split_of_folders(image))
            for image in named
        ]
        if len(named) < len(unused):
            self.notes.append(f"{len(unused) - len(named):,} images beside the named lists are in none of them")

    def lines(self, entry: Entry) -> Lines:
        """The lines of a text list; its encoding is noted where it is not UTF-8."""
        lines = lines_of(entry, self.reader)
        self._old += lines.encoding == "cp949"
        return lines


def lines_of(entry: Entry, reader: Reader) -> Lines:
    """The lines of a text list; a small one is read at once: a zip may hold a million of them.

    Raises:
        Reject: see `Lines`.
    """
    if entry.size <= SMALL:
        return Lines(entry.path, partial(io.BytesIO, reader.read(entry)))
    return Lines(entry.path, partial(reader.open, entry))
