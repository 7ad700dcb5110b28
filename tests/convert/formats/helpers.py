"""Small images that all differ, and data sets made of sources."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import Context
from PIL import Image


def picture(number: int, size: tuple[int, int] = (40, 16), format: str = "PNG") -> bytes:
    """An image file that no other number gives."""
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[4:8, : 4 + number % (size[0] - 4)] = (number % 251, number // 251 % 251, 7)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, format)
    return data.getvalue()


def put(folder: Path, files: dict[str, bytes | str]) -> Path:
    """Files below a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


class Made:
    """A data set that was built of one source."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = list(read.rows(folder))
        rejects = pq.read_table(folder / "meta/rejects.parquet").to_pylist()
        self.reasons = Counter(reject["reason"] for reject in rejects)
        self.details = [reject["detail"] for reject in rejects]
        self.texts = {row["text"]: row for row in self.rows}
        self.splits = {row["text"]: row["split"] for row in self.rows}

    def image(self, text: str) -> bytes:
        """The image file of the row with this text."""
        data: bytes = self.texts[text]["image"]["bytes"]
        return data

    def hashes(self) -> list[str]:
        """What a build with other workers must give again."""
        return [entry.sha256 for entry in read.manifest(self.folder).shards]


def make(out: Path, kind: str, *paths: Path, workers: int = 0, **source: Any) -> Made:
    """Build the data set of one source; `workers`: in as many processes, 0: in this one."""
    part = {"kind": kind, "name": "x", "paths": [str(path) for path in paths], **source}
    recipe = Recipe.model_validate({"name": "x", "parts": [{"source": part}], "image": {"format": "keep"}})
    how = {"workers": workers} if workers else {"executor": "serial"}
    build(recipe, out, Context(), Options(max_reject_rate=1.0, **how))
    return Made(out)
