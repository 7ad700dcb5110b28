"""Thresholds of the gate: chosen on one half of the characters, good on the other."""

import msgspec
import numpy as np
import pytest
from ocrfactory.errors import InputError
from ocrfactory.fill.gate import ReaderGate, Reading
from ocrfactory.fill.heldout import is_calibration, is_unread
from ocrfactory.fill.marks import Marks
from ocrfactory.fill.training import calibrate
from ocrfactory.fill.training.calibrate import (
    FALSE_ACCEPTS,
    Pair,
    Pairs,
    choose,
    content_of,
    pairs,
    rates,
    report,
    unseen_glyphs,
)
from ocrfactory.fill.training.discriminant import coarse
from ocrfactory.fill.training.pack import GlyphPack

from tests.fill.training.packs import FACES, HAN, HANGUL, write_pack

pytest.importorskip("safetensors")


def readings(rng, count, own, margin, alike, face="one"):
    """Made readings: normal around `own` and `margin`, of glyphs whose marks are all alike."""
    found = []
    for _ in range(count):
        marks = Marks(
            ink=rng.normal(0.2, 0.01),
            ratio=rng.normal(1, 0.05),
            pieces=int(rng.integers(1, 6)),
            excess=int(rng.integers(-2, 3)),
            peak=250.0,
            specks=0,
            border=0,
            agreement=rng.normal(0.8, 0.03),
        )
        reading = Reading(True, rng.normal(*own), rng.normal(*margin), 0x4E00, bool(rng.random() < alike))
        found.append(Pair(face, marks, reading))
    return found


def both(right, wrong):
    """Pairs that read the same whether the reader knows the characters or not."""

    def strange(pairs):
        return [Pair(p.face, p.marks, msgspec.structs.replace(p.reading, known=False, alike=False)) for p in pairs]

    return Pairs(right, wrong, strange(right), strange(wrong))


def made(seed, wrong_margin, count=8000):
    rng = np.random.default_rng(seed)
    right = readings(rng, 2000, (0.8, 0.03), (0.4, 0.05), 0.1)
    return both(right, readings(rng, count, (0.7, 0.05), wrong_margin, 0.5))


def rates_of(limits, found):
    return rates(limits, found.right, found.wrong)


DRAWN = {"refused_gate_ink", "refused_gate_content"}
"""Reasons that need no reader."""
APART, MIXED = (-0.2, 0.08), (0.35, 0.08)


@pytest.mark.parametrize("wrong", [APART, MIXED], ids=["separable", "not separable"])
def test_no_more_wrong_pairs_pass_than_are_allowed(wrong):
    limits = choose(made(0, wrong))
    assert rates_of(limits, made(0, wrong))["false_accepts"] <= FALSE_ACCEPTS / 2  # on what they were chosen on
    assert rates_of(limits, made(1, wrong))["false_accepts"] <= 2 * FALSE_ACCEPTS  # on others of the kind


def test_where_pairs_lie_apart_right_ones_pass():
    found = rates_of(choose(made(0, APART)), made(1, APART))
    assert found["false_rejects"] < 0.03
    assert (found["right_pairs"], found["wrong_pairs"]) == (2000, 8000)


def test_where_they_do_not_right_ones_pay_for_it():
    found = rates_of(choose(made(0, MIXED)), made(1, MIXED))
    assert found["false_rejects"] > 0.05
    refused = {name: count for name, count in found.items() if name.startswith("refused_")}
    assert sum(refused.values()) == round(found["false_rejects"] * 2000)
    assert set(refused) <= {"refused_gate_margin", "refused_gate_look_alike", "refused_gate_unlike"} | DRAWN


def test_a_greater_least_cosine_is_taken_where_it_spares_right_ones_a_lead():
    far, near = readings(np.random.default_rng(1), 4000, (0.4, 0.05), (0.3, 0.05), 0.5), made(2, APART)
    limits = choose(both(near.right, far + near.wrong))
    assert limits.own > 0.5
    assert limits.margin < 0.1
    assert rates_of(limits, near)["false_rejects"] < 0.05


def test_look_alikes_never_need_less():
    for wrong in (APART, MIXED):
        limits = choose(made(3, wrong))
        assert limits.alike >= limits.margin >= 0


@pytest.mark.parametrize("wrong", [APART, MIXED], ids=["separable", "not separable"])
def test_of_characters_that_the_reader_does_not_know_no_more_pass_either(wrong):
    found = made(4, wrong)
    limits = choose(found)
    told = report(limits, found)["unknown_characters"]
    assert told["false_accepts"] <= FALSE_ACCEPTS / 2
    if limits.unknown_margin > 0:  # it is the least that keeps to that
        less = msgspec.structs.replace(limits, unknown_margin=limits.unknown_margin - 2e-4)
        assert report(less, found)["unknown_characters"]["false_accepts"] > FALSE_ACCEPTS / 2


def test_a_harder_kind_of_wrong_pair_raises_its_own_lead_only():
    rng = np.random.default_rng(0)
    easy, hard = (readings(rng, 4000, (0.7, 0.05), (mean, 0.02), alike) for mean, alike in ((-0.3, 0), (0.2, 1)))
    limits = choose(both(readings(rng, 1000, (0.8, 0.03), (0.5, 0.05), 0.5), easy + hard))
    assert limits.margin == 0
    assert 0.2 < limits.alike < 0.35


def test_characters_that_the_reader_does_not_know_have_limits_of_their_own(simple, pack):
    rows = unseen_glyphs(pack, True, 400, 0)
    found = pairs(simple, pack, rows, 0)
    assert len(found.strange_right) == len(found.right)
    assert len(found.strange_wrong) == len(found.wrong)
    for strange, known in zip(found.strange_right, found.right, strict=True):
        assert not strange.reading.known
        assert strange.marks == known.marks
    limits = choose(found)
    told = report(limits, found)["unknown_characters"]
    assert told["false_accepts"] <= FALSE_ACCEPTS / 2


def test_what_is_refused_is_told_face_by_face_where_there_are_enough_pairs():
    rng = np.random.default_rng(0)
    kinds = {"clear": (0.5, 200), "wild": (-0.2, 100), "few": (0.5, calibrate.FEW - 1)}
    right = [pair for face, (lead, n) in kinds.items() for pair in readings(rng, n, (0.8, 0.03), (lead, 0.05), 0, face)]
    assert report(calibrate.OPEN, both(right, []))["false_rejects_by_face"] == {"clear": 0.0, "wild": 1.0}


def test_limits_hold_nearly_all_right_pictures():
    found = made(0, APART)
    limits = choose(found)
    marks = [pair.marks for pair in found.right]
    assert limits.ink[0] < min(mark.ink for mark in marks)
    assert limits.ink[1] > max(mark.ink for mark in marks)
    assert np.mean([mark.agreement >= limits.agreement for mark in marks]) > 0.99
    values = msgspec.structs.asdict(limits)
    assert np.isfinite(np.hstack(list(values.values()))).all()


def test_without_right_pairs_nothing_can_be_chosen():
    with pytest.raises(InputError, match="never saw") as caught:
        choose(both([], made(0, APART, 10).wrong))
    assert caught.value.cure


def test_no_pairs_at_all_have_rates_of_zero():
    found = rates(calibrate.OPEN, [], [])
    assert found == {"wrong_pairs": 0, "false_accepts": 0, "right_pairs": 0, "false_rejects": 0}


# Which glyphs


def test_the_halves_share_no_character_and_hold_nothing_that_was_read(pack):
    one, other = (unseen_glyphs(pack, half, 1000, 0) for half in (True, False))
    assert not set(pack.codes[one].tolist()) & set(pack.codes[other].tolist())
    assert all(is_calibration(code) for code in pack.codes[one].tolist())
    late = pack.faces[-1]
    for row in (*one.tolist(), *other.tolist()):
        (face,) = (face for face in pack.faces if face.start <= row < face.stop)
        assert face is late or is_unread(face.id, int(pack.codes[row]))
    both = {*one.tolist(), *other.tolist()}
    assert both >= set(range(late.start, late.stop))
    assert any(row < late.start for row in both)


def test_of_a_face_no_more_are_taken_than_were_asked_for(pack):
    few = unseen_glyphs(pack, True, 20, 0)
    late = pack.faces[-1]
    assert ((few >= late.start) & (few < late.stop)).sum() == 20
    assert (np.diff(few) > 0).all()
    assert np.array_equal(few, unseen_glyphs(pack, True, 20, 0))
    assert not np.array_equal(few, unseen_glyphs(pack, True, 20, 1))


def test_a_pack_of_which_everything_was_read_is_refused(tmp_path):
    lenders = [face for face in FACES if face[0] in ("tw-sung", "tw-kai", "noto-serif-kr")]
    with pytest.raises(InputError, match="never saw") as caught:
        unseen_glyphs(GlyphPack(write_pack(tmp_path / "p", lenders)), True, 100, 0)
    assert "extra face" in caught.value.cure


def test_content_is_that_of_the_lenders_by_script(pack):
    codes = np.array([HAN[3], HANGUL[5], 0x9FFF], np.uint32)
    found = content_of(pack, codes)
    assert found.shape == (3, 2, 64, 64)
    lent = {id: pack.ink(pack.rows_of(pack.number_of[id], codes)[:2]) for id in ("tw-sung", "tw-kai", "noto-serif-kr")}
    assert np.array_equal(found[0], [lent["tw-sung"][0], lent["tw-kai"][0]])
    assert np.array_equal(found[1, 0], lent["noto-serif-kr"][1])
    assert not found[1, 1].any()
    assert not found[2].any()


@pytest.fixture(scope="module")
def simple(pack):
    """A gate that knows all but the first thirty characters, by coarse pictures."""
    codes = np.array((*HAN[30:], *HANGUL), np.uint32)
    rows = np.maximum(pack.rows_of(0, codes), pack.rows_of(2, codes))
    return ReaderGate("simple", coarse, codes, coarse(pack.ink(rows)), calibrate.OPEN)


def test_each_glyph_is_measured_under_its_own_label_and_two_wrong_ones(simple, pack):
    rows = unseen_glyphs(pack, True, 60, 0)
    rows = np.append(rows, pack.rows_of(len(FACES) - 1, np.array(HAN[:5], np.uint32)))
    known = np.isin(pack.codes[rows], simple.codes).sum()
    assert known <= len(rows) - 5
    found = pairs(simple, pack, rows, 0)
    assert (len(found.right), len(found.wrong)) == (known, 2 * known)
    assert all(pair.reading.known for pair in found.right + found.wrong)
    right = np.array([pair.reading.margin for pair in found.right])
    alike, other = (
        np.array([pair.reading.margin for pair in part]) for part in (found.wrong[:known], found.wrong[known:])
    )
    assert (right > 0).mean() > 0.9
    assert (alike < 0).mean() > 0.9
    assert (other < 0).mean() > 0.97
    own = [np.mean([pair.reading.own for pair in part]) for part in (found.right, found.wrong[:known])]
    assert own[0] > own[1]
