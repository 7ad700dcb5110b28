"""What is shipped of a training is what was trained, on every engine."""

import json

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")
for package in ("onnx", "onnxruntime", "safetensors"):
    pytest.importorskip(package)

from ocrfactory.fill.gate import load_gate  # noqa: E402 - after its packages are known to be there
from ocrfactory.fill.load import load_generator  # noqa: E402
from ocrfactory.fill.training import calibrate  # noqa: E402
from ocrfactory.fill.training.generator import GeneratorTraining  # noqa: E402
from ocrfactory.fill.training.reader import ReaderTraining  # noqa: E402
from ocrfactory.fill.training.release import LICENCE, model_card, release_gate, release_generator  # noqa: E402
from ocrfactory.fill.training.settings import GENERATORS, READERS  # noqa: E402

from tests.fill.training.packs import FACES  # noqa: E402


@pytest.fixture(scope="module")
def drawn(pack, device, tmp_path_factory):
    """A training of a few steps, and its files."""
    settings = msgspec.structs.replace(GENERATORS["nano"], styles=2, rows=4, steps=50, rate=3e-3, average=0.5)
    training = GeneratorTraining(pack, settings, device)
    for _ in range(20):
        training.advance()
    folder = tmp_path_factory.mktemp("released")
    return training, release_generator(training, "nano", folder)


def test_a_generator_is_its_weights_their_json_and_two_graphs(drawn):
    _, files = drawn
    assert [file.name for file in files] == ["nano.safetensors", "nano.json", "nano.encode.onnx", "nano.draw.onnx"]
    assert all(file.is_file() for file in files)
    sidecar = json.loads(files[1].read_text("utf-8"))
    assert (sidecar["architecture"], sidecar["config"]) == ("unet", {"width": 8})
    assert (sidecar["size"], sidecar["content_channels"], sidecar["k"]) == (64, 2, 4)
    assert sidecar["licence"] == LICENCE
    assert set(sidecar["graphs"]) == {"encode", "draw"}


def test_weights_are_stored_in_half_precision_and_graphs_hold_none(drawn):
    training, files = drawn
    numbers = sum(value.numel() for value in training.average.state_dict().values())
    assert 2 * numbers < files[0].stat().st_size < 2 * numbers + 20_000
    assert max(file.stat().st_size for file in files[2:]) < 200_000


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_a_released_generator_draws_what_the_training_draws(drawn, engine):
    training, files = drawn
    generator = load_generator(files[0], engine=engine)
    batch = training.batches(77)
    references = batch.references[0, : generator.references]
    style = generator.style(references)
    found = generator.draw(batch.content, np.repeat(style[None], len(batch.content), 0))
    wanted = training.draw(batch.content, references)
    assert np.abs(found.astype(int) - wanted).max() <= 1  # half precision and another engine


def test_a_released_gate_reads_what_the_training_reads(pack, device, tmp_path):
    settings = msgspec.structs.replace(READERS["gate-nano"], rows=16, steps=4, warmup=1)
    training = ReaderTraining(pack, settings, device)
    training.advance()
    before = {name: value.clone() for name, value in training.average.state_dict().items()}
    files = release_gate(training, calibrate.OPEN, {"right_pairs": 3}, tmp_path)
    assert [file.name for file in files] == ["gate.safetensors", "gate.classes.safetensors", "gate.onnx", "gate.json"]
    assert all(torch.equal(value, before[name]) for name, value in training.average.state_dict().items())
    ink = pack.ink(np.arange(20))
    for engine in ("onnx", "torch"):
        gate = load_gate(engine, tmp_path)
        assert gate.codes.tolist() == training.codes.tolist()
        assert (gate.read(ink) * training.read(ink)).sum(1) == pytest.approx(1, abs=1e-4)
        assert (gate.prototypes * training.directions).sum(1) == pytest.approx(1, abs=1e-3)  # 8 bits a number
    card = json.loads((tmp_path / "gate.json").read_text("utf-8"))
    assert card["training"] == {"right_pairs": 3}
    assert (card["config"], card["licence"]) == ({"width": 8, "dimensions": 32}, LICENCE)


def test_the_model_card_lists_every_face_with_its_licence_and_notice(pack):
    facts = {"command": "`ocrfactory fill train`", "steps": "1 of 2", "figures": {"false_accepts": 0.25}}
    card = model_card("fast", facts, pack)
    assert card.startswith("# fast\n")
    assert "| steps | 1 of 2 |" in card
    assert '"false_accepts": 0.25' in card
    lines = [line for line in card.splitlines() if "OFL-1.1" in line]
    assert len(lines) == len(FACES)
    for line, (id, family, _, _, own, held) in zip(lines, FACES, strict=True):
        assert line.startswith(f"| {id} (held out) |" if held else f"| {id} |")
        assert f"| {len(own):,} | OFL-1.1 | Copyright of {family} |" in line
