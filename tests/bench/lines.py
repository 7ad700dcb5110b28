"""Finished line rows a second and core, beside trdg on the same strings and font; where the time goes; two workers."""

from __future__ import annotations

import io
import random
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from ocrfactory import encode, plan, schema, work, write
from ocrfactory.augment import FAMILIES, OPS
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.legibility import legible
from ocrfactory.augment.op import Chance
from ocrfactory.compat import import_trdg
from ocrfactory.executors.processes import Processes
from ocrfactory.fonts.select import select_faces
from ocrfactory.layout import Layout
from ocrfactory.recipe import Recipe
from ocrfactory.render.layout import Piece, lay_out
from ocrfactory.render.line import Style, draw_line
from ocrfactory.rng import seed_of
from ocrfactory.sources.source import Context
from xxhash import xxh3_128_hexdigest

from tests.bench.glyphs import _peak
from tests.bench.timing import Stages, in_turn, middle, rate

FONT = "nanum-gothic"
SYLLABLES = [char for char in map(chr, range(0xAC00, 0xD7A4)) if len(char.encode("euc_kr", "ignore")) == 2]
PLAIN = {"size": 64, "background_type": 1}
WORN = {
    "size": 64, "background_type": 0, "skewing_angle": 5, "random_skew": True, "blur": 1, "random_blur": True,
    "distorsion_type": 1, "distorsion_orientation": 2,
}  # fmt: skip
"""What trdg offers that comes nearest to `aggressive`: skew, blur, sine distortion both ways, noise ground."""


def strings(count: int, seed: int = 1) -> list[str]:
    """Korean lines of 5 to 30 characters: words of 1 to 5 syllables of KS X 1001, 17 characters on average."""
    rng = random.Random(seed)
    lines = []
    while len(lines) < count:
        length, text = rng.randint(5, 30), ""
        while len(text) < length:
            text += "".join(rng.choices(SYLLABLES, k=rng.randint(1, 5))) + " "
        lines.append(text[:length].rstrip().ljust(length, rng.choice(SYLLABLES)))
    return lines


def make_ready(folder: Path, texts: list[str], augment: str | None, **changes: object) -> plan.Plan:
    """A planned build of texts, ready for `make_shard`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lines.txt").write_text("\n".join(texts) + "\n", "utf-8")
    source = {"kind": "lines", "fonts": [FONT], "corpus": [{"kind": "lines", "file": str(folder / "lines.txt")}]}
    part = {"source": source, "augment": augment}
    made = plan.make_plan(Recipe.model_validate({"name": "bench", "parts": [part], **changes}), Context()).plan
    layout = Layout(folder)
    layout.make_folders()
    layout.plan.write_bytes(plan.save(made))
    return made


def ours(texts: list[str], augment: str | None) -> tuple[Callable[[], int], Path]:
    """A function that makes one shard of texts and returns its rows."""
    folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
    made = make_ready(folder, texts, augment, shard_rows=len(texts))
    job = work.Job(str(folder), made.sha256, 0)
    return (lambda: work.make_shard(job).rows), folder


def trdg(texts: list[str], settings: dict[str, object]) -> Callable[[], int]:
    """A function that draws the same texts with trdg and encodes them as PNG, into memory."""
    generators = import_trdg()
    path = select_faces([FONT]).faces[0].files[0].path

    def draw() -> int:
        random.seed(1)
        done = 0
        for image, _ in generators.GeneratorFromStrings(
            texts, fonts=[path], count=len(texts), language="ko", **settings
        ):
            if image is not None:
                image.save(io.BytesIO(), "PNG")
                done += 1
        return done

    return draw


def beside_trdg(rounds: int, count: int = 2000) -> None:
    """Rows a second of one core, in turn with trdg."""
    texts = strings(count)
    for title, augment, settings, share in (
        ("plain Korean lines", None, PLAIN, 5), ("Korean lines, recipe aggressive", "aggressive", WORN, 12)
    ):  # fmt: skip
        mine, folder = ours(texts, augment)
        a, b = in_turn(mine, trdg(texts[: count // share], settings), rounds)
        rejects = _rejects(folder)
        shutil.rmtree(folder)
        print(f"\n{title}, 64 px high: one core, one process, PNG; ours with Parquet, all columns and hashes, checked")
        print(f"  ours  {middle([r.per_second for r in a]):>32} rows/s   {middle([r.cpu_us for r in a])} us")
        print(f"  trdg  {middle([r.per_second for r in b]):>32} images/s {middle([r.cpu_us for r in b])} us")
        print(f"  ratio {middle([x.per_second / y.per_second for x, y in zip(a, b, strict=True)]):>32}")
        print(f"  rejects {rejects} of {count}")


def _rejects(folder: Path) -> int:
    sidecar = next(Layout(folder).sidecars.glob("*.json"))
    return len(msgspec.json.decode(sidecar.read_bytes())["rejects"])


def stages(augment: str | None, count: int = 1500) -> None:
    """Microseconds of each stage of a row, one line an op, and what the sum leaves unexplained."""
    folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
    texts = strings(count)
    made = make_ready(folder, texts, augment, shard_rows=count)
    drawer = work.opened(made, 0)
    finish = work.Finish(made, 0, "train")
    for drawn in drawer.draw(range(count)):  # fonts opened, atlas and banks of noise filled
        finish.augmented(drawn)
    watch, rows = Stages(), []
    font, style, atlases = drawer._font(0, 0)[0], Style(64, 4), drawer.atlases
    pictures = 0
    for number, text in enumerate(texts):
        watch.start()
        seed_of(0, "lines", number, text)
        watch.stop("key and seed")
        lay_out([Piece(font, text)])
        watch.stop("shape and lay out")
        draw_line([Piece(font, text)], style, atlases)
        watch.stop("(shape, lay out and) paste")
        sample = next(iter(drawer.draw([number])))
        watch.stop("(all of the above and) sample")
        if finish.augmenter is not None:
            sample = _augment(watch, finish.augmenter, sample)
        pictures += sample.image.size
        data = encode.png(sample.image)
        watch.stop("PNG")
        row = schema.row_of(sample, id=f"lines/{number:09d}", source="lines", split="train", recipe_id="0" * 16)
        watch.stop("row")
        content = schema.row_hash(sample.image, row)
        image_hash = xxh3_128_hexdigest(data)
        watch.stop("hashes")
        rows.append(write.Encoded(data, f"lines-{number:09d}.png", image_hash, row, content))
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
    mine, folder = ours(texts, augment)
    mine()
    whole = 1e6 / statistics.median(rate(mine).per_second for _ in range(3))
    shutil.rmtree(folder)
    _print(watch, count, whole, f"{augment or 'plain'} 64 px line row of {pictures / count / 64:.0f} px on average")


def _augment(watch: Stages, augmenter, sample):  # type: ignore[no-untyped-def]
    """The ops of an augmenter one by one, as it applies them at full strength."""
    chance, frame = Chance(sample.seed, "augment/0"), Frame(sample)
    watch.stop("augment: generator and frame")
    record = []
    for op in augmenter.ops:
        if chance.happens(op.p):
            drawn = op.draw(chance, frame)
            name = (drawn.get("chosen") or {}).get("op", op.op)
            if OPS[name] not in FAMILIES["geometry"]:
                watch.stop("augment: chances and waiting geometry")
                frame.flush()
                watch.stop("augment: geometry in one pass")
            op.apply(frame, drawn)
            record.append({"op": op.op, **drawn})
            watch.stop(f"augment: {name}")
    frame.flush()
    watch.stop("augment: geometry in one pass")
    boxes = frame.boxes()
    watch.stop("augment: boxes")
    if augmenter.floor is not None:
        legible(frame, augmenter.floor)
    watch.stop("augment: legibility")
    image = np.ascontiguousarray(frame.image)
    return msgspec.structs.replace(sample, image=image, char_boxes=boxes, aug=tuple(record), outline=None)


def _print(watch: Stages, count: int, whole: float, title: str) -> None:
    print(f"\nstages of a {title}, microseconds; a stage in brackets holds the ones above")
    total = 0.0
    nested = ("shape and lay out", "(shape, lay out and) paste", "key and seed")
    for stage, seconds in watch.seconds.items():
        micro = seconds / count * 1e6
        total += 0 if stage in nested else micro
        print(f"  {stage:<34}{micro:8.2f}  {micro / whole:6.1%}")
    print(f"  {'unexplained':<34}{whole - total:8.2f}  {(whole - total) / whole:6.1%}")
    print(f"  {'end to end':<34}{whole:8.2f}")


def scaling(count: int) -> None:
    """The same shards with one and with two workers: steady state."""
    texts = strings(count)
    for augment in (None, "aggressive"):
        found: dict[int, list[float]] = {}
        for workers in (1, 2, 1, 2):
            folder = Path(tempfile.mkdtemp(prefix="ocrfactory-bench-"))
            made = make_ready(folder, texts, augment, shard_rows=500)
            jobs = [work.Job(str(folder), made.sha256, shard.number) for shard in made.shards]
            ends = sorted(outcome.value[2] for outcome in Processes(workers).map(_peak, jobs, timeout=600))
            steady = len(ends) - 2 * workers  # the first and the last shard of each worker are start-up and drain
            found.setdefault(workers, []).append(steady * 500 / (ends[-1 - workers] - ends[workers - 1]))
            shutil.rmtree(folder)
        print(f"\nworkers, {count:,} {augment or 'plain'} lines in shards of 500, steady state")
        for workers, rates in found.items():
            print(f"  {workers} worker{'s' if workers > 1 else ' '} {middle(rates):>32} rows/s")
        print(f"  ratio     {middle([b / a for a, b in zip(found[1], found[2], strict=True)]):>32}")
