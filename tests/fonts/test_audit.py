"""What is wrong with a font file, for people: faults by block, licence, embedding."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from ocrfactory.fonts.coverage import audit as auditing
from ocrfactory.fonts.coverage.audit import FontAudit, audit, block_of
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.files import faces_of_file

from tests.makers import make_font, make_ttc

OFL = "This Font Software is licensed under the SIL Open Font License, Version 1.1."


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRFACTORY_CACHE_DIR", str(tmp_path / "cache"))


def audited(path: Path) -> FontAudit:
    (found,) = audit(faces_of_file(path))
    return found


def edited(path: Path, change) -> Path:
    with TTFont(path) as font:
        change(font)
        font.save(path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    return path


def test_faults_are_counted_by_reason_and_block(tmp_path: Path) -> None:
    many = "".join(map(chr, range(0xAC00, 0xAC00 + 12)))
    path = make_font(tmp_path / "f.ttf", "一丁あ", blanks="\u3000七丈\u3400\ue000", notdef_like="A", placeholders=many)
    found = audited(path)
    assert (found.face, found.mapped, found.drawn) == ("f", 21, 4)
    assert found.faults == {
        "blank": {"URO": 2, "Ext A": 1, "private use": 1},
        "notdef": {"latin": 1},
        "placeholder": {"Hangul": 12},
    }


@pytest.mark.parametrize(
    ("licence", "name", "known"),
    [
        (OFL, "OFL-1.1", True),
        (f"{OFL} All rights reserved.", "OFL-1.1", True),
        ("Licensed under the Apache License, Version 2.0", "Apache-2.0", True),
        ("This font is in the Public Domain", "public domain", True),
        ("Copyright X. All Rights Reserved.", "proprietary", False),
        ("Ask us first", "LicenseRef-unknown", False),
        ("", "LicenseRef-unknown", False),
    ],
)
def test_the_licence_is_read_from_the_words_of_the_font(tmp_path: Path, licence: str, name: str, known: bool) -> None:
    found = audited(make_font(tmp_path / "f.ttf", "一", licence=licence))
    assert (found.licence, found.licence_known, found.sound) == (name, known, known)


def test_the_licence_that_a_pack_states_is_believed(tmp_path: Path) -> None:
    (face,) = faces_of_file(make_font(tmp_path / "f.ttf", "一"))
    (found,) = audit([Face(id="f", files=face.files, licence="OGDL-TW-1.0")])
    assert (found.licence, found.licence_known) == ("OGDL-TW-1.0", True)


@pytest.mark.parametrize(
    ("fs_type", "words", "sound"),
    [
        (0, (), True),
        (2, ("restricted: may not be embedded",), False),
        (4, ("preview and print only",), True),
        (8, (), True),
        (0x300, ("no subsetting", "bitmap embedding only"), True),
    ],
)
def test_embedding_bits_are_told_in_words(tmp_path: Path, fs_type: int, words: tuple[str, ...], sound: bool) -> None:
    found = audited(make_font(tmp_path / "f.ttf", "一", fs_type=fs_type, licence=OFL))
    assert (found.embedding, found.sound) == (words, sound)


def test_variation_sequences_are_counted(tmp_path: Path) -> None:
    def add(font: TTFont) -> None:
        table = CmapSubtable.newSubtable(14)
        table.platformID, table.platEncID, table.language, table.cmap = 0, 5, 0, {}
        table.uvsDict = {0xE0100: [(0x4E00, None), (0x4E01, None)], 0xE0101: [(0x4E00, "u04E01")]}
        font["cmap"].tables.append(table)

    assert audited(edited(make_font(tmp_path / "f.ttf", "一丁"), add)).variation_sequences == 3


def test_every_face_of_a_collection_is_examined(tmp_path: Path) -> None:
    first, second = make_font(tmp_path / "a.ttf", "一"), make_font(tmp_path / "b.ttf", "丁七")
    found = audit(faces_of_file(make_ttc(tmp_path / "c.ttc", [first, second])))
    assert [(each.face, each.file.index, each.mapped) for each in found] == [("c#0", 0, 1), ("c#1", 1, 2)]


def test_a_font_that_breaks_after_it_was_chosen_is_quarantined_and_the_others_examined(tmp_path: Path) -> None:
    faces = [
        *faces_of_file(make_font(tmp_path / "broken.ttf", "一")),
        *faces_of_file(make_font(tmp_path / "sound.ttf", "一", licence=OFL)),
    ]
    (tmp_path / "broken.ttf").write_bytes(b"OTTO\xff\xff")
    broken, sound = audit(faces)
    assert sound.sound
    assert not broken.sound
    assert str(tmp_path / "broken.ttf") in str(broken.quarantine)
    assert (broken.mapped, broken.drawn, broken.faults) == (0, 0, {})


def test_a_font_without_names_or_map_is_reported_not_fatal(tmp_path: Path) -> None:
    def strip(font: TTFont) -> None:
        del font["name"], font["cmap"]

    (face,) = faces_of_file(make_font(tmp_path / "f.ttf", "一"))
    edited(tmp_path / "f.ttf", strip)
    (found,) = audit([face])
    assert (found.mapped, found.licence, found.variation_sequences) == (0, "LicenseRef-unknown", 0)


def test_a_table_that_only_the_second_look_finds_broken_is_a_quarantine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ocrfactory.errors import FontError

    def fail(file: object) -> int:
        raise FontError("x.ttf: not a readable font: format 14")

    monkeypatch.setattr(auditing, "_variation_sequences", fail)
    found = audited(make_font(tmp_path / "f.ttf", "一"))
    assert found.quarantine == "x.ttf: not a readable font: format 14"


@pytest.mark.parametrize(
    ("char", "block"),
    [
        *(("一", "URO"), ("\u3400", "Ext A"), ("\U00020000", "Ext B"), ("\U0002b740", "Ext C-H")),
        *(("\uf914", "compatibility"), ("가", "Hangul"), ("あ", "kana"), ("\ue000", "private use")),
        *(("A", "latin"), ("1", "digit"), ("。", "punctuation")),
    ],
)
def test_a_block_has_a_name(char: str, block: str) -> None:
    assert block_of(ord(char)) == block
