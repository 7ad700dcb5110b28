"""Which faces draw a text whole, for many texts at once; and many texts in little memory.

Coverage is asked once for each grapheme cluster of all texts. A set of faces is a bit mask: bit i is face i.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import accumulate, chain
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_hexdigest

from ocrfactory.charset.hangul import graphemes
from ocrfactory.errors import Reject
from ocrfactory.fonts.coverage import REASONS, cover_all
from ocrfactory.fonts.face import Face
from ocrfactory.sources.source import Hole

Masks = NDArray[np.uint64]
"""(texts or clusters, words): bit i of word w is face 64 w + i."""

_CHUNK = 4096
"""Texts that are looked at together."""
_NAMED = 8
"""Code points that a reject names at most."""


class Drawable(msgspec.Struct, frozen=True, dict=True):
    """Which faces draw each text whole. Small, and fit for a source's `state`."""

    masks: tuple[bytes, ...]
    """The different sets of faces, little-endian bit masks."""
    codes: bytes
    """uint32 (texts,): the number in `masks` of each text's set."""
    undrawn: tuple[str, ...] = ()
    """Grapheme clusters that no face draws, sorted."""
    notes: tuple[str, ...] = ()
    """Fonts that must not be opened, with the reasons."""
    clusters: tuple[str, ...] = ()
    """All grapheme clusters of the texts, sorted."""
    faces: tuple[str, ...] = ()
    """Ids of the faces."""
    file_of: bytes = b""
    """int8 (faces, clusters): the number of the face's file that draws the cluster, -1: none does."""
    verdicts: bytes = b""
    """uint8 (faces, clusters): numbers in `coverage.REASONS`."""

    def __len__(self) -> int:
        """Texts."""
        return len(self.codes) // 4

    def faces_of(self, i: int) -> int:
        """The bit mask of the faces that draw text `i` whole; 0: none does."""
        codes, sets = self._sets
        return sets[int(codes[i])]

    def reject(self, text: str) -> Reject:
        """Why a text that no face draws is not drawn."""
        missing = sorted(set(self.undrawn).intersection(graphemes(text)))
        if not missing:
            return Reject("undrawable", "no single face draws all of it")
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        return Reject("undrawable", f"no face draws {' '.join(map(_code_points, missing[:_NAMED]))}{more}")

    @property
    def drawn(self) -> int:
        """How many texts at least one face draws."""
        codes, sets = self._sets
        return int(np.count_nonzero(np.array([mask != 0 for mask in sets], bool)[codes])) if sets else 0

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Every cluster that a face does not draw, with the reason."""
        reasons = np.frombuffer(self.verdicts, np.uint8).reshape(self._files.shape)
        return tuple(
            Hole(self.faces[face], self.clusters[cluster], REASONS[reasons[face, cluster]])
            for face, cluster in zip(*np.nonzero(self._files < 0), strict=True)
        )

    def faces_that_draw(self, clusters: Sequence[str]) -> list[int]:
        """The faces that draw all of some clusters, by number."""
        columns = self._files[:, [self._number[cluster] for cluster in clusters]]
        return [int(face) for face in np.flatnonzero((columns >= 0).all(axis=1))]

    def drawn_by(self, cluster: str, face: int, fallback: bool = False) -> tuple[int, int]:
        """The face and its file that draw a cluster: `face` if it can; else, with `fallback`, the first that can.

        Raises:
            Reject: nobody can.
        """
        column = self._files[:, self._number[cluster]]
        for number in (face, *range(len(column))) if fallback else (face,):
            if column[number] >= 0:
                return number, int(column[number])
        raise Reject("undrawable", f"{_code_points(cluster)} is not drawn by {self.faces[face]}")

    @property
    def sha256(self) -> str:
        """Fingerprint, for the facts of a plan."""
        return sha256(msgspec.msgpack.encode((self.masks, self.codes, self.clusters, self.file_of))).hexdigest()

    @cached_property
    def _files(self) -> NDArray[np.int8]:
        return np.frombuffer(self.file_of, np.int8).reshape(len(self.faces), len(self.clusters))

    @cached_property
    def _number(self) -> dict[str, int]:
        return {cluster: number for number, cluster in enumerate(self.clusters)}

    @cached_property
    def _sets(self) -> tuple[NDArray[np.uint32], tuple[int, ...]]:
        return np.frombuffer(self.codes, "<u4"), tuple(int.from_bytes(mask, "little") for mask in self.masks)


def settle_texts(
    texts: Sequence[str],
    faces: Sequence[Face],
    log: Callable[[str], None] = lambda line: None,
    *,
    together: bool = False,
) -> Drawable:
    """Find out which faces draw each text whole, blanks included: a face without a space does not draw one.

    Fonts that nobody has examined yet are examined first.

    Args:
        together: a text that no face draws whole, but all of them together, is taken by those that draw most of it.
    """
    clusters = sorted(_clusters(texts))
    covered = cover_all(faces, clusters, log)
    known = _masks_of([found.file_of >= 0 for found in covered], len(clusters))
    masks = _of_texts(texts, clusters, known)
    if together:
        masks = _completed(masks, texts, clusters, known)
    sets, codes = _distinct(masks)
    return Drawable(
        masks=tuple(row.tobytes() for row in sets),
        codes=codes.astype("<u4").tobytes(),
        undrawn=tuple(clusters[i] for i in np.flatnonzero(~known.any(axis=1))),
        notes=tuple(note for found in covered for note in found.quarantined),
        clusters=tuple(clusters),
        faces=tuple(face.id for face in faces),
        file_of=b"".join(found.file_of.tobytes() for found in covered),
        verdicts=b"".join(found.verdict.tobytes() for found in covered),
    )


def choose_face(mask: int, weights: tuple[float, ...] | None, unit: float) -> int:
    """One of the faces of a mask that is not 0.

    Args:
        weights: of all faces; None: all alike. Where the faces of the mask weigh nothing, all alike.
        unit: a number in [0, 1).
    """
    members, borders = _borders(mask, weights)
    return members[min(bisect_right(borders, unit * borders[-1]), len(members) - 1)]


@lru_cache(4096)
def _borders(mask: int, weights: tuple[float, ...] | None) -> tuple[list[int], list[float]]:
    members = [i for i in range(mask.bit_length()) if mask >> i & 1]
    if weights and any(weights[i] > 0 for i in members):
        members = [i for i in members if weights[i] > 0]
        return members, list(accumulate(weights[i] for i in members))
    return members, list(accumulate([1.0] * len(members)))


def _chunks(texts: Sequence[str]) -> Iterator[tuple[Sequence[Sequence[str]], str, bool]]:
    """Texts as clusters, all of them joined, and whether each code point is a cluster by itself, as nearly always."""
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        joined = "".join(chunk)
        joining = {char for char in set(joined) if not _alone(char)}
        if joining:
            yield [text if joining.isdisjoint(text) else graphemes(text) for text in chunk], joined, False
        else:
            yield chunk, joined, True


@lru_cache(1 << 16)
def _alone(char: str) -> bool:
    """Whether a code point never makes a cluster with others of this kind (UAX 29: no mark, joiner, jamo or flag)."""
    return _solitary().fullmatch(char) is not None


@lru_cache(1)
def _solitary() -> Any:
    import regex

    return regex.compile(r"[\p{GCB=Other}\p{GCB=LV}\p{GCB=LVT}]")


def _clusters(texts: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for chunk, joined, plain in _chunks(texts):
        found.update(*([joined] if plain else chunk))
    return found


def _masks_of(tables: Sequence[NDArray[np.bool_]], count: int) -> Masks:
    """One row for each of `count` clusters, from one table for each face."""
    bits = np.zeros((-(-max(len(tables), 1) // 64) * 64, count), bool)
    bits[: len(tables)] = np.reshape(tables, (len(tables), count))
    return np.ascontiguousarray(np.packbits(bits, axis=0, bitorder="little").T).view("<u8")


def _of_texts(texts: Sequence[str], clusters: Sequence[str], known: Masks) -> Masks:
    """The faces of each text: those that draw all its clusters."""
    every = np.full((1, known.shape[1]), ~np.uint64(0))
    padded = np.concatenate([known, every])
    number = {cluster: i for i, cluster in enumerate(clusters)}
    by_code = np.zeros(0x110000, np.uint32)
    for cluster, i in number.items():
        if len(cluster) == 1:
            by_code[ord(cluster)] = i
    found = [known[:0]]
    for chunk, joined, plain in _chunks(texts):
        if plain:
            rows, sizes = by_code[np.frombuffer(joined.encode("utf-32-le"), "<u4")], _sizes(map(len, chunk))
        else:
            sizes = _sizes(map(len, chunk))
            rows = np.fromiter(map(number.__getitem__, chain.from_iterable(chunk)), np.uint32, int(sizes.sum()))
        starts = np.cumsum(sizes) - sizes
        masks = np.bitwise_and.reduceat(padded[np.append(rows, len(known))], starts, axis=0)
        masks[sizes == 0] = 0  # there is nothing to draw
        found.append(masks)
    return np.concatenate(found)


def _completed(masks: Masks, texts: Sequence[str], clusters: Sequence[str], known: Masks) -> Masks:
    number = {cluster: i for i, cluster in enumerate(clusters)}
    for i in np.flatnonzero(~masks.any(axis=1)).tolist():
        rows = known[[number[cluster] for cluster in graphemes(texts[i])]]
        if len(rows) and rows.any(axis=1).all():
            bits = np.unpackbits(np.ascontiguousarray(rows).view(np.uint8), axis=1, bitorder="little").sum(axis=0)
            masks[i] = np.packbits(bits == bits.max(), bitorder="little").view("<u8")
    return masks


def _sizes(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(lengths, np.int64)


def _distinct(masks: Masks) -> tuple[Masks, NDArray[np.intp]]:
    """The different rows, sorted, and which one each row is."""
    if masks.shape[1] == 1:  # ten times as fast as rows
        sets, codes = np.unique(masks[:, 0], return_inverse=True)
        return sets[:, None], codes
    sets, codes = np.unique(masks, axis=0, return_inverse=True)
    return sets, codes.ravel()


def pack_texts(texts: Sequence[str]) -> bytes:
    """Texts as one block of bytes for `Packed`: no object a text, so a worker holds a million in 60 MB."""
    encoded = [text.encode() for text in texts]
    ends = np.append(0, np.cumsum(_sizes(map(len, encoded))))
    width = 4 if int(ends[-1]) < 1 << 32 else 8
    header = (len(encoded) << 8 | width).to_bytes(8, "little")
    return b"".join((header, ends.astype(f"<u{width}").tobytes(), *encoded))


class Packed(Sequence[str]):
    """The texts of a block that `pack_texts` made; each is decoded when it is asked for."""

    def __init__(self, block: bytes) -> None:
        header = int.from_bytes(block[:8], "little")
        self._count, width = header >> 8, header & 0xFF
        self._ends = np.frombuffer(block, f"<u{width}", self._count + 1, 8)
        self._bytes = memoryview(block)[8 + (self._count + 1) * width :]

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, i: int) -> str:  # type: ignore[override]  # slices are not needed
        if not 0 <= i < self._count:
            raise IndexError(i)
        return str(self._bytes[int(self._ends[i]) : int(self._ends[i + 1])], "utf-8")


def text_group(text: str) -> str:
    """What rows of one text have in common, so that no split sees a text of another: 16 hex digits."""
    return xxh3_64_hexdigest(text.encode())


def _code_points(text: str) -> str:
    return "_".join(f"U+{ord(char):04X}" for char in text)
