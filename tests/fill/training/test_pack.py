"""Packs of glyphs: what goes in comes out, and nothing else is taken for one."""

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.errors import InputError
from ocrfactory.fill.frame import draw_frame
from ocrfactory.fill.training.pack import GlyphPack, make_pack, pack4, unpack
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.names import describe
from ocrfactory.fonts.opened import open_font

from tests.conftest import HAN
from tests.fill.training.packs import write
from tests.makers import make_font

save_file = pytest.importorskip("safetensors.numpy").save_file


@given(st.integers(0, 2**32), st.sampled_from([(), (1,), (3,), (2, 2), (0,)]))
@settings(max_examples=25, deadline=None)
def test_sixteen_levels_come_back_and_others_move_to_the_nearest(seed, shape):
    ink = np.random.default_rng(seed).integers(0, 256, (*shape, 64, 64)).astype(np.uint8)
    packed = pack4(ink)
    assert packed.shape == (*shape, 2048)
    found = unpack(packed)
    assert found.shape == ink.shape
    assert (np.abs(found.astype(int) - ink) <= 8).all()
    assert (unpack(pack4(found)) == found).all()


def test_paper_and_full_ink_are_kept():
    levels = np.arange(0, 256, 17, np.uint8)
    ink = np.resize(levels, (64, 64))
    assert (unpack(pack4(ink)) == ink).all()


def face(path, id, **fields):
    return Face(id, (describe(path, 0),), licence="OFL-1.1", attribution=f"by {id}", **fields)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    """Two faces: one of all of `HAN`, one, held out, of the last half."""
    folder = tmp_path_factory.mktemp("fonts")
    return [
        face(make_font(folder / "a.ttf", HAN, family="All"), "all", style="hei", package="fonts-all"),
        face(make_font(folder / "b.ttf", HAN[10:], family="Half", blanks=HAN[:3]), "half", need="extra"),
    ]


@pytest.fixture(scope="module")
def made(fonts, tmp_path_factory):
    """Their pack, and what was said while it was made."""
    path, told = tmp_path_factory.mktemp("made") / "glyphs.safetensors", []
    left_out = make_pack(fonts, [*HAN, HAN[0], "ab", "龜"], path, told.append)
    return GlyphPack(path), left_out, told


def test_a_pack_holds_what_each_face_really_draws(made, fonts):
    pack, left_out, told = made
    assert len(pack) == 20 + 10
    assert told == [20, 10]
    assert left_out == {"sequence": 1}
    assert "".join(map(chr, pack.codes_of(0).tolist())) == "".join(sorted(HAN))
    assert set(map(chr, pack.codes_of(1).tolist())) == set(HAN[10:])
    font = open_font(fonts[1].files[0], "und")
    for code, row in zip(pack.codes_of(1).tolist(), range(20, 30), strict=True):
        (ink,) = pack.ink(np.array([row]))
        assert np.abs(ink.astype(int) - draw_frame(font, chr(code))).max() <= 8


def test_a_pack_knows_its_faces_their_terms_and_who_is_held_out(made, fonts):
    pack, _, _ = made
    assert [face.id for face in pack.faces] == ["all", "half"]
    assert pack.number_of == {"all": 0, "half": 1}
    assert [face.held_out for face in pack.faces] == [False, True]
    first = pack.faces[0]
    assert (first.family, first.style, first.licence, first.attribution) == ("All", "hei", "OFL-1.1", "by all")
    assert (first.package, first.files) == ("fonts-all", (fonts[0].files[0].sha256,))
    assert [(face.start, face.stop) for face in pack.faces] == [(0, 20), (20, 30)]


def test_rows_are_looked_up_by_character_and_absent_ones_said(made):
    pack, _, _ = made
    codes = np.array([ord(HAN[0]), ord(HAN[15]), 0, 0x10FFFF, ord("龜")], np.uint32)
    assert pack.rows_of(0, codes).tolist()[2:] == [-1, -1, -1]
    assert (pack.codes[pack.rows_of(0, codes[:2])] == codes[:2]).all()
    rows = pack.rows_of(1, codes)
    assert rows.tolist() == [-1, rows[1], -1, -1, -1]
    assert pack.codes[rows[1]] == codes[1]
    assert 20 <= rows[1] < 30
    assert pack.rows_of(1, codes[:0]).shape == (0,)


def test_a_face_that_draws_nothing_has_no_rows(fonts, tmp_path):
    make_pack(fonts, [HAN[0]], tmp_path / "p.safetensors")
    pack = GlyphPack(tmp_path / "p.safetensors")
    assert len(pack) == 1
    assert pack.rows_of(1, pack.codes).tolist() == [-1]


def test_the_same_faces_give_the_same_file(fonts, tmp_path):
    for name in ("a", "b"):
        make_pack(fonts, HAN, tmp_path / name)
    assert GlyphPack(tmp_path / "a").sha256 == GlyphPack(tmp_path / "b").sha256
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_pack_is_never_half_written(fonts, tmp_path, monkeypatch):
    from safetensors import numpy

    def stop(tensors, path, header):
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(numpy, "save_file", stop)
    (tmp_path / "p").write_bytes(b"before")
    with pytest.raises(OSError, match="no space"):
        make_pack(fonts, HAN, tmp_path / "p")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("p", b"before")]


@pytest.mark.parametrize("damage", ["missing", "folder", "empty", "text", "cut"])
def test_a_file_that_is_no_pack_is_refused(pack_file, tmp_path, damage):
    path = tmp_path / "p.safetensors"
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        data = {"empty": b"", "text": b"hello, world" * 20, "cut": pack_file.read_bytes()[:100_000]}
        path.write_bytes(data[damage])
    with pytest.raises(InputError, match="no glyph pack") as caught:
        GlyphPack(path)
    assert str(path) in caught.value.message
    assert "fill pack" in caught.value.cure


@pytest.mark.parametrize(
    "header", [None, "", "[]", "{}", '{"format": "ocrfactory-glyphs/1"}', '{"format": 1, "faces": []}']
)
def test_a_file_of_another_program_is_refused(tmp_path, header):
    tensors = {"codes": np.zeros(1, np.uint32), "ink": np.zeros((1, 2048), np.uint8)}
    save_file(tensors, tmp_path / "p", {"pack": header} if header is not None else None)
    with pytest.raises(InputError, match="no glyph pack"):
        GlyphPack(tmp_path / "p")


def entry(pack, **changes):
    return msgspec.structs.replace(pack.faces[0], **{"start": 0, "stop": 2, **changes})


@pytest.mark.parametrize(
    ("codes", "ink", "changes", "format"),
    [
        (np.zeros(2, np.uint32), np.zeros((2, 2048), np.uint8), {}, "ocrfactory-glyphs/2"),
        (np.zeros(2, np.uint32), np.zeros((2, 2047), np.uint8), {}, "ocrfactory-glyphs/1"),
        (np.zeros(2, np.uint32), np.zeros((3, 2048), np.uint8), {}, "ocrfactory-glyphs/1"),
        (np.zeros(2, np.uint32), np.zeros((2, 2048), np.int8), {}, "ocrfactory-glyphs/1"),
        (np.zeros(2, np.int64), np.zeros((2, 2048), np.uint8), {}, "ocrfactory-glyphs/1"),
        (np.zeros((2, 1), np.uint32), np.zeros((2, 2048), np.uint8), {}, "ocrfactory-glyphs/1"),
        (np.zeros(2, np.uint32), np.zeros((2, 2048), np.uint8), {"stop": 3}, "ocrfactory-glyphs/1"),
        (np.zeros(2, np.uint32), np.zeros((2, 2048), np.uint8), {"start": 2, "stop": 1}, "ocrfactory-glyphs/1"),
        (np.zeros(2, np.uint32), np.zeros((2, 2048), np.uint8), {"start": -1}, "ocrfactory-glyphs/1"),
    ],
)
def test_a_pack_whose_parts_do_not_fit_is_refused(pack, tmp_path, codes, ink, changes, format):
    write(tmp_path / "p", codes, ink, [entry(pack, **changes)], format)
    with pytest.raises(InputError, match=r"no glyph pack of this version|do not fit"):
        GlyphPack(tmp_path / "p")


def test_the_header_is_json_that_people_can_read(pack_file):
    from safetensors import safe_open

    with safe_open(pack_file, "numpy") as file:
        header = json.loads(file.metadata()["pack"])
    assert {face["licence"] for face in header["faces"]} == {"OFL-1.1"}
