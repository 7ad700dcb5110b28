"""What is wrong with a template, and where."""

from __future__ import annotations

import unicodedata

from ocrfactory.charset.rules import visible

_SHOWN = 70


class TemplateError(ValueError):
    """A slip in a template: the message shows the place with a caret.

    It is a ValueError, so that pydantic gives it a position in the document.

    Args:
        column: from 1.
    """

    def __init__(self, template: str, column: int, what: str) -> None:
        start = max(0, column - _SHOWN // 2)
        shown = visible(template[start : start + _SHOWN])
        before = visible(template[start : column - 1])
        caret = " " * sum(2 if _wide(char) else 1 for char in before) + "^"
        super().__init__(f"pattern, column {column}: {what}\n  {shown}\n  {caret}")
        self.column, self.what = column, what


def _wide(char: str) -> bool:
    """Whether a terminal gives a character two columns."""
    return unicodedata.east_asian_width(char) in "WF"
