"""What a font file says about itself: faces, names, version, embedding bits, axes, licence, and its hash.

Only the directory and a few small tables are read. Whatever a hostile file makes the parser do becomes a FontError that
names the file.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ocrfactory.errors import FontError
from ocrfactory.fonts.face import FontFile

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

MAX_FONT_BYTES = 200_000_000
MAX_FACES = 256
_MAX_NAME = 200
_SFNT = (b"\x00\x01\x00\x00", b"OTTO", b"true")

Variation = Sequence[tuple[str, float]]


class FaceName(NamedTuple):
    """One face of a file by its names."""

    face: int
    """Its index, from 0."""
    full_name: str
    family: str
    style: str


class Axis(NamedTuple):
    """One axis of a variable font."""

    tag: str
    least: float
    default: float
    most: float


_hashes: dict[tuple[str, int, int], str] = {}


def sha256_of(path: Path | str) -> str:
    """SHA-256 of a file; read once per process as long as size and time of change stay.

    Raises:
        FontError: the file cannot be read.
    """
    try:
        path = Path(path).absolute()
        status = _regular(path)
        key = (str(path), status.st_size, status.st_mtime_ns)
        if key not in _hashes:
            with path.open("rb") as file:
                _hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise FontError(f"{path}: {_reason(error)}") from error
    return _hashes[key]


def face_count(path: Path | str) -> int:
    """How many faces the file holds.

    Raises:
        FontError: the file is unreadable, too large or no font.
    """
    try:
        size = _regular(Path(path)).st_size
        with Path(path).open("rb") as file:
            head = file.read(12)
    except (OSError, ValueError) as error:
        raise FontError(f"{path}: {_reason(error)}") from error
    if size > MAX_FONT_BYTES:
        raise FontError(f"{path}: {size:,} bytes is more than a font may have ({MAX_FONT_BYTES:,})")
    if head[:4] in _SFNT:
        return 1
    if head[:4] != b"ttcf" or len(head) < 12:
        raise FontError(f"{path}: not a TrueType or OpenType font", "give a .ttf, .otf, .ttc or .otc file")
    count = int(struct.unpack(">L", head[8:12])[0])
    if not 1 <= count <= MAX_FACES:
        raise FontError(f"{path}: a collection of {count:,} faces")
    return count


def faces_of(path: Path | str) -> list[FaceName]:
    """The faces of a file, by index.

    Raises:
        FontError: the file is no readable font.
    """
    faces = []
    for index in range(face_count(path)):
        with opened_tables(path, index) as font:
            faces.append(FaceName(index, _name(font, 4), _family(font), _style(font)))
    return faces


def family_names(path: Path | str, index: int) -> set[str]:
    """Every name, in every language, under which a person may know this face: families and full names.

    Raises:
        FontError: the file is no readable font.
    """
    with opened_tables(path, index) as font:
        records = [record for record in font["name"].names if record.nameID in {1, 4, 16}]
        return {_clean(record.toUnicode(errors="replace")) for record in records}


def describe(path: Path | str, index: int = 0, variation: Variation = ()) -> FontFile:
    """One face of a file, with its hash.

    Raises:
        FontError: the file is no readable font, has no such face or no such instance.
    """
    count = face_count(path)
    if not 0 <= index < count:
        have = f"the file has {count} ({_range(count)})"
        raise FontError(f"{path}: no face {index}: {have}", "`ocrfactory fonts show FILE` lists them")
    if variation:
        _check_variation(path, axes(path, index), variation)
    with opened_tables(path, index) as font:
        return FontFile(
            path=os.path.normpath(Path(path).absolute()),
            index=index,
            sha256=sha256_of(path),
            family=_family(font),
            style=_style(font),
            version=_name(font, 5).removeprefix("Version "),
            fs_type=int(font["OS/2"].fsType) if "OS/2" in font else 0,
            variation=tuple(sorted((tag, float(value)) for tag, value in variation)),
        )


def axes(path: Path | str, index: int = 0) -> list[Axis]:
    """The axes of a variable font, empty for any other.

    Raises:
        FontError: the file is no readable font.
    """
    with opened_tables(path, index) as font:
        if "fvar" not in font:
            return []
        return [
            Axis(str(axis.axisTag), float(axis.minValue), float(axis.defaultValue), float(axis.maxValue))
            for axis in font["fvar"].axes
        ]


def is_variable(path: Path | str, index: int = 0) -> bool:
    """Whether the face has axes to choose an instance by.

    Raises:
        FontError: the file is no readable font.
    """
    return bool(axes(path, index))


def licence_of(path: Path | str, index: int = 0) -> str:
    """`OFL-1.1` or `Apache-2.0` where the font's own words leave no doubt, else `LicenseRef-unknown`.

    Raises:
        FontError: the file is no readable font.
    """
    with opened_tables(path, index) as font:
        words = f"{_name(font, 13)} {_name(font, 14)}".casefold()
    if "sil open font license" in words or re.search(r"//(scripts\.sil|openfontlicense)\.org", words):
        return "OFL-1.1"
    if re.search(r"apache license,? version 2\.0|apache\.org/licenses/license-2\.0", words):
        return "Apache-2.0"
    return "LicenseRef-unknown"


@contextmanager
def opened_tables(path: Path | str, index: int) -> Iterator[TTFont]:
    """The tables of one face, read as they are asked for; any failure inside becomes a FontError."""
    from fontTools.ttLib import TTFont

    face_count(path)
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            yield font
    except FontError:
        raise
    except Exception as error:  # a broken font raises anything: struct.error, KeyError, AssertionError, RecursionError
        reason = _clean(str(error)) or type(error).__name__
        raise FontError(f"{path}: not a readable font: {reason}") from error


def _regular(path: Path) -> os.stat_result:
    """The status of a file that may be opened: a pipe or a device may never answer or never end."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise FontError(f"{path}: not a file", "give a .ttf, .otf, .ttc or .otc file")
    return status


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _check_variation(path: Path | str, known: list[Axis], variation: Variation) -> None:
    by_tag = {axis.tag: axis for axis in known}
    if not known:
        raise FontError(f"{path}: has no axes: it is not a variable font", "leave out what follows the @")
    says = ", ".join(f"{axis.tag} {axis.least:g}..{axis.most:g}" for axis in known)
    for tag, value in variation:
        axis = by_tag.get(tag)
        if axis is None:
            raise FontError(f"{path}: no axis {tag!r}", f"its axes: {says}")
        if not axis.least <= value <= axis.most:
            raise FontError(f"{path}: {tag}={value:g} is outside {axis.least:g}..{axis.most:g}", f"its axes: {says}")


def _family(font: TTFont) -> str:
    return _name(font, 16) or _name(font, 1)


def _style(font: TTFont) -> str:
    return _name(font, 17) or _name(font, 2)


def _name(font: TTFont, number: int) -> str:
    table: Any = font.get("name")
    return _clean(table.getDebugName(number) or "") if table else ""


def _clean(text: str) -> str:
    """Names come from strangers and reach terminals and manifests: no control characters, no novels."""
    kept = "".join(" " if unicodedata.category(char).startswith("C") else char for char in text)
    return " ".join(kept.split())[:_MAX_NAME]


def _range(count: int) -> str:
    return "0" if count == 1 else f"0 to {count - 1}"
