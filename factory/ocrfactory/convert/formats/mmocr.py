"""MMOCR's recognition lists: one JSON with `data_list` (1.x); a JSON object or `name text` a line (0.x)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from ocrfactory.convert.document import Document
from ocrfactory.convert.entry import Entry
from ocrfactory.convert.formats.listing import Listing, Row, bad
from ocrfactory.errors import Reject

PATTERNS = ("*.json", "*.jsonl", "*label.txt", "*labels.txt")
_json = msgspec.json.Decoder().decode


class Mmocr(Listing):
    """The pages of `textrecog_*.json`, of JSON lines and of `train_label.txt`."""

    def rows(self, entry: Entry) -> Iterator[Row]:
        """See `Listing.rows`."""
        if entry.path.lower().endswith(".json"):
            document = self._document(entry)
            self._old += document.encoding == "cp949"
            number = -1
            for number, value in enumerate(document.items("data_list")):
                yield _of_element(number, value)
            if number < 0:
                raise Reject("unknown_label", "no array data_list with elements: this is no recognition list of MMOCR")
        else:
            for number, line, fault in self.lines(entry):
                if line is None:
                    yield bad(number, fault)
                elif entry.path.lower().endswith(".jsonl") or line.startswith("{"):
                    yield _of_line(number, line)
                else:
                    yield _of_words(number, line)

    def _document(self, entry: Entry) -> Document:
        read, open = partial(self.reader.read, entry), partial(self.reader.open, entry)
        return Document(entry.path, read, entry.size, open)


def _of_element(number: int, value: Any) -> Row:
    if not isinstance(value, dict) or not isinstance(value.get("img_path"), str) or not value["img_path"]:
        return bad(number, "an element without img_path")
    image, instances = value["img_path"], value.get("instances")
    if not isinstance(instances, list) or len(instances) != 1 or not isinstance(instances[0], dict):
        return bad(number, f"{image!r}: a recognition list has one instance for an image", image=image)
    if "bbox" in instances[0] or "polygon" in instances[0]:
        return bad(number, f"{image!r}: boxes inside an image are for spotting, not for recognition", image=image)
    return _row(number, image, instances[0].get("text"))


def _of_line(number: int, line: str) -> Row:
    try:
        value = _json(line)
    except (msgspec.DecodeError, RecursionError) as error:
        return bad(number, f"no JSON: {error}")
    if not isinstance(value, dict) or not isinstance(value.get("filename"), str) or not value["filename"]:
        return bad(number, "no object with a filename")
    return _row(number, value["filename"], value.get("text"))


def _of_words(number: int, line: str) -> Row:
    name, space, text = line.partition("\t" if "\t" in line.partition(" ")[0] else " ")
    return Row(number, name, text) if space and name else bad(number, f"no space in {line[:60]!r}")


def _row(number: int, image: str, text: Any) -> Row:
    if text is not None and not isinstance(text, str):
        return bad(number, f"the text is {text!r:.60}", "text_type", image)
    return Row(number, image, text)
