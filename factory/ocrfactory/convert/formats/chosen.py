"""Which label files are read: those that were named, or those of a folder that match; and where their paths start."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from ocrfactory.convert.delivery import Delivery, Entry, find_delivery
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
}


class Chosen(msgspec.Struct, frozen=True):
    """A delivery, and what of it is read."""

    delivery: Delivery
    labels: tuple[Entry, ...]
    root: str | None
    """Path of the delivery that all names start at; None: the folder of each label file."""
    whole: bool
    """Folders were given, so an image that no label names is a fault; else just some lists of them were."""

    def root_of(self, entry: Entry) -> str:
        """Name of the folder that was given, in which a file was found."""
        return self.delivery.containers[entry.container].root.rpartition("/")[2]

    def split_of_list(self, entry: Entry) -> str | None:
        """The split that a list names: in its own name (`rec_gt_val.txt` in `train_data/`), else in its folders."""
        return split_of_name(entry.path) or split_of(entry.path, self.root_of(entry))

    def split_of_folders(self, entry: Entry) -> str | None:
        """The split that the folders of a file name."""
        return split_of(entry.path, self.root_of(entry))


def choose(
    paths: Sequence[Path],
    patterns: Collection[str],
    root: Path | None = None,
    log: Callable[[str], None] = lambda line: None,
    needed: bool = True,
) -> Chosen:
    """List folders, zips and single label files.

    Args:
        patterns: of the names of label files; one that was itself named need not match.
        root: where the paths in lists start.
        needed: without label files there is nothing to read.

    Raises:
        InputError: a path does not exist.
        EmptyPlanError: there is no label file.
    """
    absolute = [Path(os.path.abspath(path.expanduser())) for path in paths]  # noqa: PTH100 - `resolve` follows links
    given, files = _by_folder(absolute)
    start = None if root is None else Path(os.path.abspath(root.expanduser()))  # noqa: PTH100 - `resolve` follows links
    home = None if start is None else next((folder for folder in given if start.is_relative_to(folder)), None)
    if start is not None and not start.exists():
        raise InputError(f"{root}: no such folder", "root is where the paths in the lists start")
    if start is not None and home is None:
        given[start] = True
    suffixes = sorted({Path(name).suffix.lower() for name in (*patterns, *files)})
    delivery = find_delivery(list(given), log, suffixes)
    whole = {container.root: given.get(Path(container.path), False) for container in reversed(delivery.containers)}
    labels = tuple(entry for entry in delivery.labels if _wanted(entry, delivery, whole, files, patterns))
    if needed and not labels and not delivery.faults:
        raise EmptyPlanError(
            f"no {' or '.join(patterns)} in {', '.join(map(str, paths))}", "name the folder or the file of the labels"
        )
    below = None
    if start is not None:
        home = home or start
        root_name = next(c.root for c in delivery.containers if c.path == str(home))
        inside = start.relative_to(home).as_posix()
        below = normal(f"{root_name if len(given) > 1 else ''}/{inside}")
    return Chosen(delivery, labels, below, whole=all(given.values()))


def _by_folder(paths: Sequence[Path]) -> tuple[dict[Path, bool], set[str]]:
    """Folders and zips, each with whether it was itself named; and the files that were, whose folders are listed."""
    files = [path for path in paths if path.suffix.lower() != ".zip" and path.is_file()]
    given = {path: True for path in paths if path not in files}
    for path in files:
        if not any(path.is_relative_to(folder) for folder, named in given.items() if named):
            given[path.parent] = False
    return given, {str(path) for path in files}


def _wanted(
    entry: Entry, delivery: Delivery, whole: dict[str, bool], files: Collection[str], patterns: Collection[str]
) -> bool:
    container = delivery.containers[entry.container]
    if container.kind == "folder" and str(Path(container.path) / entry.name) in files:
        return True
    name = entry.path.rpartition("/")[2].lower()
    return whole[container.root] and any(fnmatchcase(name, pattern.lower()) for pattern in patterns)


def split_of_name(path: str) -> str | None:
    """The split that the name of a list holds as a word: `rec_gt_train.txt`; None where it holds none or several."""
    stem = path.rpartition("/")[2].rpartition(".")[0].lower()
    words = "".join(char if char.isalpha() else " " for char in stem).split()
    found = {_SPLITS[word] for word in words if word in _SPLITS}
    return found.pop() if len(found) == 1 else None
