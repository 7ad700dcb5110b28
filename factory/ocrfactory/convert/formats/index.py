"""The images of a delivery, to be found by the path that a list gives: never by opening what it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocrfactory.convert.delivery import Entry
from ocrfactory.convert.names import normal, unsafe
from ocrfactory.errors import Reject


class Index:
    """Images by their NFC paths."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self._by_path = {entry.path: number for number, entry in enumerate(entries)}
        self._used = bytearray(len(entries))

    def find(self, name: str, folders: Sequence[str]) -> Entry:
        """The image of a name in the first of `folders` that has it.

        Raises:
            Reject: `unsafe_path`: the name would leave its folder; `missing_image`.
        """
        refuse_unsafe(name)
        for folder in folders:
            found = self._by_path.get(normal(f"{folder}/{name}"))
            if found is not None:
                self._used[found] = 1
                return self.entries[found]
        raise Reject("missing_image", f"no image is at {normal(f'{folders[0]}/{name}')!r}")

    def unused(self) -> Iterator[Entry]:
        """The images that nothing named."""
        return (entry for entry, used in zip(self.entries, self._used, strict=True) if not used)


def refuse_unsafe(name: str) -> None:
    """Paths of a list stay below its folder.

    Raises:
        Reject: `unsafe_path`.
    """
    if name.startswith("/") or "\\" in name or unsafe(name):
        raise Reject("unsafe_path", f"{name[:100]!r} is no path below the folder of its list")
