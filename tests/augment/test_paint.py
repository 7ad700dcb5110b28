"""Paint: contrast, polarity, colour, records, and what it refuses."""

import json

import cv2
import msgspec
import numpy as np
import pytest
from ocrfactory.augment.frame import Frame, outline_of_boxes
from ocrfactory.augment.op import Chance
from ocrfactory.augment.paint import ROUNDING, Paint
from ocrfactory.errors import Reject
from ocrfactory.rng import stream
from ocrfactory.sample import Sample
from PIL import Image as Pillow
from pydantic import ValidationError

KINDS = ("plain", "gradient", "noise", "paper", "stripes", "weave")
MODES = ("normal", "multiply", "darken", "overlay", "hard_light", "soft_light")
QUIET = {name: {"p": 0} for name in ("stroke", "shadow", "extrude", "emboss", "hollow", "uneven")}


def drawing(width=200, height=48, margin=6):
    """Bars and dots, black on white, with soft edges, `margin` pixels from the border."""
    image = np.full((height, width), 255, np.uint8)
    for x in range(margin, width - margin - 12, 20):
        image[margin : height - margin, x : x + 5] = 0
        image[margin + 8 : margin + 14, x + 5 : x + 12] = 0
        image[margin + 20 : height - margin, x + 8] = 128
    image.setflags(write=False)
    box = (margin, margin, width - margin, height - margin)
    return Sample("x", image, "line", "font", 1, "none", font_size_px=36.0, ground=255, outline=outline_of_boxes(box))


SAMPLE = drawing()


def paint(op, seed, sample=SAMPLE, strength=1.0):
    frame = Frame(sample)
    drawn = op.draw(Chance(seed, "test", strength), frame)
    op.apply(frame, drawn)
    return frame, drawn


def grey(image):
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def contrast(image, sample=SAMPLE):
    """Mean luma of full ink less that of the ground close to it; negative for dark ink."""
    ink = sample.image == 0
    near = cv2.dilate(ink.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool) & (sample.image == 255)
    shown = grey(image).astype(float)
    return shown[ink].mean() - shown[near].mean()


def one(names, chosen):
    return {name: float(name == chosen) for name in names}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("colour", [0, 1])
def test_contrast_holds_on_every_ground(kind, colour):
    grounds = {**one(KINDS, kind), "texture": [0, 60]}
    op = Paint(grounds=grounds, colour=colour, invert=0.4, **{**QUIET, "uneven": {"p": 0.5}})
    for seed in range(40):
        image = paint(op, seed)[0].image
        assert abs(contrast(image)) >= op.contrast - 3 * ROUNDING, (seed, contrast(image))


@pytest.mark.parametrize("mode", MODES)
def test_contrast_holds_in_every_blend_mode(mode):
    op = Paint(blend={**one(MODES, mode), "opacity": [0.7, 1]}, ground=[120, 255], invert=0.4, colour=0.5, **QUIET)
    used = set()
    for seed in range(40):
        frame, drawn = paint(op, seed)
        used.add(drawn["mode"])
        assert abs(contrast(frame.image)) >= op.contrast - 3 * ROUNDING, (seed, contrast(frame.image))
    assert used & {mode, {"multiply": "screen", "darken": "lighten"}.get(mode), "normal"}


def test_ink_differs_from_all_that_lies_under_it():
    every = {name: {"p": 0.6} for name in QUIET}
    op = Paint(invert=0.4, colour=0.3, **every)
    hollow = 0
    for seed in range(120):
        frame, drawn = paint(op, seed)
        hollow += "hollow" in drawn
        for name in ("stroke", "extrude"):
            if name in drawn:
                apart = abs(_luma(drawn[name]["tone"]) - _luma(drawn["ink"]))
                assert apart * drawn["opacity"] >= op.contrast - ROUNDING
        assert frame.image.shape[:2] == SAMPLE.image.shape
    assert 0 < hollow < 120


def _luma(tone):
    return tone if isinstance(tone, int) else float(np.dot(tone, (0.299, 0.587, 0.114)))


def test_the_share_of_inverted_pictures_is_light_ink_on_dark_ground():
    light = [contrast(paint(Paint(invert=0.5, **QUIET), seed)[0].image) > 0 for seed in range(100)]
    assert 30 < sum(light) < 70
    assert all(contrast(paint(Paint(invert=0, **QUIET), seed)[0].image) < 0 for seed in range(30))
    assert all(contrast(paint(Paint(invert=1, **QUIET), seed)[0].image) > 0 for seed in range(30))


def test_grey_stays_grey_unless_colour_was_drawn():
    assert all(paint(Paint(), seed)[0].image.ndim == 2 for seed in range(40))
    images = [paint(Paint(colour=1), seed)[0].image for seed in range(40)]
    assert all(image.ndim == 3 for image in images)
    assert sum(np.ptp(image.astype(int), axis=2).max() > 20 for image in images) > 20


def test_the_record_is_json_and_redoes_the_picture_whatever_the_op_says():
    for seed in range(60):
        frame, drawn = paint(Paint(colour=0.5, invert=0.5, shadow={"p": 0.5}), seed)
        again = Frame(SAMPLE)
        Paint(contrast=0, invert=0).apply(again, json.loads(json.dumps(drawn)))
        assert np.array_equal(frame.image, again.image)


def test_the_drawing_is_not_written_to_and_stays_the_reference():
    frame, _ = paint(Paint(), 3)
    assert frame.reference is SAMPLE.image
    assert not frame.clean
    assert frame.image.dtype == np.uint8


def test_a_plain_grey_ground_is_known_to_geometry_and_no_other_is():
    plain, drawn = paint(Paint(grounds=one(KINDS, "plain"), **QUIET), 5)
    assert plain.ground == drawn["ground"]["low"] == plain.image[0, 0]
    assert paint(Paint(grounds=one(KINDS, "plain"), colour=1, **QUIET), 5)[0].ground is None
    assert paint(Paint(grounds=one(KINDS, "paper"), **QUIET), 5)[0].ground is None


def test_only_a_plain_drawing_is_painted():
    photo = msgspec.structs.replace(SAMPLE, ground=None)
    with pytest.raises(Reject) as caught:
        paint(Paint(), 1, photo)
    assert caught.value.reason == "not_clean"
    frame, drawn = paint(Paint(), 1)
    with pytest.raises(Reject):
        Paint().apply(frame, drawn)


def test_less_strength_comes_closer_to_black_on_white():
    for seed in range(30):
        far, near = (
            np.abs(paint(Paint(invert=0), seed, strength=strength)[0].image.astype(int) - SAMPLE.image).mean()
            for strength in (1.0, 0.2)
        )
        assert near <= far + 1
    assert np.abs(paint(Paint(invert=0, **QUIET), 9, strength=0.0)[0].image.astype(int) - SAMPLE.image).max() <= 1


def test_a_planted_lack_of_contrast_is_repaired():
    op = Paint(grounds=one(KINDS, "paper"), invert=0, **QUIET)
    _, drawn = paint(op, 2)
    drawn |= {"ink": drawn["ground"]["low"]}
    frame = Frame(SAMPLE)
    op.apply(frame, drawn)
    assert contrast(frame.image) < -op.contrast + 3 * ROUNDING


def test_what_cannot_be_repaired_is_rejected_with_its_numbers():
    drawn = {"ground": {"kind": "plain", "low": 40}, "ink": 30, "mode": "normal", "opacity": 1.0, "contrast": 60.0}
    with pytest.raises(Reject, match="40 levels apart, 60") as caught:
        Paint().apply(Frame(SAMPLE), drawn)
    assert caught.value.reason == "unseen"


def test_a_picture_without_ink_is_only_a_ground():
    blank = msgspec.structs.replace(SAMPLE, image=np.full((48, 200), 255, np.uint8))
    for seed in range(20):
        assert paint(Paint(), seed, blank)[0].image.shape[:2] == (48, 200)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ink": [0, 90], "ground": [0, 80]}, "a contrast of 60"),
        ({"contrast": 240, "blend": {"opacity": 0.5}}, "takes"),
        ({"grounds": {"image": 1}}, "set backgrounds"),
        ({"backgrounds": "x", "grounds": {"image": 0}}, "none would be used"),
        ({"grounds": dict.fromkeys((*KINDS, "image"), 0)}, "every ground has the weight 0"),
        ({"blend": dict.fromkeys(MODES, 0)}, "every mode has the weight 0"),
        ({"inc": 1}, "inc"),
    ],
)
def test_a_mistake_is_told_when_the_recipe_is_read(fields, said):
    with pytest.raises(ValidationError, match=said):
        Paint.model_validate({"op": "paint", **fields})


def test_user_backgrounds_keep_the_contrast_and_no_path_is_recorded(tmp_path):
    for i, (low, high) in enumerate([(0, 255), (0, 40), (220, 255), (100, 140)]):
        noise = stream(i, "picture").integers(low, high + 1, (30, 40, 3), dtype=np.uint8)
        Pillow.fromarray(noise).resize((400, 300)).save(tmp_path / f"{i}.png")
    op = Paint(backgrounds=str(tmp_path), grounds={**one(KINDS, ""), "image": 1}, invert=0.4, colour=0.5, **QUIET)
    ready = op.with_files(op.settle().files)
    names = set()
    for seed in range(60):
        frame, drawn = paint(ready, seed)
        names.add(drawn["ground"]["file"])
        assert abs(contrast(frame.image)) >= op.contrast - 3 * ROUNDING, (drawn, contrast(frame.image))
        assert str(tmp_path) not in json.dumps(drawn)
        assert (frame.image.ndim == 3) == drawn["ground"]["colour"]
    assert len(names) == 4


def test_files_stay_out_of_what_a_recipe_says(tmp_path):
    Pillow.new("L", (50, 50), 99).save(tmp_path / "a.png")
    op = Paint(backgrounds=str(tmp_path))
    ready = op.with_files(op.settle().files)
    assert ready.model_dump() == op.model_dump()
    assert op.portable().backgrounds == tmp_path.name
    with pytest.raises(RuntimeError, match="with_files"):
        op.draw(Chance(1, "test"), Frame(SAMPLE))
