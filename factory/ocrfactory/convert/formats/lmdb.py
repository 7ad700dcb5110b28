"""Rows of LMDBs: one folder with a `data.mdb`, or a tree of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from ocrfactory.convert.entry import Container, Entry
from ocrfactory.convert.formats import lmdb_check, lmdb_store
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.listing import NEWS
from ocrfactory.convert.formats.stores import Stores
from ocrfactory.convert.gather import FileFault, Found
from ocrfactory.convert.page import Fault, Page, Region
from ocrfactory.errors import Reject
from ocrfactory.schema import SPLITS

PATTERN = "data.mdb"


class Lmdb:
    """The pages of all LMDBs. Iterate once; `containers`, `faults` and `notes` are whole afterwards."""

    def __init__(self, chosen: Chosen, level: str, log: Callable[[str], None] = lambda line: None) -> None:
        self.chosen, self.level, self.log = chosen, level, log
        self.containers = list(chosen.delivery.containers)
        self.faults = [FileFault(f.path, f.reason, f.detail) for f in chosen.delivery.faults]
        self.notes = list(chosen.delivery.notes)
        self._stores = Stores()
        lmdb_store.import_lmdb()  # its absence is no fault of a file
        if chosen.delivery.images:
            self.notes.append(f"{len(chosen.delivery.images):,} images beside the LMDBs are not read")

    @cached_property
    def damaged(self) -> dict[str, str]:
        """What is wrong with LMDBs that cannot be read, by their places."""
        self.log(f"{len(self.chosen.labels):,} LMDBs are read once, to see whether they are whole")
        homes = (self.containers[entry.container] for entry in self.chosen.labels)
        return lmdb_check.damage(
            [_place(home, entry) for home, entry in zip(homes, self.chosen.labels, strict=True) if home.kind != "zip"]
        )

    def read(self, entry: Entry) -> bytes:
        """The bytes of an image, while planning."""
        return self._stores.read(self.containers[entry.container], entry)

    def sized(self) -> Iterator[Entry]:
        """All images with their sizes, in a pass of its own: what duplicates are looked for by."""
        for entry in self.chosen.labels:
            home = self.containers[entry.container]
            path = _place(home, entry)
            if path in self.damaged:
                continue  # counted when its labels are read
            try:
                found = [item.image for item in lmdb_store.held(path) if item.image is not None]
            except Reject:  # counted when its labels are read
                continue
            finally:
                lmdb_store.close(path)
            yield from (Entry("", 0, "", size) for size in found)

    def __iter__(self) -> Iterator[Found]:
        labels = [(self.chosen.split_of_folders(entry), entry) for entry in self.chosen.labels]
        labels.sort(key=lambda pair: (SPLITS.index(pair[0]) if pair[0] else -1, pair[1].path))
        for split, entry in labels:
            try:
                yield from self._one(entry, split)
            except Reject as reject:
                self.faults.append(FileFault(entry.path, reject.reason, reject.detail, split))

    def _one(self, entry: Entry, split: str | None) -> Iterator[Found]:
        home = self.containers[entry.container]
        if home.kind == "zip":
            raise Reject("bad_lmdb", "an LMDB cannot be read inside a zip: unpack it")
        path = _place(home, entry)
        if path in self.damaged:
            raise Reject("bad_lmdb", self.damaged[path])
        self.containers.append(Container("lmdb", path, home.root))
        folder, container, count = entry.path.rpartition("/")[0], len(self.containers) - 1, 0
        try:
            for item in lmdb_store.held(path):
                yield self._found(item, entry.path, folder, container, split)
                count += 1
                if count % NEWS == 0:
                    self.log(f"{entry.path}: {count:,} labels read")
            self._compare(lmdb_store.count_of(path), count, entry, split)
        finally:
            lmdb_store.close(path)

    def _compare(self, said: int | None, count: int, entry: Entry, split: str | None) -> None:
        if not count:
            raise Reject("bad_lmdb", "it has no keys image-000000001, label-000000001")
        if said is None:
            self.notes.append(f"{entry.path} has no num-samples; it holds {count:,}")
        elif said < count:
            self.notes.append(f"{entry.path}: num-samples says {said:,}, it holds {count:,}; all are read")
        elif said > count:
            detail = f"num-samples says {said:,}, it holds {count:,}: {said - count:,} have neither image nor label"
            self.faults.append(FileFault(entry.path, "num_samples", detail, split))

    def _found(self, item: lmdb_store.Held, label: str, folder: str, container: int, split: str | None) -> Found:
        text, fault = _text(item)
        image = None
        if item.image is not None:
            key = f"image-{item.number:09}"
            image = Entry(f"{folder}/{key}" if folder else key, container, "", item.image, offset=item.number)
        region = Region(item.number, text, self.level, fault=fault)
        return Found(label, Page(None, (region,)), image, split)


def _place(home: Container, entry: Entry) -> str:
    """The folder of an LMDB on this machine."""
    return str((Path(home.path) / entry.name).parent)


def _text(item: lmdb_store.Held) -> tuple[str | None, Fault | None]:
    if item.image is None:
        return None, ("missing_image", f"no key image-{item.number:09}")
    if item.label is None:
        return None, ("missing_label", f"no key label-{item.number:09}")
    try:
        return item.label.decode(), None
    except UnicodeDecodeError:
        return None, ("text_invalid", f"label-{item.number:09} is not UTF-8: {item.label[:40]!r}")
