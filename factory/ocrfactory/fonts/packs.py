"""Font packs as data: which faces belong together, where they come from, and the hashes that are accepted.

A shipped pack is `fonts/NAME.yaml`. `OCRFACTORY_PACK_DIR` may name a folder of more packs, looked in first; wherever a
pack is named, the path of a YAML file is taken too.
"""

from __future__ import annotations

import difflib
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ocrfactory import shipped, yamlfile
from ocrfactory.errors import FontError

# A face id that two packs share means the one of the earlier pack: `nom` borrows TW-Kai from `tcc`.
_ORDER = ("tcc", "ko", "ja", "nom", "cursive", "fill")
_SUFFIXES = (".yaml", ".yml")

Locale = Literal["tw", "hk", "jp", "kr", "cn"]


def _bare_name(name: str) -> str:
    if name in {".", ".."} or re.search(r"[/\\\x00-\x1f]", name):
        raise ValueError("must be a bare file name, without a folder")
    return name


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_bare_name)]
# Names that reach a command line: they cannot start with a dash.
DebianName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+$")]
PythonName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PackFile(_Model):
    """One font file of a face."""

    file: FileName
    face: int = Field(default=0, ge=0, le=255)
    sha256: tuple[Sha256, ...] = Field(min_length=1)
    pua: bool = False
    """The file holds private-use characters, which mean something in this font only."""


class PackFace(_Model):
    """One typeface of a pack. Several files: the first that draws a character wins."""

    id: Name
    family: str
    style: str | None = None
    need: Literal["core", "extra"] = "core"
    licence: str
    attribution: str = ""
    package: DebianName | None = None
    python_package: PythonName | None = None
    files: tuple[PackFile, ...] = Field(min_length=1)


class PackPackage(_Model):
    """What is known about a Debian package before it is fetched."""

    mb: float | None = Field(default=None, gt=0)
    versions: tuple[str, ...] = ()
    """The versions that the accepted hashes were taken from."""


class Pack(_Model):
    """A named set of faces."""

    name: Name
    title: str
    locale: Locale | None = None
    lang: str = "und"
    charset: str | None = None
    packages: dict[DebianName, PackPackage] = {}
    faces: tuple[PackFace, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [face.id for face in self.faces]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"face ids must be unique: {', '.join(twice)}")
        return self

    def face(self, id: str) -> PackFace | None:
        """The face with this id, if the pack has it."""
        return next((face for face in self.faces if face.id == id), None)


def pack_names() -> list[str]:
    """The names of all packs that can be loaded: the shipped ones in their order of preference, then the user's."""
    names = set(_pack_files())
    return [name for name in _ORDER if name in names] + sorted(names.difference(_ORDER))


def load_pack(name: str) -> Pack:
    """The pack of this name, or of this YAML file.

    Raises:
        FontError: there is no such pack.
        RecipeError: the file is no valid pack; every mistake is named with its line.
    """
    path = Path(name) if name.endswith(_SUFFIXES) else _pack_files().get(name)
    if path is None:
        known = pack_names()
        near = difflib.get_close_matches(name, known, 3)
        cure = f"nearest: {', '.join(near)}" if near else f"known packs: {', '.join(known) or 'none'}"
        raise FontError(f"no font pack is called {name!r}", cure)
    try:
        status = path.stat()
    except OSError as error:
        raise FontError(f"{path}: {error.strerror or error}") from error
    return _load(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _load(path: Path, _mtime_ns: int, _size: int) -> Pack:
    return yamlfile.load(path, Pack)


def _pack_files() -> dict[str, Path]:
    folders = [shipped.folder("fonts")]
    if own := os.environ.get("OCRFACTORY_PACK_DIR"):
        folders.append(Path(own))  # later entries win
    found: dict[str, Path] = {}
    for folder in folders:
        for suffix in _SUFFIXES:
            found |= {path.stem: path for path in sorted(folder.glob(f"*{suffix}")) if path.is_file()}
    return found
