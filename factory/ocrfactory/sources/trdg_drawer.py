"""How a worker draws the rows of a source `trdg`: one call a row, with every global generator seeded and put back."""

from __future__ import annotations

import contextlib
import io
import os
import random
import unicodedata
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ocrfactory.charset.groups import is_blank
from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.compat import import_trdg
from ocrfactory.errors import Reject
from ocrfactory.rng import seed_of
from ocrfactory.sample import Image, Sample
from ocrfactory.sources.source import font_use, without_folders
from ocrfactory.sources.written import OpenedTexts, State

if TYPE_CHECKING:
    from ocrfactory.sources.trdg import Trdg

SETTINGS = (
    *("size", "skewing_angle", "random_skew", "blur", "random_blur", "background_type", "distorsion_type"),
    *("distorsion_orientation", "width", "alignment", "text_color", "orientation", "space_width"),
    *("character_spacing", "margins", "fit", "word_split", "stroke_width", "stroke_fill"),
)
"""The fields that trdg is told, under the same names."""
LEAST_CONTRAST = 16
"""Grey levels between the lightest and the darkest pixel: with less, there is nothing to read."""
LONGEST = 16_384
"""Pixels. A line of a thousand characters at a large size is a picture that no file format takes."""


class TrdgDrawer:
    """Draws rows."""

    def __init__(self, source: Trdg, state: State, seed: int) -> None:
        self.source, self.state, self.seed = source, state, seed
        self.texts = OpenedTexts(source, state)
        self.uses = [font_use(face.files[0]) for face in state.faces]
        self.generator = import_trdg().GeneratorFromStrings
        self.settings = {name: getattr(source, name) for name in SETTINGS}
        if state.pictures:
            self.settings["image_dir"] = ""

    def draw(self, rows: Sequence[int]) -> Iterator[Sample | Reject]:
        """See `Drawer`."""
        for row in rows:
            try:
                yield self._draw(row)
            except Reject as reject:
                yield reject

    def _draw(self, row: int) -> Sample:
        text, code = self.texts(row)
        _drawable_by_trdg(text)
        source = self.source
        length = (
            len(text) * (source.size + source.character_spacing) + text.count(" ") * source.space_width * source.size
        )
        if length > 4 * LONGEST:
            raise Reject("too_long", f"about {length:,} pixels long; at most {LONGEST:,}")
        face = self.state.faces[code]
        seed = seed_of(self.seed, source.name, row, text)
        image = self._picture(text, face.files[0].path, seed)
        if not is_blank(text) and int(image.max()) - int(image.min()) < LEAST_CONTRAST:
            raise Reject("blank", "the text cannot be told from its ground")
        return Sample(
            **self.texts.provenance(row, text, code),
            image=image,
            seed=seed,
            license=face.licence,
            direction="ttb" if source.orientation == 1 else "ltr",
            font=self.uses[code],
            font_size_px=float(source.size),
        )

    def _picture(self, text: str, font: str, seed: int) -> Image:
        settings = self.settings
        if self.source.width >= 0:  # trdg cuts off what does not fit, and does not say so
            natural = self._call(text, font, seed, settings | {"width": -1, "background_type": 1})
            if natural.shape[1] > self.source.width:
                raise Reject("clipped", f"{natural.shape[1]} pixels wide, in a width of {self.source.width}")
        return self._call(text, font, seed, settings)

    def _call(self, text: str, font: str, seed: int, settings: dict[str, Any]) -> Image:
        """One picture by trdg: a function of text, font, seed and settings.

        Raises:
            Reject: `trdg_none`: trdg gave no picture; `trdg_failed`: it raised an error; `too_long`.
        """
        try:
            with _seeded(seed_of(seed, "trdg")), self._sorted_pictures(), contextlib.redirect_stdout(io.StringIO()):
                generator = self.generator([text], count=1, fonts=[font], **settings)
                picture, _ = next(generator)
                if picture is None:
                    raise Reject("trdg_none", "trdg gave no picture: text and ground are too much alike")
                if max(picture.size) > LONGEST:
                    raise Reject("too_long", f"{max(picture.size)} pixels long; at most {LONGEST}")
                pixels = np.asarray(picture.convert("RGB"))
        except Reject:
            raise
        except Exception as error:  # trdg, Pillow and OpenCV raise anything; the row is rejected and counted
            what = without_folders(" ".join(str(error).split()))  # a path of this machine is nothing to publish
            raise Reject("trdg_failed", f"{type(error).__name__}: {what[:200]}") from error
        grey = bool((pixels[..., :1] == pixels[..., 1:]).all())
        return np.ascontiguousarray(pixels[..., 0] if grey else pixels)

    @contextlib.contextmanager
    def _sorted_pictures(self) -> Iterator[None]:
        """trdg lists the folder of pictures as the disk happens to; it gets the planned list instead."""
        if not self.state.pictures:
            yield
            return
        import trdg.background_generator as backgrounds

        backgrounds.os = SimpleNamespace(listdir=lambda folder: list(self.state.pictures), path=os.path)
        try:
            yield
        finally:
            backgrounds.os = os


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """The global generators start from a seed; Python's and NumPy's are then as they were. OpenCV's cannot be read."""
    cv: Any = cv2
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - trdg knows only the global ones
    random.setstate(random.Random(seed).getstate())  # noqa: S311 - the exception to rule 2: trdg takes no generator
    np.random.set_state(dict(np.random.MT19937(seed).state))  # noqa: NPY002 - as above
    cv.setRNGSeed(seed & 0x7FFF_FFFF)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002 - as above


def _drawable_by_trdg(text: str) -> None:
    """trdg sets one code point after the other, from the left."""
    if grapheme_count(text) != len(text):
        raise Reject("undrawable", "trdg draws marks, joiners and selectors apart from their base")
    if not text.isascii() and any(unicodedata.bidirectional(char) in ("R", "AL") for char in text):
        raise Reject("bidi", "trdg sets right-to-left text from the left")
