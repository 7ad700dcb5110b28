"""YAML documents with positions: font packs, recipes and adapter specs are read here and nowhere else.

The values come from ruamel's safe loader; the round-trip loader gives only the positions, because it does not refuse
Python tags. Aliases are refused (a few lines can expand to gigabytes) and the size is capped.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken

from ocrfactory.errors import InputError, RecipeError

MAX_BYTES = 1_000_000
Model = TypeVar("Model", bound=BaseModel)


def load(path: Path, model: type[Model], context: dict[str, Any] | None = None) -> Model:
    """Read one document as `model`.

    Raises:
        InputError: the file cannot be read.
        RecipeError: every mistake of the document, as `file:line:col: path: what`.
    """
    return parse(read_text(path), model, str(path), context)


def read_text(path: Path) -> str:
    """The text of a document, at most `MAX_BYTES`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise RecipeError([f"{path}:1:1: larger than {MAX_BYTES} bytes"])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RecipeError([f"{path}:{line}:1: not UTF-8: byte 0x{data[error.start]:02x}"]) from error


def parse(text: str, model: type[Model], name: str, context: dict[str, Any] | None = None) -> Model:
    """Validate a document's text as `model`; `name` stands for the file in messages."""
    values, marks = values_and_marks(text, name)
    try:
        return model.model_validate(values, context=context)
    except ValidationError as error:
        found = sorted(_without_echoes(error.errors()), key=lambda item: position(marks, item["loc"]))
        raise RecipeError(list(dict.fromkeys(_problem(item, marks, name) for item in found))) from error


def values_and_marks(text: str, name: str) -> tuple[Any, Any]:
    """The plain values of a document, and the same document with positions."""
    try:
        for token in YAML(pure=True).scan(io.StringIO(text)):
            if isinstance(token, AliasToken):
                mark = token.start_mark
                raise RecipeError(
                    [f"{name}:{mark.line + 1}:{mark.column + 1}: aliases (*{token.value}) are not allowed"]
                )
        values = YAML(typ="safe", pure=True).load(text)
        marks = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        found = error.problem_mark or error.context_mark
        where = f"{found.line + 1}:{found.column + 1}" if found else "1:1"
        raise RecipeError([f"{name}:{where}: {error.problem or error.context}"]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise RecipeError([f"{name}:1:1: {str(error) or type(error).__name__}"]) from error
    return values, marks


def position(marks: Any, path: Sequence[int | str]) -> tuple[int, int]:
    """Line and column, both from 1, of the deepest node of `path` that the document has.

    pydantic puts the tags of unions into a path; a step that the document does not know is skipped.
    """
    line, column = 0, 0
    node: Any = marks
    for step in path:
        try:
            if isinstance(node, dict) and step in node:
                line, column = _lc(node).key(step)
                node = node[step]
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                line, column = _lc(node).item(step)
                node = node[step]
        except (AttributeError, KeyError, TypeError):
            break
    return line + 1, column + 1


def _without_echoes(items: Sequence[Any]) -> list[dict[str, Any]]:
    """pydantic also calls a list too short whose items are invalid: that is the same mistake twice."""
    paths = [item["loc"] for item in items]
    return [
        item
        for item in items
        if item["type"] != "too_short"
        or not any(len(path) > len(item["loc"]) and path[: len(item["loc"])] == item["loc"] for path in paths)
    ]


def _lc(node: Any) -> Any:
    """The line and column notes that ruamel's round-trip loader hangs on a node."""
    return node.lc


def _problem(item: dict[str, Any], marks: Any, name: str) -> str:
    line, column = position(marks, item["loc"])
    path = ".".join(str(step) for step in _document_path(item["loc"], marks))
    given = item.get("input")
    what = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        what = "unknown key"
    elif isinstance(given, (str, int, float, bool)) and repr(given) not in what:
        what += f", got {given!r}"
    return f"{name}:{line}:{column}: {path + ': ' if path else ''}{what}"


def _document_path(loc: Sequence[int | str], marks: Any) -> list[int | str]:
    """`loc` without the union tags that pydantic adds; a key that is missing or unknown stays as its end."""
    steps: list[int | str] = []
    node = marks
    for number, step in enumerate(loc):
        inside = (isinstance(node, dict) and step in node) or (
            isinstance(node, list) and isinstance(step, int) and step < len(node)
        )
        if inside:
            node = node[step]
            steps.append(step)
        elif number == len(loc) - 1 and isinstance(node, dict):
            steps.append(step)
    return steps
