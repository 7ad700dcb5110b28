"""The Parquet schema, version 1: 35 columns, declared once.

Every field is nullable in Arrow, `image` is `struct<bytes, path>` in this order, and the key `huggingface` declares
`image` and nothing else: with any other choice `datasets` silently hands out bytes in place of pictures.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.sample import Image, Sample

VERSION = 1
SPLITS = ("train", "validation", "test")
KINDS = ("glyph", "word", "line")
ORIGINS = ("font", "gan", "real")
DIRECTIONS = ("ltr", "rtl", "ttb")

_S, _I32, _I64, _F32 = pa.string(), pa.int32(), pa.int64(), pa.float32()
_BOXES = pa.list_(_F32)

COLUMNS: dict[str, pa.DataType] = {
    "image": pa.struct([("bytes", pa.binary()), ("path", _S)]),
    "text": _S,
    "text_raw": _S,
    "id": _S,
    "kind": _S,
    "origin": _S,
    "source": _S,
    "split": _S,
    "split_group": _S,
    "lang": _S,
    "direction": _S,
    "width": _I32,
    "height": _I32,
    "n_chars": _I32,
    "image_hash": _S,
    "seed": _I64,
    "recipe_id": _S,
    "aug": _S,
    "font_sha256": _S,
    "font_index": _I32,
    "font_name": _S,
    "font_size_px": _F32,
    "font_variation": _S,
    "generator_id": _S,
    "src_image": _S,
    "src_image_sha256": _S,
    "src_annotation": _S,
    "src_annotation_id": _S,
    "src_width": _I32,
    "src_height": _I32,
    "bbox": _BOXES,
    "polygon": _BOXES,
    "char_boxes": _BOXES,
    "attrs": _S,
    "license": _S,
}

REQUIRED = (
    "text", "id", "kind", "origin", "source", "split", "direction", "width", "height", "n_chars", "image_hash",
    "license",
)  # fmt: skip
REQUIRED_BY_ORIGIN = {
    "font": ("font_sha256", "font_index", "font_size_px"),
    "gan": ("generator_id",),
    "real": ("src_image", "src_image_sha256"),
}

DICTIONARY = [  # few distinct values: Parquet dictionary encoding, never an Arrow dictionary type
    "kind", "origin", "source", "split", "split_group", "lang", "direction", "width", "height", "n_chars",
    "recipe_id", "font_sha256", "font_index", "font_name", "font_size_px", "font_variation", "generator_id",
    "src_image_sha256", "src_annotation", "src_width", "src_height", "license",
]  # fmt: skip

REJECTS = pa.schema([("id", _S), ("reason", _S), ("detail", _S)])
"""The ledger `meta/rejects.parquet`."""

VIEW = pa.schema([("file", _S), ("row", _I32), ("id", _S), ("class", _S), ("split", _S), ("times", _I32)])
"""A view, `meta/views/*.parquet`: which row of which file, and how often it is drawn in one pass."""

HASHED = tuple(name for name in COLUMNS if name not in ("image", "image_hash"))
"""The columns of the content hash: `image` and `image_hash` depend on the encoder."""

Row = msgspec.defstruct("Row", [(name, Any, None) for name in HASHED], frozen=True, gc=False, omit_defaults=True)
"""The values of `HASHED` for one row; None where a column is null."""

_canonical = msgspec.json.Encoder(order="sorted")


def arrow_schema(facts: dict[str, Any] | None = None) -> pa.Schema:
    """The Arrow schema. `facts`: tool version, config hash, root seed, shard, plan hash; never a clock."""
    hugging_face = {"info": {"features": {"image": {"_type": "Image"}}}}
    return pa.schema(
        [pa.field(name, kind) for name, kind in COLUMNS.items()],
        metadata={"huggingface": dump(hugging_face), "ocrfactory": dump({"schema": VERSION, **(facts or {})})},
    )


def dump(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return _canonical.encode(value).decode()


@lru_cache(4096)
def shortest(value: float) -> float:
    """The float64 that prints as the shortest decimal of `value` stored as float32."""
    return float(str(np.float32(value)))


def _floats(values: tuple[float, ...] | None) -> list[float] | None:
    """Each as `shortest` has it. Six digits or fewer are their own shortest form: no float32 has two of those."""
    if values is None:
        return None
    if 0 < len(values) <= 16 and {value % 1 for value in values} <= {0} and max(map(abs, values)) < 1e7:
        return list(map(float, values))  # whole pixels, as most labels have them
    exact = np.array(values, np.float64)
    hundredths = exact * 100
    np.rint(hundredths, out=hundredths)
    hundredths /= 100
    if (exact == hundredths).all() and (np.abs(exact) < 10_000).all():
        return exact.tolist()  # type: ignore[no-any-return]
    return [shortest(value) for value in values]


def row_of(sample: Sample, *, id: str, source: str, split: str, recipe_id: str) -> msgspec.Struct:
    """The row of a finished sample, without its encoded image."""
    font, photo, image = sample.font, sample.photo, sample.image
    size = sample.font_size_px
    facts: dict[str, Any] = {}
    if font is not None:
        facts = {
            "font_sha256": font.sha256,
            "font_index": font.index,
            "font_name": font.name,
            "font_variation": font.variation,
        }
    if photo is not None:
        facts |= {
            "src_image": photo.image,
            "src_image_sha256": photo.image_sha256,
            "src_annotation": photo.annotation,
            "src_annotation_id": photo.annotation_id,
            "src_width": photo.width,
            "src_height": photo.height,
            "bbox": _floats(photo.bbox),
            "polygon": _floats(photo.polygon),
        }
    return Row(
        text=sample.text,
        text_raw=sample.text_raw,
        id=id,
        kind=sample.kind,
        origin=sample.origin,
        source=source,
        split=split,
        split_group=sample.split_group,
        lang=sample.lang,
        direction=sample.direction,
        width=image.shape[1],
        height=image.shape[0],
        n_chars=grapheme_count(sample.text),
        seed=sample.seed,
        recipe_id=recipe_id,
        aug=None if sample.aug is None else dump(sample.aug),
        font_size_px=None if size is None else shortest(size),
        generator_id=sample.generator_id,
        char_boxes=_floats(sample.char_boxes),
        attrs=None if sample.attrs is None else dump(sample.attrs),
        license=sample.license,
        **facts,
    )


def row_hash(pixels: Image, row: msgspec.Struct) -> int:
    """The content hash of one row: it survives another encoder, another Parquet writer and another order.

    SHA-256 over a tag, the mode, the size, the decoded pixels and the canonical JSON of the non-null `HASHED` columns.
    """
    digest = sha256(_tag(pixels.shape))
    digest.update(pixels.data)
    digest.update(_canonical.encode(row))
    return int.from_bytes(digest.digest(), "big")


@lru_cache(4096)
def _tag(shape: tuple[int, ...]) -> bytes:
    return f"ocrfactory-row-1\x1f{'L' if len(shape) == 2 else 'RGB'}\x1f{shape[1]}\x1f{shape[0]}\x1f".encode()


def add_hashes(*values: int) -> int:
    """The content hash of several rows or shards: a sum, so neither order nor packing matters."""
    return sum(values) % 2**256


def card_features() -> list[str]:
    """All columns as the lines of a data card's `dataset_info.features`: `datasets` wants all of them or none."""
    names = {_S: "string", _I32: "int32", _I64: "int64", _F32: "float32"}
    lines = []
    for name, kind in COLUMNS.items():
        lines.append(f"  - name: {name}")
        if name == "image":
            lines.append("    dtype: image")
        else:
            lines.append("    list: float32" if kind == _BOXES else f"    dtype: {names[kind]}")
    return lines


def leaf_paths() -> list[str]:
    """The names of the Parquet leaves: `image.bytes`, `bbox.list.element`, `text`, ..."""
    paths = []
    for name, kind in COLUMNS.items():
        if pa.types.is_struct(kind):
            paths += [f"{name}.{child.name}" for child in kind]
        elif pa.types.is_list(kind):
            paths.append(f"{name}.list.element")
        else:
            paths.append(name)
    return paths


def writer_options() -> dict[str, Any]:
    """Options of `pyarrow.parquet.ParquetWriter`: the image bytes as they are, all else zstd.

    The level is given per leaf: a plain `compression_level` beside an uncompressed column raises `ArrowInvalid`.
    """
    packed = [path for path in leaf_paths() if path != "image.bytes"]
    return {
        "version": "2.6",
        "data_page_version": "1.0",
        "store_schema": True,
        "compression": {"image.bytes": "none", **dict.fromkeys(packed, "zstd")},
        "compression_level": dict.fromkeys(packed, 3),
        "use_dictionary": DICTIONARY,
        "write_page_index": True,
        "write_page_checksum": True,
    }
