"""The one form that every text has: NFC, no control character, jamo of one kind.

Compatibility jamo (U+3131 to U+318E) and conjoining jamo that stand alone (U+1100 and on) look the same, so a
recogniser that is shown both learns a coin toss. Clusters with archaic jamo have no composed form and stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from ocrfactory.charset.hangul import graphemes

Jamo = Literal["reject", "compatibility", "keep"]

# Controls, what ends a line, surrogates, and what is invisible and shapes nothing: soft hyphen, zero-width space, marks
# of direction, word joiner, byte order mark. Joiners (U+200C, U+200D) and variation selectors are part of clusters.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc\ud800-\udfff]"
)
_COMPATIBILITY = re.compile("[\u3131-\u318e]")
_MODERN = re.compile("[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2]")
# In NFC, modern jamo beside a syllable, or beside each other, did not become one: only an archaic one may hold them.
_LONE = re.compile("[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2\uac00-\ud7a3]+")
_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_TAILS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_TO_COMPATIBILITY = {
    **{0x1100 + i: each for i, each in enumerate(_LEADS)},
    **{0x1161 + i: chr(0x314F + i) for i in range(21)},
    **{0x11A8 + i: each for i, each in enumerate(_TAILS)},
}


def nfc(text: str) -> str:
    """The text in NFC; the same object where it is already."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def control(text: str) -> str | None:
    """The first character that has no place in a label, or None."""
    found = _CONTROL.search(text)
    return found.group() if found else None


def has_compatibility_jamo(text: str) -> bool:
    """Whether a text holds jamo that stand by themselves by right."""
    return _COMPATIBILITY.search(text) is not None


def has_lone_jamo(text: str) -> bool:
    """Whether a text in NFC holds modern conjoining jamo that make no syllable."""
    return _MODERN.search(text) is not None and any(map(_is_lone, graphemes(text)))


def _is_lone(cluster: str) -> bool:
    return _MODERN.search(cluster) is not None and _LONE.fullmatch(cluster) is not None


def to_compatibility(text: str) -> str:
    """Modern conjoining jamo that stand alone as compatibility jamo."""
    if not _MODERN.search(text):
        return text
    return "".join(
        cluster.translate(_TO_COMPATIBILITY) if _is_lone(cluster) else cluster for cluster in graphemes(text)
    )
