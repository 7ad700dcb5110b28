"""A page that was paired with its image and judged, and how a million of them travel to the workers.

Scenes are packed into blocks of msgpack and deflate, some thirty bytes an annotation: a worker unpacks the block that
it is at and no other, and never reads a label again.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import msgspec
import numpy as np
from xxhash import xxh3_128

from ocrfactory.convert.entry import Entry
from ocrfactory.convert.page import Box, Fault

BLOCK_ITEMS = 512


class Item(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """One annotation that was selected: a row to be, or a reject."""

    index: int
    """Position in the array of its label."""
    text: str
    raw: str | None = None
    """The label as written, where `text` is not that."""
    level: str = "word"
    box: Box | None = None
    """As the label has it, in pixels; None: the whole image."""
    polygon: tuple[float, ...] | None = None
    id: str | None = None
    vertical: bool = False
    legible: bool = True
    flags: tuple[str, ...] = ()
    attributes: dict[str, Any] | None = None
    reject: Fault | None = None
    line: int | None = None
    """See `Region.line`."""


class Scene(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """One image and what is to be cut from it."""

    image: Entry | None
    """None: there is none, and `fault` says why."""
    label: str | None
    """Path of the label file."""
    items: tuple[Item | None, ...]
    """None: an annotation that is numbered, yet not planned: another level, or joined to one before it."""
    group: str
    """What must not span two splits."""
    width: int | None = None
    """Of the image, as the label has it."""
    height: int | None = None
    lang: str | None = None
    attributes: dict[str, Any] | None = None
    flags: tuple[str, ...] = ()
    fault: Fault | None = None
    """What rejects all its items."""


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """All scenes of a source, in order."""

    blocks: tuple[bytes, ...]
    starts: bytes
    """int64: number of the first item of each block, and behind the last."""


class Packer:
    """Takes scenes one after the other and keeps little of them."""

    def __init__(self) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._waiting: list[Scene] = []
        self._blocks: list[bytes] = []
        self._starts = [0]
        self._digest = xxh3_128()
        self._size = 0

    def add(self, scene: Scene) -> None:
        """One more scene."""
        self._waiting.append(scene)
        self._size += len(scene.items)
        if self._size >= BLOCK_ITEMS:
            self._flush()

    def _flush(self) -> None:
        data = self._encode(self._waiting)
        self._digest.update(data)
        self._blocks.append(zlib.compress(data, 1))
        self._starts.append(self._starts[-1] + self._size)
        self._waiting, self._size = [], 0

    def packed(self) -> tuple[Packed, str]:
        """All scenes, and the hash of what they say."""
        if self._waiting:
            self._flush()
        return Packed(tuple(self._blocks), np.array(self._starts, np.int64).tobytes()), self._digest.hexdigest()


class Scenes:
    """Packed scenes, to be found by the number of an item."""

    def __init__(self, packed: Packed) -> None:
        self._blocks = packed.blocks
        self._starts: list[int] = np.frombuffer(packed.starts, np.int64).tolist()
        self._decode = msgspec.msgpack.Decoder(tuple[Scene, ...]).decode
        self._at = -1
        self._scenes: tuple[Scene, ...] = ()
        self._borders: list[int] = []

    def find(self, number: int) -> tuple[int, Scene]:
        """The number of a scene's first item, and the scene that holds item `number`."""
        block = bisect_right(self._starts, number) - 1
        if block != self._at:
            self._scenes = self._decode(zlib.decompress(self._blocks[block]))
            sizes = (len(scene.items) for scene in self._scenes)
            self._borders = list(accumulate(sizes, initial=self._starts[block]))
            self._at = block
        place = bisect_right(self._borders, number) - 1
        return self._borders[place], self._scenes[place]

    def __iter__(self) -> Iterator[Scene]:
        for block in self._blocks:
            yield from self._decode(zlib.decompress(block))
