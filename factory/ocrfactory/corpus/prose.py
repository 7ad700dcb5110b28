"""Corpus kind `prose`: running text as sentences, as windows over it, and as its words without their context.

A recogniser that only ever sees sense learns to guess: it writes the likely word, not the one on the paper. The mix of
words drawn independently of each other is the cure, so a third of the texts are one by default.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ocrfactory.charset.hangul import grapheme_count, graphemes
from ocrfactory.corpus.base import Corpus, Setting, empty, facts_of
from ocrfactory.corpus.builtin import check_name, read_builtin
from ocrfactory.corpus.files import TextFile, read_text_file, without_folders
from ocrfactory.corpus.lengths import Ints, Lengths, fill
from ocrfactory.corpus.mixing import Mixer, Windows
from ocrfactory.corpus.normal import has_compatibility_jamo
from ocrfactory.corpus.passages import Passages, read_passages, units_of, words_of
from ocrfactory.corpus.shares import shares


class Take(BaseModel):
    """How much of each, relative to the others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentences: float = Field(
        1.0, ge=0, allow_inf_nan=False, description="Whole sentences, each once as far as it goes."
    )
    windows: float = Field(1.0, ge=0, allow_inf_nan=False, description="Stretches of the text that start anywhere.")
    mix: float = Field(1.0, ge=0, allow_inf_nan=False, description="Words drawn independently of each other.")

    @model_validator(mode="after")
    def _something(self) -> Take:
        if self.sentences + self.windows + self.mix <= 0:
            raise ValueError("take: one of sentences, windows and mix must be above 0")
        return self


class Prose(Corpus):
    """Novels and the like: text files, or a built-in corpus."""

    kind: Literal["prose"] = "prose"
    file: str | tuple[str, ...] | None = Field(None, description="One text file or several, one paragraph a line.")
    builtin: str | None = Field(None, description="A built-in corpus.")
    take: Take = Field(default_factory=Take, description="Shares of sentences, windows and mix.")

    _known = field_validator("builtin")(check_name)

    @model_validator(mode="after")
    def _one_place(self) -> Prose:
        if bool(self.file) == (self.builtin is not None):
            raise ValueError("prose comes from a file or from a builtin: name one of the two")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """The files, however many were named."""
        return (self.file,) if isinstance(self.file, str) else self.file or ()

    def portable(self) -> Prose:
        """See `Corpus.portable`."""
        names = tuple(map(without_folders, self.files))
        return self.model_copy(update={"file": names[0] if isinstance(self.file, str) else names or None})

    def load(self, setting: Setting) -> _Loaded:
        """See `Corpus.load`."""
        if self.builtin:
            return _Loaded(self, [read_builtin(self.builtin)])
        return _Loaded(self, [read_text_file(name, setting.base) for name in self.files])


class _Loaded:
    def __init__(self, corpus: Prose, files: list[TextFile]) -> None:
        self.corpus, self.files = corpus, files
        self.facts: dict[str, Any] = facts_of("prose", files)
        self.compatibility_jamo = any(has_compatibility_jamo(file.text) for file in files)

    def open(self, setting: Setting) -> _Pool:
        passages = read_passages(self.files, setting)
        names = ", ".join(file.name for file in self.files)
        if not passages.paragraphs:
            raise empty(names, "usable text", setting.tally)
        return _Pool(self.corpus.take, passages, setting, names)


class _Pool:
    dealt = False

    def __init__(self, take: Take, passages: Passages, setting: Setting, name: str) -> None:
        self.lengths, self.rng, self.name = setting.lengths, setting.generator("prose"), name
        self.sentences = _Sentences(passages, setting) if take.sentences else None
        natural = passages.sentences if setting.lengths.shape == "natural" else []
        sizes = [grapheme_count(each) for each in natural]
        self.sizes = np.array([size for size in sizes if setting.lengths.min <= size <= setting.lengths.max], np.int64)
        self.windows = (
            Windows(units_of(passages), setting.lengths, setting.generator("windows")) if take.windows else None
        )
        self.mixer = _mixer(passages, setting) if take.mix else None
        self.weights = (take.sentences, take.windows, take.mix if self.mixer else 0.0)
        self.read = passages.notes
        if not sum(self.weights):
            raise empty(name, "word that is short enough", setting.tally)
        self.wanted = self.given = 0
        only = not take.windows and not take.mix
        self.natural: int | None = len(self.sentences) if only and self.sentences else None

    def draw(self, count: int) -> list[str]:
        targets = self.lengths.targets(self.rng, count, self.sizes)
        modes = self.rng.permutation(np.repeat(np.arange(3), shares(self.weights, count)))
        groups = [targets[modes == i] for i in range(3)]
        found: list[str] = []
        if self.sentences is not None:
            found, left = self.sentences.take(groups[0], any_length=not sum(self.weights[1:]))
            self.wanted, self.given = self.wanted + len(groups[0]), self.given + len(found)
            more = np.array(left, np.int64)
            half = shares(self.weights[1:], len(more))[0] if sum(self.weights[1:]) else 0
            groups[1:] = [np.append(groups[1], more[:half]), np.append(groups[2], more[half:])]
        if self.windows is not None:
            found += fill(groups[1], self.windows.propose)
        if self.mixer is not None:
            found += fill(groups[2], self.mixer.propose)
        return [found[i] for i in self.rng.permutation(len(found)).tolist()]

    def redo(self, text: str) -> str | None:
        return None

    def notes(self) -> Sequence[str]:
        if self.given == self.wanted or not sum(self.weights[1:]):
            return self.read
        return (
            *self.read,
            # A share, for more texts are drawn than are kept.
            f"{without_folders(self.name)}: {self.given / self.wanted:.0%} of the places of whole sentences found one "
            "of the wanted length, since none comes twice; windows and mixed words stand in",
        )


def _mixer(passages: Passages, setting: Setting) -> Mixer | None:
    limits = setting.lengths
    words = [word for word in words_of(passages) if len(word) <= limits.max or grapheme_count(word) <= limits.max]
    if not words:
        return None
    # Enough words to reach the longest text with words of half the usual length.
    usual = sum(map(len, words[:10_000])) / len(words[:10_000]) + len(passages.separator)
    most = min(limits.max, max(2, round(2 * limits.max / usual)))
    return Mixer(words, passages.separator, (1, most), limits, setting.generator("mix"))


class _Sentences:
    """Whole sentences by length, each given once where texts must differ."""

    def __init__(self, passages: Passages, setting: Setting) -> None:
        limits, rng = setting.lengths, setting.generator("sentences")
        self.unique, self.limits, self.rng = setting.unique, limits, rng
        self.all: dict[int, list[str]] = defaultdict(list)
        for sentence in dict.fromkeys(passages.sentences):
            for piece in _cut(sentence, passages.separator, limits, rng):
                size = grapheme_count(piece)
                if size < limits.min:
                    setting.tally.add("too_short", piece[:40])
                elif size > limits.max:
                    setting.tally.add("too_long", piece[:40])
                else:
                    self.all[size].append(piece)
        for pieces in self.all.values():
            rng.shuffle(pieces)
        self.left = {size: list(pieces) for size, pieces in self.all.items()}

    def __len__(self) -> int:
        return sum(map(len, self.all.values()))

    def take(self, targets: Ints, any_length: bool) -> tuple[list[str], list[int]]:
        """Sentences of these lengths, and the lengths for which there is none; with `any_length` others stand in."""
        found, missing = [], []
        for target in targets.tolist():
            pieces = self._pieces(target)
            if pieces:
                found.append(pieces.pop())
            else:
                missing.append(target)
        while any_length and missing and (size := self._near(missing[-1])):
            missing.pop()
            found.append(self.left[size].pop())
        return found, missing

    def _pieces(self, size: int) -> list[str]:
        pieces = self.left.get(size, [])
        if not pieces and not self.unique and size in self.all:
            pieces = self.left[size] = list(self.all[size])
            self.rng.shuffle(pieces)
        return pieces

    def _near(self, target: int) -> int | None:
        """The length nearest to a wanted one that still has a sentence."""
        sizes = sorted(self.left, key=lambda size: (abs(size - target), size))
        return next((size for size in sizes if self._pieces(size)), None)


def _cut(sentence: str, separator: str, limits: Lengths, rng: np.random.Generator) -> list[str]:
    """A sentence that is too long, at borders of words or characters; any other as it is."""
    if grapheme_count(sentence) <= limits.max:
        return [sentence]
    units = sentence.split(" ") if separator else graphemes(sentence)
    pieces: list[str] = []
    at = 0
    while at < len(units):
        goal = int(limits.targets(rng, 1)[0])
        size, end = grapheme_count(units[at]), at + 1
        while end < len(units) and size + len(separator) + grapheme_count(units[end]) <= goal:
            size, end = size + len(separator) + grapheme_count(units[end]), end + 1
        pieces.append(separator.join(units[at:end]).strip())
        at = end
    return [piece for piece in pieces if piece]
