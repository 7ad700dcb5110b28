"""What is kept from a training: shares, and halves that do not depend on each other."""

from ocrfactory.fill.heldout import LENDERS, is_calibration, is_held_out, is_unread
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
