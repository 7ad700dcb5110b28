from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.corpus import Lengths
from ocrfactory.corpus.lengths import fill
from ocrfactory.corpus.shares import shares
from ocrfactory.rng import stream
from pydantic import ValidationError

SPAN = st.tuples(st.integers(1, 60), st.integers(0, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(SPAN, st.integers(0, 500), st.integers(0, 2**53))
def test_uniform_lengths_are_dealt_evenly(span, count, seed):
    targets = Lengths(min=span[0], max=span[1]).targets(stream(seed, "x"), count)
    counts = Counter(targets.tolist())
    each = [counts[size] for size in range(span[0], span[1] + 1)]
    assert sum(each) == count
    assert max(each) - min(each) <= 1


@given(SPAN, st.integers(0, 2**53))
def test_a_bell_stays_within_the_limits(span, seed):
    targets = Lengths(min=span[0], max=span[1], shape="normal").targets(stream(seed, "x"), 300)
    assert targets.min() >= span[0]
    assert targets.max() <= span[1]


def test_a_bell_has_its_mean_and_spread():
    targets = Lengths(min=1, max=100, shape="normal", mean=40, sd=5).targets(stream(1, "x"), 20_000)
    assert abs(targets.mean() - 40) < 0.2
    assert abs(targets.std() - 5) < 0.2


def test_natural_lengths_are_those_that_occur():
    targets = Lengths(shape="natural").targets(stream(1, "x"), 100, np.array([7, 9]))
    assert set(targets.tolist()) == {7, 9}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"min": 9, "max": 5}, "lengths start at 9 and end below it, at 5"),
        ({"min": 0}, "greater than or equal to 1"),
        ({"mean": 9}, "mean and sd belong to shape: normal"),
        ({"shape": "normal", "mean": 99}, "the mean 99 is not within 5 to 30"),
        ({"longest": 9}, "Extra inputs are not permitted"),
    ],
)
def test_lengths_that_make_no_sense_are_refused(fields, words):
    with pytest.raises(ValidationError, match=words):
        Lengths(**fields)


def test_a_length_that_cannot_be_had_becomes_another_and_an_endless_search_ends():
    def propose(targets, exact):
        met = targets != 3 if exact else np.ones(len(targets), bool)
        return met, ["x" * int(size) if exact else "any" for size in targets[met]]

    assert fill(np.array([2, 3, 4]), propose) == ["xx", "any", "xxxx"]
    assert fill(np.array([2, 3]), lambda targets, exact: (np.zeros(len(targets), bool), [])) == []


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=6), st.integers(0, 1000))
def test_shares_add_up_and_are_off_by_less_than_one(weights, count):
    parts = shares(weights, count)
    assert sum(parts) == count
    assert all(abs(part - count * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True))
