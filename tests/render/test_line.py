"""Lines of text: laid out, drawn whole, with the exact box of every character."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.errors import Reject
from ocrfactory.fonts.face import FontFile
from ocrfactory.fonts.opened import OpenedFont
from ocrfactory.render.atlas import Atlases
from ocrfactory.render.layout import Piece, lay_out
from ocrfactory.render.line import Style, draw_line

from tests.conftest import HAN
from tests.makers import make_font

LATIN = "AbcdXyz"
ATLASES = Atlases()


@pytest.fixture(scope="module")
def face(tmp_path_factory):
    path = make_font(tmp_path_factory.mktemp("line") / "f.ttf", HAN + LATIN + "、（）ー", blanks=" ")
    return OpenedFont(FontFile(str(path), 0, "0" * 64, "Test", "Regular"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    path = make_font(tmp_path_factory.mktemp("line") / "g.ttf", HAN, upem=2048, family="Other")
    return OpenedFont(FontFile(str(path), 0, "1" * 64, "Other", "Regular"))


def boxes_of(drawn):
    return np.array(drawn.boxes).reshape(-1, 4).astype(int)


def styles(**fixed):
    shares = st.floats(0.3, 1)
    return st.builds(
        Style,
        height=st.integers(24, 90),
        margin=st.integers(0, 6),
        size=shares,
        shift=st.floats(-1, 1),
        before=st.floats(0, 2),
        after=st.floats(0, 2),
        spacing=st.floats(0, 0.5),
        weight=st.sampled_from([0.0, 0.02]),
        vertical=st.booleans(),
        masks=st.just(True),
    )


@given(st.text(HAN + LATIN + " ", min_size=1, max_size=12).map(str.strip).filter(bool), styles())
def test_the_ink_in_the_mask_of_each_character_fills_its_box(face, text, style):
    drawn = draw_line([Piece(face, text)], style, ATLASES)
    for number, (char, (x0, y0, x1, y1)) in enumerate(zip(text, boxes_of(drawn), strict=True), 1):
        rows, columns = np.nonzero(drawn.mask == number)
        if char == " ":
            assert not len(rows)
            continue
        assert x0 <= columns.min() <= x0 + 1
        assert x1 - 1 <= columns.max() + 1 <= x1
        assert y0 <= rows.min() <= y0 + 1
        assert y1 - 1 <= rows.max() + 1 <= y1


@given(st.text(HAN + LATIN, min_size=1, max_size=8), styles())
def test_no_ink_enters_the_margin(face, text, style):
    ink = draw_line([Piece(face, text)], style, ATLASES).ink
    m = style.margin
    inside = ink[m : ink.shape[0] - m, m : ink.shape[1] - m]
    assert np.count_nonzero(inside) == np.count_nonzero(ink) > 0


@given(st.text(HAN + LATIN, min_size=2, max_size=8), styles())
def test_a_character_drawn_alone_is_the_one_inside_its_box(face, text, style):
    drawn = draw_line([Piece(face, text)], style, ATLASES)
    for number, char in enumerate(text):
        x0, y0, x1, y1 = boxes_of(drawn)[number]
        alone = draw_line([Piece(face, char)], style, ATLASES)
        (ax0, ay0, ax1, ay1) = boxes_of(alone)[0]
        np.testing.assert_array_equal(drawn.ink[y0:y1, x0:x1], alone.ink[ay0:ay1, ax0:ax1])


def test_the_outline_of_each_character_spans_its_box(face):
    drawn = draw_line([Piece(face, "一丁 A")], Style(64, 4), ATLASES)
    points, starts = drawn.outline.points()
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    np.testing.assert_allclose(np.concatenate([low, high], axis=1), np.array(drawn.boxes).reshape(-1, 4), atol=1e-3)


def test_a_space_has_the_box_of_its_advance(face):
    drawn = draw_line([Piece(face, "一 丁")], Style(64, 4), ATLASES)
    (_, _, before, _), (x0, y0, x1, y1), (after, _, _, _) = np.array(drawn.boxes).reshape(-1, 4)
    assert before <= x0 < x1 <= after
    assert x1 - x0 == pytest.approx(drawn.em, abs=1)  # the test font advances one em
    assert 0 <= y0 < y1 <= 64
    assert drawn.inkless == (1,)


def test_the_height_of_a_line_and_the_width_of_a_column_are_what_was_asked(face):
    assert draw_line([Piece(face, "一丁七")], Style(48, 3), ATLASES).ink.shape[0] == 48
    column = draw_line([Piece(face, "一丁七")], Style(48, 3, vertical=True), ATLASES)
    assert column.ink.shape[1] == 48
    assert column.ink.shape[0] > 100
    assert column.direction == "ttb"


def test_a_column_runs_downwards_and_turns_latin(face):
    boxes = boxes_of(draw_line([Piece(face, "一丁bc七")], Style(64, 4, vertical=True), ATLASES))
    assert (np.diff(boxes[:, 1]) > 0).all()
    alone = boxes_of(draw_line([Piece(face, "b")], Style(64, 4), ATLASES))[0]
    turned = boxes[2]
    assert turned[3] - turned[1] == alone[2] - alone[0]
    assert turned[2] - turned[0] == alone[3] - alone[1]


def test_a_bracket_without_a_vertical_form_is_turned_and_a_comma_moves_into_its_corner(face):
    _, bracket = boxes_of(draw_line([Piece(face, "一（")], Style(64, 4, vertical=True), ATLASES))
    upright = boxes_of(draw_line([Piece(face, "（")], Style(64, 4), ATLASES))[0]
    assert bracket[3] - bracket[1] == upright[2] - upright[0]
    first, comma = boxes_of(draw_line([Piece(face, "一、")], Style(64, 4, size=0.4, vertical=True), ATLASES))
    assert comma[0] > first[0]


def test_a_character_that_the_font_lacks_is_a_reject_with_its_code_point(face):
    with pytest.raises(Reject) as error:
        draw_line([Piece(face, "一가")], Style(64, 4), ATLASES)
    assert error.value.reason == "tofu"
    assert "U+AC00" in error.value.detail


def test_a_text_that_is_too_long_for_a_picture_is_a_reject(face):
    with pytest.raises(Reject) as error:
        draw_line([Piece(face, "一" * 3000)], Style(64, 4), ATLASES)
    assert error.value.reason == "too_long"


def test_mixed_directions_are_a_reject(face):
    with pytest.raises(Reject) as error:
        lay_out([Piece(face, "A\u05d0")])
    assert error.value.reason == "bidi"


def test_two_faces_share_a_line_and_its_baseline(face, other):
    drawn = draw_line([Piece(face, "一丁"), Piece(other, "七丈")], Style(64, 4), ATLASES)
    boxes = boxes_of(drawn)
    assert len(boxes) == 4
    assert (np.diff(boxes[:, 0]) > 0).all()


def test_letter_spacing_moves_every_character_by_the_same_way(face):
    plain = boxes_of(draw_line([Piece(face, "一丁七丈")], Style(64, 4), ATLASES))
    wide = boxes_of(draw_line([Piece(face, "一丁七丈")], Style(64, 4, spacing=0.5), ATLASES))
    np.testing.assert_allclose(np.diff(wide[:, 0]) - np.diff(plain[:, 0]), 28, atol=1)


def test_an_atlas_that_was_dropped_draws_the_same_again(face):
    small = Atlases(most=1)
    first = draw_line([Piece(face, "一丁")], Style(64, 4), small).ink
    draw_line([Piece(face, "一丁")], Style(32, 2), small)
    draw_line([Piece(face, "一丁")], Style(40, 2), small)
    assert len(small._kept) <= 2
    np.testing.assert_array_equal(draw_line([Piece(face, "一丁")], Style(64, 4), small).ink, first)


def test_a_glyph_with_an_understated_box_is_not_cut(face):
    from ocrfactory.render.atlas import Atlas

    true = Atlas(face, 56).bitmap(3, False)
    lying = Atlas(face, 56)
    lying.font = type(
        "Lies", (), {"upem": face.upem, "extents": lambda self, gid: (0, 0, 10, 10), "raster": face.raster}
    )()
    np.testing.assert_array_equal(lying.bitmap(3, False).ink, true.ink)


def test_a_thin_space_in_a_tightly_set_line_has_a_box_inside_the_picture(face):
    for vertical in (False, True):
        drawn = draw_line([Piece(face, "一 丁")], Style(64, 4, spacing=-1.2, vertical=vertical), ATLASES)
        x0, y0, x1, y1 = drawn.boxes[4:8]
        height, width = drawn.ink.shape
        assert 0 <= x0 < x1 <= width
        assert 0 <= y0 < y1 <= height


@pytest.mark.parametrize("vertical", [False, True])
def test_the_boxes_of_a_line_of_spaces_lie_inside_the_picture(face, vertical):
    style = Style(12, 0, size=0.8, shift=-0.6, vertical=vertical)
    x0, y0, x1, y1 = np.array(draw_line([Piece(face, "  ")], style, ATLASES).boxes).reshape(-1, 4).T
    assert min(x0.min(), y0.min()) >= 0
    assert (x0 < x1).all()
    assert (y0 < y1).all()
    assert (x1 if vertical else y1).max() <= 12


def test_right_to_left_text_in_a_column_is_a_reject(face):
    with pytest.raises(Reject) as error:
        lay_out([Piece(face, "\u05d0\u05d1")], vertical=True)
    assert error.value.reason == "bidi"


def test_a_line_with_more_pixels_than_a_reader_takes_is_a_reject(face):
    for style in (Style(1024, 64, before=20, after=20), Style(900, 300, before=150)):
        with pytest.raises(Reject) as error:
            draw_line([Piece(face, "一" * 50)], style, ATLASES)
        assert error.value.reason == "too_long"


def test_the_glyphs_of_a_single_large_size_are_dropped_too_when_they_are_too_many(face):
    atlases = Atlases(most=200_000)
    for _ in range(3):
        for char in HAN[:20]:
            draw_line([Piece(face, char)], Style(300, 4), atlases)
            assert sum(atlas.bytes for atlas in atlases._kept.values()) < 200_000 + 300 * 300
