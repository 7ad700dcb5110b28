"""Reference glyphs: the characters of a face that show a generator its style.

They are taken from what the face really draws, in the script of what is to be drawn, from the simplest to the densest:
the weight of a font shows in few strokes, how it squeezes in many.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.charset.groups import class_group
from ocrfactory.fill.frame import draw_glyphs
from ocrfactory.fonts.coverage import drawn_characters
from ocrfactory.fonts.face import Face
from ocrfactory.rng import seed_of

SCRIPTS = ("han", "hangul")
"""The class groups that a generator draws."""
EVERYDAY = {"han": (0x4E00, 0x9FFF), "hangul": (0xAC00, 0xD7A3)}
"""Whole characters: a radical, a stroke or a single jamo tells less of a style."""
POOL = 8
"""Characters that are drawn for each one that is chosen."""


class References(msgspec.Struct, frozen=True):
    """One set of reference characters of a face."""

    chars: tuple[str, ...]
    """As many as the generator wants; from little ink to much. Fewer than that are given again, in turn."""

    def draw(self, face: Face, size: int) -> npt.NDArray[np.uint8]:
        """Their pictures: ink (len(chars), size, size), each by the first file of the face that has it.

        Raises:
            FontError: a file of the face cannot be opened any more.
        """
        drawn = draw_glyphs(face, self.chars, size)
        return np.array([drawn[char] for char in self.chars], np.uint8).reshape(-1, size, size)


def choose_references(face: Face, script: str, sets: int, count: int, seed: int) -> tuple[References, ...]:
    """Sets of `count` reference characters of a face, one for each attempt; they depend on nothing but the arguments.

    Args:
        script: `han` or `hangul`. A face that has too few characters of it shows those of both.
        count: characters of a set; 0 for a generator that needs none.

    Returns:
        No set where the face draws neither script.
    """
    if not count:
        return (References(()),) * sets
    candidates = _candidates(face, script, count)
    if not candidates:
        return ()
    return tuple(_choose(face, candidates, number, count, seed) for number in range(sets))


def _candidates(face: Face, script: str, count: int) -> list[str]:
    drawn = drawn_characters([face])
    own = [char for char in drawn if class_group(char) == script]
    first, last = EVERYDAY[script]
    everyday = [char for char in own if first <= ord(char) <= last]
    either = [char for char in drawn if class_group(char) in SCRIPTS]
    return sorted(next((found for found in (everyday, own) if len(found) >= count), either))


def _choose(face: Face, candidates: Sequence[str], number: int, count: int, seed: int) -> References:
    key = face.files[0].sha256, face.files[0].index, number
    order = {char: seed_of(seed, "references", *key, char) for char in candidates}
    pool = sorted(candidates, key=order.__getitem__)[: POOL * count]
    ink = {char: int(picture.sum(dtype=np.int64)) for char, picture in draw_glyphs(face, pool).items()}
    by_ink = sorted(ink, key=lambda char: (ink[char], char))
    if len(by_ink) < count:
        return References(tuple(by_ink[i % len(by_ink)] for i in range(count)) if by_ink else ())
    bins = np.array_split(np.arange(len(by_ink)), count)
    return References(tuple(min((by_ink[i] for i in members), key=order.__getitem__) for members in bins))
