"""PaddleOCR's lists: every line is a row or a reject with its file and line, and files come through unchanged."""

import unicodedata
import zipfile

import pytest
from ocrfactory.errors import EmptyPlanError, InputError

from tests.convert.formats.helpers import make, picture, put


def test_lines_become_rows_with_the_very_files_and_their_lists_give_the_splits(tmp_path):
    put(
        tmp_path / "train_data",
        {
            "rec/train/a.png": picture(1),
            "rec/train/b.jpg": picture(2, format="JPEG"),
            "rec/test/c.png": picture(3),
            "rec/rec_gt_train.txt": "train/a.png\t간판 하나\ntrain/b.jpg\tb\ttab\n",
            "rec/rec_gt_test.txt": "test/c.png\tc\n",
        },
    )
    made = make(tmp_path / "out", "paddle", tmp_path / "train_data")
    assert made.splits == {"간판 하나": "train", "b tab": "train", "c": "test"}
    assert made.image("간판 하나") == picture(1)
    assert made.image("c") == picture(3)
    assert made.texts["b tab"]["text_raw"] == "b\ttab"
    assert made.texts["c"]["kind"] == "line"
    assert not made.reasons


def test_a_line_of_several_paths_is_a_row_for_each(tmp_path):
    put(
        tmp_path / "d",
        {
            "a.png": picture(1),
            "b.png": picture(2),
            "[c].png": picture(3),
            "rec_gt_train.txt": '["a.png", "b.png"]\tsame\n[c].png\tbracket\n[]\tnone\n',
        },
    )
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert sorted(row["text"] for row in made.rows) == ["bracket", "same", "same"]
    assert {row["image"]["bytes"] for row in made.rows} == {picture(n) for n in (1, 2, 3)}
    assert made.reasons == {"bad_line": 1}


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "/etc/passwd.png", "C:/a.png", "http://a/b.png", "..\\secret.png", "a\0.png", "x/../../y.png"],
)
def test_a_path_that_leaves_its_folder_is_refused_and_never_opened(tmp_path, name):
    put(tmp_path, {"secret.png": picture(1), "d/a.png": picture(2)})
    text = f"{name}\tx\na.png\tok\n"
    (tmp_path / "d/rec_gt_train.txt").write_bytes(text.replace("\0", "\\u0000").encode())
    if "\0" in name:
        text = '["a\\u0000.png"]\tx\na.png\tok\n'
        (tmp_path / "d/rec_gt_train.txt").write_text(text)
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert [row["text"] for row in made.rows] == ["ok"]
    assert made.reasons == {"unsafe_path": 1}
    assert "rec_gt_train.txt:1:" in made.details[0]


def test_what_is_wrong_is_counted_with_its_file_and_line(tmp_path):
    lines = b"a.png\tok\nno tab here\n\tno path\ngone.png\tgone\nb.png\t\xff\xfe bad\n\nb.png\t\n"
    put(tmp_path / "d", {"a.png": picture(1), "b.png": picture(2), "left.png": picture(3), "rec_gt_train.txt": lines})
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert [row["text"] for row in made.rows] == ["ok"]
    assert made.reasons == {"bad_line": 3, "missing_image": 1, "text_empty": 1, "missing_label": 1}
    for place in (":2: no tab", ":3: no path", ":4: no image", ":5: byte"):
        assert any(f"rec_gt_train.txt{place}" in detail for detail in made.details), place


def test_a_name_in_nfd_finds_its_file_in_nfc_and_the_other_way_round(tmp_path):
    nfc, nfd = (unicodedata.normalize(form, "간판.png") for form in ("NFC", "NFD"))
    for folder, file, name in (("one", nfc, nfd), ("two", nfd, nfc)):
        put(tmp_path / folder, {file: picture(1), "rec_gt_train.txt": f"{name}\tx\n"})
        assert make(tmp_path / f"{folder}.out", "paddle", tmp_path / folder).image("x") == picture(1)


@pytest.mark.parametrize(("encoding", "noted"), [("utf-8-sig", False), ("cp949", True)])
def test_a_list_may_have_a_mark_or_be_in_cp949(tmp_path, encoding, noted, capsys):
    put(tmp_path / "d", {"간.png": picture(1), "b.png": picture(2)})
    (tmp_path / "d/rec_gt_val.txt").write_bytes("간.png\t간판\r\nb.png\t글자\r\n".encode(encoding))
    assert make(tmp_path / "out", "paddle", tmp_path / "d").splits == {"간판": "validation", "글자": "validation"}


def test_one_damaged_line_does_not_make_a_list_cp949(tmp_path):
    good = "".join(f"{n}.png\t글자 {n}\n" for n in range(5)).encode()
    files = {f"{n}.png": picture(n) for n in range(6)}
    put(tmp_path / "d", {**files, "rec_gt_train.txt": good + b"5.png\t\xb0\xa1\n"})
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert len(made.rows) == 5
    assert made.reasons == {"bad_line": 1, "missing_label": 1}


def test_paths_may_start_at_a_root_inside_or_outside_of_the_folder(tmp_path):
    put(tmp_path, {"lists/rec_gt_train.txt": "a.png\tx\n", "pictures/a.png": picture(1)})
    outside = make(tmp_path / "1", "paddle", tmp_path / "lists", root=str(tmp_path / "pictures"))
    inside = make(tmp_path / "2", "paddle", tmp_path, root=str(tmp_path / "pictures"))
    assert outside.image("x") == inside.image("x") == picture(1)


def test_lists_that_were_named_are_read_and_no_others(tmp_path):
    put(
        tmp_path / "d",
        {
            **{f"{n}.png": picture(n) for n in range(4)},
            "my_train.txt": "0.png\ta\n",
            "my_val.txt": "1.png\tb\n",
            "rec_gt_test.txt": "2.png\tc\n",
        },
    )
    made = make(tmp_path / "out", "paddle", tmp_path / "d/my_train.txt", tmp_path / "d/my_val.txt")
    assert made.splits == {"a": "train", "b": "validation"}
    assert not made.reasons  # the other images belong to lists that nobody named


def test_a_list_in_a_zip_is_read_where_it_lies(tmp_path):
    (tmp_path / "d").mkdir()
    with zipfile.ZipFile(tmp_path / "d/data.zip", "w") as archive:
        archive.writestr("rec_gt_train.txt", "train/a.png\t글자\n")
        archive.writestr("train/a.png", picture(1))
    for number, path in enumerate((tmp_path / "d", tmp_path / "d/data.zip")):
        assert make(tmp_path / f"out{number}", "paddle", path).image("글자") == picture(1)


def test_a_folder_without_lists_and_a_missing_folder_are_refused(tmp_path):
    put(tmp_path / "d", {"a.png": picture(1)})
    with pytest.raises(EmptyPlanError, match="no rec_gt"):
        make(tmp_path / "out", "paddle", tmp_path / "d")
    with pytest.raises(InputError, match="No such file"):
        make(tmp_path / "out", "paddle", tmp_path / "nowhere")


def test_links_are_not_followed(tmp_path):
    put(tmp_path, {"secret.png": picture(1), "d/a.png": picture(2), "d/rec_gt_train.txt": "link.png\tx\na.png\ty\n"})
    (tmp_path / "d/link.png").symlink_to(tmp_path / "secret.png")
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert [row["text"] for row in made.rows] == ["y"]
    assert made.reasons == {"missing_image": 1, "symlink": 1}


def test_an_equal_file_with_the_same_label_is_rejected_when_asked(tmp_path):
    put(tmp_path / "d", {"a.png": picture(1), "b.png": picture(1), "rec_gt_train.txt": "a.png\tx\nb.png\tx\n"})
    assert len(make(tmp_path / "1", "paddle", tmp_path / "d").rows) == 2
    assert make(tmp_path / "2", "paddle", tmp_path / "d", drop_duplicates=True).reasons == {"dup_sample": 1}


def test_two_workers_give_the_bytes_of_one(tmp_path):
    lines = "".join(f"{n}.png\tword {n}\n" for n in range(40)) + "gone.png\tx\n"
    put(tmp_path / "d", {**{f"{n}.png": picture(n) for n in range(40)}, "rec_gt_train.txt": lines})
    serial = make(tmp_path / "1", "paddle", tmp_path / "d")
    assert serial.hashes() == make(tmp_path / "2", "paddle", tmp_path / "d", workers=2).hashes()


def test_a_list_of_another_name_beside_a_folder_that_was_named_is_read_too(tmp_path):
    put(tmp_path / "d", {"a.png": picture(1), "b.png": picture(2), "rec_gt_train.txt": "a.png\ta\n"})
    put(tmp_path / "d", {"more.txt": "b.png\tb\n", "unread.txt": "b.png\tc\n"})
    assert sorted(make(tmp_path / "out", "paddle", tmp_path / "d", tmp_path / "d/more.txt").texts) == ["a", "b"]


def test_a_root_that_does_not_exist_is_refused(tmp_path):
    put(tmp_path / "d", {"a.png": picture(1), "rec_gt_train.txt": "a.png\ta\n"})
    with pytest.raises(InputError, match="nowhere: no such folder"):
        make(tmp_path / "out", "paddle", tmp_path / "d", root=str(tmp_path / "d/nowhere"))


@pytest.mark.parametrize(("data", "reason"), [("a\tb".encode("utf-16"), "bad_list"), (b"a\0b\tc", "bad_list")])
def test_a_list_that_is_no_text_is_a_fault_of_its_own(tmp_path, data, reason):
    put(tmp_path / "d", {"a.png": picture(1), "rec_gt_train.txt": "a.png\ta\n", "rec_gt_x.txt": data})
    assert make(tmp_path / "out", "paddle", tmp_path / "d").reasons == {reason: 1}


def test_a_zero_byte_costs_its_line_alone(tmp_path):
    put(
        tmp_path / "d",
        {"a.png": picture(1), "b.png": picture(2), "rec_gt_train.txt": b"a.png\tx\0\na.png\ta\nb.png\tb"},
    )
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert (sorted(made.texts), made.reasons) == (["a", "b"], {"bad_line": 1})


def test_a_first_line_without_end_behind_a_mark_of_utf8_is_one_bad_line(tmp_path):
    data = b"\xef\xbb\xbf" + b"x" * ((1 << 20) - 2) + b"y" * 99 + b"\na.png\ta\n"
    made = make(tmp_path / "out", "paddle", put(tmp_path / "d", {"a.png": picture(1), "rec_gt_train.txt": data}))
    assert (list(made.texts), made.reasons) == (["a"], {"bad_line": 1})


def test_a_detection_list_is_told_to_be_one(tmp_path):
    label = '[{"transcription": "x", "points": [[0, 0], [1, 0], [1, 1], [0, 1]]}]'
    files = {"a.png": picture(1), "rec_gt_train.txt": f"a.png\t{label}\n", "rec_gt_val.txt": "a.png\t[{x}]\n"}
    made = make(tmp_path / "out", "paddle", put(tmp_path / "d", files))
    assert (list(made.texts), made.reasons) == (["[{x}]"], {"bad_list": 1})
    assert "a detection list" in made.details[0]


def test_a_line_without_end_is_one_bad_line(tmp_path):
    put(tmp_path / "d", {"a.png": picture(1), "rec_gt_train.txt": "x" * 5_000_000 + "\na.png\ta\n"})
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert (list(made.texts), made.reasons) == (["a"], {"bad_line": 1})
    assert "rec_gt_train.txt:1: longer than" in made.details[0]
