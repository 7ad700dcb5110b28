"""Which image a label means. By name within the split, never by position in a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from ocrfactory.convert.delivery import Entry
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
        self._by_stem: dict[str, int | tuple[int, ...]] = {}
        for number, entry in enumerate(entries):
            stem = stem_key(entry.path)
            before = self._by_stem.get(stem)
            if before is None:
                self._by_stem[stem] = number
            else:
                self._by_stem[stem] = (*(before if isinstance(before, tuple) else (before,)), number)

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

    def _nearest(self, found: tuple[int, ...], wanted: str, label: str, split: str | None, named: bool) -> int:
        """Of several images with one stem: that of the split, of the extension, and then of the most similar path."""
        left: Sequence[int] = [n for n in found if split is None or self.splits[n] in (None, split)] or found
        if named and "/" in wanted:
            left = _best(left, lambda n: _common_tail(wanted, self.entries[n].path, with_name=True))
        if named and suffix_of(wanted):
            suffix = suffix_of(wanted).lower()
            left = [n for n in left if self.entries[n].path.lower().endswith(suffix)] or left
        if "relative-path" in self._by:
            left = _best(left, lambda n: _common_tail(label, self.entries[n].path))
        for number in left:
            self.used[number] = 1  # copies of one file are all spoken for; so are those that cannot be told apart
        if len(left) > 1 and not self._same_content(left):
            paths = ", ".join(self.entries[n].path for n in left[:3])
            raise Reject("ambiguous_stem", f"{len(left)} images could be meant: {paths}")
        return left[0]

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
        found = self._by_stem.get(stem_key(label), ())
        for number in found if isinstance(found, tuple) else (found,):
            self.used[number] = 1

    def unused(self) -> list[Entry]:
        """The images that no label meant."""
        return [entry for entry, used in zip(self.entries, self.used, strict=True) if not used]


def _best(numbers: Sequence[int], points: Callable[[int], int]) -> list[int]:
    found = [points(number) for number in numbers]
    return [number for number, value in zip(numbers, found, strict=True) if value == max(found)]


def _common_tail(one: str, other: str, with_name: bool = False) -> int:
    """How many folders two paths share, counted from their ends; with the file name itself, if asked."""
    steps, others = key(one).split("/")[::-1], key(other).split("/")[::-1]
    same = 0
    for a, b in list(zip(steps, others, strict=False))[0 if with_name else 1 :]:
        if a != b:
            break
        same += 1
    return same


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(path: str) -> str:
    name = _last(path)
    return name.removesuffix(suffix_of(name))
