"""The union of all kinds of corpora, and short ways to write one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from ocrfactory.corpus.builtin import builtin_names
from ocrfactory.corpus.lines import Lines
from ocrfactory.corpus.pattern import Pattern
from ocrfactory.corpus.prose import Prose
from ocrfactory.corpus.strings import Strings
from ocrfactory.corpus.words import Words

AnyCorpus = Annotated[Words | Prose | Strings | Pattern | Lines, Field(discriminator="kind")]


def as_corpora(value: Any) -> Any:
    """For validators: what stands for corpora, as a list of them.

    A text is a built-in corpus (`ko`), else a text file, read as prose. A mapping is one corpus, a list is several.
    What is none of these comes back as it is, for the validator to refuse.
    """
    items = [value] if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence) else value
    return tuple(_named(each) if isinstance(each, str) else each for each in items)


def _named(text: str) -> Any:
    if text in builtin_names():
        return Prose(builtin=text)
    if not text.strip():
        raise ValueError(f"a corpus is a file or one of {', '.join(builtin_names())}")
    return Prose(file=text)
