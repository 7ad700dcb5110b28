"""Ink of a row keeps a pixel of room, whatever was drawn and is asked; the gate sees what runs off the frame."""

import numpy as np
import PIL.Image
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ocrfactory.fill.frame import FRAME
from ocrfactory.fill.placing import INK, placed, seen
from ocrfactory.render.glyph import STILL, Wobble

from tests.fill.test_placing import block, box


def keeps_room(picture):
    left, top, right, bottom = box(picture)
    return min(left, top) >= 1 and right <= picture.shape[1] - 1 and bottom <= picture.shape[0] - 1


@pytest.mark.parametrize("level", [INK, 120, 255])
def test_ink_on_the_first_row_is_moved_off_it_at_the_picture_s_own_size(level):
    picture = block(20, 10, 44, 54)
    picture[0:10, 30:34] = level
    found = placed(picture, FRAME)
    assert found.shape == picture.shape
    assert keeps_room(found)
    assert abs(found.mean() / picture.mean() - 1) < 0.1


@given(
    st.integers(0, 30), st.integers(0, 30), st.integers(34, 64), st.integers(34, 64),
    st.sampled_from([16, 32, 48, 64, 65, 100, 128, 200, 512]), st.sampled_from([64, 128]),
    st.just(STILL) | st.builds(Wobble, st.floats(0.5, 1.5), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)),
)  # fmt: skip
@example(0, 0, 64, 64, 64, 64, STILL)
@example(0, 0, 64, 64, 512, 64, Wobble(1.5, 0.5, 0.5))
def test_ink_keeps_a_pixel_of_room_at_any_size_and_any_place(left, top, right, bottom, size, side, wobble):
    scale = side // 64
    assert keeps_room(placed(block(left * scale, top * scale, right * scale, bottom * scale, side), size, wobble))


def test_a_faint_haze_on_the_border_is_no_ink_and_moves_nothing():
    picture = block(10, 10, 50, 50)
    picture[0] = INK - 1
    assert placed(picture, FRAME) is picture


def test_the_gate_sees_what_a_row_shows_but_for_ink_that_runs_off_the_frame():
    inside, soft, cut = block(1, 1, 63, 63), block(10, 0, 50, 50), block(10, 0, 50, 50)
    soft[0] = np.minimum(soft[0], 120)
    assert seen(inside) is inside
    assert np.array_equal(seen(soft), placed(soft, FRAME))
    assert seen(cut) is cut
    large = np.asarray(PIL.Image.fromarray(cut).resize((128, 128)))
    assert np.array_equal(seen(large), placed(large, FRAME))
