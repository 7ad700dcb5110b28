"""Which image a label means. By name within the split, never by position in a list."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from ocrfactory.convert.entry import Entry
from ocrfactory.convert.names import key, normal, stem_key, suffix_of
from ocrfactory.errors import Reject


class Pair(msgspec.Struct, frozen=True):
    """An image, and what had to be bridged to find it."""

    number: int
    flags: tuple[str, ...]


class Images:
    """The images of a delivery, to be found by name.

    Args:
        by: `stem`: the file name decides; `relative-path`: of several, the one in the most similar folders, and without
            `stem` only one in a folder of the same name.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        splits: Sequence[str | None],
        read: Callable[[Entry], bytes],
        by: Sequence[str] = ("relative-path", "stem"),
    ) -> None:
        self.entries, self.splits, self._read, self._by = entries, splits, read, by
        self.used = bytearray(len(entries))
        self._by_stem: dict[str, int | list[int]] = {}
        self._crowds: dict[tuple[str, str | None], _Crowd] = {}
        for number, entry in enumerate(entries):
            before = self._by_stem.setdefault(stem_key(entry.path), number)
            if isinstance(before, list):
                before.append(number)
            elif before != number:
                self._by_stem[stem_key(entry.path)] = [before, number]

    def find(self, name: str | None, label: str, split: str | None) -> Pair:
        """The image of a page.

        Args:
            name: as the label writes it; None: it writes none, and the label's own name is meant.
            label: path of the label.
            split: of the label.

        Raises:
            Reject: `missing_image`, `ambiguous_stem`.
        """
        wanted = normal(name) if name else label
        found = self._by_stem.get(stem_key(wanted))
        if found is None:
            raise Reject("missing_image", f"no image is named {_last(wanted) if name else _stem(wanted)!r}")
        chosen = found if isinstance(found, int) else self._nearest(found, wanted, label, split, bool(name))
        if split is not None and self.splits[chosen] not in (None, split):
            raise Reject(
                "missing_image", f"{_last(wanted)!r} is only in {self.splits[chosen]}, the label is in {split}"
            )
        if "stem" not in self._by and not _common_tail(label, self.entries[chosen].path):
            raise Reject("missing_image", f"{_last(wanted)!r} is in another folder: {self.entries[chosen].path}")
        self.used[chosen] = 1
        return Pair(chosen, self._flags(chosen, name))

    def _nearest(self, found: list[int], wanted: str, label: str, split: str | None, named: bool) -> int:
        """Of several images with one stem: that of the split, of the most similar path, and then of the extension."""
        crowd = self._crowd(found, stem_key(wanted), split)
        left = crowd.numbers
        if named and "/" in wanted:
            left = crowd.nearest(_steps(wanted)[1:], left)
        if "relative-path" in self._by:
            left = crowd.nearest(_steps(label)[1:], left)
        if named and suffix_of(wanted):
            suffix = suffix_of(wanted).lower()
            left = [n for n in left if self.entries[n].path.lower().endswith(suffix)] or left
        if "relative-path" in self._by and len(left) > 1:
            left = _best(left, lambda n: _common_head(label, self.entries[n].path))
        for number in left:
            self.used[number] = 1  # copies of one file are all spoken for; so are those that cannot be told apart
        if len(left) > 1 and not self._same_content(left):
            paths = ", ".join(self.entries[n].path for n in left[:3])
            raise Reject("ambiguous_stem", f"{len(left)} images could be meant: {paths}")
        return min(left)

    def _crowd(self, found: list[int], stem: str, split: str | None) -> _Crowd:
        """The images of a stem and a split, in order: a name like `001` may stand in each of thousands of folders."""
        if (stem, split) not in self._crowds:
            mine = [n for n in found if split is None or self.splits[n] in (None, split)] or found
            self._crowds[stem, split] = _Crowd({n: self.entries[n].path for n in mine})
        return self._crowds[stem, split]

    def _same_content(self, numbers: Sequence[int]) -> bool:
        entries = [self.entries[number] for number in numbers]
        if len({entry.size for entry in entries}) > 1:
            return False
        return len({sha256(self._read(entry)).digest() for entry in entries}) == 1

    def _flags(self, number: int, name: str | None) -> tuple[str, ...]:
        if name is None:
            return ()
        entry, flags = self.entries[number], []
        written = name.replace("\\", "/").rpartition("/")[2]
        raw = (entry.name or entry.path).rpartition("/")[2]
        suffix, real = suffix_of(written), suffix_of(raw)
        if suffix and suffix != real:
            flags.append("ext_mismatch")
        if written.removesuffix(suffix) != raw.removesuffix(real):
            flags.append("name_normalized")
        return tuple(flags)

    def claim(self, label: str) -> None:
        """A label that cannot be read has the name of these images: they do not lack one."""
        found = self._by_stem.get(stem_key(label), [])
        for number in found if isinstance(found, list) else (found,):
            self.used[number] = 1

    def unused(self) -> list[Entry]:
        """The images that no label meant."""
        return [entry for entry, used in zip(self.entries, self.used, strict=True) if not used]


class _Crowd:
    """Images of one stem, sorted by their folders from the last one up: those that share the most are neighbours."""

    def __init__(self, paths: dict[int, str]) -> None:
        keyed = sorted((_steps(path)[1:], number) for number, path in paths.items())
        self._folders = [folders for folders, _ in keyed]
        self.numbers = [number for _, number in keyed]

    def nearest(self, steps: tuple[str, ...], among: Sequence[int]) -> list[int]:
        """Those whose last folders are the same as many of `steps` as possible; with `among`, of these only."""
        at = bisect_left(self._folders, steps)
        shared = max(_shared(folders, steps) for folders in self._folders[max(at - 1, 0) : at + 1])
        first = bisect_left(self._folders, steps[:shared])
        last = bisect_left(self._folders, (*steps[:shared], _BEHIND)) if shared else len(self._folders)
        found = self.numbers[first:last]
        if len(among) == len(self.numbers):
            return found
        both = set(found).intersection(among)
        return sorted(both) if both else list(among)


_BEHIND = "\U0010ffff"
"""Sorts behind every name."""


def _steps(path: str) -> tuple[str, ...]:
    """The steps of a path from its end, as they are compared."""
    return tuple(key(path).split("/")[::-1])


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of the first steps are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _best(numbers: Sequence[int], points: Callable[[int], int]) -> list[int]:
    found = [points(number) for number in numbers]
    return [number for number, value in zip(numbers, found, strict=True) if value == max(found)]


def _common_head(one: str, other: str) -> int:
    """How many folders two paths share, counted from their beginnings."""
    return _shared(_steps(one)[:0:-1], _steps(other)[:0:-1])


def _common_tail(one: str, other: str) -> int:
    """How many folders two paths share, counted from their ends."""
    return _shared(_steps(one)[1:], _steps(other)[1:])


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(path: str) -> str:
    name = _last(path)
    return name.removesuffix(suffix_of(name))
