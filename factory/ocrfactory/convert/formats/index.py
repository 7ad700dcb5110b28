"""The images of a delivery, to be found by the path that a list gives: never by opening what it names."""

from __future__ import annotations

import posixpath
from array import array
from collections.abc import Iterator, Sequence

from ocrfactory.convert.entry import Entry
from ocrfactory.convert.names import key, normal
from ocrfactory.convert.page import Fault
from ocrfactory.errors import Reject
from ocrfactory.schema import SPLITS

_NONE, _SEVERAL = -1, -2


class Index:
    """Images by their NFC paths.

    Args:
        places: folders on this machine and where they are in the delivery, for names that begin with `/`.
        root: where in the delivery such names must lie; empty: anywhere.
        from_slash: every name begins at `/`, whether it says so or not.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        places: Sequence[tuple[str, str]] = (),
        root: str = "",
        from_slash: bool = False,
    ) -> None:
        self.entries, self._places, self._root, self._from_slash = entries, places, root, from_slash
        self._by_path = {entry.path: number for number, entry in enumerate(entries)}
        self._by_key: dict[str, int] = {}
        """Made when it is first needed: most lists write names as they are."""
        self._used = bytearray(len(entries))

    def find(self, name: str, folders: Sequence[str]) -> tuple[int, tuple[str, ...]]:
        """The number of the image of a name in the first of `folders` that has it, and what had to be bridged.

        Raises:
            Reject: `unsafe_path`: the name would leave its folder; `missing_image`.
        """
        if self._from_slash:
            name = "/" + name
        paths = self._absolute(name) if name.startswith("/") else _below(name, folders)
        for path in paths:
            found = self._by_path.get(path)
            if found is not None:
                self._used[found] = 1
                return found, ()
        for path in paths:
            found = self._keys().get(key(path), _NONE)
            if found >= 0:
                self._used[found] = 1
                return found, ("name_normalized",)
        raise Reject("missing_image", f"no image is at {paths[0]!r}")

    def _keys(self) -> dict[str, int]:
        if not self._by_key:
            for number, entry in enumerate(self.entries):
                folded = key(entry.path)
                self._by_key[folded] = _SEVERAL if folded in self._by_key else number
        return self._by_key

    def _absolute(self, name: str) -> list[str]:
        asked = "/" + posixpath.normpath(safe(name)).lstrip("/")
        for folder, below in self._places:
            if asked.startswith(f"{folder}/"):
                path = normal(f"{below}/{asked[len(folder) :]}")
                if not self._root or path.startswith(f"{self._root}/"):
                    return [path]
        raise Reject("unsafe_path", f"{name[:100]!r} lies outside of the folders that were named")

    def unused(self) -> Iterator[Entry]:
        """The images that nothing named."""
        return (entry for entry, used in zip(self.entries, self._used, strict=True) if not used)


class Claims:
    """Which split each image went to, and by which list: an image of two splits would leak from one to the other."""

    def __init__(self, count: int) -> None:
        self._splits = bytearray(count)
        self._by = array("i", [0]) * count
        self._lists: dict[str, int] = {}

    def refused(self, number: int, split: str | None, path: str, image: str) -> Fault | None:
        """The fault of a list that wants an image for another split than an earlier one did."""
        if split is None:
            return None
        code, by = SPLITS.index(split) + 1, self._lists.setdefault(path, len(self._lists))
        if not self._splits[number]:
            self._splits[number], self._by[number] = code, by
        if self._splits[number] == code:
            return None
        first = next(name for name, place in self._lists.items() if place == self._by[number])
        return "split_conflict", f"{image} is in {SPLITS[self._splits[number] - 1]} by {first}, here in {split}"


def safe(name: str) -> str:
    """A name with `/`.

    Raises:
        Reject: `unsafe_path`: it is no path of a file system.
    """
    written = name.replace("\\", "/")
    if "\0" in written or "://" in written or (len(written) > 1 and written[1] == ":"):
        raise Reject("unsafe_path", f"{name[:100]!r} is no path of a file beside its list")
    return written


def inside(name: str) -> str:
    """A relative path that stays below where it starts, without `.` and `..`.

    Raises:
        Reject: `unsafe_path`.
    """
    written = safe(name)
    if ".." in written.split("/"):
        written = posixpath.normpath(written)
    if written.startswith(("/", "../")) or written == "..":
        raise Reject("unsafe_path", f"{name[:100]!r} leads out of the folder that its list starts at")
    return written


def _below(name: str, folders: Sequence[str]) -> list[str]:
    written = inside(name)
    return [normal(f"{folder}/{written}") for folder in folders]
