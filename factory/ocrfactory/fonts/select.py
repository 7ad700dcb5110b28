"""What `--font` means: packs, faces of packs, files, folders and family names become faces.

A pack or one of its faces is meant before a file of the same name; `./ko` is the file.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from ocrfactory.errors import FontError
from ocrfactory.fonts import files, locate
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.install import Log, install, to_stderr
from ocrfactory.fonts.packs import Pack, load_pack, pack_names


class Selection(NamedTuple):
    """The faces that were asked for, in the order of the words."""

    faces: list[Face]
    charset: str | None
    """What the packs among the words draw by default, joined with `+`; None where only fonts were given."""
    missing: list[str]
    """Faces of packs that could not be had, as PACK/ID."""


@dataclass(frozen=True)
class _Asked:
    """How to look: the options that all words share."""

    base: Path | None
    locale: str | None
    font_dirs: Sequence[Path | str]
    offline: bool
    allow_missing: bool
    allow_unpinned: bool
    with_extra: bool
    face_index: int | None
    log: Log


def select_faces(
    specs: Sequence[str],
    *,
    base: Path | None = None,
    locale: str | None = None,
    font_dirs: Sequence[Path | str] = (),
    offline: bool = False,
    allow_missing: bool = False,
    allow_unpinned: bool = False,
    with_extra: bool = False,
    face_index: int | None = None,
    log: Log = to_stderr,
) -> Selection:
    """The faces that `specs` name, each once, with ids that are unique.

    Args:
        specs: `tcc`, `uming`, `tcc/uming`, `my-pack.yaml`, `x.ttf`, `x.ttc#3`, `x.ttc#Face Name`,
            `x.ttf@wght=700,wdth=90`, a folder, or the family name of a font of this machine.
        base: where relative paths are looked for before the current folder: a recipe means what lies beside it.
        locale: `tw`, `hk`, `jp`, `kr` or `cn`: which face of a collection, and the language of fonts given by path.
        with_extra: a pack gives its extra faces too.
        face_index: the face of collections that are given without one.

    Raises:
        FontError: a word means nothing, or what it means cannot be had.
    """
    if locale is not None and locale not in files.LOCALES:
        raise FontError(f"no locale is called {locale!r}", f"known: {', '.join(files.LOCALES)}")
    asked = _Asked(base, locale, font_dirs, offline, allow_missing, allow_unpinned, with_extra, face_index, log)
    faces: list[Face] = []
    charsets: list[str] = []
    missing: list[str] = []
    for spec in specs:
        chosen = _pack_and_need(spec, asked)
        if chosen is None:
            faces += _plain(spec, asked)
            continue
        pack, need = chosen
        got = _installed(pack, need, asked)
        faces += got
        wanted = [face.id for face in pack.faces if face.id in need or face.need in need]
        missing += [f"{pack.name}/{id}" for id in wanted if id not in {face.id for face in got}]
        charsets += [pack.charset] if pack.charset else []
    if not faces:
        raise FontError(
            "no font was found" if specs else "no font was given", "give --font: a pack, a file or a folder"
        )
    return Selection(_unique(faces), "+".join(dict.fromkeys(charsets)) or None, list(dict.fromkeys(missing)))


def _installed(pack: Pack, need: tuple[str, ...], asked: _Asked) -> list[Face]:
    return install(
        pack,
        font_dirs=asked.font_dirs,
        offline=asked.offline,
        allow_missing=asked.allow_missing,
        allow_unpinned=asked.allow_unpinned,
        need=need,
        log=asked.log,
    )


def _pack_and_need(spec: str, asked: _Asked) -> tuple[Pack, tuple[str, ...]] | None:
    """The pack that a word means, and which of its faces; None where it means no pack."""
    whole = ("core", "extra") if asked.with_extra else ("core",)
    known = pack_names()
    if spec in known or spec.endswith((".yaml", ".yml")):
        return _pack(spec, known, asked), whole
    name, slash, id = spec.rpartition("/")
    if slash and (name in known or name.endswith((".yaml", ".yml"))):
        return _pack(name, known, asked), (id,)
    if slash:
        return None
    owner = next((pack for pack in map(load_pack, known) if pack.face(spec)), None)
    return (owner, (spec,)) if owner else None


def _pack(name: str, known: Sequence[str], asked: _Asked) -> Pack:
    if name in known:
        return load_pack(name)
    if "\0" in name:
        raise FontError(f"no font pack is called {name!r}")
    return load_pack(files.below(name, asked.base))


def _plain(spec: str, asked: _Asked) -> list[Face]:
    path_text, face, variation = files.split_spec(spec, asked.base)
    path = Path(os.path.expanduser(path_text))  # noqa: PTH111 - `Path.expanduser` raises for a user who is not there
    if locate.is_folder(path):
        if face is not None or variation:
            raise FontError(f"{spec}: a folder has no face or instance", "name one of its files")
        return files.faces_of_folder(path, asked.locale, asked.log)
    if locate.exists(path):
        chosen = asked.face_index if face is None else face
        return [files.face_of_file(path, chosen, variation, asked.locale, asked.log)]
    if path.suffix.lower() in locate.FONT_SUFFIXES or os.sep in path_text:
        hint = (asked.base and _nearest_files(asked.base / path)) or _nearest_files(path)
        raise FontError(f"{spec}: no such file or folder", hint)
    return _family(spec, asked)


def _family(spec: str, asked: _Asked) -> list[Face]:
    folders = [folder for route in locate.routes(asked.font_dirs) for folder in route.folders]
    if found := files.faces_by_family(spec, folders, asked.locale, asked.log):
        return found
    wanted = spec.casefold()
    for pack in map(load_pack, pack_names()):
        for face in pack.faces:
            if face.family.casefold() == wanted:
                return _installed(pack, (face.id,), asked)
    raise _unknown(spec)


def _unknown(spec: str) -> FontError:
    packs = [load_pack(name) for name in pack_names()]
    words = [pack.name for pack in packs] + [face.id for pack in packs for face in pack.faces]
    words += [face.family for pack in packs for face in pack.faces]
    by_case = {word.casefold(): word for word in reversed(words)}  # an id before a family that differs in case
    near = [by_case[word] for word in difflib.get_close_matches(spec.casefold(), by_case, 5, 0.6)]
    looked = "looked for a pack, a face of a pack, a file, a folder and a font family of this machine"
    hint = f"nearest: {', '.join(near)}" if near else f"packs: {', '.join(pack.name for pack in packs)}"
    return FontError(f"no font is called {spec!r}: {looked}", f"{hint}; `ocrfactory fonts list` shows all")


def _nearest_files(path: Path) -> str | None:
    try:
        there = sorted(file.name for file in path.parent.iterdir())
    except (OSError, ValueError):
        return None
    near = difflib.get_close_matches(path.name, there, 3)
    return f"nearest in {path.parent}: {', '.join(near)}" if near else None


def _unique(faces: list[Face]) -> list[Face]:
    """Each face once, by content; an id that is taken gets a number."""
    unique: dict[tuple[object, ...], Face] = {}
    for face in faces:
        unique.setdefault(tuple((file.sha256, file.index, file.variation) for file in face.files), face)
    taken: set[str] = set()
    named = []
    for face in unique.values():
        id, number = face.id, 1
        while id in taken:
            number += 1
            id = f"{face.id}-{number}"
        taken.add(id)
        named.append(face if id == face.id else msgspec.structs.replace(face, id=id))
    return named
