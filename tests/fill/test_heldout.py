"""What is kept from a training: shares, and halves that do not depend on each other."""

import pytest
from ocrfactory.fill.designs import design_of
from ocrfactory.fill.heldout import (
    LENDERS,
    Trained,
    bundled,
    is_calibration,
    is_held_out,
    is_unread,
    trained_family,
)
from ocrfactory.fonts.face import FontFile
from ocrfactory.fonts.packs import load_pack

CODES = range(0x4E00, 0xA000)


def test_a_twentieth_is_held_out_and_half_of_it_calibrates():
    held = [code for code in CODES if is_held_out(code)]
    assert 0.045 < len(held) / len(CODES) < 0.055
    assert 0.44 < sum(map(is_calibration, held)) / len(held) < 0.56
    assert 0.44 < sum(is_unread("klee-one", code) for code in held) / len(held) < 0.56


def test_what_was_trained_on_is_read_and_lenders_are_read_whole():
    assert not any(is_unread("klee-one", code) for code in CODES if not is_held_out(code))
    assert not any(is_unread("tw-kai", code) for code in CODES)


def test_the_halves_do_not_depend_on_each_other():
    unread = [code for code in CODES if is_unread("klee-one", code)]
    assert 0.4 < sum(map(is_calibration, unread)) / len(unread) < 0.6


def test_lenders_are_faces_that_are_trained_on():
    core = {face.id for face in load_pack("fill").faces if face.need == "core"}
    assert core > LENDERS


@pytest.mark.parametrize(
    ("family", "design"),
    [
        ("Noto Serif CJK TC", "notoserif"),
        ("Noto Serif HK", "notoserif"),
        ("Source Han Serif JP", "notoserif"),
        ("Source Han Sans", "notosans"),
        ("LXGW WenKai TC", "kleeone"),
        ("LXGW WenKai Mono", "kleeone"),
        ("Klee", "kleeone"),
        ("M PLUS 2", "mplus1"),
        ("M PLUS Rounded 1c", "mplus1"),
        ("Nanum Myeongjo", "nanummyeongjo"),
        ("NanumMyeongjo YetHangul", "nanummyeongjo"),
        ("BIZ UDPGothic", "bizudgothic"),
        ("AR PL UMing TW", "arpluming"),
        ("AR PL UMing HK", "arpluming"),
        ("TW-Kai", "tw-kai"),
    ],
)
def test_weights_locales_and_other_names_are_one_design(family, design):
    assert design_of(family) == design


def test_a_family_is_known_by_the_design_of_what_was_trained_on():
    trained = Trained([("k", "Klee One"), ("noto-sans-tc", "Noto Sans CJK TC"), ("own", "My Hand")])
    assert trained.design_of("Source Han Sans K") == "notosans"
    assert trained.design_of("Noto Sans Mono CJK JP") == "notosans"
    assert trained.design_of("my hand Bold") == "myhand"
    assert trained.design_of("Another Hand") is None
    assert [trained.lends(design) for design in ("kleeone", "notosans", "myhand")] == [False, True, False]


def test_of_two_designs_whose_names_begin_alike_each_is_its_own():
    for order in (("Brush", "Brush Cursive"), ("Brush Cursive", "Brush")):
        trained = Trained((name, name) for name in order)
        assert trained.design_of("Brush Cursive") == "brushcursive"
        assert trained.design_of("Brush Bold") == "brush"


def test_a_character_is_unread_only_where_no_face_of_the_design_showed_it():
    alone, both = Trained([("a", "Hand")]), Trained([("a", "Hand"), ("b", "Hand Bold")])
    unread = [code for code in CODES if both.is_unread("hand", code)]
    assert unread == [code for code in CODES if is_unread("a", code) and is_unread("b", code)]
    assert 0 < len(unread) < sum(alone.is_unread("hand", code) for code in CODES)
    lent = Trained([("a", "TW-Kai Light"), ("tw-kai", "TW-Kai")])
    assert not any(lent.is_unread("tw-kai", code) for code in CODES)


def test_of_the_bundled_weights_every_face_is_of_its_own_design():
    trained = bundled()
    for face in load_pack("fill").faces:
        design = trained.design_of(face.family)
        assert design == (None if face.need == "extra" else design_of(face.family)), face.id
        if face.id in LENDERS:
            assert trained.lends(design)


def test_a_trained_file_is_known_under_any_name():
    face = next(face for face in load_pack("fill").faces if face.id == "noto-serif-tc-bold")
    digest, index = face.files[0].sha256[0], face.files[0].face
    assert trained_family(FontFile("x.ttf", index, digest, "Mine", "Regular")) == face.family
    assert trained_family(FontFile("x.ttf", 99, digest, "Mine", "Regular")) == "Mine"
