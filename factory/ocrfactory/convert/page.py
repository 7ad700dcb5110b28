"""What a label says, typed: pages and their regions. An adapter makes them; it never clips, never repairs, never drops.

All judgement is in `repair.py`, once for every kind of delivery.
"""

from __future__ import annotations

from typing import Any

import msgspec

LEVELS = ("char", "word", "line", "paragraph")
KIND_OF = {"char": "glyph", "word": "word", "line": "line", "paragraph": "line"}
"""The `kind` of a row by the level of its region."""

Fault = tuple[str, str]
"""(reason, what was seen): the reason is the name that the ledger counts by."""
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels; x1 and y1 are where the box ends. It may be empty, negative or outside: nobody looked."""


class Region(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One text unit, as its label has it."""

    index: int
    """Position in the array that it came from."""
    text: str | None
    """As written; None where the label has none."""
    level: str = "word"
    """One of `LEVELS`."""
    box: Box | None = None
    """None: the whole image."""
    polygon: tuple[float, ...] | None = None
    """x1, y1, x2, y2, ... in the order of the label, where it has points."""
    id: str | None = None
    """The label's own id, as text; may repeat."""
    legible: bool = True
    """False: the label marks it as unreadable."""
    line: int | None = None
    """Regions of a page with the same number are one line by the label's own word (a column of a block print)."""
    vertical: bool = False
    """Text that runs from top to bottom."""
    attributes: dict[str, Any] | None = None
    """What else the label says of it: goes into `attrs`."""
    person: dict[str, Any] | None = None
    """What it says of a person; kept only where that was asked for."""
    fault: Fault | None = None
    """What could not be typed: `bbox_missing`, `bbox_type`, `text_type`, `orphan_ann`."""
    flags: tuple[str, ...] = ()
    """Names of quirks that were met and bridged: `id_type`, `poly_n`."""


class Page(msgspec.Struct, frozen=True, gc=False):
    """One image and its regions, as the label has them."""

    image: str | None
    """File name as written, with or without folders and extension; None: the label's own stem is all there is."""
    regions: tuple[Region, ...]
    width: int | None = None
    """Of the image, in pixels, as the label has it."""
    height: int | None = None
    lang: str | None = None
    attributes: dict[str, Any] | None = None
    """What the label says of the image: goes into `attrs` of every row."""
    person: dict[str, Any] | None = None
    fault: Fault | None = None
    """What rejects all its regions: `dup_image`, `orphan_ann`."""
    flags: tuple[str, ...] = ()
