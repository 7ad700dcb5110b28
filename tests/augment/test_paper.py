"""What lies on the paper or shines through it: grey stays grey, text stays above, all of it can be done again."""

import json

import cv2
import numpy as np
import pytest
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance
from ocrfactory.augment.paper import OPS, BleedThrough, Dust, Fold, RuledLines, Stain, Stamp
from ocrfactory.sample import Sample
from pydantic import ValidationError

EM = 40.0
BY_NAME = {op.model_fields["op"].default: op for op in OPS}
every_op = pytest.mark.parametrize("name", BY_NAME)
kinds = pytest.mark.parametrize("colour", [False, True], ids=["grey", "rgb"])


def picture(colour=False, ink=0, ground=255):
    """Bars of several widths and a ring. Must not be written into."""
    image = np.full((56, 240), 255, np.uint8)
    for x, width in ((20, 6), (60, 2), (100, 8)):
        image[12:44, x : x + width] = 0
    cv2.circle(image, (150, 28), 13, 0, 4, cv2.LINE_AA)
    image = np.rint(ink + image / 255.0 * (ground - ink)).astype(np.uint8)
    image = np.dstack([image, image, image]) if colour else image
    image.setflags(write=False)
    return image


def frame_of(image, ground=255, em=EM, direction="ltr"):
    sample = Sample(text="x", image=image, kind="line", origin="font", seed=1, license="x", font_size_px=em)
    frame = Frame(sample)
    frame.ground = ground
    frame.fixed = "width" if direction == "ttb" else "height"
    return frame


def drawn_by(op, image, seed=5, strength=1.0, ground=255):
    return op.draw(Chance(seed, "test", strength), frame_of(image, ground))


def applied(op, image, drawn, ground=255, em=EM, direction="ltr"):
    frame = frame_of(image, ground, em, direction)
    op.apply(frame, drawn)
    return frame.image


@every_op
@kinds
def test_size_and_channels_are_kept_and_the_input_is_not_touched(name, colour):
    op, image = BY_NAME[name](), picture(colour, 20, 230)
    before = image.copy()
    for seed in range(8):
        result = applied(op, image, drawn_by(op, image, seed), 230)
        assert result.shape == image.shape
        assert result.dtype == np.uint8
    assert (image == before).all()


@every_op
def test_it_does_something_at_its_defaults(name):
    op, image = BY_NAME[name](), picture(ink=30, ground=220)
    changed = [(applied(op, image, drawn_by(op, image, seed), 220) != image).any() for seed in range(10)]
    assert sum(changed) >= 8


@every_op
def test_text_stays_readable_at_the_defaults(name):
    """Ink stays darker than the ground beside it, nearly everywhere."""
    op, image = BY_NAME[name](), picture(ink=20, ground=235)
    ink, ground = image == 20, image == 235
    for seed in range(20):
        result = applied(op, image, drawn_by(op, image, seed, ground=235), 235)
        assert np.quantile(result[ink], 0.95) + 40 < np.quantile(result[ground], 0.05)


@every_op
def test_the_record_is_json_and_enough_to_do_it_again_with_other_settings(name):
    op, image = BY_NAME[name](), picture()
    for seed in range(8):
        drawn = drawn_by(op, image, seed)
        again = json.loads(json.dumps(drawn))
        assert again == drawn
        other = BY_NAME[name](p=0.5)
        assert (applied(op, image, drawn) == applied(other, image, again)).all()


@every_op
def test_what_ran_before_changes_nothing(name):
    op, image = BY_NAME[name](), picture()
    drawn = drawn_by(op, image)
    first = applied(op, image, drawn)
    for other in BY_NAME.values():
        applied(other(), picture(True), drawn_by(other(), picture(True), 9))
    assert (applied(op, image, drawn) == first).all()


@every_op
@kinds
@pytest.mark.parametrize("ground", [255, 210, None])
def test_without_strength_the_picture_stays_nearly_the_same(name, colour, ground):
    op, image = BY_NAME[name](), picture(colour, 20, ground or 255)
    for seed in range(8):
        result = applied(op, image, drawn_by(op, image, seed, 0.001, ground), ground)
        assert np.abs(result.astype(int) - image).max() <= 1


@every_op
def test_less_strength_changes_less(name):
    op, image = BY_NAME[name](), picture(ink=20, ground=230)
    change = [
        sum(np.abs(applied(op, image, drawn_by(op, image, s, k), 230).astype(int) - image).sum() for s in range(8))
        for k in (1.0, 0.5, 0.1)
    ]
    assert change[0] > change[1] > change[2]


@every_op
@kinds
@pytest.mark.parametrize("known", [True, False])
def test_light_text_on_a_dark_ground_is_the_mirror_image(name, colour, known):
    if (name, colour) == ("stain", True):
        pytest.skip("a brown stain on white paper is no blue one on black")
    op, image = BY_NAME[name](), picture(colour, 20, 230)
    for seed in range(3):
        drawn = drawn_by(op, image, seed, ground=230 if known else None)
        dark = applied(op, image, drawn, 230 if known else None)
        light = applied(op, 255 - image, drawn, 25 if known else None)
        assert (light == 255 - dark).all()


@every_op
@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (20, 4), (24, 24)])
def test_small_pictures_are_taken(name, shape):
    image = np.full(shape, 255, np.uint8)
    image[shape[0] // 2 :, shape[1] // 2 :] = 0
    op = BY_NAME[name]()
    for seed in range(5):
        assert applied(op, image, drawn_by(op, image, seed), em=8.0).shape == shape


@every_op
def test_every_field_says_what_it_is(name):
    fields = BY_NAME[name].model_fields
    assert all(field.description for key, field in fields.items() if key != "op")
    assert not BY_NAME[name].pollutes


@every_op
def test_units_are_read_and_wrong_ones_refused(name):
    field = {"bleed_through": "blur", "fold": "reach", "ruled_lines": "width", "stamp": "radius"}.get(name, "size")
    assert getattr(BY_NAME[name](**{field: "0.2em"}), field) == (0.2, 0.2)
    with pytest.raises(ValidationError, match="not a unit here"):
        BY_NAME[name](**{field: "2px"})


def test_the_back_side_is_the_mirrored_picture():
    image = np.full((40, 100), 255, np.uint8)
    image[10:30, 10:14] = 0
    image[10:14, 10:25] = 0
    result = applied(BleedThrough(), image, {"opacity": 0.4, "blur": 0.0, "x": 0.0, "y": 0.0})
    back = np.where(image[:, ::-1] == 0, 153, 255)
    assert (result == np.minimum(image, back)).all()


def test_a_stain_covers_its_share_and_is_darkest_at_its_rim():
    blank = np.full((120, 600), 255, np.uint8)
    drawn = {"share": 0.3, "size": 1.0, "depth": 0.4, "seed": 2}
    result = applied(Stain(), blank, drawn)
    assert (result < 230).mean() == pytest.approx(0.3, abs=0.08)
    inside = np.median(result[result < 230])
    assert result.min() < inside - 20


def test_a_stain_on_coloured_paper_is_brown_and_on_grey_paper_grey():
    drawn = {"share": 0.9, "size": 2.0, "depth": 0.4, "seed": 2, "ring": [0.5, 0.5, 0.3]}
    red, green, blue = cv2.split(applied(Stain(), np.full((40, 90, 3), 240, np.uint8), drawn))
    assert red.mean() > green.mean() > blue.mean()
    assert applied(Stain(), np.full((40, 90), 240, np.uint8), drawn).ndim == 2


def test_a_cup_ring_is_a_ring():
    blank = np.full((200, 200), 255, np.uint8)
    drawn = {"share": 0.0, "size": 1.0, "depth": 0.8, "seed": 2, "ring": [0.5, 0.5, 2.0]}
    result = applied(Stain(), blank, drawn, em=40.0)
    assert result[100, 180] < 230
    assert result[100, 20] < 230
    assert result[100, 100] > 240


@pytest.mark.parametrize("lit", ["left", "right"])
def test_a_fold_is_light_on_one_side_and_dark_on_the_other(lit):
    grey = np.full((60, 200), 150, np.uint8)
    drawn = {"depth": 40.0, "reach": 0.3, "angle": 0.0, "x": 0.5, "lit": lit}
    result = applied(Fold(), grey, drawn)
    left, right = result[:, 90:98].mean(), result[:, 103:110].mean()
    assert (left > 150 > right) if lit == "left" else (left < 150 < right)
    assert (result[:, :20] == 150).all()


def test_a_positive_angle_turns_a_fold_counter_clockwise():
    drawn = {"depth": 60.0, "reach": 0.05, "angle": 30.0, "x": 0.5, "lit": "left"}
    result = applied(Fold(), np.full((60, 200), 150, np.uint8), drawn)
    top, bottom = result[2].argmin(), result[57].argmin()
    assert top < 100 < bottom
    assert bottom - top == pytest.approx(55 * np.tan(np.radians(30)), abs=3)


def rules(**changes):
    return {"spacing": 0.5, "width": 0.05, "depth": 0.5, "angle": 0.0, "phase": 0.25, "columns": None} | changes


def test_rules_are_as_far_apart_and_as_wide_as_was_said():
    result = applied(RuledLines(), np.full((100, 50), 255, np.uint8), rules())
    column = 255.0 - result[:, 25]
    assert (result == result[:, :1]).all()
    assert column.sum() / 127.5 == pytest.approx(5 * 2, rel=0.05)
    assert np.diff(np.flatnonzero(column > 100)).max() == 19


def test_rules_of_a_vertical_line_stand_upright():
    result = applied(RuledLines(), np.full((100, 50), 255, np.uint8), rules(), direction="ttb")
    assert (result == result[:1]).all()
    assert result.min() < 140


def test_columns_cross_the_lines():
    result = applied(RuledLines(), np.full((100, 100), 255, np.uint8), rules(columns=2.0))
    assert (result[:, 10] < 140).all()
    assert (result[5] < 200).all()


def test_each_picture_gets_a_line_whatever_the_spacing():
    blank = np.full((64, 300), 255, np.uint8)
    for phase in (0.01, 0.5, 0.99):
        assert applied(RuledLines(), blank, rules(spacing=8.0, phase=phase)).min() < 140


def test_a_seal_is_grey_on_grey_unless_colour_is_asked_for():
    image = picture()
    assert drawn_by(Stamp(), image)["hue"] is None
    op = Stamp(colour=1.0, opacity=1.0)
    for seed in range(5):
        result = applied(op, image, drawn_by(op, image, seed))
        assert result.shape == (*image.shape, 3)
        assert np.ptp(result.astype(int), axis=2).max() > 40
        assert (result[image == 0] == 0).all()


@pytest.mark.parametrize(("hue", "channel"), [(0.0, 0), (0.62, 2)])
def test_a_seal_keeps_its_hue_on_a_dark_ground(hue, channel):
    dark = np.zeros((80, 80), np.uint8)
    drawn = {"radius": 0.7, "opacity": 1.0, "level": 90.0, "shape": "round", "x": 0.5, "y": 0.5, "angle": 0.0}
    result = applied(Stamp(), dark, drawn | {"hue": hue, "seed": 1}, 0)
    assert result.reshape(-1, 3).astype(int).sum(axis=0).argmax() == channel


def test_a_seal_stays_within_its_radius():
    blank = np.full((200, 300), 255, np.uint8)
    drawn = {"radius": 1.0, "opacity": 1.0, "level": 0.0, "shape": "round", "x": 0.5, "y": 0.5, "angle": 5.0}
    y, x = np.nonzero(applied(Stamp(), blank, drawn | {"hue": None, "seed": 1}) < 250)
    far = np.hypot(x + 0.5 - 150, y + 0.5 - 100)
    assert 38 < far.max() < 45


def test_dust_covers_its_share():
    blank = np.full((200, 600), 255, np.uint8)
    result = applied(Dust(), blank, {"share": 0.01, "size": 0.05, "depth": 1.0, "seed": 3})
    assert (255.0 - result).mean() / 255 == pytest.approx(0.01, rel=0.5)


@every_op
def test_the_ground_is_no_plain_one_where_lines_or_shades_run_out_of_the_picture(name):
    frame = frame_of(picture())
    op = BY_NAME[name]()
    op.apply(frame, drawn_by(op, picture()))
    assert (frame.ground is None) == (name in ("stain", "fold", "ruled_lines"))
    assert not frame.clean
