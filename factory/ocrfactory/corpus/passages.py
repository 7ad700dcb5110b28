"""Running text, cut in the ways that recognisers are trained on: sentences, words, and windows over it.

Whether words are set apart by spaces is found out, not asked: a text with few spaces and more Han and kana than
other letters has none. There, any border between characters is a border.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory.charset.hangul import grapheme_count, graphemes
from ocrfactory.corpus.base import Setting
from ocrfactory.corpus.files import TextFile
from ocrfactory.corpus.lengths import Ints

_UNSPACED = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003347f]")
_SPACED = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u052f\u1100-\u11ff\uac00-\ud7a3]")
_PROBE = 200_000
MAX_CHARACTERS = 10_000_000
"""Beyond this, a corpus of running text is a sample of its files: twenty novels are 10 million characters."""
_STRETCH = 100
_BREAK = ("", "")
_USUAL_WORD = 15
"""Characters a space, at most, where spaces set words apart: Korean with much Han is still Korean."""

_CLOSERS = "」』）)〉》】〕］\\]”’\"'"
# A full-width mark ends a sentence wherever it stands, unless a quotation goes on in its sentence; a half-width one
# before a space or the end, unless it belongs to a short form.
_SENTENCE = re.compile(
    rf"(?:[。！？]+[{_CLOSERS}]*(?!と|って|、|，)|(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\bSt)(?<!\bNo)"
    rf"(?<![0-9]\s[0-9])[.!?…]+[{_CLOSERS}]*(?=\s|$))\s*"
)
_PAIRS = (("「", "」"), ("『", "』"), ("（", "）"), ("(", ")"), ("“", "”"))
_OPENERS = frozenset(pair[0] for pair in _PAIRS) | {'"'}
# What no line begins with and what none ends with.
_NO_START = frozenset("、。，．・：；？！」』）〉》】〕］”’ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々,.:;?!)]} ")
_NO_END = frozenset("「『（〈《【〔［“‘([{ ")
_TOKEN = re.compile(
    "[「『（《〈]?(?:[\u30a1-\u30fc]+|[\u3400-\u4dbf\u4e00-\u9fff々]{1,2}[\u3041-\u3096]{0,2}|[\u3041-\u3096]{1,3}"
    "|[0-9A-Za-z０-９Ａ-Ｚａ-ｚ.%％-]+|[^ ])[、。，！？：；」』）》〉]*"
)


class Passages(msgspec.Struct, frozen=True):
    """Text without what the composition does not allow."""

    spaced: bool
    paragraphs: list[tuple[str, bool]]
    """A stretch of text, and whether something is missing between it and the one before."""
    sentences: list[str]
    notes: tuple[str, ...] = ()

    @property
    def separator(self) -> str:
        """What stands between two words."""
        return " " if self.spaced else ""


class Units(msgspec.Struct, frozen=True):
    """The smallest pieces of a text that windows are made of: words, or characters where nothing is spaced."""

    text: str
    starts: Ints
    ends: Ints
    """Where each unit starts and ends in `text`, in code points."""
    first: Ints
    last: Ints
    """The same in grapheme clusters."""
    runs: Ints
    """The number of the unbroken stretch that each unit is in."""
    may_start: NDArray[np.bool_]
    may_end: NDArray[np.bool_]


def is_spaced(text: str) -> bool:
    """Whether a text sets its words apart by spaces."""
    probe = text[:_PROBE]
    many_spaces = probe.count(" ") * _USUAL_WORD >= len(probe)
    return many_spaces or len(_UNSPACED.findall(probe)) <= len(_SPACED.findall(probe))


def read_passages(files: Sequence[TextFile], setting: Setting) -> Passages:
    """Clean every line and leave out what is not allowed; white space within a line becomes one space."""
    lines, notes = _lines(files, setting)
    spaced = is_spaced("".join(line for line, _ in lines[:20_000]))
    paragraphs: list[tuple[str, bool]] = []
    sentences: list[str] = []
    gap = False
    for line, where in lines:
        text = setting.clean(line)
        if not text:
            gap = gap or (line, where) == _BREAK
            continue
        if setting.fault(text, where):
            gap = True
            continue
        if setting.allowed is None or text in setting.allowed:
            paragraphs.append((text, gap))
            sentences += split_sentences(text)
            gap = False
            continue
        sentences += [each for each in split_sentences(text) if not setting.foreign(each)]
        paragraphs += _allowed_stretches(text, spaced, setting)
        gap = True
    return Passages(spaced, paragraphs, sentences, notes)


def _lines(files: Sequence[TextFile], setting: Setting) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Each line with its place, white space within it as one space.

    Of more text than anybody needs for lines, evenly spread stretches are taken, others for another seed: a library
    would take minutes and gigabytes, and no recogniser would be the better for it. An empty line stands between two.
    """
    whole = sum(len(file.text) for file in files)
    stretches = [
        (file.short, at, lines[at : at + _STRETCH])
        for file in files
        for lines in [file.lines]
        for at in range(0, len(lines), _STRETCH)
    ]
    # Never none: a whole book can be one line.
    every = min(-(-whole // MAX_CHARACTERS), len(stretches))
    found: list[tuple[str, str]] = []
    for number, (name, at, lines) in enumerate(stretches):
        if every <= 1 or number % every == setting.seed % every:
            found += [(" ".join(line.split()), f"{name}:{i}") for i, line in enumerate(lines, at + 1)]
        elif found and found[-1] != _BREAK:
            found.append(_BREAK)
    if every <= 1:
        return found, ()
    names = ", ".join(file.short for file in files)
    return found, (f"{names}: one stretch of {_STRETCH} lines in {every} is used, of {whole:,} characters",)


def split_sentences(text: str) -> list[str]:
    """The sentences of one line, without spaces at their ends."""
    found, at = [], 0
    for mark in _SENTENCE.finditer(text):
        found.append(text[at : mark.end()].strip())
        at = mark.end()
    return [each for each in _closed([*found, text[at:].strip()], text) if each]


def _closed(pieces: list[str], text: str) -> list[str]:
    """Pieces put together again until every quotation and parenthesis that one opens is closed."""
    if len(pieces) < 2 or _OPENERS.isdisjoint(text):
        return pieces
    found: list[str] = []
    at, held = 0, ""
    for piece in pieces:
        start = text.index(piece, at)
        held = held + text[at:start] + piece if held else piece
        at = start + len(piece)
        if all(held.count(a) <= held.count(b) for a, b in _PAIRS) and held.count('"') % 2 == 0:
            found.append(held)
            held = ""
    return [*found, held]


def _allowed_stretches(text: str, spaced: bool, setting: Setting) -> Iterator[tuple[str, bool]]:
    """The longest stretches of allowed words, or characters, of a line that also holds others."""
    allowed = setting.allowed
    separator = " " if spaced else ""
    stretch: list[str] = []
    for unit in [*(text.split(" ") if spaced else graphemes(text)), None]:
        if unit is not None and (allowed is None or unit in allowed):
            stretch.append(unit)
        elif stretch:
            if found := separator.join(stretch).strip():
                yield found, True
            stretch = []


def units_of(passages: Passages) -> Units:
    """Where the units of a text are, as arrays: a book has millions."""
    separator = passages.separator
    text = separator.join(part for part, _ in passages.paragraphs)
    sizes = np.array([len(part) for part, _ in passages.paragraphs], np.int64)
    begins = np.cumsum(sizes + len(separator)) - sizes - len(separator)
    broken = np.cumsum([gap for _, gap in passages.paragraphs], dtype=np.int64)
    cluster_starts = _cluster_starts(text)
    if passages.spaced:
        starts, ends = _word_borders(text)
        first = np.searchsorted(cluster_starts, starts)
        last = np.searchsorted(cluster_starts, ends)
        may_start = may_end = np.ones(len(starts), bool)
    else:
        starts, ends = cluster_starts, np.append(cluster_starts[1:], len(text))
        first = np.arange(len(starts), dtype=np.int64)
        last = first + 1
        characters = [text[i] for i in starts.tolist()]
        may_start = np.array([each not in _NO_START for each in characters], bool)
        may_end = np.array([each not in _NO_END for each in characters], bool)
    runs = broken[np.searchsorted(begins, starts, "right") - 1]
    return Units(text, starts, ends, first, last, runs, may_start, may_end)


def _cluster_starts(text: str) -> Ints:
    if grapheme_count(text) == len(text):
        return np.arange(len(text), dtype=np.int64)
    sizes = np.array([len(cluster) for cluster in graphemes(text)], np.int64)
    return np.cumsum(sizes) - sizes


def _word_borders(text: str) -> tuple[Ints, Ints]:
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
    spaces = np.flatnonzero(codes == ord(" ")).astype(np.int64)
    starts, ends = np.append(0, spaces + 1), np.append(spaces, len(text))
    full = ends > starts
    return starts[full], ends[full]


def words_of(passages: Passages) -> list[str]:
    """Every word as often as it occurs. Unspaced text gives a few characters of one script, with the marks at them."""
    if passages.spaced:
        return [word for part, _ in passages.paragraphs for word in part.split(" ") if word]
    if all(grapheme_count(part) == len(part) for part, _ in passages.paragraphs):
        return [word for part, _ in passages.paragraphs for word in _TOKEN.findall(part)]
    # A token must not end within a cluster; texts with such clusters are rare, and then every cluster is a word.
    return [cluster for part, _ in passages.paragraphs for cluster in graphemes(part) if cluster != " "]
