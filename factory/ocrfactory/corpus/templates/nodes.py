"""What a template is made of. Each node knows the lengths it can give, and how many texts show all its branches."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.corpus.templates.dice import Dice


class Node:
    """One piece of a template."""

    least: int
    """Grapheme clusters of its shortest text."""
    most: int
    need: int = 1
    """Texts after which every branch inside was taken, where branches come in turn."""
    steps: int = 1
    """How many nodes are visited at most for one text."""


class Literal(Node):
    """The same text always."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.least = self.most = grapheme_count(text)


class OneOf(Node):
    """A character class."""

    least = most = 1

    def __init__(self, chars: tuple[str, ...]) -> None:
        self.chars = chars


class Part(Node):
    """A typed part that code writes.

    Args:
        pattern: a regular expression of its texts; `{words}` parts are matched by their list instead.
    """

    def __init__(
        self, name: str, draw: Callable[[Dice], str], pattern: str, least: int, most: int, words: tuple[str, ...] = ()
    ) -> None:
        self.name, self.draw, self.pattern, self.least, self.most, self.words = name, draw, pattern, least, most, words


class Sequence(Node):
    """One after another."""

    def __init__(self, parts: list[Node]) -> None:
        self.parts = parts
        self.least = sum(part.least for part in parts)
        self.most = sum(part.most for part in parts)
        self.need = max((part.need for part in parts), default=1)
        self.steps = 1 + sum(part.steps for part in parts)


class Choice(Node):
    """One of its branches. Two equal choices are two nodes, each with turns of its own."""

    repeated = False
    """Whether one text may take several branches. If they came in turn, `(a|b){2}` would never give `aa`."""

    def __init__(self, branches: list[Node]) -> None:
        self.branches = branches
        self.least = min(branch.least for branch in branches)
        self.most = max(branch.most for branch in branches)
        self.need = sum(branch.need for branch in branches)
        self.steps = 1 + max(branch.steps for branch in branches)

    @cached_property
    def first_turn(self) -> list[int]:
        """Branches with choices inside come so often that those are all taken."""
        return [i for i, branch in enumerate(self.branches) for _ in range(branch.need)]


class Repeat(Node):
    """Something `low` to `high` times, once at least: nothing at all is a branch of a `Choice`."""

    def __init__(self, node: Node, low: int, high: int) -> None:
        self.node, self.low, self.high = node, low, high
        self.least, self.most = low * node.least, high * node.most
        self.need = node.need
        self.steps = 1 + high * node.steps
        for each in walk(node) if high > 1 else ():
            if isinstance(each, Choice):
                each.repeated = True


def walk(node: Node) -> list[Node]:
    """A node and all below it."""
    below: list[Node] = []
    if isinstance(node, Sequence):
        below = node.parts
    elif isinstance(node, Choice):
        below = node.branches
    elif isinstance(node, Repeat):
        below = [node.node]
    return [node, *(each for child in below for each in walk(child))]
