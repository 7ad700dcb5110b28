"""What a training looks like: curves of what it measured, and a sheet of what it draws."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL.Image

from ocrfactory.errors import InputError

PER_ROW = 12


def sheet(rows: Sequence[Sequence[npt.NDArray[np.uint8]]], path: Path) -> None:
    """Pictures as a contact sheet, black on white: rows of ink pictures (64, 64), all rows of one length."""
    lines = [np.hstack([np.pad(picture, 1) for picture in row]) for row in rows]
    part = path.with_name(path.name + ".part")
    PIL.Image.fromarray(255 - np.vstack(lines)).save(part, "PNG")
    part.replace(path)


def curves(metrics: Path, path: Path) -> None:
    """Every measure of a `metrics.jsonl` over the steps, one panel each.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("curves need the package matplotlib", "pip install 'ocrfactory[train]'") from error
    lines = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
    names = sorted({name for line in lines for name in line} - {"step", "seconds", "rate", "copy"})
    figure = Figure(figsize=(4 * max(1, len(names)), 3), layout="constrained")
    for number, name in enumerate(names):
        panel = figure.add_subplot(1, len(names), number + 1, title=name, xlabel="step")
        for shown, style in ((name, "-"), ("copy", ":")):
            if shown == name or (name == "ssim" and any("copy" in line for line in lines)):
                points = [(line["step"], line[shown]) for line in lines if shown in line]
                panel.plot([step for step, _ in points], [value for _, value in points], style, label=shown)
        if name == "ssim":
            panel.legend()
    part = path.with_name(path.name + ".part")
    FigureCanvasAgg(figure)
    figure.savefig(part, format="png", metadata={"Software": None})
    part.replace(path)
