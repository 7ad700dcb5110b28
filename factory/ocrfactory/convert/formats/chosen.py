"""Which label files are read: those that were named, or those of a folder that match; and where their paths start."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from ocrfactory.convert.delivery import Delivery, find_delivery
from ocrfactory.convert.entry import Container, Entry
from ocrfactory.convert.names import normal
from ocrfactory.convert.official import split_of
from ocrfactory.errors import EmptyPlanError, InputError

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
}
_LINK = "symlink"
"""Reason of the fault that a link is."""
_CACHE = "snapshots"
"""Folder of a Hugging Face cache whose files are links to `blobs` beside it."""


class Chosen(msgspec.Struct, frozen=True):
    """A delivery, and what of it is read."""

    delivery: Delivery
    labels: tuple[Entry, ...]
    root: str | None
    """Path of the delivery that all names start at; None: the folder of each label file."""
    named: tuple[str, ...]
    """Paths of the delivery that were themselves named: an image there that no label names is a fault."""
    places: tuple[tuple[str, str], ...] = ()
    """Folders on this machine and their paths in the delivery, for names that begin with `/`."""
    from_slash: bool = False
    """All names start at `/`."""

    def root_of(self, entry: Entry) -> str:
        """Name of the folder that was given, in which a file was found."""
        return self.delivery.containers[entry.container].root.rpartition("/")[2]

    def split_of_list(self, entry: Entry) -> str | None:
        """The split that a list names: in its own name (`rec_gt_val.txt` in `train_data/`), else in its folders."""
        return split_of_name(entry.path) or split_of(entry.path, self.root_of(entry))

    def split_of_folders(self, entry: Entry) -> str | None:
        """The split that the folders of a file name."""
        return split_of(entry.path, self.root_of(entry))

    def is_named(self, entry: Entry) -> bool:
        """Whether a file lies in what was named, not just beside it."""
        return any(not path or entry.path.startswith(f"{path}/") for path in self.named)


def choose(
    paths: Sequence[Path],
    patterns: Collection[str],
    root: Path | None = None,
    log: Callable[[str], None] = lambda line: None,
    needed: bool = True,
    cached: bool = False,
) -> Chosen:
    """List folders, zips and single label files.

    Args:
        patterns: of the names of label files; one that was itself named need not match.
        root: where the paths in lists start.
        needed: without label files there is nothing to read.
        cached: label files of a Hugging Face cache may be links within that cache.

    Raises:
        InputError: a path does not exist.
        EmptyPlanError: there is no label file.
    """
    asked, start = _absolute(paths, root)
    files = {path for path in asked if path.suffix.lower() != ".zip" and path.is_file()}
    folders = [path for path in asked if path not in files]
    from_slash = start is not None and start == Path(start.anchor)
    given = _given(files, folders, None if from_slash else start)
    delivery = find_delivery(given, log, sorted({Path(name).suffix.lower() for name in (*patterns, *map(str, files))}))
    delivery = _with_links(delivery, files, patterns if cached else ())
    named = tuple(_inside(folder, given, delivery) for folder in folders)
    chosen = Chosen(
        delivery,
        labels=(),
        root=None if start is None or from_slash else _inside(start, given, delivery),
        named=(*named, *_apart(start, folders, files, given, delivery)),
        places=tuple((folder.as_posix(), _inside(folder, given, delivery)) for folder in given if folder.is_dir()),
        from_slash=from_slash,
    )
    inside = msgspec.structs.replace(chosen, named=named)
    labels = tuple(entry for entry in delivery.labels if _wanted(entry, inside, files, patterns))
    if needed and not labels and all(fault.reason == _LINK for fault in delivery.faults):
        raise nothing(paths, patterns, delivery)
    return msgspec.structs.replace(chosen, labels=labels)


def nothing(paths: Iterable[Path], patterns: Iterable[str], delivery: Delivery) -> EmptyPlanError:
    """No label file is there, and what was passed over."""
    links = [fault.path for fault in delivery.faults if fault.reason == _LINK]
    what = f"no {' or '.join(patterns)} in {', '.join(map(str, paths))}"
    if not links:
        return EmptyPlanError(what, "name the folder or the file of the labels")
    return EmptyPlanError(
        f"{what}; {len(links):,} symbolic links in it were not followed: {', '.join(links[:3])}",
        "name the files themselves, or the folder that the links lead to",
    )


def _absolute(paths: Sequence[Path], root: Path | None) -> tuple[list[Path], Path | None]:
    """Paths as they were named, links and all; without links where only so the root and the others come together.

    Raises:
        InputError: there is no such root.
    """
    asked = [Path(os.path.abspath(path.expanduser())) for path in paths]  # noqa: PTH100 - `resolve` follows links
    if root is None:
        return asked, None
    start = Path(os.path.abspath(root.expanduser()))  # noqa: PTH100 - see above
    if not start.exists():
        raise InputError(f"{root}: no such folder", "root is where the paths in the lists start")
    real = [path.parent.resolve() / path.name if path.is_file() else path.resolve() for path in asked]
    if not _related(asked, start) and _related(real, start.resolve()):
        return real, start.resolve()
    return asked, start


def _related(paths: Iterable[Path], start: Path) -> bool:
    return any(start.is_relative_to(path) or path.is_relative_to(start) for path in paths)


def _given(files: Collection[Path], folders: Sequence[Path], start: Path | None) -> list[Path]:
    """What is listed: folders and zips that were named, the folders of files that were, and the root."""
    given = list(folders)
    for path in sorted(files):
        if not any(path.is_relative_to(folder) for folder in given):
            given.append(path.parent)
    if start is not None and not any(start.is_relative_to(folder) for folder in given):
        given = [start, *(folder for folder in given if not folder.is_relative_to(start))]
    return given


def _inside(path: Path, given: Sequence[Path], delivery: Delivery) -> str:
    """A path on this machine as a path of the delivery."""
    home = next(folder for folder in given if path.is_relative_to(folder))
    name = next(c.root for c in delivery.containers if c.path == str(home)) if len(given) > 1 else ""
    return normal(f"{name}/{path.relative_to(home).as_posix()}")


def _apart(
    start: Path | None, folders: Sequence[Path], files: Collection[Path], given: Sequence[Path], delivery: Delivery
) -> tuple[str, ...]:
    """A root that has nothing to do with the folders of the lists holds their images and no others."""
    if start is None or start not in given or files or any(folder.is_relative_to(start) for folder in folders):
        return ()
    return (_inside(start, given, delivery),)


def _wanted(entry: Entry, chosen: Chosen, files: Collection[Path], patterns: Collection[str]) -> bool:
    container = chosen.delivery.containers[entry.container]
    if container.kind == "folder" and Path(container.path) / entry.name in files:
        return True
    name = entry.path.rpartition("/")[2].lower()
    return chosen.is_named(entry) and any(fnmatchcase(name, pattern.lower()) for pattern in patterns)


def _with_links(delivery: Delivery, files: Collection[Path], patterns: Collection[str]) -> Delivery:
    """The delivery with label files that are links: those that were named, and those within a cache."""
    found, names = [], set()
    for number, container in enumerate(delivery.containers):
        if container.kind == "folder":
            below = f"{container.root}/" if len({c.root for c in delivery.containers}) > 1 else ""
            for link in _links(container, files, patterns):
                name = link.relative_to(container.path).as_posix()
                names.add(name)
                found.append(Entry(below + normal(name), number, name, link.stat().st_size))
    if not found:
        return delivery
    labels = tuple(sorted((*delivery.labels, *found), key=lambda entry: entry.path))
    faults = tuple(fault for fault in delivery.faults if fault.reason != _LINK or fault.path not in names)
    notes = (
        *delivery.notes,
        f"{len(found):,} symbolic links were followed: they were named, or lead within their cache",
    )
    return msgspec.structs.replace(delivery, labels=labels, faults=faults, notes=notes)


def _links(container: Container, files: Collection[Path], patterns: Collection[str]) -> list[Path]:
    home = Path(container.path)
    found = [path for path in files if path.is_symlink() and path.is_relative_to(home)]
    for folder, _, names in os.walk(home) if patterns else ():
        for name in names:
            path = Path(folder) / name
            if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns) and _in_cache(path):
                found.append(path)
    return sorted({*found})


def _in_cache(path: Path) -> bool:
    """Whether a file is a link of a snapshot to a file of the same cache."""
    if not path.is_symlink() or _CACHE not in path.parts:
        return False
    place = len(path.parts) - 1 - path.parts[::-1].index(_CACHE)
    target = path.resolve()
    return target.is_file() and target.is_relative_to(Path(*path.parts[:place]).resolve())


def split_of_name(path: str) -> str | None:
    """The split that the name of a list holds as a word: `rec_gt_train.txt`; None where it holds none or several."""
    stem = path.rpartition("/")[2].rpartition(".")[0].lower()
    words = "".join(char if char.isalpha() else " " for char in stem).split()
    found = {_SPLITS[word] for word in words if word in _SPLITS}
    return found.pop() if len(found) == 1 else None
