"""Which classes a face draws, and for each that it does not, why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory.charset.groups import is_blank
from ocrfactory.fonts.coverage.child import Order
from ocrfactory.fonts.coverage.facts import BLANK, DRAWN, NOTDEF, QUARANTINED, SEQUENCE, UNMAPPED, FontFacts
from ocrfactory.fonts.coverage.probe import facts_of
from ocrfactory.fonts.face import Face, FontFile
from ocrfactory.fonts.opened import OpenedFont, Run, open_font

WIDEST_CLUSTER = 1.6
"""Ems that a sequence of jamo may take: a font without the rules for old Hangul sets them side by side."""
_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_JAMO = (*range(0x1100, 0x1200), *range(0xA960, 0xA97D), *range(0xD7B0, 0xD7FC))
_JOINERS = (0x200C, 0x200D)


class Coverage(msgspec.Struct, frozen=True):
    """What one face makes of some classes."""

    file_of: NDArray[np.int8]
    """(classes,): the number of the face's file that draws the class, -1 for a hole."""
    verdict: NDArray[np.uint8]
    """(classes,): a number in `REASONS`, of the first file for a hole."""
    quarantined: tuple[str, ...] = ()
    """Files that must not be opened, with the reasons."""
    same_as_base: tuple[str, ...] = ()
    """Variation sequences that the font draws exactly as the character without the selector: the same picture twice."""


def cover(face: Face, classes: Sequence[str], log: Callable[[str], None] = lambda line: None) -> Coverage:
    """Which of `classes` a face draws. Its fonts are examined first if they never were."""
    return cover_all([face], classes, log)[0]


def cover_all(
    faces: Sequence[Face], classes: Sequence[str], log: Callable[[str], None] = lambda line: None
) -> list[Coverage]:
    """`cover` for several faces; fonts that nobody has examined yet are examined together."""
    orders = [Order(file, face.lang) for face in faces for file in face.files]
    facts = iter(facts_of(orders, log))
    return [_cover(face, [next(facts) for _ in face.files], classes) for face in faces]


def drawn_characters(faces: Sequence[Face], log: Callable[[str], None] = lambda line: None) -> frozenset[str]:
    """Every code point that at least one of these faces draws, as texts of one character."""
    orders = [Order(file, face.lang) for face in faces for file in face.files]
    drawn: set[str] = set()
    for facts in facts_of(orders, log):
        codes, verdicts = facts.counted()
        drawn.update(map(chr, codes[verdicts == DRAWN].tolist()))
    return frozenset(drawn)


def _cover(face: Face, facts: Sequence[FontFacts], classes: Sequence[str]) -> Coverage:
    single = np.array([ord(text) if len(text) == 1 else 0 for text in classes], np.uint32)
    sequences = [i for i, text in enumerate(classes) if len(text) != 1]
    file_of = np.full(len(classes), -1, np.int8)
    reason = np.full(len(classes), UNMAPPED, np.uint8)
    same: list[str] = []
    for number, (file, found) in enumerate(zip(face.files, facts, strict=True)):
        verdict = found.verdict_of(single)
        for i in sequences:
            verdict[i], alike = _sequence(file, face.lang, found, classes[i]) if file_of[i] < 0 else (UNMAPPED, False)
            if alike:
                same.append(classes[i])
        take = (file_of < 0) & (verdict == DRAWN)
        file_of[take] = number
        reason = np.where(reason == UNMAPPED, verdict, reason)
    verdicts = np.where(file_of >= 0, DRAWN, reason).astype(np.uint8)
    quarantine = tuple(found.quarantine for found in facts if found.quarantine is not None)
    return Coverage(file_of, verdicts, quarantine, tuple(same))


def _sequence(file: FontFile, lang: str, facts: FontFacts, text: str) -> tuple[int, bool]:
    """The verdict on a class of several code points, and whether it looks like its base."""
    if facts.quarantine is not None or not text:
        return QUARANTINED if text else SEQUENCE, False
    visible = np.array(
        [ord(char) for char in text if ord(char) not in _SELECTORS and ord(char) not in _JOINERS], np.uint32
    )
    jamo = bool(np.isin(visible, _JAMO).any())
    verdicts = facts.verdict_of(visible)
    if not jamo and (
        not len(visible) or (verdicts != DRAWN).any()
    ):  # jamo may be composed of glyphs without code points
        return int(verdicts[verdicts != DRAWN][0]) if len(visible) else SEQUENCE, False
    font = open_font(file, lang)
    if ord(text[0]) in _SELECTORS or not all(_has_variation(font, base, mark) for base, mark in pairwise(text)):
        return SEQUENCE, False
    run = font.shape(text)
    if any(glyph[0] == 0 for glyph in run.glyphs):
        return NOTDEF, False
    if font.bounds(run) is None and not is_blank(text):
        return BLANK, False
    if jamo and (run.advance > WIDEST_CLUSTER * font.upem or _side_by_side(font, text, run)):
        return SEQUENCE, False
    base = "".join(char for char in text if ord(char) not in _SELECTORS)
    alike = base != text and font.shape(base).glyphs == run.glyphs
    return DRAWN, alike


def _side_by_side(font: OpenedFont, text: str, run: Run) -> bool:
    """Whether jamo are as long together as they are alone: nothing was composed. Narrow jamo fit into 1.6 ems."""
    alone = [font.shape(char).advance for char in text]
    return sum(advance > 0 for advance in alone) > 1 and sum(alone) == run.advance


def _has_variation(font: OpenedFont, base: str, mark: str) -> bool:
    return ord(mark) not in _SELECTORS or font.font.get_variation_glyph(ord(base), ord(mark)) is not None
