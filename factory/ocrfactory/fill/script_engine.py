"""Users' TorchScript archives on torch."""

from __future__ import annotations

import io
import warnings

import numpy as np
import torch

from ocrfactory.errors import InputError
from ocrfactory.fill.archive import vetted
from ocrfactory.fill.batches import Batches
from ocrfactory.fill.engine import Pictures, Values, pack, to_ink, to_values, unpack
from ocrfactory.fill.generator import Style
from ocrfactory.fill.sidecar import Sidecar
from ocrfactory.fill.weights import MAX_BYTES


class ScriptEngine:
    """G(content (N, C, S, S), references (N, K, 1, S, S) or numbers (N,)) -> (N, 1, S, S), as its author wrote it.

    Args:
        data: the bytes of the archive.
        sidecar: how it is fed.
        device: `cpu` or `cuda`.
        name: what the file is called, for messages.

    Raises:
        InputError: the archive is damaged, or its code reaches beyond drawing.
    """

    def __init__(self, data: bytes, sidecar: Sidecar, device: str, name: str) -> None:
        self.sidecar, self.device = sidecar, torch.device(device)
        self.name = "torch" if self.device.type == "cpu" else self.device.type
        self.batches = Batches(self.device, None if sidecar.dynamic_batch else 1)
        clean = io.BytesIO(vetted(data, name, MAX_BYTES))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # torch advises its exporter to authors of models
                script = torch.jit.load(clean, map_location=self.device)  # type: ignore[no-untyped-call]
                self.script: torch.nn.Module = script.eval()
        except (RuntimeError, torch.jit.Error, ValueError) as error:
            raise InputError(f"{name}: torch cannot open it: {_first_line(error)}", "export it again") from error

    def style(self, references: Pictures, number: int | None) -> Style:
        """The references and the number themselves, as one vector."""
        return pack(references, number, self.sidecar)

    def values(self, content: Pictures, styles: Style) -> Values:
        """Content (N, C, S, S), styles (N, ...), to what the network gives.

        Raises:
            InputError: the code of the archive fails.
        """

        def draw(part: slice) -> torch.Tensor:
            pictures = to_values(content[part], self.sidecar.scale()).astype(self.sidecar.dtype)
            inputs = [pictures, *unpack(styles[part], self.sidecar)]
            tensors = [torch.from_numpy(np.ascontiguousarray(each)) for each in inputs]
            try:
                drawn = self.script(*(tensor.to(self.device) for tensor in tensors))
            except (RuntimeError, torch.jit.Error) as error:
                if "out of memory" in str(error):  # the interpreter tells it as an error like any other
                    raise torch.OutOfMemoryError(str(error)) from error
                raise
            if not isinstance(drawn, torch.Tensor):
                raise InputError(f"the generator gives a {type(drawn).__name__}, not a tensor of pictures")
            return drawn.float()

        try:
            values: Values = self.batches.run(len(content), draw).numpy()
        except (RuntimeError, torch.jit.Error, ValueError, TypeError) as error:
            raise InputError(
                f"the generator fails: {_first_line(error)}",
                "compare its inputs with size, content_channels, style, k and dtype of the sidecar",
            ) from error
        return values

    def ink(self, content: Pictures, styles: Style) -> Pictures:
        """Content (N, C, S, S), styles (N, ...), to ink (N, S, S)."""
        return to_ink(self.values(content, styles)[:, 0], self.sidecar.scale())


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__
