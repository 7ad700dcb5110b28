"""PaddleOCR's recognition lists: `path<TAB>label` a line, or `["a.jpg", "b.jpg"]<TAB>label` for images of one label."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ocrfactory.convert.entry import Entry
from ocrfactory.convert.formats.listing import Listing, Row, bad
from ocrfactory.errors import Reject

PATTERN = "rec_gt*.txt"
DETECTION = (
    "a detection list: its labels are boxes with a transcription each; PaddleOCR's gen_ocr_train_val_test.py cuts them "
    "out, or write them as COCO for convert coco"
)
_json = msgspec.json.Decoder().decode
_paths = msgspec.json.Decoder(list[str]).decode


class Paddle(Listing):
    """The pages of `rec_gt_*.txt`."""

    def rows(self, entry: Entry) -> Iterator[Row]:
        """See `Listing.rows`."""
        for number, line, fault in self.lines(entry):
            if line is None:
                yield bad(number, fault)
            else:
                yield from _rows(number, line)


def _rows(number: int, line: str) -> Iterator[Row]:
    path, tab, text = line.partition("\t")
    if not tab or not path.strip():
        yield bad(number, f"{'no path' if tab else 'no tab'} in {line[:60]!r}")
    elif text.startswith("[{") and _is_detection(text):
        raise Reject("bad_list", DETECTION)
    elif not path.startswith("["):
        yield Row(number, path, text)
    else:
        yield from _of_several(number, path, text)


def _is_detection(text: str) -> bool:
    try:
        boxes = _json(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(boxes, list) and all(isinstance(box, dict) and "transcription" in box for box in boxes)


def _of_several(number: int, path: str, text: str) -> Iterator[Row]:
    try:
        names = _paths(path)
    except msgspec.DecodeError:
        yield Row(number, path, text)  # a name may begin with a bracket
        return
    if not names:
        yield bad(number, "an empty list of paths")
    for name in names:
        yield Row(number, name, text)
