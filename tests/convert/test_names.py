"""Names as deliveries have them: one name for one file, whatever system wrote it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.convert import names


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("a/b.jpg", "a/b.jpg"),
        ("/a//./b.jpg", "a/b.jpg"),
        ("a\\b\\c.png", "a/b/c.png"),
        (unicodedata.normalize("NFD", "간판/가.jpg"), "간판/가.jpg"),
        ("", ""),
        ("../a", "../a"),
    ],
)
def test_every_spelling_of_a_path_is_told_in_one_way(path, told):
    assert names.normal(path) == told


@given(st.text())
def test_a_told_path_stays_what_it_is(path):
    told = names.normal(path)
    assert names.normal(told) == told
    assert not told.startswith("/")


@pytest.mark.parametrize("path", ["../x", "a/../b", "a/..", "C:/x", "c:x", "http://x/y", "a\0b"])
def test_a_path_that_leaves_its_folder_or_names_a_place_of_its_own_is_unsafe(path):
    assert names.unsafe(path)


@pytest.mark.parametrize("path", ["a/b..c/d", "..a/b", "a/새 폴더 (2)/x.jpg", "5350069-2011.0001.json", "a"])
def test_dots_in_a_name_are_not_unsafe(path):
    assert not names.unsafe(path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/b/X.JPG", "x.json"),
        ("5350069-2011.0001.jpg", "label/5350069-2011.0001"),
        (unicodedata.normalize("NFD", "간판_1.jpg"), "간판_1.json"),
        ("x.v2.a.tiff", "x.v2.a.json"),
        ("İ.png", "i̇.json"),
    ],
)
def test_an_image_and_its_label_have_one_key(one, other):
    assert names.stem_key(one) == names.stem_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("a.1.jpg", "a.2.jpg"), ("a.v1", "a"), ("a.txt", "a"), ("a b.jpg", "ab.jpg")]
)
def test_names_that_differ_before_a_known_extension_have_two_keys(one, other):
    assert names.stem_key(one) != names.stem_key(other)


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.JPG", ".JPG"), ("a.json", ".json"), ("a.0001", ""), (".jpg", ""), ("", "")]
)
def test_only_a_known_extension_is_one(name, suffix):
    assert names.suffix_of(name) == suffix


@pytest.mark.parametrize(
    "path", ["a/Thumbs.db", "DESKTOP.INI", "__MACOSX/a.jpg", "a/._b.jpg", ".git/x.jpg", ".DS_Store"]
)
def test_what_systems_leave_behind_is_junk(path):
    assert names.is_junk(path)


@pytest.mark.parametrize("path", ["a/b.jpg", "thumbs.db.jpg", "a.b/c.jpg", "macosx/a.jpg"])
def test_what_only_looks_like_it_is_none(path):
    assert not names.is_junk(path)


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_zip_name_without_its_flag_is_read_as_what_wrote_it(encoding):
    name = "원천데이터/간판_000001.jpg"
    assert names.member_name(name.encode(encoding).decode("cp437"), utf8=False) == name


def test_a_zip_name_with_its_flag_or_beyond_all_code_pages_stays():
    assert names.member_name("é.jpg", utf8=True) == "é.jpg"
    assert names.member_name("간.jpg", utf8=False) == "간.jpg"  # no byte of CP437
    lost = b"\xff\xff\x80.jpg".decode("cp437")
    assert names.member_name(lost, utf8=False) == lost


@given(st.binary(min_size=1, max_size=40))
def test_whatever_bytes_a_zip_name_has_it_is_read(data):
    assert names.member_name(data.decode("cp437"), utf8=False)
