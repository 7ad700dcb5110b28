"""Command-line options as a recipe: validated by the same model, its mistakes told in the words of the options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError

from ocrfactory import recipe as recipes
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


def chosen_recipe(name: str, seed: int | None, limit: int | None) -> tuple[Recipe, Path]:
    """A recipe by its name or file, with what the command line says in place of its own; and its folder.

    Raises:
        InputError: there is no such recipe.
        RecipeError: every mistake of the file, with file:line:col.
        UsageError: an option is not allowed.
    """
    path = recipes.find(name)
    chosen = recipes.load(path)
    changes = {field: value for field, value in (("seed", seed), ("limit", limit)) if value is not None}
    if changes:
        chosen = recipe_from_options({**chosen.model_dump(mode="json"), **changes})
    return chosen, path.parent


OF_MODE = {
    "glyph": ("per_class", "size", "placement", "ink", "ground"),
    "line": ("text", "corpus", "count", "height", "vertical", "fallback"),
}
"""Options of `render` that mean something in one mode only, by the names of their parameters."""


def refuse_foreign(context: typer.Context, mode: str) -> None:
    """An option of the other mode is a mistake, not something to pass over.

    Raises:
        UsageError: there is one, or the mode is unknown, or two options exclude each other.
    """
    if mode not in OF_MODE:
        raise UsageError(f"--mode {mode!r}: one of {', '.join(OF_MODE)}")
    given = [name for name in context.params if _is_given(context, name)]
    for other, names in OF_MODE.items():
        wrong = [f"--{name.replace('_', '-')}" for name in given if name in names]
        if other != mode and wrong:
            raise UsageError(f"{', '.join(wrong)}: for --mode {other}; this is --mode {mode}")
    if "text" in given and "corpus" in given:
        raise UsageError("--text gives each line of a file, --corpus samples: take one of them")


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name not in ("DEFAULT", "DEFAULT_MAP")


def _option(path: Sequence[int | str]) -> str:
    """The option behind a field: `parts.0.source.per_class` is --per-class."""
    names = [step for step in path if isinstance(step, str) and step not in GROUPS]
    name = {"file": "text", "augment": "recipe"}.get(names[-1], names[-1]) if names else "options"
    return name.replace("_", "-")


def placements(options: list[str]) -> dict[str, str]:
    """`centre` for all groups, `GROUP=em` for one; later ones win."""
    found: dict[str, str] = {}
    for option in options:
        group, equals, placement = option.rpartition("=")
        found.update(dict.fromkeys([group] if equals else GROUPS, placement))
    return found


def slug(fonts: list[str], ending: str = "") -> str:
    """A name for a data set from what was asked for: `tcc`, `nanumgothic`, `tcc-uming`; with `ending`, cut to fit."""
    parts = [Path(re.split(r"[#@]", font)[0]).stem if "." in font or "/" in font else font for font in fonts]
    name = re.sub(r"[^a-z0-9_-]+", "-", "-".join(parts).lower()).strip("-_")
    return (name[: 63 - len(ending)] or "glyphs") + ending
