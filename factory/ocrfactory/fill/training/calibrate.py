"""The gate's thresholds, chosen on glyphs that its reader never saw: right ones, and wrong ones on purpose.

Wrong pairs are glyphs under the label of another character: half the time a look-alike, half the time any. The lead
that a class must have is the least with which at most half of `FALSE_ACCEPTS` of the wrong pairs pass; the other limits
are wide percentiles of right pairs. Characters are halved by a hash: one half sets thresholds, the other measures them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError
from ocrfactory.fill.gate import ReaderGate, Reading, Thresholds, refusal
from ocrfactory.fill.heldout import CONTENT, Trained, is_calibration
from ocrfactory.fill.marks import Marks, measure
from ocrfactory.fill.training.pack import GlyphPack
from ocrfactory.fill.training.sampling import is_hangul
from ocrfactory.rng import stream

FALSE_ACCEPTS = 0.001
"""Of wrong pairs that may pass."""
LOOK_ALIKES = 8
NEAR = (0.5, 1, 2, 3, 5, 8, 12, 18, 25, 35, 50)
"""Percentiles of right pairs that are tried as the least cosine."""
STRETCH = 256
"""Glyphs that are read at once."""
FEW = 20
"""Of fewer pairs no share is told."""
OPEN = Thresholds(
    ink=(0.0, 1.0),
    ratio=(0.0, 1e6),
    peak=0.0,
    specks=10**6,
    excess=10**6,
    agreement=-1.0,
    own=-1.0,
    margin=0.0,
    alike=0.0,
    unknown_own=-1.0,
    unknown_margin=0.0,
)


class Pair(msgspec.Struct, frozen=True):
    """A glyph under some label, and what the gate measures of it."""

    face: str
    """Its id in the pack."""
    marks: Marks
    reading: Reading


class Pairs(msgspec.Struct, frozen=True):
    """Glyphs under their own labels and under others."""

    right: list[Pair]
    wrong: list[Pair]
    """Half under look-alikes, half under any label."""
    strange_right: list[Pair]
    """The same glyphs as if the reader knew neither what they show nor what they are said to show."""
    strange_wrong: list[Pair]


def unseen_glyphs(pack: GlyphPack, calibration: bool, most: int, seed: int) -> npt.NDArray[np.int64]:
    """Rows of a pack that the reader never saw, in no face of their design: of held-out faces, and unread characters.

    Raises:
        InputError: there are none.
    """
    rows = []
    trained = Trained((face.id, face.family) for face in pack.faces if not face.held_out)
    for number, face in enumerate(pack.faces):
        codes, design = pack.codes_of(number).tolist(), trained.design_of(face.family)
        fit = [i for i, code in enumerate(codes) if is_calibration(code) == calibration]
        own = [i for i in fit if design is None or trained.is_unread(design, codes[i])]
        chosen = stream(seed, f"calibrate {face.id}").permutation(np.array(own, np.int64))[:most]
        rows.append(np.sort(chosen) + face.start)
    found = np.concatenate([np.empty(0, np.int64), *rows])
    if not len(found):
        raise _nothing_unseen()
    return found


def _nothing_unseen() -> InputError:
    return InputError(
        "the glyph pack has no glyph that the gate never saw, so no threshold can be chosen",
        "make a pack with an extra face, or with faces that lend no content: they have unread characters",
    )


def content_of(pack: GlyphPack, codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Content pictures of characters, (N, 2, 64, 64): of the first face of each slot that draws them."""
    found = np.zeros((len(codes), 2, 64, 64), np.uint8)
    hangul = is_hangul(codes)
    for script, chosen in (("han", ~hangul), ("hangul", hangul)):
        for slot, shares in enumerate(CONTENT[script]):
            for id in reversed(shares):  # the first overwrites
                if id in pack.number_of:
                    rows = np.where(chosen, pack.rows_of(pack.number_of[id], codes), -1)
                    found[rows >= 0, slot] = pack.ink(rows[rows >= 0])
    return found


def pairs(gate: ReaderGate, pack: GlyphPack, rows: npt.NDArray[np.int64], seed: int) -> Pairs:
    """Right and wrong pairs of glyphs, measured: each glyph under its own label, a look-alike's, and any other's.

    Characters that the gate does not know are left out: they have no label to be wrong about.
    """
    rows = rows[np.isin(pack.codes[rows], gate.codes)]
    codes = pack.codes[rows]
    rng = stream(seed, "wrong labels")
    number = np.searchsorted(gate.codes, codes)
    alike = np.array([gate.look_alikes(int(n), LOOK_ALIKES)[rng.integers(LOOK_ALIKES)] for n in number], np.int64)
    other = (number + rng.integers(1, len(gate.codes), len(number))) % len(gate.codes)
    faces = _faces(pack, rows)
    found = Pairs([], [], [], [])
    for start in range(0, len(rows), STRETCH):
        part = slice(start, start + STRETCH)
        ink = pack.ink(rows[part])
        directions = gate.read(ink)
        for labels in (codes, gate.codes[alike], gate.codes[other]):
            content = content_of(pack, labels[part])
            marks = [measure(picture, glyphs) for picture, glyphs in zip(ink, content, strict=True)]
            known = gate.compare(directions, [chr(code) for code in labels[part].tolist()], content)
            strange = _as_strange(gate, directions, codes[part], labels[part], content)
            for into, readings in (
                (found.right if labels is codes else found.wrong, known),
                (found.strange_right if labels is codes else found.strange_wrong, strange),
            ):
                into += map(Pair, faces[part], marks, readings)
    return found


def _as_strange(
    gate: ReaderGate,
    directions: npt.NDArray[np.float32],
    shown: npt.NDArray[np.uint32],
    labels: npt.NDArray[np.uint32],
    content: npt.NDArray[np.uint8],
) -> list[Reading]:
    """What a reader would say that knew neither of both characters of each pair."""
    likeness, rows = directions @ gate.prototypes.T, np.arange(len(labels))
    for codes in (shown, labels):
        likeness[rows, np.searchsorted(gate.codes, codes)] = -1
    own, rival = gate.beside_content(directions, content), likeness.argmax(1)
    leads = own - likeness[rows, rival]
    return [
        Reading(False, float(likes), float(lead), int(gate.codes[other]), False)
        for likes, lead, other in zip(own, leads, rival, strict=True)
    ]


def _faces(pack: GlyphPack, rows: npt.NDArray[np.int64]) -> list[str]:
    numbers = np.searchsorted([face.stop for face in pack.faces], rows, side="right").tolist()
    return [pack.faces[number].id for number in numbers]


def choose(found: Pairs) -> Thresholds:
    """Thresholds from calibration pairs: of those that keep to `FALSE_ACCEPTS`, the ones that refuse least.

    A picture that is far from every class is often misread, as strange hands are: a greater least cosine refuses these,
    and lets a smaller lead do for the rest. So several are tried.

    Raises:
        InputError: there are none.
    """
    if not found.right:
        raise _nothing_unseen()
    marks = [pair.marks for pair in found.right]
    own = np.array([pair.reading.own for pair in found.right])
    limits = msgspec.structs.replace(
        OPEN,
        ink=_span([mark.ink for mark in marks], 0.7, 1.3),
        ratio=_span([mark.ratio for mark in marks], 0.8, 1.25),
        peak=float(np.percentile([mark.peak for mark in marks], 0.1)) * 0.8,
        specks=int(np.percentile([mark.specks for mark in marks], 99.9)) + 2,
        excess=int(np.percentile([mark.excess for mark in marks], 99.9)) + 2,
        agreement=float(np.percentile([mark.agreement for mark in marks], 0.2)),
    )
    tried = [_leads(limits, found, float(np.percentile(own, share))) for share in NEAR]
    best = min(tried, key=lambda each: rates(each, found.right, found.wrong)["false_rejects"])
    own = np.array([pair.reading.own for pair in found.strange_right])
    tried = [_strange_lead(best, found, float(np.percentile(own, share))) for share in NEAR]
    return min(tried, key=lambda each: rates(each, found.strange_right, found.strange_wrong)["false_rejects"])


def _leads(limits: Thresholds, found: Pairs, own: float) -> Thresholds:
    """The least leads that keep to `FALSE_ACCEPTS` beside this least cosine."""
    limits = msgspec.structs.replace(limits, own=own)
    passing = _passing(limits, found.wrong)
    allowed = int(len(found.wrong) * FALSE_ACCEPTS / 4)  # for each of the two kinds: half of what may pass in all
    alike, plain = (_lead([r.margin for r in passing if r.alike == kind], allowed) for kind in (True, False))
    return msgspec.structs.replace(limits, margin=plain, alike=max(plain, alike))


def _strange_lead(limits: Thresholds, found: Pairs, own: float) -> Thresholds:
    """The least lead that keeps to `FALSE_ACCEPTS` for characters that the reader does not know."""
    limits = msgspec.structs.replace(limits, unknown_own=own, unknown_margin=0.0)
    leads = [reading.margin for reading in _passing(limits, found.strange_wrong)]
    allowed = int(len(found.strange_wrong) * FALSE_ACCEPTS / 2)
    return msgspec.structs.replace(limits, unknown_margin=_lead(leads, allowed))


def _passing(limits: Thresholds, pairs: Sequence[Pair]) -> list[Reading]:
    return [pair.reading for pair in pairs if refusal(limits, pair.marks, pair.reading)[0] is None]


def _span(values: Sequence[float], low: float, high: float) -> tuple[float, float]:
    """Percentiles 0.1 and 99.9, a little wider."""
    return float(np.percentile(values, 0.1)) * low, float(np.percentile(values, 99.9)) * high


def _lead(margins: Sequence[float], allowed: int) -> float:
    """The least lead with which at most `allowed` of these pass."""
    above = sorted(margins, reverse=True)
    return round(max(above[allowed] + 1e-4, 0.0), 4) if len(above) > allowed else 0.0


def rates(limits: Thresholds, right: Sequence[Pair], wrong: Sequence[Pair]) -> dict[str, float | int]:
    """How often wrong pairs pass and right ones do not, with the number of pairs."""
    reasons: dict[str, int] = {}
    for pair in right:
        reason = refusal(limits, pair.marks, pair.reading)[0]
        if reason is not None:
            reasons[reason] = reasons.get(reason, 0) + 1
    return {
        "wrong_pairs": len(wrong),
        "false_accepts": len(_passing(limits, wrong)) / max(1, len(wrong)),
        "right_pairs": len(right),
        "false_rejects": sum(reasons.values()) / max(1, len(right)),
        **{f"refused_{reason}": count for reason, count in sorted(reasons.items())},
    }


def report(limits: Thresholds, found: Pairs) -> dict[str, Any]:
    """For the model card: the rates, those of characters that the reader does not know, and those of each face."""
    return {
        **rates(limits, found.right, found.wrong),
        "unknown_characters": rates(limits, found.strange_right, found.strange_wrong),
        "false_rejects_by_face": _refused_by_face(limits, found),
    }


def _refused_by_face(limits: Thresholds, found: Pairs) -> dict[str, float]:
    """The share of right pairs that are refused, of each face that has enough of them to say so."""
    of: dict[str, list[bool]] = {}
    for pair in found.right:
        of.setdefault(pair.face, []).append(refusal(limits, pair.marks, pair.reading)[0] is not None)
    return {face: round(sum(out) / len(out), 4) for face, out in of.items() if len(out) >= FEW}
