"""Random training batches from a glyph pack: what to draw, in whose style, and how it looks there.

Styles are drawn family by family, so that nine weights of one design weigh no more than one brush hand.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError
from ocrfactory.fill.designs import root_of
from ocrfactory.fill.frame import FRAME
from ocrfactory.fill.heldout import CONTENT, is_held_out
from ocrfactory.fill.training.pack import GlyphPack
from ocrfactory.rng import stream

HANGUL = (0xAC00, 0xD7A4)
HANGUL_SHARE = 0.12
"""Of the styles of a batch: blocks of jamo are learnt sooner than ideographs."""
NO_KAI, NO_SONG = 0.15, 0.05
"""Chance that one of the two content pictures is taken away: rare characters have only one."""
FEW = 500
"""A face with fewer characters of a script teaches nothing about it."""


class Batch(msgspec.Struct, frozen=True):
    """One batch; pictures are ink, uint8."""

    content: npt.NDArray[np.uint8]
    """(N, 2, 64, 64)"""
    target: npt.NDArray[np.uint8]
    """(N, 64, 64)"""
    references: npt.NDArray[np.uint8]
    """(styles, K, 64, 64)"""
    style_of: npt.NDArray[np.int64]
    """(N,): which style each target is in."""
    codes: npt.NDArray[np.uint32]
    """(N,): code points."""
    faces: npt.NDArray[np.int64]
    """(styles,): face numbers in the pack."""


def is_hangul(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """True for Hangul syllables."""
    return (codes >= HANGUL[0]) & (codes < HANGUL[1])


class Batches:
    """Draws batches by step number: step n is the same whenever and wherever it is drawn.

    Args:
        pack: its faces that are not held out are the styles. Where none has enough characters of a script, batches are
            of the other one.
        styles: styles in a batch.
        rows: targets of each style.
        references: reference glyphs of each style.

    Raises:
        InputError: no face has enough characters.
    """

    def __init__(self, pack: GlyphPack, styles: int, rows: int, references: int, seed: int) -> None:
        self.pack, self.styles, self.rows, self.references, self.seed = pack, styles, rows, references, seed
        codes = np.unique(pack.codes)
        kept = codes[[not is_held_out(code) for code in codes.tolist()]]
        self.pools: dict[tuple[int, str], npt.NDArray[np.uint32]] = {}
        families: dict[str, dict[str, list[int]]] = {"han": {}, "hangul": {}}
        for number, face in enumerate(pack.faces):
            own = np.intersect1d(pack.codes_of(number), kept)
            hangul = is_hangul(own)
            for script, pool in (("han", own[~hangul]), ("hangul", own[hangul])):
                self.pools[number, script] = pool
                if len(pool) >= FEW and not face.held_out:
                    families[script].setdefault(root_of(face.family), []).append(number)
        self.families = {script: list(found.values()) for script, found in families.items()}
        if not any(self.families.values()):
            raise InputError(
                f"no face of the glyph pack has {FEW} characters to train on; held-out ones do not count",
                "make a pack with more faces or a larger charset",
            )

    def __call__(self, step: int) -> Batch:
        """The batch of one step."""
        rng = stream(self.seed, f"batch {step}")
        content, target, references, codes, faces = [], [], [], [], []
        for _ in range(self.styles):
            script, other = ("hangul", "han") if rng.random() < HANGUL_SHARE else ("han", "hangul")
            script = script if self.families[script] else other
            family = self.families[script][rng.integers(len(self.families[script]))]
            face = int(family[rng.integers(len(family))])
            pool = self.pools[face, script]
            chosen = pool[rng.integers(len(pool), size=self.rows + self.references)]
            wanted = chosen[: self.rows]
            content.append(self.content(face, script, wanted, rng))
            target.append(self.pack.ink(self.pack.rows_of(face, wanted)))
            references.append(self.pack.ink(self.pack.rows_of(face, chosen[self.rows :])))
            codes.append(wanted)
            faces.append(face)
        return Batch(
            np.concatenate(content),
            np.concatenate(target),
            np.stack(references),
            np.repeat(np.arange(self.styles), self.rows),
            np.concatenate(codes),
            np.array(faces),
        )

    def content(
        self, face: int, script: str, codes: npt.NDArray[np.uint32], rng: np.random.Generator
    ) -> npt.NDArray[np.uint8]:
        """Content pictures of characters for a target face, never from its own design: (N, 2, 64, 64)."""
        song, kai = (self._slot(face, shares, codes, rng) for shares in CONTENT[script])
        has_song, has_kai = song.any((1, 2)), kai.any((1, 2))
        chance = rng.random(len(codes))
        kai[has_song & (chance < NO_KAI)] = 0
        song[has_kai & (chance > 1 - NO_SONG)] = 0
        return np.stack([song, kai], 1)

    def _slot(
        self, face: int, shares: dict[str, float], codes: npt.NDArray[np.uint32], rng: np.random.Generator
    ) -> npt.NDArray[np.uint8]:
        """One content picture each; nothing where no face of the slot draws the character."""
        own = root_of(self.pack.faces[face].family)
        numbers = [self.pack.number_of[id] for id in shares if id in self.pack.number_of]
        numbers = [number for number in numbers if root_of(self.pack.faces[number].family) != own]
        found = np.zeros((len(codes), FRAME, FRAME), np.uint8)
        if not numbers:
            return found
        weights = np.array([shares[self.pack.faces[number].id] for number in numbers])
        rows = np.stack([self.pack.rows_of(number, codes) for number in numbers], 1)
        keys = np.where(rows >= 0, rng.random(rows.shape) ** (1 / weights), -1)  # weighted choice among those that draw
        best = rows[np.arange(len(codes)), keys.argmax(1)]
        found[best >= 0] = self.pack.ink(best[best >= 0])
        return found


def jitter(content: npt.NDArray[np.uint8], rng: np.random.Generator, most: int = 1) -> npt.NDArray[np.uint8]:
    """Content moved by up to `most` pixels, each picture for itself: no design stands exactly where another does."""
    out = np.zeros_like(content)
    shifts = rng.integers(-most, most + 1, size=(*content.shape[:2], 2))
    for dy in range(-most, most + 1):
        for dx in range(-most, most + 1):
            chosen = (shifts[..., 0] == dy) & (shifts[..., 1] == dx)
            out[chosen] = np.roll(content[chosen], (dy, dx), (1, 2))  # the border is empty, so nothing wraps
    return out
