"""What the gate is worth: a generator that draws another character now and then, and how often it gets away with it.

Half of what is drawn in place of the right character is on the gate's own list of look-alikes, which is where a gate
fails; the other half is anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma, log, log1p

import msgspec
import numpy as np

from ocrfactory.charset.groups import class_group
from ocrfactory.fill.attempts import draw_and_judge
from ocrfactory.fill.gate import ReaderGate
from ocrfactory.fill.steady import judge_steadily
from ocrfactory.fill.subject import Subject
from ocrfactory.rng import seed_of

SHARE = 0.05
"""Of the targets that are swapped."""
SURE = 0.05
"""One minus the confidence of upper bounds."""


class Trial(msgspec.Struct, frozen=True):
    """Counts; those of several faces add up."""

    right: int = 0
    """Pictures of what was asked for."""
    right_refused: int = 0
    """Of these, refused at every attempt."""
    real: int = 0
    """True glyphs of the face, judged like pictures; none of a design whose characters the reader saw all."""
    real_refused: int = 0
    random: int = 0
    """Pictures of any other character."""
    random_accepted: int = 0
    """Of these, admitted at any attempt."""
    alike: int = 0
    """Pictures of a look-alike."""
    alike_accepted: int = 0
    accepted: tuple[tuple[str, str, str], ...] = ()
    """Face, what was asked for, what was drawn and admitted: some pairs are one glyph in some faces."""

    def __add__(self, other: Trial) -> Trial:
        return Trial(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))

    def rates(self) -> dict[str, float | None]:
        """False accepts and false rejects, with an upper bound of 95 % confidence on the accepts."""
        wrong, passed = self.random + self.alike, self.random_accepted + self.alike_accepted
        return {
            "false_accept": _share(passed, wrong),
            "false_accept_at_most": round(upper_bound(passed, wrong), 6) if wrong else None,
            "false_accept_random": _share(self.random_accepted, self.random),
            "false_accept_look_alike": _share(self.alike_accepted, self.alike),
            "false_reject_generated": _share(self.right_refused, self.right),
            "false_reject_real": _share(self.real_refused, self.real),
        }


def try_gate(subject: Subject, gate: ReaderGate, texts: Sequence[str], share: float = SHARE) -> Trial:
    """Let a generator that swaps some of its targets draw a face, with as many attempts as `fill` has.

    Args:
        texts: characters that the face has, as `Subject.choose` gives them; none of them set a threshold.
        share: of the targets that are swapped, 0 to 1.

    Raises:
        InputError: the generator fails.
    """
    plan = swaps(gate, texts, share, subject.seed, subject.face.id)
    shown = subject.show([*texts, *plan.values()])
    there = set(shown.texts)
    asked = [text for text in texts if text in there and plan.get(text, text) in there]
    drawn = [plan.get(text, text) for text in asked]
    told = shown.of(asked)
    reasons = draw_and_judge(subject, gate, told, shown.of(drawn)).last_reasons
    out = {i for i, reason in enumerate(reasons) if reason is not None}
    true = {} if subject.read else subject.true(asked)
    part = told.of(list(true))
    glyphs = np.array(list(true.values()), np.uint8).reshape(-1, *told.frames.shape[2:])
    real = [verdict.reason for verdict in judge_steadily(gate, glyphs, part.texts, part.frames)]
    swapped = [i for i in range(len(asked)) if asked[i] != drawn[i]]
    alike = {i for i in swapped if drawn[i] in look_alikes(gate, asked[i])}
    return Trial(
        right=len(asked) - len(swapped),
        right_refused=len(out.difference(swapped)),
        real=len(real),
        real_refused=sum(reason is not None for reason in real),
        random=len(swapped) - len(alike),
        random_accepted=sum(i not in out and i not in alike for i in swapped),
        alike=len(alike),
        alike_accepted=sum(i not in out for i in alike),
        accepted=tuple((subject.face.id, asked[i], drawn[i]) for i in swapped if i not in out),
    )


def swaps(gate: ReaderGate, texts: Sequence[str], share: float, seed: int, face: str) -> dict[str, str]:
    """Which characters are swapped, and for what: every other one for a look-alike where there is one."""
    order = sorted(texts, key=lambda text: seed_of(seed, "swap", face, text))
    chosen = order[: max(1, round(share * len(order))) if share else 0]
    turn = seed_of(seed, "swap", face)  # a face of a single swap must not always give a look-alike
    plan = {}
    for number, text in enumerate(chosen, turn):
        others = look_alikes(gate, text) if number % 2 == 0 else []
        others = others or [other for other in texts if other != text and class_group(other) == class_group(text)]
        if others:
            plan[text] = min(others, key=lambda other: seed_of(seed, "swapped for", face, text, other))
    return plan


def look_alikes(gate: ReaderGate, text: str) -> list[str]:
    """The characters on the gate's list for one; none where it does not know the character."""
    number = int(np.searchsorted(gate.codes, ord(text)))
    if number == len(gate.codes) or int(gate.codes[number]) != ord(text):
        return []
    count = min(8, len(gate.codes) - 1)
    return [chr(int(gate.codes[other])) for other in gate.look_alikes(number, count).tolist()]


def upper_bound(hits: int, trials: int, sure: float = SURE) -> float:
    """The largest rate at which `hits` of `trials` or fewer still happen with probability `sure`.

    The one-sided bound of Clopper and Pearson (1934), by bisection: 1 where all trials are hits.
    """
    if hits >= trials:
        return 1.0
    low, high = hits / trials, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        chance = sum(exp(_log_chance(k, trials, middle)) for k in range(hits + 1))
        low, high = (middle, high) if chance > sure else (low, middle)
    return high


def _log_chance(hits: int, trials: int, rate: float) -> float:
    """Logarithm of the binomial probability."""
    ways = lgamma(trials + 1) - lgamma(hits + 1) - lgamma(trials - hits + 1)
    return ways + hits * log(rate) + (trials - hits) * log1p(-rate)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
