"""What a generator is told to draw: pictures of each character in other designs.

Slot 0 is a song-like design, slot 1 a kai-like one. The first font in a fixed order that draws a character lends its
picture; a bundled pack has those that no font has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.charset.groups import class_group
from ocrfactory.fill.designs import design_of
from ocrfactory.fill.frame import FRAME, draw_frame
from ocrfactory.fill.lenders import Looking, slot_of, turns
from ocrfactory.fonts.coverage import cover
from ocrfactory.fonts.face import Face, FontFile
from ocrfactory.fonts.opened import OpenedFont, open_font

if TYPE_CHECKING:
    from ocrfactory.fill.content import ContentPack

SLOTS = 2
NONE, BUNDLED = -1, -2
"""In place of the number of a face: nothing has the character; the bundled pack has it."""
BUNDLED_LICENCE = "LicenseRef-GlyphWiki AND MIT"
"""Of the strokes of the bundled pack, in the words of SPDX; its notice has them whole."""


class Contents(msgspec.Struct, frozen=True):
    """Which font lends the picture of each class."""

    classes: tuple[str, ...]
    faces: tuple[Face, ...]
    table: bytes
    """int16 (SLOTS, classes, 2): number of the face and of its file, or `NONE` or `BUNDLED` twice."""
    bundled: str | None = None
    """SHA-256 of the bundled pack, where it lends something."""

    @property
    def numbers(self) -> npt.NDArray[np.int16]:
        """`table` as an array."""
        return np.frombuffer(self.table, np.int16).reshape(SLOTS, len(self.classes), 2)

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """(classes,): whether anything lends a picture of the class."""
        found: npt.NDArray[np.bool_] = (self.numbers[:, :, 0] != NONE).any(axis=0)
        return found

    @property
    def main(self) -> npt.NDArray[np.int16]:
        """(classes, 2): face and file of slot 0, or of slot 1 where only that is there."""
        song, kai = self.numbers
        either: npt.NDArray[np.int16] = np.where(song[:, :1] == NONE, kai, song)
        return either

    def only(self, wanted: npt.NDArray[np.bool_]) -> Contents:
        """The contents of some of the classes."""
        classes = tuple(text for text, keep in zip(self.classes, wanted, strict=True) if keep)
        return msgspec.structs.replace(self, classes=classes, table=self.numbers[:, wanted].tobytes())

    def lenders(self) -> dict[str, int]:
        """How many classes each source lends the main picture of, in the order in which they were asked."""
        face = self.main[:, 0]
        counts = {spoken(lender): int((face == number).sum()) for number, lender in enumerate(self.faces)}
        counts["bundled pack"] = int((face == BUNDLED).sum())
        return {name: count for name, count in counts.items() if count}

    def identity(self) -> dict[str, Any]:
        """What decides the pictures, without any path."""
        files = [[[file.sha256, file.index, file.variation] for file in face.files] for face in self.faces]
        return {"faces": files, "bundled": self.bundled}


def spoken(face: Face) -> str:
    """A face as it can be asked for: `tcc/tw-sung`; of a font given by path its id."""
    return f"{face.pack}/{face.id}" if face.pack else face.id


def find_contents(
    target: Face,
    classes: Sequence[str],
    looking: Looking,
    stated: Sequence[Face] | None = None,
    foreign: bool = False,
) -> Contents:
    """Find a lender for each class that `target` lacks.

    Args:
        target: lends nothing itself, nor do the other weights of its family.
        classes: single characters of Han or Hangul.
        stated: faces to ask in place of those of packs; one of neither design counts as song-like.
        foreign: leave out the same design under another name, too: its picture is nearly the answer.
    """
    table = np.full((SLOTS, len(classes), 2), NONE, np.int16)
    scripts = np.array([class_group(text) for text in classes])
    faces: list[Face] = []
    for turn in turns(target, looking, stated):
        lacking = (table[:, :, 0] == NONE).all(axis=0)
        if turn.script is not None:
            lacking &= scripts == turn.script
        for face in turn.faces() if lacking.any() else ():
            slot = slot_of(face, turn.otherwise)
            if slot is None or _is_kin(face, target, foreign):
                continue
            wanted = np.flatnonzero(lacking & (table[slot, :, 0] == NONE))
            files = cover(face, [classes[i] for i in wanted.tolist()], looking.log).file_of
            got = wanted[files >= 0]
            if len(got):
                table[slot, got, 0] = len(faces)
                table[slot, got, 1] = files[files >= 0]
                faces.append(face)
    bundled = _lend_bundled(classes, table)
    return Contents(tuple(classes), tuple(faces), table.tobytes(), bundled)


def _is_kin(face: Face, target: Face, foreign: bool) -> bool:
    one, other = (each.files[0].family for each in (face, target))
    return one.casefold() == other.casefold() or (foreign and design_of(one) == design_of(other))


def _lend_bundled(classes: Sequence[str], table: npt.NDArray[np.int16]) -> str | None:
    """Slot 0 of what no font has, from the bundled pack."""
    missing = np.flatnonzero((table[:, :, 0] == NONE).all(axis=0))
    pack = bundled_pack() if len(missing) else None
    got = [i for i in missing.tolist() if pack is not None and pack.has(classes[i])]
    if pack is None or not got:
        return None
    table[0, got] = BUNDLED
    return pack.sha256


def bundled_pack() -> ContentPack:
    """The pack that ships with the package."""
    from ocrfactory.fill.content import shipped  # an archive of strokes: who has fonts for all needs none of it

    return shipped()


class ContentDrawer:
    """Opened contents: pictures by the number of the class."""

    def __init__(self, contents: Contents) -> None:
        self.contents, self.numbers, self.main = contents, contents.numbers, contents.main
        self._fonts: dict[tuple[int, int], OpenedFont] = {}

    def frames(self, number: int, size: int = FRAME) -> npt.NDArray[np.uint8]:
        """The content pictures of a class: ink (SLOTS, size, size), zeros in a slot that nothing fills.

        Raises:
            Reject: `clipped` or `blank`, as `draw_frame`.
        """
        frames = np.zeros((SLOTS, size, size), np.uint8)
        text = self.contents.classes[number]
        for slot, (face, file) in enumerate(self.numbers[:, number].tolist()):
            if face == BUNDLED:
                frames[slot] = bundled_pack().draw(text, size)
            elif face != NONE:
                frames[slot] = draw_frame(self.font(face, file), text, size)
        return frames

    def font(self, face: int, file: int) -> OpenedFont:
        """An opened font of a lender."""
        if (face, file) not in self._fonts:
            lender = self.contents.faces[face]
            self._fonts[face, file] = open_font(lender.files[file], lender.lang)
        return self._fonts[face, file]

    def substitute(self, number: int) -> tuple[Face, FontFile, OpenedFont] | None:
        """The font that lends the main picture of a class: what a fallback is drawn with. None: no font has it."""
        face, file = self.main[number].tolist()
        if face < 0:
            return None
        lender = self.contents.faces[face]
        return lender, lender.files[file], self.font(face, file)

    def sources(self, number: int) -> list[dict[str, Any]]:
        """For a row: which file lent which slot, by hash."""
        found: list[dict[str, Any]] = []
        for slot, (face, file) in enumerate(self.numbers[:, number].tolist()):
            if face == BUNDLED:
                found.append({"slot": slot, "bundled": self.contents.bundled})
            elif face != NONE:
                lender = self.contents.faces[face]
                use = lender.files[file]
                fact = {"slot": slot, "face": spoken(lender), "sha256": use.sha256, "index": use.index}
                found.append(fact | ({"variation": dict(use.variation)} if use.variation else {}))
        return found

    def licences(self, number: int) -> list[str]:
        """The licences of what lends the pictures of a class."""
        return [
            BUNDLED_LICENCE if face == BUNDLED else self.contents.faces[face].licence
            for face in self.numbers[:, number, 0].tolist()
            if face != NONE
        ]
