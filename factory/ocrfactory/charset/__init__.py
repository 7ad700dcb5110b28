"""Character sets: what the classes of a recogniser are, in which order, and what may be one.

A class is a sequence of code points, verbatim: nothing here normalises, strips or sorts what a user lists.
"""

from ocrfactory.charset.algebra import Charset, load_charset
from ocrfactory.charset.check import Report, check
from ocrfactory.charset.files import RawList, read_classes
from ocrfactory.charset.groups import BLANKS, GROUPS, class_group, is_blank
from ocrfactory.charset.hangul import compose, decompose, grapheme_count
from ocrfactory.charset.named import NAMED, NamedSet
from ocrfactory.charset.rules import codepoints, why_no_class

__all__ = [
    "BLANKS",
    "GROUPS",
    "NAMED",
    "Charset",
    "NamedSet",
    "RawList",
    "Report",
    "check",
    "class_group",
    "codepoints",
    "compose",
    "decompose",
    "grapheme_count",
    "is_blank",
    "load_charset",
    "read_classes",
    "why_no_class",
]
