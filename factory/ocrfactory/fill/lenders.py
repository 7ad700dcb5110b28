"""Whose pictures of a character are asked for, in which order: the pack of the target first, rare fonts last.

A turn lends only to classes that no turn before it had any picture of. So the source of a class is its own property,
whatever else is asked for, and a pack that nobody needs is never fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from ocrfactory.errors import FontError
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.install import install
from ocrfactory.fonts.select import select_faces

SONG = frozenset({"sung", "song", "ming", "mincho", "hei", "gothic", "myeongjo"})
KAI = frozenset({"kai", "kyokasho"})
LAST_RESORTS = ("hanamin", "babelstone-han")
"""Faces with nearly all ideographs."""
PACK_OF = {"han": "tcc", "hangul": "ko"}
"""Whose faces lend where a font belongs to no pack, or its pack is of another script."""


class Looking(msgspec.Struct, frozen=True):
    """Where fonts may be looked for."""

    font_dirs: tuple[Any, ...] = ()
    offline: bool = False
    allow_unpinned: bool = False
    log: Callable[[str], None] = lambda line: None


class Turn(NamedTuple):
    """Faces that are asked together."""

    faces: Callable[[], Iterable[Face]]
    script: str | None = None
    """They lend to this class group alone; None: to all."""
    otherwise: int | None = None
    """The slot of a design that is neither song-like nor kai-like; None: it lends nothing."""


def slot_of(face: Face, otherwise: int | None = None) -> int | None:
    """The slot that a face lends pictures for, by its design: 0 song-like, 1 kai-like, `otherwise` for others."""
    if face.style in SONG:
        return 0
    return 1 if face.style in KAI else otherwise


def turns(target: Face, looking: Looking, stated: Sequence[Face] | None = None) -> Iterator[Turn]:
    """Who is asked for content of what `target` lacks: the stated faces alone, or those of packs."""
    if stated:
        yield Turn(lambda: stated, otherwise=0)
        return
    if target.pack:
        yield Turn(partial(_of_pack, target.pack, looking))
    for script, pack in PACK_OF.items():
        if pack != target.pack and not (target.pack and script == "han"):
            yield Turn(partial(_of_pack, pack, looking), script)
    for id in LAST_RESORTS:
        yield Turn(partial(_last_resort, id, looking), "han")


def _of_pack(name: str, looking: Looking) -> list[Face]:
    """The core faces of a pack, fetched if need be, then those extra ones that are here already."""
    how: dict[str, Any] = {
        "font_dirs": looking.font_dirs,
        "allow_missing": True,
        "allow_unpinned": looking.allow_unpinned,
    }
    try:
        core = install(name, offline=looking.offline, log=looking.log, need=("core",), **how)
        return core + install(name, offline=True, log=lambda line: None, need=("extra",), **how)
    except FontError as error:  # a pack that was given as a file has no name to find it by
        looking.log(f"content: pack {name} lends nothing: {error.message}")
        return []


def _last_resort(id: str, looking: Looking) -> list[Face]:
    try:
        return select_faces(
            [id],
            font_dirs=looking.font_dirs,
            offline=looking.offline,
            allow_unpinned=looking.allow_unpinned,
            log=looking.log,
        ).faces
    except FontError:
        looking.log(f"content: {id} is not here, so it lends nothing; fetch it with: ocrfactory fonts install nom")
        return []
