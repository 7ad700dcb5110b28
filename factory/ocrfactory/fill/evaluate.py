"""How good generated glyphs are, measured beside true ones: a generator against the characters that faces really have.

Every figure stands beside two others: copying the content, which is what no generator at all would do, and two
drawings of one design, below which pixels cannot see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.fill.attempts import draw_and_judge
from ocrfactory.fill.contents import bundled_pack
from ocrfactory.fill.gate import ReaderGate
from ocrfactory.fill.similarity import Values, distance, shifted_ssim, ssim
from ocrfactory.fill.steady import BATCH
from ocrfactory.fill.subject import Pictures, Subject, in_place, main_slot
from ocrfactory.fonts.coverage import drawn_characters

KINDS = {
    "SFUC": "seen face, unseen characters",
    "UFSC": "unseen face, seen characters",
    "UFUC": "unseen face, unseen characters",
}
SHEET = 14
"""Characters of each face that are kept for the sheet."""


class Scores(msgspec.Struct, frozen=True):
    """Measures of pictures beside true glyphs: float (N,) each; NaN where something cannot be measured."""

    l1: Values
    ssim: Values
    shifted: Values
    """SSIM, the best of shifts by up to two pixels."""
    reader_distance: Values
    """1 - cosine of the directions that the gate's reader gives to picture and true glyph."""
    top1: Values
    """1 where the reader reads the right character, 0 where another; NaN of classes that it does not know."""

    def means(self) -> dict[str, float | None]:
        """The mean of each measure; None where nothing was measured."""
        return {name: _mean(getattr(self, name)) for name in self.__struct_fields__}


class Measured(msgspec.Struct, frozen=True):
    """One face, and one kind of characters."""

    face: str
    style: str
    group: str
    kind: str
    texts: tuple[str, ...]
    generated: Scores
    copied: Scores
    """Of the main content picture: song-like, or kai-like where only that is there."""
    best_copied: Scores
    """Of that content picture of the two which is more like the true glyph: an oracle's choice."""
    real_top1: Values
    """The reader on the true glyphs."""
    first: npt.NDArray[np.bool_]
    """Admitted by the gate at the first attempt; empty without a gate."""
    last: npt.NDArray[np.bool_]
    """Admitted at any of the attempts."""
    refused: dict[str, int]
    """Of those that were never admitted: the reasons of the last attempt."""
    learnt: bool
    """Whether the gate's reader learnt all characters of this design: what it says of true glyphs is flattering."""
    left_out: int
    """Characters that have no content, or do not fit the frame."""
    sheet: npt.NDArray[np.uint8]
    """(3, few, 64, 64): content, generated, true."""


def measure_face(
    subject: Subject, gate: ReaderGate | None, population: Sequence[str], count: int, kind: str
) -> Measured | None:
    """Draw and measure characters that a face has.

    Args:
        gate: None: without the reader's measures and without admission.
        population: characters to choose from.
        count: how many at most.
        kind: one of `KINDS`; SFUC is for faces that were trained on, the others for those that were not.

    Returns:
        None where the face has no such characters.

    Raises:
        InputError: the generator fails.
        FontError: a font cannot be opened any more.
    """
    if (kind == "SFUC") != (subject.design is not None):
        return None
    texts = subject.choose(population, count, held_out=kind != "UFSC")
    shown = subject.show(texts)
    true = subject.true(shown.texts)
    shown = shown.of([text for text in shown.texts if text in true])
    if not shown.texts:
        return None
    glyphs = np.stack([true[text] for text in shown.texts])
    judged = draw_and_judge(subject, gate, shown) if gate else None
    drawn = judged.first if judged else subject.draw(shown)
    reasons = [reason for reason in judged.last_reasons if reason is not None] if judged else []
    copies = [in_place(shown.frames[:, slot]) for slot in (0, 1)]
    plain = in_place(main_slot(shown.frames))
    there = shown.frames.any(axis=(2, 3))
    likeness = np.where(there, np.stack([ssim(copy, glyphs) for copy in copies], 1), -2)
    best = np.where((likeness[:, 0] >= likeness[:, 1])[:, None, None], copies[0], copies[1])
    return Measured(
        face=subject.face.id,
        style=subject.face.style or "",
        group=subject.group,
        kind=kind,
        texts=shown.texts,
        generated=score(drawn, glyphs, shown.texts, gate),
        copied=score(plain, glyphs, shown.texts, gate),
        best_copied=score(best, glyphs, shown.texts, gate),
        real_top1=_top1(gate, _read(gate, glyphs), shown.texts),
        first=_none(judged.first_reasons if judged else ()),
        last=_none(judged.last_reasons if judged else ()),
        refused=dict(Counter(reasons)),
        learnt=subject.read,
        left_out=len(texts) - len(shown.texts),
        sheet=np.stack([plain[:SHEET], drawn[:SHEET], glyphs[:SHEET]]),
    )


def score(pictures: Pictures, true: Pictures, texts: Sequence[str], gate: ReaderGate | None) -> Scores:
    """Measure ink (N, 64, 64) beside the true glyphs (N, 64, 64) of the same characters."""
    mine, theirs = _read(gate, pictures), _read(gate, true)
    apart = 1 - (mine * theirs).sum(1, dtype=np.float64) if gate else np.full(len(texts), np.nan)
    return Scores(
        distance(pictures, true),
        ssim(pictures, true),
        shifted_ssim(pictures, true),
        apart,
        _top1(gate, mine, texts),
    )


def noise_floor(subject: Subject, gate: ReaderGate | None, count: int) -> Scores:
    """How far apart two drawings of one design stand: the bundled content pack, and a font made of the same strokes.

    Args:
        subject: HanaMin, whose glyphs come from GlyphWiki as those of the pack do.
        count: characters that both draw, at most.
    """
    pack = bundled_pack()
    both = sorted(drawn_characters([subject.face]).intersection(pack.characters))
    true = subject.true(both[:: max(1, len(both) // count)])
    texts = list(true)[:count]
    drawn = [pack.draw(text, 64) for text in texts]
    glyphs = np.array([true[text] for text in texts], np.uint8).reshape(-1, 64, 64)
    return score(in_place(np.array(drawn, np.uint8).reshape(-1, 64, 64)), glyphs, texts, gate)


def summarise(found: Sequence[Measured]) -> dict[str, object]:
    """One line of a table from the glyphs of several faces: counts, means, admission, and both baselines."""
    refused: Counter[str] = Counter()
    for each in found:
        refused.update(each.refused)
    judged = [each for each in found if len(each.first)]
    generated, real = (
        np.concatenate([each.generated.top1 for each in found]),
        np.concatenate([each.real_top1 for each in found]),
    )
    both = np.isfinite(generated) & np.isfinite(real)
    return {
        "faces": len({each.face for each in found}),
        "glyphs": sum(len(each.texts) for each in found),
        "left_out": sum(each.left_out for each in found),
        "generated": _joined([each.generated for each in found]).means(),
        "copied": _joined([each.copied for each in found]).means(),
        "best_copied": _joined([each.best_copied for each in found]).means(),
        "read": int(both.sum()),
        "real_top1": _mean(real[both]),
        "admitted_at_once": _mean(np.concatenate([each.first for each in judged])) if judged else None,
        "admitted": _mean(np.concatenate([each.last for each in judged])) if judged else None,
        "refused": dict(refused),
    }


def _none(reasons: Sequence[str | None]) -> npt.NDArray[np.bool_]:
    """True where there is no reason to refuse."""
    return np.array([reason is None for reason in reasons], np.bool_)


def _read(gate: ReaderGate | None, pictures: Pictures) -> npt.NDArray[np.float32]:
    if gate is None:
        return np.zeros((len(pictures), 0), np.float32)
    parts = [gate.read(pictures[start : start + BATCH]) for start in range(0, len(pictures), BATCH)]
    return np.concatenate(parts) if parts else np.zeros((0, gate.prototypes.shape[1]), np.float32)


def _top1(gate: ReaderGate | None, directions: npt.NDArray[np.float32], texts: Sequence[str]) -> Values:
    if gate is None:
        return np.full(len(texts), np.nan)
    codes = np.array([ord(text) for text in texts], np.uint32)
    right = np.empty(len(texts), np.float64)
    for start in range(0, len(texts), BATCH):
        part = slice(start, start + BATCH)
        right[part] = gate.codes[(directions[part] @ gate.prototypes.T).argmax(1)] == codes[part]
    right[~np.isin(codes, gate.codes)] = np.nan
    return right


def _joined(scores: Sequence[Scores]) -> Scores:
    names = Scores.__struct_fields__
    return Scores(*(np.concatenate([getattr(each, name) for each in scores]) for name in names))


def _mean(values: npt.NDArray[np.float64] | npt.NDArray[np.bool_]) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.mean()), 4) if len(known) else None
