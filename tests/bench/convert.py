"""Crops a second and core beside a bare loop of decode, crop and encode on the same files; copies; workers; memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import msgspec
import numpy as np
from ocrfactory import encode, plan, work
from ocrfactory.convert.reader import Reader
from ocrfactory.convert.scene import Scenes
from ocrfactory.executors.processes import Processes
from ocrfactory.layout import Layout
from ocrfactory.recipe import Recipe
from ocrfactory.sources.labelled import State
from ocrfactory.sources.source import Context

from tests.bench.glyphs import _peak
from tests.bench.timing import in_turn, middle, rate
from tests.deliveries import big

MEMORY = Path("/dev/shm")
"""Where there is one, rows are written to memory: we measure the program, not the disk."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that goes away."""
    folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def make_ready(folder: Path, **changes: object) -> plan.Plan:
    """A planned conversion of `folder/in`, ready for `make_shard`."""
    source = {"kind": "aihub", "paths": [str(folder / "in")]}
    recipe = {"name": "bench", "parts": [{"source": source}], "image": {"format": "keep"}, "max_reject_rate": 1.0}
    made = plan.make_plan(Recipe.model_validate({**recipe, **changes}), Context()).plan
    layout = Layout(folder / "out")
    layout.make_folders()
    layout.plan.write_bytes(plan.save(made))
    return made


def bare_loop(made: plan.Plan) -> Callable[[], int]:
    """Decode, crop, encode, and nothing else: each image once, by OpenCV; PNG by our encoder, kept in memory."""
    state = msgspec.msgpack.decode(made.parts[0].state, type=State)
    scenes, reader = list(Scenes(state.packed)), Reader(state.containers)

    def loop() -> int:
        kept = []
        for scene in scenes:
            data = np.frombuffer(reader.read(scene.image), np.uint8)
            pixels = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
            for item in scene.items:
                x0, y0, x1, y1 = map(int, item.box)
                kept.append(encode.png(np.ascontiguousarray(pixels[y0:y1, x0:x1])))
        return len(kept)

    return loop


def beside_the_bare_loop(name: str, deliver: Callable[[Path], big.Size], rounds: int) -> None:
    """One line of the table."""
    with scratch() as folder:
        deliver(folder / "in")
        made = make_ready(folder, shard_rows=10_000_000)
        job = work.Job(str(folder / "out"), made.sha256, 0)
        ours, bare = in_turn(lambda: work.make_shard(job).rows, bare_loop(made), rounds)
        size = sum(path.stat().st_size for path in (folder / "out" / "data").iterdir()) / made.rows
        wall = [100 * a.per_second / b.per_second for a, b in zip(ours, bare, strict=True)]
        cpu = [100 * b.cpu_us / a.cpu_us for a, b in zip(ours, bare, strict=True)]
        print(f"  {name:<34} {middle([x.per_second for x in ours])} rows/s of {size / 1000:.1f} kB, ", end="")
        print(f"bare loop {middle([x.per_second for x in bare])}: {middle(wall)} %, of CPU time {middle(cpu)} %")


def copies(images: int, rounds: int) -> None:
    """Whole images: header, decoded once for the content hash, bytes copied."""
    for zipped in (True, False):
        with scratch() as folder:
            big.letters_json(folder / "in", images, zipped=zipped)
            made = make_ready(folder, shard_rows=10_000_000)
            job = work.Job(str(folder / "out"), made.sha256, 0)
            work.make_shard(job)
            found = [rate(lambda job=job: work.make_shard(job).rows).per_second for _ in range(rounds)]
            print(f"  {'whole images, in a zip' if zipped else 'whole images, in folders':<34} {middle(found)} rows/s")


def scaling(name: str, deliver: Callable[[Path], big.Size], shard_rows: int) -> None:
    """The same shards with one and with two workers: steady state, from the first shard of each worker on."""
    if (os.cpu_count() or 1) < 2:
        print("  two workers: this machine has one processor")
        return
    found: dict[int, list[float]] = {}
    for workers in (1, 2, 1, 2, 1, 2):
        with scratch() as folder:
            deliver(folder / "in")
            made = make_ready(folder, shard_rows=shard_rows)
            jobs = [work.Job(str(folder / "out"), made.sha256, shard.number) for shard in made.shards]
            ends = sorted(outcome.value[2] for outcome in Processes(workers).map(_peak, jobs, timeout=600))
            steady = (len(ends) - 2 * workers) * made.rows / len(made.shards)
            found.setdefault(workers, []).append(steady / (ends[-1 - workers] - ends[workers - 1]))
    ratios = [b / a for a, b in zip(found[1], found[2], strict=True)]
    print(f"  {name}: one worker {middle(found[1])}, two {middle(found[2])} rows/s: {middle(ratios)} times")


def giant(annotations: int, images: int) -> None:
    """One JSON of a million annotations, by the command, with two workers: time and memory of all its processes."""
    with scratch() as folder:
        size = big.wild_json(folder / "in", annotations, images)
        label = max(path.stat().st_size for path in (folder / "in").rglob("*.json"))
        words = ["convert", "aihub", str(folder / "in"), "--out", str(folder / "out"), "--workers", "2", "--json"]
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "ocrfactory", *words], stdout=subprocess.DEVNULL)
        peak, of = 0, []
        while process.poll() is None:
            parts = [_proportional(pid) for pid in _family(process.pid)]
            peak, of = max((peak, of), (sum(parts), parts))
            time.sleep(0.25)
        seconds = time.perf_counter() - start
        print(f"\none JSON of {annotations:,} annotations ({label / 1e6:,.0f} MB) over {images:,} images, 2 workers:")
        print(f"  {seconds:.1f} s for {size.selected:,} rows, at most {peak / 1024:,.0f} MB in all", end="")
        print(f" ({' + '.join(f'{part / 1024:,.0f}' for part in of)}), exit code {process.returncode}")


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in _family(int(child)))]


def _proportional(pid: int) -> int:
    """Memory of a process in KiB, its share of what it has in common with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def run(rounds: int = 5, annotations: int = 1_000_000) -> None:
    """Print the table."""
    print("\nlabelled data, one core; rows finished in Parquet with all columns and hashes")
    beside_the_bare_loop("photos of 2 MP, 3 or 4 boxes", lambda at: big.photos(at, 150), rounds)
    beside_the_bare_loop("scans of 8.4 MP, 100 boxes", lambda at: big.scans(at, 12), rounds)
    copies(5000, rounds)
    scaling("photos", lambda at: big.photos(at, 400), 100)
    scaling("whole images", lambda at: big.letters_json(at, 30_000), 1500)
    giant(annotations, annotations // 50)


if __name__ == "__main__":
    run(rounds=2 if "--quick" in sys.argv else 5, annotations=100_000 if "--quick" in sys.argv else 1_000_000)
