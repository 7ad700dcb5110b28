"""Formulas as token sequences, written in one way: what applies the rules.

Normalising twice is normalising once, braces stay balanced, and nothing changes what a formula says: where it is not
sure what a token belongs to, tokens stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ocrfactory.convert.formats.latex_cut import Cutter
from ocrfactory.convert.formats.latex_rules import Rules, find
from ocrfactory.errors import Reject

PASSES = 8
DEEPEST = 60
"""Groups within groups; formulas have ten."""
_SCRIPTS = {"_": 0, "^": 1}
_COMMAND = re.compile(r"\\([A-Za-z]+\*?|.)?", re.DOTALL)


class Normalizer:
    """Applies rules. `known`: tokens that are never cut up."""

    def __init__(self, rules: Rules, known: Collection[str] = ()) -> None:
        self.rules, self.known = rules, frozenset(known)
        self._cut = Cutter(rules, known)
        self._rewrites = [(rule.old.split(), rule.new.split()) for rule in rules.rewrite]

    def __call__(self, text: str) -> str:
        """Tokens divided by single spaces.

        Raises:
            Reject: `unbalanced_braces`; `formula_too_long`; `ambiguous_argument`: an argument without braces begins a
                token of tokens.txt; `latex_rules`: the rules never come to an end on it.
        """
        text = " ".join(text.split())
        if "\\verb" in text:
            return text  # what it quotes ends at any character: no braces and no spaces in it can be trusted
        for _ in range(PASSES):
            before, text = text, " ".join(self._once(self._cut(text)))
            if text == before:
                return text
        raise Reject("latex_rules", f"the rules turn this formula round and round: {text[:80]!r}")

    def _once(self, tokens: list[str]) -> list[str]:
        tokens = self._kept(tokens)
        for old, new in self._rewrites:
            tokens = _rewritten(tokens, old, new)
        return _Grouping(self.rules, self.known, tokens).out

    def _kept(self, tokens: list[str]) -> list[str]:
        out: list[str] = []
        for token in tokens:
            if token in self.rules.drop or (not out and token in self.rules.drop_first):
                continue
            if out and out[-1] in self.rules.drop_after.get(token, ()):
                continue
            out.append(token)
        return out


class _Grouping:
    """One pass over a sequence: arguments get braces, scripts their order."""

    def __init__(self, rules: Rules, known: frozenset[str], tokens: list[str]) -> None:
        self.rules, self.known = rules, known
        self.left = tokens[::-1]
        """What is to come, the next last; places in it are counted from the end of the formula, so cuts keep them."""
        self.closing = _closing_brackets(self.left)
        self.out = self._until_end(0)

    def _until_end(self, depth: int) -> list[str]:
        """Tokens up to the brace that closes this group, or the end."""
        if depth > DEEPEST:
            raise Reject("latex_rules", f"groups are nested deeper than {DEEPEST}")
        out: list[str] = []
        scripts: list[list[str]] = []
        while self.left and self.left[-1] != "}":
            is_script = self.left[-1] in _SCRIPTS
            unit, sure = self._unit(depth)
            if is_script and sure and len(unit) > 1:
                scripts.append(unit)
            else:
                out += [*self._ordered(scripts, out), *unit]
                scripts = []
        return [*out, *self._ordered(scripts, out)]

    def _ordered(self, scripts: list[list[str]], before: Sequence[str]) -> list[str]:
        """One subscript and one superscript by the rules. A prime is a superscript that only another may follow."""
        kinds = {script[0] for script in scripts}
        primed = bool(before) and before[-1].endswith("'")
        if len(scripts) == len(kinds) == 2 and not primed and self.rules.first != "as_written":
            scripts = sorted(scripts, key=lambda s: _SCRIPTS[s[0]], reverse=self.rules.first == "sup")
        return [token for script in scripts for token in script]

    def _unit(self, depth: int) -> tuple[list[str], bool]:
        """A token with its arguments, or a group; and whether it is whole."""
        token = self.left.pop()
        if token == "{":
            inside = self._until_end(depth + 1)
            self.left.pop()
            return ["{", *inside, "}"], True
        out = [token]
        count = self.rules.arguments.get(token)
        if count is None or token in self.rules.opaque:
            return out, self._stands_alone(token)
        if token in self.rules.optional:
            out += self._bracket()
        for _ in range(count):
            argument, sure = self._argument(depth + 1)
            out += argument
            if not sure:
                return out, False
        return out, True

    def _stands_alone(self, token: str) -> bool:
        """Whether what follows a token cannot be its argument."""
        if not token.startswith("\\") or " " in token or token in self.rules.symbols:
            return True
        if token in self.rules.opaque:
            return False  # it lacks its group
        return not self.left or self.left[-1] not in ("{", "[", "*")

    def _bracket(self) -> list[str]:
        """`[ ... ]`, if it comes next and ends within this group."""
        if not self.left or self.left[-1] != "[":
            return []
        end = self.closing.get(len(self.left) - 1)
        if end is None:
            return []
        found = self.left[end:][::-1]
        del self.left[end:]
        return found

    def _argument(self, depth: int) -> tuple[list[str], bool]:
        """The next argument in braces; what is not sure to be one stays as it is."""
        if depth > DEEPEST:
            raise Reject("latex_rules", f"arguments are nested deeper than {DEEPEST}")
        if not self.left:
            return [], False
        token = self.left[-1]
        if token == "{":
            return self._unit(depth)
        name = token.partition(" ")[0].partition("{")[0]
        if token in self.rules.no_argument or name in self.rules.no_argument:
            return [], False
        if token.startswith("\\"):
            if " " not in token and not _COMMAND.fullmatch(token):
                return [], False  # a token of tokens.txt that glues more than a command
            unit, sure = self._unit(depth)
            return (["{", *unit, "}"], True) if sure else (unit, False)
        if len(token) > 1:
            self._cut_first(token)
        return ["{", self.left.pop(), "}"], True

    def _cut_first(self, token: str) -> None:
        """Of several characters the first one is the argument, as TeX has it."""
        if token in self.known or not token.isascii() or "\\" in token:
            raise Reject("ambiguous_argument", f"{token[:60]!r} stands for an argument without braces")
        self.left[-1:] = token[::-1]


def _closing_brackets(left: Sequence[str]) -> dict[int, int]:
    """For each `[` of a reversed sequence the place of the first `]` after it in its group."""
    found: dict[int, int] = {}
    closing: list[int | None] = [None]
    for at, token in enumerate(left):
        if token == "}":
            closing.append(None)
        elif token == "{":
            closing.pop()
        elif token == "]":
            closing[-1] = at
        elif token == "[" and (end := closing[-1]) is not None:
            found[at] = end
    return found


def _rewritten(tokens: list[str], old: list[str], new: list[str]) -> list[str]:
    if old[0] not in tokens:
        return tokens
    out: list[str] = []
    at = 0
    while (found := find(tokens, old, at)) >= 0:
        out += [*tokens[at:found], *new]
        at = found + len(old)
    return [*out, *tokens[at:]]
