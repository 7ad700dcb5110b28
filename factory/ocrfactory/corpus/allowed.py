"""Which texts a character set allows, asked for many short texts."""

from __future__ import annotations

import unicodedata

from ocrfactory.charset.hangul import graphemes

_JOINING = ("Mn", "Mc", "Me", "Cf")


class Allowed:
    """A text is allowed if each of its grapheme clusters is a class or a space."""

    def __init__(self, charset: frozenset[str]) -> None:
        self.classes = charset | {" "}
        # Code points that are a cluster wherever they stand; with these alone no clusters need to be found.
        self._plain = {each for each in self.classes if len(each) == 1 and not _joins(each)}

    def __contains__(self, text: str) -> bool:
        return self._plain.issuperset(text) or self.classes.issuperset(graphemes(text))

    def foreign(self, text: str) -> list[str]:
        """The clusters that the set lacks, each once, in order."""
        return [cluster for cluster in dict.fromkeys(graphemes(text)) if cluster not in self.classes]


def _joins(char: str) -> bool:
    code = ord(char)
    conjoining = 0x1100 <= code <= 0x11FF or 0xA960 <= code <= 0xA97F or 0xD7B0 <= code <= 0xD7FF
    return conjoining or unicodedata.category(char) in _JOINING or 0x1F1E6 <= code <= 0x1F1FF
