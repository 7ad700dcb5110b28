"""Formulas as token sequences, written in one way: the rules are data, this is what applies them.

Normalising twice is normalising once, braces stay balanced, and tokens that no rule names are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ocrfactory import yamlfile
from ocrfactory.errors import Reject

SHIPPED = Path(__file__).with_name("latex_rules.yaml")
PASSES = 8
CACHED = 10_000
"""Tokens whose pieces are remembered; a list has some hundred."""
DEEPEST = 60
"""Groups within groups; formulas have ten."""
_SCRIPTS = {"_": 0, "^": 1}
_NO_ARGUMENT = frozenset(("{", "}", "^", "_", "&", "\\\\"))


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Split(_Model):
    """Tokens that are cut up."""

    when: str
    into: str

    @field_validator("when", "into")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return value


class Rewrite(_Model):
    """A sequence of tokens in place of another."""

    old: str = Field(alias="from", min_length=1)
    new: str = Field(alias="to")

    @model_validator(mode="after")
    def _ends(self) -> Rewrite:
        old, new = self.old.split(), self.new.split()
        if not old or _find(new, old, 0) >= 0:
            raise ValueError("`to` holds `from` again, so it would never end")
        for tokens in (old, new):
            if not balanced(tokens):
                raise ValueError("its braces are not balanced")
        return self


class Rules(_Model):
    """A document of rules."""

    drop: frozenset[str] = frozenset()
    split: Split | None = None
    rewrite: tuple[Rewrite, ...] = ()
    arguments: dict[str, int] = Field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    first: Literal["sub", "sup", "as_written"] = "sub"

    @field_validator("drop")
    @classmethod
    def _no_braces(cls, value: frozenset[str]) -> frozenset[str]:
        if value & {"{", "}"}:
            raise ValueError("braces cannot be dropped")
        return value


def load_rules(path: Path | None = None) -> Rules:
    """The shipped rules, or the user's own.

    Raises:
        InputError: there is no such file.
        RecipeError: every mistake in it.
    """
    return yamlfile.load(path or SHIPPED, Rules)


def balanced(tokens: Sequence[str]) -> bool:
    """Whether each brace has its partner."""
    depth = 0
    for token in tokens:
        depth += (token == "{") - (token == "}")
        if depth < 0:
            return False
    return depth == 0


class Normalizer:
    """Applies rules. `known`: tokens that are never cut up."""

    def __init__(self, rules: Rules, known: Collection[str] = ()) -> None:
        self.rules, self.known = rules, frozenset(known)
        self._when = re.compile(rules.split.when, re.DOTALL) if rules.split else None
        self._into = re.compile(rules.split.into, re.DOTALL) if rules.split else None
        self._cut: dict[str, list[str]] = {}
        self._rewrites = [(rule.old.split(), rule.new.split()) for rule in rules.rewrite]

    def __call__(self, text: str) -> str:
        """Tokens divided by single spaces.

        Raises:
            Reject: `unbalanced_braces`; `latex_rules`: the rules never come to an end on it.
        """
        tokens = text.split()
        for _ in range(PASSES):
            before, tokens = tokens, self._once(tokens)
            if tokens == before:
                return " ".join(tokens)
        raise Reject("latex_rules", f"the rules turn this formula round and round: {text[:80]!r}")

    def _once(self, tokens: list[str]) -> list[str]:
        tokens = [piece for token in tokens for piece in self._pieces_of(token) if piece not in self.rules.drop]
        if not balanced(tokens):
            raise Reject("unbalanced_braces", " ".join(tokens)[:100])
        for old, new in self._rewrites:
            tokens = _rewritten(tokens, old, new)
        return _Grouping(self.rules, tokens).out

    def _pieces_of(self, token: str) -> list[str]:
        found = self._cut.get(token)
        if found is None:
            found = self._pieces(token)
            if len(self._cut) < CACHED:
                self._cut[token] = found
        return found

    def _pieces(self, token: str) -> list[str]:
        if self._when is None or self._into is None or token in self.known or not self._when.search(token):
            return [token]
        pieces = self._into.findall(token)
        return pieces if "".join(pieces) == token else [token]  # a rule that would lose something does nothing


class _Grouping:
    """One pass over a sequence: arguments get braces, scripts their order."""

    def __init__(self, rules: Rules, tokens: list[str]) -> None:
        self.rules, self.tokens, self.at = rules, tokens, 0
        self.out = self._until_end(0)

    def _until_end(self, depth: int) -> list[str]:
        """Tokens up to the brace that closes this group, or the end."""
        if depth > DEEPEST:
            raise Reject("latex_rules", f"groups are nested deeper than {DEEPEST}")
        out: list[str] = []
        scripts: list[list[str]] = []
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            is_script = self.tokens[self.at] in _SCRIPTS
            unit = self._unit(depth)
            if is_script and len(unit) > 1:
                scripts.append(unit)
            else:
                out += [*self._ordered(scripts), *unit]
                scripts = []
        return [*out, *self._ordered(scripts)]

    def _ordered(self, scripts: list[list[str]]) -> list[str]:
        if self.rules.first != "as_written":
            scripts = sorted(scripts, key=lambda s: _SCRIPTS[s[0]], reverse=self.rules.first == "sup")
        return [token for script in scripts for token in script]

    def _unit(self, depth: int) -> list[str]:
        """A token with its arguments, or a group."""
        token = self.tokens[self.at]
        self.at += 1
        if token == "{":
            inside = self._until_end(depth + 1)
            self.at += 1
            return ["{", *inside, "}"]
        out = [token]
        count = self.rules.arguments.get(token, 0)
        if count and token in self.rules.optional:
            out += self._bracket()
        for _ in range(count):
            argument = self._argument(depth + 1)
            if not argument:
                break
            out += argument
        return out

    def _bracket(self) -> list[str]:
        """`[ ... ]`, if it comes next and ends within this group."""
        depth = 0
        for end in range(self.at, len(self.tokens)):
            token = self.tokens[end]
            if end == self.at and token != "[":
                return []
            depth += (token == "{") - (token == "}")
            if depth < 0:
                return []
            if token == "]" and depth == 0:
                found = self.tokens[self.at : end + 1]
                self.at = end + 1
                return found
        return []

    def _argument(self, depth: int) -> list[str]:
        if depth > DEEPEST:
            raise Reject("latex_rules", f"arguments are nested deeper than {DEEPEST}")
        if self.at == len(self.tokens):
            return []
        token = self.tokens[self.at]
        if token == "{":
            return self._unit(depth)
        if token in _NO_ARGUMENT or token.startswith(("\\begin", "\\end", "\\right")):
            return []
        return ["{", *self._unit(depth), "}"]


def _find(tokens: Sequence[str], part: Sequence[str], start: int) -> int:
    for at in range(start, len(tokens) - len(part) + 1):
        if tokens[at : at + len(part)] == part:
            return at
    return -1


def _rewritten(tokens: list[str], old: list[str], new: list[str]) -> list[str]:
    if old[0] not in tokens:
        return tokens
    out: list[str] = []
    at = 0
    while (found := _find(tokens, old, at)) >= 0:
        out += [*tokens[at:found], *new]
        at = found + len(old)
    return [*out, *tokens[at:]]
