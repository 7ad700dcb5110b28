"""A source image: its header checked, decoded once, turned as its camera meant it, and cut.

Nothing is trusted: formats are named, sizes are read before pixels, and a damaged file is a reject. All lengths are
pixels; images are H x W (grey) or H x W x 3 (RGB), uint8.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import cv2
import msgspec
import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from ocrfactory.convert.metadata import without_metadata
from ocrfactory.convert.png import plain_size
from ocrfactory.encode import MAX_PIXELS
from ocrfactory.errors import Reject
from ocrfactory.sample import Image

cv: Any = cv2
warnings.filterwarnings("ignore", category=Pillow.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # a word on EXIF for every tenth photo

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
COPIED = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp"}
"""Formats whose files may be stored as they are, by the name that rows have for them."""
_ORIENTATION = 0x0112
_BACK = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
"""The orientation that undoes another."""
_FAST_FROM = 1 << 18
"""Pixels from which OpenCV's decoders pay: Pillow hands its pixels out in pieces."""


class Picture(msgspec.Struct, frozen=True):
    """A decoded image, upright."""

    pixels: Image
    flags: tuple[str, ...]
    """`exif_applied`, `size_mismatch`, `mode_converted`."""
    file: tuple[str, bytes] | None
    """(format, file without metadata): fit to be stored in place of `pixels`; None where it is not the same picture."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]


def picture_of(data: bytes, said: tuple[int, int] | None, whole: bool) -> Picture:
    """The picture in a file.

    Args:
        data: the file.
        said: width and height by the label, which tell whether its boxes count in turned pixels.
        whole: the picture itself becomes a row, so its file is wanted, too.

    Raises:
        Reject: `decode_error`, `too_large`, `image_mode`.
    """
    plain = _plain_png(data, said, whole)
    if plain is not None:
        return plain
    try:
        with Pillow.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            _refuse_large(width, height)
            turn, flags = _orientation(image, said)
            fast = not whole and width * height >= _FAST_FROM
            pixels = _decoded_fast(data, image) if fast else None
            if pixels is None:
                pixels, converted = _decoded(image)
                flags = (*flags, "mode_converted") if converted else flags
            format = COPIED.get(str(image.format))
    except UnidentifiedImageError as error:
        what = "no image of a known format" if data else "0 bytes"
        raise Reject("decode_error", what) from error
    except Pillow.DecompressionBombError as error:
        raise Reject("too_large", f"more than {MAX_PIXELS:,} pixels") from error
    except (OSError, SyntaxError, EOFError, ValueError, MemoryError) as error:
        raise Reject("decode_error", str(error) or type(error).__name__) from error
    if turn != 1:
        pixels = np.ascontiguousarray(turned(pixels, turn))
    file = None
    if whole and format and turn == 1 and "mode_converted" not in flags:
        clean = without_metadata(format, data)
        file = None if clean is None else (format, clean)
    return Picture(pixels, flags, file)


def _refuse_large(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Reject("too_large", f"{width}x{height} pixels are more than {MAX_PIXELS:,}")


def _plain_png(data: bytes, said: tuple[int, int] | None, whole: bool) -> Picture | None:
    """The common kind of PNG, in half the time; None where it is another kind of file, or damaged."""
    found = plain_size(data)
    if found is None:
        return None
    width, height, channels = found
    _refuse_large(width, height)
    kind = cv.IMREAD_GRAYSCALE if channels == 1 else cv.IMREAD_COLOR_RGB
    pixels = cv.imdecode(np.frombuffer(data, np.uint8), kind | cv.IMREAD_IGNORE_ORIENTATION)
    if pixels is None or pixels.shape[1::-1] != (width, height):
        return None
    clean = without_metadata("png", data) if whole else None
    flags = ("size_mismatch",) if said is not None and said != (width, height) else ()
    return Picture(pixels, flags, None if clean is None else ("png", clean))


def _orientation(image: Pillow.Image, said: tuple[int, int] | None) -> tuple[int, tuple[str, ...]]:
    """By which EXIF orientation its pixels are to be turned (1: not at all), and the flags of that.

    A label may count in the pixels of the file or in those of the upright picture: its size tells. Where it cannot tell
    (no size, a square, half a turn), boxes are drawn by people, on pictures that stand upright.
    """
    found = image.getexif().get(_ORIENTATION)
    orientation = found if isinstance(found, int) and 2 <= found <= 8 else 1
    if orientation == 1:
        return 1, ("size_mismatch",) if said is not None and said != image.size else ()
    stands = image.format == "TIFF"  # Pillow gives these upright, and says so of their size
    other = image.size[::-1] if orientation >= 5 else image.size
    raw, upright = (other, image.size) if stands else (image.size, other)
    if said == raw and raw != upright:
        return _BACK[orientation] if stands else 1, ()
    flags = ("exif_applied",) if said is None or said == upright else ("exif_applied", "size_mismatch")
    return 1 if stands else orientation, flags


def turned(pixels: Image, orientation: int) -> Image:
    """Pixels as EXIF orientation 1 to 8 (TIFF 6.0, tag 274) means them."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    rows = slice(None, None, -1 if orientation in (3, 4, 7, 8) else 1)
    columns = slice(None, None, -1 if orientation in (2, 3, 6, 7) else 1)
    return pixels[rows, columns]


def _decoded_fast(data: bytes, image: Pillow.Image) -> Image | None:
    """By OpenCV, in half to a third of Pillow's time; None where it may not be trusted: Pillow says what is wrong.

    OpenCV takes a JPEG that was cut off for a whole one with a grey rest, so only one with its end mark comes here.
    """
    if image.format != "JPEG" or image.mode not in ("L", "RGB") or not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        return None
    kind = cv.IMREAD_GRAYSCALE if image.mode == "L" else cv.IMREAD_COLOR_RGB
    pixels = cv.imdecode(np.frombuffer(data, np.uint8), kind | cv.IMREAD_IGNORE_ORIENTATION)
    return None if pixels is None or pixels.shape[1::-1] != image.size else pixels


def _decoded(image: Pillow.Image) -> tuple[Image, bool]:
    """L or RGB pixels, and whether they had to be converted: transparency lies on white, 16 bits become 8."""
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        return np.asarray(Pillow.alpha_composite(Pillow.new("RGBA", clear.size, "white"), clear).convert("RGB")), True
    if image.mode in ("L", "RGB"):
        return np.asarray(image), False
    if image.mode.startswith("I;16"):
        return (np.asarray(image) >> 8).astype(np.uint8), True
    if image.mode == "1":
        return np.asarray(image.convert("L")), True
    if image.mode in ("P", "CMYK", "YCbCr", "LAB", "HSV", "RGBX"):
        return np.asarray(image.convert("RGB")), True
    raise Reject("image_mode", f"mode {image.mode} has no fixed range of grey levels")
