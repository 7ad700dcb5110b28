"""The contract of executors: one outcome for each item, always, under each death."""

import os
import time

import pytest
from ocrfactory.executors import EXECUTORS
from ocrfactory.executors.processes import Processes

from tests.executors.work import act


@pytest.fixture(params=sorted(EXECUTORS))
def executor(request):
    return EXECUTORS[request.param](2)


def test_every_item_has_one_outcome_and_a_raise_is_one_too(executor):
    orders = [("fine", i) for i in range(9)] + [("raise", 1)]
    outcomes = list(executor.map(act, orders, timeout=60))
    assert sorted(outcome.item for outcome in outcomes) == sorted(orders)
    assert sorted(outcome.value for outcome in outcomes if outcome.failure is None) == [i * 2 for i in range(9)]
    (failed,) = [outcome for outcome in outcomes if outcome.failure]
    assert failed.failure == "raised"
    assert isinstance(failed.error, ValueError)


def test_after_stopping_nothing_new_is_started(executor):
    started = []

    def orders():
        for i in range(100):
            started.append(i)
            yield "fine", i

    outcomes = []
    for outcome in executor.map(act, orders(), timeout=60, stopping=lambda: len(outcomes) >= 3):
        outcomes.append(outcome)
    assert 3 <= len(outcomes) <= len(started) < 20


def test_no_items_give_no_outcomes(executor):
    assert list(executor.map(act, [], timeout=60)) == []


@pytest.mark.parametrize("death", ["kill", "segfault"])
def test_a_worker_that_dies_costs_its_own_item(death):
    orders = [("fine", i) for i in range(8)] + [(death, 0)] + [("fine", i) for i in range(8, 16)]
    outcomes = list(Processes(2).map(act, orders, timeout=60))
    assert len(outcomes) == len(orders)
    (failed,) = [outcome for outcome in outcomes if outcome.failure]
    assert failed.item == (death, 0)
    assert failed.failure == "died"
    assert "SIG" in failed.detail


@pytest.mark.parametrize("death", ["stop", "leave"])
def test_a_worker_that_hangs_or_leaves_quietly_is_given_up_after_the_time_limit(death):
    orders = [("fine", 1), (death, 0), ("fine", 2)]
    start = time.monotonic()
    outcomes = list(Processes(2).map(act, orders, timeout=4))
    assert time.monotonic() - start < 30
    assert {outcome.item for outcome in outcomes if outcome.failure} == {(death, 0)}
    assert len(outcomes) == 3


def test_a_pulse_that_stands_still_stops_the_item_long_before_the_time_limit():
    start = time.monotonic()
    outcomes = list(Processes(1).map(act, [("sleep", 60), ("fine", 1)], timeout=600, pulse=lambda item: 1, stall=1))
    assert time.monotonic() - start < 30
    assert [(outcome.item, outcome.failure) for outcome in outcomes] == [
        (("sleep", 60), "stalled"),
        (("fine", 1), None),
    ]


def test_workers_run_one_thread_each_and_the_parents_environment_stays(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (outcome,) = Processes(1).map(os.getenv, ["OMP_NUM_THREADS"], timeout=60)
    assert outcome.value == "1"
    assert "OMP_NUM_THREADS" not in os.environ
