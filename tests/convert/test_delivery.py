"""Folders and zips listed as one tree: every file is a label, an image, another, a fault, or told of in a note."""

import os
import unicodedata
import zipfile
from pathlib import Path

import pytest
from ocrfactory.convert import delivery as delivering
from ocrfactory.convert import reader as reading
from ocrfactory.convert.delivery import find_delivery
from ocrfactory.convert.reader import Reader
from ocrfactory.errors import InputError, Reject

from tests.deliveries.small import write_files
from tests.deliveries.zips import write_zip


def paths(entries):
    return [entry.path for entry in entries]


def reasons(delivery):
    return {fault.path: fault.reason for fault in delivery.faults}


def contents(delivery):
    reader = Reader(delivery.containers)
    return {entry.path: reader.read(entry) for entry in (*delivery.labels, *delivery.images)}


def test_a_tree_is_listed_in_order_and_read(tmp_path):
    files = {"b/x.json": b"1", "a/y.JPG": b"22", "a/z.txt": b"333", "새 폴더 (2)/w.jpeg": b"4"}
    found = find_delivery([write_files(tmp_path, files)])
    assert paths(found.labels) == ["b/x.json"]
    assert paths(found.images) == ["a/y.JPG", "새 폴더 (2)/w.jpeg"]
    assert paths(found.others) == ["a/z.txt"]
    assert contents(found) == {"b/x.json": b"1", "a/y.JPG": b"22", "새 폴더 (2)/w.jpeg": b"4"}


def test_a_zip_in_a_tree_is_a_folder_of_its_name(tmp_path):
    write_zip(tmp_path / "Training/원천.zip", [("x/a.jpg", b"11"), ("b.json", b"2")])
    found = find_delivery([tmp_path])
    assert contents(found) == {"Training/원천.zip/x/a.jpg": b"11", "Training/원천.zip/b.json": b"2"}


def test_a_zip_alone_is_a_delivery(tmp_path):
    found = find_delivery([write_zip(tmp_path / "a.ZIP", [("b.json", b"2")])])
    assert contents(found) == {"a.ZIP/b.json": b"2"}


def test_a_zip_whose_content_lies_unpacked_beside_it_is_passed_over_and_told(tmp_path):
    write_files(tmp_path, {"x/a.jpg": b"11", "x/b.json": b"2"})
    write_zip(tmp_path / "x.zip", [("x/a.jpg", b"11"), ("x/b.json", b"2"), ("Thumbs.db", b"")])
    found = find_delivery([tmp_path])
    assert sorted(contents(found)) == ["x/a.jpg", "x/b.json"]
    assert any("unpacked" in note for note in found.notes)


def test_a_zip_of_which_one_file_is_not_unpacked_is_read(tmp_path):
    write_files(tmp_path, {"x/a.jpg": b"11"})
    write_zip(tmp_path / "x.zip", [("a.jpg", b"11"), ("c.json", b"3")])
    assert set(contents(find_delivery([tmp_path]))) == {"x/a.jpg", "x.zip/a.jpg", "x.zip/c.json"}


def test_files_of_equal_names_and_sizes_and_other_content_are_other_files(tmp_path):
    write_files(tmp_path, {"Validation/1.json": b"[1]"})
    write_zip(tmp_path / "Training/x.zip", [("1.json", b"[2]")])
    assert contents(find_delivery([tmp_path])) == {"Validation/1.json": b"[1]", "Training/x.zip/1.json": b"[2]"}


def test_a_zip_is_not_passed_over_for_another_that_was_named_before(tmp_path):
    write_zip(tmp_path / "Training/x.zip", [("1.json", b"[1]")])
    write_zip(tmp_path / "Validation/x.zip", [("1.json", b"[2]")])
    found = find_delivery([tmp_path / "Training", tmp_path / "Validation"])
    assert contents(found) == {"Training/x.zip/1.json": b"[1]", "Validation/x.zip/1.json": b"[2]"}


def test_parts_without_their_whole_are_a_fault_and_with_it_are_told(tmp_path):
    write_files(tmp_path, {"a.zip.part0": b"x", "a.zip.part1": b"x", "b.zip.part0": b"x"})
    write_zip(tmp_path / "b.zip", [("1.json", b"1")])
    found = find_delivery([tmp_path])
    assert reasons(found) == {"a.zip": "bad_zip"}
    assert "sort -V" in found.faults[0].detail
    assert any("parts of zips" in note for note in found.notes)
    assert paths(found.labels) == ["b.zip/1.json"]


def test_a_part_that_is_named_is_refused_with_the_cure(tmp_path):
    write_files(tmp_path, {"a.zip.part0": b"x"})
    with pytest.raises(InputError, match=r"a piece of a\.zip") as caught:
        find_delivery([tmp_path / "a.zip.part0"])
    assert "sort -V" in caught.value.cure


def test_a_broken_zip_and_a_bad_member_are_faults_beside_the_rest(tmp_path):
    write_files(tmp_path, {"empty.zip": b"", "html.zip": b"<html>", "1.json": b"1"})
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as made:
        made.writestr("../2.json", b"2")
        made.writestr("3.json", b"3")
    found = find_delivery([tmp_path])
    assert paths(found.labels) == ["1.json", "evil.zip/3.json"]
    assert reasons(found) == {"empty.zip": "bad_zip", "html.zip": "bad_zip", "evil.zip/../2.json": "unsafe_path"}


def test_links_are_not_followed_and_counted(tmp_path):
    outside = write_files(tmp_path / "outside", {"secret.json": b"1"})
    inside = write_files(tmp_path / "inside", {"1.json": b"1"})
    (inside / "link.json").symlink_to(outside / "secret.json")
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    found = find_delivery([inside])
    assert paths(found.labels) == ["1.json"]
    assert reasons(found) == {"folder": "symlink", "link.json": "symlink", "loop": "symlink"}


def test_a_fifo_does_not_hold_up_the_listing(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    write_files(tmp_path, {"1.json": b"1"})
    assert paths(find_delivery([tmp_path]).labels) == ["1.json"]
    with pytest.raises(InputError):
        find_delivery([tmp_path / "pipe.json"])


def test_names_in_nfd_are_told_in_nfc_and_read_as_the_disk_has_them(tmp_path):
    name = unicodedata.normalize("NFD", "간판/가.json")
    write_files(tmp_path / "tree", {name: b"1"})
    write_zip(tmp_path / "zip/x.zip", [(name, b"22")])
    found = find_delivery([tmp_path / "tree", tmp_path / "zip"])
    assert contents(found) == {"tree/간판/가.json": b"1", "zip/x.zip/간판/가.json": b"22"}


def test_a_name_that_is_no_utf8_is_counted_with_its_cure(tmp_path):
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xb0\xa3.json"))).write_bytes(b"1")
    found = find_delivery([tmp_path])
    assert not found.labels
    (fault,) = found.faults
    assert (fault.path, fault.reason) == ("\\xb0\\xa3.json", "bad_name")
    assert "rename" in fault.detail


def test_a_folder_that_cannot_be_listed_costs_its_files_and_not_the_delivery(tmp_path, monkeypatch):
    """Whoever runs the tests as root can list anything."""
    write_files(tmp_path, {"locked/1.json": b"1", "2.json": b"2"})
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = find_delivery([tmp_path])
    assert paths(found.labels) == ["2.json"]
    assert list(reasons(found).values()) == ["unreadable"]


def test_junk_is_counted(tmp_path):
    write_files(tmp_path, {"Thumbs.db": b"", "__MACOSX/a.json": b"", ".git/x.json": b"", "1.json": b"1"})
    found = find_delivery([tmp_path])
    assert paths(found.labels) == ["1.json"]
    assert found.notes[0].startswith("3 files of no use")


def test_deliveries_of_equal_names_are_told_apart(tmp_path):
    for name in ("105/Training", "88/Training"):
        write_files(tmp_path / name, {"1.json": name.encode()})
    found = find_delivery([tmp_path / "105/Training", tmp_path / "88/Training"])
    assert contents(found) == {"105/Training/1.json": b"105/Training", "88/Training/1.json": b"88/Training"}
    assert [container.root for container in found.containers] == ["105/Training", "88/Training"]


@pytest.mark.parametrize("second", ["d", "d/", "./d", "x/../d"])
def test_one_folder_named_twice_is_refused(tmp_path, monkeypatch, second):
    write_files(tmp_path / "d", {"1.json": b"1"})
    (tmp_path / "x").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="more than once"):
        find_delivery([Path("d"), Path(second)])


def test_a_folder_within_another_that_is_named_is_refused(tmp_path):
    """Its files would be counted twice, in silence."""
    write_files(tmp_path / "d/Training", {"1.json": b"1"})
    with pytest.raises(InputError):
        find_delivery([tmp_path / "d", tmp_path / "d/Training"])


def test_the_root_of_the_file_system_has_a_name():
    assert delivering._short_names([Path("/")]) is not None


@pytest.mark.parametrize(
    ("name", "words"), [("gone", "No such file"), ("a.txt", "neither a folder nor a zip"), ("a\0b", "null")]
)
def test_what_is_no_delivery_is_refused_by_name(tmp_path, name, words):
    write_files(tmp_path, {"a.txt": b""})
    with pytest.raises(InputError, match=words):
        find_delivery([tmp_path / name])


def test_one_label_may_be_named_alone_with_the_images_beside_it(tmp_path):
    write_files(tmp_path, {"1.json": b"1", "2.json": b"2", "1.jpg": b"3"})
    found = find_delivery([tmp_path / "1.json"])
    assert paths(found.labels) == ["1.json"]
    assert paths(found.images) == ["1.jpg"]


@pytest.mark.parametrize("data", [b"12", b"1234", None])
def test_a_file_that_changed_since_it_was_listed_is_a_reject(tmp_path, data):
    found = find_delivery([write_files(tmp_path, {"1.json": b"123"})])
    (tmp_path / "1.json").unlink() if data is None else (tmp_path / "1.json").write_bytes(data)
    with pytest.raises(Reject) as caught:
        Reader(found.containers).read(found.labels[0])
    assert caught.value.reason == ("unreadable" if data is None else "changed")


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    found = find_delivery([write_files(tmp_path, {"1.jpg": b"123"})])
    monkeypatch.setattr(reading, "MAX_MEMBER_BYTES", 2)
    with pytest.raises(Reject, match="more than 2"):
        Reader(found.containers).read(found.images[0])


def test_a_reader_keeps_few_zips_open(tmp_path):
    for number in range(20):
        write_zip(tmp_path / f"{number}.zip", [("a.json", str(number).encode())])
    found = find_delivery([tmp_path])
    reader = Reader(found.containers)
    for _ in range(2):
        for entry in found.labels:
            assert reader.read(entry).decode() == entry.path.partition(".")[0]
    assert len(reader._open) <= Reader.OPEN


@pytest.mark.parametrize("harm", ["checksum", "data", "name", "gone"])
@pytest.mark.parametrize("big", [10, 1 << 20])
def test_a_label_in_a_damaged_zip_is_a_reject_large_or_small(tmp_path, harm, big):
    """A large one is streamed by another way than a small one is read."""
    from functools import partial

    from ocrfactory.convert.document import Document

    path = write_zip(tmp_path / "x.zip", [("a.json", b'{"annotations": [%s]}' % b", ".join([b'{"id": 1}'] * 50))])
    data = bytearray(path.read_bytes())
    if harm == "checksum":
        at = data.index(b"PK\1\2")
        data[at + 16 : at + 20] = b"\0\0\0\0"
    elif harm == "data":
        data[50:60] = b"\xff" * 10
    elif harm == "name":
        data[30:36] = b"zzzzzz"
    path.write_bytes(data)
    found = find_delivery([path])
    if harm == "gone":
        path.unlink()
    (entry,) = found.labels
    reader = Reader(found.containers)
    document = Document(entry.path, partial(reader.read, entry), entry.size, partial(reader.open, entry), big)
    if harm == "name":
        assert document.probe()  # its place and its checksum are right
        return
    with pytest.raises(Reject):
        list(document.items("annotations"))
