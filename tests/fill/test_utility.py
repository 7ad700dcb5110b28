"""Utility, on a toy: what stands in for what, and what is compared with what."""

import sys

import pytest
from ocrfactory.errors import EmptyPlanError, InputError
from ocrfactory.fill.utility import FROM, Setting, Utility, trainings, try_utility

from tests.fill.measuring import CHARS, Copy, Perfect, Wall, make_fonts, make_gate, subject

TINY = Setting(rare=6, common=6, seeds=2, steps=3, times=1)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    return make_fonts(tmp_path_factory.mktemp("utility"))


def test_a_perfect_generator_is_worth_the_true_face(fonts):
    pytest.importorskip("torch")
    steps = []
    found = try_utility(subject(fonts, Perfect(fonts)), make_gate(fonts), CHARS, TINY, lambda: steps.append(1))
    assert len(steps) == trainings(TINY) == 18
    assert (found.rare, found.common, found.refused, found.trained_on) == (6, 6, 0, False)
    assert found.rare_right["fill"] == found.rare_right["true"]
    assert found.common_right["fill"] == found.common_right["true"]
    assert found.common_lost == 0
    assert all(len(found.rare_right[name]) == 2 for name in FROM)


def test_what_is_refused_comes_from_the_content(fonts):
    pytest.importorskip("torch")
    found = try_utility(subject(fonts, Perfect(fonts)), make_gate(fonts, Wall), CHARS, TINY)
    assert found.refused == found.rare
    assert found.rare_right["fill"] == found.rare_right["content"]


def test_ungated_copies_are_the_content_and_the_recogniser_learns(fonts):
    pytest.importorskip("torch")
    setting = Setting(rare=6, common=6, seeds=1, steps=60, times=4)
    found = try_utility(subject(fonts, Copy()), None, CHARS, setting)
    assert found.rare_right["fill"] == found.rare_right["content"]
    assert found.rare_right["true"][0] > 0.5
    assert found.common_right["true"][0] > 0.5


def test_the_gap_is_what_lies_between_content_and_truth():
    right = {"content": (0.2, 0.4), "fill": (0.6, 0.8), "true": (0.8, 0.8)}
    common = {"content": (0.9,), "fill": (0.88,), "true": (0.9,)}
    found = Utility("f", "kai", False, 1, 1, 0, right, common)
    assert found.recovered == pytest.approx(0.8)
    assert found.common_lost == pytest.approx(0.02)
    none = Utility("f", "kai", False, 1, 1, 0, dict.fromkeys(FROM, (1.0,)), common)
    assert none.recovered is None


def test_a_face_without_classes_is_said(fonts):
    pytest.importorskip("torch")
    with pytest.raises(EmptyPlanError, match="no characters"):
        try_utility(subject(fonts, Copy()), None, "abc", TINY)


def test_without_torch_the_cure_is_named(fonts, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "ocrfactory.fill.classifier", raising=False)
    with pytest.raises(InputError) as error:
        try_utility(subject(fonts, Copy()), None, CHARS, TINY)
    assert "pip install" in error.value.cure
