"""One generator for all engines: a sidecar, and what runs its network."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError
from ocrfactory.fill.generator import Style
from ocrfactory.fill.sidecar import Sidecar
from ocrfactory.sample import Image

Pictures = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float32]
LIBRARIES = {"onnx": "onnxruntime", "torch": "torch", "cuda": "torch"}
"""What runs each engine."""


class Engine(Protocol):
    """Runs one network with one library on one device, in batches of its own choice."""

    @property
    def name(self) -> str:
        """`onnx`, `torch` (on the CPU) or `cuda`."""
        ...

    def style(self, references: Pictures, number: int | None) -> Style:
        """References (K, S, S), ink, and the number of the style, to the form in which `ink` takes a style."""
        ...

    def values(self, content: Pictures, styles: Style) -> Values:
        """What the network itself gives for content (N, C, S, S): should be (N, 1, S, S). For the probe."""
        ...

    def ink(self, content: Pictures, styles: Style) -> Pictures:
        """Content (N, C, S, S) in styles (N, ...) to ink (N, S, S)."""
        ...


class LoadedGenerator:
    """A `Generator` made of weights, their sidecar and an engine.

    Attributes:
        engine: what really runs it, `onnx`, `torch` or `cuda`: pixels may differ by a grey level between them.
        licence: terms of the weights, which go with what they draw.
        sidecar: what is known of the weights.
        network: what runs them.
    """

    def __init__(self, generator_id: str, sidecar: Sidecar, engine: Engine) -> None:
        self.id = generator_id
        self.size = sidecar.size
        self.channels: int = sidecar.content_channels
        self.references = sidecar.k or 0
        self.licence = sidecar.licence
        self.sidecar = sidecar
        self.engine = engine.name
        self.network = engine

    def style(self, references: Image, name: str | None = None) -> Style:
        """See `Generator.style`.

        Raises:
            InputError: the model knows its styles by name, and not this one.
            ValueError: the references have another shape than the model takes.
        """
        _expect(references, (self.references, self.size, self.size), "references")
        number = None
        if self.sidecar.style != "refs":
            number = self.sidecar.style_ids.get(name or "")
            if number is None:
                known = ", ".join(sorted(self.sidecar.style_ids))
                raise InputError(f"generator {self.id} has no style for face {name!r}", f"it knows: {known}")
        return self.network.style(references, number)

    def draw(self, content: npt.NDArray[np.uint8], styles: Style) -> npt.NDArray[np.uint8]:
        """See `Generator.draw`."""
        _expect(content, (len(content), self.channels, self.size, self.size), "content")
        if len(styles) != len(content):
            raise ValueError(f"{len(content)} characters and {len(styles)} styles")
        if not len(content):
            return np.zeros((0, self.size, self.size), np.uint8)
        return self.network.ink(content, styles)


def library_of(engine: str) -> dict[str, str]:
    """The version of the library that runs an engine, by its name: another one may round another way."""
    name = LIBRARIES[engine]
    return {name: str(import_module(name).__version__)}


def to_values(ink: Pictures, scale: tuple[float, float]) -> Values:
    """Ink as a model takes it; `scale` is `Sidecar.scale`."""
    gain, offset = scale
    return ink.astype(np.float32) * np.float32(gain) + np.float32(offset)


def to_ink(values: npt.NDArray[Any], scale: tuple[float, float]) -> Pictures:
    """A model's output as ink.

    Raises:
        InputError: some of it is no number.
    """
    refuse_no_numbers(bool(np.isfinite(values).all()))
    gain, offset = scale
    levels = (values.astype(np.float32) - np.float32(offset)) / np.float32(gain)
    ink: Pictures = np.rint(np.clip(levels, 0, 255)).astype(np.uint8)
    return ink


def refuse_no_numbers(finite: bool) -> None:
    """Stop where a model that drew well when it was tried gives NaN or infinity: no character is at fault.

    Raises:
        InputError: not finite.
    """
    if not finite:
        raise InputError("the generator draws NaN or infinity for some character", "try another: --generator fast")


def pack(references: Pictures, number: int | None, sidecar: Sidecar) -> Style:
    """The style of a user's model, which takes the pictures and the number themselves: one flat vector."""
    parts = []
    if sidecar.style != "id":
        parts.append(to_values(references, sidecar.scale()).ravel())
    if number is not None:
        parts.append(np.array([number], np.float32))  # exact: numbers stay below 2**24
    return np.concatenate(parts)


def unpack(styles: Style, sidecar: Sidecar) -> list[npt.NDArray[Any]]:
    """Styles (N, ...) as the inputs of a user's model: references (N, K, 1, S, S), numbers (N,) int64."""
    inputs: list[npt.NDArray[Any]] = []
    if sidecar.style != "id":
        shape = (len(styles), sidecar.k or 0, 1, sidecar.size, sidecar.size)
        inputs.append(styles[:, : int(np.prod(shape[1:]))].reshape(shape).astype(sidecar.dtype))
    if sidecar.style != "refs":
        inputs.append(styles[:, -1].astype(np.int64))
    return inputs


def _expect(pictures: npt.NDArray[Any], shape: tuple[int, ...], what: str) -> None:
    if pictures.shape != shape or pictures.dtype != np.uint8:
        raise ValueError(f"{what}: {pictures.dtype} {pictures.shape}, not uint8 {shape}")
