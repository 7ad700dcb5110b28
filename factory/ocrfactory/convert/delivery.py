"""A delivery: folders and zips as they came, listed once, as one tree of files.

A zip found in a folder counts as a folder of its name. Only names are read here, and the lists of zips.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from isal import isal_zlib

from ocrfactory.convert.archive import (
    REJOIN,
    Member,
    members,
    part_of_archive,
)
from ocrfactory.convert.entry import Container, Entry, Fault
from ocrfactory.convert.names import is_image, is_junk, normal
from ocrfactory.convert.reader import Reader
from ocrfactory.errors import InputError, Reject

if TYPE_CHECKING:
    pass

LABEL_SUFFIXES = (".json",)
COMPARED = 200
"""Files of a zip that are compared with those that seem to be its content, unpacked."""


class Delivery(msgspec.Struct, frozen=True):
    """All files, in order of their paths."""

    containers: tuple[Container, ...]
    labels: tuple[Entry, ...]
    images: tuple[Entry, ...]
    others: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def find_delivery(
    paths: Sequence[Path], log: Callable[[str], None] = lambda line: None, labels: Sequence[str] = LABEL_SUFFIXES
) -> Delivery:
    """List what lies in folders and zips.

    Args:
        labels: suffixes of the files that labels are read from; what is neither label nor image is in `others`.

    Raises:
        InputError: a path does not exist, or is neither a folder nor a zip.
    """
    walk = _Walk(tuple(labels))
    _refuse_twice(paths)
    several = len(paths) > 1
    for path, name in zip(paths, _short_names(paths), strict=True):
        walk.add(path.expanduser(), name, below=f"{name}/" if several else "")
        log(f"{path}: {len(walk.labels):,} labels and {len(walk.images):,} images so far")
    return walk.delivery()


def _short_names(paths: Sequence[Path]) -> list[str]:
    """The ends of paths, as long as they must be to differ: `Training`, or `105/Training` and `88/Training`."""
    whole = [path.expanduser().absolute().parts for path in paths]
    for length in range(1, max(map(len, whole), default=0) + 1):
        names = [normal("/".join(parts[-length:])) or "root" for parts in whole]
        if len(set(names)) == len(names):
            return names
    raise InputError(f"{paths[0]} is named more than once")


def _refuse_twice(paths: Sequence[Path]) -> None:
    """What lies in one path must not lie in another: it would be counted twice, in silence."""
    real = [path.expanduser().absolute() for path in paths]
    real = [path.resolve() if path.exists() else path for path in real]
    for number, path in enumerate(real):
        for other in real[:number]:
            if path == other:
                raise InputError(f"{paths[number]} is named more than once")
            if path in other.parents or other in path.parents:
                raise InputError(f"{path} and {other}: one lies within the other", "name the outer one alone")


LINK = "links are not followed, for they may lead anywhere: name what it leads to"
NOT_UTF8 = "its name is not UTF-8: rename it (convmv -f cp949 -t utf8 -r --notest FOLDER), or unzip with -O cp949"


class _Walk:
    def __init__(self, label_suffixes: tuple[str, ...]) -> None:
        self.label_suffixes = label_suffixes
        self.containers: list[Container] = []
        self.labels: list[Entry] = []
        self.images: list[Entry] = []
        self.others: list[Entry] = []
        self.faults: list[Fault] = []
        self.notes: Counter[str] = Counter()
        self.root = self.below = ""

    def add(self, path: Path, name: str, below: str) -> None:
        """One path that was named; paths of its files begin with `below`."""
        self.root, self.below = name, below
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            cure = "relative paths start at --data (of build), at the recipe's folder, or here"
            what = getattr(error, "strerror", None) or error
            raise InputError(f"{path}: {what}", None if path.is_absolute() else cure) from error
        if stat.S_ISDIR(mode):
            self._folder(path)
        elif part_of_archive(path.name):
            raise InputError(f"{path}: a piece of {part_of_archive(path.name)}, not a whole zip", REJOIN)
        elif stat.S_ISREG(mode) and path.suffix.lower() == ".zip":
            self._zip(path, normal(path.name))
        elif stat.S_ISREG(mode) and path.name.lower().endswith(self.label_suffixes):
            self._folder(path.parent, only=path.name)
        else:
            raise InputError(f"{path}: neither a folder nor a zip")

    def _folder(self, root: Path, only: str | None = None) -> None:
        number = self._container("folder", root)
        zips, parts = [], set()
        for name, size in sorted(_files(root, self.notes, self.faults)):
            path = normal(name)
            if only is not None and name != only and path.lower().endswith(self.label_suffixes):
                continue
            if is_junk(path):
                self.notes["files of no use (Thumbs.db and the like) were passed over"] += 1
            elif path.lower().endswith(".zip"):
                zips.append((name, path))
            elif (whole := part_of_archive(path)) is not None:
                parts.add(whole)
            else:
                self._entry(Entry(path, number, name, size))
        loose: dict[tuple[str, int], list[Entry]] = {}
        for entry in (*self.labels, *self.images):
            if zips and entry.container == number:
                loose.setdefault((entry.path.rpartition("/")[2], entry.size), []).append(entry)
        for name, path in zips:
            self._zip(root / name, path, loose)
        whole_zips = {path for _, path in zips}
        self.faults += [
            Fault(path, "bad_zip", f"only its parts are here; {REJOIN}") for path in sorted(parts - whole_zips)
        ]
        if parts & whole_zips:
            self.notes["parts of zips that are here as a whole were passed over"] += len(parts & whole_zips)

    def _container(self, kind: str, path: Path) -> int:
        self.containers.append(Container(kind, str(path.absolute()), self.root))
        return len(self.containers) - 1

    def _zip(self, file: Path, path: str, loose: dict[tuple[str, int], list[Entry]] | None = None) -> None:
        number = self._container("zip", file)
        try:
            found = list(members(file))
        except Reject as reject:
            self.faults.append(Fault(path, reason=reject.reason, detail=reject.detail))
            return
        except OSError as error:
            self.faults.append(Fault(path, "bad_zip", error.strerror or str(error)))
            return
        useful = [item for item in found if not is_junk(item.name if isinstance(item, Member) else item[0])]
        if loose and self._lies_unpacked(useful, loose):
            self.notes["zips were passed over whose files all lie unpacked beside them"] += 1
            return
        for item in useful:
            if isinstance(item, Member):
                inside = f"{path}/{item.name}"
                self._entry(Entry(inside, number, item.raw, item.size, item.crc, item.offset, item.packed, item.method))
            else:
                self.faults.append(Fault(f"{path}/{item[0]}", item[1], item[2]))

    def _lies_unpacked(
        self, useful: Sequence[Member | tuple[str, str, str]], loose: dict[tuple[str, int], list[Entry]]
    ) -> bool:
        """Whether all files of a zip lie beside it, too: by name and size, and a spread of them by content."""
        found = [(m, loose.get((m.name.rpartition("/")[2], m.size))) for m in useful if isinstance(m, Member)]
        if not found or len(found) < len(useful) or any(same is None for _, same in found):
            return False
        spread = found[:: max(len(found) // COMPARED, 1)]
        return all(any(self._checksum(entry) == m.crc for entry in same or ()) for m, same in spread)

    def _checksum(self, entry: Entry) -> int | None:
        try:
            return isal_zlib.crc32(Reader(self.containers).read(entry))
        except Reject:  # it will be counted when it is read for its rows
            return None

    def _entry(self, entry: Entry) -> None:
        name = entry.path.lower()
        if self.below:
            entry = msgspec.structs.replace(entry, path=self.below + entry.path)
        if name.endswith(self.label_suffixes):
            self.labels.append(entry)
        elif is_image(name):
            self.images.append(entry)
        else:
            self.others.append(entry)

    def delivery(self) -> Delivery:
        """What was found."""
        labels, images, others = (
            tuple(sorted(found, key=lambda entry: entry.path)) for found in (self.labels, self.images, self.others)
        )
        faults = tuple(sorted(self.faults, key=lambda fault: fault.path))
        notes = tuple(f"{count:,} {what}" for what, count in self.notes.items())
        return Delivery(tuple(self.containers), labels, images, others, faults, notes)


def _files(root: Path, notes: Counter[str], faults: list[Fault]) -> Iterator[tuple[str, int]]:
    """Relative path and size of each regular file below a folder. Links are not followed: they may lead anywhere."""
    todo = [""]
    while todo:
        below = todo.pop()
        try:
            with os.scandir(root / below) as found:
                items = list(found)
        except OSError as error:
            if not below:
                raise InputError(f"{root}: {error.strerror or error}") from error
            faults.append(Fault(below, "unreadable", f"the folder cannot be listed: {error.strerror or error}"))
            continue
        for item in items:
            name = f"{below}{item.name}"
            if not _is_utf8(item.name):
                faults.append(Fault(os.fsencode(name).decode("utf-8", "backslashreplace"), "bad_name", NOT_UTF8))
            elif item.is_symlink():
                faults.append(
                    Fault(name, "symlink", "links are not followed, for they may lead anywhere: name its target")
                )
            elif item.is_dir():
                todo.append(f"{name}/")
            elif item.is_file():
                try:
                    yield name, item.stat().st_size
                except FileNotFoundError:
                    notes["files vanished while they were listed"] += 1


def _is_utf8(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
