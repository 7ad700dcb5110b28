"""The ops in words, from their classes: for `ocrfactory recipes ops` and the table in recipes/README.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic_core import PydanticUndefined

from ocrfactory.augment import FAMILIES, OPS
from ocrfactory.augment.op import Op

HIDDEN = ("op", "p")


def summary(op: type[Op]) -> str:
    """The first sentence of an op's docstring, in one line."""
    text = " ".join((op.__doc__ or "").split())
    return text.split(". ")[0].rstrip(".")


def fields(op: type[Op]) -> Iterator[tuple[str, str, str]]:
    """(name, default, description) of each field that a recipe may set."""
    for name, field in op.model_fields.items():
        if name not in HIDDEN:
            default = field.get_default(call_default_factory=True)
            yield name, _plain(default), " ".join((field.description or "").split())


def table() -> list[str]:
    """All ops as Markdown, family by family."""
    lines: list[str] = []
    for family, ops in FAMILIES.items():
        lines += [f"**{family}**", "", "| op | what | fields |", "|---|---|---|"]
        for op in ops:
            names = ", ".join(f"`{name}`" for name, _, _ in fields(op))
            lines.append(f"| `{op.model_fields['op'].default}` | {summary(op)} | {names} |")
        lines.append("")
    return lines


def explain(name: str) -> list[str]:
    """One op with all its fields.

    Raises:
        KeyError: there is none of this name.
    """
    op = OPS[name]
    lines = [f"{name}: {' '.join((op.__doc__ or '').split())}"]
    return lines + [f"  {field} = {default}: {words}" for field, default, words in fields(op)]


def _plain(value: Any) -> str:
    if value is PydanticUndefined:
        return "(required)"
    if isinstance(value, tuple):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    if isinstance(value, float):
        return f"{value:g}"
    return "null" if value is None else str(value)
