"""What is wrong with an annotation, and what is done about it: once, for every kind of delivery.

Here is what can be judged without a pixel; what needs the image (clipping, orientation, sizes) is in `picture.py`. A
quirk that is bridged is a flag of the row, one that is not is the reason of a reject, both under the same name.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

import msgspec
from xxhash import xxh3_64_intdigest

from ocrfactory.convert.page import Fault, Page, Region
from ocrfactory.convert.scene import Item

_BREAKS = re.compile(r" *[\t-\r\x1c-\x1f\x85\u2028\u2029][\s]*")
"""Tabs, line feeds and their like, with the spaces around them."""
_INVALID = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_INVISIBLE = " \u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_HIDDEN = re.compile(r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Characters without a picture that no script needs within a word: what an editor or a copy left behind."""
_JAMO = re.compile(r"[\u3131-\u318e]")
RESERVED = frozenset(
    [
        "bbox_raw",
        "crop",
        "flags",
        "joined",
        "legible",
        "level",
        "mask",
        "parent",
        "polygon_raw",
        "rotated",
        "source_index",
        "warped",
        "weakened",
    ]
)
"""Names in `attrs` that are not the label's."""
SHOWN = 60
"""Characters of a value that a detail shows."""


class Policy(msgspec.Struct, frozen=True):
    """What the user decided."""

    keep_illegible: bool = False
    keep_person: bool = False


class Judge:
    """Judges the regions of one label file, whose ids may repeat."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._ids: set[int] = set()

    def items(self, page: Page, wanted: str | None) -> tuple[Item | None, ...]:
        """An item for each region; None where it is of another level than is wanted."""
        return tuple(
            None if wanted is not None and region.level != wanted else self._item(region) for region in page.regions
        )

    def _item(self, region: Region) -> Item:
        text, flags, fault = label_text(region.text, region.level)
        if not region.legible and not (self.policy.keep_illegible and text):
            fault = ("illegible", f"marked as unreadable: {_shown(region.text)}")
        elif region.text is None and region.fault is not None:
            fault = region.fault  # it says why there is no text
        no_box = region.fault or _box_fault(region)
        fault = fault or no_box
        if region.id is not None and self._repeats(region.id):
            flags = (*flags, "dup_ann_id")
        return Item(
            index=region.index,
            text=text,
            raw=None if text == region.text else region.text,
            level=region.level,
            box=None if no_box else region.box,  # an unreadable word has its place, too
            polygon=None if fault else region.polygon,
            id=region.id,
            vertical=region.vertical,
            legible=region.legible,
            flags=(*flags, *region.flags),
            attributes=attributes_of(region, self.policy),
            reject=fault and (fault[0], _where(region, fault[1])),
            line=region.line,
        )

    def _repeats(self, id: str) -> bool:
        key = xxh3_64_intdigest(id.encode("utf-8", "surrogatepass"))
        if key in self._ids:
            return True
        self._ids.add(key)
        return False


def attributes_of(said: Region | Page, policy: Policy) -> dict[str, Any] | None:
    """What a label says beside the text, for `attrs`; a name that rows use themselves gets `label_` before it."""
    found = said.attributes
    if policy.keep_person and said.person:
        found = {**(found or {}), **said.person}
    if not found or RESERVED.isdisjoint(found):
        return found or None
    return {f"label_{name}" if name in RESERVED else name: value for name, value in found.items()}


def label_text(text: str | None, level: str) -> tuple[str, tuple[str, ...], Fault | None]:
    """The text of a row, the flags of what was changed, and why it cannot be one.

    A word or a line is NFC, without white space at its ends, and a tab or a line feed is one space. The label of a
    glyph is a class: it stays what it is, code point for code point.
    """
    if text is None or not text.strip() or not text.strip(_INVISIBLE):
        return "", (), ("text_empty", "no text" if text is None else f"only white space: {_shown(text)}")
    if _INVALID.search(text):
        return "", (), ("text_invalid", f"control characters: {_shown(text)}")
    if level == "char":
        if _BREAKS.search(text):
            return "", (), ("text_invalid", f"white space in the label of a character: {_shown(text)}")
        return text, (), None
    flags: tuple[str, ...] = ()
    if text.isprintable() and text[0] != " " and text[-1] != " ":  # no white space but plain spaces
        tidy = text
    else:
        tidy = _BREAKS.sub(" ", text).strip()
        flags = ("space_normalized",) if tidy != text else ()
    if not unicodedata.is_normalized("NFC", tidy):
        tidy = unicodedata.normalize("NFC", tidy)
    if _HIDDEN.search(tidy):
        flags = (*flags, "invisible_chars")
    if _JAMO.search(tidy):
        flags = (*flags, "stray_jamo")
    return tidy, flags, None


def _box_fault(region: Region) -> Fault | None:
    box = region.box
    if box is None:
        return None
    if not all(map(math.isfinite, box)) or box[2] <= box[0] or box[3] <= box[1]:
        x0, y0, x1, y1 = box
        return "bbox_empty", f"x {x0:g}, y {y0:g}, width {x1 - x0:g}, height {y1 - y0:g}"
    return None


def _where(region: Region, detail: str) -> str:
    return f"{place_of_annotation(region.index, region.id)}: {detail}"


def place_of_annotation(index: int, id: str | None) -> str:
    """Which annotation of its label: `annotation 4, id '7'`."""
    return f"annotation {index}" + ("" if id is None else f", id {_shown(id)}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
