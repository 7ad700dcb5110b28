"""The training of a generator: it learns, it is the same run again, and a stop on the way changes nothing."""

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ocrfactory.errors import InputError  # noqa: E402 - after torch is known to be there
from ocrfactory.fill.training import generator as module  # noqa: E402
from ocrfactory.fill.training.generator import GeneratorTraining, rate_share  # noqa: E402
from ocrfactory.fill.training.settings import GENERATORS  # noqa: E402

from tests.fill.training.packs import FACES, write_pack  # noqa: E402

TINY = msgspec.structs.replace(GENERATORS["nano"], styles=2, rows=4, steps=6, warmup=2, adversarial_from=0.5)


def weights(training):
    """Every number that a training holds."""
    return {
        **{f"g.{name}": value for name, value in training.generator.state_dict().items()},
        **{f"a.{name}": value for name, value in training.average.state_dict().items()},
        **{f"d.{name}": value for name, value in training.discriminator.state_dict().items()},
    }


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module")
def whole(pack, device):
    """A training of six steps, and what each measured."""
    training = GeneratorTraining(pack, TINY, device)
    return training, [training.advance() for _ in range(TINY.steps)]


def test_it_learns(pack, device):
    settings = msgspec.structs.replace(TINY, steps=50, adversarial_from=1.0, rate=3e-3)
    training = GeneratorTraining(pack, settings, device)
    measured = [training.advance() for _ in range(28)]
    first, last = (np.mean([line["l1"] for line in part]) for part in (measured[:6], measured[-6:]))
    assert last < 0.8 * first
    first, last = (np.mean([line["ssim"] for line in part]) for part in (measured[:6], measured[-6:]))
    assert last > first + 0.05


def test_the_same_seed_gives_the_same_weights_and_another_one_others(pack, device, whole):
    again = GeneratorTraining(pack, TINY, device)
    lines = [again.advance() for _ in range(TINY.steps)]
    assert lines == whole[1]
    assert same(weights(again), weights(whole[0]))
    other = GeneratorTraining(pack, msgspec.structs.replace(TINY, seed=1), device)
    assert not same(weights(other), weights(GeneratorTraining(pack, TINY, device)))


@pytest.mark.parametrize("stop", [2, 4])
def test_a_training_that_was_stopped_and_resumed_is_the_same_bit_for_bit(pack, device, whole, tmp_path, stop):
    first = GeneratorTraining(pack, TINY, device)
    lines = [first.advance() for _ in range(stop)]
    first.save(tmp_path / "c")
    resumed = GeneratorTraining(pack, TINY, device)
    torch.manual_seed(99)  # nothing is drawn by chance
    resumed.restore(tmp_path / "c")
    assert resumed.step == stop
    lines += [resumed.advance() for _ in range(TINY.steps - stop)]
    assert lines == whole[1]
    assert same(weights(resumed), weights(whole[0]))


def test_the_discriminator_joins_at_its_share_of_the_steps(whole):
    assert ["critic" in line for line in whole[1]] == [False] * 3 + [True] * 3
    assert ["adversarial" in line for line in whole[1]] == [False] * 3 + [True] * 3


def test_every_step_tells_how_it_went(whole):
    for line in whole[1]:
        assert {"l1", "ssim", "copy", "rate"} <= set(line)
        assert np.isfinite(list(line.values())).all()


def test_the_average_follows_the_weights(whole):
    training, _ = whole
    pairs = list(zip(training.average.parameters(), training.generator.parameters(), strict=True))
    assert any(not torch.equal(mean, value) for mean, value in pairs)
    assert all((mean - value).abs().max() < 0.1 for mean, value in pairs)


def test_it_draws_ink(whole, pack):
    training, _ = whole
    batch = training.batches(3)
    drawn = training.draw(batch.content, batch.references[0])
    assert drawn.shape == (8, 64, 64)
    assert drawn.dtype == np.uint8
    assert drawn.max() > 128


def test_a_checkpoint_of_another_training_is_refused(pack, device, whole, tmp_path):
    whole[0].save(tmp_path / "c")
    other = GeneratorTraining(pack, msgspec.structs.replace(TINY, rate=0.5, seed=2), device)
    with pytest.raises(InputError, match="these differ: rate, seed") as caught:
        other.restore(tmp_path / "c")
    assert caught.value.cure


def test_a_checkpoint_of_another_pack_is_refused(device, whole, tmp_path):
    from ocrfactory.fill.training.pack import GlyphPack

    whole[0].save(tmp_path / "c")
    faces = [(*face[:2], face[2] + 1, *face[3:]) for face in FACES]
    other = GeneratorTraining(GlyphPack(write_pack(tmp_path / "p", faces)), TINY, device)
    with pytest.raises(InputError, match="these differ: glyph pack"):
        other.restore(tmp_path / "c")


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "foreign"])
def test_a_damaged_checkpoint_is_refused(pack, pack_file, device, whole, tmp_path, damage):
    path = tmp_path / "c"
    whole[0].save(path)
    if damage == "missing":
        path.unlink()
    elif damage == "foreign":
        path.write_bytes(pack_file.read_bytes())
    else:
        path.write_bytes(path.read_bytes()[: 0 if damage == "empty" else 50_000])
    with pytest.raises(InputError, match="no checkpoint") as caught:
        GeneratorTraining(pack, TINY, device).restore(path)
    assert caught.value.cure


def test_a_checkpoint_is_written_whole_or_not_at_all(whole, tmp_path, monkeypatch):
    whole[0].save(tmp_path / "c")
    before = (tmp_path / "c").read_bytes()

    def stop(tensors, path, header):
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr("safetensors.torch.save_file", stop)
    with pytest.raises(OSError, match="no space"):
        whole[0].save(tmp_path / "c")
    assert (tmp_path / "c").read_bytes() == before


def test_a_loss_that_is_no_number_ends_the_training(pack, device, monkeypatch):
    training = GeneratorTraining(pack, TINY, device)
    before = {name: value.clone() for name, value in training.generator.state_dict().items()}
    monkeypatch.setattr(module, "ssim", lambda a, b: torch.full((len(a),), float("nan")))
    with pytest.raises(InputError, match="the loss is nan at step 0"):
        training.advance()
    assert same(before, training.generator.state_dict())


def test_the_rate_rises_and_falls_to_a_fiftieth():
    shares = [rate_share(step, 10, 100) for step in range(101)]
    assert shares[0] == 0.1
    assert shares[9] == shares[10] == 1
    assert shares[10:] == sorted(shares[10:], reverse=True)
    assert shares[100] == pytest.approx(0.02)
    assert rate_share(10**6, 10, 100) == pytest.approx(0.02)
    assert rate_share(0, 0, 1) == 1
