"""What printing and copying do to strokes. All of it changes which pixels are ink, so real scans are spared.

Ink is what differs from the ground: dark on light, or light on dark, which is turned before and after. Every op works
against the ground around it, so shadows and textures stay what they are.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Annotated, Any, ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ocrfactory.augment.banks import smooth_tile
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.mixing import grey
from ocrfactory.augment.op import Chance, Op, Span, ems, numbers, shares
from ocrfactory.rng import stream
from ocrfactory.sample import Image

cv: Any = cv2

LEVELS = np.arange(256, dtype=np.float32)
GROUND_WINDOW = 0.6
"""Em: a window this wide always holds ground, in the densest glyph too."""
LEAST_CONTRAST = 12
"""Grey levels between ink and ground; below it there is nothing to threshold."""


class InkOp(Op):
    """An op that changes which pixels are ink."""

    pollutes: ClassVar[bool] = True

    force: bool = Field(False, description="Allow it on real scans, whose strokes it may ruin.")


class Erode(InkOp):
    """Strokes get thinner: a light copy, a low threshold, worn type."""

    op: Literal["erode"] = "erode"
    radius: Annotated[
        Span, ems(0, 0.05), Field(description="How far each edge of a stroke goes back; parts of a pixel count.")
    ] = (0.0, 0.012)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"radius": chance.within(self.radius, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        put_back(frame, moved_edges(image, drawn["radius"] * frame.em, cv.dilate), turned)


class Dilate(InkOp):
    """Strokes get thicker: a dark copy, a high threshold, soaked paper."""

    op: Literal["dilate"] = "dilate"
    radius: Annotated[
        Span, ems(0, 0.08), Field(description="How far each edge of a stroke goes out; parts of a pixel count.")
    ] = (0.0, 0.02)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {"radius": chance.within(self.radius, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        put_back(frame, moved_edges(image, drawn["radius"] * frame.em, cv.erode), turned)


class Binarise(InkOp):
    """Black and white only: fax, old copiers, scans stored with one bit a pixel."""

    op: Literal["binarise"] = "binarise"
    threshold: Annotated[
        Span,
        shares(0.1, 0.9),
        Field(description="Where the threshold lies on the way from ink (0) to ground (1); higher is bolder."),
    ] = (0.4, 0.65)
    local: float = Field(0.7, ge=0, le=1, description="How often the threshold follows the ground around each pixel.")

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. With less than full strength, grey levels shine through."""
        drawn = {"threshold": chance.within(self.threshold), "local": chance.happens(self.local)}
        return drawn | {"blend": round(chance.strength, 6)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        level = grey(image)
        if drawn["local"]:
            level = cv.bitwise_not(cv.subtract(ground_of(level, frame.em), level))
        black, white = _ends(level)
        if white - black < LEAST_CONTRAST:
            return
        blend = exact(drawn["blend"])
        bits = cv.threshold(level, black + drawn["threshold"] * (white - black), 255, cv.THRESH_BINARY)[1]
        bits = bits if image.ndim == 2 else cv.cvtColor(bits, cv.COLOR_GRAY2RGB)
        put_back(frame, cv.addWeighted(bits, blend, image, 1 - blend, 0) if blend < 1 else bits, turned)
        if blend == 1:
            frame.ground = 0 if turned else 255


class InkBleed(InkOp):
    """Ink runs into the paper: edges spread unevenly, as on newsprint or with a felt pen."""

    op: Literal["ink_bleed"] = "ink_bleed"
    spread: Annotated[Span, ems(0, 0.08), Field(description="About how far ink runs.")] = (0.01, 0.03)
    roughness: Annotated[Span, shares(0, 1), Field(description="How uneven the new edges are.")] = (0.4, 1.0)
    grain: Annotated[Span, ems(0.02, 0.5), Field(description="Size of the unevenness.")] = (0.04, 0.12)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "spread": chance.within(self.spread, 0),
            "roughness": chance.within(self.roughness),
            "grain": chance.within(self.grain),
            "seed": chance.seed(),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`. A noisy threshold on blurred ink says where; the darkest neighbour says what colour."""
        image, turned = dark_ink(frame)
        spread = drawn["spread"] * frame.em
        level = grey(image)
        ink = cv.subtract(ground_of(level, frame.em), level)
        contrast = cv.minMaxLoc(ink)[1]
        if contrast < LEAST_CONTRAST:
            return
        sigma = max(spread, 0.5)
        side = 2 * ceil(2 * sigma) + 1
        blurred = cv.GaussianBlur(ink, (side, side), sigma)
        noise = smooth_tile(frame.height, frame.width, drawn["seed"], drawn["grain"] * frame.em)
        rough = exact(0.6 * drawn["roughness"])
        # 128 where the ink ends: a third of the contrast, more or less by the noise; then a steep edge
        far = cv.addWeighted(blurred, exact(255 / contrast), noise, rough, 128 - 85 - 128 * rough)
        where = cv.LUT(far, _ramp(128, 40))
        put_back(frame, darkened(image, moved_edges(image, 1.5 * spread, cv.erode), where), turned)


class Dropout(InkOp):
    """Patches where ink is missing: dry ribbon, rough paper, a worn plate."""

    op: Literal["dropout"] = "dropout"
    share: Annotated[Span, shares(0, 0.6), Field(description="Share of the area that lost its ink.")] = (0.01, 0.08)
    size: Annotated[Span, ems(0.02, 1), Field(description="Size of a patch.")] = (0.04, 0.15)
    depth: Annotated[Span, shares(0, 1), Field(description="How much of the ink is gone there.")] = (0.6, 1.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "share": chance.within(self.share, 0),
            "size": chance.within(self.size),
            "depth": chance.within(self.depth, 0),
            "seed": chance.seed(),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        noise = smooth_tile(frame.height, frame.width, drawn["seed"], drawn["size"] * frame.em)
        where = highest(noise, drawn["share"])
        put_back(frame, lightened(image, ground_of(image, frame.em), where, drawn["depth"]), turned)


class BrokenStrokes(InkOp):
    """Thin cuts through strokes: hairlines that did not print, scratches in a plate or film."""

    op: Literal["broken_strokes"] = "broken_strokes"
    cuts: Annotated[Span, numbers(0, 20), Field(description="Cuts in each em square.")] = (0.5, 2.5)
    width: Annotated[Span, ems(0.002, 0.08), Field(description="Width of a cut.")] = (0.01, 0.03)
    length: Annotated[Span, ems(0.05, 3), Field(description="Length of a cut; each has half to all of it.")] = (
        0.2,
        0.8,
    )
    depth: Annotated[Span, shares(0, 1), Field(description="How much of the ink is gone there.")] = (0.7, 1.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "cuts": chance.within(self.cuts, 0),
            "width": chance.within(self.width),
            "length": chance.within(self.length),
            "depth": chance.within(self.depth, 0),
            "seed": chance.seed(),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        lines = _cuts(frame, drawn["seed"], drawn["cuts"], drawn["length"])
        if not len(lines):
            return
        where = stroked(image.shape[:2], lines, drawn["width"] * frame.em)
        put_back(frame, lightened(image, ground_of(image, frame.em), where, drawn["depth"]), turned)


class Ghost(InkOp):
    """A second, fainter print beside the first: double strike of a typewriter, slipped paper."""

    op: Literal["ghost"] = "ghost"
    shift: Annotated[Span, ems(0, 0.3), Field(description="How far the second print is off.")] = (0.02, 0.07)
    opacity: Annotated[Span, shares(0, 1), Field(description="Ink of the second print.")] = (0.15, 0.45)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. Recorded as dx and dy, in em."""
        shift, angle = chance.within(self.shift, 0), 2 * np.pi * chance.unit()
        dx, dy = round(shift * float(np.cos(angle)), 6), round(shift * float(np.sin(angle)), 6)
        return {"dx": dx, "dy": dy, "opacity": chance.within(self.opacity, 0)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        image, turned = dark_ink(frame)
        ink = cv.subtract(ground_of(image, frame.em), image)
        move = np.array([[1, 0, drawn["dx"] * frame.em], [0, 1, drawn["dy"] * frame.em]])
        second = cv.warpAffine(ink, move, (frame.width, frame.height))
        # ink on ink is no darker than ink: only what the first print left bare takes the second
        bare = cv.subtract(cv.convertScaleAbs(second, alpha=drawn["opacity"]), ink)
        put_back(frame, cv.subtract(image, bare), turned)


def dark_ink(frame: Frame) -> tuple[Image, bool]:
    """The picture with dark ink on a light ground, and whether it had to be turned for that."""
    image = frame.pixels()
    if frame.ground is not None:
        turned = frame.ground < 128
    else:
        # most pixels are ground, so the median lies there, and ink pulls the mean towards itself
        level = grey(image)
        turned = quantile(level, 0.5) < cv.mean(level)[0] - 0.5
    return (cv.bitwise_not(image) if turned else image), bool(turned)


def put_back(frame: Frame, image: Image, turned: bool) -> None:
    """Give a frame the picture that was made of what `dark_ink` gave."""
    frame.put(cv.bitwise_not(image) if turned else image, clean=True)


def ground_of(image: Image, em: float) -> Image:
    """The ground that dark ink stands on: a closing of the picture, done on a smaller one; never below the picture."""
    step = min(max(int(em / 12), 1), 4)
    small = cv.blur(image, (step, step))[step // 2 :: step, step // 2 :: step] if step > 1 else image
    window = 2 * round(GROUND_WINDOW * em / step / 2) + 1
    small = cv.morphologyEx(small, cv.MORPH_CLOSE, np.ones((window, window), np.uint8))
    if image.ndim == 2 and small.min() == 255:
        return np.full_like(image, 255)
    ground = cv.resize(small, (image.shape[1], image.shape[0]), interpolation=cv.INTER_LINEAR)
    return cv.max(ground, image)  # type: ignore[no-any-return]


def moved_edges(image: Image, radius: float, filter_: Any) -> Image:
    """A minimum (`cv2.erode`) or maximum (`cv2.dilate`) filter; between two whole radii, a mixture of both."""
    whole = int(radius)
    near = filter_(image, _disc(whole)) if whole else image
    rest = exact(radius - whole)
    if not rest:
        return near
    return cv.addWeighted(near, 1 - rest, filter_(image, _disc(whole + 1)), rest, 0)  # type: ignore[no-any-return]


def as_table(levels: Any) -> NDArray[np.uint8]:
    """256 levels as a table for `cv2.LUT`."""
    found: NDArray[np.uint8] = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return found


def exact(factor: float) -> float:
    """Rounded so that float32 holds its products with grey levels: no processor rounds a pixel otherwise."""
    return round(factor * 1024) / 1024


def lightened(image: Image, ground: Image, where: Image, depth: float = 1.0) -> Image:
    """A picture that goes towards a lighter one where a mask says so."""
    step = cv.multiply(cv.subtract(ground, image), _wide(where, image), scale=depth / 255)
    return cv.add(image, step)  # type: ignore[no-any-return]


def darkened(image: Image, ink: Image, where: Image, depth: float = 1.0) -> Image:
    """A picture that goes towards a darker one where a mask says so."""
    step = cv.multiply(cv.subtract(image, ink), _wide(where, image), scale=depth / 255)
    return cv.subtract(image, step)  # type: ignore[no-any-return]


def highest(noise: Image, share: float, soft: float = 10) -> Image:
    """A mask of the given share of the pixels: those where the noise is highest; edges are `soft` levels wide."""
    level = quantile(noise, 1 - share)
    # below a thousandth the ramp moves out above all levels, so that a share of 0 is none at all
    middle = level + (soft / 2 + 1) * (1 - min(share * 1000, 1.0))
    return cv.LUT(noise, _ramp(middle, soft))  # type: ignore[no-any-return]


def stroked(shape: tuple[int, ...], lines: Any, width: float) -> Image:
    """A mask of polylines (n, points, 2) in pixels; a width below one pixel makes them fainter."""
    mask = np.zeros(shape, np.uint8)
    whole = max(1, round(width))
    at = np.rint((np.asarray(lines) - 0.5) * 16).astype(np.int32)
    cv.polylines(mask, list(at), False, round(255 * min(width, 1.0)), whole, cv.LINE_AA, 4)
    return mask


def _cuts(frame: Frame, seed: int, density: float, length: float) -> NDArray[np.float64]:
    """Straight lines (n, 2, 2), anywhere and in any direction."""
    count = round(density * frame.width * frame.height / frame.em**2)
    x, y, angle, part = stream(seed, "cuts").random((count, 4)).T
    half = (0.25 + 0.25 * part) * length * frame.em
    dx, dy = half * np.cos(np.pi * angle), half * np.sin(np.pi * angle)
    x, y = x * frame.width, y * frame.height
    return np.stack([x - dx, y - dy, x + dx, y + dy], axis=-1).reshape(-1, 2, 2)


def _ends(level: Image) -> tuple[float, float]:
    """Mean grey level of ink and of ground, parted by Otsu's threshold; the same twice where there is no ink."""
    level = _thinned_out(level)
    middle, bits = cv.threshold(level, 0, 255, cv.THRESH_BINARY + cv.THRESH_OTSU)
    white = cv.countNonZero(bits)
    if white in (0, level.size):
        return middle, middle
    ground, mean = cv.mean(level, bits)[0], cv.mean(level)[0]
    return (mean * level.size - ground * white) / (level.size - white), ground


def quantile(level: Image, share: float) -> int:
    """The grey level that a share of the pixels does not exceed."""
    level = _thinned_out(level)
    counts = np.cumsum(cv.calcHist([level], [0], None, [256], [0, 256]))
    return int(np.searchsorted(counts, share * level.size))


def _thinned_out(level: Image) -> Image:
    """A quarter of the pixels of a larger picture: enough for statistics."""
    return np.ascontiguousarray(level[::2, ::2]) if level.size > 16384 else level


def _wide(mask: Image, image: Image) -> Image:
    return mask if image.ndim == 2 else cv.merge([mask] * 3)


def _ramp(middle: float, width: float) -> NDArray[np.uint8]:
    """A table of levels: 0 up to 255, half at the middle."""
    return as_table((LEVELS - middle) * (255 / width) + 127.5)


@lru_cache(64)
def _disc(radius: int) -> Any:
    return cv.getStructuringElement(cv.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


OPS: tuple[type[Op], ...] = (Erode, Dilate, Binarise, InkBleed, Dropout, BrokenStrokes, Ghost)
