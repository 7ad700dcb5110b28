"""Does it help: a small recogniser that learns rare classes from generated glyphs, tested on true ones.

Some classes of a face that draws them are hidden. One recogniser learns them from the font that lends the content, one
from generated glyphs that the gate admitted, one from the true glyphs; all other classes always come from the face. The
first and the last are what one has without a generator and what one would have with a perfect one, so the place of the
second between them is what the generator is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.charset.groups import class_group
from ocrfactory.errors import EmptyPlanError, InputError
from ocrfactory.fill.attempts import draw_and_judge
from ocrfactory.fill.gate import ReaderGate
from ocrfactory.fill.references import SCRIPTS
from ocrfactory.fill.subject import Pictures, Shown, Subject, in_place, main_slot
from ocrfactory.rng import seed_of

FROM = ("content", "fill", "true")
"""Where the rare classes come from, in turn."""


class Setting(msgspec.Struct, frozen=True):
    """The size of the experiment."""

    rare: int = 500
    """Hidden classes at most."""
    common: int = 500
    """Other classes at most."""
    seeds: int = 3
    """Each training is repeated with so many seeds; those of one seed differ in the rare glyphs alone."""
    steps: int = 800
    times: int = 4
    """How often each true glyph is worn and shown in the test."""


class Utility(msgspec.Struct, frozen=True):
    """What came of it."""

    face: str
    group: str
    trained_on: bool
    """Whether bundled weights were trained on this face."""
    rare: int
    common: int
    refused: int
    """Rare classes that the gate refused at every attempt: in `fill` their content stands in."""
    rare_right: dict[str, tuple[float, ...]]
    """By where the rare classes came from: share of worn true glyphs of these that were recognised, one a seed."""
    common_right: dict[str, tuple[float, ...]]
    """The same of the common classes."""

    @property
    def recovered(self) -> float | None:
        """Share of the gap between content and true glyphs that `fill` closes; None where there is no gap."""
        content, fill, true = (float(np.mean(self.rare_right[name])) for name in FROM)
        return (fill - content) / (true - content) if true - content > 1e-9 else None

    @property
    def common_lost(self) -> float:
        """By how much `fill` recognises common classes less often than the training with true glyphs does."""
        return float(np.mean(self.common_right["true"]) - np.mean(self.common_right["fill"]))


def trainings(setting: Setting) -> int:
    """How many steps of training `try_utility` takes, for a progress bar."""
    return len(FROM) * setting.seeds * setting.steps


def try_utility(
    subject: Subject,
    gate: ReaderGate | None,
    population: Sequence[str],
    setting: Setting = Setting(),  # noqa: B008 - frozen
    progress: Callable[[], None] = lambda: None,
) -> Utility:
    """Run the experiment on one face.

    Args:
        gate: None: all generated glyphs are taken.
        population: characters to choose rare and common ones from.
        progress: called after each step of a training.

    Raises:
        InputError: torch is not installed; or the generator fails.
        EmptyPlanError: the face draws too few characters that something lends the content of.
    """
    try:
        from ocrfactory.fill.classifier import Classifier, Course
    except ImportError as error:
        raise InputError("torch is not installed, and the recogniser is trained with it", _TORCH) from error
    rare, common = _classes(subject, population, setting)
    true = subject.true([*rare.texts, *common])
    rare = rare.of([text for text in rare.texts if text in true])
    common = [text for text in common if text in true]
    if not rare.texts or not common:
        raise EmptyPlanError(
            f"{subject.face.id}: no characters that could be hidden and drawn again", "try a face that draws more"
        )
    known = np.stack([true[text] for text in common])
    hidden = np.stack([true[text] for text in rare.texts])
    content = in_place(main_slot(rare.frames))
    drawn, admitted = _fill(subject, gate, rare)
    sources = {"content": content, "fill": np.where(admitted[:, None, None], drawn, content), "true": hidden}
    number = np.arange(len(hidden) + len(known))
    rare_right: dict[str, list[float]] = {name: [] for name in FROM}
    common_right: dict[str, list[float]] = {name: [] for name in FROM}
    for turn in range(setting.seeds):
        seed = seed_of(subject.seed, "utility", subject.face.id, turn)
        for name in FROM:
            glyphs = np.concatenate([sources[name], known])
            found = Classifier(glyphs, seed, Course(steps=setting.steps), progress)
            rare_right[name].append(found.right(hidden, number[: len(hidden)], seed, setting.times))
            common_right[name].append(found.right(known, number[len(hidden) :], seed, setting.times))
    return Utility(
        face=subject.face.id,
        group=subject.group,
        trained_on=subject.design is not None,
        rare=len(hidden),
        common=len(known),
        refused=int((~admitted).sum()),
        rare_right={name: tuple(values) for name, values in rare_right.items()},
        common_right={name: tuple(values) for name, values in common_right.items()},
    )


_TORCH = "pip install 'ocrfactory[train]'"


def _classes(subject: Subject, population: Sequence[str], setting: Setting) -> tuple[Shown, list[str]]:
    """Rare classes with their content, first those that no training saw; and common ones of the same face."""
    rare = subject.choose(population, setting.rare, held_out=True)
    rare += subject.choose(population, setting.rare - len(rare), held_out=False)
    shown = subject.show(rare)
    others = [text for text in population if len(text) == 1 and class_group(text) in SCRIPTS and text not in set(rare)]
    order = sorted(others, key=lambda text: seed_of(subject.seed, "common", text))
    common: list[str] = []
    for start in range(0, len(order), 2 * setting.common):
        if len(common) < setting.common:
            common += subject.true(order[start : start + 2 * setting.common])
    return shown, common[: setting.common]


def _fill(subject: Subject, gate: ReaderGate | None, rare: Shown) -> tuple[Pictures, npt.NDArray[np.bool_]]:
    """Rare classes as `fill` draws them, (N, 64, 64), and which of them the gate admitted at last."""
    if gate is None:
        return subject.draw(rare), np.ones(len(rare.texts), np.bool_)
    judged = draw_and_judge(subject, gate, rare)
    return judged.last, np.array([reason is None for reason in judged.last_reasons], np.bool_)
