"""What trdg leaves in its output folder: `labels.txt` with `name text` a line, or texts in the names of the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Literal

from ocrfactory.convert.entry import Entry
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.listing import Listing, Row, bad
from ocrfactory.convert.names import is_image
from ocrfactory.errors import InputError

PATTERN = "labels.txt"
LONGEST = 200
"""Characters at which trdg cuts the name of a file off, and with it the text."""
Names = Literal["text_id", "id_text"]


class TrdgFolder(Listing):
    """The pages of output folders of trdg.

    Args:
        names: how files without a line in a `labels.txt` are named; None: there are none of them.
    """

    attributes: ClassVar[dict[str, Any] | None] = {"synthetic": True}

    def __init__(
        self, chosen: Chosen, level: str, log: Callable[[str], None] = lambda line: None, names: Names | None = None
    ) -> None:
        super().__init__(chosen, level, log)
        self.names = names
        listed = {entry.path.rpartition("/")[0] for entry in chosen.labels}
        masks = [image for image in self.images if image.path.endswith("_mask.png")]
        self.images = tuple(image for image in self.images if not image.path.endswith("_mask.png"))
        if masks:
            self.notes.append(f"{len(masks):,} masks (*_mask.png) were passed over")
        by_name = [image for image in self.images if image.path.rpartition("/")[0] not in listed]
        if not listed and not by_name:
            raise InputError(f"no {PATTERN} and no image is here", "name the output folder of trdg")
        if by_name and names is None:
            raise InputError(
                f"{by_name[0].path}: no {PATTERN} lies beside it",
                "say how trdg named its files (names): text_id for TEXT_0.jpg, id_text for 0_TEXT.jpg",
            )
        if by_name:
            self.labels = (*self.labels, *by_name)
            self.notes.append(
                f"{len(by_name):,} texts are read from file names, from which trdg strips all punctuation; "
                f"its {PATTERN} (--name_format 2) holds whole texts"
            )

    def split_of(self, entry: Entry) -> str | None:
        """By the folders alone: a name holds text (`train ticket_0.jpg`), no word on a split."""
        return self.chosen.split_of_folders(entry)

    def rows(self, entry: Entry) -> Iterator[Row]:
        """See `Listing.rows`."""
        if is_image(entry.path):
            yield self._of_name(entry.path.rpartition("/")[2])
            return
        for number, line, fault in self.lines(entry):
            name, space, text = (line or "").partition(" ")
            if line is None or not space:
                yield bad(number, fault or f"no space in {name[:60]!r}")
            else:
                yield Row(number, name, text)

    def _of_name(self, name: str) -> Row:
        stem = name.rpartition(".")[0]
        if self.names == "text_id":
            text, line, number = stem.rpartition("_")
        else:
            number, line, text = stem.partition("_")
        if not line or not number.isdecimal():
            return bad(
                0, f"{name!r} is not named {'TEXT_0' if self.names == 'text_id' else '0_TEXT'}", "bad_name", name
            )
        if len(stem) >= LONGEST:
            return bad(0, f"{name!r}: trdg cuts names off at {LONGEST} characters", "bad_name", name)
        return Row(0, name, text)
