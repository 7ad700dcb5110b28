"""YAML documents with positions: font packs, recipes and adapter specs are read here and nowhere else.

The values come from ruamel's safe loader; the round-trip loader gives only the positions, because it does not refuse
Python tags. Aliases are refused (a few lines can expand to gigabytes), and size and depth are capped.
"""

from __future__ import annotations

import io
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.tokens import (
    AliasToken,
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

from ocrfactory.errors import InputError, RecipeError

MAX_BYTES = 1_000_000
MAX_DEPTH = 100
_STARTS = (BlockMappingStartToken, BlockSequenceStartToken, FlowMappingStartToken, FlowSequenceStartToken)
_ENDS = (BlockEndToken, FlowMappingEndToken, FlowSequenceEndToken)
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
        if not stat.S_ISREG(path.stat().st_mode):  # to open a named pipe waits for a writer
            raise InputError(f"{path}: not a file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
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
        problems = [_problem(item, marks, name) + _known(item, model) for item in found]
        raise RecipeError(list(dict.fromkeys(problems))) from error


def values_and_marks(text: str, name: str) -> tuple[Any, Any]:
    """The plain values of a document, and the same document with positions."""
    try:
        _check_tokens(text, name)
        safe = YAML(typ="safe", pure=True)
        safe.Constructor = _Constructor
        values = safe.load(text)
        marks = YAML(typ="rt", pure=True).load(text)
    except RecipeError:
        raise
    except MarkedYAMLError as error:
        found = error.problem_mark or error.context_mark
        where = f"{found.line + 1}:{found.column + 1}" if found else "1:1"
        raise RecipeError([f"{name}:{where}: {error.problem or error.context}"]) from error
    except Exception as error:  # a hostile document makes the loader raise anything
        raise RecipeError([f"{name}:1:1: {str(error) or type(error).__name__}"]) from error
    return values, marks


def _check_tokens(text: str, name: str) -> None:
    """Refuse aliases and depth before anything is built: the time of the parser grows with the square of the depth."""
    depth = 0
    for token in YAML(pure=True).scan(io.StringIO(text)):
        depth += isinstance(token, _STARTS) - isinstance(token, _ENDS)
        fault = f"nested deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else None
        if isinstance(token, AliasToken):
            fault = f"aliases (*{token.value}) are not allowed"
        if fault:
            mark = token.start_mark
            raise RecipeError([f"{name}:{mark.line + 1}:{mark.column + 1}: {fault}"])


class _Constructor(SafeConstructor):
    """The safe constructor; a value that its tag does not fit (`!!bool maybe`) gets a position, not a traceback."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """See ruamel."""
        try:
            return super().construct_object(node, deep)
        except (LookupError, ValueError, TypeError, ArithmeticError, AttributeError) as error:
            kind = str(node.tag).rpartition(":")[2]
            what = f"{str(node.value)[:60]!r} is no {kind}"
            raise ConstructorError(None, None, what, node.start_mark) from error


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


class _Schemas(GenerateJsonSchema):
    """The schema of a model, with a gap in place of what has none, such as a pattern or a path of our own."""

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
        """See pydantic, which would raise."""
        return {}


def _known(item: dict[str, Any], model: type[BaseModel]) -> str:
    """The keys that could stand where an unknown one does: `; known: a, b`; empty where the schema does not tell."""
    if item["type"] != "extra_forbidden":
        return ""
    whole = model.model_json_schema(schema_generator=_Schemas)
    node: dict[str, Any] = whole
    for step in item["loc"][:-1]:
        node = _inner(_resolved(node, whole), step)
    keys = _resolved(node, whole).get("properties", {})
    return f"; known: {', '.join(keys)}" if keys else ""


def _resolved(node: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """A schema in place of a reference to it; of one that may be null, what it is otherwise."""
    others = [each for each in node.get("anyOf", ()) if each.get("type") != "null"]
    node = others[0] if len(others) == 1 else node
    found: dict[str, Any] = whole["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    return found


def _inner(node: dict[str, Any], step: int | str) -> dict[str, Any]:
    """The schema of one step further in: a field, an entry of a list or of a mapping, or the kind of a union."""
    if "discriminator" in node:
        kinds = node["discriminator"]["mapping"]
        return {"$ref": kinds[step]} if step in kinds else {}
    fields = node.get("properties", {})
    found: Any = fields.get(step) or node.get("items") or node.get("additionalProperties")
    return found if isinstance(found, dict) else {}


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
