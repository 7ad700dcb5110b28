"""How fast holes are filled: content drawn, glyph generated, gate asked, on one core."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import cv2
import numpy as np

from ocrfactory.errors import Reject
from ocrfactory.fill.steady import batch_of, draw_steadily, judge_steadily
from ocrfactory.sources.rare import Rare
from ocrfactory.sources.rare_drawer import RareDrawer
from ocrfactory.sources.source import Context

ROUNDS = 3


def measure_speed(source: Rare, context: Context, glyphs: int) -> dict[str, Any]:
    """Fill some holes, and let generator and gate alone do the same: glyphs a second of processor time.

    End to end only those that the gate admitted count; refused ones cost time, too.

    Processor time is what a core does: it is the same on a machine that does something else as well, and it counts
    every thread. A GPU's time is not in it.

    Args:
        source: whose holes: those of its first face that has any.
        glyphs: how many, at most.

    Raises:
        InputError: a model cannot be loaded; or there are no holes.
        FontError: a font is unknown or missing.
    """
    settled = source.settle(context)
    drawer = source.open(settled.state, context.seed)
    assert isinstance(drawer, RareDrawer)
    holes = [len(target.contents.classes) for target in drawer.targets]
    number = next(i for i, count in enumerate(holes) if count)
    count = min(glyphs, holes[number])  # the first rows are its own
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return {
            "face": drawer.targets[number].face.id,
            "glyphs": count,
            "engine": settled.facts["engine"],
            "per_cpu_second": _rates(drawer, range(0, count * settled.replicas, settled.replicas)),
        }
    finally:
        cv2.setNumThreads(threads)


def _rates(drawer: RareDrawer, rows: Sequence[int]) -> dict[str, float]:
    side, few = drawer.generator.size, min(len(rows), 2 * batch_of(drawer.generator))
    content = np.zeros((few, drawer.generator.channels, side, side), np.uint8)
    content[:, :, side // 4 : -side // 4, side // 2] = 255
    drawn = list(drawer.draw(rows[:few]))  # fonts are opened and styles are made here, once
    styles = np.stack([next(iter(drawer.styles.values()))] * few)
    works: dict[str, Callable[[], int]] = {
        "end to end, admitted": lambda: sum(not isinstance(made, Reject) for made in drawer.draw(rows)),
        "generator alone": lambda: len(draw_steadily(drawer.generator, content, styles)),
    }
    gate = drawer.gate
    if gate is not None:
        shown = np.zeros((len(drawn), 2, 64, 64), np.uint8)
        shown[:, 0, 16:-16, 32] = 255
        works["gate alone"] = lambda: len(judge_steadily(gate, shown[:, 0], ["一"] * len(shown), shown))
    return {name: round(median(_rate(work) for _ in range(ROUNDS)), 1) for name, work in works.items()}


def _rate(work: Callable[[], int]) -> float:
    start = time.process_time()
    done = work()
    return done / max(time.process_time() - start, 1e-9)
