"""The training of the gate's reader, and the glyphs that it learns from."""

import msgspec
import numpy as np
import pytest
from ocrfactory.errors import InputError
from ocrfactory.fill.heldout import is_held_out, is_unread

torch = pytest.importorskip("torch")

from ocrfactory.fill.training import reader as module  # noqa: E402
from ocrfactory.fill.training.pack import GlyphPack  # noqa: E402 - after torch is known to be there
from ocrfactory.fill.training.reader import Glyphs, ReaderTraining, worn  # noqa: E402
from ocrfactory.fill.training.settings import READERS  # noqa: E402

from tests.fill.training.packs import FACES, HAN, glyph, write_pack  # noqa: E402

_analyse = module.analyse


@pytest.fixture(scope="module", autouse=True)
def _analysed_once():
    """What a training starts from depends on its arguments alone (test_discriminant): one analysis serves many."""
    found = {}

    def analyse(pack, rows, dimensions):
        key = pack.sha256, rows.tobytes(), dimensions
        if key not in found:
            found[key] = _analyse(pack, rows, dimensions)
        start = found[key]
        return msgspec.structs.replace(start, directions=start.directions.copy())  # training writes into them

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "analyse", analyse)
        yield


TINY = msgspec.structs.replace(READERS["gate-nano"], rows=16, steps=6, warmup=2, dimensions=16)


@pytest.fixture(scope="module")
def whole(pack, device):
    """A training of six steps, and what each measured."""
    training = ReaderTraining(pack, TINY, device)
    return training, [training.advance() for _ in range(TINY.steps)]


def weights(training):
    return {
        **{f"n.{name}": value for name, value in training.network.state_dict().items()},
        **{f"a.{name}": value for name, value in training.average.state_dict().items()},
        "classes": training.classes.detach(),
    }


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


# Which glyphs it sees


def test_it_never_sees_a_held_out_face_or_an_unread_character(pack):
    glyphs = Glyphs(pack)
    rows = set(glyphs.rows.tolist())
    late = pack.faces[pack.number_of["late"]]
    assert not rows & set(range(late.start, late.stop))
    for face in pack.faces[:-1]:
        codes = pack.codes[face.start : face.stop].tolist()
        left = {face.start + i for i, code in enumerate(codes) if is_unread(face.id, code)}
        assert not rows & left
        assert rows >= set(range(face.start, face.stop)) - left
    assert not any(is_unread("tw-kai", code) for code in HAN)  # those that lend content are known in full
    assert any(is_unread("plain", code) for code in HAN)


def test_of_held_out_characters_each_is_read_in_some_face(pack):
    held = {code for code in HAN if is_held_out(code)}
    assert held <= set(pack.codes[Glyphs(pack).rows].tolist())


def test_draws_are_of_the_faces_that_are_told(pack):
    glyphs = Glyphs(pack)
    rows, faces = glyphs.draw(400, 0.5, np.random.default_rng(0))
    assert len(rows) == len(faces) == 400
    for row, face in zip(rows.tolist(), faces.tolist(), strict=True):
        assert pack.faces[face].start <= row < pack.faces[face].stop
    assert set(faces.tolist()) == set(range(len(pack.faces) - 1))


def test_class_by_class_each_character_is_drawn_equally_often(pack):
    glyphs = Glyphs(pack)
    rows, faces = glyphs.draw(4000, 1.0, np.random.default_rng(0))
    assert np.array_equal(glyphs.face_of(rows), faces)
    assert set(rows.tolist()) <= set(glyphs.rows.tolist())
    hangul = (pack.codes[rows] >= 0xAC00).mean()
    assert hangul == pytest.approx(560 / 1200, abs=0.03)  # Han has more faces in this pack, and no more rows for it


def test_a_pack_with_too_few_characters_says_so(tmp_path):
    few = [(*face[:4], face[4][:300], face[5]) for face in FACES]
    with pytest.raises(InputError, match="500 characters") as caught:
        Glyphs(GlyphPack(write_pack(tmp_path / "p", few)))
    assert caught.value.cure


# How it learns


def test_it_learns(pack, device):
    settings = msgspec.structs.replace(TINY, steps=40, rows=32, warmup=4)
    training = ReaderTraining(pack, settings, device)
    measured = [training.advance() for _ in range(24)]
    first, last = (np.mean([line["loss"] for line in part]) for part in (measured[:8], measured[-8:]))
    assert last < 0.9 * first
    assert np.isfinite([list(line.values()) for line in measured]).all()


def test_the_same_seed_gives_the_same_weights_and_another_one_others(pack, device, whole):
    again = ReaderTraining(pack, TINY, device)
    assert [again.advance() for _ in range(TINY.steps)] == whole[1]
    assert same(weights(again), weights(whole[0]))
    other = ReaderTraining(pack, msgspec.structs.replace(TINY, seed=9), device)
    other.advance()
    assert not same(weights(other), weights(whole[0]))


def test_a_training_that_was_stopped_and_resumed_is_the_same_bit_for_bit(pack, device, whole, tmp_path):
    first = ReaderTraining(pack, TINY, device)
    lines = [first.advance() for _ in range(3)]
    first.save(tmp_path / "c")
    resumed = ReaderTraining(pack, TINY, device)
    resumed.restore(tmp_path / "c")
    assert resumed.step == 3
    lines += [resumed.advance() for _ in range(3)]
    assert lines == whole[1]
    assert same(weights(resumed), weights(whole[0]))
    assert np.array_equal(resumed.directions, whole[0].directions)


def test_a_checkpoint_of_other_settings_is_refused(pack, device, whole, tmp_path):
    whole[0].save(tmp_path / "c")
    other = ReaderTraining(pack, msgspec.structs.replace(TINY, lead=0.3), device)
    with pytest.raises(InputError, match="these differ: lead"):
        other.restore(tmp_path / "c")


def test_classes_that_a_face_lacks_are_no_wrong_answers_for_its_glyphs(pack, device):
    training = ReaderTraining(pack, msgspec.structs.replace(TINY, rows=1), device)
    small = pack.number_of["small"]
    assert not training.shown[small, np.searchsorted(training.codes, HAN[600])]
    for _ in range(30):  # one glyph a step: the classes that learn are those of its face
        rows, faces = _drawn(training)
        training.advance()
        moved = training.classes.grad.abs().sum(1) > 0
        assert not (moved & ~training.shown[faces[0]]).any()
        assert moved[training.number[rows[0]]]
        if faces[0] == small:
            return
    pytest.fail("no glyph of the small face was drawn")


def _drawn(training):
    from ocrfactory.rng import stream

    rng = stream(training.settings.seed, f"read {training.step}")
    return training.glyphs.draw(training.settings.rows, training.settings.by_class, rng)


def test_a_loss_that_is_no_number_ends_the_training(pack, device):
    training = ReaderTraining(pack, TINY, device)
    with torch.no_grad():
        training.classes.fill_(float("nan"))
    with pytest.raises(InputError, match="the loss is nan at step 0"):
        training.advance()


def test_readings_are_directions_and_the_averaged_network_makes_them(whole, pack):
    training, _ = whole
    found = training.read(pack.ink(np.arange(300)))
    assert found.shape == (300, TINY.dimensions)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-4)
    assert np.linalg.norm(training.directions, axis=1) == pytest.approx(1, abs=1e-4)
    assert found[:7] == pytest.approx(training.read(pack.ink(np.arange(7))), abs=1e-5)
    assert not training.average.training


def test_it_starts_from_discriminant_analysis(pack, device):
    training = ReaderTraining(pack, msgspec.structs.replace(TINY, dimensions=64), device)
    rows = training.glyphs.draw(300, 0.0, np.random.default_rng(0))[0]
    read = (training.read(pack.ink(rows)) @ training.directions.T).argmax(1)
    assert (training.codes[read] == pack.codes[rows]).mean() > 0.5  # of twelve hundred classes, before any step


# Wear


def test_worn_glyphs_keep_their_shape_and_are_never_blank(pack):
    ink = pack.ink(np.arange(0, len(pack), 7))
    found = worn(ink, np.random.default_rng(0))
    assert found.shape == ink.shape
    assert found.dtype == np.uint8
    assert (found > 128).any((1, 2)).all()
    assert 0.5 < found.mean() / ink.mean() < 1.6


def test_the_thinnest_strokes_are_not_eroded_away():
    thin = np.stack([glyph(code, 1) for code in HAN[:200]])
    assert (worn(thin, np.random.default_rng(1)) > 48).any((1, 2)).all()


def test_wear_is_the_same_for_the_same_key_and_no_two_glyphs_wear_alike():
    ink = np.stack([glyph(0x4E00)] * 12)
    first, again = (worn(ink, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(first, again)
    assert len({picture.tobytes() for picture in first}) > 8
