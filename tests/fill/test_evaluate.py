"""Measuring: who copies scores as copying does, who knows scores as the face does, and swaps are counted."""

import numpy as np
import pytest
from ocrfactory.charset.groups import class_group
from ocrfactory.errors import InputError
from ocrfactory.fill import subject as subjects
from ocrfactory.fill.evaluate import Scores, measure_face, noise_floor, summarise
from ocrfactory.fill.heldout import is_calibration, is_held_out
from ocrfactory.fill.swaps import Trial, look_alikes, swaps, try_gate, upper_bound

from tests.fill.measuring import CHARS, FAIR, HELD_OUT, Copy, Doorman, Perfect, Wall, make_fonts, make_gate, subject


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    return make_fonts(tmp_path_factory.mktemp("measure"))


@pytest.fixture(scope="module")
def perfect(fonts):
    return Perfect(fonts)


@pytest.fixture(scope="module")
def strict(fonts):
    return make_gate(fonts)


def same(a: Scores, b: Scores):
    return all(np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in Scores.__struct_fields__)


def test_a_copy_scores_exactly_as_copying_does(fonts, strict):
    found = measure_face(subject(fonts, Copy()), strict, CHARS, 30, "UFSC")
    assert len(found.texts) == 30
    assert same(found.generated, found.copied)
    assert same(found.best_copied, found.copied)  # there is one content picture
    assert found.generated.ssim.mean() < 0.9
    assert np.array_equal(found.sheet[0], found.sheet[1])


def test_a_perfect_generator_scores_as_the_face_does(fonts, perfect, strict):
    found = measure_face(subject(fonts, perfect), strict, CHARS, 40, "UFUC")
    assert np.allclose(found.generated.ssim, 1)
    assert np.allclose(found.generated.shifted, 1)
    assert not found.generated.l1.any()
    assert np.allclose(found.generated.reader_distance, 0, atol=1e-5)
    assert np.array_equal(found.generated.top1, found.real_top1)
    assert found.real_top1.mean() == 1
    assert found.first.all()
    assert found.last.all()
    assert found.refused == {}
    assert found.group == "print"
    assert (found.copied.ssim < found.generated.ssim).all()


def test_only_what_no_training_saw_and_no_threshold_was_set_by(fonts):
    target = subject(fonts, Copy())
    shown = {char for sets in target.references.values() for sheet in sets for char in sheet.chars}
    assert set(target.choose(CHARS, 1000)) == set(HELD_OUT) - shown
    assert set(target.choose(CHARS, 1000, None)) == set(FAIR) - shown
    assert not any(is_held_out(ord(char)) for char in target.choose(CHARS, 1000, False))
    assert target.choose("ab一", 10, None) == [char for char in "一" if not is_calibration(ord(char))]


def test_a_choice_is_the_beginning_of_a_longer_one(fonts):
    target = subject(fonts, Copy())
    assert target.choose(CHARS, 5, None) == target.choose(CHARS[::-1], 50, None)[:5]


@pytest.mark.parametrize(("family", "read", "share"), [("SetoFont", False, 0.5), ("TW-Kai", True, 1.0)])
def test_of_a_face_that_was_trained_on_only_unread_pairs_are_taken(fonts, monkeypatch, strict, family, read, share):
    assert measure_face(subject(fonts, Copy()), None, CHARS, 5, "SFUC") is None
    monkeypatch.setattr(subjects, "trained_family", lambda file: family)
    seen = subject(fonts, Copy())
    assert (seen.design, seen.read) == (family.casefold(), read)
    some = seen.choose(CHARS, 1000, None)
    assert all(is_held_out(ord(char)) for char in some)
    assert abs(len(some) / len(HELD_OUT) - share) < 0.45
    assert measure_face(seen, None, CHARS, 5, "UFUC") is None
    assert measure_face(seen, None, CHARS, 5, "SFUC").learnt == read
    # what the reader learnt says nothing of how many true glyphs the gate refuses
    assert (try_gate(seen, strict, some, 0.2).real == 0) == read


def test_without_a_gate_pixels_alone_are_measured(fonts):
    found = measure_face(subject(fonts, Copy(), style="brush"), None, CHARS, 5, "UFSC")
    told = summarise([found])
    assert found.group == "hand"
    assert told["generated"]["ssim"] == told["copied"]["ssim"]
    assert told["generated"]["top1"] is told["real_top1"] is told["admitted"] is None
    assert told["read"] == 0


def test_what_the_reader_does_not_know_counts_neither_way(fonts, perfect, strict):
    target = subject(fonts, perfect)
    texts = target.choose(CHARS, 10, False)
    known = np.flatnonzero(~np.isin(strict.codes, [ord(char) for char in texts[:4]]))
    partial = type(strict)("p", strict.read, strict.codes[known], strict.prototypes[known], strict.thresholds)
    found = measure_face(target, partial, CHARS, 10, "UFSC")
    assert np.isnan(found.generated.top1).sum() == np.isnan(found.real_top1).sum() == 4
    assert summarise([found])["read"] == 6


def test_refusals_are_counted_by_their_last_reason(fonts, perfect):
    found = measure_face(subject(fonts, perfect), make_gate(fonts, Wall), CHARS, 7, "UFSC")
    assert not found.first.any()
    assert not found.last.any()
    assert found.refused == {"gate_class": 7}


def test_a_generator_that_fails_fails_the_measurement(fonts):
    class Broken(Copy):
        def draw(self, content, styles):
            raise RuntimeError("out of paint")

    with pytest.raises(InputError, match="out of paint"):
        measure_face(subject(fonts, Broken()), None, CHARS, 5, "UFSC")


def test_means_of_several_faces_weigh_glyphs(fonts, perfect):
    copied = measure_face(subject(fonts, Copy()), None, CHARS, 10, "UFSC")
    known = measure_face(subject(fonts, perfect), None, CHARS, 30, "UFSC")
    told = summarise([copied, known])
    assert told["glyphs"] == 40
    expected = (10 * copied.generated.ssim.mean() + 30) / 40
    assert told["generated"]["ssim"] == pytest.approx(expected, abs=1e-4)


def test_swaps_are_caught_by_a_gate_that_reads(fonts, perfect, strict):
    target = subject(fonts, perfect)
    texts = target.choose(CHARS, 60, None)
    found = try_gate(target, strict, texts, 0.2)
    assert (found.right, found.random + found.alike) == (48, 12)
    assert (found.right_refused, found.random_accepted, found.alike_accepted) == (0, 0, 0)
    assert (found.real, found.real_refused) == (60, 0)
    assert found.rates()["false_accept"] == 0
    assert found.rates()["false_accept_at_most"] == pytest.approx(1 - 0.05 ** (1 / 12), abs=1e-5)


def test_swaps_that_pass_are_counted_and_named(fonts, perfect):
    target = subject(fonts, perfect)
    texts = target.choose(CHARS, 60, None)
    found = try_gate(target, make_gate(fonts, Doorman), texts, 0.2)
    assert found.random_accepted + found.alike_accepted == found.random + found.alike == len(found.accepted) == 12
    assert found.alike >= 6
    assert all(face == target.face.id and asked != drawn for face, asked, drawn in found.accepted)
    assert found.rates()["false_accept_at_most"] == 1
    refused = try_gate(target, make_gate(fonts, Wall), texts, 0.2)
    assert refused.rates()["false_reject_generated"] == refused.rates()["false_reject_real"] == 1
    both = found + refused
    assert both.rates()["false_accept"] == 0.5


def test_half_of_the_swaps_are_look_alikes_and_all_are_the_same_every_time(strict):
    texts = FAIR[:100]
    plan = swaps(strict, texts, 0.3, 0, "face")
    assert plan == swaps(strict, texts, 0.3, 0, "face")
    assert plan != swaps(strict, texts, 0.3, 1, "face")
    assert len(plan) == 30
    assert sum(other in look_alikes(strict, text) for text, other in plan.items()) >= 15
    assert all(text != other and class_group(other) == "han" for text, other in plan.items())
    assert swaps(strict, texts, 0, 0, "face") == {}
    assert len(swaps(strict, texts[:3], 0.05, 0, "face")) == 1


def test_what_the_gate_does_not_know_has_no_look_alikes(strict):
    assert look_alikes(strict, "鬱") == []
    assert len(look_alikes(strict, "一")) == 8


@pytest.mark.parametrize(
    ("hits", "trials", "bound"),
    [(0, 3000, 0.000998), (0, 1, 0.95), (1, 10, 0.394163), (5, 100, 0.102253), (3, 3, 1.0)],
)
def test_upper_bounds_are_those_of_clopper_and_pearson(hits, trials, bound):
    assert upper_bound(hits, trials) == pytest.approx(bound, abs=1e-5)


def test_no_trials_give_no_rates():
    assert set(Trial().rates().values()) == {None}


def test_two_drawings_of_one_design_are_a_floor(fonts, monkeypatch):
    class Pack:
        characters = frozenset(CHARS[:40])

        def has(self, char):
            return char in self.characters

        def draw(self, char, size):
            return target.true([char])[char]

    target = subject(fonts, Copy())
    monkeypatch.setattr("ocrfactory.fill.evaluate.bundled_pack", Pack)
    found = noise_floor(target, None, 8)
    assert len(found.ssim) == 8
    assert found.means()["ssim"] == 1
