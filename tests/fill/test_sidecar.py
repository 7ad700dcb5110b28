"""The sidecar: what it takes, what it refuses, and that it says all mistakes at once."""

import json
import struct

import numpy as np
import pytest
from ocrfactory.errors import InputError
from ocrfactory.fill.engine import to_ink, to_values
from ocrfactory.fill.load import load_generator
from ocrfactory.fill.sidecar import Sidecar, read_sidecar

from tests.fill.models import digest, write_sidecar


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "my.onnx"
    path.write_bytes(b"weights")
    return path


def read(weights, **changes):
    write_sidecar(weights, **changes)
    return read_sidecar(weights, digest(weights))


def test_defaults_are_ink_from_0_to_1(weights):
    sidecar = read(weights)
    assert (sidecar.k, sidecar.polarity, sidecar.range) == (2, "ink_high", (0.0, 1.0))
    assert Sidecar.model_validate_json(sidecar.to_json()) == sidecar


def test_every_mistake_is_listed(weights):
    with pytest.raises(InputError) as caught:
        read(weights, size=10, content_channels=3, style="words", licence="", polarity="dark", colour="red")
    lines = caught.value.message.splitlines()
    assert len(lines) == 6
    for field in ("size", "content_channels", "style", "licence", "polarity", "colour"):
        assert sum(f"my.json: {field}: " in line for line in lines) == 1
    assert "Your own generator" in caught.value.cure


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"k": None}, "takes k"),
        ({"style": "id", "style_ids": {"a": 0}}, "has none: remove it"),
        ({"style": "id", "k": None}, "takes style_ids"),
        ({"style_ids": {"a": 0}}, "are for style `id`"),
        ({"inputs": ["content"]}, "2 inputs"),
        ({"inputs": ["x", "x"]}, "different names"),
        ({"config": {"width": 8}}, "name the architecture"),
        ({"architecture": "unet", "polarity": "ink_low"}, "ink_high"),
        ({"range": [1.0, 0.0]}, "lower one"),
        ({"std": 0.0}, "greater than 0"),
        ({"size": "64"}, "valid integer"),
        ({"mean": float("nan")}, "finite"),
        ({"sha256": "abc"}, "pattern"),
        ({"format": "ocrfactory-generator/2"}, "ocrfactory-generator/1"),
    ],
)
def test_what_does_not_fit_is_named(weights, changes, words):
    with pytest.raises(InputError, match=words):
        read(weights, **changes)


def drafted(weights):
    """The draft that is shown where a sidecar is missing, and all words around it."""
    with pytest.raises(InputError, match=rf"no sidecar {weights.stem}\.json") as caught:
        read_sidecar(weights, digest(weights))
    cure = caught.value.cure
    return Sidecar.model_validate_json(cure[cure.index("{") : cure.rindex("}") + 1]), cure


def test_a_missing_sidecar_is_shown_with_the_hash_to_write(weights):
    draft, _ = drafted(weights)
    assert draft.sha256 == digest(weights)
    assert draft.architecture is None


@pytest.mark.parametrize("config", [{}, {"width": 8, "style": 24, "channels": 1, "encoder": 4}])
def test_the_draft_for_a_built_in_network_has_what_its_tensors_tell(tmp_path, config):
    torch = pytest.importorskip("torch")
    safetensors = pytest.importorskip("safetensors.torch")
    from ocrfactory.fill.networks import build

    path = tmp_path / "my.safetensors"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        safetensors.save_file(build("unet", config).state_dict(), path)
    draft, words = drafted(path)
    assert "its tensors tell architecture, config" in words
    assert draft.content_channels == config.get("channels", 2)
    build(draft.architecture, draft.config).load_state_dict(safetensors.load_file(path))
    path.with_suffix(".json").write_text(draft.to_json(), "utf-8")
    assert load_generator(path, engine="torch").channels == draft.content_channels


TELLING = ("stem.weight", "encoder.head.0.weight", "copy", "encoder.layers.1.weight")


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b"{ no JSON",
        b'{"a":' + b"[" * 100_000,
        b'{"conv.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',
        b'{"stem.weight": 1}',
        json.dumps({name: {"shape": [1.5]} for name in TELLING}).encode(),
    ],
)
def test_the_draft_for_other_tensors_says_what_is_a_placeholder(tmp_path, header):
    path = tmp_path / "my.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    draft, words = drafted(path)
    assert draft.architecture == "unet"
    assert draft.config == {"width": 32}
    assert "architecture and config are placeholders" in words
    assert "export a network of your own as ONNX" in words


def test_other_weights_are_refused(weights):
    write_sidecar(weights)
    with pytest.raises(InputError, match="belongs to"):
        read_sidecar(weights, "0" * 64)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff\xfe", b"null", b'{"format": ' + b"[" * 100_000])
def test_what_is_no_document_is_an_error_of_the_user(weights, text):
    weights.with_suffix(".json").write_bytes(text)
    with pytest.raises(InputError, match=r"my\.json"):
        read_sidecar(weights, digest(weights))


def test_a_huge_sidecar_is_not_read(weights):
    weights.with_suffix(".json").write_bytes(b" " * (2 << 20))
    with pytest.raises(InputError, match="more than"):
        read_sidecar(weights, digest(weights))


@pytest.mark.parametrize(
    ("changes", "paper", "ink"),
    [
        ({}, 0.0, 1.0),
        ({"polarity": "ink_low"}, 1.0, 0.0),
        ({"range": [-1.0, 1.0]}, -1.0, 1.0),
        ({"mean": 0.5, "std": 0.5}, -1.0, 1.0),
        ({"polarity": "ink_low", "mean": 0.5, "std": 0.25}, 2.0, -2.0),
    ],
)
def test_ink_to_values_and_back(weights, changes, paper, ink):
    scale = read(weights, **changes).scale()
    levels = np.arange(256, dtype=np.uint8)
    values = to_values(levels, scale)
    assert values[[0, 255]] == pytest.approx([paper, ink], abs=1e-6)
    np.testing.assert_array_equal(to_ink(values, scale), levels)


def test_what_leaves_the_range_is_full_ink_or_paper_and_what_is_no_number_an_error():
    assert to_ink(np.array([2.0, -1.0], np.float32), (1 / 255, 0.0)).tolist() == [255, 0]
    for value in (np.nan, np.inf, -np.inf):
        with pytest.raises(InputError, match="NaN or infinity"):
            to_ink(np.array([0.5, value], np.float32), (1 / 255, 0.0))


def test_json_keeps_only_what_is_said(weights):
    assert "polarity" not in json.loads(read(weights).to_json())
