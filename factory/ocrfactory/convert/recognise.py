"""Which data set each label of a delivery is: told by its structure, once a structure, and never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import msgspec

from ocrfactory.convert import adapters, detect
from ocrfactory.convert.adapter import Adapter, Probe, Score
from ocrfactory.convert.delivery import Delivery
from ocrfactory.convert.document import Document
from ocrfactory.convert.entry import Entry
from ocrfactory.convert.reader import Reader
from ocrfactory.errors import InputError, Reject

PROBED = 64
"""Labels that are looked at before all are read."""
RESEMBLES = 20
"""Points from which a .json may be a label, so that it must be told for certain; below it is somebody's other file.
Beside labels that are certain, one that merely resembles some is a counted fault."""
EXAMPLES = 5


class Recogniser:
    """Finds the adapters of labels, and remembers the structures that it has seen."""

    def __init__(self) -> None:
        self._known: dict[Any, Adapter | None] = {}
        self._used: dict[str, Adapter] = {}
        self._unknown: dict[str, list[Score]] = {}

    def look(self, documents: Iterable[Document]) -> list[Adapter]:
        """The data sets that some labels are for certain; what cannot be told is left for later."""
        for document in documents:
            try:
                probe = detect.probe_of(document)
            except Reject:  # it is counted when all labels are read
                continue
            best = detect.decide(detect.score_all(probe))
            if best is not None:
                self._learn(detect.signature(probe.value), adapters.get(best.adapter))
        return list(self._used.values())

    def adapter_of(self, document: Document) -> Adapter | None:
        """The adapter of a label; None where it is no label at all.

        Raises:
            InputError: it may be several, or resembles one and not enough.
            Reject: `json_decode`.
        """
        probe = detect.probe_of(document)
        signature = detect.signature(probe.value)
        if signature not in self._known:
            self._learn(signature, self._told(probe))
        return self._known[signature]

    def _learn(self, signature: Any, adapter: Adapter | None) -> None:
        self._known[signature] = adapter
        if adapter is not None:
            self._used[adapter.name] = adapter

    def _told(self, probe: Probe) -> Adapter | None:
        scores = detect.score_all(probe)
        best = detect.decide(scores)
        if best is not None:
            return adapters.get(best.adapter)
        # A page without annotations looks like any data set of its kind; beside others of one of them it is that one.
        alike = [s.adapter for s in scores if s.points >= max(detect.ENOUGH, scores[0].points - detect.MARGIN + 1)]
        here = [name for name in alike if name in self._used]
        if len(here) == 1:
            return self._used[here[0]]
        if scores[0].points >= (detect.ENOUGH if self._used else RESEMBLES):
            raise unsure({probe.path: scores})
        if len(self._unknown) < EXAMPLES:
            self._unknown[probe.path] = scores
        return None

    def refuse_if_nothing(self) -> None:
        """What resembles no label is a counted fault, unless there is nothing else.

        Raises:
            InputError: not one label was recognised.
        """
        if self._unknown and not self._used:
            raise unsure(self._unknown)


def unsure(scores: dict[str, list[Score]]) -> InputError:
    """The refusal where labels fit several data sets, or none well enough."""
    lines = ["these labels cannot be told with certainty:"]
    for path, found in scores.items():
        told = ", ".join(f"{score.adapter} {score.points}" for score in found[:4] if score.points)
        lines.append(f"  {path}: {told or 'no data set has points'}")
    return InputError(
        "\n".join(lines),
        f"name the data set with --dataset, one of: {', '.join(adapters.names())}; or describe it with --spec FILE",
    )


class Group(msgspec.Struct, frozen=True):
    """Labels of one structure, as a first look at a delivery found them."""

    example: str
    """Path of one of them."""
    count: int
    """Of those that were looked at."""
    scores: tuple[Score, ...]
    """Best first."""
    chosen: str | None
    """The adapter; None: it cannot be told."""
    source: str | None
    """The data set, such as `aihub-105`."""


def first_look(delivery: Delivery) -> list[Group]:
    """What a few labels from different folders are: at most `PROBED` of them."""
    reader = Reader(delivery.containers)
    groups: dict[Any, Group] = {}
    for entry in probed(delivery.labels):
        document = Document(entry.path, partial(reader.read, entry), entry.size, partial(reader.open, entry))
        try:
            probe = Probe(document.path, document.probe())
        except Reject as reject:
            groups.setdefault(reject.detail, Group(f"{entry.path}: {reject.detail}", 1, (), None, None))
            continue
        scores = detect.score_all(probe)
        best = detect.decide(scores)
        chosen = None if best is None else best.adapter
        source = None if chosen is None else adapters.get(chosen).source_of(probe)
        key = source or detect.signature(probe.value)
        before = groups.get(key)
        if before is None:
            groups[key] = Group(entry.path, 1, tuple(scores), chosen, source)
        else:
            groups[key] = msgspec.structs.replace(before, count=before.count + 1)
    return list(groups.values())


def source_name(groups: Sequence[Group]) -> str:
    """A name for the rows of a delivery: its data set, or `aihub` where there are several."""
    found = {group.source for group in groups if group.source is not None}
    return found.pop() if len(found) == 1 else "aihub"


def probed(labels: Sequence[Entry]) -> list[Entry]:
    """A few labels from different folders, and of large ones some more, for a first look."""
    first = {entry.path.rpartition("/")[0]: entry for entry in reversed(labels)}
    spread = sorted(first.values(), key=lambda entry: entry.path)
    if len(spread) > PROBED:
        return [spread[len(spread) * i // PROBED] for i in range(PROBED)]
    known = {entry.path for entry in spread}
    rest = [entry for entry in labels if entry.path not in known]
    more = min(PROBED - len(spread), len(rest))
    return [*spread, *(rest[len(rest) * i // more] for i in range(more))]


def contradictions(adapter: Adapter, groups: Sequence[Group]) -> list[str]:
    """What speaks against the data set that was named."""
    return [
        f"{group.example} and others look like {group.chosen}, not like {adapter.name}: is --dataset right?"
        for group in groups
        if group.chosen is not None and group.chosen != adapter.name
    ]
