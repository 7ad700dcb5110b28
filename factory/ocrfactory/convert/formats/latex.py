"""Lists of formulas: `gt.txt` with `path<TAB>tokens` a line, beside `tokens.txt` with the tokens that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import msgspec

from ocrfactory.convert.entry import Entry
from ocrfactory.convert.formats.chosen import Chosen
from ocrfactory.convert.formats.latex_normal import Normalizer
from ocrfactory.convert.formats.latex_rules import Rules
from ocrfactory.convert.formats.listing import Listing, Row, bad, lines_of
from ocrfactory.convert.scene import Item, Scene
from ocrfactory.errors import InputError, Reject

PATTERNS = ("gt.txt", "gt_*.txt", "*_gt.txt")
TOKENS = "tokens.txt"


class Latex(Listing):
    """The pages of lists of formulas; `in_one_way` writes their texts."""

    attributes: ClassVar[dict[str, Any] | None] = {"markup": "latex"}

    def __init__(
        self, chosen: Chosen, level: str, log: Callable[[str], None] = lambda line: None, rules: Rules | None = None
    ) -> None:
        super().__init__(chosen, level, log)
        self._rules = rules or Rules()
        self._known = {_folder(entry.path): self._tokens(entry) for entry in _token_lists(chosen)}
        self._normalizers: dict[str, tuple[Normalizer, frozenset[str] | None]] = {}
        if not self._known:
            self.notes.append(f"no {TOKENS} lies beside the lists: tokens are not checked")

    def rows(self, entry: Entry) -> Iterator[Row]:
        """See `Listing.rows`."""
        for number, line, fault in self.lines(entry):
            path, tab, text = (line or "").partition("\t")
            if line is None or not tab or not path.strip():
                yield bad(number, fault or f"{'no path' if tab else 'no tab'} in {line!r:.60}")
            else:
                yield Row(number, path, text)

    def in_one_way(self, scene: Scene) -> Scene:
        """The scene with normalised texts; what was written stays as `raw`."""
        items = tuple(item and self._item(item, scene.label or "") for item in scene.items)
        return msgspec.structs.replace(scene, items=items)

    def _item(self, item: Item, label: str) -> Item:
        if item.reject is not None:
            return item
        normalizer, known = self._normalizer(label)
        try:
            text = normalizer(item.text)
        except Reject as reject:
            return _rejected(item, label, reject.reason, reject.detail)
        if not text:
            return _rejected(item, label, "text_empty", f"no token is left of {item.text[:60]!r}")
        unknown = next((token for token in text.split(" ") if token not in known), None) if known else None
        if unknown is not None:
            return _rejected(item, label, "unknown_token", f"{unknown[:60]!r} is not in {TOKENS}")
        if text == item.text:
            return item
        return msgspec.structs.replace(item, text=text, raw=item.text if item.raw is None else item.raw)

    def _normalizer(self, label: str) -> tuple[Normalizer, frozenset[str] | None]:
        """For the nearest `tokens.txt` at or above a list."""
        if label not in self._normalizers:
            folder = _folder(label)
            while folder not in self._known and folder:
                folder = _folder(folder)
            known = self._known.get(folder)
            self._normalizers[label] = Normalizer(self._rules, known or ()), known
        return self._normalizers[label]

    def _tokens(self, entry: Entry) -> frozenset[str]:
        try:
            lines = lines_of(entry, self.reader)
        except Reject as reject:
            raise InputError(f"{entry.path}: {reject.detail}", "tokens.txt is UTF-8, one token a line") from reject
        return frozenset(line.strip() for _, line, _ in lines if line is not None)


def _rejected(item: Item, label: str, reason: str, detail: str) -> Item:
    return msgspec.structs.replace(item, reject=(reason, f"{label}:{item.index + 1}: {detail}"))


def _token_lists(chosen: Chosen) -> list[Entry]:
    return [entry for entry in chosen.delivery.labels if entry.path.rpartition("/")[2].lower() == TOKENS]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
