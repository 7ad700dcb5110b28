"""Rows back out, with pyarrow alone: the plain iterator, the manifest, the sidecars."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ocrfactory import schema
from ocrfactory.errors import InputError, VerifyError
from ocrfactory.layout import Layout


class ShardEntry(msgspec.Struct, frozen=True):
    """One shard in the manifest."""

    path: str
    split: str
    rows: int
    bytes: int
    sha256: str
    content_hash: str
    first_id: str | None
    last_id: str | None


class Manifest(msgspec.Struct, frozen=True):
    """`manifest.json`: written last, and the only statement that a data set is complete."""

    complete: bool
    name: str
    schema: int
    planned: int
    rows: int
    rejects: int
    rejects_by_reason: dict[str, int]
    rows_by_split: dict[str, int]
    content_hash: str
    plan_sha256: str
    recipe_sha256: str
    seed: int
    versions: dict[str, str]
    shards: tuple[ShardEntry, ...]
    files: dict[str, str] = {}
    """SHA-256 of every other file that a build writes, by relative path; what reports add later is not among them."""
    labels: dict[str, dict[str, int]] = {}
    """Of each source that reads labels, what it read: annotations, file_faults, not_selected, joined, ..."""
    not_selected: dict[str, int] = {}
    """Rows of single characters that the class plan and the limit left out, by reason; empty without a class plan."""
    class_sources: tuple[str, ...] = ()
    """The sources whose single characters `meta/class_plan.csv` counts; empty without a class plan."""
    fill: dict[str, dict[str, int]] = {}
    """Of each source that fills holes, in rows: holes asked for, planned, not_drawn, and those unfit, by reason."""
    created: str = ""
    """UTC; the one clock in a data set, and in no hash."""

    @property
    def views(self) -> tuple[str, ...]:
        """The names of the views that the data set has: `rows(folder, view=NAME)` reads one."""
        return tuple(sorted(Path(name).stem for name in self.files if Path(name).parent.as_posix() == "meta/views"))


def manifest(folder: Path) -> Manifest:
    """The manifest of a data set.

    Raises:
        InputError: there is none, so this is no data set; or it does not parse.
        VerifyError: it has another major schema version.
    """
    path = Layout(folder).manifest
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        cure = "a build that was stopped has none: run the same command again"
        raise InputError(f"{path}: {error.strerror or error}: not a finished data set", cure) from error
    except msgspec.MsgspecError as error:
        raise InputError(f"{path}: not a manifest: {error}") from error
    if found.schema != schema.VERSION:
        raise VerifyError(f"{path}: schema version {found.schema}; this program reads version {schema.VERSION}")
    return found


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What is missing or damaged in a data set, in our words: it may move or break between two runs, and in one.

    Raises:
        InputError: `path` cannot be read.
    """
    try:
        yield
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        what = error.strerror if isinstance(error, OSError) and error.errno and error.strerror else str(error)
        if isinstance(error, FileNotFoundError):
            what = "no such file"
        raise InputError(
            f"{path}: {what}: the data set was moved or damaged",
            "put it back; or name its folder anew, and run the same command again",
        ) from error


def shard_paths(folder: Path, split: str | None = None) -> list[Path]:
    """The Parquet files of a complete data set, in order.

    Raises:
        InputError: no manifest, or it says that the data set is not complete.
    """
    found = manifest(folder)
    if not found.complete:
        raise InputError(f"{folder}: the manifest says that the data set is not complete", "run the same build again")
    return [folder / entry.path for entry in found.shards if split in (None, entry.split)]


def first_rows(path: Path, columns: Sequence[str], groups: int) -> Iterator[dict[str, Any]]:
    """The rows of the first row groups of one shard."""
    with pq.ParquetFile(path) as file:
        for group in range(min(file.num_row_groups, groups)):
            yield from file.read_row_group(group, columns=list(columns)).to_pylist()


def columns(path: Path, names: Sequence[str]) -> dict[str, list[Any]]:
    """Some columns of one shard, whole."""
    table = pq.read_table(path, columns=list(names))
    return {name: table.column(name).to_pylist() for name in names}


def rows_at(path: Path, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The rows of one shard with these numbers, in the order given; each row group is read once if it rises."""
    with pq.ParquetFile(path) as file:
        starts = [0]
        for group in range(file.num_row_groups):
            starts.append(starts[-1] + file.metadata.row_group(group).num_rows)
        held: int = -1
        table: Any = None
        for number in numbers:
            wanted = bisect_right(starts, number) - 1
            if wanted != held:
                held, table = wanted, file.read_row_group(wanted)
            yield {name: column[0].as_py() for name, column in _row(table, number - starts[held])}


def _row(group: Any, number: int) -> Iterator[tuple[str, Any]]:
    one = group.slice(number, 1)
    return zip(one.column_names, one.columns, strict=True)


def rejects(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The ledger of a data set: (id, reason, detail), sorted by id.

    Raises:
        InputError: it cannot be read.
    """
    path = Layout(folder).rejects
    with readable(path), pq.ParquetFile(path) as file:
        for batch in file.iter_batches(10_000):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def count_values(path: Path, columns: Sequence[str]) -> dict[str, Counter[str]]:
    """How often each value occurs in some text columns of one shard; nulls are left out."""
    table = pq.read_table(path, columns=list(columns))
    return {
        name: Counter(
            {
                item["values"]: item["counts"]
                for item in table.column(name).value_counts().to_pylist()
                if item["values"] is not None
            }
        )
        for name in columns
    }


def view_columns(path: Path) -> dict[str, Any]:
    """The columns of a view, whole: lists of text, int64 arrays of `row` and `times`.

    Raises:
        InputError: the file is missing or damaged, or is no view.
    """
    with readable(path):
        table = pq.read_table(path)
    if not table.schema.equals(schema.VIEW):
        raise InputError(f"{path}: no view: its columns are not {', '.join(schema.VIEW.names)}")
    numbers = ("row", "times")
    return {
        name: table.column(name).fill_null(-1).to_numpy().astype("int64") if name in numbers
        else table.column(name).to_pylist()
        for name in schema.VIEW.names
    }  # fmt: skip


def rows(
    folder: Path, columns: Sequence[str] | None = None, split: str | None = None, view: str | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of a complete data set as dicts, one row group in memory at a time.

    Args:
        columns: the columns to read, all by default; `image` is a dict of `bytes` and `path`.
        view: the name of a view: its rows only, each as often as the view draws it, one after the other. They come
            in the order of the files: shuffle them.

    Raises:
        InputError: the data set is not complete, or has no such view.
    """
    if view is not None:
        yield from _rows_of_view(folder, columns, split, view)
        return
    for path in shard_paths(folder, split):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1000, columns=columns):
                yield from batch.to_pylist()


def _rows_of_view(
    folder: Path, columns: Sequence[str] | None, split: str | None, view: str
) -> Iterator[dict[str, Any]]:
    known = manifest(folder).views
    if view not in known:
        raise InputError(
            f"{folder}: no view {view!r}; there are: {', '.join(known) or 'none'}",
            "a recipe with `classes` or `views` writes them",
        )
    found = view_columns(Layout(folder).view(view))
    times: dict[str, dict[int, int]] = {}
    for name, number, count in zip(found["file"], found["row"].tolist(), found["times"].tolist(), strict=True):
        times.setdefault(name, {})[number] = count
    for path in shard_paths(folder, split):
        wanted = times.get(path.relative_to(folder).as_posix())
        if wanted:
            start = 0
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=1000, columns=columns):
                    here = [number for number in range(batch.num_rows) for _ in range(wanted.get(start + number, 0))]
                    yield from batch.take(
                        pa.array(here, pa.int64())
                    ).to_pylist()  # no two are one dict: readers change them
                    start += batch.num_rows
