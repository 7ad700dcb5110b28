"""Graphs without weights: small, the same in every process, and of no use without their weights."""

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("safetensors")

import torch
from ocrfactory.errors import InputError, OcrFactoryError
from ocrfactory.fill.export_onnx import export_graphs, structure
from ocrfactory.fill.networks import build
from ocrfactory.fill.onnx_engine import LOCATION, open_structure
from ocrfactory.fill.onnx_file import walk
from ocrfactory.fill.sidecar import FORMAT, Sidecar

from tests.fill.models import SIZE, K, pictures, tiny_network

FIELDS = {"size": SIZE, "content_channels": 2, "style": "refs", "k": K, "licence": "CC0-1.0", "sha256": "0" * 64}
SIDECAR = Sidecar(format=FORMAT, architecture="tiny", **FIELDS)

EXPORT = """
import hashlib
from tests.fill.models import tiny_network
from tests.fill.test_export_onnx import SIDECAR
from ocrfactory.fill.export_onnx import export_graphs
print([hashlib.sha256(graph).hexdigest() for graph in export_graphs(tiny_network(seed=5), SIDECAR).values()])
"""


@pytest.fixture(scope="module")
def graphs():
    return export_graphs(tiny_network(), SIDECAR)


def arrays(network):
    return {name: value.numpy() for name, value in network.state_dict().items()}


def test_a_graph_holds_no_weight(graphs):
    network = tiny_network()
    names = set()
    for graph in graphs.values():
        items = walk(graph, "graph")
        assert {item.location for item in items} == {LOCATION}
        names |= {item.name for item in items}
        for value in arrays(network).values():
            assert value.tobytes() not in graph
    assert names == set(arrays(network))


def test_other_weights_and_another_process_give_the_same_bytes(graphs):
    import hashlib

    assert export_graphs(tiny_network(seed=5), SIDECAR) == graphs
    done = subprocess.run([sys.executable, "-c", EXPORT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([hashlib.sha256(graph).hexdigest() for graph in graphs.values()])


def test_graph_and_weights_are_the_network(graphs):
    network = tiny_network(seed=3)
    content, references = pictures(5, 2, SIZE, SIZE), pictures(3, K, 1, SIZE, SIZE, seed=1)
    encode, draw = (open_structure(graphs[part], arrays(network), part) for part in ("encode", "draw"))
    with torch.no_grad():
        style = network.encode(torch.from_numpy(references) / 255).numpy()
        wanted = network(torch.from_numpy(content) / 255, torch.from_numpy(style[[0, 1, 2, 0, 1]])).numpy()
    found = encode.run("style", {"references": references.astype(np.float32) / 255})
    np.testing.assert_allclose(found, style, atol=1e-5)
    feeds = {"content": content.astype(np.float32) / 255, "style": style[[0, 1, 2, 0, 1]]}
    np.testing.assert_allclose(draw.run("glyph", feeds), wanted, atol=1e-5)


def test_weights_of_another_network_are_refused(graphs):
    weights = arrays(tiny_network())
    with pytest.raises(InputError, match="does not fit the weights"):
        open_structure(graphs["draw"], {name: value for name, value in weights.items() if name != "ink.bias"}, "draw")
    with pytest.raises(InputError, match="does not fit the weights"):
        open_structure(graphs["draw"], {**weights, "ink.bias": np.zeros(2, np.float32)}, "draw")


def test_the_network_is_left_as_it_was():
    network = tiny_network().train()
    export_graphs(network, SIDECAR)
    assert network.training


def test_what_is_no_weight_on_disk_is_refused():
    class Constant(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.plain = torch.rand(1, 1, SIZE, SIZE)

        def forward(self, x):
            return x + self.plain

    with pytest.raises(OcrFactoryError, match="in no file of weights"):
        structure(Constant(), {"x": torch.zeros(2, 1, SIZE, SIZE)}, "y")


def test_the_real_network_runs_without_torch_code():
    config = {"width": 16, "style": 32, "encoder": 8}
    torch.manual_seed(0)
    network = build("unet", config).eval()
    sidecar = SIDECAR.model_copy(update={"size": 64, "architecture": "unet", "config": config})
    graphs = export_graphs(network, sidecar)
    assert sum(map(len, graphs.values())) < 200_000
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    draw = open_structure(graphs["draw"], weights, "draw")
    content = pictures(2, 2, 64, 64).astype(np.float32) / 255
    with torch.no_grad():
        style = network.encode(torch.rand(2, K, 1, 64, 64)).numpy()
        wanted = network(torch.from_numpy(content), torch.from_numpy(style)).numpy()
    np.testing.assert_allclose(draw.run("glyph", {"content": content, "style": style}), wanted, atol=1e-4)
