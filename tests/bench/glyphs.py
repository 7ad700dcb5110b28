"""Finished glyph rows a second and core, beside trdg on the same glyphs; where the time goes; two workers; memory."""

from __future__ import annotations

import io
import os
import random
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import msgspec
from ocrfactory import encode, plan, schema, work, write
from ocrfactory.compat import import_trdg
from ocrfactory.executors.processes import Processes
from ocrfactory.fonts.face import FontFile
from ocrfactory.fonts.opened import open_font
from ocrfactory.fonts.select import select_faces
from ocrfactory.layout import Layout
from ocrfactory.recipe import Recipe
from ocrfactory.render.glyph import STILL, draw_glyph
from ocrfactory.rng import seed_of
from ocrfactory.sample import FontUse, Sample
from ocrfactory.sources.source import Context
from xxhash import xxh3_128_hexdigest

from tests.bench.timing import Stages, in_turn, middle, rate

FONT = "nanum-gothic"
SYLLABLES = [chr(code) for code in range(0xAC00, 0xD7A4)]


def make_ready(folder: Path, **changes: object) -> tuple[plan.Plan, Layout]:
    """A planned build, ready for `make_shard`."""
    source = {"kind": "glyphs", "fonts": [FONT], "charset": "hangul", **changes.pop("source", {})}  # type: ignore[dict-item]
    recipe = Recipe.model_validate({"name": "bench", "parts": [{"source": source}], **changes})
    made = plan.make_plan(recipe, Context()).plan
    layout = Layout(folder)
    layout.make_folders()
    layout.plan.write_bytes(plan.save(made))
    return made, layout


def ours(per_class: int = 1) -> tuple[object, Path]:
    """A function that makes one shard of every syllable and returns its rows."""
    folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
    made, _ = make_ready(folder, shard_rows=len(SYLLABLES) * per_class, source={"per_class": per_class})
    job = work.Job(str(folder), made.sha256, 0)
    return (lambda: work.make_shard(job).rows), folder


def trdg(count: int = 2000):  # type: ignore[no-untyped-def]
    """A function that draws the same syllables with trdg and encodes them as PNG, into memory."""
    generators = import_trdg()
    path = select_faces([FONT]).faces[0].files[0].path
    texts = SYLLABLES[:: len(SYLLABLES) // count][:count]

    def draw() -> int:
        random.seed(1)
        done = 0
        for image, _ in generators.GeneratorFromStrings(
            texts, fonts=[path], count=len(texts), language="ko", size=64, width=64, background_type=1
        ):
            if image is not None:
                image.save(io.BytesIO(), "PNG")
                done += 1
        return done

    return draw


def beside_trdg(rounds: int) -> None:
    """Rows a second of one core, in turn with trdg."""
    for title, per_class in (("plain glyphs, 64 px", 1), ("jittered glyphs, 64 px, 4 a class", 4)):
        mine, folder = ours(per_class)
        a, b = in_turn(mine, trdg(), rounds)  # type: ignore[arg-type]
        shutil.rmtree(folder)
        print(
            f"\n{title}: one core, one process, PNG; ours with Parquet, all columns and hashes, committed and checked"
        )
        print(f"  ours  {middle([r.per_second for r in a]):>32} rows/s   {middle([r.cpu_us for r in a])} us")
        print(f"  trdg  {middle([r.per_second for r in b]):>32} images/s {middle([r.cpu_us for r in b])} us")
        print(f"  ratio {middle([x.per_second / y.per_second for x, y in zip(a, b, strict=True)]):>32}")


def stages(jitter: bool) -> None:
    """Microseconds of each stage of a row, measured on the real functions, and what the sum leaves unexplained."""
    file: FontFile = select_faces([FONT]).faces[0].files[0]
    font, use = open_font(file, "ko"), FontUse(file.sha256, file.index, file.name)
    watch, rows = Stages(), []
    from ocrfactory.sources.glyphs import Jitter, _tone, _wobble, code_points

    settings, tone = Jitter(), _tone(0, 255)
    for number, text in enumerate(SYLLABLES):
        watch.start()
        seed = seed_of(0, "glyphs", FONT, code_points(text), 0)
        watch.stop("key and seed")
        wobble = _wobble(settings, seed) if jitter else STILL
        watch.stop("parameters from the key")
        run = font.shape(text)
        watch.stop("shape")
        drawn = draw_glyph(font, run, 64, 4.0, "centre", wobble)
        watch.stop("raster and place")
        picture = tone(drawn.ink)
        watch.stop("tone")
        sample = Sample(
            text=text, image=picture, kind="glyph", origin="font", seed=seed, license="OFL-1.1",
            split_group=f"{FONT}/{code_points(text)}", lang="ko", font=use, font_size_px=drawn.em,
        )  # fmt: skip
        watch.stop("sample")
        data = encode.png(picture)
        watch.stop("PNG")
        row = schema.row_of(sample, id=f"glyphs/{number:09d}", source="glyphs", split="train", recipe_id="0" * 16)
        watch.stop("row")
        content = schema.row_hash(picture, row)
        image_hash = xxh3_128_hexdigest(data)
        watch.stop("hashes")
        rows.append(write.Encoded(data, f"glyphs-{number:09d}.png", image_hash, row, content))
        watch.stop("collect")
    folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
    path = folder / "x.parquet"
    write.write_parquet(path, write.tables_of(rows, 1000), {})  # the first use of pyarrow pays for its start
    watch.start()
    tables = write.tables_of(rows, 1000)
    watch.stop("columns")
    write.write_parquet(path, tables, {})
    watch.stop("Parquet")
    write.check_parquet(path, tables, {})
    watch.stop("read back and check")
    write.sha256_of(path)
    watch.stop("SHA-256 of the file")
    shutil.rmtree(folder)
    mine, folder = ours(4 if jitter else 1)
    mine()  # type: ignore[operator]
    whole = 1e6 / statistics.median(rate(mine).per_second for _ in range(5))  # type: ignore[arg-type]
    shutil.rmtree(folder)
    print(f"\nstages of a {'jittered' if jitter else 'plain'} 64 px glyph row, microseconds")
    total = 0.0
    for stage, seconds in watch.seconds.items():
        micro = seconds / len(rows) * 1e6
        total += micro
        print(f"  {stage:<26}{micro:8.2f}  {micro / whole:6.1%}")
    print(f"  {'unexplained':<26}{whole - total:8.2f}  {(whole - total) / whole:6.1%}")
    print(f"  {'end to end':<26}{whole:8.2f}")


def _peak(job: work.Job) -> tuple[work.Report, int, float]:
    report = work.make_shard(job)
    return report, high_water(), time.time()


def high_water() -> int:
    """Peak resident memory of this process in KiB. `ru_maxrss` would count the parent that it was born from."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))


def scaling(rows: int) -> None:
    """The same shards with one and with two workers: steady state, from the first shard of each worker on."""
    if (os.cpu_count() or 1) < 2:
        print("\ntwo workers: this machine has one processor")
        return
    found = {}
    for workers in (1, 2, 1, 2, 1, 2):
        folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
        made, _ = make_ready(folder, shard_rows=4000, limit=rows, source={"per_class": -(-rows // len(SYLLABLES))})
        jobs = [work.Job(str(folder), made.sha256, shard.number) for shard in made.shards]
        ends = sorted(outcome.value[2] for outcome in Processes(workers).map(_peak, jobs, timeout=600))
        steady = len(ends) - 2 * workers  # the first and the last shard of each worker are start-up and drain
        found.setdefault(workers, []).append(steady * made.shards[0].rows / (ends[-1 - workers] - ends[workers - 1]))
        shutil.rmtree(folder)
    print(f"\nworkers, {rows:,} jittered rows in shards of 4,000, steady state")
    for workers, rates in found.items():
        print(f"  {workers} worker{'s' if workers > 1 else ' '} {middle(rates):>32} rows/s")
    print(f"  ratio     {middle([b / a for a, b in zip(found[1], found[2], strict=True)]):>32}")


def memory(rows: int) -> None:
    """Peak resident memory of a worker and of the parent in a whole build."""
    from ocrfactory.build import Options, build

    folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
    source = {"kind": "glyphs", "fonts": [FONT], "charset": "hangul", "per_class": -(-rows // len(SYLLABLES))}
    recipe = Recipe.model_validate({"name": "bench", "limit": rows, "parts": [{"source": source}]})
    start = time.perf_counter()
    build(recipe, folder / "out", Context(), Options(workers=2))
    seconds = time.perf_counter() - start
    made, layout = make_ready(folder / "one", limit=rows, source={"per_class": -(-rows // len(SYLLABLES))})
    jobs = [work.Job(str(layout.folder), made.sha256, number) for number in range(min(4, len(made.shards)))]
    peaks = [outcome.value[1] for outcome in Processes(1).map(_peak, jobs, timeout=600)]
    parent = high_water()
    sidecars = len(list((folder / "out" / "data").iterdir()))
    shutil.rmtree(folder)
    print(f"\na build of {rows:,} rows, 2 workers: {seconds:,.1f} s from plan to manifest, {sidecars} shards")
    print(f"  peak resident memory of a worker {max(peaks) / 1024:,.0f} MB, of this process {parent / 1024:,.0f} MB")


def describe() -> str:
    """Versions, for every figure belongs to a machine and its libraries."""
    return msgspec.json.encode(plan.versions()).decode()
