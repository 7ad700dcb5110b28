"""Tones: colours of a wanted luma, and levels apart from another."""

import pytest
from ocrfactory.augment.op import Chance
from ocrfactory.augment.tones import apart, coloured, luma


@pytest.mark.parametrize("level", [0, 1, 30, 128, 200, 254, 255])
def test_a_colour_has_the_luma_that_is_asked_for(level):
    for step in range(24):
        tone = coloured(level, step / 24, 1.0)
        assert luma(tone) == pytest.approx(level, abs=1)
        assert all(0 <= channel <= 255 for channel in tone)
    assert coloured(level, 0.3, 0.0) == [level] * 3


def test_saturation_makes_colours():
    red = coloured(76, 0.0, 1.0)
    assert red[0] > 250
    assert red[1] < 5


def test_a_level_apart_is_so_far_away_or_at_the_end():
    chance = Chance(1, "test")
    for level in range(0, 256, 5):
        assert abs(apart(chance, level, 100) - level) >= 100
    assert apart(chance, 100, 200) == 255
    assert apart(chance, 200, 250) == 0
