"""Op `imgaug`: any augmenter of imgaug 0.4.0, from a recipe.

imgaug is loaded only where a recipe asks for it. One picture a call, every generator of the tree seeded before it, so
a picture depends on its recorded seed alone.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field, model_validator

from ocrfactory.augment.frame import Frame
from ocrfactory.augment.imgaug_tree import Tree, own_randomness, tree_of, within_bounds, words_of
from ocrfactory.augment.op import Chance, Op
from ocrfactory.compat import import_imgaug
from ocrfactory.errors import Reject
from ocrfactory.sample import Image

cv: Any = cv2

_LONGEST_SIDE = 16_384
"""Pixels: a picture that an augmenter makes longer is a mistake."""
_SPECK = 4.0
"""Square pixels."""
_EXACT = 0.1
"""Pixels that a projection may miss the points by that imgaug has moved."""


class Imgaug(Op):
    """An augmenter of imgaug: whatever it does to photos, it does to text.

    In `args`, `[a, b]` of two numbers is the range from a to b, a list of any other length is a choice of its items;
    `{choice: [a, b]}`, `{range: [a, b]}` and `{tuple: [...]}` say it outright. An augmenter inside another is
    `{augmenter: NAME, args: {...}}`. Numbers are imgaug's: pixels, not glyph heights. Grey pictures stay grey:
    augmenters that need colour get the three channels and their luminance is kept.
    """

    pollutes: ClassVar[bool] = True
    """Nobody knows what an augmenter does to ink."""

    op: Literal["imgaug"] = "imgaug"
    augmenter: str = Field(max_length=80, description="A class of imgaug.augmenters: `GaussianBlur`, `pillike.Invert`.")
    force: bool = Field(False, description="Allow it on real scans: nobody knows what it does to their strokes.")
    args: dict[str, Any] = Field(default_factory=dict, description="Its arguments, as JSON values.")

    @model_validator(mode="after")
    def _works(self) -> Imgaug:
        within_bounds(self.args)
        tree_of(self.augmenter, json.dumps(self.args))
        return self

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. With less than full strength, what moves no ink is blended with the picture before."""
        drawn = {"augmenter": self.augmenter, "args": self.args, "seed": chance.seed()}
        return drawn if chance.strength == 1 else drawn | {"blend": round(chance.strength, 6)}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`.

        Raises:
            Reject: `clipped`: ink has left the picture; `imgaug_failed`: imgaug raised an error.
        """
        tree = tree_of(drawn["augmenter"], json.dumps(drawn["args"]))
        image = frame.pixels()
        try:
            with own_randomness(drawn["seed"]):
                found = _bent(tree, frame, drawn["seed"]) if tree.moves else {"image": tree.run(image, drawn["seed"])}
        except Reject:
            raise
        except Exception as error:  # imgaug raises anything; the row is counted with its words
            raise Reject("imgaug_failed", f"{drawn['augmenter']}: {words_of(error)}") from error
        result = _checked(found["image"], image)
        blend = drawn.get("blend", 1.0)
        if blend < 1 and not tree.moves:
            result = cv.addWeighted(result, blend, image, 1 - blend, 0)
        frame.put(result)
        frame.clean = False
        if tree.moves:
            _follow(frame, found)


def _bent(tree: Tree, frame: Frame, seed: int) -> dict[str, Any]:
    """Augment the picture and what must move with it: outline, mask, reference."""
    ia = import_imgaug().meta.ia
    shape = frame.image.shape
    hulls = _hulls(frame)
    heat, reference_of = _heat(frame)
    given = {"heatmaps": ia.HeatmapsOnImage(heat.reshape(*shape[:2], -1).astype(np.float32) / 255, shape)}
    planes = [] if frame.mask is None else [frame.mask]
    planes += _labels(hulls, shape) if tree.bends else []
    if planes:
        given["segmentation_maps"] = ia.SegmentationMapsOnImage(np.dstack(planes).astype(np.int32), shape)
    if not tree.bends:
        given["keypoints"] = ia.KeypointsOnImage.from_xy_array(_probes(shape), shape)
    found = dict(zip(("image", *given), tree.run(frame.image, seed, **given), strict=True))
    result = {"image": found["image"], "reference": reference_of(found["heatmaps"].get_arr())}
    result["reference"] = _resized(result["reference"], result["image"].shape)
    if planes:
        maps = _resized(found["segmentation_maps"].get_arr().astype(np.uint16), result["image"].shape, nearest=True)
        maps = maps.reshape(*result["image"].shape[:2], len(planes))
        result["mask"] = None if frame.mask is None else np.ascontiguousarray(maps[..., 0])
    if tree.bends:
        result["hulls"] = _boxes_of(maps[..., -2:], hulls, shape, frame.outlined)
    else:
        result["hulls"] = _projected(tree, frame, seed, hulls, found["keypoints"].to_xy_array())
    return result


def _heat(frame: Frame) -> tuple[Any, Any]:
    """The reference as distance from the ground, which imgaug pads with 0, and the way back from a share of one."""
    dark_ink = frame.ground is None or frame.ground >= 128
    level = (255 if dark_ink else 0) if frame.ground is None else frame.ground
    flat = np.full_like(frame.reference, level)
    heat = cv.subtract(flat, frame.reference) if dark_ink else cv.subtract(frame.reference, flat)

    def back(share: Any) -> Image:
        ink = (share * 255).round()
        return np.asarray(np.clip(level - ink if dark_ink else level + ink, 0, 255), np.uint8)

    return heat, back


def _labels(hulls: list[Any], shape: tuple[int, ...]) -> list[Any]:
    """The characters as numbered areas, neighbours on different planes.

    imgaug moves points through a bent geometry by guesses that are pixels off, and maps as exactly as the picture.
    """
    planes = [np.zeros(shape[:2], np.int32), np.zeros(shape[:2], np.int32)]
    for number, hull in enumerate(hulls):
        at = np.round((hull - 0.5) * 16).astype(np.int32)
        cv.fillConvexPoly(planes[number % 2], at, number + 1, cv.LINE_8, 4)
    return planes


def _boxes_of(planes: Any, hulls: list[Any], before: tuple[int, ...], outlined: bool) -> list[Any]:
    """Corners of each numbered area.

    Args:
        before: shape of the picture that `hulls` are of.

    Raises:
        Reject: `clipped`: a character is gone, or reaches the border as it did not before.
    """
    height, width = planes.shape[:2]
    edge = (before[1] - 1, before[0] - 1)
    corners = []
    for number, hull in enumerate(hulls):
        x, y, w, h = cv.boundingRect((planes[..., number % 2] == number + 1).astype(np.uint8))
        if not w and cv.contourArea(hull) < _SPECK:  # the point that stands for a space falls between two pixels
            corners.append(hull)
            continue
        free = (hull > 1).all() and (hull < edge).all()
        if outlined and (not w or (free and (x == 0 or y == 0 or x + w == width or y + h == height))):
            raise Reject("clipped", "imgaug moved ink to the border of the picture or beyond")
        corners.append(np.array([[x, y], [x + w, y + h]], np.float32))
    return corners


def _probes(shape: tuple[int, ...]) -> Any:
    """Nine points over the picture: where they go tells a projection, at a hundredth of the time of all outlines."""
    grid = np.meshgrid(np.linspace(0, shape[1], 3), np.linspace(0, shape[0], 3))
    return np.stack(grid, axis=-1).reshape(-1, 2).astype(np.float32)


def _projected(tree: Tree, frame: Frame, seed: int, hulls: list[Any], moved: Any) -> list[Any]:
    """The outlines after the projection that moved the probes. If it was none, imgaug moves every point itself."""
    shape, points = frame.image.shape, np.concatenate(hulls)
    probes = _probes(shape)
    matrix = cv.findHomography(probes, np.asarray(moved, np.float32), 0)[0] if len(moved) == len(probes) else None
    if matrix is not None and np.abs(_through(matrix, probes) - moved).max() < _EXACT:
        points = _through(matrix, points)
    else:
        given = import_imgaug().meta.ia.KeypointsOnImage.from_xy_array(points, shape)
        moved = tree.run(frame.image, seed, keypoints=given)[1].to_xy_array()
        if len(moved) != len(points):
            raise Reject("imgaug_failed", "it dropped the whole picture, and the characters with it")
        points = np.asarray(moved, np.float32)
    return np.split(points, np.cumsum([len(hull) for hull in hulls[:-1]]))


def _through(matrix: Any, points: Any) -> Any:
    return cv.perspectiveTransform(points[None], matrix)[0]


def _resized(array: Any, shape: tuple[int, ...], nearest: bool = False) -> Any:
    """A map in the size of the picture: pooling changes only the picture's. One channel is none."""
    if array.shape[:2] != shape[:2]:
        array = cv.resize(array, shape[1::-1], interpolation=cv.INTER_NEAREST if nearest else cv.INTER_LINEAR)
    return array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array


def _hulls(frame: Frame) -> list[Any]:
    """The outline of each character without the points inside its hull: same boxes, and imgaug takes long a point."""
    return [cv.convexHull(part).reshape(-1, 2) for part in np.split(frame.points, frame.starts[1:])]


def _follow(frame: Frame, found: dict[str, Any]) -> None:
    """Give the frame what has moved with the picture."""
    height, width = found["image"].shape[:2]
    frame.reference, frame.mask = found["reference"], found.get("mask")
    hulls = found["hulls"]
    if not frame.outlined:
        hulls = [np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)]
    points = np.concatenate(hulls)
    if (points < -1).any() or (points > (width + 1, height + 1)).any():
        raise Reject("clipped", "imgaug moved ink out of the picture")
    sizes = np.array([len(hull) for hull in hulls])
    frame.replace_outline(points, np.cumsum(sizes) - sizes)


def _checked(result: Any, before: Image) -> Image:
    if result.dtype != np.uint8 or result.ndim != before.ndim or not min(result.shape) > 0:
        raise Reject("imgaug_failed", f"it made {result.dtype} {result.shape} of uint8 {before.shape}")
    if max(result.shape) > _LONGEST_SIDE:
        raise Reject("imgaug_failed", f"its picture is {max(result.shape)} pixels long; at most {_LONGEST_SIDE}")
    return np.ascontiguousarray(result)


OPS: tuple[type[Op], ...] = (Imgaug,)
