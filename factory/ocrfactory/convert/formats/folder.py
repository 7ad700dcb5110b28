"""Folders of images with their texts: `metadata.jsonl` or `.csv`, docTR's `labels.json`, `X.gt.txt` beside images."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import ijson
import msgspec

from ocrfactory.convert.delivery import Entry
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.lines import MAX_LINE
from ocrfactory.convert.formats.listing import Listing, Row, bad
from ocrfactory.convert.names import IMAGE_SUFFIXES
from ocrfactory.errors import Reject

PATTERNS = ("metadata.jsonl", "metadata.csv", "labels.json", "*.gt.txt")
TEXTS = ("text", "label", "ground_truth", "transcription")
"""Names that the column of texts goes by, the likeliest first."""
_PAIR = ".gt.txt"
_MIDDLES = ("", ".bin", ".nrm")
"""What tesstrain's images have between stem and extension."""
_object = msgspec.json.Decoder().decode


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
        lines = self.lines(entry)
        faults: list[tuple[int, str]] = []
        csv.field_size_limit(MAX_LINE)
        table = csv.reader(_whole(lines, faults), strict=True)
        try:
            head = next(table, [])
            if "file_name" not in head or not set(head) & set(self.columns):
                raise Reject("bad_list", f"the columns are {', '.join(head)[:200]}; file_name and text are needed")
            for number, cells in enumerate(table, 1):
                yield from (bad(place, fault) for place, fault in faults)
                faults.clear()
                if len(cells) == len(head):
                    yield self._row(number, dict(zip(head, cells, strict=True)))
                else:
                    yield bad(number, f"{len(cells)} cells, the table has {len(head)} columns")
        except csv.Error as error:
            raise Reject("bad_list", f"line {table.line_num}: {error}") from error
        yield from (bad(place, fault) for place, fault in faults)

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
        try:
            # Pair by pair, not as a dict: a name that comes twice is two annotations.
            pairs = ijson.kvitems(io.BytesIO(text.encode()), "", use_float=True)
            for number, (image, label) in enumerate(pairs):
                if isinstance(label, str):
                    yield Row(number, image, label)
                else:
                    yield bad(number, f"the text of {image[:60]!r} is {label!r:.60}", "text_type", image)
        except (ijson.JSONError, UnicodeError, RecursionError, ValueError) as error:
            raise Reject("json_decode", " ".join(str(error).split())[:200]) from error

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


def _whole(lines: Iterable[tuple[int, str | None, str]], faults: list[tuple[int, str]]) -> Iterator[str]:
    """The lines that can be read, for the parser of tables; the others go to `faults`."""
    for number, line, fault in lines:
        if line is None:
            faults.append((number, fault))
        else:
            yield f"{line}\n"
