"""Batches: the same ones whenever they are drawn, and never what is held out."""

import numpy as np
import pytest
from ocrfactory.errors import InputError
from ocrfactory.fill.designs import root_of
from ocrfactory.fill.heldout import is_held_out
from ocrfactory.fill.training import sampling
from ocrfactory.fill.training.pack import GlyphPack
from ocrfactory.fill.training.sampling import Batches, is_hangul, jitter

from tests.fill.training.packs import FACES, HAN, HANGUL, write_pack

STEPS = range(40)


@pytest.fixture(scope="module")
def batches(pack):
    return Batches(pack, styles=4, rows=6, references=5, seed=3)


def test_a_batch_has_the_shapes_that_it_says(batches):
    batch = batches(0)
    assert batch.content.shape == (24, 2, 64, 64)
    assert batch.target.shape == (24, 64, 64)
    assert batch.references.shape == (4, 5, 64, 64)
    assert {array.dtype for array in (batch.content, batch.target, batch.references)} == {np.dtype(np.uint8)}
    assert batch.style_of.tolist() == [0] * 6 + [1] * 6 + [2] * 6 + [3] * 6
    assert batch.codes.shape == (24,)
    assert batch.faces.shape == (4,)


def test_a_step_is_the_same_batch_in_whatever_order_and_from_whichever_opening(batches, pack_file):
    later = Batches(GlyphPack(pack_file), styles=4, rows=6, references=5, seed=3)
    for step in (7, 2):
        one, other = batches(step), later(step)
        for name in one.__struct_fields__:
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_other_steps_and_other_seeds_are_other_batches(batches, pack):
    seeded = Batches(pack, styles=4, rows=6, references=5, seed=4)
    assert not np.array_equal(batches(0).codes, batches(1).codes)
    assert not np.array_equal(batches(0).codes, seeded(0).codes)


def test_targets_are_the_characters_in_their_styles(batches, pack):
    batch = batches(5)
    for i, code in enumerate(batch.codes):
        row = pack.rows_of(int(batch.faces[batch.style_of[i]]), np.array([code]))
        assert (batch.target[i] == pack.ink(row)[0]).all()


def test_no_held_out_character_or_face_is_ever_drawn(batches, pack):
    held = np.array([code for code in HAN + HANGUL if is_held_out(code)], np.uint32)
    assert len(held) > 20
    late = {pack.ink(np.array([row])).tobytes() for row in range(pack.faces[-1].start, pack.faces[-1].stop)}
    hidden = {
        pack.ink(np.array([row])).tobytes()
        for number in range(len(pack.faces))
        for row in pack.rows_of(number, held)
        if row >= 0
    }
    for step in STEPS:
        batch = batches(step)
        assert not np.isin(batch.codes, held).any()
        assert not any(pack.faces[face].held_out for face in batch.faces.tolist())
        shown = {picture.tobytes() for picture in (*batch.target, *batch.references.reshape(-1, 64, 64))}
        assert not shown & hidden
        assert not shown & late


def test_content_is_never_of_the_design_of_its_target(pack):
    song = Batches(pack, styles=1, rows=1, references=1, seed=0)
    rng = np.random.default_rng(0)
    codes = np.array(HAN[:50], np.uint32)
    sung, kai = pack.number_of["tw-sung"], pack.number_of["tw-kai"]
    for _ in range(10):
        content = song.content(sung, "han", codes, rng)
        assert not content[:, 0].any()  # in this pack no other face lends a song-like design
        assert (content[:, 1] == pack.ink(pack.rows_of(kai, codes))).all()


def test_now_and_then_one_of_two_content_pictures_is_taken_away_and_never_both(pack):
    batches = Batches(pack, styles=1, rows=1, references=1, seed=0)
    codes = np.array(HAN[:400], np.uint32)
    content = batches.content(pack.number_of["plain"], "han", codes, np.random.default_rng(0))
    there = content.any((2, 3))
    assert there.any(1).all()
    assert 0.08 < (~there[:, 1]).mean() < 0.25
    assert 0.01 < (~there[:, 0]).mean() < 0.12


def test_both_scripts_are_drawn_and_never_mixed_in_one_style(batches):
    scripts = []
    for step in STEPS:
        batch = batches(step)
        for style in range(4):
            (script,) = set(is_hangul(batch.codes[batch.style_of == style]).tolist())
            scripts.append(script)
    assert 0.03 < np.mean(scripts) < 0.3


def test_families_are_drawn_equally_often_however_many_weights_they_have(batches, pack):
    drawn = np.concatenate([batches(step).faces for step in range(120)])
    count = {face.id: int((drawn == number).sum()) for number, face in enumerate(pack.faces)}
    assert count["late"] == 0
    assert count["plain-bold"] < 0.8 * count["small"]


def test_a_pack_of_one_script_is_enough(tmp_path):
    han = [face for face in FACES if face[4] != HANGUL and face[0] != "plain"]
    batches = Batches(GlyphPack(write_pack(tmp_path / "p", han)), styles=4, rows=2, references=2, seed=0)
    assert not any(is_hangul(batches(step).codes).any() for step in range(15))


def test_a_pack_with_too_few_characters_says_so(tmp_path):
    few = [(*face[:4], face[4][:300], face[5]) for face in FACES]
    with pytest.raises(InputError, match=str(sampling.FEW)) as caught:
        Batches(GlyphPack(write_pack(tmp_path / "p", few)), styles=1, rows=1, references=1, seed=0)
    assert caught.value.cure


def test_jitter_moves_pictures_by_a_pixel_and_loses_no_ink(batches):
    content = batches(1).content
    moved = jitter(content, np.random.default_rng(1))
    assert moved.shape == content.shape
    assert (moved.sum((2, 3), dtype=np.int64) == content.sum((2, 3), dtype=np.int64)).all()
    assert (moved != content).any()
    for before, after in zip(content.reshape(-1, 64, 64), moved.reshape(-1, 64, 64), strict=True):
        steps = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        assert any(np.array_equal(np.roll(before, step, (0, 1)), after) for step in steps)


def test_the_same_key_moves_pictures_the_same_way(batches):
    content = batches(1).content
    assert np.array_equal(*(jitter(content, np.random.default_rng(5)) for _ in range(2)))


@pytest.mark.parametrize(
    ("family", "root"),
    [
        ("Noto Serif CJK TC", "Noto Serif"),
        ("Noto Serif CJK JP", "Noto Serif"),
        ("Plain Bold", "Plain"),
        ("TW-Kai", "TW-Kai"),
        ("LXGW WenKai", "LXGW WenKai"),
    ],
)
def test_weights_and_regions_of_a_design_share_its_root(family, root):
    assert root_of(family) == root


def test_hangul_is_told_by_its_block():
    assert is_hangul(np.array([0xABFF, 0xAC00, 0xD7A3, 0xD7A4, 0x4E00], np.uint32)).tolist() == [0, 1, 1, 0, 0]
