"""What lens, sensor and file do to sharpness: blur, motion, defocus, sharpening, another resolution, JPEG."""

from __future__ import annotations

from math import ceil, cos, radians, sin
from typing import Annotated, Any, Literal

import cv2
import numpy as np
from pydantic import Field

from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Op, Span, degrees, ems, numbers, shares
from ocrfactory.errors import Reject
from ocrfactory.sample import Image

cv: Any = cv2

Interpolation = Literal["nearest", "linear", "cubic", "area"]
_METHODS = {"nearest": cv.INTER_NEAREST, "linear": cv.INTER_LINEAR, "cubic": cv.INTER_CUBIC, "area": cv.INTER_AREA}
_LEAST_SIGMA = 0.15
"""Pixels: below it the neighbour's weight is under one level of 255."""

_LONGEST_JPEG = 65_500


class Blur(Op):
    """Gaussian blur: a soft lens, a scaled picture."""

    op: Literal["blur"] = "blur"
    sigma: Annotated[Span, ems(0, 0.2), Field(description="Standard deviation of the Gaussian, in em.")] = (0.0, 0.02)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"sigma": chance.within(self.sigma, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        frame.put(_gaussian(frame.pixels(), drawn["sigma"] * frame.em))


class MotionBlur(Op):
    """The camera or the paper moved during the exposure: every point becomes a line."""

    op: Literal["motion_blur"] = "motion_blur"
    length: Annotated[Span, ems(0, 0.4), Field(description="Length of the line, in em.")] = (0.02, 0.08)
    angle: Annotated[Span, degrees(-180, 180), Field(description="Direction; 0 is along the row.")] = (-90.0, 90.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"length": chance.within(self.length, 0), "angle": chance.within(self.angle)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        frame.put(_filtered(frame.pixels(), _line(drawn["length"] * frame.em, drawn["angle"])))


class Defocus(Op):
    """The lens is out of focus: every point becomes a disc."""

    op: Literal["defocus"] = "defocus"
    radius: Annotated[Span, ems(0, 0.15), Field(description="Radius of the disc, in em.")] = (0.0, 0.03)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"radius": chance.within(self.radius, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        frame.put(_filtered(frame.pixels(), _disc(drawn["radius"] * frame.em)))


class Sharpen(Op):
    """Unsharp mask, as scanners and phones apply it: edges get halos."""

    op: Literal["sharpen"] = "sharpen"
    amount: Annotated[Span, numbers(0, 5), Field(description="How many times the lost detail is added.")] = (0.2, 1.0)
    radius: Annotated[Span, ems(0.005, 0.1), Field(description="Sigma of the blur whose loss is added, in em.")] = (
        0.015,
        0.03,
    )

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"amount": chance.within(self.amount, 0), "radius": chance.within(self.radius)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, amount = frame.pixels(), round(drawn["amount"] * 4096) / 4096  # exact in float32, as in `banks.added`
        soft = _gaussian(image, max(drawn["radius"] * frame.em, 0.5))
        frame.put(cv.addWeighted(image, 1 + amount, soft, -amount, 0))


class Resample(Op):
    """The picture was smaller once: made smaller, then larger again, each by a method of its own."""

    op: Literal["resample"] = "resample"
    factor: Annotated[Span, shares(0.15, 1), Field(description="Size in between, as a share of the size.")] = (0.5, 1.0)
    down: tuple[Interpolation, ...] = Field(("linear", "cubic", "area"), min_length=1, description="Methods down.")
    up: tuple[Interpolation, ...] = Field(("nearest", "linear", "cubic"), min_length=1, description="Methods up.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "factor": chance.within(self.factor, 1),
            "down": chance.one_of(self.down),
            "up": chance.one_of(self.up),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image = frame.pixels()
        height, width = image.shape[:2]
        size = max(1, round(width * drawn["factor"])), max(1, round(height * drawn["factor"]))
        small = cv.resize(image, size, interpolation=_METHODS[drawn["down"]])
        frame.put(cv.resize(small, (width, height), interpolation=_METHODS[drawn["up"]]))


class Jpeg(Op):
    """Stored as JPEG once: blocks, and ringing round the strokes."""

    op: Literal["jpeg"] = "jpeg"
    quality: Annotated[Span, numbers(1, 100), Field(description="JPEG quality, 1 to 100.")] = (40.0, 95.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"quality": round(chance.within(self.quality, 100))}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`. JPEG's colours are luminance and chroma, so the order of channels matters.

        Raises:
            Reject: `too_long`: more pixels in a row than the format has room for.
        """
        image = frame.pixels()
        if max(image.shape) > _LONGEST_JPEG:
            raise Reject("too_long", f"{max(image.shape)} pixels, JPEG takes {_LONGEST_JPEG}")
        colour = image.ndim == 3
        given = cv.cvtColor(image, cv.COLOR_RGB2BGR) if colour else image
        _, data = cv.imencode(".jpg", given, (cv.IMWRITE_JPEG_QUALITY, drawn["quality"]))
        found = cv.imdecode(data, cv.IMREAD_COLOR if colour else cv.IMREAD_GRAYSCALE)
        frame.put(cv.cvtColor(found, cv.COLOR_BGR2RGB) if colour else found)


def _gaussian(image: Image, sigma: float) -> Image:
    if sigma < _LEAST_SIGMA:
        return image
    return cv.GaussianBlur(image, (0, 0), sigma, borderType=cv.BORDER_REPLICATE)  # type: ignore[no-any-return]


def _filtered(image: Image, kernel: Any) -> Image:
    """The image under a kernel of any positive weights. The border is repeated: what is outside is like the edge."""
    kernel = kernel / kernel.sum()
    return cv.filter2D(image, -1, kernel, borderType=cv.BORDER_REPLICATE)  # type: ignore[no-any-return]


def _line(length: float, angle: float) -> Any:
    """Weights of a line through the centre, `length` pixels long and one wide; no length is a single pixel."""
    dx, dy = cos(radians(angle)), -sin(radians(angle))
    half = length / 2 + 0.5
    x, y = _around(abs(dx) * half + abs(dy), abs(dy) * half + abs(dx))
    along, across = np.abs(x * dx + y * dy), np.abs(x * dy - y * dx)
    return np.clip(half - along, 0, 1) * np.clip(1 - across, 0, 1)


def _disc(radius: float) -> Any:
    """Weights of a disc of `radius` pixels whose edge is smooth; no radius is a single pixel."""
    x, y = _around(radius + 0.5, radius + 0.5)
    return np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)


def _around(right: float, down: float) -> tuple[Any, Any]:
    """Coordinates x (1, w) and y (h, 1), in pixels, of the pixels that are nearer to a centre than both distances."""
    columns, rows = max(ceil(right - 1e-6) - 1, 0), max(ceil(down - 1e-6) - 1, 0)
    x = np.arange(-columns, columns + 1, dtype=np.float32)
    return x[None, :], np.arange(-rows, rows + 1, dtype=np.float32)[:, None]


OPS: tuple[type[Op], ...] = (Blur, MotionBlur, Defocus, Sharpen, Resample, Jpeg)
