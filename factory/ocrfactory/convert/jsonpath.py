"""Where in a label something lies: the path language of adapter specs.

    images[0].file_name          `.` goes down, [0] takes one element
    annotations[].text           [] takes every element
    "image.file.name"            double quotes keep a dotted key whole
    Bbox[] | bbox[]              alternatives: the first that is there
    @                            the value itself

A path is compiled once into a function. Whatever a label holds, to look never fails: what is not there is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Steps = tuple[str | int | None, ...]
"""A key, the number of an element, or None for every element; no step at all is the value itself."""
Getter = Callable[[Any], Any]

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BARE = re.compile(r'[^\s.\[\]"|@]+')
_BRACKETS = re.compile(r"\[(\d{0,9})\]")
_ALTERNATIVE = re.compile(r"\s*\|\s*")


class PathError(ValueError):
    """A path cannot be read; says where inside it."""

    def __init__(self, text: str, position: int, what: str) -> None:
        super().__init__(f"path {text!r}, character {position + 1}: {what}")
        self.position = position


class Path:
    """A compiled path.

    Raises:
        PathError: with the position of the mistake.
    """

    __slots__ = ("_alternatives", "get", "text")

    get: Getter
    """The first value that is there and not null."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._alternatives = _parse(text)
        self.get = _first([_getter(steps) for steps in self._alternatives])

    def __repr__(self) -> str:
        return f"Path({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def array(self) -> str | None:
        """`key` where the path is just `key[]`: an array that can be streamed."""
        first = self._alternatives[0]
        plain = len(self._alternatives) == 1 and len(first) == 2 and first[1] is None
        return first[0] if plain and isinstance(first[0], str) else None

    @property
    def from_array(self) -> bool:
        """Whether the top level may be an array."""
        return any(steps and not isinstance(steps[0], str) for steps in self._alternatives)

    def values(self, value: Any) -> list[Any]:
        """Every value that is there and not null, of the first alternative that has one."""
        for steps in self._alternatives:
            found = [each for each in _walk(value, steps) if each is not None]
            if found:
                return found
        return []

    def is_empty(self, value: Any) -> bool:
        """Whether the path ends in an array that is there and holds nothing."""
        return any(_ends_empty(value, steps) for steps in self._alternatives)

    def elements(self, value: Any) -> list[Any]:
        """Every element, null and misshapen ones too: nothing that stands in the array may go uncounted."""
        return [each for _, each in self.numbered(value)] if self._nested else self._flat(value)

    def numbered(self, value: Any) -> list[tuple[int, Any]]:
        """Every element with the number of the element of the outermost `[]` that it lies in."""
        for steps in self._alternatives:
            found = list(_elements(value, steps, None))
            if found:
                return found
        return []

    @property
    def _nested(self) -> bool:
        return any(steps.count(None) != 1 or steps[-1] is not None for steps in self._alternatives)

    def _flat(self, value: Any) -> list[Any]:
        for steps in self._alternatives:
            array = _getter(steps[:-1])(value)
            if isinstance(array, list):
                if array:
                    return array
            elif array is not None:
                return [array]
        return []


def _parse(text: str) -> tuple[Steps, ...]:
    found: list[Steps] = []
    at = len(text) - len(text.lstrip())
    while True:
        steps, at = _steps(text, at)
        found.append(steps)
        if not text[at:].strip():
            return tuple(found)
        mark = _ALTERNATIVE.match(text, at)
        if mark is None:
            raise PathError(text, at, f"{text[at]!r} is not expected here; keys with signs go into double quotes")
        at = mark.end()


def _steps(text: str, at: int) -> tuple[Steps, int]:
    """The steps of one alternative from `at` on, and where it ends."""
    if text[at : at + 1] == "@":
        return (), at + 1
    steps: list[str | int | None] = []
    while True:
        if text[at : at + 1] != "[" or steps:
            key, at = _key(text, at)
            steps.append(key)
        while text[at : at + 1] == "[":
            brackets = _BRACKETS.match(text, at)
            if brackets is None:
                raise PathError(text, at, "[] or [0] is meant")
            steps.append(int(brackets[1]) if brackets[1] else None)
            at = brackets.end()
        if text[at : at + 1] != ".":
            return tuple(steps), at
        at += 1


def _key(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] == '"':
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            raise PathError(text, at, "the double quote has no end")
        return re.sub(r"\\(.)", r"\1", quoted[1]), quoted.end()
    bare = _BARE.match(text, at)
    if bare is None:
        raise PathError(text, at, "a key is missing")
    return bare[0], bare.end()


def _first(getters: list[Getter]) -> Getter:
    if len(getters) == 1:
        return getters[0]

    def get(value: Any) -> Any:
        for getter in getters:
            found = getter(value)
            if found is not None:
                return found
        return None

    return get


def _getter(steps: Steps) -> Getter:
    if None in steps:
        return lambda value: next((each for each in _walk(value, steps) if each is not None), None)
    if len(steps) == 1 and isinstance(steps[0], str):
        key = steps[0]
        return lambda value: value.get(key) if type(value) is dict else None

    def get(value: Any) -> Any:
        for step in steps:
            if type(value) is dict:
                value = value.get(step)
            elif type(value) is list and type(step) is int and step < len(value):
                value = value[step]
            else:
                return None
        return value

    return get


def _walk(value: Any, steps: Steps) -> Iterator[Any]:
    """Every value at the end of `steps`; an array is only what is one."""
    if None not in steps:
        yield _getter(steps)(value)
        return
    at = steps.index(None)
    array = _getter(steps[:at])(value)
    for element in array if isinstance(array, list) else ():
        yield from _walk(element, steps[at + 1 :])


def _elements(value: Any, steps: Steps, outer: int | None) -> Iterator[tuple[int, Any]]:
    """As `_walk`, but what stands where an array should stand counts as an element itself."""
    if None not in steps:
        yield outer or 0, _getter(steps)(value)
        return
    at = steps.index(None)
    array = _getter(steps[:at])(value)
    if array is None and outer is None:
        return
    for number, element in enumerate(array if isinstance(array, list) else [array]):
        rest = steps[at + 1 :]
        here = number if outer is None else outer
        if rest:
            yield from _elements(element, rest, here)
        else:
            yield here, element


def _ends_empty(value: Any, steps: Steps) -> bool:
    while None in steps:
        at = steps.index(None)
        value, steps = _getter(steps[:at])(value), steps[at + 1 :]
        if not isinstance(value, list):
            return False
        if not value:
            return True
        value = value[0]
    return False
