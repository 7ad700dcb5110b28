"""Zips, and what is planted in them: nothing is unpacked to disk, nothing grows without a bound or is believed."""

import io
import struct
import unicodedata
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.convert import archive
from ocrfactory.convert.archive import Member, members, part_of_archive, read_member
from ocrfactory.errors import Reject

from tests.deliveries.zips import OldName, write_zip


def listed(path):
    """Names of the good members, and name -> reason of the bad ones."""
    found = list(members(path))
    good = [item.name for item in found if isinstance(item, Member)]
    return good, {item[0]: item[1] for item in found if not isinstance(item, Member)}


def contents(path):
    with path.open("rb") as file:
        return {item.name: read_member(file, item) for item in members(path) if isinstance(item, Member)}


def refusal(path, name=None):
    """(reason, detail) of a zip, or of one member of it."""
    if name is not None:
        return next(item[1:] for item in members(path) if not isinstance(item, Member) and item[0] == name)
    with pytest.raises(Reject) as caught:
        contents(path)
    return caught.value.reason, caught.value.detail


def patched(path, changes, central=True):
    """A zip of one member whose headers are changed: field offset in the central header -> (format, value)."""
    data = bytearray(path.read_bytes())
    start = data.rindex(b"PK\1\2") if central else 0
    for offset, (format, value) in changes.items():
        struct.pack_into(format, data, start + offset, value)
    path.write_bytes(data)
    return path


FLAGS, METHOD, CRC, PACKED, SIZE, OFFSET = 8, 10, 16, 20, 24, 42


@pytest.fixture
def one(tmp_path):
    return write_zip(tmp_path / "one.zip", [("a.json", b"[1, 2, 3]" * 20)])


def test_members_come_back_stored_and_deflated(tmp_path):
    files = {"a/b.json": b"{}" * 500, "c.jpg": bytes(range(256)), "empty.json": b""}
    assert contents(write_zip(tmp_path / "x.zip", files.items())) == files


@pytest.mark.parametrize("cp949", [False, True])
def test_a_korean_name_is_read_with_its_flag_and_in_cp949_without(tmp_path, cp949):
    path = write_zip(tmp_path / "x.zip", [("원천데이터/간판 1.json", b"1")], cp949=cp949)
    assert contents(path) == {"원천데이터/간판 1.json": b"1"}


def test_a_mac_writes_utf8_without_the_flag_and_in_nfd(tmp_path):
    class MacName(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):  # noqa: N802  # zipfile's own name
            return unicodedata.normalize("NFD", self.filename).encode(), self.flag_bits & ~0x800

    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr(MacName("간판.json"), b"1")
    (member,) = members(tmp_path / "x.zip")
    assert member.name == "간판.json"
    assert member.raw == unicodedata.normalize("NFD", "간판.json")  # told, where NFC changed it
    assert contents(tmp_path / "x.zip") == {"간판.json": b"1"}


def test_a_leading_slash_is_cut_off_and_folders_are_no_members(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr(OldName("/a/b.json"), b"1")
        made.mkdir("folder")
    assert listed(tmp_path / "x.zip") == (["a/b.json"], {})


@pytest.mark.parametrize(
    "name", ["../a.json", "a/../../b.json", "..\\a.json", "C:\\a.json", "c:/a.json", "/", "x://a.json"]
)
def test_a_name_that_leaves_the_zip_is_refused_and_the_others_stay(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        info = zipfile.ZipInfo("x")
        info.filename = name
        made.writestr(info, b"evil")
        made.writestr("good.json", b"1")
    good, bad = listed(tmp_path / "x.zip")
    assert good == ["good.json"]
    assert set(bad.values()) <= {"unsafe_path"}
    assert len(bad) == (0 if name == "/" else 1)


def test_a_name_with_nul_is_refused(tmp_path):
    path = write_zip(tmp_path / "x.zip", [("aXb.json", b"1")])
    path.write_bytes(path.read_bytes().replace(b"aXb.json", b"a\0b.json"))
    assert list(listed(path)[1].values()) == ["unsafe_path"]


def test_backslashes_are_folders(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        info = zipfile.ZipInfo("x")
        info.filename = "a\\b.json"
        made.writestr(info, b"1")
    assert contents(tmp_path / "x.zip") == {"a/b.json": b"1"}


def test_an_encrypted_member_is_a_fault_that_says_so(one):
    patched(one, {FLAGS: ("<H", 1)})
    assert refusal(one, "a.json") == ("bad_zip", "it is encrypted")


@pytest.mark.parametrize("method", [9, 12, 14, 93, 99])
def test_a_method_that_cannot_be_read_is_named_with_the_cure(one, method):
    patched(one, {METHOD: ("<H", method)})
    reason, detail = refusal(one, "a.json")
    assert reason == "bad_zip"
    assert str(method) in detail
    assert "unpack" in detail


def test_a_member_that_would_grow_two_hundred_times_is_a_bomb_before_it_is_unpacked(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "x.zip", [("bomb.json", bytes(17 << 20)), ("good.json", b"1")])
    monkeypatch.setattr(archive, "_inflated", lambda *_: pytest.fail("it was unpacked"))
    reason, detail = refusal(path, "bomb.json")
    assert reason == "zip_bomb"
    assert f"{17 << 20:,}" in detail


def test_a_small_member_may_grow_as_it_likes(tmp_path):
    assert contents(write_zip(tmp_path / "x.zip", [("a.json", bytes(1 << 20))]))["a.json"] == bytes(1 << 20)


def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further_than_it_says(tmp_path):
    path = write_zip(tmp_path / "x.zip", [("bomb.json", bytes(64 << 20))])
    patched(path, {SIZE: ("<I", 1000)})
    assert refusal(path)[0] == "bad_zip"


def test_a_member_larger_than_any_image_is_refused(one, monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 100)
    assert refusal(one)[0] == "zip_bomb"


@pytest.mark.parametrize("size", [0, 1, 179, 181, 10_000])
def test_a_member_that_lies_about_its_size_is_damaged(one, size):
    assert refusal(patched(one, {SIZE: ("<I", size)})) == (
        "bad_zip",
        "the member is damaged: its size or checksum is wrong",
    )


def test_a_wrong_checksum_is_damage(one):
    assert refusal(patched(one, {CRC: ("<I", 1)}))[0] == "bad_zip"


def test_damaged_deflate_data_is_damage(one):
    data = bytearray(one.read_bytes())
    data[36:40] = b"\xff\xff\xff\xff"
    one.write_bytes(data)
    assert refusal(one)[0] == "bad_zip"


def test_a_list_that_points_nowhere_is_damage(one):
    data = one.read_bytes()
    assert refusal(patched(one, {OFFSET: ("<I", 3)}))[0] == "bad_zip"
    one.write_bytes(data)
    assert refusal(patched(one, {OFFSET: ("<I", len(data) - 5)}))[0] == "bad_zip"


def test_members_that_lie_in_one_place_are_a_bomb(tmp_path):
    """Many names for one kernel: the list says more packed bytes than the file has."""
    path = write_zip(tmp_path / "x.zip", [(f"{n:03}.json", zlib.compress(bytes(5000)) * 9) for n in range(9)])
    with zipfile.ZipFile(path) as whole:
        first = whole.infolist()[0]
        size = first.compress_size
    data = bytearray(path.read_bytes())
    at = 0
    while (at := data.find(b"PK\1\2", at)) >= 0:
        struct.pack_into("<I", data, at + OFFSET, 0)
        struct.pack_into("<I", data, at + PACKED, size * 9)
        at += 4
    path.write_bytes(data)
    assert refusal(path) == ("zip_bomb", "its members overlap")


@pytest.mark.parametrize("harm", ["0 bytes", "cut off", "no zip", "only the end"])
def test_a_zip_that_is_none_says_how_to_get_a_whole_one(one, harm):
    data = one.read_bytes()
    one.write_bytes({"0 bytes": b"", "cut off": data[:-30], "no zip": b"<html>404", "only the end": data[-10:]}[harm])
    reason, detail = refusal(one)
    assert reason == "bad_zip"
    assert "download it again" in detail
    assert "sort -V" in detail


def test_an_empty_zip_has_no_members(tmp_path):
    assert contents(write_zip(tmp_path / "x.zip", [])) == {}


def test_zip64_members_are_read(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "x.zip", "w", allowZip64=True) as made,
        made.open("a.json", "w", force_zip64=True) as to,
    ):
        to.write(b"[1]" * 9)
    assert contents(tmp_path / "x.zip") == {"a.json": b"[1]" * 9}


def test_what_stands_before_the_first_member_does_not_shift_the_others(one):
    before = contents(one)
    one.write_bytes(b"#!/bin/sh\n" + one.read_bytes())
    assert contents(one) == before


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("원천.zip.part0", "원천.zip"),
        ("a.zip.part1073741824", "a.zip"),
        ("a.zip.part", "a.zip"),
        ("A.ZIP.PART2", "A.zip"),
        ("a.zip.001", "a.zip"),
        ("a.z01", "a.zip"),
        ("a.zip", None),
        ("a.part1.jpg", None),
        ("a.zip.json", None),
    ],
)
def test_pieces_of_zips_are_told_by_their_names(name, whole):
    assert part_of_archive(name) == whole


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 400))
def test_whatever_is_broken_in_a_zip_it_is_a_reject_and_no_crash(tmp_path_factory, changes, cut):
    path = tmp_path_factory.mktemp("z") / "x.zip"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("가.json", b"[1, 2]" * 9)
        made.writestr("b.jpg", bytes(range(99)))
    data = bytearray(buffer.getvalue())
    for place, value in changes:
        data[place % len(data)] = value
    path.write_bytes(data[: len(data) - (cut if cut < 40 else 0)])
    try:
        contents(path)
    except Reject as reject:
        assert reject.reason in ("bad_zip", "zip_bomb")  # noqa: PT017 - most zips of these are whole
