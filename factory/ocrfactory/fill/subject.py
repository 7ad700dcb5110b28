"""A face that is drawn although it has the characters: pictures beside the true glyphs, to measure a generator with.

Content, references, place and batches are those of the rows that `fill` makes, so that what is measured is what they
hold.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.charset.groups import class_group
from ocrfactory.errors import Reject
from ocrfactory.fill.contents import ContentDrawer, Contents, find_contents
from ocrfactory.fill.frame import FRAME, draw_glyphs
from ocrfactory.fill.generator import Generator, Style
from ocrfactory.fill.heldout import bundled, is_calibration, is_held_out, trained_family
from ocrfactory.fill.lenders import KAI, SONG, Looking
from ocrfactory.fill.placing import centred, seen
from ocrfactory.fill.references import SCRIPTS, References, choose_references
from ocrfactory.fill.steady import draw_steadily
from ocrfactory.fonts.coverage import cover
from ocrfactory.fonts.face import Face
from ocrfactory.rng import seed_of

Pictures = npt.NDArray[np.uint8]
ATTEMPTS = 3
"""Sets of references, as `fill` has them with its default retries."""


class Subject:
    """A target face in the eyes of one generator.

    Args:
        stated: faces that lend content in place of those of packs.
        seed: of the references and of whatever is chosen.

    Attributes:
        design: the design that it shares with a face that bundled weights are trained on; None: they never saw it.
        read: whether the gate's reader saw all its characters, as a face of this design lends content in training.
        group: `print`, `kai`, `hand`, or `other` where no pack states its style.
    """

    def __init__(
        self, face: Face, generator: Generator, looking: Looking, stated: Sequence[Face] | None = None, seed: int = 0
    ) -> None:
        self.face, self.generator, self.looking, self.stated, self.seed = face, generator, looking, stated, seed
        self._trained = bundled()
        self.design = self._trained.design_of(trained_family(face.files[0]))
        self.read = self.design is not None and self._trained.lends(self.design)
        self.group = group_of(face.style)
        self.references: dict[str, tuple[References, ...]] = {
            script: choose_references(face, script, ATTEMPTS, generator.references, seed) for script in SCRIPTS
        }
        self._styles: dict[tuple[str, int], Style] = {}

    def choose(self, population: Sequence[str], count: int, held_out: bool | None = True) -> list[str]:
        """Characters to measure with: drawn by the face, no references, and none that set a threshold of the gate.

        Of a face that was trained on, only pairs are taken that neither generator nor reader saw; where the reader saw
        all of a face, those that the generator did not.

        Args:
            population: what to choose from; only single characters of Han and Hangul are taken.
            held_out: only characters that training left out, only others, or (None) both.

        Returns:
            At most `count`, by a hash: the same ones whatever else is in the population.
        """
        shown = {char for sets in self.references.values() for sheet in sets for char in sheet.chars}
        able = [text for text in population if len(text) == 1 and class_group(text) in SCRIPTS and text not in shown]
        able = [text for text in able if not is_calibration(ord(text)) and self._is_fair(ord(text))]
        if held_out is not None:
            able = [text for text in able if is_held_out(ord(text)) == held_out]
        drawn = cover(self.face, able, self.looking.log).file_of >= 0
        own = [text for text, there in zip(able, drawn.tolist(), strict=True) if there]
        return sorted(own, key=lambda text: seed_of(self.seed, "measure", text))[:count]

    def _is_fair(self, code: int) -> bool:
        if self.design is None:
            return True
        return is_held_out(code) and (self.read or self._trained.is_unread(self.design, code))

    def show(self, texts: Sequence[str]) -> Shown:
        """The content of characters, never of the face's own design for another locale, which most holes do not have.

        Those that nothing lends, or that do not fit the frame, are left out.
        """
        contents: Contents = find_contents(
            self.face, list(dict.fromkeys(texts)), self.looking, self.stated, foreign=True
        )
        drawer = ContentDrawer(contents)
        kept: list[str] = []
        frames: list[Pictures] = []
        fed: list[Pictures] = []
        for number in np.flatnonzero(contents.present).tolist():
            text = contents.classes[number]
            if not self.references[class_group(text)]:
                continue
            try:
                glyphs = drawer.frames(number)
                own = glyphs if self.generator.size == FRAME else drawer.frames(number, self.generator.size)
            except Reject:
                continue
            kept.append(text)
            frames.append(glyphs)
            fed.append(own)
        side = self.generator.size
        return Shown(
            tuple(kept),
            np.array(frames, np.uint8).reshape(-1, 2, FRAME, FRAME),
            np.array(fed, np.uint8).reshape(-1, 2, side, side),
        )

    def true(self, texts: Sequence[str]) -> dict[str, Pictures]:
        """The face's own glyphs, ink (64, 64), of those characters that it draws and that fit."""
        return draw_glyphs(self.face, texts)

    def draw(self, shown: Shown, attempt: int = 0) -> Pictures:
        """Generated pictures as a row has them: ink (N, 64, 64).

        Args:
            attempt: which set of references, from 0.

        Raises:
            InputError: the generator fails, or does not know this face.
        """
        if not shown.texts:
            return np.zeros((0, FRAME, FRAME), np.uint8)
        styles = np.stack([self._style(class_group(text), attempt) for text in shown.texts])
        content = shown.fed if self.generator.channels == 2 else main_slot(shown.fed)[:, None]
        return in_place(draw_steadily(self.generator, content, styles))

    def _style(self, script: str, attempt: int) -> Style:
        if (script, attempt) not in self._styles:
            sheet = self.references[script][attempt].draw(self.face, self.generator.size)
            self._styles[script, attempt] = self.generator.style(sheet, self.face.id)
        return self._styles[script, attempt]


class Shown(msgspec.Struct, frozen=True):
    """Characters and their content."""

    texts: tuple[str, ...]
    frames: Pictures
    """(N, 2, 64, 64): for the gate, and to compare with."""
    fed: Pictures
    """(N, 2, S, S): for the generator, at its size."""

    def of(self, texts: Sequence[str]) -> Shown:
        """Some of the characters, in this order; a character may come twice."""
        place = {text: i for i, text in enumerate(self.texts)}
        return self.at([place[text] for text in texts])

    def at(self, places: Sequence[int]) -> Shown:
        """Some of the characters, by their places."""
        where = np.array(places, np.int64)
        return Shown(tuple(self.texts[i] for i in places), self.frames[where], self.fed[where])


def group_of(style: str | None) -> str:
    """The group of styles that figures are told for."""
    if not style:
        return "other"
    return "print" if style in SONG else "kai" if style in KAI else "hand"


def main_slot(frames: Pictures) -> Pictures:
    """The song-like content picture, or the kai-like one where only that is there: (N, 2, S, S) to (N, S, S)."""
    return np.where(frames[:, :1].any(axis=(2, 3), keepdims=True), frames[:, :1], frames[:, 1:])[:, 0]


def in_place(pictures: Pictures) -> Pictures:
    """Pictures (N, S, S) as the gate looks at them: (N, 64, 64)."""
    return np.array([seen(centred(picture)) for picture in pictures], np.uint8).reshape(-1, FRAME, FRAME)
