"""Make the faces of a pack ready: take what this machine has, fetch what is missing, or name all of it in one error.

Every route gives the same bytes, because a file is accepted by its hash. So all the folders of this machine are looked
through before anything is fetched.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from ocrfactory.errors import FontError
from ocrfactory.fonts import deb, debian, locate, names
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.inventory import FaceState, Found, look, missing_error, origin, plural
from ocrfactory.fonts.packs import Pack, PackFace, load_pack

Log = Callable[[str], None]


def to_stderr(line: str) -> None:
    """The default log: results go to stdout, so words go to stderr."""
    sys.stderr.write(line + "\n")


def install(
    pack: Pack | str,
    *,
    font_dirs: Sequence[Path | str] = (),
    offline: bool = False,
    allow_missing: bool = False,
    allow_unpinned: bool = False,
    need: Iterable[str] = ("core",),
    log: Log = to_stderr,
) -> list[Face]:
    """The faces of a pack that `need` asks for, in the pack's order; what is not on this machine is fetched.

    Args:
        font_dirs: folders to look in first.
        offline: fetch nothing; the environment variable OCRFACTORY_OFFLINE=1 means the same.
        allow_missing: leave out core faces that cannot be had instead of failing; the log names them.
        allow_unpinned: accept a file of the right name whose hash the pack does not list; its face is not `pinned`.
        need: `core`, `extra`, or ids of faces. An extra face that is missing is left out unless asked for by its id.

    Raises:
        FontError: a face cannot be had. One error names every missing face, the places looked in, and the cure.
    """
    pack = load_pack(pack) if isinstance(pack, str) else pack
    need = set(need)
    wanted = _wanted(pack, need)
    states, apt = look(wanted, font_dirs), "nothing to fetch"
    if not all(state.complete for state in states):
        states, apt = _fetch_missing(pack, states, font_dirs, offline, log)
    if allow_unpinned:
        states = [_with_others(state, log) for state in states]
    missing = [state for state in states if not state.complete]
    required = [state for state in missing if state.face.need == "core" or state.face.id in need]
    if required and not allow_missing:
        raise missing_error(pack, wanted, required, font_dirs, apt)
    for state in missing:
        tried = f"; apt: {apt}" if state.face.package else ""
        log(f"warning: pack {pack.name}: {state.face.id} is missing ({origin(state.face)}){tried}")
    return [_face(pack, state) for state in states if state.complete]


def remove(pack: Pack | str, log: Log = to_stderr) -> list[Path]:
    """Delete the Debian packages that were fetched for a pack; fonts of the system and of the user are left alone.

    A package that another pack uses too goes as well: that pack fetches it again when it needs it.

    Returns:
        The folders that were deleted.

    Raises:
        FontError: there is no such pack, or a folder cannot be deleted.
    """
    pack = load_pack(pack) if isinstance(pack, str) else pack
    home = locate.installed_dir()
    fetched = [home / name for name in sorted({face.package for face in pack.faces if face.package})]
    fetched = [folder for folder in fetched if any(folder.glob(f"*/{deb.SOURCE}"))]
    if not fetched:
        return []
    with debian.locked(home, log):
        for folder in fetched:
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise FontError(f"{folder}: cannot be deleted: {error.strerror or error}") from error
    locate.forget()
    return fetched


def _wanted(pack: Pack, need: set[str]) -> list[PackFace]:
    if unknown := need - {"core", "extra"} - {face.id for face in pack.faces}:
        known = ", ".join(face.id for face in pack.faces)
        raise FontError(f"pack {pack.name!r} has no face {', '.join(sorted(unknown))}", f"its faces: {known}")
    return [face for face in pack.faces if face.need in need or face.id in need]


def _fetch_missing(
    pack: Pack, states: list[FaceState], font_dirs: Sequence[Path | str], offline: bool, log: Log
) -> tuple[list[FaceState], str]:
    """Look again after a fetch; and what became of the fetch, in words."""
    if offline or os.environ.get("OCRFACTORY_OFFLINE", "0") not in {"", "0"}:
        return states, "skipped: --offline"
    if not _packages(states):
        return states, "skipped: no Debian package has them"
    if reason := debian.missing_tool():
        log(f"pack {pack.name}: Debian packages are skipped: {reason}")
        return states, f"skipped: {reason}"
    faces = [state.face for state in states]
    try:
        with debian.locked(locate.installed_dir(), log):
            locate.forget()
            states = look(faces, font_dirs)  # another process may have fetched them while we waited
            packages = _packages(states)
            words = _fetch(pack, packages, states, log) if packages else "fetched by another process"
    except FontError as error:
        return states, f"failed: {error.message}"
    return look(faces, font_dirs), words


def _fetch(pack: Pack, packages: list[str], states: list[FaceState], log: Log) -> str:
    home = locate.installed_dir()
    sizes = _sizes(pack, packages)
    total = f", {sum(sizes.values()):.0f} MB" if len(sizes) == len(packages) else ""
    log(f"pack {pack.name}: fetching {plural(len(packages), 'package')}{total}, into {home}")
    start = time.monotonic()
    with _Bars(sizes) as bars:
        fetched = debian.fetch(packages, home, bars.update)
    locate.forget()
    if fetched.folders:
        licences = dict.fromkeys(state.face.licence for state in states if state.face.package in fetched.folders)
        log(f"pack {pack.name}: ready in {time.monotonic() - start:.0f} s; licences: {', '.join(licences)}")
    failures = [f"{name}: {reason}" for name, reason in fetched.failures.items()]
    return "; ".join(failures) or f"fetched {', '.join(fetched.folders)}"


def _packages(states: Sequence[FaceState]) -> list[str]:
    """The Debian packages of the faces that are not complete."""
    return list(dict.fromkeys(s.face.package for s in states if s.face.package and not s.complete))


def _sizes(pack: Pack, packages: Sequence[str]) -> dict[str, float]:
    noted = {name: pack.packages[name].mb for name in packages if name in pack.packages}
    known = {name: mb for name, mb in noted.items() if mb is not None}
    return known | debian.sizes_mb([name for name in packages if name not in known])


def _with_others(state: FaceState, log: Log) -> FaceState:
    """Fill the gaps with files of the right name whose hash is not listed."""
    files = dict(state.files)
    for name, path in state.others.items():
        log(f"warning: {state.face.id}: {path} is not pinned: SHA-256 {names.sha256_of(path)}")
        files[name] = Found(path, "unpinned", False)
    return state._replace(files=files, others={})


def _face(pack: Pack, state: FaceState) -> Face:
    face = state.face
    found = [state.files[file.file] for file in face.files]
    source = deb.source_of(found[0].path) if found[0].route == "user data" else {}
    return Face(
        id=face.id,
        files=tuple(names.describe(it.path, file.face) for it, file in zip(found, face.files, strict=True)),
        lang=pack.lang,
        pack=pack.name,
        style=face.style,
        need=face.need,
        licence=face.licence,
        attribution=face.attribution,
        package=face.package or face.python_package,
        package_version=source.get("version"),
        pinned=all(it.pinned for it in found),
    )


class _Bars:
    """A progress bar per package, on a terminal only: a log wants lines, not bars."""

    def __init__(self, sizes_mb: dict[str, float]) -> None:
        self._bars: dict[str, Any] = {}
        if sys.stderr.isatty():
            from tqdm import tqdm

            for place, (name, mb) in enumerate(sizes_mb.items()):
                self._bars[name] = tqdm(total=int(mb * 1e6), desc=name, unit="B", unit_scale=True, position=place)

    def update(self, package: str, arrived: int) -> None:
        if bar := self._bars.get(package):
            bar.n = arrived
            bar.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for bar in self._bars.values():
            bar.close()
