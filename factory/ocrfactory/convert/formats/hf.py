"""Rows of Hugging Face Parquet: texts now, images later, by file and row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ocrfactory.convert.entry import Container, Entry
from ocrfactory.convert.formats import parquet_store
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.listing import NEWS
from ocrfactory.convert.formats.stores import Stores
from ocrfactory.convert.gather import FileFault, Found
from ocrfactory.convert.page import Page, Region
from ocrfactory.errors import InputError, Reject
from ocrfactory.schema import SPLITS

PATTERN = "*.parquet"


class Hf:
    """The pages of all Parquet files. Iterate once; `containers`, `faults` and `notes` are whole afterwards.

    Args:
        image: column of the images; None: the only one of their shape.
        texts: names for the column of texts.
    """

    def __init__(
        self,
        chosen: Chosen,
        level: str,
        log: Callable[[str], None] = lambda line: None,
        image: str | None = None,
        texts: Sequence[str] = (),
    ) -> None:
        self.chosen, self.level, self.log, self.image, self.texts = chosen, level, log, image, texts
        self.containers = list(chosen.delivery.containers)
        self.faults = [FileFault(f.path, f.reason, f.detail) for f in chosen.delivery.faults]
        self.notes = list(chosen.delivery.notes)
        self._stores = Stores()
        self._mean = self._mean_size()

    def _mean_size(self) -> int:
        """Bytes of a row: Parquet does not keep the size of one image."""
        size = rows = 0
        for entry in self.chosen.labels:
            try:
                rows += parquet_store.rows_of(self._path(entry))
                size += entry.size
            except Reject:  # counted when its texts are read
                continue
        return max(size // max(rows, 1), 1)

    def sized(self) -> Iterator[Entry]:
        """What duplicates are looked for by: any two images may be equal."""
        yield from (Entry("", 0, "", self._mean),) * 2

    def read(self, entry: Entry) -> bytes:
        """The bytes of an image, while planning."""
        return self._stores.read(self.containers[entry.container], entry)

    def __iter__(self) -> Iterator[Found]:
        labels = [(self.chosen.split_of_list(entry), entry) for entry in self.chosen.labels]
        labels.sort(key=lambda pair: (SPLITS.index(pair[0]) if pair[0] else -1, pair[1].path))
        usable = False
        for split, entry in labels:
            try:
                columns = self._columns(entry)
                usable = True
                yield from self._one(entry, columns, split)
            except Reject as reject:
                self.faults.append(FileFault(entry.path, reject.reason, reject.detail, split))
        if labels and not usable:
            first = self.faults[len(self.chosen.delivery.faults)]
            raise InputError(f"{first.path}: {first.detail}", "name the columns: image_column, text_column")

    def _path(self, entry: Entry) -> Path:
        home = self.containers[entry.container]
        if home.kind == "zip":
            raise Reject("bad_parquet", "Parquet cannot be read inside a zip: unpack it")
        return Path(home.path) / entry.name

    def _columns(self, entry: Entry) -> parquet_store.Columns:
        return parquet_store.columns_of(self._path(entry), self.image, self.texts)

    def _one(self, entry: Entry, columns: parquet_store.Columns, split: str | None) -> Iterator[Found]:
        path = self._path(entry)
        self.containers.append(Container("parquet", str(path), self.containers[entry.container].root))
        number = len(self.containers) - 1
        for row, text in enumerate(parquet_store.texts_of(path, columns)):
            image = Entry(f"{entry.path}/{row:09}", number, columns.image, self._mean, offset=row, packed=entry.size)
            if isinstance(text, bytes):
                region = Region(row, None, self.level, fault=("text_invalid", f"not UTF-8: {text[:40]!r}"))
            else:
                region = Region(row, text, self.level)
            yield Found(entry.path, Page(None, (region,)), image, split)
            if (row + 1) % NEWS == 0:
                self.log(f"{entry.path}: {row + 1:,} texts read")
