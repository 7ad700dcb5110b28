"""Texts for lines of OCR training data, all of them known before the first is drawn.

Every text is in NFC, holds no control character and has no space at either end; see normal.py. What a source does with
them is not known here.
"""

from ocrfactory.corpus.builtin import builtin_names, describe
from ocrfactory.corpus.compose import compose
from ocrfactory.corpus.kinds import AnyCorpus, as_corpora
from ocrfactory.corpus.lengths import Lengths
from ocrfactory.corpus.lines import Lines
from ocrfactory.corpus.normal import Jamo
from ocrfactory.corpus.pattern import Pattern
from ocrfactory.corpus.prose import Prose, Take
from ocrfactory.corpus.strings import Strings
from ocrfactory.corpus.templates import matches
from ocrfactory.corpus.texts import Dropped, Texts
from ocrfactory.corpus.words import Words

__all__ = [
    "AnyCorpus",
    "Dropped",
    "Jamo",
    "Lengths",
    "Lines",
    "Pattern",
    "Prose",
    "Strings",
    "Take",
    "Texts",
    "Words",
    "as_corpora",
    "builtin_names",
    "compose",
    "describe",
    "matches",
]
