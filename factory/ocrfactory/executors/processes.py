"""Worker processes by Pebble: one that is killed, stuck or leaves costs its own item, and everybody knows which.

`multiprocessing.Pool` hangs when a worker is killed; `ProcessPoolExecutor` loses every running task with it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from contextlib import contextmanager
from typing import Any

from pebble import ProcessExpired, ProcessPool

from ocrfactory.executors.executor import Outcome

TICK = 0.2
RECYCLE = 256
"""Items after which a worker is replaced, so that a leak in a library stays small."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


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
        with _one_thread_each():
            pool: Any = ProcessPool(
                max_workers=self.workers,
                max_tasks=RECYCLE,
                initializer=set_up_worker,
                initargs=(os.getpid(),),
                context=multiprocessing.get_context("spawn"),
            )
            try:
                yield from self._run(pool, work, iter(items), timeout, pulse, stall, stopping, tick)
                pool.close()
            finally:
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
    ) -> Iterator[Outcome]:
        under_way: dict[Any, Any] = {}
        beats: dict[Any, tuple[object, float]] = {}
        exhausted = False
        while True:
            while not exhausted and not stopping() and len(under_way) < 2 * self.workers:
                try:
                    item = next(items)
                except StopIteration:
                    exhausted = True
                else:
                    under_way[pool.schedule(work, args=[item], timeout=timeout)] = item
            if not under_way:
                return
            if stopping():
                for future in [future for future in under_way if not future.running() and future.cancel()]:
                    del under_way[future]
            done, _ = wait(under_way, timeout=TICK, return_when=FIRST_COMPLETED)
            tick()
            for future in done:
                beats.pop(future, None)
                yield _outcome(under_way.pop(future), future)
            if pulse is not None:
                for future in _stalled(under_way, beats, pulse, stall):
                    beats.pop(future, None)
                    item = under_way.pop(future)
                    future.cancel()
                    yield Outcome(item, failure="stalled", detail=f"no progress for {stall:g} s")


def _outcome(item: Any, future: Any) -> Outcome:
    try:
        return Outcome(item, future.result())
    except ProcessExpired as error:
        return Outcome(item, failure="died", error=error, detail=_cause(error.exitcode))
    except TimeoutError as error:
        return Outcome(item, failure="stalled", error=error, detail="took longer than its time limit")
    except CancelledError as error:
        return Outcome(item, failure="stalled", error=error, detail="cancelled")
    except Exception as error:  # noqa: BLE001 - an executor hands on whatever the work raises
        return Outcome(item, failure="raised", error=error, detail=getattr(error, "traceback", None) or repr(error))


def _cause(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"worker killed by {signal.Signals(-exitcode).name}"
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
