"""The contact sheet `preview.png`: a few rows of every source and face, to look at before believing anything."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from ocrfactory import encode, read, write
from ocrfactory.layout import Layout

COLUMNS = ("text", "source", "font_name", "origin")
MAX_BANDS, CELLS, GROUPS = 24, 16, 8
"""Bands of the sheet; pictures in a band; row groups of each split to choose from (rows are shuffled)."""
SHORT, WIDE, TALL = 96, 400, 260
"""Pixels of a picture on the sheet at most: of its shorter side, of the length of a line, of the length of a column."""
BAND = 420
"""Pixels of a band's height at most, but for its first row: what does not fit is left out."""
_CAPTION, _GAP, _SIDE, _LINE = 13, 6, 150, 12
_WIDTH = _SIDE + 1640


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
        key = row["source"] or "?", _drawn_by(row)
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


def _drawn_by(row: dict[str, Any]) -> str:
    """The name of a band: generated glyphs do not stand among those of the font whose style they have."""
    name = row["font_name"] or row["origin"] or "?"
    return f"{name} (generated)" if row["origin"] == "gan" and row["font_name"] else str(name)


def _small(data: bytes | None) -> Image.Image:
    """A picture at the size of a cell; an empty one with a question mark where it is damaged."""
    try:
        picture = Image.fromarray(encode.decode(data or b""))
        wide, tall = picture.width > 2 * picture.height, picture.height > 2 * picture.width
        picture.thumbnail((WIDE if wide else SHORT, TALL if tall else SHORT), Image.Resampling.LANCZOS)
        return picture.convert("RGB")
    except ValueError:  # `verify` names the row and the fault
        empty = Image.new("RGB", (SHORT // 2, SHORT // 2), (255, 255, 255))
        ImageDraw.Draw(empty).text((SHORT // 4 - 4, SHORT // 4 - 8), "?", (200, 40, 40), ImageFont.load_default(14))
        return empty


def _sheet(bands: Bands) -> Image.Image:
    """Bands below each other; the pictures of a band from left to right, in as many rows as they need."""
    font = ImageFont.load_default(10)
    placed: list[tuple[_Cell, int, int]] = []
    labels: list[tuple[str, int]] = []
    y, width = _GAP, 0
    for (source, name), cells in bands.items():
        label = f"{source}\n{_wrapped(name)}"
        labels.append((label, y))
        least = y + _LINE * (label.count("\n") + 1)
        x, row, top = _SIDE, 0, y
        for cell in sorted(cells, key=lambda cell: cell.picture.height > SHORT):  # columns last, in rows of their own
            if x > _SIDE and x + cell.picture.width > _WIDTH:
                if y + row + _GAP + cell.picture.height > top + BAND:
                    break
                x, y, row = _SIDE, y + row + _GAP, 0
            placed.append((cell, x, y))
            x += cell.picture.width + _GAP
            row = max(row, cell.picture.height + (_CAPTION if _caption(cell.text) else 0))
            width = max(width, x)
        y = max(y + row, least) + _GAP
    sheet = Image.new("RGB", (max(width, _SIDE), y), (236, 236, 232))
    draw = ImageDraw.Draw(sheet)
    for label, top in labels:
        draw.text((_GAP, top), label, (40, 40, 40), font, spacing=2)
    for cell, x, y in placed:
        sheet.paste(cell.picture, (x, y))
        draw.text((x, y + cell.picture.height), _caption(cell.text), (110, 110, 110), font)
    return sheet


def _wrapped(name: str, width: int = 24) -> str:
    return "\n".join(textwrap.wrap(name, width, break_on_hyphens=False))


def _caption(text: str) -> str:
    """The code points of a class, for the sheet's own font draws little else; nothing for a line of text."""
    return (
        "+".join(f"U+{ord(char):04X}" for char in text[:2]) + ("..." if len(text) > 2 else "")
        if _is_class(text)
        else ""
    )


def _is_class(text: str) -> bool:
    return len(text) <= 4 and " " not in text
