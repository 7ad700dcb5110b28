"""The contract of executors: one outcome for each item, always, under each death."""

import multiprocessing
import os
import signal
import time

import pytest
from ocrfactory.errors import InterruptedRunError, NoSpaceError
from ocrfactory.executors import EXECUTORS, processes
from ocrfactory.executors.processes import Processes
from ocrfactory.executors.serial import Serial
from ocrfactory.stopping import Stopping

from tests.executors.work import Trapped, act, with_threads


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


@pytest.mark.parametrize("death", ["kill", "segfault", "real-time"])
def test_a_worker_that_dies_costs_its_own_item(death):
    orders = [("fine", i) for i in range(8)] + [(death, 0)] + [("fine", i) for i in range(8, 16)]
    outcomes = list(Processes(2).map(act, orders, timeout=60))
    assert len(outcomes) == len(orders)
    (failed,) = [outcome for outcome in outcomes if outcome.failure]
    assert failed.item == (death, 0)
    assert failed.failure == "died"
    assert "SIG" in failed.detail or "signal 40" in failed.detail


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


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("raise", ValueError, "order 1"),
        ("time out", TimeoutError, "the work's own"),
        ("no space", NoSpaceError, "full"),
        ("exit", SystemExit, "3"),
    ],
)
def test_what_the_work_raises_arrives_as_itself_with_its_traceback(executor, name, kind, said):
    (outcome,) = executor.map(act, [(name, 1)], timeout=60)
    assert outcome.failure == "raised"
    assert type(outcome.error) is kind
    assert str(outcome.error) == said
    assert "Traceback" in outcome.detail
    assert "in act" in outcome.detail
    assert getattr(outcome.error, "cure", "make room") == "make room"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("raise two", "TwoArgumentsError: 1 and 1"),
        ("raise unpicklable", "lock"),
        ("return a lock", "pickle"),
        ("return a lambda", "lambda"),
        ("return a trap", "no number"),
    ],
)
def test_what_cannot_be_pickled_fails_alone_and_says_what_it_was(name, said):
    orders = [("fine", i) for i in range(5)] + [(name, 1)] + [("fine", i) for i in range(5, 15)]
    outcomes = list(Processes(1).map(act, orders, timeout=60))
    assert sorted(outcome.item for outcome in outcomes) == sorted(orders)
    (failed,) = [outcome for outcome in outcomes if outcome.failure]
    assert (failed.item, failed.failure) == ((name, 1), "raised")
    assert said in str(failed.error)
    assert "Traceback" in failed.detail


@pytest.mark.parametrize("value", [Trapped(), lambda: 0], ids=["not read", "not written"])
def test_an_item_that_cannot_be_pickled_is_an_outcome_too(value):
    outcomes = list(Processes(1).map(act, [("fine", 1), ("fine", value), ("fine", 2)], timeout=60))
    assert sorted(str(outcome.failure) for outcome in outcomes) == ["None", "None", "raised"]


def test_idle_workers_that_are_killed_cost_no_item_its_outcome():
    def orders():
        yield from (("fine", i) for i in range(4))
        for _ in range(50):  # nothing is under way between two outcomes: the workers are idle
            for worker in multiprocessing.active_children():
                os.kill(worker.pid, signal.SIGKILL)
            time.sleep(0.01)
        time.sleep(1)
        yield from (("fine", i) for i in range(4, 12))

    outcomes = list(Processes(1).map(act, orders(), timeout=60))
    assert sorted(outcome.item for outcome in outcomes) == [("fine", i) for i in range(12)]
    assert {outcome.failure for outcome in outcomes} <= {None, "died"}
    assert [outcome.value for outcome in outcomes if outcome.item == ("fine", 11)] == [22]


def test_items_that_no_worker_ever_takes_are_given_up(monkeypatch):
    monkeypatch.setattr(processes, "SILENCE", 0.0)
    monkeypatch.setattr(processes, "TICK", 0.001)  # sooner than a spawned worker is up
    outcomes = list(Processes(1).map(act, [("fine", 1), ("fine", 2), ("fine", 3)], timeout=60))
    assert [(outcome.item[1], outcome.failure) for outcome in outcomes] == [(1, "died"), (2, "died"), (3, "died")]


def test_the_second_signal_stops_work_that_never_returns():
    def work(item):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        pytest.fail("the signal was only counted")

    with Stopping() as stopping, pytest.raises(InterruptedRunError) as caught:
        list(Serial().map(work, [1], timeout=60, stopping=stopping.__bool__, tick=stopping.check))
    assert caught.value.exit_code == 143


def test_signals_without_end_leave_no_worker_behind(monkeypatch):
    join = processes.ProcessPool.join

    def interrupted(pool):
        os.kill(os.getpid(), signal.SIGINT)
        join(pool)

    def wait(*args, **named):
        os.kill(os.getpid(), signal.SIGINT)
        return waited(*args, **named)

    waited = processes.wait
    monkeypatch.setattr(processes.ProcessPool, "join", interrupted)
    monkeypatch.setattr(processes, "wait", wait)
    before = set(multiprocessing.active_children())
    with Stopping() as stopping, pytest.raises(InterruptedRunError) as caught:
        list(Processes(2).map(act, [("sleep", 60)] * 4, timeout=60))
    assert caught.value.exit_code == 130
    assert stopping.count > 2
    assert set(multiprocessing.active_children()) <= before


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"])
def test_workers_run_one_thread_each_and_the_parents_environment_stays(monkeypatch, name):
    monkeypatch.delenv(name, raising=False)
    (outcome,) = Processes(1).map(with_threads, [name], timeout=60)
    assert outcome.value == ("1", 1)
    assert name not in os.environ
