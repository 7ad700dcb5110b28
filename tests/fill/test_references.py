"""Reference glyphs: what the face draws, of one script, from little ink to much, the same ones every time."""

import numpy as np
import pytest
from ocrfactory.fill.references import References, choose_references
from ocrfactory.fonts.coverage import drawn_characters
from ocrfactory.fonts.select import select_faces

from tests.makers import make_font

MANY = "".join(chr(0x4E00 + 7 * i) for i in range(120))
HANGUL = "".join(chr(0xAC00 + 28 * i) for i in range(30))


@pytest.fixture(scope="module")
def face(tmp_path_factory):
    path = make_font(tmp_path_factory.mktemp("f") / "both.ttf", MANY + HANGUL + "Aあ", placeholders="〇")
    return select_faces([str(path)]).faces[0]


@pytest.mark.parametrize(("script", "own"), [("han", MANY), ("hangul", HANGUL)])
def test_they_are_what_the_face_draws_of_that_script_each_once(face, script, own):
    for sheet in choose_references(face, script, 3, 8, seed=0):
        assert len(set(sheet.chars)) == len(sheet.chars) == 8
        assert set(sheet.chars) <= set(own) & drawn_characters([face])


def test_they_spread_over_the_ink(face):
    sheet = choose_references(face, "han", 1, 8, seed=0)[0]
    ink = sheet.draw(face, 64).sum(axis=(1, 2), dtype=int).tolist()
    assert ink == sorted(ink)
    everything = References(tuple(MANY)).draw(face, 64).sum(axis=(1, 2), dtype=int)
    assert ink[-1] - ink[0] > 0.5 * np.ptp(everything)


def test_the_same_arguments_choose_the_same_ones_and_each_set_is_another(face):
    first = choose_references(face, "han", 4, 8, seed=5)
    assert first == choose_references(face, "han", 4, 8, seed=5)
    assert first[:2] == choose_references(face, "han", 2, 8, seed=5)
    assert len({sheet.chars for sheet in first}) == 4
    assert first != choose_references(face, "han", 4, 8, seed=6)


def test_the_path_of_the_font_changes_nothing(face, tmp_path):
    moved = tmp_path / "moved.ttf"
    moved.write_bytes(open(face.files[0].path, "rb").read())  # noqa: PTH123, SIM115
    other = select_faces([str(moved)]).faces[0]
    assert choose_references(other, "han", 2, 8, seed=0) == choose_references(face, "han", 2, 8, seed=0)


def test_a_face_with_few_characters_shows_them_again_and_one_without_the_script_shows_the_other(tmp_path):
    few = select_faces([str(make_font(tmp_path / "few.ttf", "一丁七"))]).faces[0]
    sheet = choose_references(few, "han", 1, 8, seed=0)[0]
    assert len(sheet.chars) == 8
    assert set(sheet.chars) == set("一丁七")
    korean = select_faces([str(make_font(tmp_path / "ko.ttf", HANGUL))]).faces[0]
    assert set(choose_references(korean, "han", 1, 8, seed=0)[0].chars) <= set(HANGUL)
    latin = select_faces([str(make_font(tmp_path / "latin.ttf", "ABC"))]).faces[0]
    assert choose_references(latin, "han", 1, 8, seed=0) == ()


def test_a_generator_without_references_gets_empty_sets(face):
    sets = choose_references(face, "han", 3, 0, seed=0)
    assert [sheet.chars for sheet in sets] == [()] * 3
    assert sets[0].draw(face, 64).shape == (0, 64, 64)


def test_pictures_are_ink_in_the_frame_at_any_size(face):
    sheet = choose_references(face, "han", 1, 4, seed=0)[0]
    for size in (64, 128):
        pictures = sheet.draw(face, size)
        assert pictures.shape == (4, size, size)
        assert pictures.dtype == np.uint8
        assert not pictures[:, 0].any()
        assert pictures.any(axis=(1, 2)).all()
