"""Corpus kind `words`: a few words of a list, drawn at random and joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.corpus.base import Corpus, Setting, empty, facts_of
from ocrfactory.corpus.builtin import check_name, read_builtin
from ocrfactory.corpus.files import TextFile, read_text_file, without_folders
from ocrfactory.corpus.lengths import fill
from ocrfactory.corpus.mixing import Mixer
from ocrfactory.corpus.normal import has_compatibility_jamo
from ocrfactory.corpus.passages import is_spaced, read_passages, words_of
from ocrfactory.errors import InputError


class Words(Corpus):
    """Words of a list, one a line, or those of a built-in corpus."""

    kind: Literal["words"] = "words"
    file: str | None = Field(None, min_length=1, description="One word a line; a line may hold spaces.")
    builtin: str | None = Field(None, description="A built-in corpus, whose words are taken.")
    words: tuple[int, int] = Field((1, 6), description="The least and the most words of a text.")
    separator: str | None = Field(None, max_length=8, description="By default a space; nothing for Chinese, Japanese.")
    frequency: bool = Field(False, description="The file has word<TAB>count, and frequent words are drawn more often.")

    _known = field_validator("builtin")(check_name)

    @field_validator("words")
    @classmethod
    def _ordered(cls, value: tuple[int, int]) -> tuple[int, int]:
        if not 1 <= value[0] <= value[1] <= 200:
            raise ValueError(f"words are [least, most] within 1 to 200, not [{value[0]}, {value[1]}]")
        return value

    @field_validator("separator")
    @classmethod
    def _printable(cls, value: str | None) -> str | None:
        if value and not value.isprintable():
            raise ValueError(f"the separator {value!r} holds a control character")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Words:
        if (self.file is None) == (self.builtin is None):
            raise ValueError("words come from a file or from a builtin: name one of the two")
        if self.frequency and self.file is None:
            raise ValueError("frequency needs a file of word<TAB>count")
        return self

    def portable(self) -> Words:
        """See `Corpus.portable`."""
        return self.model_copy(update={"file": self.file and without_folders(self.file)})

    def load(self, setting: Setting) -> _Loaded:
        """See `Corpus.load`."""
        file = read_text_file(self.file, setting.base) if self.file else read_builtin(self.builtin or "")
        return _Loaded(self, file)


class _Loaded:
    def __init__(self, corpus: Words, file: TextFile) -> None:
        self.corpus, self.file = corpus, file
        self.facts: dict[str, Any] = facts_of("words", [file])
        self.compatibility_jamo = has_compatibility_jamo(file.text)

    def open(self, setting: Setting) -> _Pool:
        counts = self._counts(setting) if self.corpus.file else self._of_builtin(setting)
        if not counts:
            raise empty(self.file.name, "usable word", setting.tally)
        separator = self.corpus.separator
        if separator is None:
            separator = " " if is_spaced(self.file.text) else ""
        return _Pool(self.corpus, counts, separator, setting, self.file.name)

    def _of_builtin(self, setting: Setting) -> dict[str, float]:
        return dict.fromkeys(words_of(read_passages([self.file], setting)), 1.0)

    def _counts(self, setting: Setting) -> dict[str, float]:
        counts: dict[str, float] = {}
        for number, line in enumerate(self.file.lines, 1):
            where = f"{self.file.name}:{number}"
            word, count = _frequency(line, where) if self.corpus.frequency else (line, 1.0)
            word = setting.clean(word.strip(" \u3000\xa0"))
            if not word:
                continue
            if not setting.fault(word, f"{self.file.short}:{number}") and not setting.foreign(word):
                counts[word] = counts.get(word, 0.0) + count if self.corpus.frequency else 1.0
        return {word: count for word, count in counts.items() if count > 0}


def _frequency(line: str, where: str) -> tuple[str, float]:
    if not line.strip():
        return "", 0.0
    word, tab, count = line.rpartition("\t")
    try:
        value = float(count)
    except ValueError:
        value = -1.0
    if not tab or not 0 <= value < 1e18:
        raise InputError(f"{where}: no word<TAB>count: {line[:40]!r}", "without counts leave `frequency` out")
    return word, value


class _Pool:
    dealt = False
    natural: int | None = None

    def __init__(self, corpus: Words, counts: dict[str, float], separator: str, setting: Setting, name: str) -> None:
        limits = setting.lengths
        self.lengths, self.rng = limits, setting.generator("words")
        words = [word for word in counts if grapheme_count(word) <= limits.max]
        for word in [word for word in counts if grapheme_count(word) > limits.max]:
            setting.tally.add("too_long", word[:40])
        if not words:
            raise empty(name, "word that is short enough", setting.tally)
        weights = np.array([counts[word] for word in words]) if corpus.frequency else None
        self.mixer = Mixer(words, separator, corpus.words, limits, self.rng, weights)

    def draw(self, count: int) -> list[str]:
        if self.lengths.shape == "natural":
            return self.mixer.natural(count)
        return fill(self.lengths.targets(self.rng, count), self.mixer.propose)

    def redo(self, text: str) -> str | None:
        return None

    def notes(self) -> Sequence[str]:
        return ()
