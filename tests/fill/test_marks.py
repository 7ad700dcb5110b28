"""What is measured of a picture beside its content glyph."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.fill.marks import SPECK, measure

PAPER = np.zeros((64, 64), np.uint8)


def box(left, top, right, bottom, level=255):
    """A rectangle of ink."""
    picture = PAPER.copy()
    picture[top:bottom, left:right] = level
    return picture


CROSS = np.maximum(box(28, 8, 36, 56), box(8, 28, 56, 36))
FRAME = np.maximum(box(8, 8, 56, 56), 0) - box(16, 16, 48, 48)


def beside(*glyphs):
    return np.stack(glyphs)


@pytest.mark.parametrize(("picture", "share"), [(PAPER, 0), (box(0, 0, 64, 64), 1), (box(0, 0, 32, 64), 0.5)])
def test_ink_is_the_share_of_full_ink(picture, share):
    assert measure(picture, beside(CROSS)).ink == pytest.approx(share)


def test_grey_ink_counts_by_its_level():
    assert measure(box(0, 0, 64, 64, 51), beside(CROSS)).ink == pytest.approx(0.2)


def test_the_ratio_is_over_the_mean_of_the_content_glyphs_that_are_there():
    double = box(8, 8, 24, 40)
    single = box(8, 8, 16, 40)
    assert measure(double, beside(single)).ratio == pytest.approx(2)
    assert measure(double, beside(single, PAPER)).ratio == pytest.approx(2)
    assert measure(double, beside(single, double)).ratio == pytest.approx(4 / 3)


def test_without_any_content_nothing_is_compared():
    marks = measure(CROSS, beside(PAPER, PAPER))
    assert (marks.ratio, marks.agreement) == (0, 0)


def test_a_picture_without_ink_is_measured_as_nothing():
    marks = measure(PAPER, beside(CROSS, FRAME))
    assert (marks.ink, marks.ratio, marks.pieces, marks.specks, marks.border, marks.agreement) == (0,) * 6


def test_pieces_are_counted_without_specks():
    picture = box(8, 8, 20, 20) | box(30, 8, 40, 20) | box(50, 50, 51, 51 + SPECK) | box(10, 50, 11, 50 + SPECK - 1)
    marks = measure(picture, beside(CROSS))
    assert (marks.pieces, marks.specks) == (3, 1)


def test_excess_is_what_a_picture_has_more_than_the_content_with_more_pieces():
    whole, crumbs = np.zeros((64, 64), np.uint8), np.zeros((64, 64), np.uint8)
    whole[30:34, 4:60] = 255
    crumbs[30:34, 4:60:14] = crumbs[30:34, 5:60:14] = 255
    assert measure(crumbs, np.stack([whole, whole])).excess == 3
    assert measure(crumbs, np.stack([whole, crumbs])).excess == 0
    assert measure(whole, np.stack([whole, crumbs])).excess == -3


def test_strokes_that_touch_at_a_corner_are_one_piece():
    assert measure(box(8, 8, 16, 16) | box(16, 16, 24, 24), beside(CROSS)).pieces == 1


@pytest.mark.parametrize(
    ("picture", "pixels"),
    [(CROSS, 0), (box(0, 10, 5, 14), 4), (box(60, 0, 64, 3), 7), (box(0, 10, 5, 14, 100), 0)],
)
def test_ink_at_the_edge_is_counted(picture, pixels):
    assert measure(picture, beside(CROSS)).border == pixels


def test_a_smudge_has_no_dark_part():
    sharp = np.zeros((64, 64), np.uint8)
    sharp[20:44, 30:34] = 255
    assert measure(sharp, np.zeros((2, 64, 64), np.uint8)).peak == 255
    assert measure(sharp // 2, np.zeros((2, 64, 64), np.uint8)).peak == 127
    assert measure(np.zeros((64, 64), np.uint8), np.zeros((2, 64, 64), np.uint8)).peak == 0


def test_a_glyph_agrees_with_itself_and_less_with_another():
    assert measure(CROSS, beside(CROSS)).agreement == pytest.approx(1, abs=1e-5)
    assert measure(CROSS, beside(FRAME)).agreement < 0.5
    assert measure(CROSS, beside(FRAME, CROSS)).agreement == pytest.approx(1, abs=1e-5)  # the better of the two
    moved = np.roll(CROSS, 1, 1)
    assert 0.9 < measure(moved, beside(CROSS)).agreement < 1  # designs stand a pixel apart


@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_whatever_is_measured_is_a_number_in_its_range(seed, density, empty):
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (3, 64, 64), np.uint8)
    picture, *content = np.where(rng.random((3, 64, 64)) < density, noise, 0).astype(np.uint8)
    if empty > 0.7:
        content[0] = PAPER
    marks = measure(picture, beside(*content))
    values = [getattr(marks, name) for name in marks.__struct_fields__]
    assert np.isfinite(values).all()
    assert 0 <= marks.ink <= 1
    assert marks.ratio >= 0
    assert min(marks.pieces, marks.specks) >= 0
    assert 0 <= marks.border <= 4 * 64
    assert -1.001 <= marks.agreement <= 1.001
