"""Crops a second and core, beside a bare loop of decode, crop and encode on the same files; copies; workers; memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import msgspec
import numpy as np
from ocrfactory import encode, plan, work
from ocrfactory.convert.delivery import Reader
from ocrfactory.convert.scene import Scenes
from ocrfactory.layout import Layout
from ocrfactory.recipe import Recipe
from ocrfactory.sources.labelled import _State
from ocrfactory.sources.source import Context

from tests.bench.timing import in_turn, middle, rate
from tests.deliveries import big


def recipe_of(folder: Path, **changes: object) -> Recipe:
    """A delivery as a one-part recipe."""
    source = {"kind": "aihub", "paths": [str(folder)]}
    whole = {"name": "bench", "parts": [{"source": source}], "image": {"format": "keep"}, "max_reject_rate": 1.0}
    return Recipe.model_validate({**whole, **changes})


def one_shard(folder: Path, out: Path) -> tuple[plan.Plan, Callable[[], int]]:
    """A function that makes all rows of a delivery as one shard."""
    made = plan.make_plan(recipe_of(folder, shard_rows=10_000_000), Context()).plan
    layout = Layout(out)
    layout.make_folders()
    layout.plan.write_bytes(plan.save(made))
    job = work.Job(str(out), made.sha256, 0)
    return made, lambda: work.make_shard(job).rows


def bare_loop(made: plan.Plan) -> Callable[[], int]:
    """Decode, crop, encode, and nothing else: each image once, by OpenCV, PNG by our encoder, kept in memory."""
    state = msgspec.msgpack.decode(made.parts[0].state, type=_State)
    scenes, reader = list(Scenes(state.packed)), Reader(state.containers)

    def loop() -> int:
        kept = []
        for scene in scenes:
            if scene.image is None:
                continue
            data = np.frombuffer(reader.read(scene.image), np.uint8)
            pixels = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
            for item in scene.items:
                if item is not None and item.box is not None:
                    x0, y0, x1, y1 = map(int, item.box)
                    kept.append(encode.png(np.ascontiguousarray(pixels[y0:y1, x0:x1])))
        return len(kept)

    return loop


def against_the_bare_loop(name: str, deliver: Callable[[Path], object], rounds: int) -> None:
    """One line of the table."""
    folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
    try:
        deliver(folder / "in")
        made, ours = one_shard(folder / "in", folder / "out")
        a, b = in_turn(ours, bare_loop(made), rounds)
        ratios = [x.per_second / y.per_second for x, y in zip(a, b, strict=True)]
        print(
            f"  {name:<34} {middle([x.per_second for x in a])} rows/s, bare loop {middle([y.per_second for y in b])}: "
            f"{middle([100 * r for r in ratios])} %"
        )
    finally:
        shutil.rmtree(folder)


def copies(images: int, rounds: int) -> None:
    """Whole images, their bytes copied."""
    for zipped in (True, False):
        folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
        try:
            big.letters_json(folder / "in", images, zipped=zipped)
            _, ours = one_shard(folder / "in", folder / "out")
            ours()
            found = [rate(ours).per_second for _ in range(rounds)]
            print(f"  whole images from {'a zip' if zipped else 'folders':<16} {middle(found)} rows/s")
        finally:
            shutil.rmtree(folder)


def main(rounds: int = 5) -> None:
    """Print the table."""
    print("convert, one core")
    against_the_bare_loop("photos of 2 MP, 3.5 boxes (105)", lambda f: big.photos(f, 150), rounds)
    against_the_bare_loop("scans of 8.4 MP, 100 boxes (023)", lambda f: big.scans(f, 12), rounds)
    copies(5000, rounds)


if __name__ == "__main__":
    main(3)
