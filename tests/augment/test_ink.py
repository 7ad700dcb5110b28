"""What printing and copying do to strokes: thinner, thicker, black and white, run, worn, cut, struck twice."""

import json

import cv2
import numpy as np
import pytest
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.ink import OPS, BrokenStrokes, Dilate, Dropout, Erode, ground_of, highest, moved_edges
from ocrfactory.augment.op import Chance
from ocrfactory.rng import stream
from ocrfactory.sample import Sample
from pydantic import ValidationError

EM = 40.0
BY_NAME = {op.model_fields["op"].default: op for op in OPS}
every_op = pytest.mark.parametrize("name", BY_NAME)
kinds = pytest.mark.parametrize("colour", [False, True], ids=["grey", "rgb"])


def picture(colour=False, ink=0, ground=255):
    """Bars, a ring and a hairline: smooth edges, nothing at the border. Must not be written into."""
    image = np.full((48, 200), 255, np.uint8)
    for x in (20, 60, 100):
        cv2.rectangle(image, (x, 10), (x + 6, 38), 0, -1)
    cv2.circle(image, (140, 24), 12, 0, 4, cv2.LINE_AA)
    cv2.line(image, (165, 12), (185, 36), 0, 1, cv2.LINE_AA)
    image = np.rint(ink + image / 255.0 * (ground - ink)).astype(np.uint8)
    image = np.dstack([image, image, image]) if colour else image
    image.setflags(write=False)
    return image


def frame_of(image, ground=255, em=EM):
    return Frame(
        Sample(text="x", image=image, kind="line", origin="font", seed=1, license="x", font_size_px=em, ground=ground)
    )


def drawn_by(op, image=None, seed=5, strength=1.0, ground=255):
    return op.draw(Chance(seed, "test", strength), frame_of(picture() if image is None else image, ground))


def applied(op, image, drawn, ground=255, em=EM):
    frame = frame_of(image, ground, em)
    op.apply(frame, drawn)
    return frame.image


def ink(image):
    """How much ink there is, in black pixels."""
    return float((255.0 - image).sum() / 255)


@every_op
@kinds
def test_size_and_channels_are_kept_and_the_input_is_not_touched(name, colour):
    op, image = BY_NAME[name](), picture(colour)
    before = image.copy()
    for seed in range(5):
        result = applied(op, image, drawn_by(op, image, seed))
        assert result.shape == image.shape
        assert result.dtype == np.uint8
    assert (image == before).all()


@every_op
def test_it_does_something_at_its_defaults(name):
    op, image = BY_NAME[name](), picture(ink=30, ground=220)
    assert any((applied(op, image, drawn_by(op, image, seed), 220) != image).any() for seed in range(3))


@every_op
def test_the_record_is_json_and_enough_to_do_it_again_with_other_settings(name):
    op, image = BY_NAME[name](), picture()
    for seed in range(5):
        drawn = drawn_by(op, image, seed)
        again = json.loads(json.dumps(drawn))
        assert again == drawn
        other = BY_NAME[name](p=0.5, force=True)
        assert (applied(op, image, drawn) == applied(other, image, again)).all()


@every_op
def test_what_ran_before_changes_nothing(name):
    op, image = BY_NAME[name](), picture()
    drawn = drawn_by(op, image)
    first = applied(op, image, drawn)
    for other in BY_NAME.values():
        applied(other(), picture(True), drawn_by(other(), seed=9))
    assert (applied(op, image, drawn) == first).all()


@every_op
def test_the_same_chances_draw_the_same_and_others_draw_others(name):
    op = BY_NAME[name]()
    assert drawn_by(op, seed=1) == drawn_by(op, seed=1) != drawn_by(op, seed=2)


@every_op
@kinds
@pytest.mark.parametrize("ground", [255, 210, None])
def test_without_strength_the_picture_stays_nearly_the_same(name, colour, ground):
    op, image = BY_NAME[name](), picture(colour, 20, ground or 255)
    for seed in range(5):
        result = applied(op, image, drawn_by(op, image, seed, 0.001, ground), ground)
        assert np.abs(result.astype(int) - image).mean() < 0.5
        assert np.abs(result.astype(int) - image).max() <= 3


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
def test_light_ink_on_a_dark_ground_is_the_mirror_image(name, colour, known):
    op, image = BY_NAME[name](), picture(colour, 20, 230)
    for seed in range(3):
        drawn = drawn_by(op, image, seed, ground=230 if known else None)
        dark = applied(op, image, drawn, 230 if known else None)
        light = applied(op, 255 - image, drawn, 25 if known else None)
        assert (light == 255 - dark).all()


@every_op
def test_grey_and_grey_in_three_channels_get_the_same(name):
    op = BY_NAME[name]()
    drawn = drawn_by(op)
    in_three = applied(op, picture(True, 10, 240), drawn, 240)
    assert (in_three == applied(op, picture(False, 10, 240), drawn, 240)[:, :, None]).all()


@every_op
def test_a_blank_picture_stays_blank(name):
    blank = np.full((40, 90), 200, np.uint8)
    op = BY_NAME[name]()
    assert (applied(op, blank, drawn_by(op, blank, ground=200), 200) == 200).all()


@every_op
@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (20, 4), (24, 24)])
def test_small_pictures_are_taken(name, shape):
    image = np.full(shape, 255, np.uint8)
    image[shape[0] // 2 :, shape[1] // 2 :] = 0
    op = BY_NAME[name]()
    for ground in (255, None):
        assert applied(op, image, drawn_by(op, image, ground=ground), ground, em=8.0).shape == shape


@every_op
def test_real_scans_are_spared_unless_forced(name):
    op = BY_NAME[name]
    assert op.pollutes
    assert not op().force
    assert op(force=True).force


@every_op
def test_every_field_says_what_it_is(name):
    fields = BY_NAME[name].model_fields
    assert all(field.description for key, field in fields.items() if key != "op")
    assert BY_NAME[name].__doc__


def test_dilate_adds_ink_and_erode_takes_some_away():
    image = picture()
    assert ink(applied(Dilate(), image, {"radius": 0.02})) > ink(image) * 1.1
    assert ink(applied(Erode(), image, {"radius": 0.02})) < ink(image) * 0.9


@pytest.mark.parametrize(("radius", "width"), [(0.0, 7), (0.25, 7.5), (0.5, 8), (1.0, 9), (1.5, 10), (2.0, 11)])
def test_parts_of_a_pixel_move_an_edge_by_as_much(radius, width):
    image = np.full((31, 31), 255, np.uint8)
    image[:, 12:19] = 0
    row = moved_edges(image, radius, cv2.erode)[15]
    assert ink(row) == pytest.approx(width, abs=0.02)


@pytest.mark.parametrize("field", ["0.02em", "2%", 0.02])
def test_lengths_are_in_glyph_heights(field):
    assert Dilate(radius=field).radius == (0.02, 0.02)
    with pytest.raises(ValidationError, match="not a unit here"):
        Dilate(radius="1px")


def test_a_length_means_the_same_at_every_size():
    small, large = picture(), cv2.resize(picture(), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    drawn = {"radius": 0.025}
    growth = ink(applied(Dilate(), small, drawn)) / ink(small), ink(applied(Dilate(), large, drawn, em=80)) / ink(large)
    assert growth[0] == pytest.approx(growth[1], rel=0.05)


@pytest.mark.parametrize("local", [False, True])
def test_binarise_leaves_black_and_white_and_a_higher_threshold_is_bolder(local):
    image = cv2.GaussianBlur(picture(ink=60, ground=200), (0, 0), 1.5)
    amounts = []
    for threshold in (0.3, 0.5, 0.7):
        op = BY_NAME["binarise"]()
        result = applied(op, image, {"threshold": threshold, "local": local, "blend": 1.0}, 200)
        assert set(np.unique(result)) == {0, 255}
        amounts.append(ink(result))
    assert amounts[0] < amounts[1] < amounts[2]


def test_a_local_threshold_reads_through_a_shadow_that_a_global_one_drowns_in():
    shadow = np.linspace(1, 0.3, 200)[None]
    image = (picture(ink=80, ground=220) * shadow).astype(np.uint8)
    wanted = picture() < 128
    op = BY_NAME["binarise"]()
    wrong = [
        ((applied(op, image, {"threshold": 0.5, "local": local, "blend": 1.0}, None) == 0) != wanted).mean()
        for local in (True, False)
    ]
    assert wrong[0] < 0.02 < 0.2 < wrong[1]


def test_geometry_after_binarise_fills_in_the_new_ground():
    frame = frame_of(picture(ink=40, ground=200), 200)
    BY_NAME["binarise"]().apply(frame, {"threshold": 0.5, "local": False, "blend": 1.0})
    assert frame.ground == 255


def test_bled_ink_only_spreads_and_stays_near():
    image = picture(ink=30, ground=220)
    drawn = {"spread": 0.04, "roughness": 1.0, "grain": 0.08, "seed": 3}
    result = applied(BY_NAME["ink_bleed"](), image, drawn, 220)
    assert (result <= image).all()
    assert ink(result) > ink(image) * 1.02
    far = cv2.erode(image, np.ones((9, 9), np.uint8)) == 220
    assert (result[far] == image[far]).all()


@pytest.mark.parametrize("share", [0.02, 0.1, 0.4])
def test_dropout_takes_about_its_share_of_ink_and_shows_the_ground_there(share):
    image = np.full((200, 400), 210, np.uint8)
    image[::8] = image[1::8] = 40
    drawn = {"share": share, "size": 0.1, "depth": 1.0, "seed": 4}
    result = applied(Dropout(), image, drawn, None)
    assert (result >= image).all()
    assert result.max() == 210
    assert 1 - (210.0 - result).sum() / (210.0 - image).sum() == pytest.approx(share, rel=0.4)


def test_cuts_are_thin_and_more_cuts_take_more():
    image = picture()
    lost = []
    for cuts in (1.0, 6.0):
        drawn = {"cuts": cuts, "width": 0.025, "length": 0.6, "depth": 1.0, "seed": 8}
        result = applied(BrokenStrokes(), image, drawn)
        assert (result >= image).all()
        lost.append(1 - ink(result) / ink(image))
    assert 0 < lost[0] < lost[1] < 0.35


def test_a_ghost_leaves_the_first_print_as_it_was():
    image = picture(ink=30, ground=220)
    result = applied(BY_NAME["ghost"](), image, {"dx": 0.1, "dy": 0.05, "opacity": 0.4}, 220)
    assert (result[image == 30] == 30).all()
    assert (result <= image).all()
    assert (result < image).any()


def test_the_ground_is_found_below_strokes_in_shadow_and_colour():
    shadow = np.linspace(1, 0.6, 200)[None, :, None]
    image = (picture(True) * np.float64((0.9, 0.8, 0.7)) * shadow).astype(np.uint8)
    wanted = np.float64((230, 204, 178)) * shadow
    assert np.abs(ground_of(image, EM) - wanted).mean() < 6


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.3, 1.0])
def test_the_highest_are_as_many_as_was_said(share):
    noise = cv2.GaussianBlur(stream(1, "noise").integers(0, 256, (200, 300), np.uint8), (0, 0), 3)
    noise = cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX)
    assert highest(noise, share).mean() / 255 == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("shape", [(100, 1), (1, 100), (2, 100), (3, 3)], ids=str)
def test_the_ground_of_a_picture_thinner_than_a_stroke_is_found(shape):
    assert ground_of(np.full(shape, 200, np.uint8), 80.0).shape == shape
