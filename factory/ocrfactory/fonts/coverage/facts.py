"""What one font file really draws: a verdict for every code point that it maps. The cmap alone is not believed.

A character is drawn if the shaped run has no glyph 0, leaves ink, and is neither the shape of `.notdef` nor a
placeholder that many characters share. All of it is judged on drawn pixels, so an outline or a box that lies is found.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from ocrfactory.charset.groups import class_group, is_blank
from ocrfactory.fonts.opened import OpenedFont, Run

REASONS = ("drawn", "unmapped", "blank", "notdef", "placeholder", "ink", "sequence", "quarantined")
"""Verdicts, by number. All but the first are reasons for a hole."""
DRAWN, UNMAPPED, BLANK, NOTDEF, PLACEHOLDER, INK, SEQUENCE, QUARANTINED = range(len(REASONS))

VERSION = 2
"""Raised when a rule changes, so that older cached facts are not believed."""

EM, CANVAS = 64, 112
"""Pixels an em, and of the canvas, which leaves room for what overhangs."""
LEAST_INK, MOST_INK = 0.003, 0.70
"""Share of the em box that a Han, Hangul or kana character covers."""
SCRIPTS = ("han", "hangul", "kana")
SHARED_BY, GLYPHS = 12, 6
"""A picture is a placeholder if this many characters share it under this many glyphs. Lower thresholds hit twins:
compatibility ideographs, radicals and jamo come in groups of up to six."""
SUBSTITUTES = 12
"""So many different placeholders, on half of what is drawn of a script: the font draws something else in its place
throughout. Guseul sets the Korean reading for each ideograph, and most readings have fewer than twelve."""


class FontFacts(msgspec.Struct, frozen=True):
    """The verdict on every mapped code point of one font file."""

    code_points: bytes
    """uint32, sorted."""
    verdicts: bytes
    """uint8, numbers in `REASONS`."""
    quarantine: str | None = None
    """Why the font must not be opened; then nothing is mapped."""

    @property
    def whole(self) -> bool:
        """Whether each code point has a verdict that is one; a file on a disk may have rotted."""
        counts = len(self.code_points), 4 * len(self.verdicts)
        return counts[0] == counts[1] and (not self.verdicts or max(self.verdicts) < len(REASONS))

    def verdict_of(self, code_points: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Verdicts for an array of code points."""
        if self.quarantine is not None:
            return np.full(len(code_points), QUARANTINED, np.uint8)
        known, verdicts = self.counted()
        if not len(known):
            return np.full(len(code_points), UNMAPPED, np.uint8)
        at = np.minimum(np.searchsorted(known, code_points), len(known) - 1)
        return np.where(known[at] == code_points, verdicts[at], UNMAPPED).astype(np.uint8)

    def counted(self) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
        """Code points and verdicts as arrays."""
        return np.frombuffer(self.code_points, np.uint32), np.frombuffer(self.verdicts, np.uint8)


def quarantined(reason: str) -> FontFacts:
    """The facts of a font that nobody may open."""
    return FontFacts(b"", b"", reason)


def examine(font: OpenedFont) -> FontFacts:
    """Draw every mapped code point once and judge it. About a second for a large font."""
    chars = [chr(code) for code in sorted(font.face.unicodes) if not 0xD800 <= code < 0xE000]
    runs = [font.shape(char) for char in chars]
    notdef = fingerprint(font, Run(((0, 0, 0),), 0, (0,)))[0]
    seen = [fingerprint(font, run) for run in runs]
    verdicts = np.array(
        [_judge(char, run, *look, notdef) for char, run, look in zip(chars, runs, seen, strict=True)], np.uint8
    )
    pictures = np.array([picture for picture, _ in seen], np.uint64)
    glyphs = np.array([run.glyphs[0][0] if run.glyphs else 0 for run in runs], np.int64)
    groups = np.array([class_group(char) for char in chars])
    blank = np.array([is_blank(char) for char in chars], bool)
    verdicts[_shared(pictures, glyphs, np.flatnonzero((verdicts == DRAWN) & ~blank))] = PLACEHOLDER
    for script in SCRIPTS:
        members = np.flatnonzero((groups == script) & np.isin(verdicts, (DRAWN, PLACEHOLDER)) & ~blank)
        placeholders = members[verdicts[members] == PLACEHOLDER]
        if len(np.unique(pictures[placeholders])) >= SUBSTITUTES and 2 * len(placeholders) >= len(members):
            verdicts[members] = PLACEHOLDER
    return FontFacts(np.array([ord(char) for char in chars], np.uint32).tobytes(), verdicts.tobytes())


def fingerprint(font: OpenedFont, run: Run) -> tuple[int, float]:
    """A hash of the drawn picture, its place included, and its ink as a share of the em box."""
    edge = (CANVAS - EM) / 2
    picture = font.raster(run, EM / font.upem, edge, edge - font.descender * EM, CANVAS, CANVAS)
    ink = int(picture.sum(dtype=np.uint32)) / (255 * EM * EM)
    return xxh3_64_intdigest(picture.data), ink


def _judge(char: str, run: Run, picture: int, ink: float, notdef: int) -> int:
    if not run.glyphs or any(glyph[0] == 0 for glyph in run.glyphs):
        return NOTDEF
    if ink == 0:
        return DRAWN if is_blank(char) else BLANK
    if is_blank(char):
        return INK
    if picture == notdef:
        return NOTDEF
    if class_group(char) in SCRIPTS and not LEAST_INK <= ink <= MOST_INK:
        return INK
    return DRAWN


def _shared(pictures: NDArray[np.uint64], glyphs: NDArray[np.int64], candidates: NDArray[np.intp]) -> NDArray[np.intp]:
    """The candidates whose picture too many others share."""
    _, groups, counts = np.unique(pictures[candidates], return_inverse=True, return_counts=True)
    found = [np.zeros(0, np.intp)]
    for group in np.flatnonzero(counts >= SHARED_BY).tolist():
        members = candidates[groups == group]
        if len(np.unique(glyphs[members])) >= GLYPHS:
            found.append(members)
    return np.concatenate(found)
