"""Two views of one data set: lists that name rows of train, and how often each is drawn. No picture is copied.

`natural` names every single character once: to train a backbone on what there is. `balanced` draws each class equally
often: to train the head. Rows of lines and words are in neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from ocrfactory import read, schema, write
from ocrfactory.errors import InputError
from ocrfactory.layout import Layout
from ocrfactory.read import Manifest, ShardEntry

NAMES = ("natural", "balanced")
_TRAIN = "train"


class Characters(NamedTuple):
    """The rows of single characters of some shards, in order: one entry a row in each list."""

    file: list[str]
    row: list[int]
    """Within its file."""
    id: list[str]
    text: list[str]
    source: list[str]
    origin: list[str]
    split: list[str]


def characters(folder: Path, shards: Sequence[ShardEntry]) -> Characters:
    """The rows of single characters that lie in some shards of a data set.

    Raises:
        InputError: a shard is missing or damaged.
    """
    found = Characters([], [], [], [], [], [], [])
    for entry in shards:
        with read.readable(folder / entry.path):
            columns = read.columns(folder / entry.path, ["kind", "id", "text", "source", "origin"])
        here = [number for number, kind in enumerate(columns["kind"]) if kind == "glyph"]
        found.file.extend([entry.path] * len(here))
        found.row.extend(here)
        for name in ("id", "text", "source", "origin"):
            values = columns[name]
            getattr(found, name).extend(values[number] for number in here)
        found.split.extend([entry.split] * len(here))
    return found


def written(found: Characters, sources: Collection[str]) -> Counter[tuple[str, str, str]]:
    """Rows of some sources by class, origin and split."""
    rows = zip(found.source, found.text, found.origin, found.split, strict=True)
    return Counter((text, origin, split) for source, text, origin, split in rows if source in sources)


def draws(
    classes: Sequence[str], ids: Sequence[str], seed: int, per_class: int | None, repeat: int
) -> NDArray[np.int64]:
    """int64 (rows,): how often each row is drawn, so that each class is drawn `per_class` times.

    A class with more rows gives some of them once each, chosen by a key of the id; one with fewer gives all of them,
    as equally often as can be, and at most `repeat` times: then the class stays short.

    Args:
        per_class: None: the mean of rows a class, rounded up.
    """
    if not classes:
        return np.zeros(0, np.int64)
    places: dict[str, int] = {}
    codes = np.array([places.setdefault(text, len(places)) for text in classes], np.int64)
    keys = np.array([xxh3_64_intdigest(f"{seed}\x1fbalanced\x1f{id}".encode()) for id in ids], np.uint64)
    sizes = np.bincount(codes)
    wanted = per_class or -(-len(codes) // len(sizes))
    order = np.lexsort((keys, codes))
    place = np.empty(len(codes), np.int64)
    place[order] = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    size = sizes[codes]
    times: NDArray[np.int64] = np.minimum(wanted // size + (place < wanted % size), repeat)
    return times


def write_views(layout: Layout, found: Characters, seed: int, per_class: int | None, repeat: int) -> tuple[Path, ...]:
    """Write `meta/views/natural.parquet` and `balanced.parquet`: rows of train, in the order of the files.

    Raises:
        NoSpaceError, OutputError: the disk refused.
    """
    train = [number for number, split in enumerate(found.split) if split == _TRAIN]
    lists: dict[str, Sequence[Any]] = {
        "file": found.file, "row": found.row, "id": found.id, "class": found.text, "split": found.split,
    }  # fmt: skip
    columns = {name: [values[number] for number in train] for name, values in lists.items()}
    balanced = draws(columns["class"], columns["id"], seed, per_class, repeat)
    paths = []
    for name, times in zip(NAMES, (np.ones(len(train), np.int64), balanced), strict=True):
        chosen = np.flatnonzero(times).tolist()
        table: dict[str, Sequence[Any]] = {
            column: [values[number] for number in chosen] for column, values in columns.items()
        }
        path = layout.view(name)
        write.write_view(layout.attempts / f"{name}.part", path, {**table, "times": times[chosen].tolist()})
        paths.append(path)
    return tuple(paths)


def faults(folder: Path, found: Manifest, trained: int) -> Iterator[str]:
    """What is wrong with the views of a data set: each names rows of train that exist, each row once; natural all.

    Shards that cannot be read are passed over: they have faults of their own.

    Args:
        trained: rows of single characters that are in train.
    """
    entries = {entry.path: entry for entry in found.shards}
    tables: dict[str, dict[str, list[Any]]] = {}
    for name in found.views:
        path = Layout(folder).view(name)
        try:
            view = read.view_columns(path)
        except InputError as error:
            yield f"meta/views/{name}.parquet: {error.message}"
            continue
        seen: set[tuple[str, int]] = set()
        for place, (file, row, id, text, split, times) in enumerate(
            zip(*(_listed(view[column]) for column in schema.VIEW.names), strict=True)
        ):
            fault = None
            entry = entries.get(file)
            if entry is None:
                fault = f"no file {file!r} is in the manifest"
            elif split != _TRAIN or entry.split != _TRAIN:
                fault = f"{file} is a file of {entry.split}, not of train"
            elif not 0 <= row < entry.rows:
                fault = f"{file} has {entry.rows} rows, none is number {row}"
            elif times < 1 or (name == "natural" and times > 1):
                fault = f"is drawn {times} times"
            elif (file, row) in seen:
                fault = f"row {row} of {file} is named twice"
            elif (there := _table(folder, file, tables)) is not None:
                named = [there[column][row : row + 1] for column in ("id", "text", "kind")]
                if named != [[id], [text], ["glyph"]]:
                    fault = f"row {row} of {file} is {' '.join(map(str, named))}, not {id!r} of class {text!r}"
            seen.add((file, row))
            if fault is not None:
                yield f"meta/views/{name}.parquet: row {place} ({id}): {fault}"
        if name == "natural" and len(seen) != trained:
            yield f"meta/views/natural.parquet: {len(seen)} rows are named, train has {trained} single characters"


def _listed(values: list[Any] | NDArray[np.int64]) -> list[Any]:
    return values if isinstance(values, list) else values.tolist()


def _table(folder: Path, file: str, tables: dict[str, dict[str, list[Any]]]) -> dict[str, list[Any]] | None:
    """Ids, texts and kinds of a shard, read once."""
    if file not in tables:
        try:
            with read.readable(folder / file):
                tables[file] = read.columns(folder / file, ["id", "text", "kind"])
        except InputError:
            return None
    return tables[file]
