"""`make bench`: every figure that we quote, measured in one run. `--quick` for fewer rounds and rows."""

from __future__ import annotations

import os
import platform
import sys

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))


def main() -> None:
    """Run all benchmarks."""
    import cv2
    import pyarrow as pa

    from tests.bench import convert, fill, glyphs, lines, ops, startup

    cv2.setNumThreads(1)
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    quick = "--quick" in sys.argv
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(glyphs.describe())
    glyphs.beside_trdg(rounds=2 if quick else 5)
    for jitter in (False, True):
        glyphs.stages(jitter)
    glyphs.scaling(60_000 if quick else 200_000)
    lines.beside_trdg(rounds=2 if quick else 5)
    for augment in (None, "aggressive"):
        lines.stages(augment)
    lines.scaling(8_000 if quick else 24_000)
    ops.run(count=20 if quick else 100, rounds=2 if quick else 5)
    convert.run(rounds=2 if quick else 5, annotations=100_000 if quick else 1_000_000)
    fill.run(128 if quick else 512)
    glyphs.memory(100_000 if quick else 1_000_000)
    startup.startup()


if __name__ == "__main__":
    main()
