"""The rules by which formulas are written in one way: data, that users may replace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ocrfactory import yamlfile

SHIPPED = Path(__file__).with_name("latex_rules.yaml")


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
        if not old or find(new, old, 0) >= 0:
            raise ValueError("`to` holds `from` again, so it would never end")
        for tokens in (old, new):
            if not balanced(tokens):
                raise ValueError("its braces are not balanced")
        return self


class Rules(_Model):
    """A document of rules."""

    drop: frozenset[str] = frozenset()
    drop_first: frozenset[str] = frozenset()
    drop_after: dict[str, frozenset[str]] = Field(default_factory=dict)
    split: Split | None = None
    rewrite: tuple[Rewrite, ...] = ()
    arguments: dict[str, int] = Field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()
    no_argument: frozenset[str] = frozenset()
    first: Literal["sub", "sup", "as_written"] = "sub"

    @field_validator("drop", "drop_first", "drop_after")
    @classmethod
    def _no_braces(
        cls, value: frozenset[str] | dict[str, frozenset[str]]
    ) -> frozenset[str] | dict[str, frozenset[str]]:
        if value.keys() & {"{", "}"} if isinstance(value, dict) else value & {"{", "}"}:
            raise ValueError("braces cannot be dropped")
        return value

    @field_validator("symbols", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value


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


def find(tokens: Sequence[str], part: Sequence[str], start: int) -> int:
    """Where a part begins, from `start` on; -1: nowhere."""
    for at in range(start, len(tokens) - len(part) + 1):
        if tokens[at : at + len(part)] == part:
            return at
    return -1
