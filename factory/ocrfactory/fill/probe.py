"""One small batch before the first glyph: a generator that cannot be right is refused at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ocrfactory.errors import InputError
from ocrfactory.fill.engine import LoadedGenerator, to_ink

COUNT = 4
OVERSHOOT = 0.05
"""How far values may leave the stated range, as a share of it: a network without a last sigmoid does so a little."""


def probe(generator: LoadedGenerator) -> None:
    """Draw four simple figures and look at what comes back.

    Raises:
        InputError: the network fails, or its output has a wrong shape, holds NaN, leaves the stated range, is constant
            or the same for every character, is mostly ink, or is the content itself.
    """
    sidecar, size = generator.sidecar, generator.size
    content = _figures(COUNT, generator.channels, size, thick=max(2, size // 10))
    references = _figures(generator.references, 1, size, thick=max(1, size // 20))[:, 0]
    try:
        style = generator.style(references, min(sidecar.style_ids, default=None))
        values = generator.network.values(content, np.stack([style] * COUNT))
    except RuntimeError as error:
        short = " ".join(str(error).split())[:300]
        raise _refused(
            generator, f"it fails: {short}", "compare it with size, channels and k of the sidecar"
        ) from error
    if values.shape != (COUNT, 1, size, size):
        raise _refused(
            generator,
            f"{COUNT} characters came back as {_shape(values)}, not {COUNT} x 1 x {size} x {size}",
            "give one channel, and the size and output of the sidecar",
        )
    if not np.isfinite(values).all():
        raise _refused(generator, "the output holds NaN or infinity", "float32 often helps where float16 does not")
    plain = values.astype(np.float64) * sidecar.std + sidecar.mean
    low, high = sidecar.range
    slack = OVERSHOOT * (high - low)
    if plain.min() < low - slack or plain.max() > high + slack:
        raise _refused(
            generator,
            f"values from {plain.min():.3g} to {plain.max():.3g}, outside of [{low:g}, {high:g}]",
            "state range, mean and std as in training, or end the network in a sigmoid",
        )
    _look(generator, content, to_ink(values[:, 0], sidecar.scale()))


def _look(generator: LoadedGenerator, content: npt.NDArray[np.uint8], ink: npt.NDArray[np.uint8]) -> None:
    levels = ink.astype(np.int16)
    if int(np.ptp(levels, axis=(1, 2)).max()) <= 2:
        raise _refused(generator, "every picture is one even grey", "are these the trained weights?")
    if int(np.ptp(levels, axis=0).max()) <= 2:
        raise _refused(generator, "every character looks the same", "is the first input the content?")
    mean = float(ink.mean() / 255)
    if mean > 0.5:
        other = "ink_high" if generator.sidecar.polarity == "ink_low" else "ink_low"
        raise _refused(generator, f"{mean:.0%} of the output is ink: white and black are swapped", f"polarity: {other}")
    for channel in range(generator.channels):
        if int(np.abs(levels - content[:, channel]).max()) <= 2:
            raise _refused(generator, "the output is the content itself", "is the output the drawn glyph?")


def _figures(count: int, channels: int, size: int, thick: int) -> npt.NDArray[np.uint8]:
    """Crosses and frames, each another one: ink (count, channels, size, size)."""
    figures = np.zeros((count, channels, size, size), np.uint8)
    edge = size // 8
    for i in range(count):
        across, down = edge + (i * size // 8) % (size // 2), edge + (i * size // 5) % (size // 2)
        for channel in range(channels):
            shift = channel * thick
            figures[i, channel, across + shift : across + shift + thick, edge:-edge] = 255
            figures[i, channel, edge:-edge, down + shift : down + shift + thick] = 255
    return figures


def _refused(generator: LoadedGenerator, what: str, cure: str) -> InputError:
    return InputError(f"generator {generator.id}: {what}", cure)


def _shape(values: npt.NDArray[np.float32]) -> str:
    return " x ".join(map(str, values.shape)) or "a single number"
