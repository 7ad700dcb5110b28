"""Containers that hold images by number: LMDB and Parquet, opened when the first image is asked for."""

from __future__ import annotations

from typing import Protocol

from ocrfactory.convert.entry import Container, Entry

KINDS = ("lmdb", "parquet")


class Store(Protocol):
    """An opened container."""

    def read(self, entry: Entry) -> bytes:
        """The bytes of an image; `entry.offset` is its number.

        Raises:
            Reject: `missing_image`, `changed`, `too_large`, `unreadable`.
        """
        ...

    def close(self) -> None:
        """Give back files and memory."""
        ...


class Stores:
    """The containers that were read last; one a process, never across a fork."""

    OPEN = 4

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Store] = {}

    def read(self, container: Container, entry: Entry) -> bytes:
        """See `Store.read`."""
        key = container.kind, container.path
        store = self._open.pop(key, None) or _opened(container)
        self._open[key] = store  # last used, last closed
        if len(self._open) > self.OPEN:
            self._open.pop(next(iter(self._open))).close()
        return store.read(entry)


def _opened(container: Container) -> Store:
    if container.kind == "lmdb":
        from ocrfactory.convert.formats.lmdb_store import LmdbStore

        return LmdbStore(container.path)
    from ocrfactory.convert.formats.parquet_store import ParquetStore

    return ParquetStore(container.path)
