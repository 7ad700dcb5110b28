"""From the text of a template to its nodes, or an error with the column. The language is in the package's docstring."""

from __future__ import annotations

import re

from ocrfactory.corpus.normal import control, nfc
from ocrfactory.corpus.templates.errors import TemplateError
from ocrfactory.corpus.templates.nodes import Choice, Literal, Node, OneOf, Repeat, Sequence
from ocrfactory.corpus.templates.parts import make_part

MAX_TEMPLATE = 4_096
MAX_DEPTH = 30
MAX_REPEAT = 100
MAX_CLASS = 200_000
MAX_STEPS = 10_000
MAX_BRANCHES = 100_000
_COUNTS = re.compile(r"\{(\d{1,9})(?:,(\d{1,9}))?\}")
_SPECIAL = "()[]{}<>|?\\"


def parse(template: str) -> Node:
    """The nodes of a template.

    Raises:
        TemplateError: a slip, with its column, or a template that could give endless text.
    """
    return _Parser(template).parse()


class _Parser:
    """Recursive descent; `at` is the place that is read next, from 0."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    def parse(self) -> Node:
        if not self.text:
            raise self._slip("nothing in it")
        if len(self.text) > MAX_TEMPLATE:
            raise self._slip(f"longer than {MAX_TEMPLATE:,} characters", MAX_TEMPLATE)
        if bad := control(self.text):
            raise self._slip(f"holds U+{ord(bad):04X}, which no text may have", self.text.index(bad))
        node = self._choice()
        if self.at < len(self.text):
            raise self._slip(f"{self.text[self.at]} closes nothing; as a character it is \\{self.text[self.at]}")
        self._bounded(node, 0)
        return node

    def _choice(self) -> Node:
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(branches)

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            start = self.at
            parts.append(self._counted(self._atom(), start))
        merged = _merged(parts)
        return merged[0] if len(merged) == 1 else Sequence(merged)

    def _atom(self) -> Node:
        char = self._peek()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "<":
            return self._part()
        if char == "?" or char == "{":
            raise self._slip(f"{char} has nothing before it to repeat; as a character it is \\{char}")
        if char in "]}>":
            raise self._slip(f"{char} closes nothing; as a character it is \\{char}")
        return Literal(self._character())

    def _character(self) -> str:
        """One character, or the one behind a backslash."""
        if self._peek() == "\\":
            self.at += 1
            if not self._peek():
                raise self._slip("a backslash has nothing behind it; as a character it is \\\\", self.at - 1)
            if self._peek().isalnum() and self._peek().isascii():
                what = f"\\{self._peek()} is no escape; a class is written out, such as [0-9], a backslash as \\\\"
                raise self._slip(what, self.at - 1)
        self.at += 1
        return self.text[self.at - 1]

    def _group(self) -> Node:
        start = self.at
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._slip(f"more than {MAX_DEPTH} groups inside each other")
        self.at += 1
        node = self._choice()
        if self._peek() != ")":
            raise self._slip("( is never closed", start)
        self.at += 1
        self.depth -= 1
        self._no_plus("group")
        return node

    def _class(self) -> Node:
        start = self.at
        self.at += 1
        if self._peek() == "^":
            raise self._slip("a class cannot be negated: list what may come; as a character it is \\^")
        chars: dict[str, None] = {}
        while self._peek() != "]":
            if not self._peek():
                raise self._slip("[ is never closed", start)
            self._class_item(chars)
            if len(chars) > MAX_CLASS:
                raise self._slip(f"a class of more than {MAX_CLASS:,} characters", start)
        if not chars:
            raise self._slip("an empty class", start)
        self.at += 1
        self._no_plus("class")
        return OneOf(tuple(chars))

    def _class_item(self, chars: dict[str, None]) -> None:
        start = self.at
        first = last = self._character()
        if self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("", "]"):
            self.at += 1
            last = self._character()
        if last < first:
            raise self._slip(f"the range {self.text[start : self.at]} is reversed", start)
        found = [chr(code) for code in range(ord(first), ord(last) + 1)]
        if bad := control("".join(found[:MAX_CLASS])):
            raise self._slip(f"the range holds U+{ord(bad):04X}, which no text may have", start)
        chars.update(dict.fromkeys(each for each in found if nfc(each) == each))

    def _part(self) -> Node:
        start = self.at
        end = self.text.find(">", start)
        if end < 0:
            raise self._slip("< is never closed; as a character it is \\<")
        self.at = end + 1
        try:
            return make_part(self.text[start + 1 : end].split(), parse)
        except TemplateError:
            raise
        except ValueError as error:
            raise self._slip(str(error), start) from error

    def _counted(self, node: Node, start: int) -> Node:
        """What a `?` or `{n,m}` behind a node makes of it."""
        low = high = 1
        if self._peek() == "?":
            self.at += 1
            low = 0
        elif self._peek() == "{":
            found = _COUNTS.match(self.text, self.at)
            if not found:
                raise self._slip("expected {3} or {1,4}; as a character it is \\{")
            low, high = int(found[1]), int(found[2] or found[1])
            if high < low:
                raise self._slip(f"{found[0]} is reversed")
            if high > MAX_REPEAT:
                raise self._slip(f"{found[0]} is more than {MAX_REPEAT} times")
            if high == 0:
                raise self._slip(f"{found[0]} gives nothing")
            self.at = found.end()
        else:
            return node
        if self._peek() in ("?", "{"):
            raise self._slip("repeated twice: use a group, such as (x{2}){3}")
        some = node if (max(low, 1), high) == (1, 1) else Repeat(node, max(low, 1), high)
        found_node = some if low else Choice([Literal(""), some])
        self._bounded(found_node, start)
        return found_node

    def _bounded(self, node: Node, start: int) -> None:
        if node.steps > MAX_STEPS or node.most > MAX_STEPS:
            raise self._slip(f"could give more than {MAX_STEPS:,} pieces at once", start)
        if node.need > MAX_BRANCHES:
            raise self._slip(f"has more than {MAX_BRANCHES:,} branches", start)

    def _no_plus(self, what: str) -> None:
        if self._peek() in ("+", "*"):
            char = self._peek()
            raise self._slip(f"{char} behind a {what}: write {{1,8}} for a number of times, \\{char} for the character")

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _slip(self, what: str, at: int | None = None) -> TemplateError:
        return TemplateError(self.text, (self.at if at is None else at) + 1, what)


def _merged(parts: list[Node]) -> list[Node]:
    """Neighbouring characters as one literal."""
    found: list[Node] = []
    for part in parts:
        if isinstance(part, Literal) and found and isinstance(found[-1], Literal):
            found[-1] = Literal(nfc(found[-1].text + part.text))
        else:
            found.append(part)
    return found
