"""Open everything again: counts, hashes, pictures, schema, ids and labels of a finished data set."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from xxhash import xxh3_128_hexdigest

from ocrfactory import encode, schema
from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.errors import VerifyError
from ocrfactory.layout import Layout
from ocrfactory.read import Manifest, ShardEntry, manifest
from ocrfactory.write import sha256_of

MAX_PROBLEMS = 50


class Verdict(msgspec.Struct, frozen=True):
    """What `verify` found."""

    rows: int
    shards: int
    problems: tuple[str, ...]


def verify(folder: Path, progress: Callable[[int, int, int], None] = lambda done, planned, problems: None) -> Verdict:
    """Compare a data set with its manifest and with the rules of the schema.

    Raises:
        InputError: there is no manifest.
        VerifyError: it has another schema version.
    """
    found = manifest(folder)
    check = _Check(folder, found)
    if not found.complete:
        check.problem("manifest.json: the data set is not complete: too many rejects")
    if found.rows + found.rejects != found.planned:
        check.problem(f"manifest.json: {found.rows} rows + {found.rejects} rejects are not the {found.planned} planned")
    check.strangers()
    for entry in found.shards:
        check.shard(entry)
        progress(check.rows, found.rows, len(check.problems))
        if len(check.problems) >= MAX_PROBLEMS:
            break
    else:
        check.totals()
    return Verdict(check.rows, len(found.shards), tuple(check.problems))


def raise_for(verdict: Verdict, folder: Path) -> None:
    """Raise VerifyError if anything was found."""
    if verdict.problems:
        raise VerifyError(f"{folder}: {len(verdict.problems)} problems:\n  " + "\n  ".join(verdict.problems))


class _Check:
    def __init__(self, folder: Path, found: Manifest) -> None:
        self.folder, self.manifest, self.layout = folder, found, Layout(folder)
        self.problems: list[str] = []
        self.rows = 0
        self.content = 0
        self.ids: set[str] = set()
        self.groups: dict[str, str] = {}
        try:
            self.classes = frozenset(self.layout.charset.read_text("utf-8").split("\n")[:-1])
        except (OSError, UnicodeDecodeError) as error:
            self.classes = frozenset()
            self.problem(f"meta/charset.txt: {error}")

    def problem(self, text: str) -> None:
        self.problems.append(text)

    def strangers(self) -> None:
        listed = {entry.path for entry in self.manifest.shards}
        for path in sorted(self.layout.data_folder.glob("**/*.parquet")):
            name = path.relative_to(self.folder).as_posix()
            if name not in listed:
                self.problem(f"{name}: is not in the manifest")

    def shard(self, entry: ShardEntry) -> None:
        path = self.folder / entry.path
        if not path.resolve().is_relative_to(self.folder.resolve()):
            self.problem(f"{entry.path}: lies outside the data set")
            return
        if not path.is_file():
            self.problem(f"{entry.path}: missing")
            return
        digest = sha256_of(path)
        if digest != entry.sha256:
            self.problem(f"{entry.path}: sha256 is {digest}, expected {entry.sha256}")
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                self._file(file, entry)
        except (OSError, pa.ArrowException) as error:
            self.problem(f"{entry.path}: cannot be read: {error}")

    def _file(self, file: pq.ParquetFile, entry: ShardEntry) -> None:
        if not file.schema_arrow.equals(schema.arrow_schema(), check_metadata=False):
            self.problem(f"{entry.path}: not schema version {schema.VERSION}")
            return
        if b"huggingface" not in (file.schema_arrow.metadata or {}):
            self.problem(f"{entry.path}: the footer lacks the huggingface key, so images would not be decoded")
        if file.metadata.num_rows != entry.rows:
            self.problem(f"{entry.path}: {file.metadata.num_rows} rows, expected {entry.rows}")
        content = position = 0
        for number in range(file.num_row_groups):
            for row in file.read_row_group(number).to_pylist():
                content += self._row(row, entry, position)
                position += 1
        self.rows += position
        self.content += content
        if f"{content % 2**256:064x}" != entry.content_hash:
            self.problem(f"{entry.path}: the content hash differs from the manifest's")

    def _row(self, row: dict[str, Any], entry: ShardEntry, position: int) -> int:
        faults: list[str] = []
        image = row["image"] or {}
        data = image.get("bytes")
        pixels = None
        if not data:
            faults.append("image.bytes is null")
        else:
            try:
                pixels = encode.decode(data)
            except ValueError as error:
                faults.append(f"image does not decode: {error}")
            if xxh3_128_hexdigest(data) != row["image_hash"]:
                faults.append("image_hash does not match the bytes")
        faults += path_faults(image.get("path"))
        if pixels is not None and pixels.shape[:2] != (row["height"], row["width"]):
            faults.append(f"image is {pixels.shape[1]}x{pixels.shape[0]}, columns say {row['width']}x{row['height']}")
        faults += row_faults(row, self.classes)
        if row["split"] != entry.split:
            faults.append(f"split {row['split']!r} in a file of {entry.split}")
        if row["id"] in self.ids:
            faults.append("id is not unique")
        self.ids.add(row["id"])
        group = row["split_group"]
        if group is not None and self.groups.setdefault(group, row["split"]) != row["split"]:
            faults.append(f"split_group {group!r} spans two splits")
        for fault in faults:
            if len(self.problems) < MAX_PROBLEMS:
                self.problem(f"{entry.path}: row {position} ({row['id']}): {fault}")
        if pixels is None:
            return 0
        values = {name: row[name] for name in schema.HASHED}
        for name in ("font_size_px",):
            values[name] = None if values[name] is None else schema.shortest(values[name])
        for name in ("bbox", "polygon", "char_boxes"):
            values[name] = None if values[name] is None else [schema.shortest(value) for value in values[name]]
        return schema.row_hash(pixels, schema.Row(**values))

    def totals(self) -> None:
        if self.rows != self.manifest.rows:
            self.problem(f"{self.rows} rows, the manifest says {self.manifest.rows}")
        if f"{self.content % 2**256:064x}" != self.manifest.content_hash:
            self.problem("the content hash of the whole differs from the manifest's")
        try:
            ledger = pq.read_table(self.layout.rejects)
        except (OSError, pa.ArrowException) as error:
            self.problem(f"meta/rejects.parquet: {error}")
            return
        if ledger.num_rows != self.manifest.rejects:
            self.problem(f"meta/rejects.parquet: {ledger.num_rows} rows, the manifest says {self.manifest.rejects}")
        both = self.ids.intersection(ledger.column("id").to_pylist())
        if both:
            self.problem(f"{len(both)} ids are both rows and rejects, such as {min(both)}")


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
        if any(not math.isfinite(v) or not -0.01 <= v <= limits[i % 2] + 0.01 for i, v in enumerate(values)):
            faults.append(f"{name} leaves its image")
    if row["char_boxes"] is not None and row["n_chars"] is not None and len(row["char_boxes"]) != 4 * row["n_chars"]:
        faults.append(f"{len(row['char_boxes'])} numbers in char_boxes, not 4 x {row['n_chars']}")
    if row["bbox"] is not None:
        x, y, w, h = (*row["bbox"], *[math.nan] * 4)[:4]
        inside = x >= -0.01 and y >= -0.01 and w > 0 and h > 0
        inside = (
            inside
            and x + w <= (row["src_width"] or math.inf) + 0.01
            and y + h <= (row["src_height"] or math.inf) + 0.01
        )
        if not inside or len(row["bbox"]) != 4:
            faults.append("bbox leaves its image")
    return faults


def _json_faults(name: str, text: str, kind: type) -> list[str]:
    try:
        value = json.loads(text)
    except ValueError as error:
        return [f"{name} is not JSON: {error}"]
    return [] if isinstance(value, kind) else [f"{name} is not a JSON {kind.__name__}"]
