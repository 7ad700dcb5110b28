"""Others' Parquet: texts read when planning, images one small batch at a time in the worker."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ocrfactory.convert.archive import MAX_MEMBER_BYTES, MAX_RATIO, RATIO_FROM
from ocrfactory.convert.entry import Entry
from ocrfactory.errors import Reject

BATCH = 16
"""Images that are in memory at once."""
MAX_GROUP_BYTES = 16 << 30
"""Of the images of one row group, unpacked; pages are unpacked one by one."""
_BUFFER = 1 << 20
_ERRORS = (pa.ArrowException, OSError, EOFError)


class Columns(msgspec.Struct, frozen=True):
    """Where a file has its images and texts."""

    image: str
    text: str
    names: tuple[str, ...] = ()
    """Texts of the numbers in a column of classes; empty where the column holds texts."""


class _Classes(msgspec.Struct, frozen=True):
    """A feature whose values are numbers of names."""

    names: tuple[str, ...]


class _Info(msgspec.Struct, frozen=True):
    """What is noted of a data set."""

    features: dict[str, Any]


class _Noted(msgspec.Struct, frozen=True):
    """The metadata that the library `datasets` puts into a Parquet file."""

    info: _Info


def columns_of(path: Path, image: str | None, texts: Sequence[str]) -> Columns:
    """The columns of a file.

    Args:
        image: its name; None: the only one of the shape `struct<bytes, path>`, or `image` of several.
        texts: names for the column of texts, the first that is there counts.

    Raises:
        Reject: `bad_parquet`: it is none, or lacks a column.
    """
    with _file(path) as file:
        schema = file.schema_arrow
    shaped = [field.name for field in schema if _holds_images(field.type)]
    found = image if image in shaped else None
    if image is None and shaped:
        found = "image" if "image" in shaped else shaped[0] if len(shaped) == 1 else None
    if found is None:
        wanted = "one column" if image is None else f"no column {image!r}"
        raise Reject("bad_parquet", f"{wanted} of images, struct<bytes, path>, is needed; {_shown(schema)}")
    there = [name for name in texts if name in schema.names]
    text = next((name for name in there if _holds_text(schema.field(name).type)), None)
    if text is not None:
        return Columns(found, text)
    for name in there:
        names = _class_names(schema, name)
        if names:
            return Columns(found, name, names)
    wrong = f"the column {there[0]} is {schema.field(there[0]).type}, not text" if there else ""
    raise Reject("bad_parquet", f"{wrong or 'no column of texts named ' + ' or '.join(texts)}; {_shown(schema)}")


def rows_of(path: Path) -> int:
    """Rows of a file.

    Raises:
        Reject: `bad_parquet`.
    """
    with _file(path) as file:
        return int(file.metadata.num_rows)


def texts_of(path: Path, columns: Columns) -> Iterator[str | bytes | None]:
    """The texts of a file, in order; bytes where one is not UTF-8.

    Raises:
        Reject: `bad_parquet`: it is damaged; `too_large`: its images would need too much memory.
    """
    try:
        with _file(path) as file:
            for group in range(file.metadata.num_row_groups):
                _refuse_bomb(file.metadata.row_group(group), f"{columns.image}.bytes", columns.text)
            for batch in file.iter_batches(10_000, columns=[columns.text], use_threads=False):
                found = batch.column(0)
                yield from _of_classes(found.to_pylist(), columns.names) if columns.names else _texts(found)
    except _ERRORS as error:
        raise Reject("bad_parquet", str(error)) from error


class ParquetStore:
    """The images of one file, in the worker. Rows in rising order read each page once."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._file = _file(self.path)
        self._bytes = self.path.stat().st_size
        meta = self._file.metadata
        self._starts = [0, *accumulate(meta.row_group(n).num_rows for n in range(meta.num_row_groups))]
        self._batches: Iterator[Any] = iter(())
        self._group = -1
        self._batch: Any = None
        self._first = 0
        """Row of the file that `_batch` begins at."""

    def read(self, entry: Entry) -> bytes:
        """See `Store.read`. `entry.packed` is the size of the file, `entry.name` the column."""
        if self._bytes != entry.packed or entry.offset >= self._starts[-1]:
            raise Reject("changed", f"{self.path.name}: another size than when it was planned")
        try:
            value = self._value(entry.offset, entry.name)
        except (*_ERRORS, StopIteration, UnicodeDecodeError) as error:
            self._group = -1
            raise Reject("bad_parquet", str(error)) from error
        if value is None or value.get("bytes") is None:
            path = (value or {}).get("path")
            raise Reject(
                "missing_image", f"no bytes{f', only a path ({path[:60]!r}) that is not opened' if path else ''}"
            )
        data: bytes = value["bytes"]
        if len(data) > MAX_MEMBER_BYTES:
            raise Reject("too_large", f"{len(data):,} bytes are more than {MAX_MEMBER_BYTES:,}")
        return data

    def _value(self, row: int, column: str) -> dict[str, Any] | None:
        group = bisect_right(self._starts, row) - 1
        if group != self._group or row < self._first:
            _refuse_bomb(self._file.metadata.row_group(group), f"{column}.bytes")
            self._batches = self._file.iter_batches(BATCH, row_groups=[group], columns=[column], use_threads=False)
            self._group, self._first, self._batch = group, self._starts[group], next(self._batches)
        while row >= self._first + self._batch.num_rows:
            self._first += self._batch.num_rows
            self._batch = next(self._batches)
        found: dict[str, Any] | None = self._batch.column(0)[row - self._first].as_py()
        return found

    def close(self) -> None:
        """See `Store.close`."""
        self._batches = iter(())
        self._file.close()


def _file(path: Path) -> Any:
    try:
        return pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER)
    except _ERRORS as error:
        raise Reject("bad_parquet", str(error)) from error


def _texts(column: Any) -> list[str | bytes | None]:
    try:
        found: list[str | bytes | None] = column.to_pylist()
        return found
    except UnicodeDecodeError:
        plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        return [_text(value) for value in plain.cast(pa.large_binary()).to_pylist()]


def _of_classes(numbers: list[int | None], names: Sequence[str]) -> list[str | bytes | None]:
    """Class names; the data set itself writes -1 where there is no class."""
    return [names[number] if number is not None and 0 <= number < len(names) else None for number in numbers]


def _class_names(schema: Any, column: str) -> tuple[str, ...]:
    """Names of the classes of a column of numbers, as the library `datasets` notes them in the file."""
    if not pa.types.is_integer(schema.field(column).type):
        return ()
    try:
        info = msgspec.json.decode((schema.metadata or {}).get(b"huggingface", b""), type=_Noted)
    except (msgspec.DecodeError, RecursionError):
        return ()
    feature = info.info.features.get(column)
    try:
        return msgspec.convert(feature, _Classes).names
    except msgspec.ValidationError:
        return ()


def _text(value: bytes | None) -> str | bytes | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return value


def _refuse_bomb(group: Any, *paths: str) -> None:
    for number in range(group.num_columns):
        chunk = group.column(number)
        if chunk.path_in_schema not in paths:
            continue
        packed, size = chunk.total_compressed_size, chunk.total_uncompressed_size
        if size > MAX_GROUP_BYTES or (size > RATIO_FROM and size > MAX_RATIO * packed):
            raise Reject("too_large", f"{packed:,} bytes of a row group's {chunk.path_in_schema} would become {size:,}")


def _holds_images(type: Any) -> bool:
    """Whether a column is plain struct<bytes: binary, ...>; an extension type is not looked into."""
    if not pa.types.is_struct(type) or type.get_field_index("bytes") < 0:
        return False
    inner = type.field("bytes").type
    return bool(pa.types.is_binary(inner) or pa.types.is_large_binary(inner) or pa.types.is_binary_view(inner))


def _holds_text(type: Any) -> bool:
    if pa.types.is_dictionary(type):
        type = type.value_type
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_string_view(type))


def _shown(schema: Any) -> str:
    return f"its columns are {', '.join(f'{field.name}: {field.type}' for field in schema)[:300]}"
