"""Folders of images with their texts: `metadata.jsonl` or `.csv`, docTR's `labels.json`, `X.gt.txt` beside images."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ijson
import msgspec

from ocrfactory.convert.entry import Entry
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.listing import Listing, Row, bad
from ocrfactory.convert.formats.table import records
from ocrfactory.convert.names import IMAGE_SUFFIXES
from ocrfactory.convert.stream import Shallow
from ocrfactory.errors import Reject

PATTERNS = ("metadata.jsonl", "metadata.csv", "labels.json", "*.gt.txt")
TEXTS = ("text", "label", "ground_truth", "transcription")
"""Names that the column of texts goes by, the likeliest first."""
_PAIR = ".gt.txt"
_MIDDLES = ("", ".bin", ".nrm")
"""What tesstrain's images have between stem and extension."""
_object = msgspec.json.Decoder().decode
_NO_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b', re.DOTALL)


class Folder(Listing):
    """The pages of folders of images.

    Args:
        column: of the texts in metadata; None: the first of `TEXTS` that is there.
    """

    def __init__(
        self, chosen: Chosen, level: str, log: Callable[[str], None] = lambda line: None, column: str | None = None
    ) -> None:
        super().__init__(chosen, level, log)
        self.columns = TEXTS if column is None else (column,)
        self._paths = {image.path for image in self.images}

    def split_of(self, entry: Entry) -> str | None:
        """By the folders alone: the name of one image is no word on its split."""
        return self.chosen.split_of_folders(entry)

    def folders(self, entry: Entry) -> Sequence[str]:
        """docTR keeps images in `images/` beside its labels."""
        folders = super().folders(entry)
        if not entry.path.endswith(".json"):
            return folders
        return (*(f"{folder}/images" for folder in folders), *folders)

    def rows(self, entry: Entry) -> Iterator[Row]:
        """See `Listing.rows`."""
        name = entry.path.lower()
        if name.endswith(_PAIR):
            return self._pair(entry)
        if name.endswith(".json"):
            return self._names_to_texts(entry)
        return self._table(entry) if name.endswith(".csv") else self._objects(entry)

    def _objects(self, entry: Entry) -> Iterator[Row]:
        for number, line, fault in self.lines(entry):
            if line is None:
                yield bad(number, fault)
                continue
            try:
                value = _object(line)
            except (msgspec.DecodeError, RecursionError) as error:
                yield bad(number, f"no JSON: {error}")
                continue
            yield self._row(number, value) if isinstance(value, dict) else bad(number, "no JSON object")

    def _table(self, entry: Entry) -> Iterator[Row]:
        head: list[str] = []
        for number, cells, line, fault in records(self.lines(entry)):
            if not head:
                head = cells
                if "file_name" not in head or not set(head) & set(self.columns):
                    raise Reject("bad_list", f"the columns are {', '.join(head)[:200]}; file_name and text are needed")
            elif not fault and len(cells) == len(head):
                yield self._row(number, dict(zip(head, cells, strict=True)))
            else:
                fault = fault or f"{len(cells)} cells, the table has {len(head)} columns"
                yield bad(number, fault, image=_cell(line, head.index("file_name")))

    def _row(self, number: int, value: dict[str, Any]) -> Row:
        image = value.get("file_name")
        if not isinstance(image, str) or not image:
            return bad(number, "no file_name")
        text = next((value[column] for column in self.columns if value.get(column) is not None), None)
        if text is not None and not isinstance(text, str):
            return bad(number, f"the text is {text!r:.60}", "text_type", image)
        return Row(number, image, text)

    def _names_to_texts(self, entry: Entry) -> Iterator[Row]:
        data = self.reader.read(entry)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp949", "replace")
            self._old += 1
        number = -1
        try:
            # Pair by pair, not as a dict: a name that comes twice is two annotations.
            stream = Shallow(io.BytesIO(_without_no_numbers(text).encode()))
            pairs = ijson.kvitems(stream, "", use_float=True)
            for number, (image, label) in enumerate(pairs):
                if isinstance(label, str):
                    yield Row(number, image, label)
                else:
                    yield bad(number, f"the text of {image[:60]!r} is {label!r:.60}", "text_type", image)
        except (ijson.JSONError, UnicodeError, RecursionError, ValueError) as error:
            what = "nested too deep" if isinstance(error, RecursionError) else " ".join(str(error).split())[:200]
            raise Reject("json_decode", f"after {number + 1:,} labels: {what}") from error

    def _pair(self, entry: Entry) -> Iterator[Row]:
        stem = entry.path[: -len(_PAIR)]
        names = [f"{stem}{middle}{suffix}" for middle in _MIDDLES for suffix in (*IMAGE_SUFFIXES, *_UPPER)]
        image = next((name for name in names if name in self._paths), f"{stem}.png").rpartition("/")[2]
        lines = list(self.lines(entry))
        if len(lines) > 1 or any(line is None for _, line, _ in lines):
            fault = next((fault for _, line, fault in lines if line is None), f"{len(lines)} lines of text, not one")
            yield bad(0, fault, image=image)
        else:
            yield Row(0, image, lines[0][1] if lines else None)


_UPPER = tuple(suffix.upper() for suffix in IMAGE_SUFFIXES)


def _cell(line: str, place: int) -> str:
    """What seems to be the name of the image in a line that is no record: it has a label, though not one to be read."""
    cells = line.split(",")
    return cells[place].strip().strip('"') if place < len(cells) else ""


def _without_no_numbers(text: str) -> str:
    """JSON as its standard has it: what Python writes for numbers that are none becomes null."""
    if "NaN" not in text and "Infinity" not in text:
        return text
    return _NO_NUMBER.sub(lambda found: found[0] if found[0].startswith('"') else "null", text)
