"""From corpora to texts: how many of each, none twice, and in which order."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ocrfactory.charset.algebra import sha256_of
from ocrfactory.corpus.allowed import Allowed
from ocrfactory.corpus.base import Corpus, Loaded, Pool, Setting
from ocrfactory.corpus.lengths import Lengths
from ocrfactory.corpus.lines import LinePool, Lines
from ocrfactory.corpus.normal import Jamo, nfc
from ocrfactory.corpus.shares import shares
from ocrfactory.corpus.strings import Strings
from ocrfactory.corpus.texts import Tally, Texts
from ocrfactory.errors import InputError
from ocrfactory.rng import seed_of, stream

_BLOCK = 20_000
_LEAST = 256
_PATIENCE = 20_000
"""Texts in a row that are all known already, after which a corpus is taken to be used up."""
_AGAIN = 20
"""Other orders of its characters that are tried for a text that was there before."""
MAX_CORPORA = 255


def compose(
    corpora: Sequence[Corpus],
    *,
    count: int | None,
    seed: int,
    lengths: Lengths,
    unique: bool = True,
    charset: frozenset[str] | None = None,
    base: Path = Path(),
    jamo: Jamo = "reject",
    log: Callable[[str], None] = lambda line: None,
) -> Texts:
    """Choose texts from corpora by their weights. The same arguments and files give the same texts.

    Args:
        count: how many; None where the only corpus has a number of its own.
        lengths: limits in grapheme clusters; kind `lines` keeps its own.
        unique: no text twice; kind `lines` keeps its repetitions.
        charset: classes outside which nothing is taken, but spaces; None: anything.
        base: the folder that relative files are in.
        jamo: what becomes of conjoining jamo that stand alone. `reject` leaves them out where compatibility jamo occur
            too, `compatibility` turns them into those, `keep` keeps both.

    Raises:
        InputError: a file is missing or unreadable, a corpus is empty, or there are too few different texts.
    """
    _check(corpora, count)
    allowed = None if charset is None else Allowed(charset)
    setting = Setting(seed, lengths, unique, allowed, jamo, base, Tally())
    settings = [
        msgspec.structs.replace(setting, seed=seed_of(seed, "corpus", i), tally=Tally()) for i in range(len(corpora))
    ]
    loaded = [corpus.load(each) for corpus, each in zip(corpora, settings, strict=True)]
    reject = jamo == "reject" and any(each.compatibility_jamo for each in loaded)
    settings = [msgspec.structs.replace(each, reject_lone=reject) for each in settings]
    pools = [each.open(own) for each, own in zip(loaded, settings, strict=True)]
    count = _count(corpora, pools, count)
    parts = shares([corpus.weight for corpus in corpora], count)
    _check_promises(corpora, pools, parts, count)
    texts = _all(corpora, pools, parts, unique, settings)
    log(f"{count:,} texts: " + ", ".join(f"{part:,} {_kind(each)}" for part, each in zip(parts, corpora, strict=True)))
    order = stream(seed_of(seed, "corpus"), "order").permutation(np.repeat(np.arange(len(parts)), parts))
    rows = [iter(each) for each in texts]
    return Texts(
        tuple([next(rows[i]) for i in order.tolist()]),
        pools[0].raw(count) if isinstance(pools[0], LinePool) else {},
        order.astype(np.uint8),
        _facts(loaded, parts, charset),
        Tally.merged(each.tally for each in settings).dropped(),
        tuple(note for pool in pools for note in pool.notes()),
    )


def _kind(corpus: Corpus) -> str:
    return str(getattr(corpus, "kind", "corpus"))


def _check(corpora: Sequence[Corpus], count: int | None) -> None:
    if not corpora:
        raise InputError("no corpus", "name one: a text file, or a built-in corpus such as ko")
    if len(corpora) > MAX_CORPORA:
        raise InputError(f"{len(corpora)} corpora; at most {MAX_CORPORA}", "put texts of one kind into one file")
    if len(corpora) > 1 and any(isinstance(each, Lines) for each in corpora):
        raise InputError(
            "kind lines keeps the order of its file, so it cannot be mixed with other corpora",
            "use kind: prose with take: {sentences: 1, windows: 0, mix: 0}, or a part of its own in the recipe",
        )
    if count is not None and count < 1:
        raise InputError(f"count is {count}; at least 1 text is needed")


def _count(corpora: Sequence[Corpus], pools: Sequence[Pool], count: int | None) -> int:
    if count is not None:
        return count
    if len(pools) == 1 and pools[0].natural is not None:
        return pools[0].natural
    kinds = ", ".join(map(_kind, corpora))
    raise InputError(
        f"how many texts? a corpus of {kinds} has no number of its own",
        "set count; only kind lines, strings with each, and prose of sentences alone know theirs",
    )


def _check_promises(corpora: Sequence[Corpus], pools: Sequence[Pool], parts: Sequence[int], count: int) -> None:
    """Whether `each` of strings can be kept with so many texts."""
    for corpus, pool, part in zip(corpora, pools, parts, strict=True):
        if isinstance(corpus, Strings) and pool.natural is not None and part < pool.natural:
            need = next(n for n in _growing(corpora, corpus, pool.natural))
            raise InputError(
                f"charset {corpus.charset}: every class {corpus.each} times needs {pool.natural:,} texts, "
                f"and it gets {part:,} of {count:,}",
                f"set count to {need:,} or more, or make texts longer",
            )


def _growing(corpora: Sequence[Corpus], corpus: Corpus, part: int) -> Iterator[int]:
    """Counts of which a corpus gets at least `part`, the smallest first."""
    weights = [each.weight for each in corpora]
    at = next(i for i, each in enumerate(corpora) if each is corpus)
    guess = max(part, math.ceil((part - 1) * sum(weights) / weights[at]))
    return (n for n in itertools.count(guess) if shares(weights, n)[at] >= part)


def _all(
    corpora: Sequence[Corpus], pools: Sequence[Pool], parts: Sequence[int], unique: bool, settings: Sequence[Setting]
) -> list[list[str]]:
    """The texts of each corpus. Those with the fewest possible texts are not known, so the order is the user's."""
    seen: set[str] = set()
    found = []
    for corpus, pool, part, setting in zip(corpora, pools, parts, settings, strict=True):
        once = unique and not isinstance(corpus, Lines)
        usable = _anything if isinstance(corpus, Lines) else setting.holds
        texts = _collect(pool, part, seen if once else None, usable)
        if len(texts) < part:
            raise _too_few(corpus, len(texts), part, setting, once)
        found.append(texts)
    return found


def _anything(text: str) -> bool:
    return True


def _collect(pool: Pool, part: int, seen: set[str] | None, usable: Callable[[str], bool]) -> list[str]:
    """The next `part` texts of a pool that are not in `seen`, or fewer if it seems to have no more."""
    texts: list[str] = []
    vain, least = 0, 1
    while len(texts) < part and vain < _PATIENCE:
        want = part - len(texts)
        asked = min(want if pool.dealt else max(want, least), _BLOCK)
        drawn = pool.draw(asked)
        tried, drawn = len(drawn), [text for text in map(nfc, drawn) if usable(text)]
        if seen is None:
            new = drawn
        else:
            new, looked = _fresh(pool, drawn, seen, want)
            tried += looked
        texts += new[:want]
        # A call costs as much as a hundred texts, so a call that gave nothing counts as that many.
        vain = 0 if new else vain + max(tried, _LEAST)
        least = _LEAST  # once texts repeat, a few are drawn at a time
    return texts


def _fresh(pool: Pool, drawn: Sequence[str], seen: set[str], want: int) -> tuple[list[str], int]:
    """The texts that are new, at most `want`, known ones replaced where possible; and how many were looked at."""
    new: list[str] = []
    tried = 0
    for text in drawn:
        if len(new) == want:
            break
        other: str | None = text
        for _ in range(_AGAIN):
            tried += 1
            if other is None or other not in seen:
                break
            other = pool.redo(other)
        if other and other not in seen:
            seen.add(other)
            new.append(other)
    return new, tried


def _too_few(corpus: Corpus, found: int, part: int, setting: Setting, once: bool) -> InputError:
    limits = setting.lengths
    why = str(setting.tally)
    what = "different texts" if once else "texts"
    cures = ["longer or wider lengths", "another corpus", "a smaller count"]
    return InputError(
        f"{label(corpus)}: only {found:,} {what} of {limits.min} to {limits.max} characters were found, "
        f"{part:,} are wanted" + (f"; {why}" if why else ""),
        ", ".join([*(["unique: false"] if once and found else []), *cures]),
    )


def label(corpus: Corpus) -> str:
    """A corpus in messages: its kind and what it reads."""
    fields = ("file", "builtin", "charset", "pattern", "patterns")
    named = next((value for field in fields if (value := getattr(corpus, field, None))), "")
    shown = ", ".join(named) if isinstance(named, tuple) else str(named)
    return f"{_kind(corpus)} {shown[:80]}".strip()


def _facts(loaded: Sequence[Loaded], parts: Sequence[int], charset: frozenset[str] | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "corpora": [{**each.facts, "texts": part} for each, part in zip(loaded, parts, strict=True)],
        "form": "NFC",
    }
    if charset is not None:
        facts["charset"] = {"sha256": sha256_of(sorted(charset)), "classes": len(charset)}
    return facts
