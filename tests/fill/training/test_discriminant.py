"""Where the reader starts: directions that tell characters apart and forget designs."""

import numpy as np
import pytest
from ocrfactory.fill.training.discriminant import analyse, coarse

from tests.fill.training.packs import HAN, glyph

pytest.importorskip("safetensors")


def test_coarse_pictures_have_no_mean_and_length_one():
    ink = np.stack([glyph(code) for code in HAN[:5]])
    found = coarse(ink)
    assert found.shape == (5, 256)
    assert found.mean(1) == pytest.approx(0, abs=1e-6)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)


def test_an_empty_picture_and_a_full_one_are_zeros():
    ink = np.stack([np.zeros((64, 64), np.uint8), np.full((64, 64), 255, np.uint8)])
    assert not coarse(ink).any()


def test_a_coarse_picture_is_what_the_network_looks_at():
    torch = pytest.importorskip("torch")
    from torch.nn import functional

    ink = np.stack([glyph(code) for code in HAN[:5]])
    values = functional.avg_pool2d(torch.from_numpy(ink)[:, None].float() / 255, 4).flatten(1)
    values = functional.normalize(values - values.mean(1, keepdim=True), dim=1)
    assert coarse(ink) == pytest.approx(values.numpy(), abs=1e-5)


@pytest.fixture(scope="module")
def start(pack):
    """What is learnt from all faces but the one that is held out."""
    return analyse(pack, np.arange(pack.faces[-1].start), 64)


def test_classes_are_the_characters_in_order(start, pack):
    assert start.codes.tolist() == sorted(set(pack.codes.tolist()))
    assert start.codes.dtype == np.uint32
    assert start.directions.shape == (len(start.codes), 64)
    assert (start.weight.shape, start.bias.shape) == ((64, 256), (64,))
    assert np.linalg.norm(start.directions, axis=1) == pytest.approx(1, abs=1e-4)


def test_a_face_that_was_never_seen_is_read(start, pack):
    late = pack.faces[-1]
    rows = np.arange(late.start, late.stop)
    found = coarse(pack.ink(rows)) @ start.weight.T + start.bias
    read = start.codes[(found @ start.directions.T).argmax(1)]
    assert (read == pack.codes[rows]).mean() > 0.98
    shuffled = start.codes[(found @ np.roll(start.directions, 1, 0).T).argmax(1)]
    assert (shuffled == pack.codes[rows]).mean() < 0.02


def test_the_outcome_depends_on_its_rows_alone(start, pack, monkeypatch):
    from ocrfactory.fill.training import discriminant

    monkeypatch.setattr(discriminant, "STRETCH", 777)
    again = analyse(pack, np.arange(pack.faces[-1].start), 64)
    assert again.codes.tolist() == start.codes.tolist()
    likeness = (again.directions[:50] @ again.directions.T) - (start.directions[:50] @ start.directions.T)
    assert np.abs(likeness).max() < 1e-3


def test_never_more_directions_than_were_asked_for(pack):
    assert analyse(pack, np.arange(600), 8).directions.shape[1] == 8
