"""Content: who lends the picture of a class, in a fixed order, by design, and never the family itself."""

import hashlib

import numpy as np
import pytest
from ocrfactory.fill import contents
from ocrfactory.fill.contents import BUNDLED, BUNDLED_LICENCE, NONE, ContentDrawer, find_contents, spoken
from ocrfactory.fill.frame import draw_frame
from ocrfactory.fill.lenders import Looking, turns
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.opened import open_font
from ocrfactory.fonts.select import select_faces

from tests.makers import make_font

FACES = {
    "target": ("ming", "core", "一丁", "Target"),
    "target-bold": ("ming", "core", "一丁七丈三上", "Target"),
    "brush": ("brush", "core", "一丁七丈三上下不", "Brush"),
    "song": ("song", "core", "一丁七丈", "Song"),
    "hei": ("hei", "core", "一丁七三", "Hei"),
    "kai": ("kai", "core", "一丁七上", "Kai"),
    "more": ("sung", "extra", "下", "More"),
}


class Bundle:
    """A stand-in for the bundled pack: a cross for one character that no font has."""

    sha256 = "b" * 64

    def has(self, char):
        return char == "𰻞"

    def draw(self, char, size):
        assert char == "𰻞"
        picture = np.zeros((size, size), np.uint8)
        picture[size // 2, size // 4 : -size // 4] = 255
        return picture


@pytest.fixture
def pack(tmp_path, monkeypatch):
    """A pack of made fonts, one design each, and a bundled pack with one character."""
    lines = [
        "name: mini",
        "title: A pack of the tests",
        "lang: zh-Hant",
        "locale: tw",
        "charset: U+4E00..U+4E0D",
        "faces:",
    ]
    for id, (style, need, chars, family) in FACES.items():
        file = make_font(tmp_path / f"{id}.ttf", chars, family=family, style="Bold" if "bold" in id else "Regular")
        lines.append(
            f"  - {{id: {id}, family: {family}, style: {style}, need: {need}, licence: OFL-1.1, "
            f"files: [{{file: {file.name}, sha256: [{hashlib.sha256(file.read_bytes()).hexdigest()}]}}]}}"
        )
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "mini.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    monkeypatch.setenv("OCRFACTORY_PACK_DIR", str(tmp_path / "packs"))
    monkeypatch.setattr(contents, "bundled_pack", Bundle)
    return Looking((tmp_path,), offline=True)


def target_of(looking, id="target"):
    return select_faces([f"mini/{id}"], font_dirs=looking.font_dirs, offline=True).faces[0]


def lent(found, text):
    """Who lends both slots of a class."""
    place = found.classes.index(text)
    names = {NONE: None, BUNDLED: "bundled"} | {i: spoken(face) for i, face in enumerate(found.faces)}
    return tuple(names[number] for number in found.numbers[:, place, 0].tolist())


def test_the_first_face_of_the_pack_that_has_it_lends_each_slot(pack):
    found = find_contents(target_of(pack), "七丈三上下不𰻞", pack)
    assert lent(found, "七") == ("mini/song", "mini/kai")
    assert lent(found, "丈") == ("mini/song", None)
    assert lent(found, "三") == ("mini/hei", None)
    assert lent(found, "上") == (None, "mini/kai")
    assert lent(found, "下") == ("mini/more", None)  # an extra face that is here
    assert lent(found, "不") == (None, None)  # a brush shows too little of a character's structure
    assert lent(found, "𰻞") == ("bundled", None)
    assert found.bundled == Bundle.sha256
    assert found.present.tolist() == [True] * 5 + [False, True]
    assert found.lenders() == {"mini/song": 2, "mini/hei": 1, "mini/kai": 1, "mini/more": 1, "bundled pack": 1}


def test_a_face_of_the_target_s_own_pack_comes_before_all_others_even_for_one_slot(pack):
    """Of a character that has a kai-like picture, no other pack is asked for a song-like one."""
    found = find_contents(target_of(pack), "上", pack)
    assert lent(found, "上") == (None, "mini/kai")
    assert [spoken(face) for face in found.faces] == ["mini/kai"]


def test_a_font_of_no_pack_is_lent_to_by_the_packs_of_the_scripts_and_no_pack_lends_to_another_script():
    alone = Face("alone", (), pack=None)
    assert [turn.script for turn in turns(alone, Looking())] == ["han", "hangul", "han", "han"]
    korean = Face("korean", (), pack="ko")
    assert [turn.script for turn in turns(korean, Looking())] == [None, "han", "han"]
    chinese = Face("chinese", (), pack="tcc")
    assert [turn.script for turn in turns(chinese, Looking())] == [None, "hangul", "han", "han"]


def test_neither_the_target_nor_another_weight_of_its_family_lends(pack):
    found = find_contents(target_of(pack), "七", pack)
    assert "mini/target-bold" not in [spoken(face) for face in found.faces]


def test_the_same_design_under_another_name_lends_unless_foreign_faces_are_asked_for(tmp_path):
    target, sister, other = (
        select_faces([str(make_font(tmp_path / f"{i}.ttf", chars, family=family))]).faces[0]
        for i, (chars, family) in enumerate(
            (("一", "Noto Serif TC"), ("一七", "Source Han Serif JP"), ("一七", "Klee One"))
        )
    )
    for foreign, lender in ((False, sister), (True, other)):
        found = find_contents(target, "七", Looking(offline=True), [sister, other], foreign=foreign)
        assert lent(found, "七") == (spoken(lender), None)


def test_the_source_of_a_class_does_not_depend_on_the_other_classes(pack):
    together = find_contents(target_of(pack), "七丈三上下不𰻞", pack)
    for text in together.classes:
        assert lent(find_contents(target_of(pack), [text], pack), text) == lent(together, text)


def test_stated_faces_come_in_place_of_the_packs_and_the_bundled_pack_stays_the_last(pack):
    stated = select_faces(["mini/brush", "mini/kai"], font_dirs=pack.font_dirs, offline=True).faces
    found = find_contents(target_of(pack), "七𰻞", pack, stated)
    assert lent(found, "七") == ("mini/brush", "mini/kai")
    assert lent(found, "𰻞") == ("bundled", None)


def test_what_is_not_here_is_a_note_and_no_error(pack, tmp_path, monkeypatch):
    monkeypatch.setenv("OCRFACTORY_DATA_DIR", str(tmp_path / "nothing"))
    notes = []
    face = select_faces([str(tmp_path / "target.ttf")]).faces[0]
    looking = Looking((), True, False, notes.append)
    found = find_contents(face, "七𰻞", looking)
    assert lent(found, "𰻞") == ("bundled", None)
    assert any("tcc" in note for note in notes)


def test_pictures_of_both_slots_and_where_they_are_from(pack):
    found = find_contents(target_of(pack), "七上𰻞", pack)
    drawer = ContentDrawer(found)
    song, kai = (
        select_faces([f"mini/{id}"], font_dirs=pack.font_dirs, offline=True).faces[0] for id in ("song", "kai")
    )
    frames = drawer.frames(0)
    assert np.array_equal(frames[0], draw_frame(open_font(song.files[0], song.lang), "七"))
    assert np.array_equal(frames[1], draw_frame(open_font(kai.files[0], kai.lang), "七"))
    assert not drawer.frames(1)[0].any()
    assert drawer.frames(2, 128).shape == (2, 128, 128)
    assert [source["slot"] for source in drawer.sources(0)] == [0, 1]
    assert drawer.sources(0)[0] == {"slot": 0, "face": "mini/song", "sha256": song.files[0].sha256, "index": 0}
    assert drawer.sources(2) == [{"slot": 0, "bundled": Bundle.sha256}]
    assert drawer.licences(0) == ["OFL-1.1"] * 2
    assert drawer.licences(2) == [BUNDLED_LICENCE]
    assert drawer.substitute(1)[0].id == "kai"
    assert drawer.substitute(2) is None


def test_a_part_of_the_contents_keeps_its_lenders(pack):
    found = find_contents(target_of(pack), "七丈不", pack)
    kept = found.only(found.present)
    assert kept.classes == ("七", "丈")
    assert lent(kept, "丈") == lent(found, "丈")
