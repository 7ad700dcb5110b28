"""Graphs of built-in networks for ONNX Runtime: the structure without the weights, some tens of kilobytes.

The weights stay in their safetensors file; `onnx_engine` hands them to the session. The same network gives the same
bytes, in any process.
"""

from __future__ import annotations

import copy
import io
import warnings
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import torch

from ocrfactory.errors import OcrFactoryError
from ocrfactory.fill.onnx_engine import LOCATION
from ocrfactory.fill.sidecar import Sidecar

OPSET = 17
_INLINE = 64
"""Numbers that a graph may hold itself: constants of the code, never weights."""


def write_graphs(network: torch.nn.Module, weights: Path, sidecar: Sidecar) -> dict[Literal["encode", "draw"], str]:
    """Write the encoder and the drawer of a network beside its weights: `.encode.onnx` and `.draw.onnx`.

    Args:
        network: with `encode` and `forward`, as `ocrfactory.fill.networks` has them; left as it is.
        weights: the safetensors file, which need not be there yet.
        sidecar: for `size`, `content_channels` and `k`.

    Returns:
        What belongs into the sidecar's `graphs`: the SHA-256 of each file.
    """
    graphs = export_graphs(network, sidecar)
    for part, graph in graphs.items():
        weights.with_suffix(f".{part}.onnx").write_bytes(graph)
    return {part: sha256(graph).hexdigest() for part, graph in graphs.items()}


def export_graphs(network: torch.nn.Module, sidecar: Sidecar) -> dict[Literal["encode", "draw"], bytes]:
    """Both graphs: `encode` (references -> style) and `draw` (content, style -> glyph), for any batch."""
    plain = copy.deepcopy(network).cpu().float().eval()
    size = sidecar.size
    references = torch.zeros(2, sidecar.k or 1, 1, size, size)
    with torch.no_grad():
        style = torch.zeros_like(plain.encode(references))  # type: ignore[operator]
    content = torch.zeros(2, sidecar.content_channels, size, size)
    return {
        "encode": structure(_Encoder(plain), {"references": references}, "style"),
        "draw": structure(plain, {"content": content, "style": style}, "glyph"),
    }


def structure(module: torch.nn.Module, inputs: dict[str, torch.Tensor], output: str) -> bytes:
    """A module as an ONNX graph whose weights are external data that is not there.

    Args:
        module: on the CPU, in evaluation mode; its weights are named as in its `state_dict`.
        inputs: by name, in the order of `forward`; the first axis of each may later have any length.
        output: the name of what it returns.

    Raises:
        OcrFactoryError: the module has large constants that are not in its `state_dict`.
    """
    import onnx

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter that is built on torch.export writes other graphs in every release; this one is frozen.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            buffer,  # type: ignore[arg-type]  # its types know paths only
            dynamo=False,
            opset_version=OPSET,
            do_constant_folding=False,  # folding would put changed copies of weights into the graph
            input_names=list(inputs),
            output_names=[output],
            dynamic_axes={name: {0: "n"} for name in (*inputs, output)},
        )
    model = onnx.load_from_string(buffer.getvalue())
    _strip(model, {name: tuple(value.shape) for name, value in module.state_dict().items()}, type(module) is _Encoder)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


class _Encoder(torch.nn.Module):
    """`encode` of a network as a `forward`, which is what can be exported."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, references: torch.Tensor) -> torch.Tensor:
        """(B, K, 1, S, S) -> (B, D)."""
        style: torch.Tensor = self.network.encode(references)  # type: ignore[operator]
        return style


def _strip(model: Any, shapes: dict[str, tuple[int, ...]], inner: bool) -> None:
    """Take out weights, and what depends on where the code lies; name weights as their file does."""
    for tensor in model.graph.initializer:
        if tensor.name in shapes and tuple(tensor.dims) == shapes[tensor.name]:
            for field in ("raw_data", "float_data"):
                tensor.ClearField(field)
            tensor.data_location = 1
            entry = tensor.external_data.add()
            entry.key, entry.value = "location", LOCATION
            if inner:
                tensor.name = tensor.name.removeprefix("network.")
        else:
            _small(tensor, tensor.name)
    for node in model.graph.node:
        node.ClearField("doc_string")
        for attribute in node.attribute:
            _small(attribute.t, node.name)
        if inner:
            for i, name in enumerate(node.input):
                if name in shapes:
                    node.input[i] = name.removeprefix("network.")
    model.producer_version = ""


def _small(tensor: Any, name: str) -> None:
    if len(tensor.raw_data) > 8 * _INLINE:
        raise OcrFactoryError(
            f"the graph would hold {len(tensor.raw_data)} bytes at {name!r} that are in no file of weights",
            "make it a parameter or a persistent buffer of the network",
        )
