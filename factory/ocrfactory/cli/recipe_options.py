"""Command-line options as a recipe: validated by the same model, its mistakes told in the words of the options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ocrfactory.errors import UsageError
from ocrfactory.recipe import Recipe

GROUPS = ("han", "hangul", "kana", "punctuation", "latin", "digit", "other")


def recipe_from_options(values: dict[str, Any]) -> Recipe:
    """A recipe from options.

    Raises:
        UsageError: a value is not allowed, in the name of its option.
    """
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        lines = []
        errors = error.errors()
        for item in errors:
            if item["type"] == "too_short" and len(errors) > 1:
                continue  # pydantic calls a list too short whose items are invalid: the same mistake twice
            what = str(item["msg"]).removeprefix("Value error, ")
            given = item.get("input")
            if isinstance(given, dict):  # a rule about several options: its words name them
                lines.append(what)
            else:
                lines.append(f"--{_option(item['loc'])} {given!r}: {what}")
        raise UsageError("\n".join(dict.fromkeys(lines))) from error


def _option(path: Sequence[int | str]) -> str:
    """The option behind a field: `parts.0.source.per_class` is --per-class."""
    names = [step for step in path if isinstance(step, str) and step not in GROUPS]
    return names[-1].replace("_", "-") if names else "options"


def placements(options: list[str]) -> dict[str, str]:
    """`centre` for all groups, `GROUP=em` for one; later ones win."""
    found: dict[str, str] = {}
    for option in options:
        group, equals, placement = option.rpartition("=")
        found.update(dict.fromkeys([group] if equals else GROUPS, placement))
    return found


def slug(fonts: list[str]) -> str:
    """A name for a data set from what was asked for: `tcc`, `nanumgothic`, `tcc-uming`."""
    parts = [Path(re.split(r"[#@]", font)[0]).stem if "." in font or "/" in font else font for font in fonts]
    name = re.sub(r"[^a-z0-9_-]+", "-", "-".join(parts).lower()).strip("-_")
    return name[:63] or "glyphs"
