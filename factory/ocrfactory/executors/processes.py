"""Worker processes by Pebble: one that is killed, stuck or leaves costs its own item, and everybody knows which.

`multiprocessing.Pool` hangs when a worker is killed; `ProcessPoolExecutor` loses every running task with it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

import msgspec
from pebble import ProcessExpired, ProcessPool

from ocrfactory.executors.executor import Outcome

TICK = 0.2
RECYCLE = 256
"""Items after which a worker is replaced, so that a leak in a library stays small."""
SILENCE = 120.0
"""Seconds without any item in work after which those that wait are lost: their worker died as it took them."""
_BROKEN = "the pool of workers broke: one was lost with no item in hand"
_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)


class Answer(msgspec.Struct, frozen=True):
    """What a worker sends. Bytes, for what cannot be unpickled would break the pool where it reads the pipe."""

    value: bytes | None = None
    error: bytes | None = None
    detail: str = ""


def answer(order: bytes) -> Answer:
    """Runs in the worker. Whatever happens is told: nothing raised here reaches the pool, which would mistake it."""
    try:
        work, item = pickle.loads(order)  # noqa: S301 - from the parent
        return Answer(value=pickle.dumps(work(item)))
    except BaseException as error:  # noqa: BLE001 - SystemExit too: it would end the parent when it is raised there
        return Answer(error=_dump_error(error), detail=traceback.format_exc())


def _dump_error(error: BaseException) -> bytes:
    """An error as bytes that can be read again; an error of many arguments often cannot, and is told in words."""
    try:
        data = pickle.dumps(error)
        if type(pickle.loads(data)) is type(error):  # noqa: S301 - our own
            return data
    except Exception:  # noqa: BLE001, S110 - whatever its pickling raises: the words are below
        pass
    return pickle.dumps(RuntimeError(traceback.format_exception_only(error)[-1].strip()))


class Processes:
    """Spawned workers: threads of pyarrow and torch do not survive a fork."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(
        self,
        work: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        timeout: float,
        pulse: Callable[[Any], object] | None = None,
        stall: float = 60.0,
        stopping: Callable[[], bool] = lambda: False,
        tick: Callable[[], None] = lambda: None,
    ) -> Iterator[Outcome]:
        """See `Executor.map`. At most two items a worker are under way, so that a stop leaves little behind."""
        items, broken = iter(items), True
        with _one_thread_each():
            while broken:  # a pool that breaks costs the items under way, at least one: the loop ends
                pool: Any = ProcessPool(
                    max_workers=self.workers,
                    max_tasks=RECYCLE,
                    initializer=set_up_worker,
                    initargs=(os.getpid(),),
                    context=multiprocessing.get_context("spawn"),
                )
                try:
                    broken = yield from self._run(pool, work, items, timeout, pulse, stall, stopping, tick)
                    pool.close()
                finally:
                    with _undisturbed():
                        pool.stop()  # after close() it only joins what has already left
                        pool.join()

    def _run(
        self,
        pool: Any,
        work: Callable[[Any], Any],
        items: Iterator[Any],
        timeout: float,
        pulse: Callable[[Any], object] | None,
        stall: float,
        stopping: Callable[[], bool],
        tick: Callable[[], None],
    ) -> Generator[Outcome, None, bool]:
        """True: the pool broke, and others of the items may be left."""
        under_way: dict[Any, Any] = {}
        beats: dict[Any, tuple[object, float]] = {}
        exhausted = broken = False
        sign = time.monotonic()
        while True:
            while not exhausted and not stopping() and len(under_way) < 2 * self.workers:
                try:
                    item = next(items)
                except StopIteration:
                    exhausted = True
                    break
                try:
                    order = pickle.dumps((work, item))
                except Exception as error:  # noqa: BLE001 - whatever the pickling of an item raises
                    yield Outcome(item, failure="raised", error=error, detail=traceback.format_exc())
                    continue
                try:
                    with _undisturbed():
                        future = pool.schedule(answer, args=[order], timeout=timeout)
                except RuntimeError as error:  # the pool is broken
                    yield Outcome(item, failure="died", error=error, detail=_BROKEN)
                    broken = True
                    break
                under_way[future] = item
                sign = time.monotonic()
            if not under_way:
                return broken
            if stopping():
                for future in [future for future in under_way if not future.running() and future.cancel()]:
                    del under_way[future]
            with _undisturbed():
                done, _ = wait(under_way, timeout=TICK, return_when=FIRST_COMPLETED)
                broken = broken or not pool.active
            tick()
            for future in done:
                beats.pop(future, None)
                yield _outcome(under_way.pop(future), future)
            if done or any(future.running() for future in under_way):
                sign = time.monotonic()
            if broken or (under_way and time.monotonic() - sign > SILENCE):
                for future, item in under_way.items():
                    yield _outcome(item, future) if future.done() else Outcome(item, failure="died", detail=_BROKEN)
                return True
            if pulse is not None:
                for future in _stalled(under_way, beats, pulse, stall):
                    beats.pop(future, None)
                    item = under_way.pop(future)
                    future.cancel()
                    yield Outcome(item, failure="stalled", detail=f"no progress for {stall:g} s")


def _outcome(item: Any, future: Any) -> Outcome:
    try:
        told: Answer = future.result()
    except ProcessExpired as error:
        return Outcome(item, failure="died", error=error, detail=_cause(error.exitcode))
    except BrokenProcessPool as error:
        return Outcome(item, failure="died", error=error, detail=_BROKEN)
    except TimeoutError as error:
        return Outcome(item, failure="stalled", error=error, detail="took longer than its time limit")
    except CancelledError as error:
        return Outcome(item, failure="stalled", error=error, detail="cancelled")
    except Exception as error:  # noqa: BLE001 - the pool's own, of whatever kind: the work's come as an answer
        return Outcome(item, failure="died", error=error, detail=repr(error))
    try:
        if told.error is not None:
            return Outcome(item, failure="raised", error=pickle.loads(told.error), detail=told.detail)  # noqa: S301
        return Outcome(item, pickle.loads(told.value or b""))  # noqa: S301 - from our own worker
    except Exception as error:  # noqa: BLE001 - whatever the reading of a value raises
        return Outcome(item, failure="raised", error=error, detail=told.detail or traceback.format_exc())


def _cause(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        names = {number.value: number.name for number in signal.Signals}  # most real-time signals have none
        return f"worker killed by {names.get(-exitcode, f'signal {-exitcode}')}"
    return f"worker left with status {exitcode}"


def _stalled(
    under_way: dict[Any, Any], beats: dict[Any, tuple[object, float]], pulse: Callable[[Any], object], stall: float
) -> list[Any]:
    now, found = time.monotonic(), []
    for future, item in under_way.items():
        beat = pulse(item) if future.running() else None
        last = beats.get(future)
        if beat is None or last is None or last[0] != beat:
            beats[future] = beat, now
        elif now - last[1] > stall:
            found.append(future)
    return found


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Handlers of signals run after the block: one that raises among the pool's locks could block it for ever."""
    if threading.current_thread() is not threading.main_thread():  # handlers run in the main thread only
        yield
        return
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in before.items() if callable(handler)}
    for number in before:
        signal.signal(number, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Workers inherit the environment, and libraries read it when they are imported: before any initializer runs."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def set_up_worker(parent: int) -> None:
    """Runs once in each worker: signals are the parent's business, and nobody outlives the parent for long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["OCRFACTORY_PARENT"] = str(parent)
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
