"""The gate: no wrong glyph enters.

A picture is admitted when its ink is that of a glyph, it agrees with the content glyph about where strokes are, and an
independent reader, which knows tens of thousands of characters in many faces and has never seen the generator, reads
the character that was asked for, with a margin before every other one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError
from ocrfactory.fill.load import WEIGHTS, choose_engine
from ocrfactory.fill.marks import Marks, measure
from ocrfactory.fill.readers import open_reader
from ocrfactory.fill.verdict import Verdict

FORMAT = "ocrfactory-gate/1"
BLOCK = 32
"""Pictures that are compared with all classes at once."""
ALIKE = 8
"""Classes on the look-alike list of one."""
Directions = npt.NDArray[np.float32]


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a picture must keep to. Chosen on data by `ocrfactory fill train --preset gate`; see the model card."""

    ink: tuple[float, float]
    """Least and greatest share of ink."""
    ratio: tuple[float, float]
    """Least and greatest ink over the content's."""
    peak: float
    """Least grey level that a tenth of the ink's pixels reaches."""
    specks: int
    """Most pieces of a few pixels."""
    excess: int
    """Most pieces more than the content has."""
    agreement: float
    own: float
    """Least cosine between picture and class."""
    margin: float
    """Least lead of the class before every other."""
    alike: float
    """Least lead before a class on the look-alike list of this one."""
    unknown_own: float
    """Least cosine between a picture and its content, where the reader does not know the class."""
    unknown_margin: float


class Card(msgspec.Struct, frozen=True):
    """The JSON file beside the gate's weights."""

    format: str
    architecture: str
    config: dict[str, int]
    weights_sha256: str
    classes_sha256: str
    graph_sha256: str
    thresholds: Thresholds
    licence: str
    training: dict[str, object] = {}


class ReaderGate:
    """See `Gate`.

    Args:
        id: name and hash.
        read: ink (N, 64, 64) to unit vectors (N, D).
        codes: code points of the classes that it knows, ascending.
        prototypes: their directions, (classes, D), of length 1.
        thresholds: what a picture must keep to.
        alike: the look-alike list: the nearest classes of each, nearest first, as numbers in `codes`, (classes, K);
            None: found when it is asked for, at some milliseconds a class.
        engine: what reads: `onnx` and `torch` read picture by picture; None: it is not known.
    """

    def __init__(
        self,
        id: str,
        read: Callable[[npt.NDArray[np.uint8]], Directions],
        codes: npt.NDArray[np.uint32],
        prototypes: Directions,
        thresholds: Thresholds,
        alike: npt.NDArray[np.uint16] | None = None,
        engine: str | None = None,
    ) -> None:
        self.id, self.read, self.codes, self.prototypes, self.thresholds = id, read, codes, prototypes, thresholds
        self.engine = engine
        self._listed = alike
        self._alike: dict[tuple[int, int], npt.NDArray[np.int64]] = {}

    def judge(
        self, pictures: npt.NDArray[np.uint8], classes: Sequence[str], content: npt.NDArray[np.uint8]
    ) -> list[Verdict]:
        """See `Gate.judge`."""
        if not len(pictures):
            return []
        readings = self.compare(self.read(pictures), classes, content)
        marks = [measure(picture, glyphs) for picture, glyphs in zip(pictures, content, strict=True)]
        return [self._verdict(mark, reading) for mark, reading in zip(marks, readings, strict=True)]

    def compare(self, directions: Directions, classes: Sequence[str], content: npt.NDArray[np.uint8]) -> list[Reading]:
        """What pictures were read as, beside what they should show, without any threshold.

        Args:
            directions: of the pictures, (N, D), as `read` gives them.
            classes: what each should show.
            content: of each, (N, channels, 64, 64).
        """
        likeness = _products(directions, self.prototypes)
        wanted = np.array([ord(text) if len(text) == 1 else 0 for text in classes], np.uint32)
        at = np.minimum(np.searchsorted(self.codes, wanted), len(self.codes) - 1)
        known = self.codes[at] == wanted
        own = likeness[np.arange(len(at)), at].astype(np.float64)
        likeness[np.flatnonzero(known), at[known]] = -1
        if not known.all():
            own[~known] = self.beside_content(directions[~known], content[~known])
        other = likeness.argmax(1)
        found = []
        for i, rival in enumerate(other.tolist()):
            lead = float(own[i] - likeness[i, rival])
            alike = bool(known[i]) and rival in self.look_alikes(int(at[i])).tolist()
            found.append(Reading(bool(known[i]), float(own[i]), lead, int(self.codes[rival]), alike))
        return found

    def look_alikes(self, number: int, count: int = 8) -> npt.NDArray[np.int64]:
        """The classes that stand nearest to one, nearest first: numbers in `codes`."""
        if self._listed is not None and count <= self._listed.shape[1]:
            return self._listed[number, :count].astype(np.int64)
        key = number, min(count, len(self.codes) - 1)
        if key not in self._alike:
            likeness = self.prototypes @ self.prototypes[number]
            likeness[number] = -2
            nearest = np.argpartition(-likeness, key[1])[: key[1]]
            self._alike[key] = nearest[np.argsort(-likeness[nearest], kind="stable")]
        return self._alike[key]

    def beside_content(self, directions: Directions, content: npt.NDArray[np.uint8]) -> Directions:
        """Cosine of each picture, (N, D), and the nearer of its content glyphs, (N, channels, 64, 64): (N,)."""
        best = np.full(len(directions), -1.0, np.float32)
        for slot in range(content.shape[1]):
            there = content[:, slot].any((1, 2))
            if there.any():
                shown = self.read(content[there, slot])
                best[there] = np.maximum(best[there], (directions[there] * shown).sum(1))
        return best

    def _verdict(self, marks: Marks, reading: Reading) -> Verdict:
        limits = self.thresholds
        scores = {
            "ink": round(marks.ink, 4),
            "ratio": round(marks.ratio, 4),
            "agreement": round(marks.agreement, 4),
            "own": round(reading.own, 4),
            "margin": round(reading.margin, 4),
        }
        reason, detail = refusal(limits, marks, reading)
        return Verdict(reason, scores, detail)


def _products(directions: Directions, prototypes: Directions) -> Directions:
    """Cosines of each picture with each class, in products of one shape: digits do not depend on the batch."""
    padded = np.zeros((-(-len(directions) // BLOCK) * BLOCK, directions.shape[1]), np.float32)
    padded[: len(directions)] = directions
    blocks = [padded[start : start + BLOCK] @ prototypes.T for start in range(0, len(padded), BLOCK)]
    return np.concatenate(blocks)[: len(directions)]


def nearest_classes(prototypes: Directions, count: int = ALIKE) -> npt.NDArray[np.uint16]:
    """A look-alike list: of each class the classes that stand nearest to it, nearest first, (classes, count)."""
    count = min(count, len(prototypes) - 1)
    found = np.zeros((len(prototypes), count), np.uint16)
    for start in range(0, len(prototypes), 512):
        likeness = prototypes[start : start + 512] @ prototypes.T
        np.fill_diagonal(likeness[:, start:], -2)
        nearest = np.argpartition(-likeness, count, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(likeness, nearest, 1), axis=1, kind="stable")
        found[start : start + 512] = np.take_along_axis(nearest, order, 1)
    return found


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What the reader makes of one picture."""

    known: bool
    """Whether the class is one that it was trained on."""
    own: float
    """Cosine of the picture and its class, or its content where the class is not known."""
    margin: float
    """How far the nearest other class is behind."""
    rival: int
    """Code point of that class."""
    alike: bool
    """Whether that class is on the look-alike list of the own one."""


def refusal(limits: Thresholds, marks: Marks, reading: Reading) -> tuple[str | None, str]:
    """The first reason to refuse, and what was seen; (None, "") for a picture that is admitted."""
    if not limits.ink[0] <= marks.ink <= limits.ink[1] or not limits.ratio[0] <= marks.ratio <= limits.ratio[1]:
        return "gate_ink", f"ink on {marks.ink:.1%} of the picture, {marks.ratio:.2f} of the content's"
    if marks.peak < limits.peak:
        return "gate_faint", f"a smudge: its darkest tenth reaches {marks.peak:.0f} of 255"
    if marks.border:
        return "gate_border", f"{marks.border} pixels of ink at the edge"
    if marks.specks > limits.specks:
        return "gate_specks", f"{marks.specks} specks"
    if marks.excess > limits.excess:
        return "gate_pieces", f"{marks.excess} pieces of ink more than its content has"
    if marks.agreement < limits.agreement:
        return "gate_content", f"agrees with its content to {marks.agreement:.2f} only"
    seen = f"nearest is U+{reading.rival:04X} {chr(reading.rival)}"
    least = limits.own if reading.known else limits.unknown_own
    lead = limits.margin if reading.known else limits.unknown_margin
    if reading.alike:
        lead = max(lead, limits.alike)
    if reading.margin < 0:
        return "gate_class", f"reads as U+{reading.rival:04X} {chr(reading.rival)}"
    if reading.own < least:
        return "gate_unlike", f"too unlike its class; {seen}"
    if reading.margin < lead:
        return "gate_look_alike" if reading.alike else "gate_margin", f"hardly told apart; {seen}"
    return None, ""


def load_gate(engine: str = "auto", folder: Path = WEIGHTS) -> ReaderGate:
    """The bundled gate.

    Args:
        engine: as for `load_generator`.

    Raises:
        InputError: it is not part of this installation, or its files do not fit together.
    """
    from ocrfactory.fill.tensors import read_classes, read_tensors

    card_file = folder / "gate.json"
    try:
        card = msgspec.json.decode(card_file.read_bytes(), type=Card)
        weights, classes = (
            (folder / "gate.safetensors").read_bytes(),
            (folder / "gate.classes.safetensors").read_bytes(),
        )
        graph = (folder / "gate.onnx").read_bytes()
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(f"the gate's files in {folder} cannot be read: {error}", "install ocrfactory again") from error
    for name, data, stated in (
        ("gate.safetensors", weights, card.weights_sha256),
        ("gate.classes.safetensors", classes, card.classes_sha256),
        ("gate.onnx", graph, card.graph_sha256),
    ):
        if sha256(data).hexdigest() != stated:
            raise InputError(f"{folder / name}: not the file that gate.json names", "install ocrfactory again")
    if card.format != FORMAT:
        raise InputError(f"{card_file}: a gate of format {card.format!r}, not {FORMAT!r}", "install ocrfactory again")
    codes, prototypes, alike = read_classes(classes, "gate.classes.safetensors")
    chosen = choose_engine(engine)
    read = open_reader(card.architecture, card.config, read_tensors(weights, "gate.safetensors"), graph, chosen)
    decides = sha256(card_file.read_bytes()).hexdigest()  # it names the hashes of all the rest
    return ReaderGate(f"gate-{decides[:16]}", read, codes, prototypes, card.thresholds, alike, chosen)
