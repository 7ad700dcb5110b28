"""Boxes of text in COCO's JSON: COCO-Text v2 (`imgs`, `anns`), and `images` with `annotations` that carry a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ocrfactory.convert.delivery import Entry, Reader
from ocrfactory.convert.document import Document
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.index import refuse_unsafe
from ocrfactory.convert.gather import FileFault, Found
from ocrfactory.convert.page import Box, Fault, Page, Region
from ocrfactory.convert.pairing import Images
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
    ) -> None:
        self.chosen, self.level, self.log, self.join = chosen, level, log, join
        self.containers, self.images = chosen.delivery.containers, chosen.delivery.images
        self.reader = Reader(self.containers)
        self.faults = [FileFault(f.path, f.reason, f.detail) for f in chosen.delivery.faults]
        self.notes = list(chosen.delivery.notes)

    def __iter__(self) -> Iterator[Found]:
        # COCO-Text's validation images lie in a folder train2014: here a folder is no word on an image's split.
        images = Images(self.images, [None] * len(self.images), self.reader.read)
        for entry in self.chosen.labels:
            split = self.chosen.split_of_list(entry)
            document = self._document(entry)
            try:
                for page, own in self._pages(document):
                    yield self._found(page, entry, own or split, images)
            except Reject as reject:
                self.faults.append(FileFault(entry.path, reject.reason, reject.detail, split))
        self._judge_unused(images.unused())

    def _document(self, entry: Entry) -> Document:
        read, open = partial(self.reader.read, entry), partial(self.reader.open, entry)
        return Document(entry.path, read, entry.size, open)

    def _judge_unused(self, unused: list[Entry]) -> None:
        if self.chosen.whole:
            self.faults += [FileFault(image.path, "missing_label", "no label names this image") for image in unused]
        elif unused:
            self.notes.append(f"{len(unused):,} images beside the named labels are in none of them")

    def _found(self, page: Page, entry: Entry, split: str | None, images: Images) -> Found:
        if page.fault is not None:
            return Found(entry.path, page, None, split)
        try:
            refuse_unsafe(page.image or "")
            pair = images.find(page.image, entry.path, None)
        except Reject as reject:
            return Found(entry.path, page, None, split, fault=(reject.reason, reject.detail))
        return Found(entry.path, page, images.entries[pair.number], split, join=self.join, flags=pair.flags)

    def _pages(self, document: Document) -> Iterator[tuple[Page, str | None]]:
        """Pages and their splits, in the order of the file.

        Raises:
            Reject: `json_decode`, `unknown_label`.
        """
        value = document.value()
        images, annotations = _tables(value)
        by_image: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        for number, found in enumerate(annotations):
            by_image[str(found.get("image_id")) if isinstance(found, dict) else ""].append((number, found))
        for image in images:
            if not isinstance(image, dict):
                continue  # its annotations have no image, and are counted so
            regions = tuple(self._region(*pair) for pair in by_image.pop(str(image.get("id")), ()))
            name = image.get("file_name")
            named = isinstance(name, str) and name != ""
            page = Page(
                name if named else None,
                regions,
                _size(image.get("width")),
                _size(image.get("height")),
                lang=_lang([region.attributes or {} for region in regions]),
                fault=None if named else ("missing_image", "the image has no file_name"),
            )
            yield page, _SETS.get(str(image.get("set")))
        for name, orphans in by_image.items():
            regions = tuple(self._region(*pair) for pair in orphans)
            yield Page(None, regions, fault=("orphan_ann", f"no image has the id {name[:60]!r}")), None

    def _region(self, number: int, found: Any) -> Region:
        if not isinstance(found, dict):
            return Region(number, None, self.level, fault=("text_type", f"the annotation is {found!r:.60}"))
        text, text_fault = _text(found)
        box, box_fault = _box(found.get("bbox"))
        id = found.get("id")
        return Region(
            number,
            text,
            self.level,
            box=box,
            id=None if id is None else str(id),
            legible=found.get("legibility") != "illegible",
            attributes={key: found[key] for key in _KEPT if isinstance(found.get(key), str)} or None,
            fault=text_fault or box_fault,
        )


def _tables(value: Any) -> tuple[list[Any], list[Any]]:
    """Images and annotations, each with its id.

    Raises:
        Reject: `unknown_label`.
    """
    if isinstance(value, dict):
        for images, annotations in (("imgs", "anns"), ("images", "annotations")):
            if images in value and annotations in value:
                return _listed(value[images]), _listed(value[annotations])
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
