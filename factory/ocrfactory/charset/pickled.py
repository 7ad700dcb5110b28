"""Class lists in pickles, read without ever unpickling.

A pickle is a program, and loading one runs whatever its author wrote. Here `pickletools.genops` splits it into opcodes,
and a stack machine of our own understands those that build containers, texts and numbers; any other is refused.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ocrfactory.charset.mapping import classes_of_mapping
from ocrfactory.errors import CharsetError

MAX_BYTES = 8_000_000  # a hundred times a long class list
MAX_NODES = 1_000_000  # on the stack, in the memo, and visited in all: references can repeat a container
MAX_DEPTH = 20
MAX_INTEGER_BITS = 64


@dataclass(eq=False, slots=True)
class _Box:
    """A container under construction. Never hashed or compared, so hostile keys cost nothing."""

    kind: str
    items: list[object] = field(default_factory=list)


class _Mark:
    """Where the items of a container begin on the stack."""


class _RefusedError(Exception):
    """Why a pickle is not a list of classes."""


_CONTAINERS = {"EMPTY_LIST": "list", "EMPTY_TUPLE": "tuple", "EMPTY_DICT": "dict", "EMPTY_SET": "set"}
_FROM_MARK = {"LIST": "list", "TUPLE": "tuple", "DICT": "dict", "FROZENSET": "set"}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_INTEGERS = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"}
_FLOATS = {"FLOAT", "BINFLOAT"}
_TEXTS = {"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
_BYTE_TEXTS = {"STRING", "BINSTRING", "SHORT_BINSTRING"}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_MEMO_WRITES = {"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"}
_MEMO_READS = {"GET", "BINGET", "LONG_BINGET"}


def read_pickle(data: bytes, name: str) -> list[str]:
    """The classes of a pickled list, tuple, set or dict, nested ones flattened in order.

    Sets are sorted by code point, because their order in the file is chance. For dicts see `mapping.py`.

    Args:
        data: the whole file.
        name: the file in messages.

    Raises:
        CharsetError: the pickle holds anything but containers of text and numbers, or no classes.
    """
    try:
        if len(data) > MAX_BYTES:
            raise _RefusedError(f"larger than {MAX_BYTES:,} bytes")
        return _flatten(_Machine().run(data))
    except _RefusedError as error:
        raise CharsetError(f"{name}: not read: {error}", cure_for(name)) from error


def cure_for(name: str) -> str:
    """The two lines that turn a pickle into a text file, elsewhere."""
    text_file = Path(name).stem + ".txt"
    return (
        "a pickle can run any program, so none is loaded here. Where you trust it, elsewhere, in Python:\n"
        f"  import pickle; classes = list(pickle.load(open({name!r}, 'rb')))\n"
        f"  open({text_file!r}, 'w', encoding='utf-8').writelines(f'{{c}}\\n' for c in classes)"
    )


class _Machine:
    """Runs the harmless part of the pickle language; values are text, numbers, None and `_Box`."""

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}

    def run(self, data: bytes) -> object:
        """The value of the pickle."""
        for name, argument, offset in _opcodes(data):
            if name == "STOP":
                if offset + 1 != len(data):
                    raise _RefusedError(f"{len(data) - offset - 1} bytes follow the end of the pickle")
                return self._last_value()
            try:
                self._step(name, argument)
            except _RefusedError as error:
                raise _RefusedError(f"opcode {name} at byte {offset}: {error}") from None
            if len(self.stack) > MAX_NODES or len(self.memo) > MAX_NODES:
                raise _RefusedError(f"more than {MAX_NODES:,} items")
        raise _RefusedError("no end")  # pragma: no cover - genops refuses first

    def _step(self, name: str, argument: object) -> None:
        if name in ("PROTO", "FRAME"):
            if name == "PROTO" and argument not in range(6):
                raise _RefusedError(f"protocol {argument} is unknown")
        elif name in _MEMO_WRITES:
            self.memo[len(self.memo) if name == "MEMOIZE" else _as_int(argument)] = self._top()
        elif name in _MEMO_READS:
            if argument not in self.memo:
                raise _RefusedError(f"nothing is kept as number {argument}")
            self.stack.append(self.memo[_as_int(argument)])
        elif name in _FILLERS:
            _FILLERS[name](self)
        else:
            self.stack.append(self._value(name, argument))

    def _value(self, name: str, argument: object) -> object:
        if name in _TEXTS or name in _FLOATS:
            return argument
        if name in _INTEGERS:
            if _as_int(argument).bit_length() > MAX_INTEGER_BITS:
                raise _RefusedError(f"an integer of more than {MAX_INTEGER_BITS} bits")
            return argument
        if name in _BYTE_TEXTS:
            return _python2_text(str(argument))
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name == "MARK":
            return _Mark()
        if name in _CONTAINERS:
            return _Box(_CONTAINERS[name])
        if name in _TUPLES:
            return _Box("tuple", [self._pop() for _ in range(_TUPLES[name])][::-1])
        if name in _FROM_MARK:
            items = self._pop_to_mark()
            return _Box(_FROM_MARK[name], list(_pairs(items)) if name == "DICT" else items)
        raise _RefusedError("only lists, tuples, sets and dicts of text and numbers are read")

    def append(self) -> None:
        """APPEND: one item to the list below it."""
        item = self._pop()
        self._box("list").items.append(item)

    def appends(self) -> None:
        """APPENDS: the items above the mark to the list below it."""
        items = self._pop_to_mark()
        self._box("list").items.extend(items)

    def add_items(self) -> None:
        """ADDITEMS: the items above the mark to the set below it."""
        items = self._pop_to_mark()
        self._box("set").items.extend(items)

    def set_item(self) -> None:
        """SETITEM: one key and value to the dict below them."""
        value, key = self._pop(), self._pop()
        self._box("dict").items.append((key, value))

    def set_items(self) -> None:
        """SETITEMS: the keys and values above the mark to the dict below it."""
        items = self._pop_to_mark()
        self._box("dict").items.extend(_pairs(items))

    def _top(self) -> object:
        if not self.stack or isinstance(self.stack[-1], _Mark):
            raise _RefusedError("the stack is empty")
        return self.stack[-1]

    def _pop(self) -> object:
        top = self._top()
        del self.stack[-1]
        return top

    def _pop_to_mark(self) -> list[object]:
        items: list[object] = []
        while self.stack:
            item = self.stack.pop()
            if isinstance(item, _Mark):
                return items[::-1]
            items.append(item)
        raise _RefusedError("no mark on the stack")

    def _box(self, kind: str) -> _Box:
        box = self._top()
        if not isinstance(box, _Box) or box.kind != kind:
            raise _RefusedError(f"there is no {kind} to fill")
        return box

    def _last_value(self) -> object:
        value = self._pop()
        if self.stack:
            raise _RefusedError("values are left on the stack")
        return value


_FILLERS: dict[str, Callable[[_Machine], None]] = {
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "ADDITEMS": _Machine.add_items,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
}


def _opcodes(data: bytes) -> Iterator[tuple[str, object, int]]:
    offset = 0
    try:
        for opcode, argument, position in pickletools.genops(data):
            offset = position or 0
            yield opcode.name, argument, offset
    except (ValueError, EOFError, OverflowError, struct.error) as error:
        raise _RefusedError(f"not a pickle, or a damaged one, after byte {offset} ({error})") from None


def _pairs(items: list[object]) -> Iterator[tuple[object, object]]:
    if len(items) % 2:
        raise _RefusedError("a key without a value")
    return zip(items[::2], items[1::2], strict=True)


def _as_int(argument: object) -> int:
    if not isinstance(argument, int):  # pragma: no cover - genops gives these opcodes integers
        raise _RefusedError("not an integer")
    return argument


def _python2_text(argument: str) -> str:
    # genops gives the bytes of a Python 2 string as Latin-1; which encoding they were in nobody recorded.
    try:
        return argument.encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise _RefusedError("a byte string of Python 2 that is not UTF-8") from None


def _flatten(root: object) -> list[str]:
    if not isinstance(root, _Box):
        raise _RefusedError(f"it holds {_describe(root)}, not a list")
    classes: list[str] = []
    path: list[tuple[_Box, Iterator[object]]] = [(root, _children(root))]
    visited = len(root.items)
    while path:
        item = next(path[-1][1], path)  # `path` itself stands for the end: None is a value
        if item is path:
            path.pop()
        elif isinstance(item, str):
            classes.append(item)
        elif isinstance(item, _Box):
            if any(item is box for box, _ in path):
                raise _RefusedError("a container holds itself")
            if len(path) == MAX_DEPTH:
                raise _RefusedError(f"containers nested deeper than {MAX_DEPTH}")
            # Before the children are looked at, because already that costs time: see MAX_NODES.
            visited += 1 + len(item.items)
            if visited > MAX_NODES:
                raise _RefusedError(f"more than {MAX_NODES:,} items")
            path.append((item, _children(item)))
        else:
            raise _RefusedError(f"after {len(classes)} classes comes {_describe(item)}, which is not text")
    return classes


def _children(box: _Box) -> Iterator[object]:
    if box.kind == "dict":
        classes = classes_of_mapping([item for item in box.items if isinstance(item, tuple)])
        if isinstance(classes, str):
            raise _RefusedError(classes)
        return iter(classes)
    texts = [item for item in box.items if isinstance(item, str)]
    if box.kind == "set" and len(texts) == len(box.items):
        return iter(sorted(set(texts)))
    return iter(box.items)


def _describe(value: object) -> str:
    return "None" if value is None else f"the number {value}" if isinstance(value, (int, float)) else "text"
