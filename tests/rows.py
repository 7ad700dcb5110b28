"""Small data sets whose rows are stated one by one: their origins, groups and splits are those that a test needs."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from ocrfactory import encode, schema, write
from ocrfactory.layout import Layout
from ocrfactory.plan import versions
from ocrfactory.read import Manifest, ShardEntry
from ocrfactory.sample import FontUse, Photo, Sample
from xxhash import xxh3_128_hexdigest


class Row(NamedTuple):
    """One picture to be."""

    text: str
    origin: str = "real"
    group: str = ""
    split: str = "train"
    kind: str = "glyph"


def make_data_set(folder: Path, rows: Sequence[Row], name: str = "made") -> Path:
    """A data set of these rows, one shard a split, that the source `dataset` reads."""
    layout = Layout(folder)
    layout.make_folders()
    entries = []
    for split in schema.SPLITS:
        chosen = [(number, row) for number, row in enumerate(rows) if row.split == split]
        if chosen:
            path = layout.data(f"{split}-00000-of-00001")
            made = [_encoded(number, row, name) for number, row in chosen]
            write.write_parquet(path, write.tables_of(made, 1000), {})
            entries.append(
                ShardEntry(
                    path.relative_to(folder).as_posix(), split, len(made), path.stat().st_size, write.sha256_of(path),
                    f"{schema.add_hashes(*(row.content_hash for row in made)):064x}", made[0].id, made[-1].id,
                )
            )  # fmt: skip
    manifest = Manifest(
        complete=True, name=name, schema=schema.VERSION, planned=len(rows), rows=len(rows), rejects=0,
        rejects_by_reason={}, rows_by_split={}, content_hash=sha256(repr(rows).encode()).hexdigest(), plan_sha256="",
        recipe_sha256="", seed=0, versions=versions(), shards=tuple(entries),
    )  # fmt: skip
    layout.charset.write_text("".join(f"{text}\n" for text in dict.fromkeys(row.text for row in rows)), "utf-8")
    layout.manifest.write_bytes(msgspec.json.encode(manifest))
    return folder


def _encoded(number: int, row: Row, name: str) -> write.Encoded:
    pixels = np.random.default_rng(number).integers(0, 256, (8, 8), np.uint8)
    origin = {
        "font": {"font": FontUse("0" * 64, 0, "a face", None), "font_size_px": 8.0},
        "gan": {"generator_id": "g"},
        "real": {"photo": Photo("a.png", "0" * 64, 8, 8)},
    }[row.origin]
    sample = Sample(
        text=row.text, image=pixels, kind=row.kind, origin=row.origin, seed=number, license="CC0-1.0",
        split_group=row.group or None, **origin,
    )  # fmt: skip
    format, image, seen = encode.file_of(sample, "png", None)
    values = schema.row_of(sample, id=f"{name}/{number:09d}", source=name, split=row.split, recipe_id="0" * 16)
    return write.Encoded(image, f"{number}.{format}", xxh3_128_hexdigest(image), values, schema.row_hash(seen, values))
