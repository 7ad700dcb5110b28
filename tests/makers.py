"""Tiny fonts and packages for the tests: nothing is fetched and no real font is needed."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables.TupleVariation import TupleVariation

COLUMNS, ROWS = 3, 7


def make_font(
    path: Path,
    chars: str | Sequence[str],
    *,
    family: str = "Test",
    style: str = "Regular",
    blanks: str = "",
    notdef_like: str = "",
    placeholders: str = "",
    upem: int = 1000,
    fs_type: int = 0,
    licence: str = "",
    version: str = "Version 1.000",
) -> Path:
    """A glyf font in which each of `chars` has a shape of its own.

    Args:
        blanks: characters that are mapped to a glyph without an outline.
        notdef_like: characters whose outline is the outline of `.notdef`.
        placeholders: characters that share one outline, each under a glyph of its own.
        licence: text of name ID 13.
    """
    _builder(
        list(chars),
        family=family,
        style=style,
        blanks=blanks,
        notdef_like=notdef_like,
        placeholders=placeholders,
        upem=upem,
        fs_type=fs_type,
        licence=licence,
        version=version,
    ).save(path)
    return path


def make_ttc(path: Path, fonts: Sequence[Path]) -> Path:
    """A collection of the fonts of these files, in this order."""
    collection = TTCollection()
    collection.fonts = [TTFont(font) for font in fonts]
    collection.save(path)
    return path


def make_variable_font(
    path: Path,
    chars: str | Sequence[str],
    *,
    family: str = "Test Variable",
    style: str = "Regular",
    axes: Sequence[tuple[str, float, float, float]] = (("wght", 100, 400, 900),),
) -> Path:
    """A font with `axes` of (tag, least, default, most); at the end of each axis every shape is wider by a tenth."""
    fb = _builder(list(chars), family=family, style=style)
    fb.setupFvar([(tag, least, default, most, tag) for tag, least, default, most in axes], [])
    glyf = fb.font["glyf"]
    variations: dict[str, list[Any]] = {}
    for name in fb.font.getGlyphOrder():
        points = list(glyf[name].getCoordinates(glyf)[0])
        deltas = [(x // 10, 0) for x, _ in points] + [(0, 0)] * 4  # four phantom points
        variations[name] = [TupleVariation({axis[0]: (0.0, 1.0, 1.0)}, deltas) for axis in axes] if points else []
    fb.setupGvar(variations)
    fb.save(path)
    return path


def make_deb(
    path: Path, members: Mapping[str, bytes] | Sequence[tuple[tarfile.TarInfo, bytes]], *, kind: str = "xz"
) -> Path:
    """A Debian package: an `ar` archive whose `data.tar.KIND` holds `members`."""
    pairs = [(_regular(*item), item[1]) for item in members.items()] if isinstance(members, Mapping) else members
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=f"w:{kind}") as archive:  # type: ignore[call-overload]  # a computed mode
        for info, data in pairs:
            archive.addfile(info, io.BytesIO(data))
    return make_ar(path, {"debian-binary": b"2.0\n", f"data.tar.{kind}": packed.getvalue()})


def make_ar(path: Path, members: Mapping[str, bytes]) -> Path:
    """An `ar` archive as dpkg writes it: 60-byte headers, members padded to an even length."""
    parts = [b"!<arch>\n"]
    for name, data in members.items():
        parts.append(f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode())
        parts.append(data + b"\n" * (len(data) % 2))
    path.write_bytes(b"".join(parts))
    return path


def _regular(name: str, data: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    return info


def _builder(
    chars: list[str],
    *,
    family: str,
    style: str,
    blanks: str = "",
    notdef_like: str = "",
    placeholders: str = "",
    upem: int = 1000,
    fs_type: int = 0,
    licence: str = "",
    version: str = "Version 1.000",
) -> FontBuilder:
    drawn = {ord(char): _pattern(ord(char), upem) for char in chars}
    drawn |= {ord(char): TTGlyphPen(None).glyph() for char in blanks}
    drawn |= {ord(char): _box(upem) for char in notdef_like}
    drawn |= {ord(char): _pattern(0, upem) for char in placeholders}
    glyphs = {".notdef": _box(upem)} | {f"u{code:05X}": drawn[code] for code in sorted(drawn)}
    fb = FontBuilder(upem, isTTF=True)
    fb.setupGlyphOrder(list(glyphs))
    fb.setupCharacterMap({code: f"u{code:05X}" for code in drawn})
    fb.setupGlyf(glyphs)
    fb.setupHorizontalMetrics({name: (upem, getattr(glyph, "xMin", 0)) for name, glyph in glyphs.items()})
    fb.setupHorizontalHeader(ascent=upem * 88 // 100, descent=-(upem * 12 // 100))
    names = {
        "familyName": family,
        "styleName": style,
        "fullName": f"{family} {style}",
        "psName": f"{family}-{style}".replace(" ", ""),
        "version": version,
    }
    fb.setupNameTable(names | ({"licenseDescription": licence} if licence else {}))
    fb.setupOS2(sTypoAscender=upem * 88 // 100, sTypoDescender=-(upem * 12 // 100), fsType=fs_type)
    fb.setupPost()
    # Same input, same bytes: hashes of made fonts must not depend on the clock.
    fb.font["head"].created = fb.font["head"].modified = 3_600_000_000
    fb.font.recalcTimestamp = False
    return fb


def _pattern(code: int, upem: int) -> Any:
    """A bar at the left and one square for each bit of the code point: no two characters look alike."""
    unit = upem // 10
    pen = TTGlyphPen(None)
    _rectangle(pen, unit, 0, 2 * unit, 7 * unit)
    for bit in range(COLUMNS * ROWS):
        if code >> bit & 1:
            x, y = (3 + 2 * (bit % COLUMNS)) * unit, bit // COLUMNS * unit
            _rectangle(pen, x, y + unit // 10, x + unit, y + unit * 9 // 10)
    return pen.glyph()


def _box(upem: int) -> Any:
    pen = TTGlyphPen(None)
    _rectangle(pen, upem // 10, 0, upem * 9 // 10, upem * 8 // 10)
    return pen.glyph()


def _rectangle(pen: TTGlyphPen, left: int, bottom: int, right: int, top: int) -> None:
    pen.moveTo((left, bottom))
    for point in ((left, top), (right, top), (right, bottom)):
        pen.lineTo(point)
    pen.closePath()
