import json

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ocrfactory.augment import geometry
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance

from tests.augment.conftest import CHARS

STRAIGHT = (
    geometry.Rotate(degrees=(-12, 12)),
    geometry.Shear(degrees=(-20, 20)),
    geometry.Shear(degrees=(-4, 4), axis="y"),
    geometry.Affine(scale=(0.5, 1.3), aspect=(0.7, 1.4), rotate=(-5, 5), shear=(-10, 10), translate=(-0.2, 0.2)),
    geometry.Perspective(shift=(0, 0.25)),
    geometry.CropJitter(along=(-0.5, 0.5), across=(-0.2, 0.4)),
)
BENDING = (
    geometry.Elastic(amplitude=(0.01, 0.06), smoothness=(0.4, 1.0)),
    geometry.Curve(amplitude=(-0.4, 0.4), period=(3, 12)),
)
BENDING_NAMES = {op.op for op in BENDING}


def drawn_by(ops, sample):
    chance = Chance(sample.seed, "test")
    frame = Frame(sample)
    return [(op, op.draw(chance, frame)) for op in ops]


def applied(steps, sample):
    frame = Frame(sample)
    for op, drawn in steps:
        op.apply(frame, drawn)
    frame.flush()
    return frame


def seen(image, least):
    """x0, y0, x1, y1 of the pixels that hold at least this share of ink."""
    rows, columns = np.nonzero(image <= 255 * (1 - least))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def off(box, image):
    """Pixels by which a box misses its ink: resampled ink has soft edges, and the box must end within them."""
    darkest = 1 - image.min() / 255
    soft, hard = np.array(seen(image, 0.02)), np.array(seen(image, 0.6 * darkest))
    return np.maximum(np.minimum(soft, hard) - box, box - np.maximum(soft, hard)).max()


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    ops=st.lists(st.sampled_from(STRAIGHT + BENDING), min_size=1, max_size=4),
    shape=st.sampled_from(("line", "line", "vertical", "glyph")),
    seed=st.integers(0, 2**40),
)
def test_a_box_is_that_of_the_characters_own_ink_whatever_the_chain(line, ops, shape, seed):
    count = 1 if shape == "glyph" else 22
    how = {"vertical": shape == "vertical", "glyph": shape == "glyph", "seed": seed, "em": 32}
    sample = line(CHARS[:count], **how)
    steps = drawn_by(ops, sample)
    frame = applied(steps, sample)
    assume(frame.em > 10)  # smaller ink is a smear of a few pixels
    boxes = np.array(frame.boxes()).reshape(-1, 4)
    allowed = 1.5 if BENDING_NAMES & {op.op for op in ops} else 1.0
    for number in range(count):
        ink = applied(steps, line(CHARS[:count], only=number, **how)).image
        assert off(boxes[number], ink) <= allowed, (steps, number)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    ops=st.lists(st.sampled_from(STRAIGHT + BENDING), min_size=1, max_size=4),
    shape=st.sampled_from(("line", "vertical", "glyph")),
    margin=st.integers(1, 6),
    seed=st.integers(0, 2**40),
)
def test_no_ink_comes_nearer_to_the_border_than_the_margin(line, ops, shape, margin, seed):
    sample = line(vertical=shape == "vertical", glyph=shape == "glyph", margin=margin, seed=seed)
    frame = applied(drawn_by(ops, sample), sample)
    x0, y0, x1, y1 = seen(frame.image, 1 / 255)
    assert min(x0, y0, frame.width - x1, frame.height - y1) >= margin, drawn_by(ops, sample)
    kept = {"line": frame.height == sample.image.shape[0], "vertical": frame.width == sample.image.shape[1]}
    assert kept.get(shape, frame.image.shape == sample.image.shape)


@pytest.mark.parametrize("op", STRAIGHT + BENDING, ids=lambda op: op.op)
@pytest.mark.parametrize("shape", ["line", "vertical", "glyph"])
def test_parameters_are_json_and_a_strength_of_nothing_changes_nothing(line, op, shape):
    sample = line(vertical=shape == "vertical", glyph=shape == "glyph")
    frame = Frame(sample)
    drawn = op.draw(Chance(3, "test", 0.0), frame)
    assert json.loads(json.dumps(drawn)) == drawn
    op.apply(frame, drawn)
    assert frame.pixels().shape == sample.image.shape
    assert np.array_equal(frame.image, sample.image)


@pytest.mark.parametrize("op", STRAIGHT + BENDING, ids=lambda op: op.op)
def test_less_strength_comes_nearer_to_the_untouched_picture(line, op):
    sample = line(masks=True)
    far = []
    for strength in (1.0, 0.3, 0.02):
        frame = Frame(sample)
        op.apply(frame, op.draw(Chance(5, "test", strength), frame))
        far.append(np.abs(np.array(frame.boxes()) - sample.char_boxes).max())
    assert far[0] > far[1] > far[2] - 1e-9
    assert far[2] < 2.5


def test_a_positive_turn_lifts_the_right_end_and_a_positive_slant_leans_right(line):
    sample = line()
    boxes = np.array(applied([(geometry.Rotate(), {"degrees": 5.0})], sample).boxes()).reshape(-1, 4)
    assert boxes[0, 1] > boxes[-1, 1] + 10
    slant = [(geometry.Shear(), {"degrees": 20.0, "axis": "x"})]
    rows, columns = np.nonzero(applied(slant, line(glyph=True)).image < 128)
    assert columns[rows < np.median(rows)].min() > columns[rows > np.median(rows)].min()


def test_a_bow_upwards_lifts_the_middle_and_stays_within_its_amplitude(line):
    sample = line(em=24, margin=20)
    steps = [(geometry.Curve(), {"shape": "arc", "amplitude": 0.5})]
    boxes = np.array(applied(steps, sample).boxes()).reshape(-1, 4)
    lift = np.array(sample.char_boxes).reshape(-1, 4)[:, 3] - boxes[:, 3]
    assert lift[4] > lift[0] + 6
    assert lift.max() - lift.min() < 0.5 * 24


def test_an_amplitude_is_kept_below_what_can_be_inverted(line):
    frame = Frame(line())
    drawn = geometry.Elastic(amplitude=0.5, smoothness=0.2).draw(Chance(1, "test"), frame)
    assert drawn["amplitude"] <= geometry.SUPPLEST * drawn["smoothness"]
    drawn = geometry.Curve(amplitude=2, period=2, shape=("wave",)).draw(Chance(1, "test"), frame)
    assert 2 * np.pi * drawn["amplitude"] / drawn["period"] <= geometry.STEEPEST + 1e-5


def test_cropping_adds_room_and_cuts_it_but_no_ink(line):
    sample = line(margin=4)
    wide = applied([(geometry.CropJitter(), {"left": 0.5, "top": 0.0, "right": 0.25, "bottom": 0.0})], sample)
    assert wide.width == pytest.approx(sample.image.shape[1] + 0.75 * 40, abs=1)
    tight = applied([(geometry.CropJitter(), dict.fromkeys(("left", "top", "right", "bottom"), -2.0))], sample)
    x0, y0, x1, y1 = seen(tight.image, 1 / 255)
    assert min(x0, y0, tight.width - x1, tight.height - y1) >= 4
    before = np.array(sample.char_boxes).reshape(-1, 4)
    assert y1 - y0 > 1.2 * (before[:, 3].max() - before[:, 1].min()), "what was cut made the ink larger"
    loose = applied([(geometry.CropJitter(), {"left": 0.0, "top": 0.5, "right": 0.0, "bottom": 0.0})], sample)
    assert loose.height == sample.image.shape[0]
    assert loose.em < frame_em(sample)


def frame_em(sample):
    return Frame(sample).em


def test_masks_follow_the_ink(line):
    sample = line(masks=True)
    frame = applied(drawn_by([STRAIGHT[0], BENDING[0], BENDING[1]], sample), sample)
    assert frame.mask.shape == frame.image.shape
    assert frame.mask.dtype == np.uint16
    assert np.mean((frame.mask > 0) == (frame.image < 128)) > 0.97
    for number, (x0, y0, x1, y1) in enumerate(np.array(frame.boxes()).reshape(-1, 4), 1):
        rows, columns = np.nonzero(frame.mask == number)
        low, high = (columns.min(), rows.min()), (columns.max() + 1, rows.max() + 1)
        assert np.all(np.array((x0, y0)) - 1 <= low)
        assert np.all(high <= np.array((x1, y1)) + 1)


def test_colour_moves_as_grey_does(line):
    sample, colour = line(), line(colour=True)
    steps = drawn_by(STRAIGHT + BENDING, sample)
    grey, rgb = applied(steps, sample).image, applied(steps, colour).image
    assert rgb.shape == (*grey.shape, 3)
    assert np.array_equal(rgb[:, :, 1], grey)


@pytest.mark.parametrize("op", STRAIGHT + BENDING, ids=lambda op: op.op)
def test_a_photo_without_outline_stays_whole(line, op):
    photo = msgspec.structs.replace(line(), outline=None, char_boxes=None, ground=None, margin=0.0, font_size_px=None)
    frame = applied(drawn_by([op], photo), photo)
    assert frame.boxes() is None
    assert frame.height == photo.image.shape[0]
    assert frame.image.min() < 80


def test_an_elastic_field_is_as_tame_as_the_picture_is_small(line):
    sample = line(em=100)
    steps = drawn_by([geometry.Elastic(amplitude=(0.5, 0.5), smoothness=(10.0, 10.0))], sample)
    assert steps[0][1]["amplitude"] <= 0.12 * sample.image.shape[0] / 100 + 1e-6
