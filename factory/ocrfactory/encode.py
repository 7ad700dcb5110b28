"""Pixels to image files and back; there is no other way in or out.

PNG uses filter 0 and ISA-L level 1, which takes 40 % of libdeflate's time on a line of text and as long on a glyph.
ISA-L writes the same bytes on every x86-64 processor with SSE4.2 (2008 and later), others on other architectures;
`png_fingerprint` tells them apart.
"""

from __future__ import annotations

import io
import struct
import zlib
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image as Pillow

from ocrfactory.errors import Reject
from ocrfactory.sample import Image, Sample

FORMATS = ("png", "jpeg", "webp")
MAX_PIXELS = 50_000_000


def encoder(format: str, quality: int | None = None) -> Callable[[Image], bytes]:
    """The function that encodes H x W or H x W x 3 uint8 as `format`; `quality` 1-100 is for jpeg and webp."""
    if format == "png":
        return png
    return partial(_with_opencv, extension=f".{format}", quality=90 if quality is None else quality)


class File(NamedTuple):
    """A picture as it is stored."""

    format: str
    data: bytes
    pixels: Image
    """What a reader will see."""


def file_of(sample: Sample, format: str, quality: int | None = None) -> File:
    """The file of a sample: the one it was decoded from, while that has the right format, else encoded anew.

    Args:
        format: one of `FORMATS`, or `keep`: the file it was decoded from is right whatever its format; else png.
    """
    if sample.encoded is not None and format in ("keep", sample.encoded[0]):
        return File(*sample.encoded, sample.image)
    if format in ("keep", "png"):
        return File("png", png(sample.image), sample.image)
    data = encoder(format, quality)(sample.image)
    return File(format, data, decode(data))


def mask_text(mask: NDArray[np.uint16]) -> str:
    """A mask of characters as the text of a PNG, for `attrs`: 8 bits a pixel, 16 where there are over 255 of them."""
    small = Pillow.fromarray(mask.astype(np.uint8) if mask.max(initial=0) < 256 else mask)
    data = io.BytesIO()
    small.save(data, "PNG", compress_level=1)
    return b64encode(data.getvalue()).decode()


def png(image: Image) -> bytes:
    """An 8-bit PNG, grey or RGB."""
    height, width = image.shape[:2]
    channels = 1 if image.ndim == 2 else 3
    rows, inside = _scratch(height, width * channels)
    inside[:] = image.reshape(height, width * channels)
    data = isal_zlib.compress(rows, 1)
    crc = isal_zlib.crc32(data, _IDAT_CRC)
    return b"".join(
        (_head(width, height, channels), struct.pack(">I", len(data)), b"IDAT", data, struct.pack(">I", crc), _END)
    )


def png_fingerprint() -> str:
    """What this processor's compressor makes of a fixed picture: equal where PNG files are equal, byte for byte."""
    steps = np.arange(64 * 200, dtype=np.uint32).reshape(64, 200)
    mixed = (steps * 2654435761 >> 24).astype(np.uint8)
    return f"{zlib.crc32(png(np.where(steps % 5 < 3, np.uint8(255), mixed))):08x}"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


_END = _chunk(b"IEND", b"")
_IDAT_CRC = zlib.crc32(b"IDAT")


@lru_cache(64)
def _scratch(height: int, row: int) -> tuple[Image, Image]:
    """Rows to compress, each behind the byte of filter 0, and the view of them without it. Used again and again."""
    rows = np.zeros((height, row + 1), np.uint8)
    return rows, rows[:, 1:]


@lru_cache(4096)
def _head(width: int, height: int, channels: int) -> bytes:
    colour = 0 if channels == 1 else 2
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))


def _with_opencv(image: Image, extension: str, quality: int) -> bytes:
    import cv2  # a tenth of a second that a PNG build does not pay

    flag = cv2.IMWRITE_JPEG_QUALITY if extension == ".jpeg" else cv2.IMWRITE_WEBP_QUALITY
    bgr: Any = image if image.ndim == 2 else image[:, :, ::-1]
    done, data = cv2.imencode(extension, np.ascontiguousarray(bgr), [flag, quality])
    if not done:
        raise Reject("not_encoded", f"{image.shape[1]}x{image.shape[0]} as {extension[1:]}")
    return bytes(data)


def decode(data: bytes) -> Image:
    """The pixels of an encoded row: H x W for mode L, H x W x 3 for RGB.

    Raises:
        ValueError: not one of our formats, another mode, too many pixels, EXIF, or damaged.
    """
    try:
        with Pillow.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"{image.width}x{image.height} pixels are more than {MAX_PIXELS}")
            if image.mode not in ("L", "RGB"):
                raise ValueError(f"mode {image.mode}, not L or RGB")
            if image.getexif():
                raise ValueError("carries EXIF data")
            return np.asarray(image)
    except (OSError, SyntaxError, Pillow.DecompressionBombError) as error:
        raise ValueError(str(error)) from error
