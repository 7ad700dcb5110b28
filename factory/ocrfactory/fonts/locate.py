"""Where font files lie on this machine: our own data folder, the system's, the user's, and installed Python packages.

Folders are walked directly: fontconfig may be absent, and its cache may be stale. Nothing is accepted here by its name;
a file found by name is accepted by its hash in `install`.
"""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

FONT_SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
MAX_DEPTH = 10
MAX_FILES = 50_000


class Route(NamedTuple):
    """One place to look in, in the words of messages and of `fonts list`."""

    name: str
    folders: tuple[Path, ...]


def data_dir() -> Path:
    """The folder that this project owns on this machine: `OCRFACTORY_DATA_DIR`, else the platform's place for data."""
    if own := os.environ.get("OCRFACTORY_DATA_DIR"):
        return Path(own).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("ocrfactory"))


def installed_dir() -> Path:
    """Where fetched packages are unpacked: PACKAGE/VERSION/FILE."""
    return data_dir() / "fonts"


def system_dirs() -> list[Path]:
    """The font folders of the operating system and of the user's desktop."""
    home = Path.home()
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        windows = Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        return [windows, *([Path(local) / "Microsoft/Windows/Fonts"] if local else [])]
    shared = [Path(entry) / "fonts" for entry in os.environ.get("XDG_DATA_DIRS", "").split(os.pathsep) if entry]
    user = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "fonts"
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), *shared, user, home / ".fonts"]
    return list(dict.fromkeys(folders))


def environment_dirs() -> list[Path]:
    """The folders that `OCRFACTORY_FONT_DIR` names, separated as in PATH."""
    return [Path(entry).expanduser() for entry in os.environ.get("OCRFACTORY_FONT_DIR", "").split(os.pathsep) if entry]


def routes(font_dirs: Sequence[Path | str] = ()) -> list[Route]:
    """The folders to look in, in order: those named on the command line come first."""
    return [
        Route("--font-dir", tuple(Path(folder).expanduser() for folder in font_dirs)),
        Route("user data", (installed_dir(),)),
        Route("system fonts", tuple(system_dirs())),
        Route("OCRFACTORY_FONT_DIR", tuple(environment_dirs())),
    ]


def python_package_dirs(name: str) -> list[Path]:
    """The folders of an installed Python package, found without importing it: an import may run anything."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return []
    return [Path(entry) for entry in (spec.submodule_search_locations or [])] if spec else []


def candidates(route: Route, file: str) -> list[Path]:
    """The files of this name in the folders of a route."""
    wanted = unicodedata.normalize("NFC", file)
    return [path for folder in route.folders for path in _index(folder).get(wanted, ())]


def count(route: Route) -> int:
    """How many font files the folders of a route hold."""
    return sum(len(paths) for folder in route.folders for paths in _index(folder).values())


def font_files(folder: Path) -> list[Path]:
    """The font files of a folder and of its subfolders, sorted by path.

    Links that lead out of the folder are not followed; depth and number are bounded, so that a wrong folder (`/`) does
    not become an endless walk.
    """
    root = folder.resolve()
    found = []
    for path in _walk(root, MAX_DEPTH):
        if path.suffix.lower() in FONT_SUFFIXES:
            found.append(path)
        if len(found) >= MAX_FILES:
            break
    return sorted(found)


def exists(path: Path | str) -> bool:
    """Whether something lies there; what no file can be called is nothing."""
    return _mode(path) != 0


def is_regular(path: Path | str) -> bool:
    """Whether a regular file lies there: a pipe or a device could keep its reader waiting for ever."""
    return stat.S_ISREG(_mode(path))


def is_folder(path: Path | str) -> bool:
    """Whether a folder lies there."""
    return stat.S_ISDIR(_mode(path))


def _mode(path: Path | str) -> int:
    # `Path.exists` and `Path.is_dir` raise for a name that is too long or a folder that is closed to us.
    try:
        return Path(path).stat().st_mode
    except (OSError, ValueError):
        return 0


def forget() -> None:
    """Drop what is remembered about folders, after files were added."""
    _index.cache_clear()


@lru_cache(maxsize=64)
def _index(folder: Path) -> dict[str, list[Path]]:
    """Paths by file name. Names are compared in NFC: macOS and zips store Hangul decomposed."""
    by_name: dict[str, list[Path]] = {}
    for path in font_files(folder):
        by_name.setdefault(unicodedata.normalize("NFC", path.name), []).append(path)
    return by_name


def _walk(root: Path, depth: int, folder: Path | None = None) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder or root), key=lambda entry: entry.name)
    except OSError:
        return  # absent or closed to us: it holds nothing that can be used
    for entry in entries:
        path = Path(entry.path)
        try:
            if entry.is_dir(follow_symlinks=False):
                # Unfinished work of another process lies in folders that start with a dot.
                if depth > 0 and not entry.name.startswith("."):
                    yield from _walk(root, depth - 1, path)
            elif entry.is_file() and (not entry.is_symlink() or path.resolve().is_relative_to(root)):
                yield path
        except OSError:
            continue
