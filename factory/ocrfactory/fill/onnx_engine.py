"""Networks on ONNX Runtime, torch not needed: users' models, and built-in ones from a graph and a file of weights.

A graph of a built-in network holds no weights: they stay in their safetensors file, the only copy, and are handed to
the session as the external data that the graph asks for.

One picture is drawn at a time, by one thread: the result for a character is then the same bits whatever stands beside
it. Larger batches are no faster on a CPU, since a convolution is cut into pictures anyway.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError
from ocrfactory.fill.engine import Pictures, Values, pack, to_ink, to_values, unpack
from ocrfactory.fill.generator import Style
from ocrfactory.fill.onnx_file import walk
from ocrfactory.fill.sidecar import Sidecar
from ocrfactory.fill.weights import read_bounded

LOCATION = "safetensors"
"""What the graphs of built-in networks say instead of a file."""
MAX_GRAPH = 16 << 20
Array = npt.NDArray[Any]


class Session:
    """A model of one thread, open for runs.

    Args:
        model: the bytes of the ONNX file.
        tensors: values of all tensors that lie elsewhere.
        name: what it is called, for messages.

    Raises:
        InputError: onnxruntime is not installed, or cannot open the model.
    """

    def __init__(self, model: bytes, tensors: dict[str, Array], name: str) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise InputError("the package onnxruntime is not installed", "pip install 'ocrfactory[fill]'") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 4  # its errors come as exceptions, and we say them once
        self._name = name
        self._tensors = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in tensors.values()]  # kept alive
        if self._tensors:
            options.add_external_initializers(list(tensors), self._tensors)
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base but this one
            raise InputError(f"{name}: onnxruntime cannot open it: {_short(error)}", "export it again") from error
        self.inputs: dict[str, tuple[Any, ...]] = {each.name: tuple(each.shape) for each in self._session.get_inputs()}
        self.outputs = [each.name for each in self._session.get_outputs()]

    def run(self, output: str, feeds: dict[str, Array]) -> Array:
        """One output for these inputs.

        Raises:
            InputError: the model does not take them.
        """
        try:
            result: Array = self._session.run([output], feeds)[0]
        except Exception as error:  # onnxruntime's errors share no base but this one
            raise InputError(
                f"{self._name}: the generator fails: {_short(error)}",
                "compare its inputs with size, content_channels, style, k and dtype of the sidecar",
            ) from error
        return result


class NetworkEngine:
    """A built-in network: two graphs, and the weights of both.

    Args:
        weights: the safetensors file; the graphs lie beside it, `.encode.onnx` and `.draw.onnx`.
        tensors: what is in that file.
        sidecar: its sidecar.

    Raises:
        InputError: a graph is missing, is another than the sidecar names, or does not fit the weights.
    """

    name = "onnx"

    def __init__(self, weights: Path, tensors: dict[str, npt.NDArray[np.float32]], sidecar: Sidecar) -> None:
        self._encode = _open_graph(weights, "encode", tensors, sidecar)
        self._draw = _open_graph(weights, "draw", tensors, sidecar)

    def style(self, references: Pictures, number: int | None) -> Style:
        """References (K, S, S) to a vector (D,)."""
        style: Style = self._encode.run("style", {"references": _plain(references)[None, :, None]})[0]
        return style

    def values(self, content: Pictures, styles: Style) -> Values:
        """Content (N, C, S, S), styles (N, D), to what the network gives."""
        pictures = _plain(content)
        each = (
            self._draw.run("glyph", {"content": pictures[i : i + 1], "style": styles[i : i + 1]})
            for i in range(len(content))
        )
        return np.concatenate(list(each))

    def ink(self, content: Pictures, styles: Style) -> Pictures:
        """Content (N, C, S, S), styles (N, D), to ink (N, S, S)."""
        return to_ink(self.values(content, styles)[:, 0], (1 / 255, 0.0))


class OnnxEngine:
    """A user's model, as its author exported it.

    Args:
        model: the bytes of the file.
        tensors: values that lie in files beside it.
        sidecar: how it is fed.
        name: what the file is called, for messages.

    Raises:
        InputError: onnxruntime cannot open it, or it has other or fewer inputs than the sidecar says.
    """

    name = "onnx"

    def __init__(self, model: bytes, tensors: dict[str, Array], sidecar: Sidecar, name: str) -> None:
        self.sidecar = sidecar
        self._session = Session(model, tensors, name)
        _check_names(self._session, sidecar, name)
        fixed = self._session.inputs[sidecar.inputs[0]][:1]
        if fixed and isinstance(fixed[0], int) and fixed[0] != 1:
            raise InputError(
                f"{name}: it draws {fixed[0]} pictures at a time, neither one nor any number",
                "export it with a dynamic batch: dynamic_axes={'content': {0: 'n'}, ...}",
            )

    def style(self, references: Pictures, number: int | None) -> Style:
        """The references and the number themselves, as one vector."""
        return pack(references, number, self.sidecar)

    def values(self, content: Pictures, styles: Style) -> Values:
        """Content (N, C, S, S), styles (N, ...), to what the network gives."""
        pictures = to_values(content, self.sidecar.scale()).astype(self.sidecar.dtype)
        feeds = dict(zip(self.sidecar.inputs, [pictures, *unpack(styles, self.sidecar)], strict=True))
        drawn = [
            self._session.run(self.sidecar.output, {name: feed[i : i + 1] for name, feed in feeds.items()})
            for i in range(len(content))
        ]
        return np.concatenate(drawn).astype(np.float32)

    def ink(self, content: Pictures, styles: Style) -> Pictures:
        """Content (N, C, S, S), styles (N, ...), to ink (N, S, S)."""
        return to_ink(self.values(content, styles)[:, 0], self.sidecar.scale())


def open_structure(graph: bytes, tensors: dict[str, npt.NDArray[np.float32]], name: str) -> Session:
    """A graph without weights (`export_onnx.structure`) and the weights that it asks for.

    Raises:
        InputError: they do not fit together.
    """
    wanted = walk(graph, name)
    for item in wanted:
        found = tensors.get(item.name)
        if item.location != LOCATION or found is None or found.shape != item.shape or item.dtype != "<f4":
            raise InputError(f"{name}: it does not fit the weights at {item.name!r}", "both come from one training")
    return Session(graph, {item.name: tensors[item.name] for item in wanted}, name)


def _open_graph(
    weights: Path, part: Literal["encode", "draw"], tensors: dict[str, npt.NDArray[np.float32]], sidecar: Sidecar
) -> Session:
    path = weights.with_suffix(f".{part}.onnx")
    if sidecar.graphs is None or part not in sidecar.graphs:
        raise InputError(
            f"{weights}: its sidecar names no graph {path.name}, so only torch can run it",
            "install torch and take --engine torch, or write the graphs: ocrfactory.fill.export_onnx.write_graphs",
        )
    graph = read_bounded(path, MAX_GRAPH)
    if sha256(graph).hexdigest() != sidecar.graphs[part]:
        raise InputError(f"{path}: not the graph that the sidecar names", "copy it again; both come from one training")
    return open_structure(graph, tensors, str(path))


def _check_names(session: Session, sidecar: Sidecar, name: str) -> None:
    taken = list(session.inputs)
    if len(taken) < len(sidecar.inputs):
        raise _too_few(taken, sidecar, name)
    if set(taken) != set(sidecar.inputs) or sidecar.output not in session.outputs:
        raise InputError(
            f"{name}: it has inputs {', '.join(taken)} and outputs {', '.join(session.outputs)}",
            "name them in the sidecar: inputs (content, then references, then the number) and output",
        )


def _too_few(taken: list[str], sidecar: Sidecar, name: str) -> InputError:
    """An export leaves out what the model makes no use of, which no name in the sidecar brings back."""
    content, *styles = sidecar.inputs
    if not set(taken) <= set(sidecar.inputs):
        return InputError(
            f"{name}: it has inputs {', '.join(taken)}, and style `{sidecar.style}` takes {len(sidecar.inputs)}: "
            "an export leaves out those that the model does not use",
            "use all of them in forward, export it again, and name them in the sidecar: inputs",
        )
    lost = " and ".join(each for each in sidecar.inputs if each not in taken)
    fault = f"{name}: it has no input {lost}, for an export leaves out what the model does not use"
    cure = f"use {lost} in forward, and export it again"
    left = [each for each in styles if each in taken]
    if content not in taken:
        return InputError(f"{fault}: it draws the same for every character", cure)
    if not left:
        used = " + ".join(f"0 * {each}.sum()" for each in styles)
        return InputError(
            f"{fault}: it draws the same for every face", f"{cure}; with one style for all, add {used} to what it draws"
        )
    by, needless = ("refs", "style_ids") if left[0] == styles[0] else ("id", "k")
    inputs = json.dumps([content, *left])
    return InputError(
        fault, f'{cure}; or say in the sidecar "style": "{by}", "inputs": {inputs}, and remove {needless}'
    )


def _plain(pictures: Pictures) -> Values:
    return to_values(pictures, (1 / 255, 0.0))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
