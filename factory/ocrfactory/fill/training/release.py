"""From a training to files that are shipped: weights in half precision, graphs, their JSON, the model card."""

from __future__ import annotations

import copy
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from ocrfactory.fill.export_onnx import structure, write_graphs
from ocrfactory.fill.gate import FORMAT as GATE_FORMAT
from ocrfactory.fill.gate import Card, Thresholds, nearest_classes
from ocrfactory.fill.heldout import CONTENT
from ocrfactory.fill.sidecar import FORMAT, Sidecar
from ocrfactory.fill.training.generator import GeneratorTraining
from ocrfactory.fill.training.pack import GlyphPack
from ocrfactory.fill.training.reader import ReaderTraining

LICENCE = "Apache-2.0; trained on pictures of fonts under the terms in the model card"


def release_generator(training: GeneratorTraining, name: str, folder: Path) -> list[Path]:
    """Write `NAME.safetensors`, its sidecar and its graphs; what `load_generator` opens."""
    weights = folder / f"{name}.safetensors"
    _save(weights, dict(training.average.state_dict()))
    plain: dict[str, Any] = {
        "format": FORMAT,
        "size": 64,
        "content_channels": 2,
        "content_fonts": tuple(id for slots in CONTENT.values() for shares in slots for id in shares),
        "style": "refs",
        "k": training.settings.references,
        "architecture": "unet",
        "config": training.settings.network,
        "licence": LICENCE,
        "sha256": sha256(weights.read_bytes()).hexdigest(),
    }
    graphs = write_graphs(training.average, weights, Sidecar(**plain))
    sidecar = weights.with_suffix(".json")
    sidecar.write_text(Sidecar(**plain, graphs=graphs).to_json(), encoding="utf-8")
    return [weights, sidecar, *(weights.with_suffix(f".{part}.onnx") for part in graphs)]


def release_gate(training: ReaderTraining, thresholds: Thresholds, report: dict[str, Any], folder: Path) -> list[Path]:
    """Write `gate.safetensors`, `gate.classes.safetensors`, `gate.onnx` and `gate.json`: what `load_gate` opens."""
    from safetensors.numpy import save

    weights, classes, graph = (folder / f"gate{end}" for end in (".safetensors", ".classes.safetensors", ".onnx"))
    _save(weights, dict(training.average.state_dict()))
    steps = np.rint(training.directions / np.abs(training.directions).max(1, keepdims=True) * 127).astype(np.int8)
    classes.write_bytes(
        save(
            {
                "codes": training.codes.astype(np.uint32),
                "directions": steps,
                "alike": nearest_classes(training.directions),
            }
        )
    )
    network = copy.deepcopy(training.average).cpu().float().eval()
    graph.write_bytes(structure(network, {"ink": torch.zeros(2, 1, 64, 64)}, "direction"))
    card = Card(
        format=GATE_FORMAT,
        architecture="reader",
        config=training.settings.network,
        weights_sha256=sha256(weights.read_bytes()).hexdigest(),
        classes_sha256=sha256(classes.read_bytes()).hexdigest(),
        graph_sha256=sha256(graph.read_bytes()).hexdigest(),
        thresholds=thresholds,
        licence=LICENCE,
        training=report,
    )
    path = folder / "gate.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")
    return [weights, classes, graph, path]


def _save(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Half precision; counters of batches, which nothing reads, are left out."""
    from safetensors.torch import save_file

    kept = {name: value for name, value in tensors.items() if value.dtype.is_floating_point}
    save_file({name: value.detach().cpu().half().contiguous() for name, value in kept.items()}, path)


def model_card(name: str, facts: dict[str, Any], pack: GlyphPack) -> str:
    """The model card, in Markdown.

    Args:
        facts: what to say of the training: command, machine, time, steps, figures.
    """
    lines = [f"# {name}", "", "| | |", "|---|---|"]
    lines += [f"| {key} | {value} |" for key, value in facts.items() if not isinstance(value, dict)]
    for key, value in facts.items():
        if isinstance(value, dict):
            lines += ["", f"## {key}", "", "```json", json.dumps(value, indent=2, ensure_ascii=False), "```"]
    lines += [
        "",
        "## Faces",
        "",
        "| face | style | glyphs | licence | notice | SHA-256 of the files |",
        "|---|---|---|---|---|---|",
    ]
    for face in pack.faces:
        held = " (held out)" if face.held_out else ""
        files = ", ".join(file[:16] for file in face.files)
        count = f"{face.stop - face.start:,}"
        lines.append(f"| {face.id}{held} | {face.style} | {count} | {face.licence} | {face.attribution} | {files} |")
    return "\n".join(lines) + "\n"
