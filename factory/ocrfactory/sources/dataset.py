"""Source kind `dataset`: the rows of a data set that exists, in their splits, to be augmented or mixed with others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from xxhash import xxh3_128_hexdigest

from ocrfactory import encode, read, schema
from ocrfactory.errors import EmptyPlanError, InputError, Reject
from ocrfactory.layout import Layout
from ocrfactory.rng import seed_of
from ocrfactory.sample import FontUse, Photo, Sample
from ocrfactory.sources.source import Context, Drawer, Facet, Settled, Source, without_folders

_FACTS = ("id", "split_group", "origin", "font_name", "kind", "text")
"""Columns that planning reads."""


class Dataset(Source):
    """Rows of a finished data set."""

    finished: ClassVar[bool] = True
    origins: ClassVar[tuple[str, ...]] = ()  # what its rows are, only settling finds out

    kind: Literal["dataset"] = "dataset"
    name: str = Field("dataset", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    path: str = Field(min_length=1, description="Folder of a finished data set; relative to the recipe.")
    splits: tuple[Literal["train", "validation", "test"], ...] = Field(
        ("train", "validation", "test"), min_length=1, description="Take the rows of these splits only."
    )

    def portable(self) -> Dataset:
        """See `Source.portable`."""
        return self.model_copy(update={"path": without_folders(self.path)})

    def settle(self, context: Context) -> Settled:
        """Read what planning needs of each row; not a picture is opened.

        Raises:
            InputError: there is no finished data set.
            EmptyPlanError: it has no row in these splits.
        """
        folder = _folder(self.path, context.folder)
        found = read.manifest(folder)
        if not found.complete:
            raise InputError(f"{folder}: the manifest says that the data set is not complete", "build it again")
        shards = tuple(entry for entry in found.shards if entry.split in self.splits)
        if not shards:
            raise EmptyPlanError(f"{folder}: no row is in {', '.join(self.splits)}")
        columns: dict[str, list[Any]] = {name: [] for name in _FACTS}
        for entry in shards:
            with read.readable(folder / entry.path):
                found_here = read.columns(folder / entry.path, _FACTS)
            for name, values in found_here.items():
                columns[name] += values
        with read.readable(Layout(folder).charset):
            charset = Layout(folder).charset.read_text("utf-8")
        rows = np.array([entry.rows for entry in shards])
        state = _State(str(folder.resolve()), found.name, tuple(entry.path for entry in shards), tuple(rows.tolist()))
        return Settled(
            items=int(rows.sum()),
            replicas=1,
            facts={"content_hash": found.content_hash, "shards": [entry.sha256 for entry in shards]},
            state=msgspec.msgpack.encode(state),
            facets={
                "group": _facet([group or id for group, id in zip(columns["split_group"], columns["id"], strict=True)]),
                "face": _facet([name or "-" for name in columns["font_name"]]),
                "origin": _facet(columns["origin"]),
                **_class_facet(columns),
            },
            charset=tuple(charset.split("\n")[:-1]),
            splits=np.repeat([schema.SPLITS.index(entry.split) for entry in shards], rows).astype(np.uint8),
            origins=_origins(columns),
            row_bytes=sum(entry.bytes for entry in shards) // int(rows.sum()),
            row_seconds=3e-4,
        )

    def open(self, state: bytes, seed: int) -> Drawer:
        """Open the shards, in the worker. `seed` is the build's."""
        return _Drawer(self, msgspec.msgpack.decode(state, type=_State), seed)


class _State(msgspec.Struct, frozen=True):
    folder: str
    title: str
    shards: tuple[str, ...]
    rows: tuple[int, ...]


class _Drawer:
    def __init__(self, source: Dataset, state: _State, seed: int) -> None:
        self.source, self.state, self.seed = source, state, seed
        self.starts = np.cumsum((0, *state.rows))

    def draw(self, rows: Sequence[int]) -> Iterator[Sample | Reject]:
        """See `Drawer`. Rows in rising order are read group by group."""
        wanted = np.asarray(rows, np.int64)
        of_shard = np.searchsorted(self.starts, wanted, side="right") - 1
        for first, last in _runs(of_shard):
            shard = int(of_shard[first])
            path = Path(self.state.folder) / self.state.shards[shard]
            with read.readable(path):
                for row in read.rows_at(path, (wanted[first:last] - self.starts[shard]).tolist()):
                    try:
                        yield self._sample(row)
                    except Reject as reject:
                        yield reject

    def _sample(self, row: dict[str, Any]) -> Sample:
        data = row["image"]["bytes"]
        if xxh3_128_hexdigest(data) != row["image_hash"]:
            raise Reject("damaged", f"{row['id']}: the picture is not the one that was written")
        try:
            image = encode.decode(data)
            aug = None if row["aug"] is None else msgspec.json.decode(row["aug"], type=tuple[Any, ...])
            attrs = msgspec.json.decode(row["attrs"] or "{}", type=dict[str, Any])
        except ValueError as error:
            raise Reject("damaged", f"{row['id']}: {error}") from error
        fields = {name: row[name] for name in ("text", "text_raw", "kind", "origin", "license", "lang", "direction")}
        return Sample(
            image=image,
            seed=seed_of(self.seed, self.source.name, self.state.title, row["id"]),
            split_group=row["split_group"] or row["id"],
            font=_font(row),
            font_size_px=row["font_size_px"],
            generator_id=row["generator_id"],
            photo=_photo(row),
            char_boxes=None if row["char_boxes"] is None else tuple(row["char_boxes"]),
            aug=aug,
            attrs={**attrs, "parent": f"{self.state.title}:{row['id']}"},
            encoded=(Path(row["image"]["path"]).suffix[1:], data),
            **fields,
        )


def _folder(path: str, base: Path) -> Path:
    """The data set beside the recipe, else from the current folder."""
    return base / path if (base / path).is_dir() else Path(path)


def _origins(columns: dict[str, list[Any]]) -> tuple[str, ...]:
    return tuple(sorted(set(columns["origin"])))


def _class_facet(columns: dict[str, list[Any]]) -> dict[str, Facet]:
    """The classes, where any row is a single character."""
    if "glyph" not in columns["kind"]:
        return {}
    pairs = zip(columns["kind"], columns["text"], strict=True)
    return {"class": _facet([text if kind == "glyph" else "" for kind, text in pairs])}


def _facet(values: list[str]) -> Facet:
    names, codes = np.unique(np.array(values, object), return_inverse=True)
    return Facet(tuple(names.tolist()), codes.astype(np.int32))


def _runs(values: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Stretches of equal values, as (first, behind the last)."""
    borders = np.flatnonzero(np.diff(values)) + 1
    if len(values):
        yield from pairwise([0, *borders.tolist(), len(values)])


def _font(row: dict[str, Any]) -> FontUse | None:
    if row["font_sha256"] is None:
        return None
    return FontUse(row["font_sha256"], row["font_index"], row["font_name"], row["font_variation"])


def _photo(row: dict[str, Any]) -> Photo | None:
    if row["src_image"] is None:
        return None
    return Photo(
        row["src_image"],
        row["src_image_sha256"],
        row["src_width"],
        row["src_height"],
        row["src_annotation"],
        row["src_annotation_id"],
        None if row["bbox"] is None else tuple(row["bbox"]),
        None if row["polygon"] is None else tuple(row["polygon"]),
    )
