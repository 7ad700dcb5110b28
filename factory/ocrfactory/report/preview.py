"""The contact sheet `preview.png`: a few rows of every source and face, to look at before believing anything."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ocrfactory import read
from ocrfactory.layout import Layout

COLUMNS = ("image", "text", "source", "font_name", "origin", "id")
MAX_BANDS, CELLS, GROUPS = 24, 16, 8
"""Bands of the sheet; pictures in a band; row groups of each split to choose from (rows are shuffled)."""
_CAPTION, _GAP, _SIDE = 13, 6, 150


def make_preview(folder: Path) -> Path:
    """Draw and write `preview.png` of a finished data set: one band a source and face, code points below.

    Raises:
        InputError: there is no complete data set.
    """
    bands: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in _some_rows(folder):
        key = row["source"], row["font_name"] or row["origin"]
        if key in bands or len(bands) < MAX_BANDS:
            cells = bands.setdefault(key, [])
            if len(cells) < CELLS:
                cells.append(row)
    path = Layout(folder).preview
    sheet = _sheet(dict(sorted(bands.items())))
    temporary = path.with_suffix(".png.part")
    sheet.save(temporary, "PNG", optimize=True)
    temporary.replace(path)
    return path


def _some_rows(folder: Path) -> Iterator[dict[str, Any]]:
    found = read.manifest(folder)
    for split in found.rows_by_split:
        entries = [entry for entry in found.shards if entry.split == split]
        chosen = [entries[0], entries[-1]] if len(entries) > 1 else entries  # the first and the last shard
        for entry in chosen:
            yield from read.first_rows(folder / entry.path, COLUMNS, GROUPS)


def _sheet(bands: dict[tuple[str, str], list[dict[str, Any]]]) -> Image.Image:
    font = ImageFont.load_default(10)
    pictures = {
        key: [Image.open(io.BytesIO(row["image"]["bytes"])).convert("RGB") for row in rows]
        for key, rows in bands.items()
    }
    cell = max((picture.width for row in pictures.values() for picture in row), default=64)
    heights = [max(picture.height for picture in row) + _CAPTION + _GAP for row in pictures.values()]
    sheet = Image.new("RGB", (_SIDE + CELLS * (cell + _GAP) + _GAP, sum(heights) + _GAP), (236, 236, 232))
    draw = ImageDraw.Draw(sheet)
    y = _GAP
    for ((source, name), rows), height in zip(bands.items(), heights, strict=True):
        draw.text((_GAP, y), f"{source}\n{_wrapped(name)}", (40, 40, 40), font)
        for i, (row, picture) in enumerate(zip(rows, pictures[source, name], strict=True)):
            x = _SIDE + i * (cell + _GAP)
            sheet.paste(picture, (x, y))
            draw.text((x, y + picture.height), _caption(row["text"]), (110, 110, 110), font)
        y += height
    return sheet


def _wrapped(name: str, width: int = 24) -> str:
    return "\n".join(name[i : i + width] for i in range(0, len(name), width))


def _caption(text: str) -> str:
    """ASCII, whatever the label is: the sheet's own font draws little else."""
    return "+".join(f"U+{ord(char):04X}" for char in text[:2]) + ("..." if len(text) > 2 else "")
