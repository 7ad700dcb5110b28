"""Open everything again: counts, hashes, pictures, schema, ids and labels of a finished data set."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from xxhash import xxh3_128_hexdigest

from ocrfactory import classtable, encode, schema, views
from ocrfactory.errors import InputError, VerifyError
from ocrfactory.faults import path_faults, row_faults
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
    check.files()
    for entry in found.shards:
        check.shard(entry)
        progress(check.rows, found.rows, len(check.problems))
        if len(check.problems) >= MAX_PROBLEMS:
            break
    else:
        check.totals()
        check.by_class()
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
        self.splits: Counter[str] = Counter()
        self.groups: dict[str, str] = {}
        self.characters: Counter[classtable.Key] = Counter()
        """Rows of single characters of the sources that the class plan rules."""
        self.trained = 0
        """Rows of single characters in train."""
        try:
            self.classes = frozenset(self.layout.charset.read_text("utf-8").split("\n")[:-1])
        except (OSError, UnicodeDecodeError) as error:
            self.classes = frozenset()
            self.problem(f"meta/charset.txt: {error}")

    def problem(self, text: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(text)

    def strangers(self) -> None:
        """A loader globs: whatever lies in data/ or ends in .parquet would be read as rows."""
        known = {entry.path for entry in self.manifest.shards}
        known.add(self.layout.rejects.relative_to(self.folder).as_posix())
        known.update(f"meta/views/{name}.parquet" for name in self.manifest.views)
        found = []
        for parent, folders, files in os.walk(self.folder, onerror=lambda error: self.problem(str(error))):
            here = Path(parent)
            inside = here.is_relative_to(self.layout.data_folder)
            links = [name for name in folders if (here / name).is_symlink()]  # not walked, yet a loader enters them
            for name in (*files, *links):
                path = (here / name).relative_to(self.folder).as_posix()
                if path not in known and (inside or name.casefold().endswith(".parquet")):
                    found.append(path)
        for path in sorted(found):
            self.problem(f"{path}: is not in the manifest")

    def files(self) -> None:
        """What lies beside the shards: there, and as the manifest says. A manifest without `files` is an old one."""
        listed, layout = self.manifest.files, self.layout
        for path in (layout.charset, layout.holes, layout.fonts, layout.rejects, layout.card):
            name = path.relative_to(self.folder).as_posix()
            if listed and name not in listed:
                self.problem(f"manifest.json: files does not list {name}")
            if name not in listed and path not in (layout.charset, layout.rejects):  # these two are read anyway
                self._present(name)
        if not any(layout.recipes.glob("*.yaml")):
            self.problem("meta/recipes: holds no recipe")
        for name, expected in sorted(listed.items()):
            found = self._present(name)
            if found is not None:
                self._hash(found, name, expected)

    def _present(self, name: str) -> Path | None:
        """A file that the manifest names, if it is one inside the folder."""
        try:
            path = self.folder / name
            if not path.resolve().is_relative_to(self.folder.resolve()):
                self.problem(f"{name}: lies outside the data set")
            elif not path.is_file():
                self.problem(f"{name}: missing")
            else:
                return path
        except (OSError, ValueError, RuntimeError) as error:  # NUL, a name that is too long, a loop of links
            self.problem(f"{name!r}: cannot be a file: {error}")
        return None

    def _hash(self, path: Path, name: str, expected: str) -> None:
        try:
            digest = sha256_of(path)
        except OSError as error:
            self.problem(f"{name}: cannot be read: {error}")
            return
        if digest != expected:
            self.problem(f"{name}: sha256 is {digest}, expected {expected}")

    def shard(self, entry: ShardEntry) -> None:
        path = self._present(entry.path)
        if path is None:
            return
        self._hash(path, entry.path, entry.sha256)
        try:
            size = path.stat().st_size
            if size != entry.bytes:
                self.problem(f"{entry.path}: {size} bytes, expected {entry.bytes}")
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                self._file(file, entry)
        except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
            self.problem(f"{entry.path}: cannot be read: {error}")

    def _file(self, file: pq.ParquetFile, entry: ShardEntry) -> None:
        if not file.schema_arrow.equals(schema.arrow_schema(), check_metadata=False):
            self.problem(f"{entry.path}: not schema version {schema.VERSION}")
            return
        if b"huggingface" not in (file.schema_arrow.metadata or {}):
            self.problem(f"{entry.path}: the footer lacks the huggingface key, so images would not be decoded")
        self._footer(file, entry)
        if file.metadata.num_rows != entry.rows:
            self.problem(f"{entry.path}: {file.metadata.num_rows} rows, expected {entry.rows}")
        content = position = 0
        first = last = None
        for number in range(file.num_row_groups):
            for row in file.read_row_group(number).to_pylist():
                content += self._row(row, entry, position)
                first, last = (row["id"] if position == 0 else first), row["id"]
                position += 1
        self.rows += position
        self.content += content
        if f"{content % 2**256:064x}" != entry.content_hash:
            self.problem(f"{entry.path}: the content hash differs from the manifest's")
        for name, found, expected in (("first", first, entry.first_id), ("last", last, entry.last_id)):
            if found != expected:
                self.problem(f"{entry.path}: the {name} id is {found!r}, expected {expected!r}")

    def _footer(self, file: pq.ParquetFile, entry: ShardEntry) -> None:
        """A shard of another build has its own hash in a forged manifest; its footer still tells."""
        try:
            facts = json.loads((file.schema_arrow.metadata or {}).get(b"ocrfactory", b""))
        except (ValueError, RecursionError):
            facts = None
        if not isinstance(facts, dict):
            self.problem(f"{entry.path}: the footer lacks the ocrfactory key")
            return
        for name, expected in (
            ("schema", schema.VERSION),
            ("plan_sha256", self.manifest.plan_sha256),
            ("root_seed", self.manifest.seed),
            ("config_sha256", self.manifest.recipe_sha256),
            ("shard", Path(entry.path).stem),
        ):
            if facts.get(name) != expected:
                self.problem(f"{entry.path}: the footer's {name} is {facts.get(name)!r}, expected {expected!r}")

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
        self.splits[row["split"]] += 1
        self.trained += row["kind"] == "glyph" and row["split"] == "train"
        if row["kind"] == "glyph" and row["source"] in self.manifest.class_sources:
            self.characters[row["text"], row["origin"], row["split"]] += 1
        group = row["split_group"]
        if group is not None and self.groups.setdefault(group, row["split"]) != row["split"]:
            faults.append(f"split_group {group!r} spans two splits")
        for fault in faults:
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
        self._counts("rows_by_split", self.splits, self.manifest.rows_by_split)
        try:
            with pq.ParquetFile(self.layout.rejects) as file:
                ledger = file.read()
            reasons = Counter(ledger.column("reason").to_pylist())
            both = self.ids.intersection(ledger.column("id").to_pylist())
        except (OSError, pa.ArrowException, KeyError, UnicodeDecodeError) as error:
            self.problem(f"meta/rejects.parquet: {error}")
            return
        if ledger.num_rows != self.manifest.rejects:
            self.problem(f"meta/rejects.parquet: {ledger.num_rows} rows, the manifest says {self.manifest.rejects}")
        self._counts("rejects_by_reason", reasons, self.manifest.rejects_by_reason)
        if both:
            self.problem(f"{len(both)} ids are both rows and rejects, such as {min(map(str, both))}")

    def by_class(self) -> None:
        """The class plan and the views, where the data set has them."""
        for fault in views.faults(self.folder, self.manifest, self.trained):
            self.problem(fault)
        if not self.manifest.class_sources:
            return
        try:
            rows = classtable.from_csv(self.layout.class_plan)
        except InputError as error:
            self.problem(error.message)
            return
        for fault in classtable.faults(rows, self.characters, self.manifest.rejects):
            self.problem(f"meta/class_plan.csv: {fault}")

    def _counts(self, field: str, found: Counter[str], expected: dict[str, int]) -> None:
        """Absent is zero: a split whose rows were all rejected is in the manifest, but in no shard."""
        for name in sorted(map(str, found.keys() | expected.keys())):
            if found[name] != expected.get(name, 0):
                self.problem(f"manifest.json: {field}: {expected.get(name, 0)} of {name!r}, there are {found[name]}")
