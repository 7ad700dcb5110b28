"""How long `ocrfactory --help` takes, in seconds and in starts of the bare interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path


def _seconds(command: list[str], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def startup() -> None:
    """Print the median of several starts."""
    program = str(Path(sys.executable).with_name("ocrfactory"))
    bare = _seconds([sys.executable, "-c", "pass"], 15)
    ours = _seconds([program, "--help"], 15)
    print(f"\nocrfactory --help: {ours:.3f} s, {ours / bare:.1f} starts of the bare interpreter ({bare * 1000:.0f} ms)")
