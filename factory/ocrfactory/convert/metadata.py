"""Image files without their metadata (EXIF with its GPS, XMP, comments), the coded pixels untouched."""

from __future__ import annotations

import struct

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
        if marker == 0xFF:  # fill bytes
            at += 1
            continue
        if marker == 0xDA:  # the scan and all behind it; what follows the end mark (a second picture) goes
            end = data.rfind(b"\xff\xd9")
            return b"".join((*kept, data[at : end + 2 if end > at else None]))
        size = struct.unpack_from(">H", data, at + 2)[0]
        tells = 0xE0 <= marker <= 0xEF or marker == 0xFE
        other_use = marker == 0xE2 and data[at + 4 : at + 15] != b"ICC_PROFILE"
        if not tells or (marker in _JPEG_KEPT and not other_use):
            kept.append(data[at : at + 2 + size])
        at += 2 + size


def _png(data: bytes) -> bytes | None:
    if not any(kind in data for kind in _PNG_DROPPED):
        return data
    kept, at = [data[:8]], 8
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if kind not in _PNG_DROPPED:
            kept.append(data[at:end])
        at = end
        if kind == b"IEND":
            return b"".join(kept)
    return None


def _webp(data: bytes) -> bytes | None:
    if not any(kind in data for kind in _WEBP_DROPPED):
        return data
    kept, at = [], 12
    while at + 8 <= len(data):
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
