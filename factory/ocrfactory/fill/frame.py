"""The frame of every picture in `fill`: a character as the glyph source draws it, ink in the middle.

Content, references, training pairs and generated glyphs share it, so that a recogniser cannot tell generated from
rendered by where the ink stands.
"""

from __future__ import annotations

from collections.abc import Iterable

from ocrfactory.errors import Reject
from ocrfactory.fonts.coverage import cover
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.opened import OpenedFont, open_font
from ocrfactory.render.glyph import draw_glyph
from ocrfactory.sample import Image

FRAME = 64
"""Width and height in pixels."""
MARGIN = 4.0
"""Pixels around the em box, as the glyph source has them at this size."""


def draw_frame(font: OpenedFont, text: str, size: int = FRAME) -> Image:
    """A character that the font draws, as ink: uint8 (size, size), 255 where the ink is full.

    Args:
        size: side in pixels, for a generator that draws at another one; the margin grows with it.

    Raises:
        Reject: `clipped`, as `draw_glyph`; `blank` where no ink comes of it.
    """
    drawn = draw_glyph(font, font.shape(text), size, MARGIN * size / FRAME, "centre")
    if drawn.empty:
        raise Reject("blank", f"U+{ord(text[0]):04X} leaves no ink")
    return drawn.ink


def draw_glyphs(face: Face, texts: Iterable[str], size: int = FRAME) -> dict[str, Image]:
    """Those of the characters that a face draws and that fit the frame, each by the first file that has it.

    Raises:
        FontError: a file of the face cannot be opened any more.
    """
    texts = list(dict.fromkeys(texts))
    fonts: dict[int, OpenedFont] = {}
    found = {}
    for text, number in zip(texts, cover(face, texts).file_of.tolist(), strict=True):
        if number < 0:
            continue
        if number not in fonts:
            fonts[number] = open_font(face.files[number], face.lang)
        try:
            found[text] = draw_frame(fonts[number], text, size)
        except Reject:  # a glyph that overflows its em: others show the style as well
            continue
    return found
