"""What this machine has of the faces of a pack, accepted by hash; and the words for what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ocrfactory.errors import FontError
from ocrfactory.fonts import locate, names
from ocrfactory.fonts.packs import Pack, PackFace, PackFile


class Found(NamedTuple):
    """A file of a face on this machine."""

    path: Path
    route: str
    pinned: bool


class FaceState(NamedTuple):
    """What this machine has of a face."""

    face: PackFace
    files: dict[str, Found]
    """By file name; a file without an entry was not found."""
    others: dict[str, Path]
    """Files of the right name with another hash, where no accepted one was found."""

    @property
    def complete(self) -> bool:
        """Whether every file of the face is here."""
        return not self.lacks

    @property
    def lacks(self) -> list[PackFile]:
        """The files that are not here."""
        return [file for file in self.face.files if file.file not in self.files]


def look(faces: Sequence[PackFace], font_dirs: Sequence[Path | str] = ()) -> list[FaceState]:
    """What this machine has of these faces. Nothing is fetched."""
    return [_look(face, font_dirs) for face in faces]


def origin(face: PackFace) -> str:
    """Where a face can be had."""
    words = [f"package {face.package}"] if face.package else []
    words += [f"Python package {face.python_package}"] if face.python_package else []
    return ", ".join(words) or "no package: give its folder"


def missing_error(
    pack: Pack, wanted: Sequence[PackFace], missing: Sequence[FaceState], font_dirs: Sequence[Path | str], apt: str
) -> FontError:
    """One error for all faces that are missing: their names, the places looked in, and what would bring them.

    Args:
        apt: what became of the route through Debian packages, in words.
    """
    total = len({(file.file, file.face) for face in wanted for file in face.files})
    absent = {(file.file, file.face) for state in missing for file in state.lacks}
    lines = [f"pack {pack.name!r}: {len(absent)} of {total} files not found"]
    for state in missing:
        what = f"{state.face.family} ({plural(len(state.lacks), 'file')})"
        lines.append(f"  {what:<38} {origin(state.face)}")
        for file in state.lacks:
            if other := state.others.get(file.file):
                lines.append(f"    {other} is another version: SHA-256 {names.sha256_of(other)}")
                lines.append(f"    accepted: {', '.join(file.sha256)}")
    lines.append(f"looked in: {', '.join(_places(missing, font_dirs, apt))}")
    return FontError("\n".join(lines), _cure(missing, apt))


def plural(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _look(face: PackFace, font_dirs: Sequence[Path | str]) -> FaceState:
    places = locate.routes(font_dirs)
    if face.python_package:
        folders = tuple(locate.python_package_dirs(face.python_package))
        places.append(locate.Route(f"Python package {face.python_package}", folders))
    files: dict[str, Found] = {}
    others: dict[str, Path] = {}
    for file in face.files:
        for place in places:
            found = _accepted(place, file, others)
            if found is not None:
                files[file.file] = found
                others.pop(file.file, None)
                break
    return FaceState(face, files, others)


def _accepted(place: locate.Route, file: PackFile, others: dict[str, Path]) -> Found | None:
    for path in locate.candidates(place, file.file):
        try:
            if names.sha256_of(path) in file.sha256:
                return Found(path, place.name, True)
        except FontError:
            continue  # a file that cannot be read is not here
        others.setdefault(file.file, path)
    return None


def _places(missing: Sequence[FaceState], font_dirs: Sequence[Path | str], apt: str) -> list[str]:
    places = []
    for place in locate.routes(font_dirs):
        places.append(f"{place.name} ({plural(locate.count(place), 'file') if place.folders else 'none'})")
    places.append(f"apt ({apt})")
    for name in _python_packages(missing):
        found = "another version" if locate.python_package_dirs(name) else "not installed"
        places.append(f"Python package {name} ({found})")
    return places


def _cure(missing: Sequence[FaceState], apt: str) -> str:
    ways = []
    if packages := sorted({state.face.package for state in missing if state.face.package}):
        ways.append(f"install {' and '.join(packages)} with your package manager")
    if python := _python_packages(missing):
        ways.append(f"pip install {' '.join(python).replace('_', '-')}")
    if "--offline" in apt:
        ways.append("run without --offline")
    ways.append("give a directory that holds them: --font-dir DIR")
    if any(state.others for state in missing):
        ways.append("accept the other version: --allow-unpinned")
    return ", or ".join(ways)


def _python_packages(missing: Sequence[FaceState]) -> list[str]:
    return sorted({state.face.python_package for state in missing if state.face.python_package})
