"""A pack: pictures of characters in many faces, in one file, so that training never needs a font.

Pixels are kept in 16 grey levels, two to a byte: half the size of full ones, and no eye or network sees the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError, Reject
from ocrfactory.fill.frame import FRAME, draw_frame
from ocrfactory.fonts.coverage import cover_all
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.opened import open_font

FORMAT = "ocrfactory-glyphs/1"
BYTES = FRAME * FRAME // 2
_CURE = "make one with: ocrfactory fill pack"


class PackFace(msgspec.Struct, frozen=True):
    """One face of a pack, and where its glyphs stand."""

    id: str
    family: str
    style: str
    licence: str
    attribution: str
    package: str | None
    files: tuple[str, ...]
    """SHA-256 of its font files."""
    held_out: bool
    """Never trained on: it is there to measure with."""
    start: int
    stop: int


class _Header(msgspec.Struct, frozen=True):
    """What stands in the file beside the arrays."""

    format: str
    faces: tuple[PackFace, ...]


class GlyphPack:
    """An opened pack. Glyphs of a face stand together, sorted by code point.

    Raises:
        InputError: the file is no pack.
    """

    def __init__(self, path: Path) -> None:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "numpy") as file:
                header = msgspec.json.decode((file.metadata() or {}).get("pack", ""), type=_Header)
                self.codes: npt.NDArray[np.uint32] = file.get_tensor("codes")
                self.packed: npt.NDArray[np.uint8] = file.get_tensor("ink")
        except (OSError, SafetensorError, ValueError, msgspec.DecodeError) as error:
            raise InputError(f"{path}: no glyph pack: {error}", _CURE) from error
        count, kinds = self.codes.size, (self.codes.dtype, self.packed.dtype)
        shapes = self.codes.shape, self.packed.shape
        if header.format != FORMAT or kinds != (np.uint32, np.uint8) or shapes != ((count,), (count, BYTES)):
            raise InputError(f"{path}: no glyph pack of this version", _CURE)
        edges = [edge for face in header.faces for edge in (face.start, face.stop)]
        if [0, *edges, count] != sorted([0, *edges, count]):
            raise InputError(f"{path}: its faces do not fit its glyphs", _CURE)
        self.faces = header.faces
        self.number_of = {face.id: number for number, face in enumerate(self.faces)}

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def sha256(self) -> str:
        """Hash of pictures and code points."""
        digest = sha256(self.codes.tobytes())
        digest.update(np.ascontiguousarray(self.packed).data)
        return digest.hexdigest()

    def ink(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Pictures by row number: uint8 (len(rows), 64, 64)."""
        return unpack(self.packed[rows])

    def codes_of(self, face: int) -> npt.NDArray[np.uint32]:
        """The code points that a face draws, ascending."""
        return self.codes[self.faces[face].start : self.faces[face].stop]

    def rows_of(self, face: int, codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """Row numbers of characters in a face, -1 where it does not draw them."""
        own = self.codes_of(face)
        if not len(own):
            return np.full(len(codes), -1, np.int64)
        at = np.minimum(np.searchsorted(own, codes), len(own) - 1)
        return np.where(own[at] == codes, at + self.faces[face].start, -1)


def pack4(ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Grey pictures (..., 64, 64) to 16 levels, two pixels a byte: (..., 2048)."""
    levels = ((ink.astype(np.uint16) + 8) // 17).astype(np.uint8).reshape(*ink.shape[:-2], BYTES, 2)
    packed: npt.NDArray[np.uint8] = np.bitwise_or(levels[..., 0] << 4, levels[..., 1], dtype=np.uint8)
    return packed


def unpack(packed: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """What `pack4` made, back to (..., 64, 64) in 0 to 255."""
    ink = np.empty((*packed.shape[:-1], BYTES, 2), np.uint8)
    np.multiply(packed >> 4, 17, out=ink[..., 0])
    np.multiply(packed & 15, 17, out=ink[..., 1])
    return ink.reshape(*packed.shape[:-1], FRAME, FRAME)


def make_pack(
    faces: Sequence[Face], classes: Sequence[str], path: Path, progress: Callable[[int], None] = lambda done: None
) -> dict[str, int]:
    """Draw every class with every face that really draws it, into one file. A face that is `extra` is held out.

    Args:
        classes: single characters; others are left out.
        progress: told how many glyphs a face gave.

    Returns:
        What was left out, by reason.
    """
    from safetensors.numpy import save_file

    single = sorted({text for text in classes if len(text) == 1})
    left_out: dict[str, int] = {"sequence": len(set(classes)) - len(single)}
    entries, pictures, codes = [], [], []
    start = 0
    for face, covered in zip(faces, cover_all(faces, single), strict=True):
        own: list[int] = []
        inks: list[npt.NDArray[np.uint8]] = []
        for text, ink in _draw(face, covered.file_of, single):
            if isinstance(ink, Reject):
                left_out[ink.reason] = left_out.get(ink.reason, 0) + 1
            else:
                own.append(ord(text))
                inks.append(pack4(ink))
        pictures.append(np.array(inks, np.uint8).reshape(-1, BYTES))
        codes.append(np.array(own, np.uint32))
        entries.append(_entry(face, start, start + len(own)))
        start += len(own)
        progress(len(own))
    header = {"format": FORMAT, "faces": msgspec.to_builtins(entries)}
    part = path.with_name(path.name + ".part")
    try:
        save_file({"codes": np.concatenate(codes), "ink": np.concatenate(pictures)}, part, {"pack": json.dumps(header)})
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return {reason: count for reason, count in left_out.items() if count}


def _entry(face: Face, start: int, stop: int) -> PackFace:
    return PackFace(
        id=face.id,
        family=face.files[0].family,
        style=face.style or "",
        licence=face.licence,
        attribution=face.attribution,
        package=face.package,
        files=tuple(file.sha256 for file in face.files),
        held_out=face.need == "extra",
        start=start,
        stop=stop,
    )


def _draw(
    face: Face, file_of: npt.NDArray[np.int8], classes: Sequence[str]
) -> Iterator[tuple[str, npt.NDArray[np.uint8] | Reject]]:
    fonts = {number: open_font(face.files[number], face.lang) for number in sorted({*file_of.tolist()} - {-1})}
    for number, text in zip(file_of.tolist(), classes, strict=True):
        if number >= 0:
            try:
                yield text, draw_frame(fonts[number], text)
            except Reject as reject:
                yield text, reject
