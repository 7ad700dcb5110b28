"""Whether a template can write a text: the template as a regular expression."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ocrfactory.corpus.templates.nodes import Choice, Literal, Node, OneOf, Part, Repeat, Sequence, walk
from ocrfactory.corpus.templates.parse import parse

_DEFINITIONS = r"(?(DEFINE)(?P<brace>\{(?:[^{}]|(?&brace))*\}))"


def matches(template: str, text: str) -> bool:
    """Whether a template can write a text. Of typed parts the form is checked, not the value.

    Raises:
        TemplateError: a slip in the template.
    """
    return _compiled(template).fullmatch(text) is not None


@lru_cache(64)
def _compiled(template: str) -> Any:
    import regex

    node = parse(template)
    words = {f"words{i}": list(each.words) for i, each in enumerate(_listed(node))}
    return regex.compile(_DEFINITIONS + _pattern(node, _listed(node)), **words)


def _listed(node: Node) -> list[Part]:
    return [each for each in walk(node) if isinstance(each, Part) and each.words]


def _pattern(node: Node, listed: list[Part]) -> str:
    if isinstance(node, Literal):
        return re.escape(node.text)
    if isinstance(node, OneOf):
        return f"[{_ranges(node.chars)}]"
    if isinstance(node, Sequence):
        return "".join(_pattern(part, listed) for part in node.parts)
    if isinstance(node, Choice):
        return f"(?:{'|'.join(_pattern(branch, listed) for branch in node.branches)})"
    if isinstance(node, Repeat):
        return f"(?:{_pattern(node.node, listed)}){{{node.low},{node.high}}}"
    if isinstance(node, Part):
        number = next((i for i, each in enumerate(listed) if each is node), None)
        return f"(?:{node.pattern})" if number is None else rf"\L<words{number}>"
    raise TypeError(type(node).__name__)


def _ranges(chars: tuple[str, ...]) -> str:
    """The inside of a class. As ranges, because eleven thousand syllables one by one take a tenth of a second."""
    codes = sorted(map(ord, chars))
    starts = [code for i, code in enumerate(codes) if i == 0 or code != codes[i - 1] + 1]
    ends = [code for i, code in enumerate(codes) if i == len(codes) - 1 or code + 1 != codes[i + 1]]
    return "".join(f"{_in_class(chr(a))}-{_in_class(chr(b))}" for a, b in zip(starts, ends, strict=True))


def _in_class(char: str) -> str:
    return "\\" + char if char in r"\]^-[&~|" else char
