"""Placing a character: nothing is clipped, and what the em box says is kept where it matters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.fonts.names import describe
from ocrfactory.fonts.opened import OpenedFont
from ocrfactory.render.glyph import EDGE, Wobble, draw_glyph

from tests.conftest import HAN
from tests.makers import make_font


@pytest.fixture(scope="module")
def opened(font):
    return OpenedFont(describe(font, 0))


def border(ink, width):
    """Pixels with ink in a frame of some width."""
    return np.count_nonzero(ink) - np.count_nonzero(ink[width:-width, width:-width])


def ink_box(ink):
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


@pytest.mark.parametrize("placement", ["centre", "fit"])
def test_ink_is_in_the_middle(opened, placement):
    for text in HAN:
        ink = draw_glyph(opened, opened.shape(text), 64, 4, placement).ink
        left, top, right, bottom = ink_box(ink)
        assert abs(left - (64 - right)) <= 1
        assert abs(top - (64 - bottom)) <= 1


def test_fit_reaches_the_margins(opened):
    ink = draw_glyph(opened, opened.shape(HAN[3]), 64, 4, "fit").ink
    left, top, right, bottom = ink_box(ink)
    assert max(right - left, bottom - top) in (56, 57)


def test_the_em_box_keeps_its_place_whatever_the_ink_is(opened):
    scale = 56 / opened.upem
    for text in HAN[:6]:
        run = opened.shape(text)
        drawn = draw_glyph(opened, run, 64, 4, "em")
        ink, em = drawn.ink, drawn.em
        box = opened.bounds(run)
        assert em == pytest.approx(56)
        x = (64 - run.advance * scale) / 2
        baseline = 64 - ((64 - 56) / 2 - opened.descender * 56)
        left, _, _, bottom = ink_box(ink)
        assert left == pytest.approx(x + box[0] * scale, abs=1)
        assert bottom == pytest.approx(baseline - box[1] * scale, abs=1)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(HAN)),
    st.sampled_from(["centre", "em", "fit"]),
    st.integers(8, 200),
    st.floats(0, 0.45),
    st.floats(0.5, 1.5),
    st.floats(-0.5, 0.5),
    st.floats(-0.5, 0.5),
    st.floats(-0.03, 0.1),
)
def test_ink_never_touches_the_border(opened, text, placement, size, margin, scale, dx, dy, weight):
    wobble = Wobble(scale, dx, dy, weight)
    drawn = draw_glyph(opened, opened.shape(text), size, size * margin, placement, wobble)
    ink, em = drawn.ink, drawn.em
    assert ink.shape == (size, size)
    assert em > 0
    assert border(ink, int(EDGE)) == 0
    assert ink.any()


def test_a_glyph_that_is_larger_than_its_em_is_shrunk_not_clipped(tmp_path):
    from fontTools.ttLib import TTFont

    path = make_font(tmp_path / "big.ttf", HAN)
    font = TTFont(path)
    for name in font.getGlyphOrder():
        glyph = font["glyf"][name]
        if glyph.numberOfContours > 0:
            glyph.coordinates.scale((3, 3))
            glyph.recalcBounds(font["glyf"])
    font.save(path)
    big = OpenedFont(describe(path, 0))
    drawn = draw_glyph(big, big.shape(HAN[0]), 64, 4, "centre")
    ink, em = drawn.ink, drawn.em
    assert em < 56
    left, top, right, bottom = ink_box(ink)
    assert (left >= 1, top >= 1, right <= 63, bottom <= 63) == (True,) * 4


def test_a_font_that_understates_its_boxes_is_not_clipped_either(tmp_path):
    import struct
    from itertools import pairwise

    from fontTools.ttLib import TTFont

    path = make_font(tmp_path / "liar.ttf", HAN)
    font = TTFont(path, recalcBBoxes=False)
    glyf = font.getTableData("glyf")
    font.close()
    data = bytearray(path.read_bytes())
    start = bytes(data).index(bytes(glyf[:64]))
    locations = TTFont(path)["loca"].locations
    for begin, end in pairwise(locations):
        if end > begin:  # every glyph now claims to be a tenth of its size
            box = struct.unpack_from(">4h", data, start + begin + 2)
            struct.pack_into(">4h", data, start + begin + 2, *[value // 10 for value in box])
    path.write_bytes(data)
    liar = OpenedFont(describe(path, 0))
    ink = draw_glyph(liar, liar.shape(HAN[5]), 64, 4, "centre").ink
    assert border(ink, 1) == 0
    left, _, right, _ = ink_box(ink)
    assert abs(left - (64 - right)) <= 1
