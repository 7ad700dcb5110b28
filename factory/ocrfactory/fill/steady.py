"""Batches of one size: what a picture becomes must not depend on who else is drawn or judged beside it.

Kernels are chosen by the shape of a batch, and another kernel may round another way: a grey level here, the last digit
of a score there. So every batch that a model sees while rows are made has the same shape, filled up where it is not
full; a row that is drawn again alone is then the same row. Engines that draw one picture after the other, as ours do on
a processor, need no filling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError, OcrFactoryError
from ocrfactory.fill.generator import Generator, Style
from ocrfactory.fill.verdict import Gate, Verdict

BATCH, GPU_BATCH = 32, 256
ONE_BY_ONE = ("onnx", "torch")
"""Engines whose pictures depend on nothing beside them, bit for bit."""
_Number = TypeVar("_Number", bound=np.generic)


def batch_of(generator: Generator) -> int:
    """How many pictures a generator is given at once."""
    return GPU_BATCH if getattr(generator, "engine", None) == "cuda" else BATCH


def draw_steadily(generator: Generator, content: npt.NDArray[np.uint8], styles: Style) -> npt.NDArray[np.uint8]:
    """`Generator.draw` in steady batches: content (N, channels, size, size), styles (N, ...), to (N, size, size).

    Raises:
        InputError: the generator fails, or gives no ink of this shape. The run fails: no character is at fault.
    """
    side, size = generator.size, batch_of(generator)
    least = 0 if getattr(generator, "engine", None) in ONE_BY_ONE else size
    drawn = [np.zeros((0, side, side), np.uint8)]
    for start in range(0, len(content), size):
        part = _filled(content[start : start + size], least)
        try:
            ink = generator.draw(part, _filled(styles[start : start + size], least))
        except OcrFactoryError:
            raise
        except Exception as error:  # a user's generator raises anything; the run ends with its words
            raise InputError(f"generator {generator.id} failed: {type(error).__name__}: {error}", _CURE) from error
        if ink.shape != (len(part), side, side) or ink.dtype != np.uint8:
            wanted = f"uint8 ({len(part)}, {side}, {side})"
            raise InputError(f"generator {generator.id} gave {ink.dtype} {ink.shape}, not {wanted}", _CURE)
        drawn.append(ink[: len(content) - start])
    return np.concatenate(drawn)


_CURE = "try another one: --generator fast"


def judge_steadily(
    gate: Gate, pictures: npt.NDArray[np.uint8], classes: Sequence[str], content: npt.NDArray[np.uint8]
) -> list[Verdict]:
    """`Gate.judge` in steady batches; scores are rounded to the four decimals that a row keeps."""
    verdicts: list[Verdict] = []
    least = 0 if getattr(gate, "engine", None) in ONE_BY_ONE else BATCH
    for start in range(0, len(pictures), BATCH):
        part = slice(start, start + BATCH)
        texts = list(classes[part])
        asked = texts + texts[-1:] * (least - len(texts))
        said = gate.judge(_filled(pictures[part], least), asked, _filled(content[part], least))
        if len(said) != len(asked):
            raise OcrFactoryError(f"gate {gate.id} gave {len(said)} verdicts on {len(asked)} pictures")
        verdicts += said[: len(texts)]
    return [Verdict(v.reason, {name: round(float(x), 4) for name, x in v.scores.items()}, v.detail) for v in verdicts]


def _filled(batch: npt.NDArray[_Number], least: int = BATCH) -> npt.NDArray[_Number]:
    """A batch with its last member repeated until there are enough."""
    return np.concatenate([batch, np.repeat(batch[-1:], max(least - len(batch), 0), axis=0)])
