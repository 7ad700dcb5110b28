"""Each font is first opened by a child process that may die: a font that crashes or hangs costs only itself.

What the child finds out is kept by the hash of the font, so a font is examined once. A quarantine is not kept: it may
be the machine's fault (no memory, a file that was away), and it names a path, which is no part of the hash.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from signal import Signals
from tempfile import TemporaryDirectory

import msgspec
import platformdirs

from ocrfactory.fonts.coverage.child import Order
from ocrfactory.fonts.coverage.facts import FontFacts, quarantined

SECONDS = 120.0
"""That one font may take."""
CHILDREN = 2


def facts_of(
    orders: Sequence[Order], log: Callable[[str], None] = lambda line: None, seconds: float = SECONDS
) -> list[FontFacts]:
    """What each font really draws; a font that cannot be examined is quarantined, with the reason."""
    found = {order.key: facts for order in orders if (facts := _cached(order)) is not None}
    todo = list({order.key: order for order in orders if order.key not in found}.values())
    if todo:
        if len(todo) > 1:
            log(f"examining {len(todo)} font files, once: what each really draws")
        shares = [share for share in (todo[i::CHILDREN] for i in range(CHILDREN)) if share]
        with ThreadPoolExecutor(CHILDREN) as pool:
            for result in pool.map(lambda share: _examine_all(share, seconds), shares):
                found.update(result)
        for order in todo:
            if found[order.key].quarantine is None:
                _keep(order, found[order.key])
    return [found[order.key] for order in orders]


def cache_folder() -> Path:
    """Where facts are kept: `OCRFACTORY_CACHE_DIR`, else the user's cache folder."""
    chosen = os.environ.get("OCRFACTORY_CACHE_DIR")
    return (Path(chosen) if chosen else platformdirs.user_cache_path("ocrfactory")) / "fonts"


def _cached(order: Order) -> FontFacts | None:
    try:
        facts = msgspec.msgpack.decode((cache_folder() / order.key).read_bytes(), type=FontFacts)
    except (OSError, msgspec.MsgspecError):
        return None
    return facts if facts.whole else None


def _keep(order: Order, facts: FontFacts) -> None:
    """A cache that cannot be written costs time, not the run."""
    folder = cache_folder()
    temporary = folder / f".{order.key}.{os.getpid()}"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(msgspec.msgpack.encode(facts))
        temporary.replace(folder / order.key)


def _examine_all(orders: Sequence[Order], seconds: float) -> dict[str, FontFacts]:
    """Examine fonts in one child; when it dies, the font in hand is to blame and a new child goes on behind it."""
    found: dict[str, FontFacts] = {}
    left = list(orders)
    while left:
        with TemporaryDirectory(prefix="ocrfactory-probe-") as folder:
            reason = _child(left, Path(folder), seconds)
            for order in list(left):
                answer = Path(folder) / order.key
                if not answer.exists():
                    break
                found[order.key] = msgspec.msgpack.decode(answer.read_bytes(), type=FontFacts)
                left.remove(order)
        if left:
            culprit = left.pop(0)
            found[culprit.key] = quarantined(f"{culprit.file.path}: quarantined: opening it {reason}")
    return found


def _child(orders: Sequence[Order], folder: Path, seconds: float) -> str:
    """Run one child over some fonts, which answers by files in `folder`; says how it ended."""
    command = [sys.executable, "-m", "ocrfactory.fonts.coverage.child", str(folder)]
    timed_out = threading.Event()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        assert child.stdout is not None

        def expire() -> None:
            timed_out.set()
            child.kill()

        watch = threading.Timer(seconds, expire)
        watch.start()
        with suppress(BrokenPipeError):
            child.stdin.write(msgspec.msgpack.encode(list(orders)))
        with suppress(BrokenPipeError):  # closing writes what is left, and a dead child takes nothing
            child.stdin.close()
        for _ in child.stdout:  # a line for each font that is done
            watch.cancel()
            watch = threading.Timer(seconds, expire)
            watch.start()
        code = child.wait()
        watch.cancel()
    if timed_out.is_set():
        return f"took longer than {seconds:g} s"
    return f"killed a process by {Signals(-code).name}" if code < 0 else f"ended a process with status {code}"
