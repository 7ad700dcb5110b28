"""One face of one font file, open: shape a text, measure it, draw it.

HarfBuzz does all three, so what was judged, what is measured and what is drawn are the same outline. Coordinates are
font units, y up, until `raster`, which scales them; nothing is hinted, so a size only scales.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import uharfbuzz as _uharfbuzz

from ocrfactory.errors import FontError
from ocrfactory.fonts.face import FontFile

hb: Any = _uharfbuzz
"""HarfBuzz without types: this is the one place that imports it."""

HARFBUZZ: str = hb.version_string()

_FALLBACK_SPLIT = (0.88, -0.12)
"""Em box of a font without usable metrics: what nearly every CJK font has."""

Bounds = tuple[float, float, float, float]


class Run(msgspec.Struct, frozen=True, gc=False):
    """A shaped text: which glyphs, and where."""

    glyphs: tuple[tuple[int, float, float], ...]
    """(glyph id, x, y): absolute pen positions in font units, y up, from the origin of the first glyph."""
    advance: float
    """Length along the writing direction in font units, 0 or more."""
    clusters: tuple[int, ...]
    """Per glyph: index in the text (code points) of the cluster that it draws."""
    pens: tuple[float, ...] = (0.0,)
    """Per glyph: the pen's way along the writing direction before it, in font units, without the glyph's own offset."""


class OpenedFont:
    """A font file, open for one language. One thread at a time: the buffer and the canvas are used again and again.

    Args:
        file: the face to open; its hash is not checked here.
        lang: BCP 47; chooses regional glyphs (`locl`). `und` takes the font's own default, whatever the locale
            of the process is.

    Raises:
        FontError: the file is missing, is no font, is cut short, or has no such face.
    """

    def __init__(self, file: FontFile, lang: str = "und") -> None:
        self.file = file
        self.lang = lang
        self.face = _open_face(file.path, file.index)
        self.font = hb.Font(self.face)
        self._bold_font = hb.Font(self.face)
        if file.variation:
            self.font.set_variations(dict(file.variation))
            self._bold_font.set_variations(dict(file.variation))
        self.upem: int = self.face.upem
        self.ascender, self.descender = _em_split(self.face, self.upem)
        self._buffer = hb.Buffer()
        # A lone mark would be drawn with a dotted circle that its label does not name.
        self._buffer.flags = hb.BufferFlags.DO_NOT_INSERT_DOTTED_CIRCLE
        self._canvas = hb.RasterDraw()
        self._bold = 0.0

    def shape(self, text: str, direction: str = "ltr", features: dict[str, bool] | None = None) -> Run:
        """Glyphs of a text in one direction: `ltr`, `rtl`, `ttb` or `btt`. The script is guessed from the text.

        `features` turns OpenType features on or off against their defaults.
        """
        buffer = self._buffer
        buffer.clear_contents()
        buffer.add_str(text)
        buffer.direction = direction
        # Set even when it is `und`: HarfBuzz would guess it from the process's locale, and pixels would follow.
        buffer.language = self.lang
        buffer.guess_segment_properties()
        hb.shape(self.font, buffer, features)
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        if len(infos) == 1:
            (info,), (at,) = infos, positions
            advance = abs(at.x_advance + at.y_advance)
            return Run(((info.codepoint, at.x_offset, at.y_offset),), advance, (info.cluster,))
        glyphs, pens = [], []
        x = y = 0.0
        for info, at in zip(infos, positions, strict=True):
            pens.append(abs(x + y))
            glyphs.append((info.codepoint, x + at.x_offset, y + at.y_offset))
            x += at.x_advance
            y += at.y_advance
        return Run(tuple(glyphs), abs(x + y), tuple(info.cluster for info in infos), tuple(pens))

    def bounds(self, run: Run, bold: float = 0.0) -> Bounds | None:
        """Box of the outlines in font units: x0, y0, x1, y1, y up; None when there is no outline.

        It is the box that the font states, which a few fonts understate; `coverage` looks at drawn pixels.
        """
        # Measured thin and grown here: HarfBuzz grows the box by the whole stroke on some sides and by half on others.
        extents_of = self.font.get_glyph_extents
        box: Bounds | None = None
        for gid, x, y in run.glyphs:
            left, top, width, height = extents_of(gid) or (0, 0, 0, 0)
            if width == 0 and height == 0:
                continue
            one = (x + left, y + top + height, x + left + width, y + top)
            box = one if box is None else _union(box, one)
        if box is None or not bold:
            return box
        grow = bold * self.upem / 2
        return box[0] - grow, box[1] - grow, box[2] + grow, box[3] + grow

    def extents(self, gid: int) -> Bounds | None:
        """Box of one glyph at the origin, as the font states it; None when it has no outline."""
        left, top, width, height = self.font.get_glyph_extents(gid) or (0, 0, 0, 0)
        return None if width == 0 and height == 0 else (left, top + height, left + width, top)

    def raster(
        self, run: Run, scale: float, dx: float, dy: float, width: int, height: int, bold: float = 0.0
    ) -> npt.NDArray[np.uint8]:
        """Draws a run on a canvas of height x width pixels: uint8, 0 is ground and 255 full ink, row 0 on top.

        Args:
            scale: pixels per font unit.
            dx, dy: pixels from the left and from the **bottom** edge of the canvas to the run's origin.
            bold: stroke added, as a share of the em, half of it on each side.

        Returns:
            A read-only array; ink outside the canvas is cut off.
        """
        canvas, font = self._canvas, self.font
        if bold:
            font = self._emboldened(bold)
            # Sideways HarfBuzz keeps a bold glyph in place; upwards it does not.
            dy -= bold * self.upem * scale / 2
        canvas.extents = _extents(width, height)
        top = height - dy  # drawn upside down: HarfBuzz stores the lowest row first
        for gid, x, y in run.glyphs:
            canvas.transform = (scale, 0.0, 0.0, -scale, x * scale + dx, top - y * scale)
            canvas.draw_glyph(font, gid)
        return np.frombuffer(canvas.render().buffer, np.uint8).reshape(height, width)

    def _emboldened(self, bold: float) -> Any:
        """A second font for strokes: to change the first would empty its caches of metrics with every glyph."""
        if bold != self._bold:
            self._bold_font.synthetic_bold = (bold, bold, True)
            self._bold = bold
        return self._bold_font


@lru_cache(maxsize=64)
def open_font(file: FontFile, lang: str = "und") -> OpenedFont:
    """An open font, kept per process: the same file, face, instance and language are opened once.

    Raises:
        FontError: see `OpenedFont`.
    """
    return OpenedFont(file, lang)


@lru_cache(maxsize=256)
def _extents(width: int, height: int) -> Any:
    return hb.RasterExtents(0, 0, width, height, width)


def _union(a: Bounds, b: Bounds) -> Bounds:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _open_face(path: str, index: int) -> Any:
    """HarfBuzz answers a broken file with an empty face, never with an error: the questions are asked here."""
    fault = sfnt_fault(path, index)
    if fault:
        raise FontError(f"{path}: {fault}", "give another file, or fetch this one again")
    face = hb.Face(hb.Blob.from_file_path(path), index)
    if face.glyph_count == 0:
        raise FontError(f"{path}: face {index} has no glyphs", "give another file, or fetch this one again")
    return face


def sfnt_fault(path: str, index: int) -> str | None:
    """What is wrong with the frame of a font file: kind, face index, tables beyond its end. None when it is sound."""
    try:
        size = Path(path).stat().st_size
        with Path(path).open("rb") as handle:
            return _frame_fault(handle, size, index)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except struct.error:
        return "is cut short: its table directory ends early"


def _frame_fault(handle: Any, size: int, index: int) -> str | None:
    tag = handle.read(4)
    start = 0
    if tag == b"ttcf":
        _, count = struct.unpack(">II", handle.read(8))
        if not 0 <= index < count:
            return f"has {count} faces, 0 to {count - 1}; there is no face {index}"
        handle.seek(12 + 4 * index)
        (start,) = struct.unpack(">I", handle.read(4))
        handle.seek(start)
        tag = handle.read(4)
    elif index != 0:
        return f"has one face, 0; there is no face {index}"
    if tag in (b"wOFF", b"wOF2"):
        return "is a web font; unpack it to TTF or OTF first"
    if tag not in (b"\0\1\0\0", b"OTTO", b"true", b"typ1"):
        return "is not a font"
    handle.seek(start + 4)
    (tables,) = struct.unpack(">H6x", handle.read(8))
    for _ in range(tables):
        name, _, offset, length = struct.unpack(">4sIII", handle.read(16))
        if offset + length > size:
            return f"is cut short: table {name.decode('latin-1').strip()!r} ends at byte {offset + length} of {size}"
    return None


def _em_split(face: Any, upem: int) -> tuple[float, float]:
    """Ascender and descender of the em box as shares of the em, one em apart.

    The typographic pair of OS/2 describes the em box in a CJK font, if it is one em high; `hhea` holds line metrics,
    which keep the proportion.
    """
    typo = _metrics(face, "OS/2", 68)
    if typo and abs(typo[0] - typo[1] - upem) <= 0.02 * upem:
        ascender = typo[0] / upem
        return ascender, typo[1] / upem
    line = _metrics(face, "hhea", 4)
    if line and line[0] > 0 >= line[1]:
        ascender = line[0] / (line[0] - line[1])
        return ascender, ascender - 1.0
    return _FALLBACK_SPLIT


def _metrics(face: Any, table: str, offset: int) -> tuple[int, int] | None:
    data = face.reference_table(table).data  # empty where there is none
    if len(data) < offset + 4:
        return None
    above, below = struct.unpack_from(">hh", data, offset)
    return above, below
