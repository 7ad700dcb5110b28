"""The image of a label: by name within the split; what cannot be told apart is a reject, never a guess."""

import pytest
from ocrfactory.convert.entry import Entry
from ocrfactory.convert.pairing import Images
from ocrfactory.errors import Reject

TRAIN, VALIDATION = "train", "validation"


def images(*paths, splits=None, contents=None, sizes=None):
    entries = [Entry(path, 0, path, (sizes or {}).get(path, 1)) for path in paths]
    return Images(entries, splits or [None] * len(paths), lambda entry: (contents or {}).get(entry.path, b""))


def found(where, name, label="l.json", split=None):
    pair = where.find(name, label, split)
    return where.entries[pair.number].path, pair.flags


def reason(where, *arguments):
    with pytest.raises(Reject) as caught:
        found(where, *arguments)
    return caught.value.reason


def test_an_image_is_found_whatever_folder_it_lies_in():
    where = images("원천/새 폴더 (2)/b.jpg", "원천/a.jpg")
    assert found(where, "a.jpg", "라벨/a.json") == ("원천/a.jpg", ())
    assert found(where, "b.jpg") == ("원천/새 폴더 (2)/b.jpg", ())


def test_a_label_without_a_name_means_the_image_of_its_own():
    where = images("x/5350069-2011.0001.jpg", "x/5350069-2011.0002.jpg")
    assert found(where, None, "y/5350069-2011.0002.json") == ("x/5350069-2011.0002.jpg", ())


@pytest.mark.parametrize(
    ("written", "flags"),
    [
        ("a.jpg", ()),
        ("a.JPG", ("ext_mismatch",)),
        ("a.png", ("ext_mismatch",)),
        ("a", ()),
        ("A.jpg", ("name_normalized",)),
        ("A.png", ("ext_mismatch", "name_normalized")),
        ("x\\y\\a.jpg", ()),
    ],
)
def test_what_had_to_be_bridged_is_a_flag(written, flags):
    assert found(images("a.jpg"), written) == ("a.jpg", flags)


def test_the_image_of_the_labels_split_is_meant():
    where = images("t/a.jpg", "v/a.jpg", splits=[TRAIN, VALIDATION])
    assert found(where, "a.jpg", "l.json", VALIDATION)[0] == "v/a.jpg"
    assert found(where, "a.jpg", "l.json", TRAIN)[0] == "t/a.jpg"


def test_an_image_of_another_split_is_missing_and_one_of_none_is_not():
    assert reason(images("v/a.jpg", splits=[VALIDATION]), "a.jpg", "l.json", TRAIN) == "missing_image"
    assert found(images("a.jpg"), "a.jpg", "l.json", TRAIN)[0] == "a.jpg"


def test_the_folders_that_the_label_writes_decide_then_the_extension_then_its_own_folders():
    where = images("one/a.jpg", "two/a.jpg", "two/a.png")
    assert found(where, "two/a.jpg")[0] == "two/a.jpg"
    assert found(where, "a.png")[0] == "two/a.png"
    assert found(where, "a.jpg", "labels/one/a.json")[0] == "one/a.jpg"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\Windows\\a.jpg", "a\0.jpg", ""])
def test_a_path_in_a_label_is_only_a_name_and_never_a_place(name):
    where = images("x/passwd.png", "x/b.jpg")
    try:
        path, _ = found(where, name, "none.json")
    except Reject as reject:
        assert reject.reason == "missing_image"  # noqa: PT017 - both outcomes are right
    else:
        assert path == "x/passwd.png"


def test_two_that_could_be_meant_are_refused_and_both_are_spoken_for():
    where = images("one/a.jpg", "two/a.jpg", sizes={"one/a.jpg": 1, "two/a.jpg": 2})
    assert reason(where, "a.jpg") == "ambiguous_stem"
    assert where.unused() == []


def test_copies_of_one_file_are_one_and_other_files_of_one_size_are_not():
    assert found(images("one/a.jpg", "two/a.jpg", contents={}), "a.jpg")[0] == "one/a.jpg"
    where = images("one/a.jpg", "two/a.jpg", contents={"one/a.jpg": b"1", "two/a.jpg": b"2"})
    assert reason(where, "a.jpg") == "ambiguous_stem"


def test_an_image_that_no_label_means_is_told_and_one_of_an_unreadable_label_is_not():
    where = images("a.jpg", "b.jpg", "c.jpg")
    where.find("a.jpg", "l.json", None)
    where.claim("labels/b.json")
    where.claim("labels/none.json")
    assert [entry.path for entry in where.unused()] == ["c.jpg"]


def test_a_missing_image_is_told_by_the_name_that_the_label_has():
    with pytest.raises(Reject, match=r"no image is named 'a\.jpg'"):
        images("b.jpg").find("x/a.jpg", "l.json", None)


def test_of_two_subsets_with_the_same_numbers_each_label_means_the_images_beside_it():
    """Printed and handwritten syllables both begin at 00000001, each with one label file beside its zip."""
    where = images("01.손글씨/01_syllable.zip/00000001.png", "02.인쇄체/01_syllable.zip/00000001.png", contents={})
    assert found(where, "00000001.png", "02.인쇄체/printed.json")[0] == "02.인쇄체/01_syllable.zip/00000001.png"
    assert found(where, "00000001.png", "01.손글씨/handwriting.json")[0] == "01.손글씨/01_syllable.zip/00000001.png"


def test_a_name_that_stands_in_thousands_of_folders_is_found_in_its_own():
    """With a look at every one of them for each label, this would take minutes."""
    paths = [f"images/{number:05d}/001.jpg" for number in range(20_000)]
    where = images(*paths)
    for number in range(0, 20_000, 7):
        assert found(where, "001.jpg", f"labels/{number:05d}/001.json")[0] == paths[number]
