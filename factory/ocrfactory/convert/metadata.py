"""Image files without their metadata (EXIF with its GPS, XMP, comments), the coded pixels untouched."""

from __future__ import annotations

import re
import struct

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""What ends coded pixels: neither a stuffed byte nor a restart."""
_JPEG_KEPT = (0xE0, 0xE2, 0xEE)
"""JFIF, the ICC profile, Adobe's colour transform: the pixels mean nothing else without them."""
_PNG_DROPPED = (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME")
_WEBP_DROPPED = (b"EXIF", b"XMP ")
_WEBP_FLAGS = 0x08 | 0x04
"""Bits of VP8X that announce EXIF and XMP."""


def without_metadata(format: str, data: bytes) -> bytes | None:
    """The file without metadata; None where its structure cannot be followed.

    Args:
        format: `jpeg`, `png` or `webp`.
    """
    try:
        return _STRIP[format](data)
    except (struct.error, IndexError):
        return None


def _jpeg(data: bytes) -> bytes | None:
    kept, at = [data[:2]], 2
    while True:
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0xD9:  # the end; what follows is no part of the picture: a second one, a film, more metadata
            return b"".join((*kept, data[at : at + 2]))
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if marker == 0xDA:  # a scan: its coded pixels go on until the next marker
            found = _MARKER.search(data, end)
            if found is None:
                return None
            end = found.start()
        if _is_picture(marker, data[at + 4 : at + 15]):
            kept.append(data[at:end])
        at = end


def _is_picture(marker: int, begins: bytes) -> bool:
    """Whether a segment decides pixels. APP2 is more than the colour profile: it points at second pictures."""
    tells = 0xE0 <= marker <= 0xEF or marker == 0xFE
    return not tells or (marker in _JPEG_KEPT and (marker != 0xE2 or begins == b"ICC_PROFILE"))


def _png(data: bytes) -> bytes | None:
    kept, at = [data[:8]], 8
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if kind not in _PNG_DROPPED:
            kept.append(data[at:end])
        at = end
        if kind == b"IEND":
            return data if sum(map(len, kept)) == len(data) else b"".join(kept)
    return None


def _webp(data: bytes) -> bytes | None:
    kept, at = [], 12
    whole = min(8 + struct.unpack_from("<I", data, 4)[0], len(data))
    while at + 8 <= whole:
        kind, size = struct.unpack_from("<4sI", data, at)
        end = at + 8 + size + (size & 1)
        chunk = data[at:end]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes((chunk[8] & ~_WEBP_FLAGS,)) + chunk[9:]
        if kind not in _WEBP_DROPPED:
            kept.append(chunk)
        at = end
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


_STRIP = {"jpeg": _jpeg, "png": _png, "webp": _webp}
