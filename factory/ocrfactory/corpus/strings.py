"""Corpus kind `strings`: characters in random order, every class as often as every other.

What language makes rare is here as frequent as anything else. Classes are dealt from shuffled decks: over the texts of
one composition the counts of two classes differ by one at most (by a few where a tiny set makes texts meet again).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from ocrfactory.charset import Charset, is_blank, load_charset
from ocrfactory.charset.hangul import grapheme_count, graphemes
from ocrfactory.corpus.base import Corpus, Setting
from ocrfactory.corpus.decks import Deck, jamo_first
from ocrfactory.corpus.files import without_folders
from ocrfactory.corpus.lengths import Ints
from ocrfactory.corpus.normal import control, has_compatibility_jamo, nfc, to_compatibility
from ocrfactory.errors import InputError

_BLOCK = 20_000


class Strings(Corpus):
    """Random strings of a character set."""

    kind: Literal["strings"] = "strings"
    charset: str = Field(min_length=1, description="A set, a file, or an expression such as hangul+ascii.")
    each: int | None = Field(None, ge=1, description="Every class appears at least so often.")
    spaces: float = Field(0.1, ge=0, le=0.5, description="Chance of a space between two characters.")
    cover: Literal["balanced", "jamo"] = Field(
        "balanced", description="jamo: syllables that show a new pair of jamo come first."
    )

    def portable(self) -> Strings:
        """See `Corpus.portable`."""
        return self.model_copy(update={"charset": without_folders(self.charset)})

    def load(self, setting: Setting) -> _Loaded:
        """See `Corpus.load`."""
        return _Loaded(self, load_charset(self.charset, base=setting.base))


class _Loaded:
    def __init__(self, corpus: Strings, charset: Charset) -> None:
        self.corpus, self.charset = corpus, charset
        self.facts: dict[str, Any] = {"kind": "strings", "sha256": [charset.sha256], "classes": len(charset)}
        self.compatibility_jamo = any(map(has_compatibility_jamo, charset.classes))

    def open(self, setting: Setting) -> _Pool:
        usable = dict.fromkeys(each for each in self._classes(setting) if _fits(each, setting))
        if not usable:
            why = str(setting.tally)
            raise InputError(
                f"charset {self.corpus.charset}: no class is left to draw" + (f"; {why}" if why else ""),
                "see its classes: ocrfactory charset list",
            )
        return _Pool(self.corpus, tuple(usable), setting)

    def _classes(self, setting: Setting) -> Iterable[str]:
        """The classes, not normalised: one that changes under NFC is left out and counted, not turned into another."""
        return map(to_compatibility, self.charset.classes) if setting.jamo == "compatibility" else self.charset.classes


def _fits(text: str, setting: Setting) -> bool:
    """Whether a class can stand beside any other and stay itself; if not, it is counted."""
    reason = None
    if is_blank(text):
        reason = "blank"
    elif control(text):
        reason = "control"
    elif nfc(text) != text:
        reason = "not_nfc"
    elif any(grapheme_count(pair) != 2 for pair in ("가" + text, text + "가", "a" + text, text + "a", text + text)):
        reason = "joins"
    if reason:
        setting.tally.add(reason, text)
    return reason is None and not setting.foreign(text)


class _Pool:
    dealt = True

    def __init__(self, corpus: Strings, classes: tuple[str, ...], setting: Setting) -> None:
        self.corpus, self.classes, self.lengths = corpus, classes, setting.lengths
        self.shapes, self.rng = setting.generator("shapes"), setting.generator("again")
        first = jamo_first(classes, setting.generator("cover")) if corpus.cover == "jamo" else None
        self.deck = Deck(len(classes), setting.generator("deck"), first)
        self.simple = np.array([ord(each) for each in classes], np.uint32) if max(map(len, classes)) == 1 else None
        self.planned: list[tuple[Ints, Ints]] = []
        self.natural: int | None = self._needed(corpus.each) if corpus.each else None

    def draw(self, count: int) -> list[str]:
        texts: list[str] = []
        while len(texts) < count:
            sizes, marks = self._shapes(count - len(texts))
            texts += self._filled(sizes, marks)
        return texts

    def redo(self, text: str) -> str | None:
        """The same characters in another order, so that the balance stays."""
        clusters = graphemes(text)
        order = iter(self.rng.permutation([i for i, each in enumerate(clusters) if each != " "]).tolist())
        return "".join(each if each == " " else clusters[next(order)] for each in clusters)

    def notes(self) -> Sequence[str]:
        return ()

    def _needed(self, each: int) -> int:
        """How many texts deal every class `each` times. Their shapes are settled here, and used later."""
        want, have, lines = each * len(self.classes), 0, 0
        while True:
            # The block does not depend on what is asked, so that texts are the same however many are wanted.
            sizes, marks = self._block()
            self.planned.append((sizes, marks))
            spaces = np.add.reduceat(marks, np.cumsum(sizes) - sizes)
            total = have + np.cumsum(sizes - spaces)
            if total[-1] >= want:
                return lines + int(np.searchsorted(total, want)) + 1
            have, lines = int(total[-1]), lines + len(sizes)

    def _shapes(self, most: int) -> tuple[Ints, Ints]:
        """The sizes of at most so many texts, and which of their positions are spaces (1), one text after another."""
        if not self.planned:
            self.planned.append(self._block())
        sizes, marks = self.planned.pop(0)
        if len(sizes) > most:
            cut = int(sizes[:most].sum())
            self.planned.insert(0, (sizes[most:], marks[cut:]))
            sizes, marks = sizes[:most], marks[:cut]
        return sizes, marks

    def _block(self) -> tuple[Ints, Ints]:
        sizes = self.lengths.targets(self.shapes, _BLOCK)
        ends = np.cumsum(sizes)
        marks = self.shapes.random(int(ends[-1])) < self.corpus.spaces
        marks[ends - 1] = marks[ends - sizes] = False
        # Of two neighbours the second stays a character. In a long chain that leaves one space of two at least.
        chain = np.flatnonzero(marks[1:] & marks[:-1]) + 1
        for i in chain.tolist():
            marks[i] = not marks[i - 1]
        return sizes, marks.astype(np.int64)

    def _filled(self, sizes: Ints, marks: Ints) -> list[str]:
        dealt = self.deck.deal(int(len(marks) - marks.sum()))
        borders = np.cumsum(sizes)
        pairs = zip((borders - sizes).tolist(), borders.tolist(), strict=True)
        if self.simple is not None:  # one code point a class: all texts are one array
            codes = np.full(len(marks), ord(" "), "<u4")
            codes[marks == 0] = self.simple[dealt]
            whole = codes.tobytes().decode("utf-32-le")
            return [whole[a:b] for a, b in pairs]
        numbers = np.full(len(marks), len(self.classes))
        numbers[marks == 0] = dealt
        names = (*self.classes, " ")
        clusters = [names[i] for i in numbers.tolist()]
        return ["".join(clusters[a:b]) for a, b in pairs]
