"""The contact sheet `preview.png`: a few rows of every source and face, to look at before believing anything."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from ocrfactory import encode, read, write
from ocrfactory.layout import Layout

COLUMNS = ("text", "source", "font_name", "origin")
MAX_BANDS, CELLS, GROUPS = 24, 16, 8
"""Bands of the sheet; pictures in a band; row groups of each split to choose from (rows are shuffled)."""
LONGEST = 96
"""Longer side of a picture on the sheet, in pixels: 384 of them stay small, whatever the rows are."""
_CAPTION, _GAP, _SIDE, _LINE = 13, 6, 150, 12


class _Cell(NamedTuple):
    picture: Image.Image
    text: str


Bands = dict[tuple[str, str], list[_Cell]]


def make_preview(folder: Path) -> Path:
    """Draw and write `preview.png` of a finished data set: one band a source and face, code points below.

    Raises:
        InputError: there is no complete data set.
        NoSpaceError, OutputError: the disk refused.
    """
    bands: Bands = {}
    for path in _some_shards(folder):
        _collect(path, bands)
    data = io.BytesIO()
    _sheet(dict(sorted(bands.items()))).save(data, "PNG", optimize=True)
    path = Layout(folder).preview
    write.write_bytes(path, data.getvalue())
    return path


def _some_shards(folder: Path) -> Iterator[Path]:
    found = read.manifest(folder)
    for split in found.rows_by_split:
        entries = [entry for entry in found.shards if entry.split == split]
        chosen = [entries[0], entries[-1]] if len(entries) > 1 else entries  # the first and the last shard
        for entry in chosen:
            yield folder / entry.path


def _collect(path: Path, bands: Bands) -> None:
    """Choose rows of one shard by their words alone; then read pictures up to the last chosen one, and shrink each."""
    chosen: dict[int, tuple[list[_Cell], str]] = {}
    waiting: dict[tuple[str, str], int] = {}
    for number, row in enumerate(read.first_rows(path, COLUMNS, GROUPS)):
        key = row["source"] or "?", row["font_name"] or row["origin"] or "?"
        if key not in bands and len(bands) == MAX_BANDS:
            continue
        cells = bands.setdefault(key, [])
        if len(cells) + waiting.get(key, 0) < CELLS:
            waiting[key] = waiting.get(key, 0) + 1
            chosen[number] = cells, row["text"] or ""
    last = max(chosen, default=-1)
    if last < 0:
        return
    for number, row in enumerate(read.first_rows(path, ("image",), GROUPS)):
        if number in chosen:
            cells, text = chosen[number]
            cells.append(_Cell(_small((row["image"] or {}).get("bytes")), text))
        if number == last:
            break


def _small(data: bytes | None) -> Image.Image:
    """A picture at the size of a cell; an empty one with a question mark where it is damaged."""
    try:
        picture = Image.fromarray(encode.decode(data or b""))
        picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        return picture.convert("RGB")
    except ValueError:  # `verify` names the row and the fault
        empty = Image.new("RGB", (LONGEST // 2, LONGEST // 2), (255, 255, 255))
        ImageDraw.Draw(empty).text((LONGEST // 4 - 4, LONGEST // 4 - 8), "?", (200, 40, 40), ImageFont.load_default(14))
        return empty


def _sheet(bands: Bands) -> Image.Image:
    font = ImageFont.load_default(10)
    labels = [f"{source}\n{_wrapped(name)}" for source, name in bands]
    cell = max((cell.picture.width for cells in bands.values() for cell in cells), default=64)
    heights = [
        max(max(cell.picture.height for cell in cells) + _CAPTION, _LINE * (label.count("\n") + 1)) + _GAP
        for label, cells in zip(labels, bands.values(), strict=True)
    ]
    sheet = Image.new("RGB", (_SIDE + CELLS * (cell + _GAP) + _GAP, sum(heights) + _GAP), (236, 236, 232))
    draw = ImageDraw.Draw(sheet)
    y = _GAP
    for label, cells, height in zip(labels, bands.values(), heights, strict=True):
        draw.text((_GAP, y), label, (40, 40, 40), font, spacing=2)
        for i, (picture, text) in enumerate(cells):
            x = _SIDE + i * (cell + _GAP)
            sheet.paste(picture, (x, y))
            draw.text((x, y + picture.height), _caption(text), (110, 110, 110), font)
        y += height
    return sheet


def _wrapped(name: str, width: int = 24) -> str:
    return "\n".join(textwrap.wrap(name, width, break_on_hyphens=False))


def _caption(text: str) -> str:
    """ASCII, whatever the label is: the sheet's own font draws little else."""
    return "+".join(f"U+{ord(char):04X}" for char in text[:2]) + ("..." if len(text) > 2 else "")
