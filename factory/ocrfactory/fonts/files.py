"""Faces of fonts that are given as files or folders: which face of a collection, which instance of a variable font."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ocrfactory.errors import FontError
from ocrfactory.fonts import locate, names
from ocrfactory.fonts.face import Face

Log = Callable[[str], None]

_LANGS = {"tw": "zh-Hant", "hk": "zh-Hant-HK", "jp": "ja", "kr": "ko", "cn": "zh-Hans"}
_WORDS = {"tw": {"TW", "TC"}, "hk": {"HK"}, "jp": {"JP", "JA"}, "kr": {"KR"}, "cn": {"CN", "SC"}}

LOCALES = tuple(_LANGS)


def below(text: str, base: Path | None) -> str:
    """A relative path below `base` if something lies there, else as it is: relative to the current folder."""
    if base is None or not text:
        return text
    moved = base / text
    return str(moved) if locate.exists(moved) else text


def split_spec(spec: str, base: Path | None = None) -> tuple[str, str | None, names.Variation]:
    """`x.ttc#3@wght=700` as path, face and instance. A file whose name holds # or @ is taken as it is.

    Raises:
        FontError: what follows the @ is no list of AXIS=NUMBER.
    """
    whole = below(spec, base)
    if locate.exists(whole):
        return whole, None, ()
    variation: list[tuple[str, float]] = []
    head, at, tail = spec.rpartition("@")
    if at and "=" in tail:
        for part in tail.split(","):
            match = re.fullmatch(r"\s*([ -~]{1,4})=(-?\d+(?:\.\d+)?)\s*", part)
            if match is None:
                raise FontError(f"{spec!r}: {part!r} is no AXIS=NUMBER", "write x.ttf@wght=700,wdth=90")
            variation.append((match[1], float(match[2])))
        spec = head
        if len({tag for tag, _ in variation}) < len(variation):
            raise FontError(f"{spec!r}: an axis is given twice")
    whole = below(spec, base)
    if not locate.exists(whole) and "#" in spec:
        path, _, face = spec.rpartition("#")
        return below(path, base), face, tuple(variation)
    return whole, None, tuple(variation)


def face_of_file(
    path: Path | str, face: str | int | None, variation: names.Variation, locale: str | None, log: Log
) -> Face:
    """One face of a font file.

    Args:
        face: an index or a face's name; without it a collection gives the face that matches `locale`, else the first.

    Raises:
        FontError: the file is no readable font, or has no such face or instance.
    """
    count = names.face_count(path)
    if face is None:
        index = 0 if count == 1 else _face_for_locale(path, locale, log)
    elif isinstance(face, int) or re.fullmatch(r"\d{1,9}", face):
        index = int(face)
    else:
        index = _face_by_name(path, face)
    return plain_face(path, index, variation, locale, count)


def plain_face(path: Path | str, index: int, variation: names.Variation, locale: str | None, count: int) -> Face:
    """The face with this index, under the id that its file's name gives it."""
    file = names.describe(path, index, variation)
    id = Path(path).stem + (f"#{index}" if count > 1 else "")
    if file.variation:
        id += "@" + ",".join(f"{tag}={value:g}" for tag, value in file.variation)
    return Face(id=id, files=(file,), lang=_LANGS.get(locale or "", "und"), licence=names.licence_of(path, index))


def faces_of_file(path: Path | str, locale: str | None = None) -> list[Face]:
    """Every face of a font file.

    Raises:
        FontError: the file is no readable font.
    """
    count = names.face_count(path)
    return [plain_face(path, index, (), locale, count) for index in range(count)]


def faces_of_folder(folder: Path | str, locale: str | None, log: Log) -> list[Face]:
    """Every face of every font in a folder, sorted by path; a file that is no readable font is named in the log.

    Raises:
        FontError: the folder holds no readable font.
    """
    faces: list[Face] = []
    unreadable = 0
    for path in locate.font_files(Path(folder)):
        try:
            faces += faces_of_file(path, locale)
        except FontError as error:
            unreadable += 1
            log(f"warning: skipped: {error.message}")
    if not faces:
        seen = f"{unreadable} unreadable" if unreadable else "no .ttf, .otf, .ttc or .otc file"
        raise FontError(f"{folder}: no font in this folder ({seen})")
    return faces


def faces_by_family(family: str, folders: list[Path], locale: str | None, log: Log) -> list[Face]:
    """The face of the installed font that is called so, or nothing. Names in every language count, case does not.

    Of several styles the regular one is taken, and the log names the others.
    """
    wanted = " ".join(family.split()).casefold()
    hits: dict[tuple[str, int], names.FaceName] = {}
    for path in dict.fromkeys(path for folder in folders for path in locate.font_files(folder)):
        try:
            for index in range(names.face_count(path)):
                if wanted in {name.casefold() for name in names.family_names(path, index)}:
                    hits[str(path), index] = names.faces_of(path)[index]
        except FontError:
            continue  # the user named a family, not this file
    if not hits:
        return []
    best = min(hits, key=lambda hit: _plainness(hits[hit], wanted))  # of equals the first
    others = sorted({f"{hits[hit].full_name}" for hit in hits} - {hits[best].full_name})
    if others:
        log(f"{family}: {hits[best].full_name} of {best[0]}; also there: {', '.join(others)}")
    path_text, index = best
    return [plain_face(path_text, index, (), locale, names.face_count(path_text))]


def _plainness(face: names.FaceName, wanted: str) -> int:
    if face.full_name.casefold() == wanted:
        return 0
    return 1 if face.style.casefold() in {"regular", "normal", "book", "roman", ""} else 2


def _face_for_locale(path: Path | str, locale: str | None, log: Log) -> int:
    faces = names.faces_of(path)
    says = ", ".join(f"#{face.face} {face.full_name}" for face in faces)
    if locale is None:
        log(f"{path}: face #0 of {len(faces)} is taken; choose with --locale or {path}#N: {says}")
        return 0
    words = _WORDS[locale]
    fits = [face for face in faces if words & set(re.split(r"[^A-Z0-9]+", face.full_name.upper()))]
    if not fits:
        log(f"{path}: no face is named for locale {locale}: face #0 is taken; choose with {path}#N: {says}")
        return 0
    if len(fits) > 1:
        others = ", ".join(f"#{face.face} {face.full_name}" for face in fits[1:])
        log(f"{path}: face #{fits[0].face} {fits[0].full_name} is taken for locale {locale}; others: {others}")
    return fits[0].face


def _face_by_name(path: Path | str, name: str) -> int:
    faces = names.faces_of(path)
    wanted = " ".join(name.split()).casefold()
    for face in faces:
        if wanted in {face.full_name.casefold(), face.family.casefold(), f"{face.family} {face.style}".casefold()}:
            return face.face
    says = ", ".join(f"#{face.face} {face.full_name}" for face in faces)
    raise FontError(f"{path}: no face is called {name!r}", f"its faces: {says}")
