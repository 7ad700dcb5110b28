"""What ink stands on: plain, a gradient, noise, paper, stripes, a weave, or a picture of the user's.

Each kind but the last is a field of levels 0..255 that is stretched to tones between `low` and `high`; so contrast
is known before a pixel is drawn, and colour costs three such stretches.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ocrfactory.augment.backgrounds import PREFIX, File, calmed, crop, pixels_of
from ocrfactory.augment.banks import gaussian_tile, smooth_tile
from ocrfactory.augment.mixing import shaded
from ocrfactory.augment.op import Chance, Span, ems, levels, shares
from ocrfactory.rng import stream
from ocrfactory.sample import Image

cv: Any = cv2


class Grounds(BaseModel):
    """Kinds of ground by weight, and how uneven they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plain: float = Field(4.0, ge=0, description="Weight of one tone all over.")
    gradient: float = Field(1.5, ge=0, description="Weight of a gradient, linear or radial, from one tone to another.")
    noise: float = Field(1.0, ge=0, description="Weight of Gaussian noise: a sensor, newsprint.")
    paper: float = Field(2.5, ge=0, description="Weight of paper: fibres, and cloudy mottling.")
    stripes: float = Field(0.4, ge=0, description="Weight of parallel stripes: ruled paper, forms, screens.")
    weave: float = Field(0.3, ge=0, description="Weight of a weave: cloth, security print.")
    image: float | None = Field(
        None, ge=0, description="Weight of the pictures in `backgrounds`; null: 3 where there are any."
    )
    texture: Annotated[Span, levels(0, 100)] = Field(
        (3.0, 18.0), description="Half the spread of noise, paper, stripes and weave; less where contrast needs it."
    )
    slope: Annotated[Span, levels(0, 127)] = Field((8.0, 50.0), description="Half the way that a gradient goes.")
    picture: Annotated[Span, levels(0, 127)] = Field((12.0, 60.0), description="Half the spread of a background.")
    grain: Annotated[Span, ems(0.02, 10)] = Field((0.3, 3.0), description="Size of the mottling of paper.")
    pitch: Annotated[Span, ems(0.04, 10)] = Field((0.12, 1.0), description="From stripe to stripe.")
    crop: Annotated[Span, shares(0.01, 1)] = Field(
        (0.3, 1.0), description="Part of a background, of the largest of the row's shape."
    )

    @model_validator(mode="after")
    def _some(self) -> Grounds:
        if sum(map(self._weight, KINDS)) <= 0:
            raise ValueError("every ground has the weight 0")
        return self

    def _weight(self, kind: str) -> float:
        weight = getattr(self, kind)
        return IMAGE_WEIGHT if weight is None else float(weight)

    def draw(self, chance: Chance, files: tuple[File, ...]) -> tuple[dict[str, Any], float]:
        """A kind and its parameters, all but the tones; and half the spread in levels that it would like."""
        kinds = KINDS if files else KINDS[:-1]
        kind = chance.one_of(kinds, list(map(self._weight, kinds)))
        if kind == "plain":
            return {"kind": kind}, 0.0
        if kind == "gradient":
            shape = {"angle": round(chance.within((0.0, 360.0)), 1), "radial": chance.happens(0.3)}
            return {"kind": kind, **shape}, chance.within(self.slope, 0.0)
        if kind == "image":
            return {"kind": kind, **self._image(chance, files)}, chance.within(self.picture, 0.0)
        found: dict[str, Any] = {"kind": kind, "seed": chance.seed()}
        if kind == "paper":
            found["grain"] = chance.within(self.grain)
        if kind in ("stripes", "weave"):
            found["pitch"] = chance.within(self.pitch)
        if kind == "stripes":
            found["angle"] = chance.one_of((0.0, 0.0, 90.0, round(chance.within((0.0, 180.0)), 1)))
            found["share"] = chance.within((0.05, 0.5))
        return found, chance.within(self.texture, 0.0)

    def _image(self, chance: Chance, files: tuple[File, ...]) -> dict[str, Any]:
        file = files[chance.below(len(files))]
        place = {"crop": chance.within(self.crop), "x": chance.within((0, 1)), "y": chance.within((0, 1))}
        return {"file": file.name, "sha256": file.sha256[:PREFIX], **place}


IMAGE_WEIGHT = 3.0
KINDS = ("plain", "gradient", "noise", "paper", "stripes", "weave", "image")
"""In the order of the fields; `image` last."""

Drawer = Callable[[dict[str, Any], int, int, float], Image]


def ground_of(drawn: dict[str, Any], height: int, width: int, em: float, files: tuple[File, ...]) -> Image:
    """A ground by its parameters: grey or RGB as its tones are."""
    kind = drawn["kind"]
    if kind == "image":
        pixels = pixels_of(files, drawn["file"], drawn["sha256"], drawn["colour"])
        return calmed(crop(pixels, width, height, *_place(drawn)), drawn["low"], drawn["high"], drawn["spread"])
    if kind == "plain":
        shape = (height, width) if isinstance(drawn["low"], int) else (height, width, 3)
        return np.full(shape, drawn["low"], np.uint8)
    draw, half = _FIELDS[kind]
    return shaded(draw(drawn, height, width, em), drawn["low"], drawn["high"], 127.5, half)


def _place(drawn: dict[str, Any]) -> tuple[float, float, float]:
    return drawn["crop"], drawn["x"], drawn["y"]


def _gradient(drawn: dict[str, Any], height: int, width: int, em: float) -> Image:
    """0 at one side and 255 at the other; radial: 0 at a place that `angle` says, 255 at the farthest corner."""
    turn = math.radians(drawn["angle"])
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    if drawn["radial"]:
        # Smooth, so every fourth pixel is enough, and the root of all of them would cost more than all the rest.
        x, y = x[::4] - width * (0.5 + 0.5 * math.cos(turn)), y[::4] - height * (0.5 + 0.5 * math.sin(turn))
        far = float(np.abs(x).max()) ** 2 + float(np.abs(y).max()) ** 2
        coarse = cv.convertScaleAbs(cv.sqrt(x * x + y * y), alpha=255 / math.sqrt(far))
        return cv.resize(coarse, (width, height), interpolation=cv.INTER_LINEAR)  # type: ignore[no-any-return]
    # Along the unit square, not along pixels: on a line forty times as long as high, each angle is to be seen.
    dx, dy = math.cos(turn), math.sin(turn)
    scale = 255 / (abs(dx) + abs(dy))
    start = -scale * (min(dx, 0) + min(dy, 0))
    ramp = x * np.float32(scale * dx / max(width - 1, 1)) + np.float32(start)
    return cv.convertScaleAbs(ramp + y * np.float32(scale * dy / max(height - 1, 1)))  # type: ignore[no-any-return]


def _noise(drawn: dict[str, Any], height: int, width: int, em: float) -> Image:
    return gaussian_tile(height, width, drawn["seed"])


def _paper(drawn: dict[str, Any], height: int, width: int, em: float) -> Image:
    """Clouds, fibres and a little noise; the deviation of both together is that of Gaussian noise, 32."""
    seed = drawn["seed"]
    clouds = smooth_tile(height, width, seed, drawn["grain"] * em)
    sheet = _sheet()
    rows, columns = sheet.shape
    y, x = seed % (rows - min(height, rows) + 1), seed // 4096 % (columns - min(width, columns) + 1)
    part = sheet[y : y + height, x : x + width]
    if part.shape != (height, width):
        part = cv.copyMakeBorder(part, 0, height - part.shape[0], 0, width - part.shape[1], cv.BORDER_REFLECT)
    return cv.addWeighted(clouds, 0.4, part, 0.8, -0.2 * 128)  # type: ignore[no-any-return]


@lru_cache(1)
def _sheet() -> Image:
    """Fibres as one sees them against the light: mean 128, standard deviation 32. The same in every process."""
    generator = stream(0, "paper")
    rows, columns, count = 512, 2048, 9000
    sheet = np.full((rows, columns), 128, np.uint8)
    x, y = generator.uniform(0, columns, count), generator.uniform(0, rows, count)
    turn, bend = generator.uniform(0, 2 * np.pi, count), generator.normal(0, 0.5, count)
    length, tone = generator.uniform(8, 40, count), generator.integers(0, 256, count).tolist()
    for i in range(count):
        angles = turn[i] + bend[i] * np.linspace(0, 1, 5)
        ways = np.stack([np.cos(angles), np.sin(angles)], axis=1) * (length[i] / 5)
        path = np.cumsum(ways, axis=0) + np.array((x[i], y[i]))
        cv.polylines(sheet, [np.int32(path * 16)], False, tone[i], 1, cv.LINE_AA, 4)
    fine = gaussian_tile(rows, columns, 1)
    mixed = cv.addWeighted(cv.blur(sheet, (2, 2)), 0.7, fine, 0.5, 0).astype(np.float32)
    found: Image = np.clip((mixed - mixed.mean()) * (32 / mixed.std()) + 128, 0, 255).astype(np.uint8)
    found.setflags(write=False)
    return found


def _stripes(drawn: dict[str, Any], height: int, width: int, em: float) -> Image:
    """At an angle of 0 they lie along the line."""
    turn = math.radians(drawn["angle"])
    across, down = 256 * math.sin(turn), 256 * math.cos(turn)
    phase = _phase(drawn, height, em, down)[:, None] + _phase(drawn, width, em, across)  # uint8 wraps, as a phase does
    return cv.LUT(phase, _profile(drawn["share"]))  # type: ignore[no-any-return]


def _weave(drawn: dict[str, Any], height: int, width: int, em: float) -> Image:
    """Threads along the line and across it, half as strong each."""
    half = _profile(0.5) // 2
    woven: Image = half[_phase(drawn, height, em, 256.0)][:, None] + half[_phase(drawn, width, em, 256.0)]
    return woven


def _phase(drawn: dict[str, Any], count: int, em: float, per_pitch: float) -> Any:
    """Where in its period each pixel of a side lies, 256 steps a period."""
    steps = np.arange(count) * (per_pitch / max(drawn["pitch"] * em, 3.0)) + drawn["seed"] % 256
    return steps.astype(np.int64).astype(np.uint8)


@lru_cache(256)
def _profile(share: float) -> Image:
    """One period: 0 for a share of it, then 255, with soft edges."""
    phase = np.abs(np.arange(256) - 128.0) / 128.0
    profile: Image = (np.clip((phase - share) * 6 + 0.5, 0, 1) * 255).astype(np.uint8)
    return profile


_FIELDS: dict[str, tuple[Drawer, float]] = {
    "gradient": (_gradient, 127.5),
    "noise": (_noise, 52.6),
    "paper": (_paper, 52.6),
    "stripes": (_stripes, 127.5),
    "weave": (_weave, 127.5),
}
"""How a kind is drawn, and half of the spread of its levels; for fields like noise 1.645 of 32, so 5 % are beyond."""
