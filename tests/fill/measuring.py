"""A world to measure in: two faces that draw the same characters in two ways, and generators of known worth."""

from __future__ import annotations

import msgspec
import numpy as np
from fontTools.ttLib import TTFont
from ocrfactory.fill.gate import ReaderGate, Thresholds
from ocrfactory.fill.heldout import is_calibration, is_held_out
from ocrfactory.fill.lenders import Looking
from ocrfactory.fill.subject import Subject
from ocrfactory.fill.verdict import Verdict
from ocrfactory.fonts.select import select_faces

from tests.makers import make_font

CHARS = "".join(map(chr, range(0x4E00, 0x5000)))
FAIR = [char for char in CHARS if not is_calibration(ord(char))]
HELD_OUT = [char for char in FAIR if is_held_out(ord(char))]
LENIENT = Thresholds(
    ink=(0, 1), ratio=(0, 1e9),
    peak=0, specks=10_000, excess=10_000, agreement=-1, own=-1, margin=0, alike=0, unknown_own=-1,
    unknown_margin=0,
)  # fmt: skip


def make_fonts(folder):
    """`target.ttf` and `lender.ttf`: the target shows every character by the pattern of another one."""
    make_font(folder / "lender.ttf", CHARS, family="Lender")
    shifted = make_font(folder / "shifted.ttf", [chr(ord(char) + 0x1333) for char in CHARS], family="Target")
    font = TTFont(shifted, recalcTimestamp=False)
    for table in font["cmap"].tables:
        table.cmap = {code - 0x1333: name for code, name in table.cmap.items()}
    font.save(folder / "target.ttf")
    shifted.unlink()
    return folder


def faces(folder):
    """Target and lender, opened."""
    return [select_faces([str(folder / f"{name}.ttf")]).faces[0] for name in ("target", "lender")]


class Copy:
    """Gives the song-like content back."""

    id, size, channels, references = "copy-0", 64, 2, 4

    def style(self, references, name=None):
        assert references.shape == (self.references, self.size, self.size)
        return np.zeros(1, np.float32)

    def draw(self, content, styles):
        return np.where(content[:, :1].any((2, 3), keepdims=True), content[:, :1], content[:, 1:])[:, 0]


class Perfect(Copy):
    """Draws the true glyph: it looks the content up."""

    id = "perfect-0"

    def __init__(self, folder):
        target, lender = faces(folder)
        ours, theirs = (Subject(face, Copy(), Looking(offline=True), [lender]).true(CHARS) for face in (target, lender))
        self.answers = {theirs[char].tobytes(): ours[char] for char in CHARS}

    def draw(self, content, styles):
        return np.stack([self.answers[picture.tobytes()] for picture in super().draw(content, styles)])


def subject(folder, generator, style="ming", **changes):
    """The target as a generator sees it."""
    target, lender = faces(folder)
    return Subject(msgspec.structs.replace(target, style=style, **changes), generator, Looking(offline=True), [lender])


def make_gate(folder, kind=ReaderGate):
    """A gate that knows the target's glyphs by heart."""
    target, lender = faces(folder)
    true = Subject(target, Copy(), Looking(offline=True), [lender]).true(CHARS)
    glyphs = np.stack([true[char] for char in CHARS])
    return kind("by-heart-0", read, np.array([ord(char) for char in CHARS], np.uint32), read(glyphs), LENIENT)


class Doorman(ReaderGate):
    """Reads as the gate does, and admits everything."""

    def judge(self, pictures, classes, content):
        return [Verdict(None, {})] * len(pictures)


class Wall(ReaderGate):
    """Reads as the gate does, and admits nothing."""

    def judge(self, pictures, classes, content):
        return [Verdict("gate_class", {})] * len(pictures)


def read(ink):
    """Pictures at 32 x 32, without their mean, of length 1."""
    small = ink.reshape(-1, 32, 2, 32, 2).mean((2, 4), dtype=np.float32).reshape(len(ink), -1)
    small -= small.mean(1, keepdims=True)
    return small / np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-6)
