"""Hangul arithmetic, and the length of a text as a reader counts it.

A modern syllable is 19 leading consonants x 21 vowels x 28 trailing consonants (0: none), in this order from U+AC00.
"""

from __future__ import annotations

import re

LEADS, VOWELS, TAILS = 19, 21, 28
_FIRST = 0xAC00
_COUNT = LEADS * VOWELS * TAILS

# Texts of these alone have no character that could join its neighbour: one code point, one cluster.
_SIMPLE = re.compile(
    "[ -~\u3001-\u3020\u3041-\u3096\u30a0-\u30ff\u3131-\u318e\u3400-\u9fff\uac00-\ud7a3\uff01-\uff65]*"
)


def decompose(syllable: str) -> tuple[int, int, int]:
    """The indices of lead, vowel and tail of one composed syllable; tail 0 is none.

    Raises:
        ValueError: not one composed syllable.
    """
    index = ord(syllable) - _FIRST if len(syllable) == 1 else -1
    if not 0 <= index < _COUNT:
        raise ValueError(f"{syllable!r} is not a composed Hangul syllable")
    return index // (VOWELS * TAILS), index // TAILS % VOWELS, index % TAILS


def compose(lead: int, vowel: int, tail: int = 0) -> str:
    """The syllable of three indices, as `decompose` gives them."""
    if not (0 <= lead < LEADS and 0 <= vowel < VOWELS and 0 <= tail < TAILS):
        raise ValueError(f"no syllable has the indices {lead}, {vowel}, {tail}")
    return chr(_FIRST + (lead * VOWELS + vowel) * TAILS + tail)


def graphemes(text: str) -> list[str]:
    """The characters that a reader sees: extended grapheme clusters (a base with its marks or selectors is one)."""
    if len(text) < 2 or _SIMPLE.fullmatch(text):
        return list(text)
    import regex  # 10 ms, and most runs never come here

    return regex.findall(r"\X", text)  # type: ignore[no-any-return]


def grapheme_count(text: str) -> int:
    """How many `graphemes` a text has."""
    size = len(text)
    if size < 2 or _SIMPLE.fullmatch(text):
        return size
    return len(graphemes(text))
