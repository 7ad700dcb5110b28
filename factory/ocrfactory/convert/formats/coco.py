"""Boxes of text in COCO's JSON: COCO-Text v2 (`imgs`, `anns`), and `images` with `annotations` that carry a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import msgspec

from ocrfactory.convert.document import Document
from ocrfactory.convert.entry import Entry
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.index import Claims, inside
from ocrfactory.convert.gather import FileFault, Found
from ocrfactory.convert.grouping import grouped
from ocrfactory.convert.page import Box, Fault, Page, Region
from ocrfactory.convert.pairing import Images
from ocrfactory.convert.reader import Reader
from ocrfactory.errors import Reject

PATTERN = "*.json"
TEXTS = ("utf8_string", "text", "transcription", "caption", "rec")
"""Where an annotation, or its `attributes`, may have its text."""
_SETS = {"train": "train", "val": "validation", "test": "test"}
_KEPT = ("legibility", "class", "language")
"""What COCO-Text says of an annotation, kept in `attrs`."""
_FAR = 1 << 31
"""No pixel is that far away."""


class Coco:
    """The pages of COCO's JSON files. Iterate once; `faults` and `notes` are whole afterwards."""

    def __init__(
        self,
        chosen: Chosen,
        level: str,
        log: Callable[[str], None] = lambda line: None,
        join: str | None = None,
        keep_illegible: bool = False,
    ) -> None:
        self.chosen, self.level, self.log, self.join, self.keep = chosen, level, log, join, keep_illegible
        self.containers, self.images = chosen.delivery.containers, chosen.delivery.images
        self.reader = Reader(self.containers)
        self.faults = [FileFault(f.path, f.reason, f.detail) for f in chosen.delivery.faults]
        self.notes = list(chosen.delivery.notes)

    def __iter__(self) -> Iterator[Found]:
        # COCO-Text's validation images lie in a folder train2014: here a folder is no word on an image's split.
        images = Images(self.images, [None] * len(self.images), self.reader.read)
        claims = Claims(len(self.images))
        for entry in self.chosen.labels:
            split = self.chosen.split_of_list(entry)
            document = self._document(entry)
            try:
                for page, own in self._pages(document):
                    yield self._found(page, entry, own or split, images, claims)
            except Reject as reject:
                self.faults.append(FileFault(entry.path, reject.reason, reject.detail, split))
        self._judge_unused(images.unused())

    def _document(self, entry: Entry) -> Document:
        read, open = partial(self.reader.read, entry), partial(self.reader.open, entry)
        return Document(entry.path, read, entry.size, open)

    def _judge_unused(self, unused: list[Entry]) -> None:
        named = [image for image in unused if self.chosen.is_named(image)]
        self.faults += [FileFault(image.path, "missing_label", "no label names this image") for image in named]
        if len(named) < len(unused):
            self.notes.append(f"{len(unused) - len(named):,} images beside the named labels are in none of them")

    def _found(self, page: Page, entry: Entry, split: str | None, images: Images, claims: Claims) -> Found:
        if page.fault is not None:
            return Found(entry.path, page, None, split)
        try:
            pair = images.find(inside(page.image or ""), entry.path, None)
        except Reject as reject:
            return Found(entry.path, page, None, split, fault=(reject.reason, reject.detail))
        conflict = claims.refused(pair.number, split, entry.path, images.entries[pair.number].path)
        if conflict is not None:
            return Found(entry.path, page, None, split, fault=conflict)
        return Found(entry.path, page, images.entries[pair.number], split, join=self.join, flags=pair.flags)

    def _pages(self, document: Document) -> Iterator[tuple[Page, str | None]]:
        """Pages and their splits, in the order of the file.

        Raises:
            Reject: `json_decode`, `unknown_label`.
        """
        images, annotations = _tables(document)
        heads = _Heads()
        for number, page in enumerate(
            grouped(document.path, images(), annotations, heads, _Regions(self.level, heads, self.keep))
        ):
            if number >= len(heads.names):  # annotations without an image come last
                yield page, None
                continue
            name = heads.names[number]
            yield (
                msgspec.structs.replace(
                    page,
                    image=name,
                    lang=_lang([region.attributes or {} for region in page.regions]),
                    fault=None if name else ("missing_image", "the image has no file_name"),
                ),
                heads.splits[number],
            )


class _Heads:
    """Types images, and keeps what `grouped` does not: a file may be named twice, with other annotations each time."""

    def __init__(self) -> None:
        self.names: list[str | None] = []
        self.splits: list[str | None] = []
        self.first: str | None = None
        """Id of the first image."""

    def id(self, image: Any) -> str | None:
        """What annotations call it."""
        found = image.get("id") if isinstance(image, dict) else None
        return None if found is None else str(found)

    def is_vertical(self, value: Any) -> bool:
        """COCO does not say."""
        return False

    def __call__(self, image: Any, regions: tuple[Region, ...]) -> Page:
        """Its page, without the name of its file."""
        found = image if isinstance(image, dict) else {}
        name = found.get("file_name")
        if not self.names:
            self.first = self.id(image)
        self.names.append(name if isinstance(name, str) and name else None)
        self.splits.append(_SETS.get(str(found.get("set"))))
        return Page(None, regions, _size(found.get("width")), _size(found.get("height")))


class _Regions:
    """Types annotations."""

    def __init__(self, level: str, heads: _Heads, keep: bool) -> None:
        self.level, self.heads, self.keep = level, heads, keep

    def image_id(self, element: Any) -> str | None:
        """Whose it is."""
        found = element.get("image_id") if isinstance(element, dict) else None
        return None if found is None else str(found)

    def __call__(self, index: int, element: Any, line: int | None = None, vertical: bool = False) -> Region:
        """Its region."""
        if not isinstance(element, dict):
            return Region(index, None, self.level, fault=("text_type", f"the annotation is {element!r:.60}"))
        text, text_fault = _text(element)
        box, box_fault = _box(element.get("bbox"))
        id = element.get("id")
        return Region(
            index,
            text,
            self.level,
            box=box,
            id=None if id is None else str(id),
            # What is to be kept though nobody can read it is rejected for its empty text, not for being unreadable.
            legible=element.get("legibility") != "illegible" or (self.keep and not text),
            attributes={key: element[key] for key in _KEPT if isinstance(element.get(key), str)} or None,
            fault=self._orphan(element) or text_fault or box_fault,
        )

    def _orphan(self, element: Any) -> Fault | None:
        """Of a file with one image `grouped` takes all annotations for that image's; COCO says whose each is."""
        name = self.image_id(element)
        if len(self.heads.names) > 1 or (name is not None and name == self.heads.first):
            return None
        return "orphan_ann", f"no image has the id {name!r:.60}"


Table = Callable[[], Iterable[Any]]


def _tables(document: Document) -> tuple[Table, Table]:
    """Images and annotations, each with its id; what is streamed is an array, and is read anew each time.

    Raises:
        Reject: `json_decode`, `unknown_label`.
    """
    value = document.probe()
    for names in (("imgs", "anns"), ("images", "annotations")):
        if isinstance(value, dict) and all(name in value for name in names):
            if document.big and all(isinstance(value[name], list) for name in names):
                return partial(document.items, names[0]), partial(document.items, names[1])
            value = document.value()
            first, second = (_listed(value[name]) for name in names)
            return partial(iter, first), partial(iter, second)
    raise Reject("unknown_label", "it has neither imgs and anns nor images and annotations")


def _listed(table: Any) -> list[Any]:
    """The elements of an array, or of an object whose keys are their ids."""
    if isinstance(table, dict):
        return [{"id": key, **found} if isinstance(found, dict) else found for key, found in table.items()]
    if isinstance(table, list):
        return table
    raise Reject("unknown_label", f"a table is {table!r:.60}")


def _text(found: dict[str, Any]) -> tuple[str | None, Fault | None]:
    more = found.get("attributes")
    for place in (found, more if isinstance(more, dict) else {}):
        for key in TEXTS:
            text = place.get(key)
            if isinstance(text, str):
                return text, None
            if text is not None:
                return None, ("text_type", f"{key} is {text!r:.60}")
    return None, None


def _box(found: Any) -> tuple[Box | None, Fault | None]:
    """x0, y0, x1, y1 of x, y, width, height."""
    if found is None:
        return None, ("bbox_missing", "no bbox")
    if (
        not isinstance(found, list)
        or len(found) != 4
        or not all(isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < _FAR for v in found)
    ):
        return None, ("bbox_type", f"bbox is {found!r:.60}")
    x, y, width, height = map(float, found)
    return (x, y, x + width, y + height), None


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _FAR else None


def _lang(regions: list[dict[str, Any]]) -> str | None:
    """`en` where all that is said of the regions is English."""
    said = {region["language"] for region in regions if region.get("language") not in (None, "na")}
    return "en" if said == {"english"} else None
