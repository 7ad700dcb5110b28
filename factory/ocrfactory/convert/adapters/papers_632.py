"""Polygons with boxes beside them: the box of the same place and the same id counts, else the polygon's own bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ocrfactory.convert import boxes
from ocrfactory.convert.document import Document
from ocrfactory.convert.jsonpath import Path
from ocrfactory.convert.page import Page, Region
from ocrfactory.convert.spec import SpecAdapter
from ocrfactory.convert.values import id_of

_GROUPS = Path("annotations[]")
_POLYGONS = Path("polygons[]")
_BOXES = Path("bbox[]")


class PapersAdapter(SpecAdapter):
    """See `adapter.Adapter`."""

    def pages(self, document: Document) -> Iterator[Page]:
        """See `adapter.Adapter`."""
        beside = _beside(document.value())
        for page in super().pages(document):
            fits = len(beside) == len(page.regions)
            regions = tuple(map(_boxed, page.regions, beside)) if fits else page.regions
            yield msgspec.structs.replace(page, regions=regions)


def _beside(value: Any) -> list[Any]:
    """For each polygon what stands at its place in the list of boxes, or None."""
    found: list[Any] = []
    for group in _GROUPS.elements(value):
        count, boxes_here = len(_POLYGONS.elements(group)), _BOXES.elements(group)
        found += [boxes_here[place] if place < len(boxes_here) else None for place in range(count)]
    return found


def _boxed(region: Region, box: Any) -> Region:
    if not isinstance(box, dict) or region.id is None or id_of(box.get("id")) != region.id:
        return region
    typed = boxes.xywh(box)
    if typed.box is None:
        return region
    fault = None if region.fault and region.fault[0].startswith("bbox_") else region.fault
    return msgspec.structs.replace(region, box=typed.box, fault=fault)
