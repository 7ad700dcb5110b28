"""Mixing: whole numbers give what the formulas say."""

import numpy as np
import pytest
from ocrfactory.augment.mixing import blended, over, over_plain, scaled, shaded

MODES = ("normal", "multiply", "screen", "darken", "lighten", "overlay", "hard_light", "soft_light")
GROUND = np.arange(256, dtype=np.uint8).reshape(16, 16)
COVERAGE = (GROUND.T * 7).astype(np.uint8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("opacity", [1.0, 0.6])
def test_ink_over_a_picture_is_what_the_formula_says(mode, opacity):
    for ink in (0, 40, 128, 255):
        shown = blended(mode, GROUND.astype(float), float(ink))
        wanted = GROUND + (shown - GROUND) * (COVERAGE / 255 * opacity)
        assert np.abs(over(GROUND, COVERAGE, ink, mode, opacity) - wanted).max() <= 2


@pytest.mark.parametrize("mode", MODES)
def test_a_plain_ground_gives_the_same_as_a_picture_of_it(mode):
    for below, ink in ((200, 30), ([200, 180, 90], [10, 60, 0])):
        plain = over_plain(below, COVERAGE, ink, mode, 0.8)
        ground = np.broadcast_to(np.uint8(below), plain.shape).copy()
        assert np.abs(plain.astype(int) - over(ground, COVERAGE, ink, mode, 0.8)).max() <= 2


@pytest.mark.parametrize("mode", MODES)
def test_blending_stays_between_black_and_white_and_mirrors(mode):
    mirror = {"multiply": "screen", "screen": "multiply", "darken": "lighten", "lighten": "darken"}.get(mode, mode)
    levels = np.arange(256.0)
    for ink in range(0, 256, 15):
        found = blended(mode, levels, float(ink))
        assert found.min() >= -1e-9
        assert found.max() <= 255 + 1e-9
        assert np.allclose(255 - blended(mirror, 255 - levels, 255.0 - ink), found, atol=2.1)


def test_grey_ink_goes_on_colour():
    ground = np.full((16, 16, 3), (200, 100, 50), np.uint8)
    assert over(ground, np.full((16, 16), 255, np.uint8), 0, "normal", 1.0).max() == 0


def test_fields_are_stretched_and_cut_at_the_ends():
    field = np.uint8([[0, 128, 255]])
    assert shaded(field, 100, 200, 127.5, 127.5).tolist() == [[100, 150, 200]]
    assert shaded(field, [0, 9, 9], [255, 9, 9], 127.5, 127.5)[0, :, 0].tolist() == [0, 128, 255]
    assert scaled(field, 2.0, -100).tolist() == [[0, 156, 255]]
