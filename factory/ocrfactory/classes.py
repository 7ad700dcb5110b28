"""The class and the origin of every item of a settled source, as numbers: what routes and the class plan go by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrfactory import schema
from ocrfactory.charset import class_group, load_charset
from ocrfactory.errors import CharsetError
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import Settled, Source
from ocrfactory.targets import Route

NO_CLASS, NO_TARGET = -1, -2
"""An item that is no single character; one whose class is not among those that are wanted."""


def wanted_classes(recipe: Recipe, settled: Sequence[Settled], folder: Path) -> tuple[str, ...]:
    """The classes that a recipe wants, in order: its charset, else all of the parts that have single characters.

    Raises:
        CharsetError: the charset of `classes` is unknown or unreadable, or holds no class.
    """
    if recipe.classes is None or recipe.classes.charset is None:
        return classes_of(settled)
    found = load_charset(recipe.classes.charset, base=folder)
    if not found.classes:
        raise CharsetError(f"classes.charset {recipe.classes.charset!r} holds no class", "name one that does")
    return found.classes


def classes_of(settled: Sequence[Settled]) -> tuple[str, ...]:
    """All classes of the parts that have single characters, in order, each once."""
    return tuple(dict.fromkeys(text for found in settled for text in _own_classes(found)))


def _own_classes(found: Settled) -> Iterator[str]:
    """Of a source of single characters alone its charset, holes included; of mixed rows the classes that occur."""
    facet = found.facets.get("class")
    if facet is None:
        return
    names = [name for name in facet.names if name]
    if len(names) == len(facet.names):
        known = set(found.charset)
        yield from found.charset
        yield from (name for name in names if name not in known)
    else:
        yield from names


def class_numbers(found: Settled, classes: Sequence[str]) -> NDArray[np.int32] | None:
    """int32 (items,): the place of each item's class in `classes`, or `NO_CLASS`, or `NO_TARGET`.

    Returns:
        None for a source that has no single characters.
    """
    facet = found.facets.get("class")
    if facet is None:
        return None
    place = {text: number for number, text in enumerate(classes)}
    numbers = [place.get(name, NO_TARGET) if name else NO_CLASS for name in facet.names]
    return np.array(numbers, np.int32)[facet.codes]


def origin_numbers(source: Source, found: Settled) -> NDArray[np.uint8]:
    """uint8 (items,): the origin that each item is planned with, as a number in `schema.ORIGINS`.

    A source that names several origins and no facet plans with the first; another is what a row falls back to while it
    is drawn, as a generated picture that fails its check does to one of a font.
    """
    facet = found.facets.get("origin")
    if facet is not None:
        return np.array([schema.ORIGINS.index(name) for name in facet.names], np.uint8)[facet.codes]
    origins = found.origins or source.origins
    return np.full(found.items, schema.ORIGINS.index(origins[0]), np.uint8)


def routed(route: Route, source: Source, found: Settled, folder: Path) -> NDArray[np.bool_]:
    """bool (items,): the items that a route means; none of a source without single characters.

    Raises:
        CharsetError: the charset of the route is unknown or unreadable.
    """
    facet = found.facets.get("class")
    if facet is None:
        return np.zeros(found.items, np.bool_)
    wanted = None if route.charset is None else frozenset(load_charset(route.charset, base=folder).classes)
    meant = [
        name != "" and (wanted is None or name in wanted) and (route.group is None or class_group(name) == route.group)
        for name in facet.names
    ]
    chosen: NDArray[np.bool_] = np.array(meant, np.bool_)[facet.codes]
    chosen &= origin_numbers(source, found) == schema.ORIGINS.index(route.origin)
    return chosen
