"""A small recogniser of glyphs, trained from nothing in about a minute: what generated data are for."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from ocrfactory.fill.batches import one_thread
from ocrfactory.fill.training.reader import worn
from ocrfactory.rng import seed_of, stream

SIDE = 32
Pictures = npt.NDArray[np.uint8]


class Course(msgspec.Struct, frozen=True):
    """How long it is trained, and on how much at once."""

    steps: int = 800
    rows: int = 128
    rate: float = 3e-3


class Classifier:
    """Tells classes apart that it was shown one glyph each of, worn in ever other ways.

    Three convolutions with batch statistics and two layers above them, 0.4 M parameters at 1,000 classes.

    Args:
        glyphs: ink (classes, 64, 64), one of each.
        seed: of the first weights, the order of the classes and the wear: the same for the same seed whatever is shown.
        progress: called after each step.
    """

    def __init__(self, glyphs: Pictures, seed: int, course: Course, progress: Callable[[], None]) -> None:
        with one_thread(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_of(seed, "classifier"))
            self.network = _network(len(glyphs))
            self._train(glyphs, seed, course, progress)

    def _train(self, glyphs: Pictures, seed: int, course: Course, progress: Callable[[], None]) -> None:
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=course.rate, weight_decay=1e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, course.rate, course.steps, pct_start=0.1)
        self.network.train()
        for step in range(course.steps):
            rng = stream(seed, f"classify {step}")
            chosen = rng.integers(len(glyphs), size=course.rows)
            said = self.network(_seen(worn(glyphs[chosen], rng)))
            loss = F.cross_entropy(said, torch.from_numpy(chosen), label_smoothing=0.05)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            progress()
        self.network.eval()

    def right(self, glyphs: Pictures, classes: npt.NDArray[np.int64], seed: int, times: int) -> float:
        """Share of worn glyphs that are recognised.

        Args:
            glyphs: ink (N, 64, 64).
            classes: the number of the class of each.
            seed: of the wear.
            times: how often each is worn and shown.
        """
        hits = 0
        with one_thread(), torch.inference_mode():
            for time in range(times):
                shown = worn(glyphs, stream(seed, f"test {time}"))
                for start in range(0, len(shown), 256):
                    part = slice(start, start + 256)
                    hits += int((self.network(_seen(shown[part])).argmax(1).numpy() == classes[part]).sum())
        return hits / max(1, times * len(glyphs))


def _network(classes: int) -> nn.Sequential:
    def stage(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

    return nn.Sequential(
        nn.PixelUnshuffle(2),
        *stage(4, 32),
        nn.MaxPool2d(2),
        *stage(32, 64),
        nn.MaxPool2d(2),
        *stage(64, 96),
        nn.Flatten(),
        nn.Linear(96 * 16, 128),
        nn.BatchNorm1d(128),
        nn.ReLU(),
        nn.Linear(128, classes),
    )


def _seen(ink: Pictures) -> torch.Tensor:
    """Ink (N, 64, 64) at the classifier's size, 0 to 1: (N, 1, 32, 32)."""
    small = np.array([cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for picture in ink], np.uint8)
    return torch.from_numpy(small)[:, None].float() / 255
