"""Built-in networks on torch: float32 on a CPU, bfloat16 on a GPU."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from ocrfactory.errors import InputError
from ocrfactory.fill.batches import Batches, one_thread
from ocrfactory.fill.engine import Pictures, Values, refuse_no_numbers
from ocrfactory.fill.generator import Style
from ocrfactory.fill.networks import build
from ocrfactory.fill.sidecar import Sidecar


class TorchEngine:
    """A built-in network.

    The style is made in float32 on every device. On a GPU drawing runs in bfloat16, whose pictures differ from a CPU's
    by a few grey levels at edges: 8 at most and 1 in the mean is what the tests allow.

    Args:
        network: with `encode` and `forward`, as `ocrfactory.fill.networks` has them.
        device: `cpu` or `cuda`.
        batch: pictures at once; None: chosen by the device.
    """

    def __init__(self, network: torch.nn.Module, device: str, batch: int | None = None) -> None:
        self.device = torch.device(device)
        self.name = "torch" if self.device.type == "cpu" else self.device.type
        self.network = network.eval().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.batches = Batches(self.device, batch)

    def style(self, references: Pictures, number: int | None) -> Style:
        """References (K, S, S) to a vector (D,)."""
        with one_thread(), torch.inference_mode():
            values = torch.from_numpy(references).to(self.device).float() * (1 / 255)
            style: Style = self.network.encode(values[None, :, None])[0].float().cpu().numpy()
        return style

    def values(self, content: Pictures, styles: Style) -> Values:
        """Content (N, C, S, S), styles (N, D), to what the network gives."""
        drawn: Values = self.batches.run(len(content), lambda part: self._forward(content[part], styles[part])).numpy()
        return drawn

    def ink(self, content: Pictures, styles: Style) -> Pictures:
        """Content (N, C, S, S), styles (N, D), to ink (N, S, S); rounded on the device, where it is quick."""

        def draw(part: slice) -> torch.Tensor:
            values = self._forward(content[part], styles[part])
            refuse_no_numbers(bool(torch.isfinite(values).all()))
            return (values[:, 0] * 255).clamp(0, 255).round().to(torch.uint8)

        drawn: Pictures = self.batches.run(len(content), draw).numpy()
        return drawn

    def _forward(self, content: Pictures, styles: Style) -> torch.Tensor:
        pictures = torch.from_numpy(np.ascontiguousarray(content)).to(self.device).float() * (1 / 255)
        style = torch.from_numpy(np.ascontiguousarray(styles)).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            drawn: torch.Tensor = self.network(pictures.contiguous(memory_format=torch.channels_last), style)
        return drawn.float()


def open_network(tensors: dict[str, npt.NDArray[np.float32]], sidecar: Sidecar, device: str, name: str) -> TorchEngine:
    """A built-in network with these weights; `name` is what their file is called.

    Raises:
        InputError: the architecture is unknown, or the weights are those of another one.
    """
    network = build(str(sidecar.architecture), dict(sidecar.config))
    try:
        network.load_state_dict({key: torch.from_numpy(value) for key, value in tensors.items()})
    except RuntimeError as error:
        short = " ".join(str(error).split())[:300]
        raise InputError(
            f"{name}: not the weights of {sidecar.architecture} with {sidecar.config}: {short}",
            "put the architecture and config that it was trained with into its sidecar",
        ) from error
    return TorchEngine(network, device)
