"""Generated ink stands where rendered ink does, at any size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.fill.placing import INK, centred, placed
from ocrfactory.render.glyph import STILL, Wobble


def block(left, top, right, bottom, side=64):
    picture = np.zeros((side, side), np.uint8)
    picture[top:bottom, left:right] = 255
    return picture


def box(picture):
    rows, columns = np.flatnonzero((picture >= INK).any(axis=1)), np.flatnonzero((picture >= INK).any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 24), st.integers(1, 24))
def test_the_box_of_the_ink_is_in_the_middle_and_nothing_is_lost(left, top, width, height):
    picture = block(left, top, left + width, top + height)
    moved = centred(picture)
    assert moved.sum() == picture.sum()
    x0, y0, x1, y1 = box(moved)
    assert abs(x0 - (64 - x1)) <= 1
    assert abs(y0 - (64 - y1)) <= 1


def test_what_is_in_the_middle_and_what_is_empty_stay_as_they_are():
    for picture in (block(20, 10, 44, 54), block(20, 10, 45, 55), np.zeros((64, 64), np.uint8)):
        assert np.array_equal(centred(picture), picture)


def test_haze_is_taken_off_the_paper_and_ink_stays_as_it_is():
    picture = block(20, 10, 44, 54)
    cleared = centred(np.maximum(picture, 9))
    assert np.array_equal(cleared[picture > 0], picture[picture > 0])
    assert not cleared[:8].any()
    assert cleared[9, 30] == 9, "the soft edge of a stroke is no haze"


def test_the_plain_picture_at_its_own_size_is_itself():
    picture = block(10, 10, 50, 50)
    assert placed(picture, 64) is picture
    assert placed(picture, 64, STILL) is picture


@pytest.mark.parametrize("size", [32, 48, 96, 128, 200])
def test_another_size_shows_the_same_shape_without_a_second_outline(size):
    small = placed(block(16, 8, 48, 56), size)
    assert small.shape == (size, size)
    x0, y0, x1, y1 = (value * 64 / size for value in box(small))
    assert np.allclose((x0, y0, x1, y1), (16, 8, 48, 56), atol=2.1)
    assert not small[:, : int(size * 12 / 64)].any()
    assert abs(small.mean() / block(16, 8, 48, 56).mean() - 1) < 0.03


@given(st.floats(0.5, 1.5), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.sampled_from([32, 64, 100]))
def test_ink_never_leaves_the_picture(scale, dx, dy, size):
    picture = placed(block(4, 4, 60, 60), size, Wobble(scale, dx, dy))
    x0, y0, x1, y1 = box(picture)
    assert min(x0, y0) >= 0
    assert max(x1, y1) <= size
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    assert edge.max() < 200


def test_a_shift_moves_right_and_up():
    x0, y0, _, _ = box(placed(block(20, 20, 44, 44), 64, Wobble(1.0, 0.1, 0.1)))
    assert x0 in (25, 26)
    assert y0 in (14, 15)
