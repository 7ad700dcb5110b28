"""The content pack: strokes of characters that few fonts or none draw, in one small file.

    OCRFACTORY-CONTENT\\n
    {header: JSON in one line}\\n
    xz of: code points, strokes per glyph, kind of each stroke, x of each point, y of each point

Strokes and not pixels: 46 bytes a glyph, a third of a packed bitmap of 64 x 64, and sharp at every size. Code points
are uint32 little-endian, each less the one before; strokes per glyph are uint16; a kind is a byte, its row in the
header's table of (kind, head, tail); x and y are bytes, each less the one before and modulo 256. A glyph's points are
moved so that its least x and its least y are 0: drawn glyphs are centred anyway.
"""

from __future__ import annotations

import hashlib
import lzma
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError
from ocrfactory.fill.content.draw import LARGEST, SMALLEST, picture
from ocrfactory.fill.content.kage import POINTS, STROKES, Stroke
from ocrfactory.sample import Image

SHIPPED = Path(__file__).with_name("rare-han.content")
MAGIC = b"OCRFACTORY-CONTENT\n"
FORMAT = 1

_CURE = "install the package again, or build the pack with python -m ocrfactory.fill.content.derive"
_HEADER_LIMIT = 1 << 20
_FILE_LIMIT = 1 << 26
_GLYPH_LIMIT = 200_000
_STROKE_LIMIT = 8_000_000


class Header(msgspec.Struct, frozen=True):
    """What a pack says of itself."""

    format: int
    source: str
    """Which data the strokes come from, for people."""
    source_sha256: str
    """SHA-256 of the file that the pack was built from, 64 hex digits."""
    licence: str
    """Licence of the strokes, whole."""
    glyphs: int
    strokes: int
    kinds: tuple[tuple[int, int, int], ...]
    """(kind, head, tail) of `Stroke`, 256 at most."""
    absent: dict[str, str]
    """Characters that were asked for and have no content, and why: placeholder, missing, empty, damaged or large."""


class ContentPack:
    """Pictures of characters that hardly any font draws. Read at the first use.

    Args:
        path: the file; what is wrong with it is raised where it is first used.

    Every member raises:
        InputError: the file is missing, cut short, damaged or of another format.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.path,)

    def has(self, char: str) -> bool:
        """Whether there are strokes for this character."""
        return char in self._index

    def draw(self, char: str, size: int) -> Image:
        """The character as uint8 `size` x `size`, 255 where the ink is full, read-only; see `draw.picture`.

        Raises:
            InputError: the pack lacks the character, or `size` is not from 8 to 1,024.
        """
        if not SMALLEST <= size <= LARGEST:
            raise InputError(f"{size}: a content picture has {SMALLEST} to {LARGEST} pixels a side", "take 64 or 128")
        return picture(self.strokes(char), size)

    def strokes(self, char: str) -> tuple[Stroke, ...]:
        """The strokes, in units of 1/200 em.

        Raises:
            InputError: the pack lacks the character.
        """
        at = self._index.get(char)
        if at is None:
            why = self.header.absent.get(char, "it is not among those that the pack was built for")
            raise InputError(f"{self.path.name} has no strokes for {char!r}: {why}", "take content from a font")
        return self._contents.glyph(at)

    @cached_property
    def characters(self) -> tuple[str, ...]:
        """All that can be drawn, by code point."""
        return tuple(map(chr, self._contents.codes.tolist()))

    @property
    def header(self) -> Header:
        """Source, licence, counts, and what is absent."""
        return self._contents.header

    @property
    def licence(self) -> str:
        """Licence of the strokes, whole."""
        return self.header.licence

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file, 64 hex digits."""
        return hashlib.sha256(_bytes(self.path)).hexdigest()

    @cached_property
    def _contents(self) -> _Contents:
        return _read(self.path)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {char: at for at, char in enumerate(self.characters)}


@lru_cache(maxsize=1)
def shipped() -> ContentPack:
    """The pack that comes with the package."""
    return ContentPack()


class _Contents(msgspec.Struct, frozen=True):
    header: Header
    codes: npt.NDArray[np.int64]
    first_stroke: npt.NDArray[np.int64]
    """Per glyph and one more: its first stroke."""
    first_point: npt.NDArray[np.int64]
    """Per stroke and one more."""
    kinds: npt.NDArray[np.uint8]
    points: npt.NDArray[np.uint8]

    def glyph(self, at: int) -> tuple[Stroke, ...]:
        strokes = []
        for stroke in range(self.first_stroke[at], self.first_stroke[at + 1]):
            points = self.points[self.first_point[stroke] : self.first_point[stroke + 1]].astype(np.float64)
            kind, head, tail = self.header.kinds[self.kinds[stroke]]
            strokes.append(Stroke(kind, head, tail, points))
        return tuple(strokes)


def encode(
    glyphs: Mapping[str, Sequence[Stroke]], absent: Mapping[str, str], source: str, source_sha256: str, licence: str
) -> bytes:
    """A pack as bytes, the same for the same glyphs.

    Points are rounded to whole units. A glyph that is 256 units wide or more becomes absent: `large`.
    """
    kept: dict[str, list[npt.NDArray[np.int64]]] = {}
    missing = dict(absent)
    for char in sorted(glyphs):
        # Rounded before it is moved: the same part in the same box gives the same bytes, which pack well.
        whole = [np.rint(stroke.points).astype(np.int64) for stroke in glyphs[char]]
        low = np.concatenate(whole).min(axis=0)
        kept[char] = [points - low for points in whole]
        if max(int(points.max()) for points in kept[char]) > 255:
            del kept[char]
            missing[char] = "large"
    every = [stroke for char in kept for stroke in glyphs[char]]
    table = sorted({(stroke.kind, stroke.head, stroke.tail) for stroke in every})
    row = {kind: at for at, kind in enumerate(table)}
    header = Header(
        FORMAT, source, source_sha256, licence, len(kept), len(every), tuple(table), dict(sorted(missing.items()))
    )
    path = np.concatenate([np.zeros((1, 2), np.int64), *(points for char in kept for points in kept[char])])
    payload = [
        np.diff(np.array([0, *map(ord, kept)])).astype("<u4").tobytes(),
        np.array([len(kept[char]) for char in kept], "<u2").tobytes(),
        np.array([row[stroke.kind, stroke.head, stroke.tail] for stroke in every], np.uint8).tobytes(),
        (np.diff(path, axis=0).T % 256).astype(np.uint8).tobytes(),
    ]
    packed = lzma.compress(b"".join(payload), preset=9 | lzma.PRESET_EXTREME)
    return MAGIC + msgspec.json.encode(header) + b"\n" + packed


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}", _CURE) from error
    if len(data) > _FILE_LIMIT:
        raise InputError(f"{path}: larger than {_FILE_LIMIT >> 20} MiB, no content pack", _CURE)
    return data


def _read(path: Path) -> _Contents:
    data = _bytes(path)
    end = data.find(b"\n", len(MAGIC), len(MAGIC) + _HEADER_LIMIT)
    if not data.startswith(MAGIC) or end < 0:
        raise InputError(f"{path}: no content pack", _CURE)
    try:
        version = msgspec.json.decode(data[len(MAGIC) : end], type=dict[str, msgspec.Raw]).get("format")
        if version is not None and bytes(version) != str(FORMAT).encode():
            raise InputError(f"{path}: content pack of format {bytes(version)[:20]!r}, not {FORMAT}", _CURE)
        header = msgspec.json.decode(data[len(MAGIC) : end], type=Header)
        return _unpack(header, data[end + 1 :])
    except (msgspec.MsgspecError, lzma.LZMAError, ValueError, EOFError) as error:
        raise InputError(f"{path}: damaged content pack: {error}", _CURE) from error


def _unpack(header: Header, packed: bytes) -> _Contents:
    """Raises ValueError where header and payload do not fit each other."""
    if not (0 <= header.glyphs <= _GLYPH_LIMIT and 0 <= header.strokes <= _STROKE_LIMIT):
        raise ValueError("counts out of bounds")
    if any(kind not in POINTS or not (0 <= head < 100 and 0 <= tail < 100) for kind, head, tail in header.kinds):
        raise ValueError("an unknown kind of stroke")
    fixed = 6 * header.glyphs + header.strokes
    largest = fixed + 2 * max(POINTS.values()) * header.strokes
    reader = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=1 << 28)
    payload = reader.decompress(packed, max_length=largest + 1)
    if not reader.eof or reader.unused_data or len(payload) < fixed:
        raise ValueError("cut short, or something follows")
    codes = np.cumsum(np.frombuffer(payload, "<u4", header.glyphs), dtype=np.int64)
    counts = np.frombuffer(payload, "<u2", header.glyphs, 4 * header.glyphs).astype(np.int64)
    kinds = np.frombuffer(payload, np.uint8, header.strokes, 6 * header.glyphs)
    if np.any(np.diff(codes) <= 0) or np.any(codes <= 0) or np.any(codes > 0x10FFFF):
        raise ValueError("code points out of order")
    if counts.sum() != header.strokes or np.any(counts < 1) or np.any(counts > STROKES):
        raise ValueError("strokes do not add up")
    if np.any(kinds >= len(header.kinds)):
        raise ValueError("an unknown kind of stroke")
    each = np.array([POINTS[kind] for kind, _, _ in header.kinds], np.int64)[kinds]
    if len(payload) != fixed + 2 * each.sum():
        raise ValueError("points do not add up")
    steps = np.frombuffer(payload, np.uint8, offset=fixed).reshape(2, -1)
    return _Contents(header, codes, _starts(counts), _starts(each), kinds, np.cumsum(steps, axis=1, dtype=np.uint8).T)


def _starts(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
