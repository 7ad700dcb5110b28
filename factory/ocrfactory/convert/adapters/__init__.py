"""The shapes of labels that are known: YAML specs beside this file, and Python where a spec cannot say it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ocrfactory.convert.adapter import Adapter
from ocrfactory.convert.adapters.forms_91 import FormsAdapter
from ocrfactory.convert.adapters.math_71716 import MathAdapter
from ocrfactory.convert.adapters.papers_632 import PapersAdapter
from ocrfactory.convert.spec import SpecAdapter, load_spec
from ocrfactory.errors import InputError

_FOLDER = Path(__file__).parent
_KINDS: dict[str, type[SpecAdapter]] = {
    "forms-91": FormsAdapter,
    "math-71716": MathAdapter,
    "papers-632": PapersAdapter,
}
_registered: dict[str, Adapter] = {}


def register_adapter(adapter: Adapter) -> None:
    """Make an adapter known to `get`, `all` and detection; one of the same name is replaced."""
    _registered[adapter.name] = adapter


def names() -> list[str]:
    """The names of all adapters."""
    return sorted({*(path.stem for path in _FOLDER.glob("*.yaml")), *_registered})


def all() -> list[Adapter]:
    """All adapters, by name."""
    return [_named(name) for name in names()]


def get(name: str) -> Adapter:
    """The adapter of a name (`outdoor-105`), of a number (`105`), or of a source (`aihub-105`).

    Raises:
        InputError: nothing, or more than one adapter, goes by it.
    """
    known = names()
    if name in known:
        return _named(name)
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 10 else None
    found = [each for each in all() if name in each.sources or number in each.numbers or _ends_in(each, name)]
    if len(found) == 1:
        return found[0]
    if found:
        both = ", ".join(adapter.name for adapter in found)
        raise InputError(f"{name!r} comes in more than one shape", f"name one of: {both}")
    raise InputError(f"no adapter named {name!r}", f"give a spec file (.yaml), or one of: {', '.join(known)}")


def _ends_in(adapter: Adapter, number: str) -> bool:
    return number.isdigit() and adapter.name.endswith(f"-{number}")


def _named(name: str) -> Adapter:
    return _registered[name] if name in _registered else _built_in(name)


@cache
def _built_in(name: str) -> Adapter:
    return load_spec(_FOLDER / f"{name}.yaml", _KINDS.get(name, SpecAdapter))
