"""Grey levels: curves, shade and stripes."""

import numpy as np
import pytest
from ocrfactory.augment import light
from ocrfactory.augment.light import Brightness, ColourShift, Contrast, Gamma, Invert, Moire, UnevenLight, Vignette
from ocrfactory.augment.warp import Projection
from pydantic import ValidationError

from tests.augment.pixel_ops import EM, Promises, done, drawn_by, frame_of, picture

STEPS = np.arange(256, dtype=np.uint8).reshape(4, 64)
FLAT = np.full((60, 240), 200, np.uint8)


class TestPromises(Promises):
    OPS = light.OPS
    SHARP = ("invert",)


def test_each_level_follows_its_curve():
    levels = STEPS.astype(float)
    for found, wanted in (
        (done(Brightness(), STEPS, {"shift": 40.4}), levels + 40.4),
        (done(Brightness(), STEPS, {"shift": -100}), levels - 100),
        (done(Contrast(), STEPS, {"factor": 1.5}), (levels - 128) * 1.5 + 128),
        (done(Contrast(), STEPS, {"factor": 0.3}), (levels - 128) * 0.3 + 128),
        (done(Gamma(), STEPS, {"gamma": 2}), levels**2 / 255),
        (done(Invert(), STEPS, {"seed": 0}), 255 - levels),
    ):
        assert np.array_equal(found, np.rint(wanted).clip(0, 255))


@pytest.mark.parametrize(
    ("op", "drawn", "ground"),
    [
        (Brightness(), {"shift": -30.0}, 190),
        (Contrast(), {"factor": 0.5}, 174),
        (Gamma(), {"gamma": 2.0}, 190),
        (Invert(), {"seed": 0}, 35),
        (Moire(), None, 220),
        (Vignette(), None, None),
        (UnevenLight(), None, None),
    ],
    ids=lambda value: getattr(value, "op", None),
)
def test_the_ground_follows_so_that_later_geometry_fills_in_what_fits(op, drawn, ground):
    frame = frame_of(picture())
    op.apply(frame, drawn or drawn_by(op))
    assert frame.ground == ground
    if drawn:
        assert frame.image[0, 0] == ground
        frame.bend(Projection(np.array([[1, 0.2, 0], [0.1, 1, 0], [0, 0, 1]])))
        assert np.abs(frame.pixels()[0].astype(int) - ground).max() <= 1


def test_inverting_twice_is_no_change():
    assert np.array_equal(done(Invert(), done(Invert(), picture(), {"seed": 0}), {"seed": 0}), picture())


def test_a_grey_picture_keeps_its_balance_and_a_coloured_one_loses_in_each_channel_what_is_recorded():
    loss = [51.0, 0.0, 102.0]
    assert np.array_equal(done(ColourShift(), picture(), {"loss": loss}), picture())
    white = np.full((5, 5, 3), 255, np.uint8)
    assert done(ColourShift(), white, {"loss": loss})[2, 2].tolist() == [204, 255, 153]


def test_a_vignette_takes_its_share_from_the_farthest_corner_and_nothing_from_the_centre():
    found = done(Vignette(), FLAT, {"amount": 0.4, "x": 0.5, "y": 0.5})
    assert found[30, 120] == pytest.approx(200, abs=2)
    assert found[0, 0] == found[-1, -1] == found[0, -1] == pytest.approx(120, abs=3)
    assert found[30, 0] < found[0, 120], "rings: the ends of a line are darker than its upper edge"
    found = done(Vignette(), FLAT, {"amount": 0.4, "x": 0.2, "y": 0.5})
    assert np.argmax(found.max(axis=0)) == pytest.approx(48, abs=12)


@pytest.mark.parametrize(("angle", "dark"), [(0, (30, -1)), (180, (30, 0)), (90, (0, 120)), (-90, (-1, 120))])
def test_a_ramp_gets_darker_along_its_angle(angle, dark):
    white = np.full((60, 240), 255, np.uint8)
    where = {"angle": angle, "spot": 0.0, "radius": 1.0, "x": 0.5, "y": 0.5}
    found = done(UnevenLight(), white, {"amount": 50, **where})
    assert found[dark] == found.min() == pytest.approx(205, abs=2)
    assert found.max() == pytest.approx(255, abs=2)


def test_a_slanting_ramp_is_even_across_its_angle():
    where = {"angle": 45, "spot": 0.0, "radius": 1.0, "x": 0.5, "y": 0.5}
    found = done(UnevenLight(), np.full((60, 240), 255, np.uint8), {"amount": 100, **where}).astype(int)
    assert abs(found[10, 100] - found[50, 140]) <= 1, "down to the right: across"
    assert found[50, 100] - found[10, 140] > 20, "up to the right: along"


def test_a_spot_lies_where_it_is_recorded_and_black_stays_black():
    where = {"angle": 0, "spot": 1.0, "radius": 0.5, "x": 0.25, "y": 0.5}
    found = done(UnevenLight(), np.full((60, 240), 255, np.uint8), {"amount": 100, **where})
    row, column = np.unravel_index(np.argmin(found), found.shape)
    assert (row, column) == (pytest.approx(30, abs=8), pytest.approx(60, abs=8))
    assert not done(UnevenLight(), np.zeros((60, 240), np.uint8), {"amount": 100, **where}).any()


def test_light_has_no_steps():
    for op in (UnevenLight(amount=80, spot=0.5), Vignette(amount=0.5)):
        found = done(op, np.full((64, 640), 255, np.uint8)).astype(int)
        assert max(np.abs(np.diff(found, axis=0)).max(), np.abs(np.diff(found, axis=1)).max()) <= 6


def test_stripes_have_the_period_and_the_levels_that_are_recorded():
    image = np.full((16, 400), 128, np.uint8)
    drawn = {"amount": 40, "period": 0.25, "angle": 0, "ratio": 1.0, "turn": 0.0, "phases": [0.0, 0.0]}
    found = done(Moire(), image, drawn).astype(float)
    assert np.ptp(found) == pytest.approx(40, abs=2)
    assert found.mean() == pytest.approx(128, abs=1)
    assert np.argmax(np.abs(np.fft.rfft(found[0] - 128))) == round(400 / (0.25 * EM))
    assert not np.ptp(found, axis=0).any(), "at 0 degrees the stripes stand upright"
    found = done(Moire(), image, {**drawn, "angle": 90})
    assert not np.ptp(found, axis=1).any()


def test_two_gratings_beat():
    image = np.full((4, 800), 128, np.uint8)
    drawn = {"amount": 60, "period": 0.25, "angle": 0, "ratio": 1.1, "turn": 0.0, "phases": [0.0, 0.0]}
    row = done(Moire(), image, drawn)[0].astype(int)
    strength = [np.ptp(row[x : x + 12]) for x in range(0, 780, 4)]
    assert max(strength) > 50
    assert min(strength) < 15


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (Brightness, {"shift": "10%"}, ["'%'", "levels", "of 255"]),
        (Brightness, {"shift": 300}, ["300 is not within -200 to 200 levels"]),
        (Contrast, {"factor": -1}, ["-1 is not within 0.1 to 4"]),
        (Contrast, {"factor": "2x"}, ["'x'", "without a unit"]),
        (Gamma, {"gamma": 0}, ["0 is not within 0.2 to 5"]),
        (Vignette, {"amount": 1}, ["1 is not within 0 to 0.9", "a share of one"]),
        (UnevenLight, {"radius": "30px"}, ["'px'", "glyph heights"]),
        (Moire, {"period": "3px"}, ["'px'", "glyph heights"]),
        (Invert, {"p": 2}, ["less than or equal to 1"]),
    ],
)
def test_a_wrong_unit_or_size_is_refused_with_what_is_right(kind, fields, words):
    with pytest.raises(ValidationError) as error:
        kind(**fields)
    assert all(word in str(error.value) for word in words), str(error.value)
