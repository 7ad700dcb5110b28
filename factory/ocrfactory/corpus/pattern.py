"""Corpus kind `pattern`: texts by template, for prices, dates, number plates, formulas.

`templates` describes the language. Length limits and charset hold; the shape of lengths does not, because a template
says itself how long its texts are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field, model_validator

from ocrfactory.charset.algebra import sha256_of
from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.corpus.base import Corpus, Setting
from ocrfactory.corpus.normal import has_compatibility_jamo
from ocrfactory.corpus.templates.dice import Dice
from ocrfactory.corpus.templates.nodes import Choice, Node
from ocrfactory.corpus.templates.parse import parse
from ocrfactory.corpus.templates.write import Taken, Writer
from ocrfactory.corpus.texts import Tally
from ocrfactory.errors import InputError

_STUBBORN = 40
"""Tries with the same branches, after which others get their turn."""
_HOPELESS = 2_000


class Pattern(Corpus):
    """Texts that a template writes, or several templates in turn."""

    kind: Literal["pattern"] = "pattern"
    pattern: str | None = Field(None, description="A template, such as <date ko>, <int 1..99>번 or [가-힣]{2,4}.")
    patterns: tuple[str, ...] = Field((), max_length=10_000, description="Several templates, each as often as others.")

    @model_validator(mode="after")
    def _readable(self) -> Pattern:
        if (self.pattern is None) == (not self.patterns):
            raise ValueError("name one pattern, or several as patterns")
        for number, template in enumerate(self.templates, 1):
            try:
                parse(template)
            except ValueError as error:
                raise ValueError(f"patterns, number {number}: {error}" if self.patterns else str(error)) from error
        return self

    @property
    def templates(self) -> tuple[str, ...]:
        """The templates, however they were named."""
        return self.patterns or (self.pattern or "",)

    def load(self, setting: Setting) -> _Loaded:
        """See `Corpus.load`."""
        return _Loaded(self.templates)


class _Loaded:
    def __init__(self, templates: tuple[str, ...]) -> None:
        self.templates = templates
        self.facts: dict[str, Any] = {"kind": "pattern", "sha256": [sha256_of(templates)], "patterns": len(templates)}
        self.compatibility_jamo = any(map(has_compatibility_jamo, templates))

    def open(self, setting: Setting) -> _Pool:
        nodes = [parse(template) for template in self.templates]
        limits = setting.lengths
        for template, node in zip(self.templates, nodes, strict=True):
            if node.least > limits.max or node.most < limits.min:
                raise InputError(
                    f"pattern {template[:60]!r} gives texts of {node.least} to {node.most} characters, "
                    f"lengths are {limits.min} to {limits.max}",
                    "change the pattern or the lengths",
                )
        return _Pool(nodes[0] if len(nodes) == 1 else Choice(nodes), self.templates, setting)


class _Pool:
    dealt = False
    natural: int | None = None

    def __init__(self, node: Node, templates: tuple[str, ...], setting: Setting) -> None:
        allowed = setting.allowed
        self.setting, self.templates = setting, templates
        self.writer = Writer(node, Dice(setting.generator("pattern")), allowed.__contains__ if allowed else None)
        self.taken: dict[str, Taken] = {}
        self.in_vain = Tally()

    def draw(self, count: int) -> list[str]:
        self.taken = {}
        return [self._next() for _ in range(count)]

    def redo(self, text: str) -> str | None:
        """Another text with the same branches, so that none is lost because two texts met."""
        taken = self.taken.get(text)
        if taken is None:
            return None
        self.writer.put_back(taken)
        return self._next()

    def notes(self) -> Sequence[str]:
        return ()

    def _next(self) -> str:
        for turn in range(1, _HOPELESS + 1):
            text = self.setting.clean(self.writer.write())
            reason = self._fault(text)
            if reason is None:
                self.taken[text] = self.writer.taken
                return text
            self.in_vain.add(reason, repr(text[:40]))
            if turn % _STUBBORN:
                self.writer.put_back(self.writer.taken)
        shown = ", ".join(self.templates)[:80]
        raise InputError(
            f"pattern {shown!r}: none of {_HOPELESS:,} texts in a row can be used: {self.in_vain}",
            "change the pattern, the lengths or the charset",
        )

    def _fault(self, text: str) -> str | None:
        limits = self.setting.lengths
        size = grapheme_count(text)
        if size < limits.min:
            return "too_short"
        if size > limits.max:
            return "too_long"
        if text != text.strip():
            return "space at an end"
        if self.setting.fault(text, "pattern"):
            return "jamo"
        return "charset" if self.setting.foreign(text) else None
