"""Blur, sharpness, resolution and compression."""

import numpy as np
import pytest
from ocrfactory.augment import optics
from ocrfactory.augment.optics import Blur, Defocus, Jpeg, MotionBlur, Resample, Sharpen
from ocrfactory.errors import Reject
from pydantic import ValidationError

from tests.augment.pixel_ops import EM, Promises, close, done, picture


class TestPromises(Promises):
    OPS = optics.OPS


def edges(image):
    """How sharp a picture is: the sum of squared differences of neighbours."""
    grey = image.astype(float)
    return (np.diff(grey, axis=0) ** 2).sum() + (np.diff(grey, axis=1) ** 2).sum()


def dot(size=31):
    image = np.zeros((size, size), np.uint8)
    image[size // 2, size // 2] = 255
    return image


def bright(size=41):
    """A field that a kernel's weights can be read from: a dot of 5 x 5 pixels."""
    image = np.zeros((size, size), np.uint8)
    image[size // 2 - 2 : size // 2 + 3, size // 2 - 2 : size // 2 + 3] = 255
    return image


@pytest.mark.parametrize(
    ("op", "field", "values", "more"),
    [
        (Blur(), "sigma", (0, 0.01, 0.02, 0.04, 0.1, 0.2), {}),
        (MotionBlur(), "length", (0, 0.03, 0.06, 0.12, 0.25, 0.4), {"angle": 0}),
        (Defocus(), "radius", (0, 0.02, 0.04, 0.08, 0.15), {}),
        (Resample(), "factor", (1, 0.7, 0.5, 0.3, 0.15), {"down": "area", "up": "linear"}),
    ],
    ids=lambda value: getattr(value, "op", None),
)
def test_more_of_it_leaves_fewer_edges(op, field, values, more):
    found = [edges(done(op, picture(), {field: value, **more})) for value in values]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)


def test_more_sharpening_makes_more_edges_and_halos():
    found = [done(Sharpen(), picture(), {"amount": amount, "radius": 0.03}) for amount in (0, 0.5, 1, 3)]
    assert [edges(image) for image in found] == sorted(edges(image) for image in found)
    assert found[1].max() > picture().max()


def test_a_lower_quality_is_farther_from_the_picture():
    found = [np.abs(done(Jpeg(), picture(), {"quality": q}).astype(int) - picture()).mean() for q in (100, 80, 40, 5)]
    assert found == sorted(found)


def test_jpeg_keeps_the_order_of_the_channels():
    red = np.full((16, 16, 3), (220, 30, 60), np.uint8)
    assert close(done(Jpeg(), red, {"quality": 95}), red, most=4, mean=3)


def test_a_blur_has_the_sigma_that_it_says_in_em():
    spread = done(Blur(), bright(), {"sigma": 0.1}).astype(float).sum(axis=0)
    x = np.arange(spread.size) - spread.size // 2
    assert (spread @ x**2) / spread.sum() == pytest.approx((0.1 * EM) ** 2 + (5**2 - 1) / 12, rel=0.05)


def test_motion_goes_along_its_angle_and_as_far_as_its_length():
    across = done(MotionBlur(), dot(), {"length": 0.25, "angle": 0})
    assert np.ptp(np.nonzero(across)[1]) == 0.25 * EM
    assert np.ptp(np.nonzero(across)[0]) == 0
    up = done(MotionBlur(), dot(), {"length": 0.25, "angle": 90})
    assert np.array_equal(up, across.T)
    rows, columns = np.nonzero(done(MotionBlur(), dot(), {"length": 0.25, "angle": 45}))
    assert np.corrcoef(rows, columns)[0, 1] < -0.8, "counter-clockwise as seen: to the right is up"


def test_a_point_out_of_focus_is_a_disc():
    spread = done(Defocus(), bright(), {"radius": 0.15}).astype(float)
    assert np.array_equal(spread, spread.T)
    x = np.arange(len(spread)) - len(spread) // 2
    assert (spread.sum(axis=0) @ x**2) / spread.sum() == pytest.approx((0.15 * EM) ** 2 / 4 + (5**2 - 1) / 12, rel=0.1)
    assert np.ptp(spread[18:23, 18:23]) <= 1, "flat in the middle, as no Gaussian is"


@pytest.mark.parametrize("angle", [-180, -120, -37, 0, 10, 90, 133, 180])
@pytest.mark.parametrize("length", [0, 0.4, 1, 2.5, 16])
def test_a_kernel_holds_its_whole_line(length, angle, monkeypatch):
    kernel = optics._line(length, angle)
    assert np.allclose(kernel, kernel[::-1, ::-1])
    y, x = np.indices(kernel.shape) - (np.array(kernel.shape) // 2)[:, None, None]
    assert (kernel * (x**2 + y**2)).sum() / kernel.sum() == pytest.approx(length**2 / 12, rel=0.1, abs=0.4)
    around = optics._around
    monkeypatch.setattr(optics, "_around", lambda right, down: around(40, 40))
    assert optics._line(length, angle).sum() == pytest.approx(kernel.sum())


@pytest.mark.parametrize("down", ["nearest", "linear", "cubic", "area"])
@pytest.mark.parametrize("up", ["nearest", "linear", "cubic", "area"])
def test_the_methods_of_a_recipe_are_the_only_ones_drawn(down, up):
    op = Resample(down=(down,), up=(up,), factor=0.5)
    assert done(op, picture()).shape == picture().shape


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (Blur, {"sigma": "1.5px"}, ["'px'", "em", "%", "at 50 px a glyph, 1 px is 0.02em"]),
        (Blur, {"sigma": 3}, ["3 is not within 0 to 0.2 em", "1 px is 0.02em"]),
        (Blur, {"sigma": [0.05, 0.01]}, ["starts at 0.05", "0.01"]),
        (MotionBlur, {"angle": "2rad"}, ["'rad'", "deg"]),
        (MotionBlur, {"length": 5}, ["5 is not within 0 to 0.4 em"]),
        (Resample, {"factor": 2}, ["2 is not within 0.15 to 1"]),
        (Resample, {"up": ["lanczos"]}, ["nearest", "cubic"]),
        (Resample, {"up": []}, ["at least 1 item"]),
        (Jpeg, {"quality": 0}, ["0 is not within 1 to 100"]),
        (Jpeg, {"quality": "90%"}, ["'%'"]),
    ],
)
def test_a_wrong_unit_or_size_is_refused_with_what_is_right(kind, fields, words):
    with pytest.raises(ValidationError) as error:
        kind(**fields)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_percentage_and_em_are_the_same_length():
    assert Blur(sigma="2%").sigma == Blur(sigma=0.02).sigma == Blur(sigma="0.02em").sigma == (0.02, 0.02)


def test_a_picture_longer_than_jpeg_takes_is_a_reject():
    with pytest.raises(Reject) as error:
        done(Jpeg(), np.full((2, 70_000), 255, np.uint8), {"quality": 80})
    assert error.value.reason == "too_long"
