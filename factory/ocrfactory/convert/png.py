"""The headers of a PNG, walked without decoding: whether it is the plain kind that small crops are delivered as."""

from __future__ import annotations

import struct

from isal import isal_zlib

from ocrfactory.encode import MAX_PIXELS
from ocrfactory.errors import Reject

_Damaged: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub calls the class an instance
_CHUNK = struct.Struct(">I4s")
_IHDR = struct.Struct(">IIBBBBB")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type."""
_HARMLESS = (b"pHYs", b"gAMA", b"sRGB", b"cHRM", b"iCCP", b"tIME", b"bKGD", b"sBIT")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_ABOUT_EXIF = (b"Raw profile", b"XML:com.ado")
"""Beginnings of the keywords under which EXIF and XMP lie in texts."""


def plain_size(data: bytes) -> tuple[int, int, int] | None:
    """Width, height and channels of a PNG of 8-bit grey or RGB; None where it is anything else.

    Anything else: too large, interlaced, with transparency, a palette or EXIF, animated, cut off; or no PNG. The
    checksums of the chunks are left to the decoder.

    Raises:
        Reject: `decode_error`: its rows are not all there, of which decoders make a picture with a black rest.
    """
    if not data.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") or len(data) < 45:
        return None
    width, height, depth, colour, _, _, interlaced = _IHDR.unpack_from(data, 16)
    if colour not in _CHANNELS or interlaced or width * height > MAX_PIXELS:
        return None
    channels = _CHANNELS[colour]
    plain = depth == 8 and colour in (0, 2)
    at, end, packed = 33, len(data) - 12, []
    while at <= end:
        size, kind = _CHUNK.unpack_from(data, at)
        if kind == b"IDAT":
            packed.append(data[at + 8 : at + 8 + size])
        elif kind == b"IEND":
            _refuse_torn(packed, height * (1 + (width * channels * depth + 7) // 8))
            return (width, height, channels) if plain else None
        elif kind not in _HARMLESS and not (kind in _TEXTS and data[at + 8 : at + 19] not in _ABOUT_EXIF):
            plain = False
        at += 12 + size
    return None


def _refuse_torn(packed: list[bytes], size: int) -> None:
    """There must be exactly `size` bytes of rows; a bomb is not unpacked any further."""
    unpack = isal_zlib.decompressobj()
    try:
        found = len(unpack.decompress(packed[0] if len(packed) == 1 else b"".join(packed), size + 1))
    except _Damaged as error:
        raise Reject("decode_error", f"its pixels cannot be unpacked: {error}") from error
    if found < size:
        raise Reject("decode_error", f"{found:,} of {size:,} bytes of its rows are there")
