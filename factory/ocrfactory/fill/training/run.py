"""One training from start to files: loop, checkpoints, curves, sheets, release."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import torch

from ocrfactory import __version__
from ocrfactory.errors import InputError, OutputError
from ocrfactory.fill.gate import ReaderGate, load_gate
from ocrfactory.fill.heldout import is_held_out
from ocrfactory.fill.training import calibrate, release
from ocrfactory.fill.training.device import Device
from ocrfactory.fill.training.generator import GeneratorTraining
from ocrfactory.fill.training.pack import GlyphPack
from ocrfactory.fill.training.reader import ReaderTraining
from ocrfactory.fill.training.sampling import is_hangul
from ocrfactory.fill.training.settings import GeneratorSettings, ReaderSettings
from ocrfactory.fill.training.sheets import PER_ROW, curves, sheet
from ocrfactory.rng import stream

CHECKPOINT, METRICS = "checkpoint.safetensors", "metrics.jsonl"
SHOWN = 10
"""Faces on a sample sheet."""
CALIBRATED = 1500
"""Glyphs of each face that thresholds are chosen on, and as many that they are measured on."""


class Options(msgspec.Struct, frozen=True):
    """How to run. Only device and precision change the outcome, and a training keeps to those that it began with."""

    device: str = "auto"
    precision: str = "auto"
    resume: bool = False
    finish: bool = False
    """Train no further: write the files of the checkpoint."""
    every: int = 250
    """Steps between checkpoints, sheets and curves."""
    log_every: int = 25
    command: str = ""
    """For the model card."""


Progress = Callable[[int, int, dict[str, float]], None]
"""Told after each step: done, all, and what it measured."""


def train(
    name: str,
    settings: GeneratorSettings | ReaderSettings,
    pack: GlyphPack,
    out: Path,
    options: Options,
    progress: Progress,
) -> list[Path]:
    """Train a generator or the gate, and write what is shipped of it into `out`.

    Args:
        name: of the preset: the stem of the weights' files.
        pack: what it learns from.
        out: made if it is not there.

    Returns:
        The files to ship.

    Raises:
        OutputError: the folder holds another training and `resume` is not set.
        InputError: the checkpoint is damaged, of another training, or missing where it is to be finished; the pack has
            too few characters; the loss is no number.
    """
    device = Device(options.device, options.precision)
    saved = out / CHECKPOINT
    if saved.exists() and not options.resume:
        raise OutputError(f"{out}: a training lies here already", "go on with --resume, or choose another --out")
    if options.finish and not saved.exists():
        raise InputError(f"{out}: no checkpoint lies here, so there is nothing to finish", "train first")
    out.mkdir(parents=True, exist_ok=True)
    training: GeneratorTraining | ReaderTraining
    if isinstance(settings, GeneratorSettings):
        training = GeneratorTraining(pack, settings, device)
    else:
        calibrate.unseen_glyphs(pack, True, 1, settings.seed)  # refuses now what could not be measured in the end
        training = ReaderTraining(pack, settings, device, fresh=not saved.exists())
    machine = device.words
    if options.resume and saved.exists():
        facts = training.restore(saved)
        if not options.finish and facts["numbers"] != device.numbers:
            raise InputError(
                f"{saved}: trained on {facts['numbers']}, this would go on with {device.numbers} to other weights",
                "name the same --device and --precision, or start afresh in another --out",
            )
        machine = facts["device"]
    seconds = _forget_later(out / METRICS, training.step)
    if options.finish:
        return _release(name, training, pack, out, options, machine, seconds)
    started = time.monotonic() - seconds
    since: list[dict[str, float]] = []
    while training.step < settings.steps:
        measured = training.advance()
        since.append(measured)
        saves = training.step % options.every == 0 or training.step == settings.steps
        if saves or training.step % options.log_every == 0:
            _log(out / METRICS, training.step, time.monotonic() - started, since)
            since = []
        if saves:
            training.save(saved)
            _show(training, pack, out)
        progress(training.step, settings.steps, measured)
    return _release(name, training, pack, out, options, machine, time.monotonic() - started)


def _log(path: Path, step: int, seconds: float, since: list[dict[str, float]]) -> None:
    """One line: the mean of each measure since the last."""
    names = sorted({key for line in since for key in line})
    means = {key: round(float(np.mean([line[key] for line in since if key in line])), 5) for key in names}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": step, "seconds": round(seconds, 1), **means}) + "\n")


def _forget_later(path: Path, step: int) -> float:
    """Lines of steps that come again, and one that was cut off, are dropped; the seconds of the last that is kept."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
    path.write_text("".join(kept), encoding="utf-8")
    return float(json.loads(kept[-1])["seconds"]) if kept else 0.0


def _show(training: GeneratorTraining | ReaderTraining, pack: GlyphPack, out: Path) -> None:
    curves(out / METRICS, out / "curves.png")
    if isinstance(training, GeneratorTraining) and (lines := samples(training, pack)):
        sheet(lines, out / "samples.png")


def samples(training: GeneratorTraining, pack: GlyphPack) -> list[list[Any]]:
    """Four lines a face, of characters that are held out: both content pictures, what is drawn, what is true.

    Faces that have too few of them are left out.
    """
    lines: list[list[Any]] = []
    rng = stream(training.settings.seed, "samples")
    held = [number for number, face in enumerate(pack.faces) if face.held_out]
    others = [number for number, face in enumerate(pack.faces) if not face.held_out]
    few = np.linspace(0, len(others) - 1, max(0, min(SHOWN, len(pack.faces)) - len(held))).astype(int)
    for face in [*held, *(others[i] for i in few)]:
        codes = pack.codes_of(face)
        hangul = is_hangul(codes)
        script = "hangul" if hangul.all() else "han"
        codes = codes[hangul == (script == "hangul")]
        out = np.array([is_held_out(code) for code in codes.tolist()], bool)
        if out.sum() < PER_ROW or (~out).sum() < training.settings.references:
            continue
        wanted = rng.choice(codes[out], PER_ROW, replace=False)
        shown = rng.choice(codes[~out], training.settings.references, replace=False)
        content = training.batches.content(face, script, wanted, rng)
        drawn = training.draw(content, pack.ink(pack.rows_of(face, shown)))
        lines += [list(content[:, 0]), list(content[:, 1]), list(drawn), list(pack.ink(pack.rows_of(face, wanted)))]
    return lines


def _release(
    name: str,
    training: GeneratorTraining | ReaderTraining,
    pack: GlyphPack,
    out: Path,
    options: Options,
    machine: str,
    seconds: float,
) -> list[Path]:
    facts: dict[str, Any] = {
        "command": f"`{options.command}`",
        "version": f"ocrfactory {__version__}, torch {torch.__version__}, Python {platform.python_version()}",
        "machine": f"{platform.machine()}, {machine}",
        "time": f"{seconds / 60:.0f} minutes",
        "steps": f"{training.step:,} of {training.settings.steps:,}",
        "glyph pack": f"{len(pack):,} glyphs, SHA-256 {training.pack_sha256}",
        "licence": release.LICENCE,
    }
    if isinstance(training, GeneratorTraining):
        files = release.release_generator(training, name, out)
    else:
        limits, report = measure_gate(training, pack)
        facts["figures"] = report
        files = release.release_gate(training, limits, report, out)
    facts["settings"] = msgspec.to_builtins(training.settings)
    card = out / f"{files[0].stem}.md"
    card.write_text(release.model_card(name, facts, pack), encoding="utf-8")
    return [*files, card]


def measure_gate(training: ReaderTraining, pack: GlyphPack) -> tuple[Any, dict[str, Any]]:
    """Thresholds from one half of the characters, and how they do on the other half, with the files that ship."""
    with TemporaryDirectory() as folder:
        release.release_gate(training, calibrate.OPEN, {}, Path(folder))
        gate = load_gate("torch", Path(folder))
    seed = training.settings.seed
    some, others = (calibrate.unseen_glyphs(pack, half, CALIBRATED, seed) for half in (True, False))
    limits = calibrate.choose(calibrate.pairs(gate, pack, some, seed))
    measured = calibrate.pairs(gate, pack, others, seed + 1)
    report: dict[str, Any] = calibrate.report(limits, measured)
    report["top1_of_unseen_glyphs"] = _top1(gate, pack, others)
    return limits, report


def _top1(gate: ReaderGate, pack: GlyphPack, rows: Any) -> dict[str, float]:
    found = {}
    for face in pack.faces:
        own = rows[(rows >= face.start) & (rows < face.stop)]
        if len(own) >= calibrate.FEW:
            nearest = (gate.read(pack.ink(own)) @ gate.prototypes.T).argmax(1)
            found[face.id] = round(float((gate.codes[nearest] == pack.codes[own]).mean()), 4)
    return found
