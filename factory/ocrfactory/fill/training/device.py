"""Where a training runs, and with what numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import numpy.typing as npt
import torch

from ocrfactory.errors import UsageError

PRECISIONS = ("auto", "float32", "bfloat16")


class Device:
    """A device, its precision, and pictures brought there.

    Args:
        name: `auto`, `cpu` or `cuda`.
        precision: bfloat16 is the default on a GPU and on processors that multiply it in hardware.

    Raises:
        UsageError: there is no such device or precision.
    """

    def __init__(self, name: str = "auto", precision: str = "auto") -> None:
        if name not in ("auto", "cpu", "cuda"):
            raise UsageError(f"--device {name!r}: one of auto, cpu, cuda")
        if precision not in PRECISIONS:
            raise UsageError(f"--precision {precision!r}: one of {', '.join(PRECISIONS)}")
        if name == "cuda" and not torch.cuda.is_available():
            raise UsageError("--device cuda: torch sees no GPU", "take --device auto")
        self.torch = torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
        self.half = precision == "bfloat16" or (precision == "auto" and self._multiplies_bfloat16())

    def _multiplies_bfloat16(self) -> bool:
        if self.torch.type == "cuda":
            return bool(torch.cuda.is_bf16_supported())
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported() and _has_bfloat16_units())

    @property
    def numbers(self) -> str:
        """What a training's numbers depend on: one of another kind would end with other weights."""
        return f"{self.torch.type} {'bfloat16' if self.half else 'float32'}"

    @property
    def words(self) -> str:
        """For logs and model cards."""
        name = torch.cuda.get_device_name() if self.torch.type == "cuda" else f"cpu, {torch.get_num_threads()} threads"
        return f"{name}, {'bfloat16' if self.half else 'float32'}"

    def autocast(self) -> AbstractContextManager[object]:
        """Convolutions and products inside run in the device's precision."""
        return torch.autocast(self.torch.type, torch.bfloat16, enabled=self.half)

    def ink(self, pictures: npt.NDArray[np.uint8]) -> torch.Tensor:
        """uint8 to 0..1, on the device, channels last where there are four axes."""
        values = torch.from_numpy(pictures).to(self.torch, non_blocking=True).float() / 255
        return values.contiguous(memory_format=torch.channels_last) if values.ndim == 4 else values


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draws of torch inside come from a seed; outside they go on as if nothing had happened."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def use_threads(count: int) -> None:
    """How many threads torch may have on the processor."""
    torch.set_num_threads(count)


def _has_bfloat16_units() -> bool:
    """Whether the processor multiplies bfloat16 itself; where it does not, torch imitates it, slower than float32."""
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any("bf16" in name and bool(there) for name, there in capabilities.items())
