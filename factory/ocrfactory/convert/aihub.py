"""AIHub deliveries: labels found, their shape recognised, typed by an adapter, paired with their images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from ocrfactory.convert import adapters, detect
from ocrfactory.convert.adapter import Adapter, Probe, Score, Splits
from ocrfactory.convert.delivery import Delivery, Entry, Reader
from ocrfactory.convert.document import Document
from ocrfactory.convert.gather import FileFault, Found
from ocrfactory.convert.official import split_by_rules, split_of
from ocrfactory.convert.page import Page
from ocrfactory.convert.pairing import Images
from ocrfactory.errors import InputError, Reject
from ocrfactory.schema import SPLITS

PROBED = 64
"""Labels that are looked at before all are read."""
NEWS = 20_000
"""Labels between two words about the progress of planning."""


class Aihub:
    """The pages of a delivery. Iterate once; `faults` and `notes` are whole afterwards.

    Args:
        adapter: for every label; None: each shape of labels is recognised.
        level: keep the regions of this level only; None: as the adapter has it.
        join: see `join.joined`.
    """

    def __init__(
        self,
        delivery: Delivery,
        adapter: Adapter | None = None,
        level: str | None = None,
        join: str | None = None,
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.delivery, self.adapter, self.level, self.join, self.log = delivery, adapter, level, join, log
        self.reader = Reader(delivery.containers)
        self.faults = [FileFault(f.path, f.reason, f.detail, split_of(f.path)) for f in delivery.faults]
        self.notes = list(delivery.notes)
        self.sources: Counter[str] = Counter()
        self.levels: dict[str, None] = {}
        self._known: dict[Any, Adapter | None] = {}
        self._rules: Splits = ()

    def __iter__(self) -> Iterator[Found]:
        self._rules = self.adapter.splits or () if self.adapter else self._probed_rules()
        images = self._images()
        labels = [(self._split(entry), entry) for entry in self._meant("label_paths", self.delivery.labels)]
        labels.sort(key=lambda pair: (SPLITS.index(pair[0]) if pair[0] else -1, pair[1].path))
        old = 0
        for number, (split, entry) in enumerate(labels):
            document = self._document(entry)
            try:
                yield from self._pages(document, split, images)
                old += document.encoding == "cp949"
            except Reject as reject:
                self.faults.append(FileFault(entry.path, reject.reason, reject.detail, split))
                images.claim(entry.path)
            if (number + 1) % NEWS == 0:
                self.log(f"{number + 1:,} of {len(labels):,} labels read")
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
        found: dict[str, Splits] = {}
        for entry in probed(self.delivery.labels):
            try:
                adapter = self._recognised(self._document(entry))
            except Reject:  # it will be counted when all labels are read
                continue
            if adapter is not None:
                found[adapter.name] = adapter.splits or ()
        return tuple(rule for rules in found.values() for rule in rules)

    def _split(self, entry: Entry) -> str | None:
        by_rule = split_by_rules(entry.path, self._rules)
        return by_rule or split_of(entry.path, self.delivery.containers[entry.container].root.rpartition("/")[2])

    def _pages(self, document: Document, split: str | None, images: Images) -> Iterator[Found]:
        adapter = self.adapter or self._recognised(document)
        if adapter is None:
            raise Reject("unknown_label", "it has the shape of no known label")
        self.levels.update(dict.fromkeys(adapter.levels))
        for page in adapter.pages(document):
            if page.lang is None and adapter.lang is not None:
                page = msgspec.structs.replace(page, lang=adapter.lang)
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

    def _recognised(self, document: Document) -> Adapter | None:
        """The adapter of a label's shape; None where it is no label at all.

        Raises:
            InputError: it may be several, or is like one and not enough.
        """
        probe = Probe(document.path, document.probe())
        signature = detect.signature(probe.value)
        if signature not in self._known:
            scores = detect.score_all(probe)
            best = detect.decide(scores)
            if best is None and scores and scores[0].points > 0:
                raise unsure({document.path: scores})
            self._known[signature] = None if best is None else adapters.get(best.adapter)
        adapter = self._known[signature]
        if adapter is not None:
            self.sources[adapter.source_of(probe)] += 1
        return adapter


class Group(msgspec.Struct, frozen=True):
    """Labels of one structure, as a first look at a delivery found them."""

    example: str
    """Path of one of them."""
    count: int
    """Of those that were looked at."""
    scores: tuple[Score, ...]
    """Best first."""
    chosen: str | None
    """The adapter; None: it cannot be told."""
    source: str | None
    """The data set, such as `aihub-105`."""


def first_look(delivery: Delivery) -> list[Group]:
    """What a few labels from different folders are: at most `PROBED` of them."""
    reader = Reader(delivery.containers)
    groups: dict[Any, Group] = {}
    for entry in probed(delivery.labels):
        document = Document(entry.path, partial(reader.read, entry), entry.size, partial(reader.open, entry))
        try:
            probe = Probe(document.path, document.probe())
        except Reject as reject:
            groups.setdefault(reject.detail, Group(f"{entry.path}: {reject.detail}", 1, (), None, None))
            continue
        scores = detect.score_all(probe)
        best = detect.decide(scores)
        chosen = None if best is None else best.adapter
        source = None if chosen is None else adapters.get(chosen).source_of(probe)
        key = source or detect.signature(probe.value)
        before = groups.get(key)
        if before is None:
            groups[key] = Group(entry.path, 1, tuple(scores), chosen, source)
        else:
            groups[key] = msgspec.structs.replace(before, count=before.count + 1)
    return list(groups.values())


def source_name(groups: Sequence[Group]) -> str:
    """A name for the rows of a delivery: its data set, or `aihub` where there are several."""
    found = {group.source for group in groups if group.source is not None}
    return found.pop() if len(found) == 1 else "aihub"


def probed(labels: Sequence[Entry]) -> list[Entry]:
    """A few labels from different folders, for a first look."""
    first = {entry.path.rpartition("/")[0]: entry for entry in reversed(labels)}
    spread = sorted(first.values(), key=lambda entry: entry.path)
    return [spread[len(spread) * i // PROBED] for i in range(PROBED)] if len(spread) > PROBED else spread


def unsure(scores: dict[str, list[Score]]) -> InputError:
    """The refusal where labels fit several data sets, or none well enough."""
    lines = ["these labels cannot be told with certainty:"]
    for path, found in scores.items():
        told = ", ".join(f"{score.adapter} {score.points}" for score in found[:4] if score.points)
        lines.append(f"  {path}: {told or 'no data set has points'}")
    return InputError(
        "\n".join(lines),
        f"name the data set with --dataset, one of: {', '.join(adapters.names())}; or describe it with --spec FILE",
    )
