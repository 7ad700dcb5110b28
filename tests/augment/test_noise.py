"""Noise has the strength, the shape and the colour that are recorded."""

import numpy as np
import pytest
from ocrfactory.augment import noise
from ocrfactory.augment.noise import Grain, Noise, SaltPepper
from pydantic import ValidationError

from tests.augment.pixel_ops import EM, Promises, done, drawn_by, picture

KINDS = ("gaussian", "poisson", "speckle", "uniform")


class TestPromises(Promises):
    OPS = noise.OPS


def flat(level, colour=False):
    return np.full((200, 300, 3) if colour else (200, 300), level, np.uint8)


def added(kind, level, sd, colour=None, seed=3):
    drawn = {"kind": kind, "sd": sd, "colour": bool(colour), "seed": seed}
    return done(Noise(), flat(level, colour is not None), drawn).astype(float) - level


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sd", [2, 8, 20])
def test_the_deviation_is_what_is_recorded_and_the_mean_stays(kind, sd):
    at_white = {"poisson": (128 / 255) ** 0.5, "speckle": 128 / 255}.get(kind, 1)
    found = added(kind, 128, sd)
    assert found.std() == pytest.approx((sd**2 * at_white**2 + 1 / 12) ** 0.5, rel=0.03)
    assert abs(found.mean()) < 0.1 + 0.01 * sd


def test_kinds_differ_in_what_they_do_at_each_level():
    def ratio(kind):
        return added(kind, 40, 10).std() / added(kind, 160, 10).std()

    assert ratio("gaussian") == pytest.approx(1, abs=0.02)
    assert ratio("uniform") == pytest.approx(1, abs=0.02)
    assert ratio("poisson") == pytest.approx(0.5, abs=0.02)
    assert ratio("speckle") == pytest.approx(0.25, abs=0.02)
    assert np.abs(added("uniform", 128, 10)).max() <= 18
    assert np.abs(added("gaussian", 128, 10)).max() > 30


@pytest.mark.parametrize("kind", KINDS)
def test_channels_are_alike_or_have_noise_of_their_own(kind):
    alike = added(kind, 120, 10, colour=False)
    assert np.array_equal(alike[..., 0], alike[..., 2])
    assert np.array_equal(alike[..., 0], added(kind, 120, 10)), "and are those of the grey picture"
    own = added(kind, 120, 10, colour=True)
    assert abs(np.corrcoef(own[..., 0].ravel(), own[..., 1].ravel())[0, 1]) < 0.03


@pytest.mark.parametrize("colour", [None, False, True])
def test_another_seed_is_other_noise(colour):
    one, two = (added("gaussian", 128, 10, colour, seed) for seed in (1, 2))
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.03


def test_black_and_white_do_not_wrap_round():
    assert added("gaussian", 250, 20).max() == 5
    assert added("gaussian", 5, 20).min() == -5
    assert added("speckle", 250, 20).max() == 5


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize(("share", "salt"), [(0.01, 0.5), (0.2, 0.5), (0.5, 0.8), (0.1, 0), (0.1, 1)])
def test_salt_and_pepper_replace_their_share_of_pixels(share, salt, colour):
    found = done(SaltPepper(), flat(128, colour), {"share": share, "salt": salt, "seed": 5})
    hit = found != 128
    if colour:
        assert np.array_equal(hit[..., 0], hit.all(axis=2)), "whole pixels, not channels"
    assert hit.mean() == pytest.approx(share, rel=0.1)
    assert set(np.unique(found[hit])) <= {0, 255}
    assert (found[hit] == 255).mean() == pytest.approx(salt, abs=0.06)


def test_salt_and_pepper_fall_everywhere():
    found = done(SaltPepper(), flat(128), {"share": 0.3, "salt": 0.5, "seed": 1}) != 128
    blocks = found.reshape(10, 20, 10, 30).mean(axis=(1, 3))
    assert blocks.min() > 0.2
    assert blocks.max() < 0.4


@pytest.mark.parametrize("size", [0.05, 0.1, 0.4])
def test_grain_is_as_wide_as_recorded_and_keeps_its_deviation(size):
    found = [done(Grain(), flat(128), {"sd": 10, "size": size, "seed": s}).astype(float) - 128 for s in range(30)]
    assert np.std(found) == pytest.approx(10, rel=0.06)
    assert abs(np.mean(found)) < 1
    lag = round(size * EM / 2)
    beside = np.mean([(tile[:, lag:] * tile[:, :-lag]).mean() for tile in found]) / np.mean(np.square(found))
    assert beside == pytest.approx(0.5, abs=0.08), "half the correlation at half the width"


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (Noise, {"sd": "5%"}, ["'%'", "levels", "of 255"]),
        (Noise, {"sd": 200}, ["200 is not within 0 to 100 levels"]),
        (Noise, {"kind": "pink"}, ["gaussian", "speckle"]),
        (SaltPepper, {"share": 2}, ["2 is not within 0 to 0.5", "a share of one"]),
        (Grain, {"size": "1.5px"}, ["'px'", "at 50 px a glyph, 1 px is 0.02em"]),
    ],
)
def test_a_wrong_unit_or_size_is_refused_with_what_is_right(kind, fields, words):
    with pytest.raises(ValidationError) as error:
        kind(**fields)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_percentage_is_a_share():
    assert SaltPepper(share="2%").share == (0.02, 0.02)
    assert Grain(size="5%").size == (0.05, 0.05)


def test_a_recipe_says_how_many_coloured_pictures_get_coloured_noise():
    assert drawn_by(Noise(colour=1), image=picture(True))["colour"] is True
    assert drawn_by(Noise(colour=0), image=picture(True))["colour"] is False
