"""Samples to augment: lines, vertical lines and glyphs, drawn with a made font, with exact outlines and masks."""

from functools import lru_cache

import cv2
import numpy as np
import pytest
from ocrfactory.fonts.face import FontFile
from ocrfactory.fonts.opened import open_font
from ocrfactory.sample import Outline, Sample

from tests.makers import make_font

CHARS = "가각간갇갈감갑값갓강개객거건걸검겁게겨격견결경계고곡"


def hull(ink):
    """The convex hull of all pixels that have ink: (n, 2)."""
    rows, columns = np.nonzero(ink)
    corners = [np.stack([columns + dx, rows + dy], axis=1) for dx in (0, 1) for dy in (0, 1)]
    return cv2.convexHull(np.concatenate(corners).astype(np.float32)).reshape(-1, 2)


@lru_cache(maxsize=32)
def draw(font, text, em, vertical, margin, glyph):
    """Pictures of each character alone, 255 is ink, all on the canvas of the whole text; and their hulls."""
    side = em + 2 * margin
    length = em * len(text) + 2 * margin
    height, width = (side, side) if glyph else (length, side) if vertical else (side, length)
    layers = []
    for number, char in enumerate(text):
        x = margin + (0 if vertical or glyph else number * em)
        y = margin + (number * em if vertical else 0)
        run = font.shape(char)
        layers.append(font.raster(run, em / font.upem, x, height - y - 0.85 * em, width, height))
    return layers, [hull(layer) for layer in layers]


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    """An open font that draws `CHARS`."""
    path = make_font(tmp_path_factory.mktemp("fonts") / "augment.ttf", CHARS)
    return open_font(FontFile(str(path), 0, "", "Test", "Regular"))


@pytest.fixture(scope="session")
def line(opened):
    """Makes a sample: `line(text, vertical=False, glyph=False, colour=False, masks=False, em=40, margin=4, **fields)`.

    `only=3` leaves all ink out but that of character 3; outlines and boxes stay those of the whole text.
    """

    def make(
        text=CHARS[:8], *, vertical=False, glyph=False, colour=False, masks=False, em=40, margin=4, only=None, **fields
    ):
        layers, hulls = draw(opened, text[:1] if glyph else text, em, vertical, margin, glyph)
        image = np.invert(np.max(layers, axis=0) if only is None else layers[only])
        mask = np.zeros(image.shape, np.uint16)
        for number, layer in enumerate(layers, 1):
            mask[layer > 127] = number
        known = {
            "text": text[:1] if glyph else text,
            "image": np.stack([image] * 3, axis=2) if colour else image,
            "kind": "glyph" if glyph else "line",
            "origin": "font",
            "seed": 1,
            "license": "OFL-1.1",
            "direction": "ttb" if vertical else "ltr",
            "font_size_px": float(em),
            "char_boxes": tuple(float(side) for one in hulls for side in (*one.min(0), *one.max(0))),
            "outline": Outline(tuple((one, 0.0, 0.0) for one in hulls), (1,) * len(hulls)),
            "mask": mask if masks else None,
            "ground": 255,
            "margin": float(margin),
        }
        sample = Sample(**{**known, **fields})
        sample.image.setflags(write=False)
        return sample

    return make
