"""What is wrong with one row, by the rules of the schema that Arrow cannot say."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Sequence
from typing import Any

from ocrfactory import schema
from ocrfactory.charset.hangul import grapheme_count


def path_faults(path: str | None) -> list[str]:
    """What is wrong with `image.path`: a made-up ASCII base name, for a reader opens a real one."""
    if not path:
        return ["image.path is null"]
    if not path.isascii() or any(char in path for char in "/\\:"):
        return [f"image.path {path!r} is no plain ASCII base name"]
    return []


def row_faults(row: dict[str, Any], classes: frozenset[str] | Sequence[str]) -> list[str]:
    """What is wrong with the columns of one row; empty when nothing is."""
    faults = [f"{name} is null" for name in schema.REQUIRED if row[name] is None]
    faults += [
        f"{name} is null" for name in schema.REQUIRED_BY_ORIGIN.get(row["origin"] or "", ()) if row[name] is None
    ]
    for name, known in (
        ("kind", schema.KINDS), ("origin", schema.ORIGINS), ("split", schema.SPLITS), ("direction", schema.DIRECTIONS),
    ):  # fmt: skip
        if row[name] is not None and row[name] not in known:
            faults.append(f"{name} {row[name]!r} is none of {', '.join(known)}")
    if row["text"] is not None:
        faults += _text_faults(row, classes)
    if row["seed"] is not None and not 0 <= row["seed"] < 2**53:
        faults.append(f"seed {row['seed']} is not in 0..2^53-1")
    size = row["font_size_px"]
    if size is not None and not 0 < size < math.inf:
        faults.append(f"font_size_px {size} is no size")
    faults += _box_faults(row)
    for name, kind in (("aug", list), ("attrs", dict)):
        if row[name] is not None:
            faults += _json_faults(name, row[name], kind)
    return faults


def _text_faults(row: dict[str, Any], classes: frozenset[str] | Sequence[str]) -> list[str]:
    text, faults = row["text"], []
    if not text:
        faults.append("text is empty")
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs"):
            faults.append(f"text holds U+{ord(char):04X}")
    if row["kind"] == "glyph":
        if text not in classes:
            faults.append(f"text {text!r} is not a class of meta/charset.txt")
    elif unicodedata.normalize("NFC", text) != text:
        faults.append(f"text {text!r} is not NFC")
    if row["n_chars"] != grapheme_count(text):
        faults.append(f"n_chars is {row['n_chars']}, the text has {grapheme_count(text)}")
    return faults


def _box_faults(row: dict[str, Any]) -> list[str]:
    faults = []
    for name, width, height in (
        ("char_boxes", row["width"], row["height"]), ("polygon", row["src_width"], row["src_height"]),
    ):  # fmt: skip
        values = row[name]
        if values is None:
            continue
        limits = (width or math.inf, height or math.inf)
        if any(v is None or not -0.01 <= v <= min(limits[i % 2] + 0.01, 2**31) for i, v in enumerate(values)):
            faults.append(f"{name} leaves its image")
    sides = row["char_boxes"] or ()
    if any(low is not None and high is not None and low > high for i in (0, 1) for low, high in _ends(sides, i)):
        faults.append("a box in char_boxes ends before it starts")
    if row["char_boxes"] is not None and row["n_chars"] is not None and len(row["char_boxes"]) != 4 * row["n_chars"]:
        faults.append(f"{len(row['char_boxes'])} numbers in char_boxes, not 4 x {row['n_chars']}")
    if row["bbox"] is not None:
        x, y, w, h = (*(math.nan if value is None else value for value in row["bbox"]), *[math.nan] * 4)[:4]
        inside = x >= -0.01 and y >= -0.01 and w > 0 and h > 0
        inside = (
            inside
            and x + w <= (row["src_width"] or math.inf) + 0.01
            and y + h <= (row["src_height"] or math.inf) + 0.01
        )
        if not inside or len(row["bbox"]) != 4:
            faults.append("bbox leaves its image")
    return faults


def _ends(sides: Sequence[float | None], axis: int) -> list[tuple[float | None, float | None]]:
    """Start and end of each box along an axis: 0 is x."""
    return list(zip(sides[axis::4], sides[axis + 2 :: 4], strict=False))


def _json_faults(name: str, text: str, kind: type) -> list[str]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return [f"{name} is not JSON: {error}"]
    return [] if isinstance(value, kind) else [f"{name} is not a JSON {kind.__name__}"]
