"""The typed parts of templates, by name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from functools import cache

from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.corpus.builtin import builtin_names, read_builtin
from ocrfactory.corpus.passages import Passages, is_spaced, words_of
from ocrfactory.corpus.templates.dice import Dice
from ocrfactory.corpus.templates.latex import MAX_LATEX, latex
from ocrfactory.corpus.templates.local import LOCAL
from ocrfactory.corpus.templates.maths import MAX_OPERATORS, expression
from ocrfactory.corpus.templates.nodes import Node, Part

_RANGE = re.compile(r"(\d{1,15})\.\.(\d{1,15})")
_NUMBER = r"\(*\d+\)*"


def make_part(words: list[str], parse: Callable[[str], Node]) -> Node:
    """The node of `<name argument ...>`. `parse` reads the templates that local parts are.

    Raises:
        ValueError: no such part, or not with these arguments.
    """
    name, arguments = (words[0], words[1:]) if words else ("", [])
    if name in LOCAL:
        return parse(_local(name, arguments))
    if name not in _MAKERS:
        near = difflib.get_close_matches(name, [*_MAKERS, *LOCAL], 1)
        hint = f"; did you mean <{near[0]}>?" if near else f"; known: {', '.join(sorted([*_MAKERS, *LOCAL]))}"
        raise ValueError(f"no part <{name}>{hint}")
    return _MAKERS[name](arguments)


def _local(name: str, arguments: list[str]) -> str:
    forms = LOCAL[name]
    key = " ".join(arguments)
    if key not in forms:
        known = ", ".join(f"<{name} {each}>".replace(" >", ">") for each in forms)
        raise ValueError(f"no part <{' '.join([name, *arguments])}>; known: {known}")
    return forms[key]


def _int(arguments: list[str]) -> Part:
    found = _RANGE.fullmatch(arguments[0]) if arguments else None
    if not found or arguments[1:] not in ([], [","]):
        raise ValueError("a whole number is <int 1..9999>, or <int 1..9999 ,> with thousands separators")
    low, high = int(found[1]), int(found[2])
    if high < low:
        raise ValueError(f"the range {found[0]} is reversed")
    if arguments[1:]:
        pattern = r"\d{1,3}(?:,\d{3})*"
        return Part("int", lambda dice: f"{dice.between(low, high):,}", pattern, len(f"{low:,}"), len(f"{high:,}"))
    digits = len(str(low)), len(str(high))
    pattern = rf"[1-9]\d{{{digits[0] - 1},{digits[1] - 1}}}" + ("|0" if low == 0 else "")
    return Part("int", lambda dice: str(dice.between(low, high)), pattern, *digits)


def _math(arguments: list[str]) -> Part:
    if len(arguments) > 1 or not all(each.isdecimal() and 1 <= int(each) <= MAX_OPERATORS for each in arguments):
        raise ValueError(f"an expression is <math>, or <math 3> with 1 to {MAX_OPERATORS} operators")
    least, most = (int(arguments[0]),) * 2 if arguments else (1, 2)
    pattern = rf"{_NUMBER}(?: [-+×÷] {_NUMBER}){{{least},{most}}} = \d+"
    return Part("math", lambda dice: expression(dice, least, most), pattern, 4 * least + 5, 8 * most + 14)


def _latex(arguments: list[str]) -> Part:
    if arguments:
        raise ValueError("a formula is <latex>, without arguments")
    return Part("latex", latex, r"(?:[^{}]|(?&brace))+", 1, MAX_LATEX)


def _word(arguments: list[str]) -> Part:
    if len(arguments) != 1 or arguments[0] not in builtin_names():
        raise ValueError(f"a word is {', '.join(f'<word {name}>' for name in builtin_names())}")
    words = _words(arguments[0])
    sizes = [grapheme_count(word) for word in words]

    def draw(dice: Dice) -> str:
        return dice.pick(words)

    return Part("word", draw, "", min(sizes), max(sizes), words)


@cache
def _words(name: str) -> tuple[str, ...]:
    """The different words of a built-in corpus, without punctuation around them."""
    text = read_builtin(name)
    found = words_of(Passages(is_spaced(text.text), [(line, False) for line in text.lines], []))
    return tuple(dict.fromkeys(word for each in found if (word := re.sub(r"^\W+|\W+$", "", each))))


_MAKERS: dict[str, Callable[[list[str]], Part]] = {"int": _int, "math": _math, "latex": _latex, "word": _word}
