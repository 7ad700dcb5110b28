"""Regions to their images, where one label file holds many of both.

Images and annotations are read once each, in the order of the file, and are kept packed: about 150 bytes an annotation.
A big file never lies in memory as objects.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from ocrfactory.convert.page import Fault, Page, Region
from ocrfactory.convert.values import loose

_BATCH = 1 << 16  # annotations that are looked up at once
_ORPHANS = 1000  # on one page
_NONE = 0  # in place of the hash of an id that is not there
_Item = TypeVar("_Item")


class Pages(Protocol):
    """Types images."""

    def id(self, image: Any) -> str | None:
        """What annotations call it."""

    def is_vertical(self, value: Any) -> bool:
        """Whether its text runs from top to bottom."""

    def __call__(self, image: Any, regions: tuple[Region, ...]) -> Page:
        """Its page."""


class Regions(Protocol):
    """Types annotations."""

    def image_id(self, element: Any) -> str | None:
        """Whose it is."""

    def __call__(self, index: int, element: Any, line: int | None = None, vertical: bool = False) -> Region:
        """Its region."""


class _Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A page without its regions."""

    image: str | None
    width: int | None
    height: int | None
    lang: str | None
    attributes: dict[str, Any] | None
    person: dict[str, Any] | None
    vertical: bool


class _Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A region, and the id of its image as written."""

    image_id: str | None
    region: Region


class _Packed(Generic[_Item]):
    """Many structs as bytes, each to be had again by its number."""

    def __init__(self, kind: type[_Item]) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)

    def append(self, item: _Item) -> None:
        self._encoder.encode_into(item, self._bytes, -1)
        self._ends.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> _Item:
        with memoryview(self._bytes) as view, view[self._ends[number] : self._ends[number + 1]] as part:
            return self._decoder.decode(part)


class _Index:
    """Numbers of images by their ids; the first of those with the same id."""

    def __init__(self, hashes: NDArray[np.uint64]) -> None:
        self._order = np.argsort(hashes, kind="stable").astype(np.int32)
        self._sorted = hashes[self._order]

    def find(self, wanted: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The number of the image of each id, -1 where there is none."""
        if not len(self._sorted):
            return np.full(len(wanted), -1, np.int32)
        places = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        hit = (self._sorted[places] == wanted) & (wanted != _NONE)
        return np.where(hit, self._order[places], np.int32(-1))


def grouped(
    path: str, images: Iterable[Any], annotations: Callable[[], Iterable[Any]], pages: Pages, regions: Regions
) -> Iterator[Page]:
    """The pages of a label file, in the order of its images; what belongs to none comes last."""
    heads, exact, without_zeros, repeats = _heads(images, pages)
    kept, numbers, bridged = _regions(annotations(), heads, exact, without_zeros, regions)
    order = np.argsort(numbers, kind="stable")  # regions stay in the order of the file
    starts = np.searchsorted(numbers[order], np.arange(len(heads) + 1))
    for number in range(len(heads)):
        mine = order[starts[number] : starts[number + 1]]
        yield _page(heads[number], _of_page(kept, mine, bridged), repeats.get(number))
    orphans = order[: starts[0]]
    for at in range(0, len(orphans), _ORPHANS):
        lost = tuple(_orphan(kept[int(number)]) for number in orphans[at : at + _ORPHANS])
        yield Page(None, lost, fault=("orphan_ann", f"{path}: image_id names no image of this file"))


def _heads(images: Iterable[Any], pages: Pages) -> tuple[_Packed[_Head], _Index, _Index, dict[int, Fault]]:
    """What the file says of its images, how to find one, and which repeat the file name of an earlier one."""
    heads, ids, numerals, names = _Packed(_Head), array("Q"), array("Q"), array("Q")
    for image in images:
        page, name = pages(image, ()), pages.id(image)
        heads.append(
            _Head(
                page.image, page.width, page.height, page.lang, page.attributes, page.person, pages.is_vertical(image)
            )
        )
        ids.append(_hash(name))
        numerals.append(_hash(name and loose(name)))
        names.append(_hash(page.image and unicodedata.normalize("NFC", page.image)))
    hashes = np.array(names, np.uint64)
    first = _Index(hashes).find(hashes)
    again = np.flatnonzero((first >= 0) & (first != np.arange(len(first))))
    repeats = {int(number): _repeat(heads[int(number)], int(first[number])) for number in again}
    return heads, _Index(np.array(ids, np.uint64)), _Index(np.array(numerals, np.uint64)), repeats


def _regions(
    annotations: Iterable[Any], heads: _Packed[_Head], exact: _Index, without_zeros: _Index, regions: Regions
) -> tuple[_Packed[_Kept], NDArray[np.int32], NDArray[np.bool_]]:
    """All regions, the number of the image of each (-1: none), and whether only the number of its id was the same."""
    kept = _Packed(_Kept)
    numbers: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    bridged: list[NDArray[np.bool_]] = [np.empty(0, np.bool_)]
    ids, numerals = array("Q"), array("Q")

    def look_up() -> None:
        found = exact.find(np.array(ids, np.uint64))
        other = without_zeros.find(np.array(numerals, np.uint64))
        bridged.append((found < 0) & (other >= 0))
        found = np.where(found < 0, other, found)
        numbers.append(np.zeros_like(found) if len(heads) == 1 else found)
        del ids[:], numerals[:]

    for index, element in enumerate(annotations):
        name = regions.image_id(element)
        kept.append(_Kept(name, regions(index, element)))
        ids.append(_hash(name))
        numerals.append(_hash(name and loose(name)))
        if len(ids) == _BATCH:
            look_up()
    look_up()
    return kept, np.concatenate(numbers), np.concatenate(bridged)


def _hash(text: str | None) -> int:
    """64 bits stand for an id: among two million, two meet once in ten million files."""
    return _NONE if text is None else xxh3_64_intdigest(text.encode()) or 1


def _of_page(kept: _Packed[_Kept], mine: NDArray[np.int64], bridged: NDArray[np.bool_]) -> tuple[Region, ...]:
    found = []
    for number in mine.tolist():
        region = kept[number].region
        if bridged[number]:
            region = msgspec.structs.replace(region, flags=(*region.flags, "id_type"))
        found.append(region)
    return tuple(found)


def _page(head: _Head, regions: tuple[Region, ...], fault: Fault | None) -> Page:
    if head.vertical:
        regions = tuple(msgspec.structs.replace(region, vertical=True) for region in regions)
    return Page(head.image, regions, head.width, head.height, head.lang, head.attributes, head.person, fault)


def _repeat(head: _Head, first: int) -> Fault:
    return ("dup_image", f"{head.image} is image {first} of this file already")


def _orphan(kept: _Kept) -> Region:
    if kept.region.fault is not None:
        return kept.region
    return msgspec.structs.replace(kept.region, fault=("orphan_ann", f"image_id {kept.image_id}"))
