"""A data set against the truth of the delivery that it was converted from."""

from __future__ import annotations

import io
import json
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from PIL import Image, ImageOps

from tests.deliveries.truth import TrueRow, Truth

NEAR = 1.0
"""Pixels by which a box may be off."""
JPEG_DIFFERS = 6
"""What two decoders of one JPEG file may differ by."""
PERSONAL = frozenset(
    ("writer_age", "writer_sex", "writer_gender", "writer_no", "writer_num", "gender", "age", "job", "sex")
)


def convert(out: Path, *folders: Path, options: dict[str, Any] | None = None, **source: Any) -> Path:
    """Build a data set of the deliveries in `folders`, in this process."""
    from ocrfactory.build import Options, build
    from ocrfactory.recipe import Recipe
    from ocrfactory.sources.source import Context

    part = {"kind": "aihub", "name": "aihub", "paths": [str(folder) for folder in folders], **source}
    recipe = Recipe.model_validate({"name": "x", "parts": [{"source": part}], "image": {"format": "keep"}})
    build(recipe, out, Context(), Options(executor="serial", max_reject_rate=1.0, **(options or {})))
    return out


def ledger(out: Path) -> Counter[str]:
    """Reason -> lines of the ledger of a data set."""
    return Counter(pq.read_table(out / "meta/rejects.parquet", columns=["reason"]).column("reason").to_pylist())


def differences(truth: Truth, out: Path) -> list[str]:
    """Everything in which the data set `out` is not what `truth` says; empty where all is well."""
    from ocrfactory import read

    rows = list(read.rows(out))
    problems: list[str] = []
    if (found := ledger(out)) != truth.ledger:
        more, less = dict(found - truth.ledger), dict(truth.ledger - found)
        problems.append(f"rejects: too many {more}, too few {less}")
    expected: dict[str, list[TrueRow]] = defaultdict(list)
    for row in truth.rows:
        expected[row.src_image].append(row)
    got: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        got[path_of(truth, row["src_image"])].append(row)
    for path in sorted(expected.keys() | got.keys()):
        wanted = sorted(expected[path], key=lambda row: row.index)
        seen = sorted(got[path], key=lambda row: json.loads(row["attrs"] or "{}").get("source_index", 0))
        if len(wanted) != len(seen):
            texts = [row.text for row in wanted], [row["text"] for row in seen]
            problems.append(f"{path}: rows of {texts[0]}, found {texts[1]}")
            continue
        for true, row in zip(wanted, seen, strict=True):
            problems += [f"{path} {true.index} {true.text!r}: {what}" for what in row_problems(truth, true, row)]
    return problems


def path_of(truth: Truth, src_image: str) -> str:
    """The path in the truth of an image as a row names it."""
    plain = "/" + unicodedata.normalize("NFC", src_image)
    fits = [path for path in truth.images if plain.endswith(f"/{path}")]
    return max(fits, key=len) if fits else src_image


def row_problems(truth: Truth, true: TrueRow, row: dict[str, Any]) -> list[str]:
    """What is wrong with one row."""
    attrs = json.loads(row["attrs"] or "{}")
    raw = row["text"] if row["text_raw"] is None else row["text_raw"]
    pairs = {
        "text": (true.text, row["text"]),
        "text_raw": (true.text_raw, raw),
        "kind": (true.kind, row["kind"]),
        "split": (true.split, row["split"]),
        "direction": (true.direction, row["direction"]),
        "origin": ("real", row["origin"]),
        "flags": (true.flags, sorted(attrs.get("flags") or [])),
        "src_annotation_id": (true.annotation_id, row["src_annotation_id"]),
        "src_width, src_height": (tuple(true.src_size), (row["src_width"], row["src_height"])),
        "personal attributes": ([], sorted(PERSONAL & attrs.keys())),
    }
    problems = [f"{name} {found!r}, not {wanted!r}" for name, (wanted, found) in pairs.items() if wanted != found]
    if row["bbox"] is None or any(abs(a - b) > NEAR for a, b in zip(true.box, row["bbox"], strict=True)):
        problems.append(f"bbox {row['bbox']}, not {list(true.box)}")
    return problems + pixel_problems(truth, true, row)


def pixel_problems(truth: Truth, true: TrueRow, row: dict[str, Any]) -> list[str]:
    """Is the row's image what the source image shows in the box?"""
    data, turned = truth.images[true.src_image]
    made = row["image"]["bytes"]
    if b"Exif\0\0" in made or b"eXIf" in made:
        return ["the image carries EXIF data"]
    source = Image.open(io.BytesIO(data))
    lossy = source.format == "JPEG"
    page = np.asarray((ImageOps.exif_transpose(source) if turned else source).convert("RGB")).astype(int)
    crop = np.asarray(Image.open(io.BytesIO(made)).convert("RGB")).astype(int)
    x, y, w, h = true.box
    left, top = round(x), round(y)
    steps = (0,) if true.exact else (-1, 0, 1)
    if true.exact and crop.shape[:2] != (h, w):
        return [f"the image is {crop.shape[1]} by {crop.shape[0]}, not {w} by {h}"]
    if abs(crop.shape[0] - h) > 2 or abs(crop.shape[1] - w) > 2:
        return [f"the image is {crop.shape[1]} by {crop.shape[0]}, not nearly {w} by {h}"]
    worst = []
    for dx in steps:
        for dy in steps:
            if left + dx < 0 or top + dy < 0:
                continue
            part = page[top + dy : top + dy + crop.shape[0], left + dx : left + dx + crop.shape[1]]
            if part.shape == crop.shape:
                worst.append(int(np.abs(part - crop).max()))
    if not worst or min(worst) > (JPEG_DIFFERS if lossy else 0):
        return [f"the pixels are others: they differ by {min(worst, default=-1)}"]
    return []
