"""LMDB as DTRB and PARSeq have it: keys `num-samples`, `image-000000001`, `label-000000001`. Opened to read only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ocrfactory.convert.archive import MAX_MEMBER_BYTES
from ocrfactory.convert.entry import Entry
from ocrfactory.errors import InputError, Reject

IMAGE, LABEL, COUNT = b"image-", b"label-", b"num-samples"
_OPEN: dict[str, Any] = {}
"""Environments of this process by path: LMDB itself allows one a process. Workers are spawned, so none is inherited."""
_MOST = 8
SMALLEST_NODE = 16
"""Bytes of a file that a key and its value take at least."""


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One number of an LMDB."""

    number: int
    image: int | None
    """Bytes; None: there is none."""
    label: bytes | None


def import_lmdb() -> Any:
    """The module `lmdb`.

    Raises:
        InputError: it is not installed.
    """
    try:
        import lmdb
    except ModuleNotFoundError as error:
        raise InputError("the package lmdb is not installed", "pip install 'ocrfactory[lmdb]'") from error
    return lmdb


def environment(path: str) -> Any:
    """The LMDB in a folder, read-only and without a lock file.

    Raises:
        Reject: `bad_lmdb`: it is none, or it was cut off.
    """
    found = _OPEN.pop(path, None)
    if found is None:
        lmdb = import_lmdb()
        try:
            found = lmdb.open(path, readonly=True, lock=False, readahead=False, meminit=False, max_readers=1024)
        except lmdb.Error as error:
            raise Reject("bad_lmdb", str(error).replace(path, Path(path).name)) from error
        try:
            _refuse_cut_off(found, Path(path) / "data.mdb")
        except Reject:
            found.close()
            raise
    _OPEN[path] = found  # last used, last closed
    if len(_OPEN) > _MOST:
        close(next(iter(_OPEN)))
    return found


def close(path: str) -> None:
    """Give an LMDB back."""
    found = _OPEN.pop(path, None)
    if found is not None:
        found.close()


def _refuse_cut_off(found: Any, file: Path) -> None:
    """A page behind the end of the file would kill the process: it is mapped, not read."""
    needed = (found.info()["last_pgno"] + 1) * found.stat()["psize"]
    size = file.stat().st_size
    if size < needed:
        raise Reject("bad_lmdb", f"{size:,} of {needed:,} bytes are here: copy it again")


def count_of(path: str) -> int | None:
    """What `num-samples` says; None where it says no number.

    Raises:
        Reject: `bad_lmdb`.
    """
    with _reading(path) as transaction:
        value = bytes(transaction.get(COUNT) or b"")
    return int(value) if value.isdigit() and len(value) < 19 else None


def held(path: str, touch: bool = False) -> Iterator[Held]:
    """Every number that has an image or a label, in rising order. Images are measured, not copied.

    Args:
        touch: read the last byte of each image, too: it may lie behind the end of a damaged file.

    Raises:
        Reject: `bad_lmdb`.
    """
    with _reading(path) as transaction:
        images, labels = _numbered(transaction, IMAGE), _numbered(transaction, LABEL)
        image, label = next(images, None), next(labels, None)
        while image is not None or label is not None:
            number = min(pair[0] for pair in (image, label) if pair is not None)
            size = text = None
            if image is not None and image[0] == number:
                size = len(image[1])
                if touch and size:
                    image[1][-1]
                image = next(images, None)
            if label is not None and label[0] == number:
                text, label = bytes(label[1]), next(labels, None)
            yield Held(number, size, text)


@contextmanager
def _reading(path: str) -> Iterator[Any]:
    """A transaction; what LMDB says of damage is a reject."""
    lmdb = import_lmdb()
    try:
        with environment(path).begin(buffers=True) as transaction:
            yield transaction
    except lmdb.Error as error:
        raise Reject("bad_lmdb", str(error).replace(path, Path(path).name)) from error


def _numbered(transaction: Any, prefix: bytes) -> Iterator[tuple[int, Any]]:
    """(number, value) of the keys that begin with `prefix`, as far as they are written with nine digits."""
    cursor = transaction.cursor()
    found = cursor.set_range(prefix)
    while found:
        key = bytes(cursor.key())
        if not key.startswith(prefix):
            return
        digits = key[len(prefix) :]
        if len(digits) == 9 and digits.isdigit():
            yield int(digits), cursor.value()
        found = cursor.next()


class LmdbStore:
    """The images of one LMDB, in the worker."""

    def __init__(self, path: str) -> None:
        self.path = path

    def read(self, entry: Entry) -> bytes:
        """See `Store.read`."""
        with _reading(self.path) as transaction:
            value = transaction.get(b"%s%09d" % (IMAGE, entry.offset))
            if value is None:
                raise Reject("missing_image", f"no key image-{entry.offset:09}")
            if len(value) != entry.size:
                raise Reject("changed", "another size than when it was planned")
            if len(value) > MAX_MEMBER_BYTES:
                raise Reject("too_large", f"{len(value):,} bytes are more than {MAX_MEMBER_BYTES:,}")
            return bytes(value)

    def close(self) -> None:
        """See `Store.close`."""
        close(self.path)
