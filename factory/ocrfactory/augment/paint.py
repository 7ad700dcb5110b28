"""From a plain drawing to a picture: ground, shadow, block, outline, ink; with contrast that holds by construction.

Levels are chosen as for dark ink on light ground; light ink on dark ground is the mirror image of that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from ocrfactory.augment.backgrounds import File, Found, settle_backgrounds
from ocrfactory.augment.effects import Emboss, Extrude, Hollow, Room, Shadow, Stroke, Uneven, arranged, worn
from ocrfactory.augment.frame import Frame, cv
from ocrfactory.augment.grounds import Grounds, ground_of
from ocrfactory.augment.mixing import blended, grey, over, over_plain
from ocrfactory.augment.op import Chance, Op
from ocrfactory.augment.tones import (
    MIRRORED,
    MODES,
    Blend,
    Tone,
    Tones,
    apart,
    as_tones,
    channels,
    coloured,
    drawn_tone,
    luma,
    mirrored,
)
from ocrfactory.errors import Reject
from ocrfactory.sample import Image

ROUNDING = 2.0
"""Grey levels that rounding to whole levels, in three steps, may take from the contrast."""
THIN = 2.0
"""How much more contrast a mere outline takes, where the tones allow it."""
UNDER = ("stroke", "extrude")
"""Opaque layers right under the ink."""


class Paint(Op):
    """Ink and ground as paper, posters and screens have them, in place of black on white. A mode that cannot keep the
    contrast, or that would mix with an outline or a block, becomes normal."""

    wants_clean: ClassVar[bool] = True

    op: Literal["paint"] = "paint"
    ink: Annotated[Tones, BeforeValidator(as_tones)] = Field(
        Tones(levels=(0.0, 90.0)), description="Tones of dark ink."
    )
    ground: Annotated[Tones, BeforeValidator(as_tones)] = Field(
        Tones(levels=(165.0, 255.0), saturation=(0.0, 0.6)), description="Tones of light ground."
    )
    contrast: float = Field(60.0, ge=0, le=250, description="Least luma between ink and what is under it, of 255.")
    invert: float = Field(0.12, ge=0, le=1, description="Share of light ink on dark ground; the tones change places.")
    colour: float = Field(0.0, ge=0, le=1, description="Share of pictures in colour; the others stay grey.")
    grounds: Grounds = Field(default_factory=Grounds, description="Kinds of ground.")
    backgrounds: str | None = Field(None, description="A folder of pictures to use as ground.")
    blend: Blend = Field(default_factory=Blend, description="How ink meets ground.")
    uneven: Uneven = Field(default_factory=Uneven, description="Ink that covers unevenly.")
    stroke: Stroke = Field(default_factory=Stroke, description="An outline.")
    shadow: Shadow = Field(default_factory=Shadow, description="A drop shadow.")
    extrude: Extrude = Field(default_factory=Extrude, description="Block letters.")
    emboss: Emboss = Field(default_factory=Emboss, description="A relief.")
    hollow: Hollow = Field(default_factory=Hollow, description="Outline only.")

    _files: tuple[File, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _contrast_fits(self) -> Paint:
        lost = self.uneven.amount[1] if self.uneven.p else 0.0
        need = self.contrast / (self.blend.opacity[0] * (1 - lost)) + ROUNDING
        widest = self.ground.levels[1] - self.ink.levels[0]
        if widest < need:
            raise ValueError(
                f"ink from {self.ink.levels[0]:g} and ground up to {self.ground.levels[1]:g} are {widest:g} levels "
                f"apart; a contrast of {self.contrast:g} with this opacity and uneven.amount takes {math.ceil(need)}"
            )
        return self

    @model_validator(mode="after")
    def _images_have_a_folder(self) -> Paint:
        kinds = self.grounds
        others = kinds.plain + kinds.gradient + kinds.noise + kinds.paper + kinds.stripes + kinds.weave
        if self.backgrounds is None and ((kinds.image or 0) > 0 or others <= 0):
            raise ValueError("grounds.image takes a folder of pictures: set backgrounds")
        if self.backgrounds is not None and kinds.image == 0:
            raise ValueError("backgrounds is given, but grounds.image is 0, so none would be used")
        return self

    def portable(self) -> Paint:
        """The same op with its folder cut to the last part: what a recipe's hash is made of."""
        return self.model_copy(update={"backgrounds": self.backgrounds and Path(self.backgrounds).name})

    def settle(self, base: Path | None = None) -> Found | None:
        """For the plan: the backgrounds, None without any. Raises InputError where no picture can be read."""
        return None if self.backgrounds is None else settle_backgrounds(self.backgrounds, base)

    def with_files(self, files: tuple[File, ...]) -> Paint:
        """For the worker: a copy that knows the planned backgrounds."""
        copy = self.model_copy()
        copy._files = files
        return copy

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op`."""
        if self.backgrounds is not None and not self._files:
            raise RuntimeError("paint with backgrounds draws after `with_files`")
        colour, dark = chance.happens(self.colour), not chance.happens(self.invert)
        effects = self._effects(chance)
        opacity = chance.within(self.blend.opacity, 1.0)
        kept = opacity * (1 - effects.get("uneven", {}).get("amount", 0.0))
        need = self.contrast / kept * (THIN if "hollow" in effects else 1.0) + ROUNDING
        ground, spread = self.grounds.draw(chance, self._files)
        low, high, ink = self._levels(chance, dark, spread, need)
        ground |= self._ground(chance, ground["kind"], low, high, dark, colour, spread)
        tint = drawn_tone(chance, ink, (self.ink if dark else self.ground).saturation, colour)
        mode = chance.one_of(MODES, self.blend.weights)
        mode = mode if dark else MIRRORED.get(mode, mode)
        if any(name in effects for name in UNDER) or not _holds(mode, tint, ground, self.contrast / kept):
            mode = "normal"
        self._tune(chance, effects, colour, low, ink, need)
        return {"ground": ground, "ink": tint, "mode": mode, "opacity": opacity, "contrast": self.contrast, **effects}

    def _effects(self, chance: Chance) -> dict[str, Any]:
        """Which effects, and their parameters but for tones. Hollow letters have neither outline nor block."""
        found = {}
        for name in ("hollow", "stroke", "extrude", "emboss", "shadow", "uneven"):
            effect = getattr(self, name)
            if chance.happens(effect.p) and not ("hollow" in found and name in UNDER):
                found[name] = effect.draw(chance)
        return found

    def _levels(self, chance: Chance, dark: bool, spread: float, need: float) -> tuple[int, int, int]:
        """Levels of the ground at its darkest and lightest, and of the ink."""
        light, tint = self.ground.levels, self.ink.levels
        if not dark:
            light, tint = mirrored(tint), mirrored(light)
        spread = min(spread, max(light[1] - tint[0] - need, 0.0))
        least = min(max(light[0], tint[0] + need + spread), light[1])
        middle = chance.within((least, light[1]), 255.0)
        ink = chance.within((tint[0], max(tint[0], min(tint[1], middle - spread - need))), 0.0)
        found = math.ceil(middle - spread), min(math.ceil(middle + spread), 255), math.floor(ink)
        return found if dark else (255 - found[0], 255 - found[1], 255 - found[2])

    def _ground(
        self, chance: Chance, kind: str, low: int, high: int, dark: bool, colour: bool, spread: float
    ) -> dict[str, Any]:
        """Tones at both ends of the ground. Only a gradient goes from one hue to another."""
        saturation = (self.ground if dark else self.ink).saturation
        if kind == "image":
            return {"low": low if dark else 0, "high": 255 if dark else low, "spread": spread, "colour": colour}
        if kind == "plain":
            return {"low": drawn_tone(chance, low, saturation, colour)}
        if not colour:
            return {"low": low, "high": high}
        hue, much = chance.unit(), chance.within(saturation, 0.0)
        end = hue + chance.within((-0.2, 0.2), 0.0) if kind == "gradient" else hue
        return {"low": coloured(low, hue, much), "high": coloured(high, end % 1, much)}

    def _tune(self, chance: Chance, effects: dict[str, Any], colour: bool, low: int, ink: int, need: float) -> None:
        """Tones of what lies under the ink, as far from it as the ground is; shadows as strong as that allows.

        `low` is the level of the ground that is nearest to the ink.
        """
        for name in UNDER:
            if name in effects:
                effects[name]["tone"] = drawn_tone(chance, apart(chance, ink, need), self.ground.saturation, colour)
        dark = ink < low
        far, near = (low, ink) if dark else (255 - low, 255 - ink)
        most = round(max(0.0, 1 - (near + need) / max(far, 1)), 4)
        limited = [("shadow", "opacity"), ("emboss", "dark")] if dark else [("emboss", "light")]
        for name, edge in limited:
            if name in effects:
                effects[name][edge] = min(effects[name][edge], most)

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op`. Raises Reject: `not_clean`, `background_changed`, `unseen`."""
        if not frame.clean or frame.image.ndim != 2:
            raise Reject("not_clean", "paint takes a plain drawing, black on white: only geometry may come before")
        image = painted(frame, drawn, self._files)
        frame.put(image)
        frame.clean = False
        plain = drawn["ground"]["kind"] == "plain" and image.ndim == 2
        frame.ground = drawn["ground"]["low"] if plain else None


def _holds(mode: str, ink: Tone, ground: dict[str, Any], need: float) -> bool:
    """Whether opaque ink keeps `need` levels of luma in a blend mode, at both ends of a ground."""
    ends = ground["low"], ground.get("high", ground["low"])
    return mode == "normal" or all(_difference(mode, ink, end) >= need + ROUNDING for end in ends)


def _difference(mode: str, ink: Tone, ground: Tone) -> float:
    """The levels of luma between opaque ink and a ground, which may be grey under coloured ink."""
    below = [ground] * 3 if isinstance(ink, list) and isinstance(ground, int) else channels(ground)
    shown = [float(blended(mode, *pair)) for pair in zip(below, channels(ink), strict=True)]
    return abs(luma(shown if len(shown) == 3 else shown[0]) - luma(ground))


def painted(frame: Frame, drawn: dict[str, Any], files: tuple[File, ...]) -> Image:
    """The picture. Ink that cannot be told from what is under it is moved away from it, at most twice.

    Raises:
        Reject: `background_changed`; `unseen`, if that did not help.
    """
    ground, (height, width) = drawn["ground"], frame.pixels().shape
    layers, ink = arranged(cv.bitwise_not(frame.image), drawn, frame.em, Room(frame))
    cover = worn(ink, drawn["uneven"], frame.em) if "uneven" in drawn else ink
    tint, mode, opacity, contrast = drawn["ink"], drawn["mode"], drawn["opacity"], drawn["contrast"]
    plain = ground["kind"] == "plain" and not layers
    if plain and opacity * _difference(mode, tint, ground["low"]) >= contrast - ROUNDING:
        return over_plain(ground["low"], cover, tint, mode, opacity)
    bottom = below = ground_of(ground, height, width, frame.em, files)
    for layer in layers:
        below = over(below, layer.coverage, layer.tone, "normal", layer.opacity)
    seen = _Seen(ink, bottom, below)
    image = over(below, cover, tint, mode, opacity)
    if (found := seen.by(image)) >= contrast - ROUNDING:
        return image
    for tone in _stronger(tint, seen):
        image = over(below, cover, tone, "normal", 1.0)
        if (found := seen.by(image)) >= contrast - ROUNDING:
            return image
    raise Reject("unseen", f"ink and ground are {found:.0f} levels apart, {contrast:.0f} are wanted")


def _stronger(ink: Tone, seen: _Seen) -> Iterator[Tone]:
    """Tones farther away from what lies under the ink: half the way to black or white, and all of it."""
    end = 0 if luma(ink) <= seen.level else 255
    half = [(tone + end) // 2 for tone in channels(ink)]
    yield half if isinstance(ink, list) else half[0]
    yield [end] * 3 if isinstance(ink, list) else end


class _Seen:
    """Measures ink against what was there before, where its coverage is at least nine tenths of the most."""

    def __init__(self, coverage: Image, bottom: Image, below: Image) -> None:
        most = float(coverage.max())
        self.core = cv.threshold(coverage, 0.9 * most - 1, 255, cv.THRESH_BINARY)[1]
        self.weight = cv.norm(coverage, cv.NORM_L1, self.core) / 255
        self.grounds = [grey(bottom)] if below is bottom else [grey(bottom), grey(below)]

    def by(self, image: Image) -> float:
        """The mean difference in luma of opaque ink; the smaller one of that to the ground and to what is on it."""
        if not self.weight:
            return 255.0
        shown = grey(image)
        least = min(cv.norm(shown, ground, cv.NORM_L1, self.core) for ground in self.grounds)
        return float(least / self.weight)

    @property
    def level(self) -> float:
        """The mean luma under the ink."""
        return cv.mean(self.grounds[-1], self.core)[0]  # type: ignore[no-any-return]


OPS: tuple[type[Op], ...] = (Paint,)
