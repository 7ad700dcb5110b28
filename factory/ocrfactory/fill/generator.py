"""What a generator is: pictures of characters in, the same characters in another style out.

Every engine and every user's own model is one of these, so nothing else in `fill` knows which library draws.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from ocrfactory.sample import Image

Style = npt.NDArray[np.float32]
"""What a generator makes of reference glyphs, in a shape of its own: a vector, or the pictures themselves."""


class Generator(Protocol):
    """Draws characters in a style. Pictures are ink: uint8, 255 where the ink is full."""

    id: str
    """The `generator_id` column: a name, and the first 16 hex digits of the weights' SHA-256."""
    size: int
    """Side of content, references and output in pixels."""
    channels: int
    """Content pictures of one character, 1 or 2: a song-like design, and a kai-like one or zeros."""
    references: int
    """Reference glyphs that a style is made of; 0 where the model knows its styles by name."""

    def style(self, references: Image, name: str | None = None) -> Style:
        """The style of reference glyphs, (references, size, size).

        Args:
            references: glyphs of the target face, ink; (0, size, size) where `references` is 0.
            name: the id of the target face, for models that know their styles by name; others pay it no heed.
        """
        ...

    def draw(self, content: npt.NDArray[np.uint8], styles: Style) -> npt.NDArray[np.uint8]:
        """Characters in their styles: content (N, channels, size, size), styles (N, ...), to ink (N, size, size).

        The picture of a character does not depend on what else is in the batch, up to one grey level.
        """
        ...
