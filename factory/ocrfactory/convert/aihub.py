"""AIHub deliveries: labels found, their shape recognised, typed by an adapter, paired with their images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

import msgspec

from ocrfactory.convert.adapter import Adapter, Probe, Splits
from ocrfactory.convert.delivery import Delivery
from ocrfactory.convert.document import Document
from ocrfactory.convert.entry import Entry
from ocrfactory.convert.gather import FileFault, Found
from ocrfactory.convert.official import split_above, split_by_rules, split_of
from ocrfactory.convert.page import Page
from ocrfactory.convert.pairing import Images
from ocrfactory.convert.reader import Reader
from ocrfactory.convert.recognise import Recogniser, probed
from ocrfactory.errors import Reject
from ocrfactory.schema import SPLITS

PAGE_NEWS = 100_000
"""Pages of one label between two words about the progress of planning."""
NEWS = 20_000
"""Labels between two words about the progress of planning."""


@lru_cache(1 << 16)
def _by_folder(folder: str) -> str | None:
    return split_of(f"{folder}/")


class Aihub:
    """The pages of a delivery. Iterate once; `faults` and `notes` are whole afterwards.

    Args:
        adapter: for every label; None: each shape of labels is recognised.
        level: keep the regions of this level only; None: as the adapter has it.
        join: see `join.joined`.
        name: of the source; pages of a data set of another name say so in their attributes.
    """

    def __init__(
        self,
        delivery: Delivery,
        adapter: Adapter | None = None,
        level: str | None = None,
        join: str | None = None,
        name: str = "",
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.delivery, self.adapter, self.level, self.join, self.log = delivery, adapter, level, join, log
        self.name = name
        self.reader = Reader(delivery.containers)
        self.faults = [FileFault(f.path, f.reason, f.detail, split_of(f.path)) for f in delivery.faults]
        self.notes = list(delivery.notes)
        self._recogniser = Recogniser()
        self._rules: Splits = ()
        self._above: dict[str, str] = {}

    def __iter__(self) -> Iterator[Found]:
        self._rules = self.adapter.splits or () if self.adapter else self._probed_rules()
        self._above = self._splits_above()
        images = self._images()
        labels = [(self._split(entry), entry) for entry in self._meant("label_paths", self.delivery.labels)]
        labels.sort(key=lambda pair: (SPLITS.index(pair[0]) if pair[0] else -1, pair[1].path))
        old, empty = 0, []
        for number, (split, entry) in enumerate(labels):
            document = self._document(entry)
            pages = 0
            try:
                for found in self._pages(document, split, images):
                    yield found
                    pages += 1
                    if pages % PAGE_NEWS == 0:
                        self.log(f"{pages:,} pages of {entry.path} read")
                old += document.encoding == "cp949"
                if not pages:
                    empty.append(entry.path)
                    images.claim(entry.path)
            except Reject as reject:
                self.faults.append(FileFault(entry.path, reject.reason, reject.detail, split))
                images.claim(entry.path)
            if (number + 1) % NEWS == 0:
                self.log(f"{number + 1:,} of {len(labels):,} labels read")
        self._recogniser.refuse_if_nothing()
        if empty:
            self.notes.append(f"{len(empty):,} labels hold no page, such as {empty[0]}")
        if old:
            self.notes.append(f"{old:,} labels are in CP949, not in UTF-8")
        for image in images.unused():
            self.faults.append(FileFault(image.path, "missing_label", "no label means this image", self._split(image)))

    def _images(self) -> Images:
        entries = self._meant("image_paths", self.delivery.images)
        by = self.adapter.pair_by if self.adapter else ("relative-path", "stem")
        return Images(entries, [self._split(entry) for entry in entries], self.reader.read, by)

    def _meant(self, role: str, entries: Sequence[Entry]) -> list[Entry]:
        """The files that the paths of a named data set mean; the rest is passed over, with a note."""
        pattern = getattr(self.adapter, role) if self.adapter else None
        if pattern is None:
            return list(entries)
        meant = [entry for entry in entries if pattern.search(entry.path)]
        if len(meant) < len(entries):
            what = "labels" if role == "label_paths" else "images"
            self.notes.append(f"{len(entries) - len(meant):,} {what} are not where the spec says, and were passed over")
        return meant

    def _document(self, entry: Entry) -> Document:
        return Document(entry.path, partial(self.reader.read, entry), entry.size, partial(self.reader.open, entry))

    def _probed_rules(self) -> Splits:
        """The rules by which the data sets that are here name their splits, found from a few labels."""
        adapters = self._recogniser.look(map(self._document, probed(self.delivery.labels)))
        return tuple(rule for adapter in adapters for rule in adapter.splits or ())

    def _split(self, entry: Entry) -> str | None:
        by_rule = split_by_rules(entry.path, self._rules)
        above = self._above.get(self.delivery.containers[entry.container].root)
        return by_rule or above or _by_folder(entry.path.rpartition("/")[0])

    def _splits_above(self) -> dict[str, str]:
        """The splits that the named folders lie in, where they do."""
        inner: dict[str, set[str]] = {}
        for entry in (*self.delivery.labels, *self.delivery.images):
            found = _by_folder(entry.path.rpartition("/")[0])
            names = inner.setdefault(self.delivery.containers[entry.container].root, set())
            if found is not None:
                names.add(found)
        places = {container.root: container.path for container in self.delivery.containers[::-1]}
        above = {root: split_above(places[root], names) for root, names in inner.items()}
        return {root: split for root, split in above.items() if split is not None}

    def _pages(self, document: Document, split: str | None, images: Images) -> Iterator[Found]:
        adapter = self.adapter or self._recogniser.adapter_of(document)
        if adapter is None:
            raise Reject("unknown_label", "it has the shape of no known label")
        dataset = adapter.source_of(Probe(document.path, document.probe()))
        told = {} if dataset == self.name else {"dataset": dataset}
        for page in adapter.pages(document):
            if told or (page.lang is None and adapter.lang is not None):
                attributes = {**(page.attributes or {}), **told}
                page = msgspec.structs.replace(page, lang=page.lang or adapter.lang, attributes=attributes or None)
            yield self._found(page, adapter, document, split, images)

    def _found(self, page: Page, adapter: Adapter, document: Document, split: str | None, images: Images) -> Found:
        image, fault = None, page.fault
        flags: tuple[str, ...] = ()
        if fault is None:
            try:
                pair = images.find(page.image, document.path, split)
                image, flags = images.entries[pair.number], pair.flags
            except Reject as reject:
                fault = reject.reason, reject.detail
        wanted, join = self.level, self.join
        if wanted is None and any(region.level == adapter.default_level for region in page.regions):
            wanted = adapter.default_level
        if "line" in (self.level, self.join) and any(region.line is not None for region in page.regions):
            join, wanted = "label", wanted if self.level != "line" else None
        return Found(document.path, page, image, split, wanted, join, flags, fault)
