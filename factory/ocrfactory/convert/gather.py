"""Pages -> scenes: judged, joined, counted and packed. What a labelled source settles to."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128_hexdigest

from ocrfactory.charset.hangul import graphemes
from ocrfactory.convert.entry import Container, Entry
from ocrfactory.convert.join import joined
from ocrfactory.convert.page import KIND_OF, Fault, Page
from ocrfactory.convert.repair import Judge, Policy, attributes_of
from ocrfactory.convert.scene import Item, Packed, Packer, Scene
from ocrfactory.errors import Reject

EXAMPLES = 5
"""Faults of files that are told where nothing else is there."""


class Found(msgspec.Struct, frozen=True, gc=False):
    """A page and the image that it means."""

    label: str
    """Path of the label file; pages of one file come one after the other."""
    page: Page
    image: Entry | None
    """None: there is none, and `fault` says why."""
    split: str | None
    """By the delivery's own word."""
    wanted: str | None = None
    """Keep the regions of this level only."""
    join: str | None = None
    """See `join.joined`."""
    flags: tuple[str, ...] = ()
    fault: Fault | None = None


class FileFault(msgspec.Struct, frozen=True, gc=False):
    """A file that holds no annotation that could be read, or an image without a label."""

    path: str
    reason: str
    detail: str
    split: str | None = None


class Gathered(msgspec.Struct, frozen=True):
    """A whole delivery, ready for workers."""

    packed: Packed
    digest: str
    units: NDArray[np.uint32]
    """Items of each scene."""
    splits: tuple[str | None, ...]
    """Of each scene."""
    selected: NDArray[np.bool_]
    """Of each item: whether it is planned."""
    groups: tuple[str, ...]
    """Of each scene."""
    charset: tuple[str, ...]
    class_names: tuple[str, ...]
    """The classes of single characters; the first is the empty text, for all that is none or a reject already."""
    class_codes: NDArray[np.int32]
    """Of each item, a number in `class_names`."""
    tally: dict[str, int]
    levels: dict[str, int]
    """Annotations of levels that were not selected."""
    faults: dict[str, int]
    """Planned items that the labels alone make rejects, by reason."""
    image_bytes: int
    file_faults: tuple[FileFault, ...]
    """The first `EXAMPLES` of them."""

    @property
    def planned(self) -> int:
        """Annotations that will be rows or rejects."""
        return self.tally["annotations"] - self.tally["not_selected"] - self.tally["joined"]


class Gatherer:
    """Takes pages one after the other, then the faults of files.

    Args:
        change: of each scene once it was judged: texts written in one way, repeated samples rejected.
    """

    def __init__(self, policy: Policy, containers: Sequence[Container], change: Callable[[Scene], Scene] | None = None):
        self.policy, self.containers, self.change = policy, containers, change
        self.packer = Packer()
        self.units: list[int] = []
        self.splits: list[str | None] = []
        self.groups: list[str] = []
        self.selected = bytearray()
        self.classes: set[str] = set()
        self.class_numbers: dict[str, int] = {"": 0}
        self.class_codes = array("i")
        self.words: set[str] = set()
        self.tally: Counter[str] = Counter(annotations=0, not_selected=0, joined=0, file_faults=0)
        self.levels: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.image_bytes = 0
        self.file_faults: list[FileFault] = []
        self._label = ""
        self._judge = Judge(policy)

    def add(self, found: Found) -> None:
        """One page. A page without annotations has nothing to give, and nothing to lose."""
        page = found.page
        if found.label != self._label:
            self._label, self._judge = found.label, Judge(self.policy)
            self.tally["labels"] += 1
        self.tally["pages"] += 1
        if not page.regions:
            self.tally["pages_without_annotations"] += 1
            return
        items = self._judge.items(page, found.wanted)
        self.tally["annotations"] += len(items)
        self._count_unselected(page, items)
        if found.join is not None:
            before = sum(item is not None for item in items)
            items = joined(items, found.join)
            self.tally["joined"] += before - sum(item is not None for item in items)
        scene = self._scene(found, items)
        if self.change is not None and scene.fault is None:
            scene = self.change(scene)
        self._learn(scene)
        self._put(scene, found.split)

    def _count_unselected(self, page: Page, items: Sequence[Item | None]) -> None:
        if None not in items:
            return
        for region, item in zip(page.regions, items, strict=True):
            if item is None:
                self.levels[region.level] += 1
                self.tally["not_selected"] += 1

    def _scene(self, found: Found, items: tuple[Item | None, ...]) -> Scene:
        page, image = found.page, found.image
        attributes = attributes_of(page, self.policy)
        fault = page.fault or found.fault
        if fault is not None:
            fault = fault[0], f"{fault[1]} (all {len(items)} annotations of this image)"
        group = found.label if image is None else f"{self.containers[image.container].root}/{image.path}"
        return Scene(
            image=image,
            label=found.label,
            items=items,
            group=group,
            width=page.width,
            height=page.height,
            lang=page.lang,
            attributes=attributes,
            flags=(*page.flags, *found.flags),
            fault=fault,
        )

    def _learn(self, scene: Scene) -> None:
        """The classes of what will be rows."""
        if scene.fault is not None:
            return
        for item in scene.items:
            if item is not None and item.reject is None:
                (self.classes if KIND_OF[item.level] == "glyph" else self.words).add(item.text)
        if len(self.words) > 10_000:
            self._learn_words()

    def _learn_words(self) -> None:
        for text in self.words:
            self.classes.update(graphemes(text))
        self.words.clear()

    def _put(self, scene: Scene, split: str | None) -> None:
        self.packer.add(scene)
        for item in scene.items:
            fault = None if item is None else scene.fault or item.reject
            text = ""
            if fault is not None:
                self.faults[fault[0]] += 1
            elif item is not None and KIND_OF[item.level] == "glyph":
                text = item.text
            self.class_codes.append(self.class_numbers.setdefault(text, len(self.class_numbers)))
        self.units.append(len(scene.items))
        self.splits.append(split)
        self.groups.append(scene.group)
        self.selected += bytes(item is not None for item in scene.items)
        self.image_bytes += scene.image.size if scene.image is not None else 0

    def add_fault(self, fault: FileFault) -> None:
        """A file that is no use: a reject of its own, beside the annotations."""
        reject = fault.reason, fault.detail if fault.path in fault.detail else f"{fault.detail}: {fault.path}"
        item = Item(index=0, text="", reject=reject)
        self.tally["file_faults"] += 1
        if len(self.file_faults) < EXAMPLES:
            self.file_faults.append(fault)
        self._put(Scene(None, fault.path, (item,), group=f"{fault.reason}:{fault.path}"), fault.split)

    def gathered(self) -> Gathered:
        """Everything, packed."""
        self._learn_words()
        packed, digest = self.packer.packed()
        return Gathered(
            packed=packed,
            digest=digest,
            units=np.array(self.units, np.uint32),
            splits=tuple(self.splits),
            selected=np.frombuffer(bytes(self.selected), np.bool_),
            groups=tuple(self.groups),
            charset=tuple(sorted(self.classes)),
            class_names=tuple(self.class_numbers),
            class_codes=np.array(self.class_codes, np.int32),
            tally=dict(self.tally),
            levels=dict(self.levels),
            faults=dict(self.faults.most_common()),
            image_bytes=self.image_bytes,
            file_faults=tuple(self.file_faults),
        )


def same_samples(read: Callable[[Entry], bytes], images: Iterable[Entry]) -> Callable[[Scene], Scene]:
    """A function that rejects what an earlier scene already gave: the same text in the same box of an equal file.

    Only files of equal size are read; two releases of one delivery hold them by the thousand.
    """
    sizes = Counter(entry.size for entry in images)
    first: dict[tuple[str, str, object], Entry] = {}

    def same(scene: Scene) -> Scene:
        image = scene.image
        if image is None or sizes[image.size] < 2:
            return scene
        try:
            digest = xxh3_128_hexdigest(read(image))
        except Reject:  # it will be counted when its rows are drawn
            return scene
        items = tuple(item and _once(item, digest, image, first) for item in scene.items)
        return msgspec.structs.replace(scene, items=items)

    return same


def _once(item: Item, digest: str, image: Entry, first: dict[tuple[str, str, object], Entry]) -> Item:
    if item.reject is not None:
        return item
    before = first.setdefault((digest, item.text, item.box), image)
    if (before.container, before.path) == (image.container, image.path):
        return item
    return msgspec.structs.replace(item, reject=("dup_sample", f"annotation {item.index}: also in {before.path}"))
