"""Batches of torch: as large as the memory of the device allows, and one at a time on a CPU."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from ocrfactory.errors import InputError

LARGEST = 1024
_log = logging.getLogger(__name__)


class Batches:
    """Runs a function over slices of a batch.

    On a CPU a slice is one picture and torch has one thread: the result for a character is then the same bits whatever
    stands beside it, and larger batches are no faster there. On a GPU a slice is as large as it can be.

    Args:
        device: where the network lies.
        size: pictures at once; None: chosen by the device.
    """

    def __init__(self, device: torch.device, size: int | None = None) -> None:
        self.device = device
        self.size = size or (1 if device.type == "cpu" else LARGEST)
        self._told = False

    def run(self, count: int, draw: Callable[[slice], torch.Tensor]) -> torch.Tensor:
        """The pictures of `count` characters, put together on the CPU.

        Raises:
            InputError: not even one picture fits into the memory of the device.
        """
        done: list[torch.Tensor] = []
        start = 0
        with one_thread(), torch.inference_mode():
            while start < count:
                try:
                    done.append(draw(slice(start, min(start + self.size, count))).cpu())
                except torch.OutOfMemoryError as error:
                    self._halve(error)
                else:
                    start += self.size
        return torch.cat(done)

    def _halve(self, error: torch.OutOfMemoryError) -> None:
        if self.size == 1:
            cure = "end what else uses the device, or take --engine onnx or torch"
            raise InputError(f"{self.device} has no memory left for a single glyph", cure) from error
        self.size //= 2
        if not self._told:
            _log.warning("%s: out of memory; drawing %d glyphs at a time, or fewer", self.device, self.size)
            self._told = True
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread of torch inside, as many as before outside: sums do not depend on the machine's cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
