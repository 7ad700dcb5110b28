"""What may be a class at all, and how a class is named in messages."""

from __future__ import annotations

import re
import unicodedata

# A label is one line of a text file and valid UTF-8: no control character, nothing else that ends a line, no half
# of a surrogate pair.
_NO_LABEL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Han as of Unicode 15.1: newer than the tables of Python 3.11 (14.0) and 3.12 (15.0).
_HAN_ASSIGNED = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B739),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1),
    (0x2CEB0, 0x2EBE0),
    (0x2EBF0, 0x2EE5D),
    (0x30000, 0x3134A),
    (0x31350, 0x323AF),
)
UNICODE_VERSION = f"{unicodedata.unidata_version}, with the ideographs of 15.1"


def why_no_class(text: str) -> str | None:
    """The reason why a text cannot be a label, or None where it can."""
    if not text:
        return "is empty"
    bad = _NO_LABEL.search(text)
    if bad is None:
        return None
    code = ord(bad.group())
    kind = "the lone surrogate" if 0xD800 <= code <= 0xDFFF else "the control character"
    return f"holds {kind} U+{code:04X}"


def codepoints(text: str) -> str:
    """A text as `U+5B57 U+E0100`."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


def visible(text: str) -> str:
    """A text that can be printed and stored: what cannot be a label, and format characters, as escapes."""
    return "".join(f"\\u{ord(each):04x}" if _is_hidden(each) else each for each in text)


def _is_hidden(character: str) -> bool:
    return _NO_LABEL.match(character) is not None or unicodedata.category(character) == "Cf"


def is_assigned(character: str) -> bool:
    """Whether a code point is a character, by our own table for Han and by the running Python for the rest."""
    code = ord(character)
    return any(first <= code <= last for first, last in _HAN_ASSIGNED) or unicodedata.category(character) != "Cn"
