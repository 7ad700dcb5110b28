"""Opening, shaping, measuring and drawing, with fonts made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.ttLib import TTFont
from ocrfactory.errors import FontError
from ocrfactory.fonts.face import FontFile
from ocrfactory.fonts.opened import OpenedFont, open_font

from tests.makers import make_font, make_ttc, make_variable_font

SIZE = 64


def file_of(path: Path, index: int = 0, variation: tuple[tuple[str, float], ...] = ()) -> FontFile:
    return FontFile(path=str(path), index=index, sha256="0" * 64, family="", style="", variation=variation)


def picture(font: OpenedFont, text: str, bold: float = 0.0, upside: float = 0.0) -> np.ndarray:
    return font.raster(font.shape(text), SIZE / font.upem, 0.0, 0.12 * SIZE + upside, SIZE, SIZE, bold)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> OpenedFont:
    path = tmp_path_factory.mktemp("opened") / "plain.ttf"
    return OpenedFont(file_of(make_font(path, "一丁七A", blanks="丈 ")))


def test_the_em_box_is_one_em_high(plain: OpenedFont) -> None:
    assert (plain.ascender, plain.descender) == pytest.approx((0.88, -0.12))


def test_a_run_holds_absolute_positions_and_one_cluster_for_each_glyph(plain: OpenedFont) -> None:
    run = plain.shape("一丁七")
    assert [x for _, x, _ in run.glyphs] == [0, 1000, 2000]
    assert (run.advance, run.clusters) == (3000, (0, 1, 2))
    assert all(gid for gid, _, _ in run.glyphs)


def test_a_column_runs_downwards_and_has_a_positive_length(plain: OpenedFont) -> None:
    run = plain.shape("一丁", "ttb")
    assert run.advance > 0
    assert run.glyphs[1][2] < run.glyphs[0][2] < 0


def test_an_unmapped_character_becomes_glyph_0(plain: OpenedFont) -> None:
    assert plain.shape("龜").glyphs[0][0] == 0


def test_bounds_are_those_of_the_ink(plain: OpenedFont) -> None:
    run = plain.shape("丁七")
    left, bottom, right, top = plain.bounds(run) or (0, 0, 0, 0)
    ink = plain.raster(run, 0.1, 20, 30, 300, 200) > 0
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert (columns[0], columns[-1] + 1) == (round(left / 10) + 20, round(right / 10) + 20)
    assert (200 - 1 - rows[-1], 200 - rows[0]) == (round(bottom / 10) + 30, round(top / 10) + 30)


def test_what_has_no_outline_has_no_bounds_and_no_ink(plain: OpenedFont) -> None:
    assert plain.bounds(plain.shape("丈 ")) is None
    assert not picture(plain, "丈").any()


def test_full_ink_is_255_and_row_0_is_on_top(plain: OpenedFont) -> None:
    low, high = picture(plain, "一"), picture(plain, "一", upside=8.0)
    assert (low.dtype, low.shape, low.max()) == (np.uint8, (SIZE, SIZE), 255)
    np.testing.assert_array_equal(low[8:], high[:-8])


def test_a_canvas_of_any_width_keeps_its_rows_apart(plain: OpenedFont) -> None:
    run = plain.shape("七")
    wide = plain.raster(run, 0.05, 1, 2, 67, 50)
    np.testing.assert_array_equal(wide[:, :61], plain.raster(run, 0.05, 1, 2, 61, 50))


def test_two_characters_are_drawn_as_two_characters_side_by_side(plain: OpenedFont) -> None:
    scale = 0.06
    both = plain.raster(plain.shape("一七"), scale, 0, 10, 120, 60)
    np.testing.assert_array_equal(both[:, :60], plain.raster(plain.shape("一"), scale, 0, 10, 60, 60))
    np.testing.assert_array_equal(both[:, 60:], plain.raster(plain.shape("七"), scale, 0, 10, 60, 60))


def test_bold_adds_half_a_stroke_on_each_side_and_goes_away_again(plain: OpenedFont) -> None:
    run = plain.shape("一")
    before = plain.raster(run, 0.1, 20, 30, 140, 140).copy()
    bold = plain.raster(run, 0.1, 20, 30, 140, 140, 0.04)
    for axis in (0, 1):
        thin, thick = (np.flatnonzero((image > 127).any(axis=axis)) for image in (before, bold))
        assert (thin[0] - thick[0], thick[-1] - thin[-1]) == (2, 2)
    thin_box, thick_box = plain.bounds(run), plain.bounds(run, 0.04)
    assert thin_box is not None
    assert thick_box == tuple(edge + grow for edge, grow in zip(thin_box, (-20, -20, 20, 20), strict=True))
    np.testing.assert_array_equal(plain.raster(run, 0.1, 20, 30, 140, 140), before)


def test_regional_glyphs_follow_the_language_asked_for_and_not_the_locale(tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", "一丁")
    with TTFont(path) as made:
        addOpenTypeFeaturesFromString(
            made,
            "languagesystem DFLT dflt; languagesystem hani dflt; languagesystem hani KOR;"
            "feature locl { script hani; language KOR; sub u04E00 by u04E01; } locl;",
        )
        made.save(path)
    plain, korean = OpenedFont(file_of(path)), OpenedFont(file_of(path), "ko")
    assert korean.shape("一").glyphs == plain.shape("丁").glyphs
    assert plain.shape("一").glyphs != korean.shape("一").glyphs
    # Left unset, HarfBuzz would write the language of the process here.
    assert plain._buffer.language == "und"


def test_a_lone_mark_gets_no_dotted_circle(tmp_path: Path) -> None:
    font = OpenedFont(file_of(make_font(tmp_path / "f.ttf", "◌\u0941क")))
    assert len(font.shape("\u0941").glyphs) == 1


def test_an_instance_of_a_variable_font_is_another_picture(tmp_path: Path) -> None:
    path = make_variable_font(tmp_path / "v.ttf", "一丁")
    regular, heavy = (OpenedFont(file_of(path, variation=axes)) for axes in ((), (("wght", 900.0),)))
    assert not np.array_equal(picture(regular, "丁"), picture(heavy, "丁"))


def test_a_face_of_a_collection_is_chosen_by_its_index(tmp_path: Path) -> None:
    first, second = make_font(tmp_path / "a.ttf", "一"), make_font(tmp_path / "b.ttf", "丁")
    path = make_ttc(tmp_path / "ab.ttc", [first, second])
    assert OpenedFont(file_of(path, 1)).shape("丁").glyphs[0][0] != 0
    with pytest.raises(FontError, match="2 faces, 0 to 1; there is no face 2"):
        OpenedFont(file_of(path, 2))


def test_an_open_font_is_kept(tmp_path: Path) -> None:
    file = file_of(make_font(tmp_path / "f.ttf", "一"))
    assert open_font(file, "ja") is open_font(file, "ja")
    assert open_font(file, "ja") is not open_font(file, "ko")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[: len(data) // 2], "cut short: table"),
        (lambda data: data[:20], "cut short: its table directory"),
        (lambda data: b"", "not a font"),
        (lambda data: b"random bytes " * 99, "not a font"),
        (lambda data: b"wOF2" + data[4:], "web font"),
        (lambda data: b"ttcf\0\1\0\0" + b"\0\0\0\0", "0 faces"),
    ],
)
def test_a_broken_file_is_an_error_that_names_it(tmp_path: Path, damage, reason: str) -> None:
    path = make_font(tmp_path / "broken.ttf", "一丁七")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FontError, match=reason) as caught:
        OpenedFont(file_of(path))
    assert str(path) in caught.value.message


def test_a_missing_file_and_a_missing_face_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FontError, match="cannot be read: No such file"):
        OpenedFont(file_of(tmp_path / "none.ttf"))
    with pytest.raises(FontError, match="one face, 0; there is no face 1"):
        OpenedFont(file_of(make_font(tmp_path / "f.ttf", "一"), 1))


def test_a_bar_covers_the_pixels_that_its_coordinates_name(plain: OpenedFont) -> None:
    """The bar of every made glyph goes from (100, 0) to (200, 700) in font units."""
    image = plain.raster(plain.shape("一"), 0.1, 5, 12, 110, 100)
    assert (image[100 - 12 - 70 : 100 - 12, 15:25] == 255).all()
    assert not image[: 100 - 12 - 70].any()
    assert not image[100 - 12 :].any()
    assert not image[:, :15].any()


def test_the_end_of_an_axis_is_wider_by_what_the_font_says(tmp_path: Path) -> None:
    path = make_variable_font(tmp_path / "v.ttf", "一")
    regular, heavy = (OpenedFont(file_of(path, variation=axes)) for axes in ((), (("wght", 900.0),)))
    right = [(font.bounds(font.shape("一")) or (0, 0, 0, 0))[2] for font in (regular, heavy)]
    assert right[1] == pytest.approx(1.1 * right[0], abs=1)
