"""Engines: the same picture whatever the batch, and nearly the same on every engine."""

import logging

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("safetensors")

import torch
from ocrfactory.errors import InputError
from ocrfactory.fill.batches import Batches
from ocrfactory.fill.engine import to_ink
from ocrfactory.fill.load import load_generator
from ocrfactory.fill.torch_engine import TorchEngine

from tests.fill.models import (
    SIZE,
    K,
    make_tiny_built_in,
    pictures,
    save_network,
    save_onnx,
    save_script,
    users_model,
    write_sidecar,
)

COUNT = 13


@pytest.fixture
def network(monkeypatch, tmp_path):
    make_tiny_built_in(monkeypatch)
    return save_network(tmp_path)


def drawn(generator, seed=0):
    """Content, styles, and the pictures of all of them in one batch."""
    content = pictures(COUNT, generator.channels, SIZE, SIZE, seed=seed)
    styles = np.stack([generator.style(pictures(K, SIZE, SIZE, seed=seed + i)) for i in range(COUNT)])
    return content, styles, generator.draw(content, styles)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_a_picture_is_the_same_bits_in_any_batch(network, engine):
    generator = load_generator(network, engine=engine)
    content, styles, together = drawn(generator)
    values = generator.network.values(content, styles)
    order = np.random.default_rng(1).permutation(COUNT)
    for size in (1, 2, 3, 5, 8):
        for start in range(0, COUNT, size):
            part = order[start : start + size]
            np.testing.assert_array_equal(generator.network.values(content[part], styles[part]), values[part])
            np.testing.assert_array_equal(generator.draw(content[part], styles[part]), together[part])


@pytest.mark.parametrize("save", [save_script, save_onnx])
def test_users_pictures_are_the_same_bits_in_any_batch(tmp_path, save):
    generator = load_generator(save(tmp_path / "my.bin", users_model()))
    content, styles, together = drawn(generator)
    for i in range(COUNT):
        np.testing.assert_array_equal(generator.draw(content[i : i + 1], styles[i : i + 1])[0], together[i])


def test_engines_differ_by_one_grey_level_at_most(network):
    onnx, cpu = (drawn(load_generator(network, engine=engine))[2].astype(int) for engine in ("onnx", "torch"))
    assert onnx.std() > 5
    assert np.abs(onnx - cpu).max() <= 1
    assert (onnx == cpu).mean() > 0.99


def test_styles_agree(network):
    references = pictures(K, SIZE, SIZE)
    onnx, cpu = (load_generator(network, engine=engine).style(references) for engine in ("onnx", "torch"))
    np.testing.assert_allclose(onnx, cpu, atol=1e-5)


def test_the_same_file_draws_the_same_twice(network):
    for engine in ("onnx", "torch"):
        one, two = (drawn(load_generator(network, engine=engine))[2] for _ in range(2))
        np.testing.assert_array_equal(one, two)


def test_threads_of_torch_are_as_they_were(network):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        drawn(load_generator(network, engine="torch"))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


class Greedy(torch.nn.Module):
    """A network on a device that holds `room` pictures."""

    def __init__(self, room):
        super().__init__()
        self.room = room
        self.asked = []

    def forward(self, content, style):
        self.asked.append(len(content))
        if len(content) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return content[:, :1] * 0.5


def test_a_full_device_gets_smaller_batches(caplog):
    network = Greedy(room=5)
    engine = TorchEngine(network, "cpu", batch=16)
    content = pictures(40, 2, SIZE, SIZE)
    with caplog.at_level(logging.WARNING):
        ink = engine.ink(content, np.zeros((40, 3), np.float32))
    np.testing.assert_array_equal(ink, np.rint(content[:, 0] * np.float32(0.5)).astype(np.uint8))
    assert network.asked == [16, 8, *[4] * 10]
    assert len(caplog.records) == 1
    engine.ink(content, np.zeros((40, 3), np.float32))
    assert network.asked[12:] == [4] * 10


def test_a_device_without_room_for_one_picture_is_an_error_of_the_user():
    engine = TorchEngine(Greedy(room=0), "cpu", batch=4)
    with pytest.raises(InputError, match="no memory left for a single glyph") as caught:
        engine.ink(pictures(2, 2, SIZE, SIZE), np.zeros((2, 3), np.float32))
    assert "--engine onnx" in caught.value.cure


def test_a_script_that_fills_the_device_gets_smaller_batches(tmp_path):
    import warnings

    class Greedy(torch.nn.Module):
        def forward(self, content: torch.Tensor, refs: torch.Tensor) -> torch.Tensor:
            if content.size(0) > 3:
                raise RuntimeError("CUDA out of memory")
            return content * 0.5

    path = tmp_path / "my.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Greedy()), path)
    generator = load_generator(write_sidecar(path))
    generator.network.batches.size = 8
    content, _, together = drawn(generator)
    assert generator.network.batches.size == 2
    assert np.abs(together - content[:, 0] / 2).max() <= 0.5


def test_the_batch_is_chosen_by_the_device():
    assert Batches(torch.device("cpu")).size == 1
    assert Batches(torch.device("cuda")).size > 1


def test_what_is_no_number_stops_the_run():
    class Broken(torch.nn.Module):
        def forward(self, content, style):
            return torch.where(content[:, :1] > 0.5, torch.nan, 0.5)

    content = pictures(2, 1, SIZE, SIZE)
    with pytest.raises(InputError, match="NaN"):
        TorchEngine(Broken(), "cpu").ink(content, np.zeros((2, 3), np.float32))
    with pytest.raises(InputError, match="infinity"):
        to_ink(np.array([[0.5, np.inf]]), (1 / 255, 0.0))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_is_near_the_cpu(network):
    cpu, gpu = (drawn(load_generator(network, engine=engine))[2].astype(int) for engine in ("torch", "cuda"))
    assert np.abs(cpu - gpu).max() <= 8
    assert np.abs(cpu - gpu).mean() <= 1
