"""Noise of sensors, of damaged pixels and of film. Windows of fixed banks: see `banks`."""

from __future__ import annotations

from math import log
from typing import Annotated, Any, Literal

import cv2
import numpy as np
from pydantic import Field

from ocrfactory.augment import banks
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Op, Span, ems, levels, shares
from ocrfactory.rng import stream
from ocrfactory.sample import Image

cv: Any = cv2

_UNIT = 256
"""How a weight of 1 is written in int16."""
_WEIGHTS: dict[str, Any] = {
    "poisson": np.rint(_UNIT * np.sqrt(np.arange(256) / 255)).astype(np.int16),
    "speckle": np.rint(_UNIT * np.arange(256) / 255).astype(np.int16),
}
"""Deviation at each level, as a share of that at white: of counted light, and of a gain that wavers."""


class Noise(Op):
    """Noise of a sensor, pixel by pixel."""

    op: Literal["noise"] = "noise"
    kind: Literal["gaussian", "poisson", "speckle", "uniform"] = Field(
        "gaussian",
        description="gaussian and uniform are the same at every level; the deviation of poisson grows with the root "
        "of the level, that of speckle with the level, and `sd` is that of white.",
    )
    sd: Annotated[Span, levels(0, 100), Field(description="Standard deviation in grey levels.")] = (2.0, 12.0)
    colour: float = Field(0.5, ge=0, le=1, description="Share of colour pictures whose channels get their own noise.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "kind": self.kind,
            "sd": chance.within(self.sd, 0),
            "colour": chance.happens(self.colour),
            "seed": chance.seed(),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, kind, sd = frame.pixels(), drawn["kind"], drawn["sd"]
        bank = banks.uniform_tile if kind == "uniform" else banks.gaussian_tile
        tile = _tile_for(image, bank, drawn["seed"], drawn["colour"])
        if kind == "uniform":
            frame.put(banks.added(image, tile, banks.UNIFORM_MEAN, sd / banks.UNIFORM_SD))
        elif kind == "gaussian":
            frame.put(banks.added(image, tile, banks.MEAN, sd / banks.GAUSSIAN_SD))
        else:
            weights = cv.LUT(image, _WEIGHTS[kind])
            centred = cv.subtract(tile, (banks.MEAN,) * 4, dtype=cv.CV_16S)
            noise = cv.multiply(centred, weights, scale=sd / (banks.GAUSSIAN_SD * _UNIT))
            frame.put(cv.add(image, noise, dtype=cv.CV_8U))


class SaltPepper(Op):
    """Dead pixels and bits lost on the way: single pixels are white or black."""

    op: Literal["salt_pepper"] = "salt_pepper"
    share: Annotated[Span, shares(0, 0.5), Field(description="Share of the pixels that are replaced.")] = (0.0, 0.02)
    salt: Annotated[Span, shares(0, 1), Field(description="Share of white ones among them.")] = (0.5, 0.5)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"share": chance.within(self.share, 0), "salt": chance.within(self.salt), "seed": chance.seed()}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`. Places may repeat, so there are a few more of them than pixels to hit."""
        image = frame.pixels().copy()
        pixels = image.shape[0] * image.shape[1]
        count = round(-log(1 - drawn["share"]) * pixels)
        raw = stream(drawn["seed"], "salt_pepper").bit_generator.random_raw(count)
        at = ((raw >> np.uint64(32)) * np.uint64(pixels) >> np.uint64(32)).astype(np.intp)
        white = (raw & np.uint64(0xFFFFFFFF)) < np.uint64(round(drawn["salt"] * 2**32))
        flat = image.reshape(pixels, -1)
        flat[at] = (white * np.uint8(255))[:, None]
        frame.put(image)


class Grain(Op):
    """Grain of film and of paper fibres: noise whose spots are wider than a pixel, light and dark."""

    op: Literal["grain"] = "grain"
    sd: Annotated[Span, levels(0, 80), Field(description="Standard deviation in grey levels.")] = (2.0, 12.0)
    size: Annotated[Span, ems(0.01, 1), Field(description="Width of a spot, in em; two pixels at least.")] = (0.04, 0.1)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"sd": chance.within(self.sd, 0), "size": chance.within(self.size), "seed": chance.seed()}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image = frame.pixels()
        height, width = image.shape[:2]
        tile = banks.smooth_tile(height, width, drawn["seed"], drawn["size"] * frame.em)
        tile = cv.cvtColor(tile, cv.COLOR_GRAY2RGB) if image.ndim == 3 else tile
        frame.put(banks.added(image, tile, banks.MEAN, drawn["sd"] / banks.SMOOTH_SD))


def _tile_for(image: Image, bank: Any, seed: int, own_channels: bool) -> Image:
    """A tile of the picture's shape: channels alike, or each with its own noise."""
    height, width = image.shape[:2]
    if image.ndim == 2:
        return bank(height, width, seed)  # type: ignore[no-any-return]
    if own_channels:
        return np.ascontiguousarray(bank(height, 3 * width, seed)).reshape(height, width, 3)
    return cv.cvtColor(bank(height, width, seed), cv.COLOR_GRAY2RGB)  # type: ignore[no-any-return]


OPS: tuple[type[Op], ...] = (Noise, SaltPepper, Grain)
