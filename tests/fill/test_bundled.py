"""What is shipped: a generator and the gate, tried on strokes that are shipped, too."""

import json

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
pytest.importorskip("safetensors")

from ocrfactory.fill.content import shipped
from ocrfactory.fill.gate import load_gate
from ocrfactory.fill.load import WEIGHTS, load_generator

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def gate():
    return load_gate("onnx")


@pytest.fixture(scope="module")
def characters(gate):
    """Characters that the gate knows and that at most one font draws: the reader saw them once or twice."""
    known = [text for text in sorted(shipped().characters) if ord(text) in set(gate.codes.tolist())]
    return known[:: max(1, len(known) // 150)]


@pytest.fixture(scope="module")
def strokes(characters):
    return np.stack([shipped().draw(text, 64) for text in characters])


def content(strokes):
    return np.stack([strokes, np.zeros_like(strokes)], 1)


def test_all_weights_together_stay_within_twenty_megabytes():
    sizes = {path.name: path.stat().st_size for path in WEIGHTS.iterdir()}
    assert max(size for name, size in sizes.items() if not name.startswith("gate")) <= 12 * MEGABYTE
    assert sum(sizes.values()) <= 20 * MEGABYTE


@pytest.mark.parametrize("name", ["fast", "gate"])
def test_a_model_card_says_how_it_came_to_be(name):
    card = (WEIGHTS / f"{name}.md").read_text(encoding="utf-8")
    for said in ("command", "machine", "time", "glyph pack", "SHA-256", "OGDL-TW-1.0", "held out"):
        assert said in card
    for never in ("Arphic", "IPA Font", "GPL"):
        assert never not in card


def test_the_gate_reads_characters_by_their_strokes(gate, characters, strokes):
    verdicts = gate.judge(strokes, characters, content(strokes))
    assert np.mean([verdict.scores["margin"] > 0 for verdict in verdicts]) > 0.9


def test_the_gate_refuses_a_glyph_under_the_label_of_another(gate, characters, strokes):
    others = [
        chr(int(gate.codes[gate.look_alikes(int(np.searchsorted(gate.codes, ord(text))))[0]])) for text in characters
    ]
    verdicts = gate.judge(strokes, others, content(strokes))
    assert sum(verdict.reason is None for verdict in verdicts) <= 2


def test_the_generator_draws_what_the_strokes_show(gate, characters, strokes):
    generator = load_generator("fast", engine="onnx")
    style = generator.style(strokes[: generator.references])
    drawn = generator.draw(content(strokes)[20:60], np.stack([style] * 40))
    verdicts = gate.judge(drawn, characters[20:60], content(strokes)[20:60])
    assert np.mean([verdict.scores["margin"] > 0 for verdict in verdicts]) > 0.8


def test_the_thresholds_keep_wrong_glyphs_out_as_they_were_measured():
    card = json.loads((WEIGHTS / "gate.json").read_text())
    assert card["training"]["false_accepts"] <= 0.001
    assert card["training"]["wrong_pairs"] > 10_000
