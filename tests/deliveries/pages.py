"""Drawing: each text is a row of cells, and each character's cell has a pattern of its own."""

from __future__ import annotations

import io
import random
import zlib

import numpy as np
from PIL import Image

from tests.deliveries.truth import Scene

CELL = 24
"""Height of a text in pixels."""
TURNS = {3: 2, 6: 1, 8: 3}
"""EXIF orientation -> quarter turns, counter-clockwise, from upright pixels to those of the file."""
INK_AT_MOST, GROUND_AT_LEAST = 60, 170


def draw(scene: Scene, rng: random.Random) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of a scene, and where its ink is; both in the pixels that its labels are in."""
    width, height = scene.size
    ground = np.full((height, width, 3), (236, 240, 244), np.uint8)
    if scene.number % 2:
        noise = np.random.Generator(np.random.PCG64(rng.randrange(2**32)))
        ground = noise.integers(GROUND_AT_LEAST + 20, 256, (height, width, 3), np.uint8)
    ink = np.zeros((height, width), bool)
    for unit in scene.units:
        if not unit.drawn or not unit.text:
            continue
        x, y, w, h = unit.box or (4, 4, width - 8, height - 8)
        drawing = cells(unit.text, unit.level, w, h)
        ink[y : y + h, x : x + w] |= drawing
    ground[ink] = (rng.randrange(50), rng.randrange(50), rng.randrange(50))
    return ground, ink


def cells(text: str, level: str, width: int, height: int) -> np.ndarray:
    """`text` as ink that touches all four sides; a character (or the whole text, at level char) is a cell."""
    units = [text] if level == "char" else list(text)
    ink = np.zeros((height, width), bool)
    ink[0, :] = ink[-1, :] = ink[:, 0] = ink[:, -1] = True
    for number, unit in enumerate(units):
        left, right = width * number // len(units), width * (number + 1) // len(units)
        if right - left < 4 or height < 4:
            continue
        bits = np.unpackbits(np.frombuffer(zlib.crc32(unit.encode()).to_bytes(4, "big"), np.uint8))[:25].reshape(5, 5)
        pattern = np.asarray(Image.fromarray(bits * 255).resize((right - left, height), Image.Resampling.NEAREST)) > 127
        ink[:, left:right] |= pattern
        ink[:, left] = True
    return ink


def encode(pixels: np.ndarray, ext: str, *, orientation: int | None = None, gps: bool = False) -> bytes:
    """An image file; `pixels` are as it lies on disk."""
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    options: dict[str, object] = {}
    if orientation or gps:
        exif = Image.Exif()
        if orientation:
            exif[0x0112] = orientation
        if gps:
            exif.get_ifd(0x8825)[1] = "N"
            exif.get_ifd(0x8825)[29] = "2021:01:09"
        options["exif"] = exif
    if ext.lower() in ("jpg", "jpeg"):
        image.save(out, "JPEG", quality=95, subsampling=0, **options)
    else:
        image.save(out, "PNG", **options)
    return out.getvalue()


def file_of(scene: Scene, rng: random.Random) -> tuple[bytes, np.ndarray]:
    """The bytes of a scene's image file, and its ink in the pixels that its labels are in."""
    pixels, ink = draw(scene, rng)
    if scene.orientation and scene.turned:
        pixels = np.ascontiguousarray(np.rot90(pixels, TURNS[scene.orientation]))
    return encode(pixels, scene.ext, orientation=scene.orientation, gps=scene.gps), ink
