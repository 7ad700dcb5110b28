"""Rows out: one shard into one Parquet file, by the commit protocol.

A private temporary file in the output folder; closed, opened again and checked; fsync, rename, fsync of the folder.
A name under `data/` therefore always stands for a whole, checked file.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import file_digest
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ocrfactory import schema
from ocrfactory.errors import NoSpaceError, OutputError

MAX_GROUP_BYTES = 32 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Encoded(msgspec.Struct, frozen=True, gc=False):
    """One finished row: the encoded image beside all other values."""

    image: bytes
    path: str
    image_hash: str
    row: msgspec.Struct
    content_hash: int

    @property
    def id(self) -> str:
        """The row's id."""
        return str(getattr(self.row, "id"))  # noqa: B009 - the fields of a row are those of the schema


def table_of(batch: Sequence[Encoded]) -> pa.Table:
    """The Arrow table of some rows, in the order of the schema."""
    columns = dict(
        zip(schema.HASHED, zip(*(msgspec.structs.astuple(item.row) for item in batch), strict=True), strict=True)
    )
    columns["image_hash"] = tuple(item.image_hash for item in batch)
    kind = schema.COLUMNS["image"]
    image = pa.StructArray.from_arrays(
        [pa.array([item.image for item in batch], pa.binary()), pa.array([item.path for item in batch], pa.string())],
        fields=list(kind),
    )
    arrays = [
        image if name == "image" else _array(columns[name], arrow_type) for name, arrow_type in schema.COLUMNS.items()
    ]
    return pa.Table.from_arrays(arrays, schema=schema.arrow_schema())


def _array(values: Sequence[Any], arrow_type: pa.DataType) -> pa.Array:
    first = values[0]
    if first is None and values.count(None) == len(values):  # a third of the columns of most sources
        return pa.nulls(len(values), arrow_type)
    return pa.array(values, arrow_type)


def tables_of(rows: Sequence[Encoded], group_rows: int) -> list[pa.Table]:
    """The row groups of a shard: `group_rows` rows each, fewer where images are large; by the rows alone."""
    tables: list[pa.Table] = []
    start = size = 0
    for number, item in enumerate(rows):
        if number > start and (number - start >= group_rows or size + len(item.image) > MAX_GROUP_BYTES):
            tables.append(table_of(rows[start:number]))
            start, size = number, 0
        size += len(item.image)
    return [*tables, table_of(rows[start:])]


def write_parquet(path: Path, tables: Sequence[pa.Table], facts: dict[str, Any]) -> None:
    """Write row groups under exactly this name."""
    arrow_schema = schema.arrow_schema(facts)
    with pq.ParquetWriter(path, arrow_schema, **schema.writer_options()) as writer:
        for table in tables:
            writer.write_table(table.replace_schema_metadata(arrow_schema.metadata), row_group_size=table.num_rows)


def check_parquet(path: Path, tables: Sequence[pa.Table], facts: dict[str, Any]) -> None:
    """Open a file again and compare every cell with what was meant, before anybody else can see it.

    Raises:
        OutputError: the file is not what was written.
        OSError: a page does not match its CRC, or the file is no Parquet at all.
    """
    meant = schema.arrow_schema(facts)
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        if not file.schema_arrow.equals(meant, check_metadata=False):
            raise OutputError(f"{path}: another schema than was written")
        if (file.schema_arrow.metadata or {}).get(b"ocrfactory") != meant.metadata[b"ocrfactory"]:
            raise OutputError(f"{path}: another footer than was written")
        if file.num_row_groups != len(tables):
            raise OutputError(f"{path}: {file.num_row_groups} row groups, {len(tables)} were written")
        for number, table in enumerate(tables):
            if not file.read_row_group(number).equals(table):
                raise OutputError(f"{path}: row group {number} is not what was written")


def write_rejects(temporary: Path, final: Path, rejects: Sequence[tuple[str, str, str]]) -> None:
    """Commit the ledger: (id, reason, detail), sorted by id."""
    columns = list(zip(*sorted(rejects), strict=True)) or [(), (), ()]
    table = pa.table([pa.array(column, pa.string()) for column in columns], schema=schema.REJECTS)
    with disk_errors(final), removed_on_error(temporary):
        pq.write_table(table, temporary, compression="zstd")
        commit(temporary, final)


def write_view(temporary: Path, final: Path, columns: dict[str, Sequence[Any]]) -> None:
    """Commit a view: the columns of `schema.VIEW`, in the order given.

    Raises:
        NoSpaceError, OutputError: the disk refused.
    """
    table = pa.table({name: pa.array(columns[name], schema.VIEW.field(name).type) for name in schema.VIEW.names})
    with disk_errors(final), removed_on_error(temporary):
        final.parent.mkdir(exist_ok=True)
        pq.write_table(table, temporary, compression="zstd")
        commit(temporary, final)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def commit(temporary: Path, final: Path) -> None:
    """Make a finished file durable under its final name, in one step that nobody can see half done."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(final)
    sync_folder(final.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a small file by the same route: never half, never under its name before it is whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with disk_errors(path), removed_on_error(temporary):
        temporary.write_bytes(data)
        commit(temporary, path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; not every system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def removed_on_error(path: Path) -> Iterator[None]:
    """A temporary file does not outlive the attempt that failed."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn the system's refusals into ours, with the exit code and the cure."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpaceError(
                f"{path}: {os.strerror(error.errno)}",
                "make room and run the same command again: it goes on where it stopped",
            ) from error
        raise OutputError(f"{path}: {error.strerror or error}", "choose another folder with --out") from error
