"""The headers of a PNG, walked without decoding: whether it is the plain kind that small crops are delivered as."""

from __future__ import annotations

import struct

from isal import isal_zlib

_Damaged: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub calls the class an instance
_CHUNK = struct.Struct(">I4s")
_IHDR = struct.Struct(">IIBBBBB")
MAX_UNPACKED = 200 << 20
"""Bytes of rows; larger pictures are too large anyway."""
_HARMLESS = (b"pHYs", b"gAMA", b"sRGB", b"cHRM", b"iCCP", b"tIME", b"bKGD", b"sBIT")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_ABOUT_EXIF = (b"Raw profile", b"XML:com.ado")
"""Beginnings of the keywords under which EXIF and XMP lie in texts."""


def plain_size(data: bytes) -> tuple[int, int, int] | None:
    """Width, height and channels of a whole PNG of 8-bit grey or RGB; None where it is anything else.

    Anything else: interlaced, with transparency, a palette or EXIF, animated, cut off, with too few rows (of which
    OpenCV makes a picture all the same); or no PNG. The checksums of the chunks are left to the decoder.
    """
    if not data.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") or len(data) < 45:
        return None
    width, height, depth, colour, _, _, interlaced = _IHDR.unpack_from(data, 16)
    if depth != 8 or colour not in (0, 2) or interlaced:
        return None
    channels = 1 if colour == 0 else 3
    at, end, packed = 33, len(data) - 12, []
    while at <= end:
        size, kind = _CHUNK.unpack_from(data, at)
        if kind == b"IDAT":
            packed.append(data[at + 8 : at + 8 + size])
        elif kind == b"IEND":
            whole = _unpacks_to(packed, height * (1 + width * channels))
            return (width, height, channels) if whole else None
        elif kind not in _HARMLESS and not (kind in _TEXTS and data[at + 8 : at + 19] not in _ABOUT_EXIF):
            return None
        at += 12 + size
    return None


def _unpacks_to(packed: list[bytes], size: int) -> bool:
    """Whether there are exactly `size` bytes in it; a bomb is not unpacked any further."""
    if size > MAX_UNPACKED:
        return False
    unpack = isal_zlib.decompressobj()
    try:
        return len(unpack.decompress(packed[0] if len(packed) == 1 else b"".join(packed), size + 1)) == size
    except _Damaged:
        return False
