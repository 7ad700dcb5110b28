"""What every adapter is: it scores a label, and makes pages of it. It types the data and judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import msgspec

from ocrfactory.convert.document import Document
from ocrfactory.convert.page import Page

Splits = tuple[tuple[str, re.Pattern[str]], ...]
"""(name of a split, the pattern that means it in a path); what matches farthest to the left decides."""


class Probe(msgspec.Struct, frozen=True):
    """One label, for detection."""

    path: str
    """NFC, relative to the delivery; names of archives count as folders."""
    value: Any
    """The JSON, or of a big file its keys and the first elements of its arrays."""


class Score(msgspec.Struct, frozen=True):
    """How well a label fits an adapter."""

    adapter: str
    points: int
    """0 to 100: the structure gives 70 at most, the path 30."""
    reasons: tuple[str, ...] = ()


@runtime_checkable
class Adapter(Protocol):
    """One shape of labels. Whatever a label holds, only `errors.Reject` leaves these methods."""

    @property
    def name(self) -> str:
        """`outdoor-105`."""

    @property
    def title(self) -> str:
        """For people."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the data sets that come in this shape."""

    @property
    def sources(self) -> tuple[str, ...]:
        """What `source_of` can answer."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that its regions can have."""

    @property
    def default_level(self) -> str | None:
        """Set where the same text is labelled at two levels: only this one is kept, unless it was asked otherwise."""

    @property
    def lang(self) -> str | None:
        """Of all pages that do not say it themselves."""

    @property
    def splits(self) -> Splits | None:
        """Rules in place of the shared ones."""

    @property
    def label_paths(self) -> re.Pattern[str] | None:
        """Which .json files are labels, where the data set was named; None: all."""

    @property
    def image_paths(self) -> re.Pattern[str] | None:
        """Which images are meant, where the data set was named; None: all."""

    @property
    def pair_by(self) -> tuple[str, ...]:
        """See `pairing.Images`."""

    def score(self, probe: Probe) -> Score:
        """How well a label fits."""

    def source_of(self, probe: Probe) -> str:
        """The data set that a label belongs to: the `source` of its rows."""

    def pages(self, document: Document) -> Iterator[Page]:
        """The pages of a label, in its order; a big one is streamed."""
