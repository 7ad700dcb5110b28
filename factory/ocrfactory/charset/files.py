"""Class lists in files, read as they are: what may be a class is decided later, so that `charset check` can report it.

Text: one class a line, verbatim. Only the line feed separates; a carriage return before it belongs to the line end
(Windows), and a byte order mark at the start is dropped. No comments: a line `#` is the class `#`. Empty lines are
counted and skipped; a line of one space is the class of one space.

JSON: a list of texts, or a mapping (see mapping.py). CSV: the column `class`, `char`, `text` or `label`, else the first
one. Pickle: see pickled.py. The suffix decides, and any other suffix is text.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from ocrfactory.charset.mapping import classes_of_mapping
from ocrfactory.charset.pickled import read_pickle
from ocrfactory.errors import CharsetError

MAX_BYTES = 50_000_000
MAX_ENTRIES = 2_000_000  # Unicode has 1.1 million code points; fifty million empty lines would fill the memory
CSV_COLUMNS = ("class", "char", "text", "label")
LIST_SUFFIXES = (".txt", ".json", ".csv", ".pkl", ".pickle")
# Read as text these would give nonsense classes instead of an error.
_OTHER_SUFFIXES = (".jsonl", ".tsv", ".parquet", ".yaml", ".yml", ".npy", ".npz", ".pt", ".pth", ".xlsx")


@dataclass(frozen=True)
class RawList:
    """The entries of one file, before any rule is applied.

    Attributes:
        path: the file, as it was named.
        kind: "text", "json", "csv" or "pickle".
        entries: the classes in order, duplicates included.
        positions: for each entry its line (text, csv) or its number from 1 (json, pickle).
        empty: the positions of the empty lines or entries.
        bom: whether the file starts with a byte order mark.
        crlf: how many lines end in CR LF.
    """

    path: str
    kind: str
    entries: tuple[str, ...]
    positions: tuple[int, ...]
    empty: tuple[int, ...] = ()
    bom: bool = False
    crlf: int = 0

    def where(self, index: int) -> str:
        """The place of an entry in messages: `file:line`, or `file: entry 5`."""
        position = self.positions[index]
        return f"{self.path}:{position}" if self.kind in ("text", "csv") else f"{self.path}: entry {position}"


def read_classes(path: str | Path) -> RawList:
    """Read a list of classes; lone surrogates and control characters come through.

    Raises:
        CharsetError: no such file, too large, not UTF-8, or not a list of texts.
    """
    name = os.fspath(path)
    suffix = Path(name).suffix.lower()
    if suffix in _OTHER_SUFFIXES:
        raise CharsetError(f"{name}: {suffix} is no class list", "use .txt, one class a line, or .json, .csv, .pkl")
    data = _read(name)
    # The content tells a pickle of protocol 2 and up whatever its name: 0x80 never starts UTF-8.
    if suffix in (".pkl", ".pickle") or data[:1] == b"\x80":
        return _without_empty(name, "pickle", read_pickle(data, name))
    text, bom = _decode(data, name)
    if text.count("\n") > MAX_ENTRIES:
        raise CharsetError(f"{name}: more than {MAX_ENTRIES:,} lines", "a list of classes has one class a line")
    if suffix == ".json":
        return _without_empty(name, "json", _from_json(text, name), bom=bom)
    if suffix == ".csv":
        entries, lines = _from_csv(text, name)
        return _without_empty(name, "csv", entries, lines, bom=bom)
    crlf = text.count("\r\n")
    entries = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
    return _without_empty(name, "text", entries, bom=bom, crlf=crlf)


def is_file(name: str) -> bool:
    """Whether a text names an existing file; what no file can be called is no file."""
    try:
        return stat.S_ISREG(os.stat(name).st_mode)  # noqa: PTH116 - `Path` would turn "./kana" into "kana"
    except (OSError, ValueError):
        return False


def _without_empty(
    path: str, kind: str, entries: list[str], positions: list[int] | None = None, *, bom: bool = False, crlf: int = 0
) -> RawList:
    places = positions or range(1, len(entries) + 1)
    full = [(entry, place) for entry, place in zip(entries, places, strict=True) if entry]
    return RawList(
        path,
        kind,
        tuple(entry for entry, _ in full),
        tuple(place for _, place in full),
        tuple(place for entry, place in zip(entries, places, strict=True) if not entry),
        bom,
        crlf,
    )


def _read(name: str) -> bytes:
    try:
        with open(name, "rb", opener=_open_without_waiting) as file:
            # A pipe or a device may never end.
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CharsetError(f"{name}: not a file", "name a file, or a built-in set: ocrfactory charset list")
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CharsetError(f"{name}: {reason}", "built-in sets: ocrfactory charset list") from error
    if len(data) > MAX_BYTES:
        raise CharsetError(f"{name}: larger than {MAX_BYTES:,} bytes", "a list of classes has one class a line")
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    # A named pipe without a writer would block `open` itself.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _decode(data: bytes, name: str) -> tuple[str, bool]:
    bom = data.startswith(b"\xef\xbb\xbf")
    body = data[3:] if bom else data
    try:
        return body.decode("utf-8", "surrogatepass"), bom
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        encoding = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "CP949"
        raise CharsetError(
            f"{name}:{line}: not UTF-8: byte 0x{body[error.start]:02x}",
            f"convert it: iconv -f {encoding} -t UTF-8 {shlex.quote(name)} > new{Path(name).suffix}",
        ) from error


def _from_json(text: str, name: str) -> list[str]:
    cure = 'write a list of texts, ["가", "나"], or a mapping class -> number or number -> class'
    try:
        value = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        raise CharsetError(f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}", cure) from error
    except (ValueError, RecursionError) as error:
        raise CharsetError(f"{name}: not JSON that can be read: {error}", cure) from error
    if isinstance(value, _Pairs):
        classes = classes_of_mapping(value.pairs)
        if isinstance(classes, str):
            raise CharsetError(f"{name}: {classes}", cure)
        return classes
    if not isinstance(value, list):
        raise CharsetError(f"{name}: neither a list nor a mapping", cure)
    for number, item in enumerate(value, 1):
        if not isinstance(item, str):
            raise CharsetError(f"{name}: entry {number} is {_json_kind(item)}, not a text", cure)
    return value


class _Pairs:
    """A JSON object with its repeated keys, which a dict would swallow."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        self.pairs = pairs


def _json_kind(item: object) -> str:
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (bool, "a truth value"),
        ((int, float), "a number"),
        (list, "a list"),
        (_Pairs, "a mapping"),
    ]
    return next((word for kind, word in kinds if isinstance(item, kind)), "null")


def _from_csv(text: str, name: str) -> tuple[list[str], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            rows.append(row)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise CharsetError(f"{name}:{reader.line_num}: not CSV: {error}", "use .txt, one class a line") from error
    column = _column(rows[0]) if rows else None
    if column is not None:
        del rows[0], lines[0]
    return ["".join(row[column or 0 :][:1]) for row in rows], lines  # a short row counts as empty


def _column(header: list[str]) -> int | None:
    names = [cell.strip().casefold() for cell in header]
    return next((names.index(name) for name in CSV_COLUMNS if name in names), None)
