"""Formulas as tokens: glued ones cut up, and what is no formula (text, names, lengths) kept as it was."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ocrfactory.convert.formats.latex_rules import Rules, balanced
from ocrfactory.errors import Reject

MAX_TOKENS = 10_000
"""Of one formula; the longest of papers have a thousand."""
MAX_CHARACTERS = 10 * MAX_TOKENS
CACHED = 10_000
"""Tokens whose pieces are remembered; a list has some hundred."""
_NAME = re.compile(r"[A-Za-z]+\*?")
_PLAIN_COLUMNS = re.compile(r"[lcr|]+")


class Cutter:
    """Cuts formulas into tokens. `known`: tokens that are never cut up.

    A command with groups that are no formula comes as one token with spaces in it, so nothing after this looks into it.
    """

    def __init__(self, rules: Rules, known: Collection[str] = ()) -> None:
        self.rules, self.known = rules, frozenset(known)
        self._when = re.compile(rules.split.when, re.DOTALL) if rules.split else None
        self._into = re.compile(rules.split.into, re.DOTALL) if rules.split else None
        self._cut: dict[str, list[str]] = {}
        # One way for a whole list: glued, where its tokens.txt does not say otherwise.
        self._glue = "\\begin" not in self.known or any(token.startswith("\\begin{") for token in self.known)

    def __call__(self, text: str) -> list[str]:
        """The tokens of a formula.

        Raises:
            Reject: `formula_too_long`, `unbalanced_braces`.
        """
        if len(text) > MAX_CHARACTERS:
            raise Reject("formula_too_long", f"{len(text):,} characters are more than {MAX_CHARACTERS:,}")
        pieces: list[str] = []
        glued: list[bool] = []
        for token in text.split():
            cut = self._pieces_of(token)
            pieces += cut
            glued += [False, *[True] * (len(cut) - 1)]
        if len(pieces) > MAX_TOKENS:
            raise Reject("formula_too_long", f"{len(pieces):,} tokens are more than {MAX_TOKENS:,}")
        if not balanced(pieces):
            raise Reject("unbalanced_braces", " ".join(pieces)[:100])
        return self._closed(pieces, glued)

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

    def _closed(self, pieces: list[str], glued: list[bool]) -> list[str]:
        out: list[str] = []
        at = 0
        while at < len(pieces):
            piece = pieces[at]
            at += 1
            if piece.removesuffix("*") not in self.rules.opaque:
                out.append(piece)
                continue
            words = [piece]
            if at < len(pieces) and pieces[at] == "*":
                words.append("*")
                at += 1
            for _ in range(self.rules.arguments.get(piece, 1)):
                if at == len(pieces) or pieces[at] != "{":
                    break
                group, at = _group(pieces, glued, at)
                words += group
            if piece in ("\\begin", "\\end"):
                words, at = self._environment(words, pieces, glued, at)
            out.append(" ".join(words))
        return out

    def _environment(self, words: list[str], pieces: list[str], glued: list[bool], at: int) -> tuple[list[str], int]:
        """`\\begin{name}` in one way, with what it says of its columns."""
        if len(words) != 4 or not _NAME.fullmatch(words[2]):
            return words, at
        command, name = words[0], words[2]
        if self._glue:
            words = [f"{command}{{{name}}}"]
        if command == "\\begin" and name in self.rules.columns and at < len(pieces) and pieces[at] == "{":
            group, at = _group(pieces, glued, at)
            for word in group:
                words += word if _PLAIN_COLUMNS.fullmatch(word) and word not in self.known else (word,)
        return words, at


def _group(pieces: Sequence[str], glued: Sequence[bool], at: int) -> tuple[list[str], int]:
    """A group as it was written, but for its braces, which stand alone; and where it ends. Braces are balanced."""
    words: list[str] = []
    depth = 0
    while True:
        piece = pieces[at]
        depth += (piece == "{") - (piece == "}")
        if glued[at] and piece not in ("{", "}") and words[-1] not in ("{", "}"):
            words[-1] += piece
        else:
            words.append(piece)
        at += 1
        if not depth:
            return words, at
