"""Pictures of the user's as ground: found and hashed when planning, read in the worker when one is needed."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from ocrfactory.augment.mixing import grey, scaled
from ocrfactory.encode import MAX_PIXELS
from ocrfactory.errors import InputError, Reject
from ocrfactory.sample import Image

cv: Any = cv2

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
MAX_BYTES = 512 << 20
KEPT_SIDE = 2048
"""Pixels: larger pictures are kept smaller, which no crop of a line's height will miss."""
CACHE_BYTES = 128 << 20
PREFIX = 16
"""Hex digits of a hash that a record keeps."""


class File(msgspec.Struct, frozen=True):
    """One background."""

    name: str
    """Path below the folder, with `/`."""
    path: str
    sha256: str


class Found(msgspec.Struct, frozen=True):
    """What a folder holds."""

    files: tuple[File, ...]
    notes: tuple[str, ...] = ()

    @property
    def facts(self) -> list[list[str]]:
        """Name and hash of each file: what a plan depends on."""
        return [[file.name, file.sha256] for file in self.files]


def settle_backgrounds(folder: str, base: Path | None = None) -> Found:
    """The pictures in a folder and below it, by name; each is decoded once, so that a broken one is known now.

    Raises:
        InputError: no such folder, or no picture in it that can be read.
    """
    root = (base or Path()) / Path(folder).expanduser()
    if not root.is_dir():
        raise InputError(f"{folder}: no such folder of backgrounds", "give a folder that holds pictures")
    names = sorted(_names(root))
    if not names:
        raise InputError(f"{folder}: no pictures", f"known are {', '.join(SUFFIXES)}")
    files, broken = [], []
    for name in names:
        path = root / name
        try:
            data = _read(path)
            _decoded(data)
            files.append(File(name, str(path.absolute()), sha256(data).hexdigest()))
        except ValueError as error:
            broken.append(f"{name}: {error}")
    counted = f"{len(broken)} of {len(names)} files in {folder} cannot be read: "
    if not files:
        raise InputError(counted + "; ".join(broken[:5]), "give a folder that holds pictures")
    return Found(tuple(files), (counted + "; ".join(broken),) if broken else ())


def _names(root: Path) -> Iterator[str]:
    for path in root.rglob("*"):
        name = path.relative_to(root)
        if path.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in name.parts):
            yield name.as_posix()


def _read(path: Path) -> bytes:
    """The bytes of a regular file; ValueError where there is none, or it is too large."""
    try:
        if not path.is_file():
            raise ValueError("no regular file")
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from error


def _decoded(data: bytes) -> Image:
    """RGB pixels, turned as EXIF says, transparency on white. ValueError says what is wrong; no path is in it."""
    try:
        with Pillow.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"{image.width}x{image.height} pixels are more than {MAX_PIXELS}")
            image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
            turned = ImageOps.exif_transpose(image)
            if turned.has_transparency_data:
                clear = turned.convert("RGBA")
                turned = Pillow.alpha_composite(Pillow.new("RGBA", clear.size, "white"), clear)
            pixels = np.asarray(turned.convert("RGB"))
    except UnidentifiedImageError as error:
        raise ValueError("no picture of a known format") from error
    except (OSError, SyntaxError, EOFError, Pillow.DecompressionBombError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return _at_most(pixels, KEPT_SIDE)


def _at_most(pixels: Image, side: int) -> Image:
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv.resize(pixels, size, interpolation=cv.INTER_AREA)  # type: ignore[no-any-return]


_cache: OrderedDict[tuple[str, str, bool], Image] = OrderedDict()


def pixels_of(files: tuple[File, ...], name: str, prefix: str, colour: bool) -> Image:
    """The pixels of a recorded background, RGB or grey. Those used last are kept, `CACHE_BYTES` of them.

    Raises:
        Reject: `background_changed`: the file is gone, or is not the planned one.
    """
    file = next((file for file in files if file.name == name and file.sha256.startswith(prefix)), None)
    if file is None:
        raise Reject("background_changed", f"{name} is not among the planned backgrounds")
    key = file.path, file.sha256, colour
    if key not in _cache:
        _cache[key] = _checked(file) if colour else grey(_checked(file))
        while len(_cache) > 1 and sum(image.nbytes for image in _cache.values()) > CACHE_BYTES:
            _cache.popitem(last=False)
    _cache.move_to_end(key)
    return _cache[key]


def _checked(file: File) -> Image:
    try:
        data = _read(Path(file.path))
        if sha256(data).hexdigest() != file.sha256:
            raise ValueError("its bytes are not the planned ones")
        return _decoded(data)
    except ValueError as error:
        raise Reject("background_changed", f"{file.name}: {error}") from error


def crop(pixels: Image, width: int, height: int, scale: float, x: float, y: float) -> Image:
    """A part of the shape `width` x `height`, resampled to that size.

    Args:
        scale: of the largest part of that shape, 0..1.
        x: where it lies, 0 at the left and 1 at the right; `y` the same from the top.
    """
    whole_height, whole_width = pixels.shape[:2]
    zoom = min(whole_width / width, whole_height / height) * scale
    part_width, part_height = max(1, round(width * zoom)), max(1, round(height * zoom))
    left, top = round((whole_width - part_width) * x), round((whole_height - part_height) * y)
    part = pixels[top : top + part_height, left : left + part_width]
    kind = cv.INTER_AREA if zoom > 2 else cv.INTER_LINEAR  # four times as fast, and up to 2 no pixel is skipped
    return cv.resize(part, (width, height), interpolation=kind)  # type: ignore[no-any-return]


def calmed(picture: Image, low: float, high: float, most: float) -> Image:
    """A picture whose luma, but for the outer 5 % at each end, lies between two levels.

    Args:
        most: half the largest spread that is left. Contrast is lowered no more than needed, and brightness is moved as
            little as can be.
    """
    dark, light = _spread(grey(picture))
    spread = max(light - dark, 1.0)
    factor = min(1.0, 2 * most / spread, (high - low) / spread)
    middle, half = (dark + light) / 2, spread * factor / 2
    wanted = min(max(middle, low + half), high - half)
    if factor == 1.0 and abs(wanted - middle) < 0.5:
        return picture
    return scaled(picture, factor, wanted - factor * middle)


def _spread(image: Image) -> tuple[float, float]:
    """The levels that 5 % of the pixels lie below and above."""
    counts = np.cumsum(cv.calcHist([image], [0], None, [256], [0, 256]))
    return tuple(np.searchsorted(counts, (0.05 * image.size, 0.95 * image.size)).tolist())
