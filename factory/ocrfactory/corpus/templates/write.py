"""Texts of a template. Branches come in turn: what a text took and could not use, the next one takes again.

Within a repeat they come in turn once, so that all occur, and then by chance.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from ocrfactory.corpus.templates.dice import Dice
from ocrfactory.corpus.templates.nodes import Choice, Literal, Node, OneOf, Part, Repeat, Sequence

Taken = list[tuple[Choice, int]]


class Writer:
    """Writes texts of one template, one after another."""

    def __init__(self, node: Node, dice: Dice, allowed: Callable[[str], bool] | None = None) -> None:
        self.node, self.dice, self.allowed = node, dice, allowed
        self._turns: dict[int, deque[int]] = {}
        self._classes: dict[int, tuple[str, ...]] = defaultdict(tuple)
        self.taken: Taken = []
        """The branches of the last text."""

    def write(self) -> str:
        """The next text."""
        self.taken = []
        pieces: list[str] = []
        self._write(self.node, pieces)
        return "".join(pieces)

    def put_back(self, taken: Taken) -> None:
        """Let the next texts take these branches before any other."""
        for choice, branch in reversed(taken):
            self._turns[id(choice)].appendleft(branch)

    def _write(self, node: Node, pieces: list[str]) -> None:
        if isinstance(node, Literal):
            pieces.append(node.text)
        elif isinstance(node, Sequence):
            for part in node.parts:
                self._write(part, pieces)
        elif isinstance(node, OneOf):
            pieces.append(self.dice.pick(self._chars(node)))
        elif isinstance(node, Choice):
            self._write(node.branches[self._turn(node)], pieces)
        elif isinstance(node, Repeat):
            for _ in range(self.dice.between(node.low, node.high)):
                self._write(node.node, pieces)
        elif isinstance(node, Part):
            pieces.append(node.draw(self.dice))

    def _chars(self, node: OneOf) -> tuple[str, ...]:
        """The characters of a class that are allowed; if none is, all, and the text will be refused with its reason."""
        if self.allowed is None:
            return node.chars
        if id(node) not in self._classes:
            self._classes[id(node)] = tuple(filter(self.allowed, node.chars)) or node.chars
        return self._classes[id(node)]

    def _turn(self, node: Choice) -> int:
        turns = self._turns.get(id(node))
        if turns is None:
            turns = self._turns[id(node)] = deque(self.dice.shuffled(node.first_turn))
        elif not turns and node.repeated:  # every branch was taken once: from here on each time is by itself
            turns.append(self.dice.between(0, len(node.branches) - 1))
        elif not turns:
            turns.extend(self.dice.shuffled(range(len(node.branches))))
        branch = turns.popleft()
        self.taken.append((node, branch))
        return branch
