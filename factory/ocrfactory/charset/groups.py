"""Which script a class belongs to: crop policy, fonts and statistics go by group.

The ranges are our own, after the blocks of Unicode 17: Python 3.11 carries Unicode 14, which lacks the ideographs of
extensions H and I, so neither `unicodedata.name` nor its categories can tell a character from a hole.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

GROUPS = ("han", "hangul", "kana", "punctuation", "latin", "digit", "other")

# (first, last, group), in code order; what lies between is "other".
_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x21, 0x2F, "punctuation"),
    (0x30, 0x39, "digit"),
    (0x3A, 0x40, "punctuation"),
    (0x41, 0x5A, "latin"),
    (0x5B, 0x60, "punctuation"),
    (0x61, 0x7A, "latin"),
    (0x7B, 0x7E, "punctuation"),
    (0xA1, 0xA9, "punctuation"),
    (0xAA, 0xAA, "latin"),
    (0xAB, 0xAC, "punctuation"),
    (0xAE, 0xB1, "punctuation"),
    (0xB4, 0xB8, "punctuation"),
    (0xBA, 0xBA, "latin"),
    (0xBB, 0xBB, "punctuation"),
    (0xBF, 0xBF, "punctuation"),
    (0xC0, 0xD6, "latin"),
    (0xD7, 0xD7, "punctuation"),
    (0xD8, 0xF6, "latin"),
    (0xF7, 0xF7, "punctuation"),
    (0xF8, 0x2AF, "latin"),
    (0x1100, 0x11FF, "hangul"),
    (0x1E00, 0x1EFF, "latin"),
    (0x2010, 0x2027, "punctuation"),
    (0x2030, 0x205E, "punctuation"),
    (0x20A0, 0x20C1, "punctuation"),
    (0x2C60, 0x2C7F, "latin"),
    (0x2E00, 0x2E5D, "punctuation"),
    (0x2E80, 0x2EFF, "han"),  # radicals
    (0x2F00, 0x2FDF, "han"),  # Kangxi radicals
    (0x2FF0, 0x2FFF, "han"),  # a description sequence stands for an ideograph that has no code
    (0x3001, 0x3004, "punctuation"),
    (0x3005, 0x3007, "han"),  # iteration mark, closing mark, zero: set as ideographs
    (0x3008, 0x3020, "punctuation"),
    (0x3021, 0x3029, "han"),
    (0x302E, 0x302F, "hangul"),
    (0x3030, 0x3030, "punctuation"),
    (0x3031, 0x3035, "kana"),
    (0x3036, 0x3037, "punctuation"),
    (0x3038, 0x303B, "han"),
    (0x303C, 0x303C, "kana"),
    (0x303D, 0x303D, "punctuation"),
    (0x3041, 0x309F, "kana"),
    (0x30A0, 0x30A0, "punctuation"),
    (0x30A1, 0x30FA, "kana"),
    (0x30FB, 0x30FB, "punctuation"),
    (0x30FC, 0x30FF, "kana"),
    (0x3131, 0x3163, "hangul"),
    (0x3165, 0x318E, "hangul"),
    (0x31C0, 0x31EF, "han"),  # strokes
    (0x31F0, 0x31FF, "kana"),
    (0x3400, 0x4DBF, "han"),  # extension A
    (0x4E00, 0x9FFF, "han"),
    (0xA722, 0xA7FF, "latin"),
    (0xA960, 0xA97F, "hangul"),
    (0xAB30, 0xAB6F, "latin"),
    (0xAC00, 0xD7A3, "hangul"),
    (0xD7B0, 0xD7FB, "hangul"),
    (0xF900, 0xFAFF, "han"),  # compatibility ideographs, twelve of which are unified ones
    (0xFB00, 0xFB06, "latin"),
    (0xFE10, 0xFE19, "punctuation"),
    (0xFE30, 0xFE6B, "punctuation"),
    (0xFF01, 0xFF0F, "punctuation"),
    (0xFF10, 0xFF19, "digit"),
    (0xFF1A, 0xFF20, "punctuation"),
    (0xFF21, 0xFF3A, "latin"),
    (0xFF3B, 0xFF40, "punctuation"),
    (0xFF41, 0xFF5A, "latin"),
    (0xFF5B, 0xFF65, "punctuation"),
    (0xFF66, 0xFF9F, "kana"),
    (0xFFA1, 0xFFDC, "hangul"),
    (0xFFE0, 0xFFE6, "punctuation"),
    (0x16FF0, 0x16FF1, "han"),
    (0x1AFF0, 0x1B16F, "kana"),
    (0x20000, 0x2A6DF, "han"),  # extension B
    (0x2A700, 0x2EE5F, "han"),  # extensions C, D, E, F and I, without a gap
    (0x2F800, 0x2FA1F, "han"),  # compatibility supplement
    (0x30000, 0x3347F, "han"),  # extensions G, H and J
)
_STARTS = tuple(first for first, _, _ in _RANGES)

# Characters that are drawn as nothing and yet are text. A font without ink for these is right, not broken.
BLANKS: frozenset[str] = frozenset(
    map(
        chr,
        (
            0x20,
            0xA0,
            0x1680,
            *range(0x2000, 0x200B),
            0x202F,
            0x205F,
            0x2800,  # the empty braille pattern
            0x3000,
            0x115F,  # the Hangul fillers
            0x1160,
            0x3164,
            0xFFA0,
        ),
    )
)


def class_group(text: str) -> str:
    """The group of a class, one of `GROUPS`, by its first code point; blanks and the empty text are "other"."""
    return _group(text[:1])


@lru_cache(maxsize=1 << 17)
def _group(character: str) -> str:
    if not character:
        return "other"
    code = ord(character)
    first, last, group = _RANGES[bisect_right(_STARTS, code) - 1]
    return group if first <= code <= last else "other"


def is_blank(text: str) -> bool:
    """Whether every character of a (not empty) text is one that has no ink by right."""
    return text != "" and BLANKS.issuperset(text)
