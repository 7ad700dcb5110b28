"""`ocrfactory fill eval`: how good a generator and the gate are, measured on characters that faces really draw."""

from __future__ import annotations

import json as encoder
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocrfactory.cli import running
from ocrfactory.cli.fill_train import CHARSET
from ocrfactory.cli.meter import Counter

if TYPE_CHECKING:
    from ocrfactory.fill.gate import ReaderGate
    from ocrfactory.fill.lenders import Looking
    from ocrfactory.fill.subject import Subject
    from ocrfactory.fonts.face import Face
    from ocrfactory.report.measured import Findings

FACES = ("fill", "tcc/uming", "tcc/ukai")
USEFUL = ("fill/bizud-mincho", "tcc/ukai", "fill/setofont", "fill/aoyagi-soseki")
"""A print, a kai, a hand and a brush face; all but the hand are held out from every training."""
FAST = ("tcc/uming",)


def evaluate(
    font: Annotated[
        list[str] | None,
        typer.Option("--font", "-f", help="Faces to measure on. [default: those of pack fill, uming, ukai]"),
    ] = None,
    charset: Annotated[str, typer.Option("--charset", "-c", help="What characters are chosen from.")] = CHARSET,
    characters: Annotated[int, typer.Option("--characters", min=1, help="Of each face and kind, at most.")] = 200,
    content: Annotated[
        list[str] | None, typer.Option("--content", help="Fonts that show what to draw, as for fill. Repeatable.")
    ] = None,
    generator: Annotated[
        str, typer.Option("--generator", help="A bundled one, or a .pt, .onnx, .safetensors.")
    ] = "fast",
    engine: Annotated[str, typer.Option("--engine", help="What runs it; auto: the best that is here.")] = "auto",
    with_gate: Annotated[
        bool, typer.Option("--gate/--no-gate", help="Ask the gate and its reader, and try them with swapped targets.")
    ] = True,
    swapped: Annotated[
        float, typer.Option("--swapped", min=0, max=1, help="Share of targets that are swapped to try the gate.")
    ] = 0.05,
    quality: Annotated[
        bool, typer.Option("--quality/--no-quality", help="Pictures beside true glyphs, and the gate.")
    ] = True,
    utility: Annotated[
        bool, typer.Option("--utility", help="Train small recognisers on what is generated; takes many minutes.")
    ] = False,
    rare: Annotated[int, typer.Option("--rare", min=2, help="Classes that --utility hides.")] = 500,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Of each training of --utility.")] = 800,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Trainings of each kind of --utility.")] = 3,
    speed: Annotated[bool, typer.Option("--speed", help="Glyphs a second of processor time.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of references and of what is chosen.")] = 0,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Write eval.json, eval.md and sheet.png here.")
    ] = None,
    offline: running.Offline = False,
    font_dir: running.FontDir = None,
    allow_unpinned: running.AllowUnpinned = False,
    progress: running.Progress = "auto",
) -> None:
    """Measure a generator on characters that faces really draw and that training left out."""
    from ocrfactory.charset import load_charset
    from ocrfactory.cli.words import printable
    from ocrfactory.fill.lenders import Looking
    from ocrfactory.fill.subject import Subject
    from ocrfactory.report.measured import Findings, facts, in_words, sheet
    from ocrfactory.sources.rare import models
    from ocrfactory.write import write_bytes

    _make_room(json, out)  # now, not when all is measured
    population = load_charset(charset).classes
    looking = Looking(tuple(font_dir or ()), offline, allow_unpinned, running.log)
    stated = _faces(content, looking) if content else None
    drawing, gate = models(generator, engine, "gated" if with_gate else "ungated")
    found = Findings(
        generator=drawing.id,
        licence=getattr(drawing, "licence", None),
        engine=str(getattr(drawing, "engine", engine)),
        gate=gate.id if gate else None,
        characters=characters,
        seed=seed,
        measured=[],
        trials={},
        utility=[],
    )

    def subject(face: Face) -> Subject:
        return Subject(face, drawing, looking, stated, seed)

    reader: Any = gate
    if quality:
        faces = _faces(font or FACES, looking, missing=not font)
        _measure(found, [subject(face) for face in faces], reader, population, swapped, progress)
        _find_floor(found, subject, reader, looking)
    if utility:
        faces = _faces(font or USEFUL, looking, missing=not font)
        _train(found, [subject(face) for face in faces], reader, population, (rare, seeds, steps), progress)
    if speed:
        from ocrfactory.cli.fill_speed import measure_speed
        from ocrfactory.sources.rare import Rare
        from ocrfactory.sources.source import Context

        source = Rare(
            fonts=tuple(font[:1]) if font else FAST,
            charset=charset if font else None,
            content=tuple(content or ()),
            generator=generator,
            engine=engine,
            gate="gated" if with_gate else "ungated",
        )
        context = Context(font_dirs=looking.font_dirs, offline=offline, seed=seed, log=running.log)
        found.speed = measure_speed(source, context, 4 * characters)
    told = facts(found)
    document = (encoder.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
    typer.echo(printable("\n".join(in_words(told, each=out is None))))
    if json is not None:
        write_bytes(json, document)
    if out is not None:
        write_bytes(out / "eval.json", document)
        write_bytes(out / "eval.md", ("\n".join(in_words(told)).rstrip() + "\n").encode())
        write_bytes(out / "sheet.png", sheet(found.measured))
        typer.echo(f"each face: {out / 'eval.md'}\nsheet:     {out / 'sheet.png'}")


def _make_room(json: Path | None, out: Path | None) -> None:
    from ocrfactory.errors import UsageError

    if json is not None:
        if json.is_dir():
            raise UsageError(f"--json {json}: a folder", "name a file")
        json.parent.mkdir(parents=True, exist_ok=True)
    if out is not None:
        if out.is_file():
            raise UsageError(f"--out {out}: a file", "name a folder")
        out.mkdir(parents=True, exist_ok=True)


def _faces(words: Sequence[str], looking: Looking, missing: bool = False) -> list[Face]:
    from ocrfactory.fonts.select import select_faces

    return select_faces(
        words,
        font_dirs=looking.font_dirs,
        offline=looking.offline,
        allow_missing=missing,
        allow_unpinned=looking.allow_unpinned,
        with_extra=True,
        log=running.log,
    ).faces


def _measure(
    found: Findings,
    subjects: Sequence[Subject],
    gate: ReaderGate | None,
    population: Sequence[str],
    swapped: float,
    progress: str,
) -> None:
    from ocrfactory.errors import EmptyPlanError
    from ocrfactory.fill.evaluate import KINDS, measure_face
    from ocrfactory.fill.swaps import try_gate

    with Counter(progress, "face", len(subjects)) as counter:
        for subject in subjects:
            parts = [measure_face(subject, gate, population, found.characters, kind) for kind in KINDS]
            measured = [part for part in parts if part is not None]
            found.measured += measured
            if gate is not None and measured:
                texts = [text for part in measured for text in part.texts]
                found.trials[subject.face.id] = try_gate(subject, gate, texts, swapped)
            counter(subject.face.id)
    if not found.measured:
        raise EmptyPlanError(
            "no face draws a character of this set that training left out", "name more characters with --charset"
        )


def _find_floor(found: Findings, subject: Any, gate: ReaderGate | None, looking: Looking) -> None:
    from ocrfactory.errors import FontError
    from ocrfactory.fill.evaluate import noise_floor

    try:
        faces = _faces(["hanamin"], looking)
    except FontError as error:
        running.log(f"no figure for two drawings of one design: {error.message}")
        return
    found.floor = noise_floor(subject(faces[0]), gate, found.characters)


def _train(
    found: Findings,
    subjects: Sequence[Subject],
    gate: ReaderGate | None,
    population: Sequence[str],
    size: tuple[int, int, int],
    progress: str,
) -> None:
    from ocrfactory.fill.utility import Setting, trainings, try_utility

    rare, seeds, steps = size
    setting = Setting(rare=rare, common=rare, seeds=seeds, steps=steps)
    with Counter(progress, "step", len(subjects) * trainings(setting)) as counter:
        for subject in subjects:
            found.utility.append(try_utility(subject, gate, population, setting, counter))
