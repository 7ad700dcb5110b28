"""`ocrfactory fill train` and `fill pack`: how generators and the gate come to be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ocrfactory.cli import running
from ocrfactory.cli.meter import Counter, Progress

CHARSET = "tcc17380+nom+jisx0208+ksx1001-hanja+hangul"
FACES = "fill"
AGAIN = ("--resume", "--finish")
"""Words of a command that goes on with a training: it ends with the weights of the command without them."""


def pack(
    out: Annotated[Path, typer.Argument(help="The pack to write.", metavar="FILE")],
    font: Annotated[
        list[str] | None,
        typer.Option("--font", "-f", help=f"Packs and faces; extra ones are held out. [default: {FACES}]"),
    ] = None,
    charset: Annotated[str, typer.Option("--charset", "-c", help="What is drawn of each face.")] = CHARSET,
    offline: running.Offline = False,
    font_dir: running.FontDir = None,
    allow_missing: running.AllowMissing = False,
    progress: running.Progress = "auto",
) -> None:
    """Draw every character of many faces into one file, which is all that training needs."""
    total, left_out = _make(out, font, charset, offline, font_dir, allow_missing, progress)
    typer.echo(f"{out}: {total:,} glyphs, {out.stat().st_size / 1e6:,.0f} MB")
    for reason, count in left_out.items():
        typer.echo(f"left out: {reason} {count:,}")


def train(
    preset: Annotated[
        str, typer.Option("--preset", help="fast or full: a generator; gate: the gate's reader; nano, gate-nano: toys.")
    ] = "fast",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Output folder. [default: outputs/fill-PRESET]")
    ] = None,
    glyphs: Annotated[
        Path | None, typer.Option("--pack", help="A glyph pack. [default: OUT/glyphs.safetensors, made if not there]")
    ] = None,
    font: Annotated[
        list[str] | None, typer.Option("--font", "-f", help="As for fill pack, where one is made. Repeatable.")
    ] = None,
    charset: Annotated[str, typer.Option("--charset", "-c", help="As for fill pack, where one is made.")] = CHARSET,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="In place of the preset's.")] = None,
    width: Annotated[int | None, typer.Option("--width", min=4, max=512, help="In place of the preset's.")] = None,
    rate: Annotated[float | None, typer.Option("--rate", min=1e-9, help="Highest learning rate.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of weights and batches.")] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[str, typer.Option("--precision", help="auto, float32 or bfloat16.")] = "auto",
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, help="Of the processor. [default: as torch chooses]")
    ] = None,
    every: Annotated[int, typer.Option("--every", min=1, help="Steps between checkpoints and sample sheets.")] = 250,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in --out.")] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="With --resume: train no further, write the files of the checkpoint.")
    ] = False,
    offline: running.Offline = False,
    font_dir: running.FontDir = None,
    allow_missing: running.AllowMissing = False,
    progress: running.Progress = "auto",
) -> None:
    """Train a generator or the gate: weights, their JSON, ONNX graphs, a model card; curves and sheets on the way."""
    from ocrfactory.errors import InputError, UsageError

    try:
        from ocrfactory.fill.training.device import use_threads
    except ModuleNotFoundError as error:
        raise InputError("training needs torch", "pip install 'ocrfactory[train]'") from error
    import msgspec

    from ocrfactory.fill.training.pack import GlyphPack
    from ocrfactory.fill.training.run import Options
    from ocrfactory.fill.training.run import train as run
    from ocrfactory.fill.training.settings import preset as settings_of

    if finish and not resume:
        raise UsageError("--finish goes with --resume: it writes the files of a checkpoint")
    changes = {"steps": steps, "width": width, "rate": rate, "seed": seed}
    settings = msgspec.structs.replace(
        settings_of(preset), **{name: value for name, value in changes.items() if value is not None}
    )
    folder = out or Path("outputs") / f"fill-{preset}"
    found = glyphs or folder / "glyphs.safetensors"
    if not found.exists():
        if glyphs is not None:
            raise InputError(f"{glyphs}: no such file", f"make it: ocrfactory fill pack {glyphs}")
        folder.mkdir(parents=True, exist_ok=True)
        total, _ = _make(found, font, charset, offline, font_dir, allow_missing, progress)
        running.log(f"{found}: {total:,} glyphs")
    if threads is not None:
        use_threads(threads)
    options = Options(
        device=device,
        precision=precision,
        resume=resume,
        finish=finish,
        every=every,
        command=" ".join(["ocrfactory", *(word for word in sys.argv[1:] if word not in AGAIN)]),
    )
    with Steps(progress) as meter:
        files = run(preset, settings, GlyphPack(found), folder, options, meter)
    for file in files:
        typer.echo(f"{file}: {file.stat().st_size / 1e6:,.2f} MB")


class Steps(Progress):
    """Steps of a training, and what the last one measured."""

    def __init__(self, style: str) -> None:
        super().__init__(style, "step")

    def __call__(self, done: int, planned: int, measured: dict[str, float]) -> None:
        """Told after each step."""
        if self.bar is None:
            self.first = done - 1
        beside = ", ".join(f"{name}={value:.3g}" for name, value in measured.items())
        line = ", ".join(f"{name} {value:.4g}" for name, value in measured.items())
        self.show(done, planned, beside, f"step {done:,} of {planned:,}: {line}", at_once=done == planned)


def _make(
    out: Path,
    font: list[str] | None,
    charset: str,
    offline: bool,
    font_dir: list[Path] | None,
    allow_missing: bool,
    progress: str,
) -> tuple[int, dict[str, int]]:
    from ocrfactory.charset import load_charset
    from ocrfactory.fill.training.pack import make_pack
    from ocrfactory.fonts.select import select_faces

    faces = select_faces(
        font or [FACES],
        font_dirs=font_dir or (),
        offline=offline,
        allow_missing=allow_missing,
        with_extra=True,
        log=running.log,
    ).faces
    classes = load_charset(charset).classes
    out.parent.mkdir(parents=True, exist_ok=True)
    total = 0
    with Counter(progress, "face", len(faces)) as counter:

        def told(count: int) -> None:
            nonlocal total
            total += count
            counter()

        left_out = make_pack(faces, classes, out, told)
    return total, left_out
