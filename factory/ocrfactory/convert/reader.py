"""The bytes of a delivery's files, wherever they lie."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ocrfactory.convert.archive import MAX_MEMBER_BYTES, Member, MemberStream, read_member
from ocrfactory.convert.entry import Container, Entry
from ocrfactory.errors import Reject

if TYPE_CHECKING:
    from ocrfactory.convert.formats.stores import Stores

BUFFER = 1 << 18


def _member(entry: Entry) -> Member:
    return Member(entry.path, entry.offset, entry.packed, entry.size, entry.method, entry.crc)


class Reader:
    """Gets the bytes of entries. It keeps the last zips open; one a process, never across a fork."""

    OPEN = 8

    def __init__(self, containers: Sequence[Container]) -> None:
        self.containers = containers
        self._open: dict[int, BinaryIO] = {}
        self._stores: Stores | None = None

    def read(self, entry: Entry) -> bytes:
        """The bytes of a file.

        Raises:
            Reject: `unreadable`, `bad_zip`, `zip_bomb`, or `changed` where it is not the file that was planned.
        """
        container = self.containers[entry.container]
        try:
            if container.kind == "zip":
                return read_member(self._file(entry.container), _member(entry))
            if container.kind != "folder":
                return self._from_store(container, entry)
            if entry.size > MAX_MEMBER_BYTES:
                raise Reject("too_large", f"{entry.size:,} bytes are more than {MAX_MEMBER_BYTES:,}")
            with open(os.path.join(container.path, entry.name), "rb") as file:  # noqa: PTH123, PTH118 - a third of the time
                data = file.read(entry.size + 1)
        except OSError as error:
            raise Reject("unreadable", error.strerror or str(error)) from error
        if len(data) != entry.size:
            raise Reject("changed", "another size than when it was planned")
        return data

    def _from_store(self, container: Container, entry: Entry) -> bytes:
        from ocrfactory.convert.formats.stores import Stores  # LMDB and Parquet: few deliveries have them

        self._stores = self._stores or Stores()
        return self._stores.read(container, entry)

    def open(self, entry: Entry) -> BinaryIO:
        """A stream, for a label that is too large to be read at once.

        Raises:
            Reject: `unreadable`, `bad_zip`; the latter also while it is read.
        """
        container = self.containers[entry.container]
        try:
            if container.kind != "zip":
                return (Path(container.path) / entry.name).open("rb")
            return io.BufferedReader(MemberStream(Path(container.path).open("rb"), _member(entry)), BUFFER)
        except OSError as error:
            raise Reject("unreadable", error.strerror or str(error)) from error

    def _file(self, number: int) -> BinaryIO:
        file = self._open.pop(number, None) or open(self.containers[number].path, "rb")  # noqa: PTH123, SIM115
        self._open[number] = file  # last used, last closed
        if len(self._open) > self.OPEN:
            self._open.pop(next(iter(self._open))).close()
        return file
