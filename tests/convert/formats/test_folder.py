"""Image folders: metadata, docTR's labels, and a text file beside each image."""

import json
import zipfile

import pytest

from tests.convert.formats.helpers import make, picture, put


def test_metadata_as_json_lines_and_as_a_table_become_rows(tmp_path):
    put(
        tmp_path / "d",
        {
            "train/metadata.jsonl": '{"file_name": "a.png", "text": "간판"}\n{"file_name": "in/b.png", "text": "b"}\n',
            "train/a.png": picture(1),
            "train/in/b.png": picture(2),
            "test/metadata.csv": '\ufefffile_name,transcription\nc.png,"one, ""two"""\n',
            "test/c.png": picture(3),
        },
    )
    made = make(tmp_path / "out", "folder", tmp_path / "d")
    assert made.splits == {"간판": "train", "b": "train", 'one, "two"': "test"}
    assert made.image("b") == picture(2)
    assert not made.reasons


def test_metadata_at_the_top_leaves_the_split_to_the_folders_of_its_images(tmp_path):
    table = "file_name,text\ntrain/a.png,a\nvalidation/b.png,b\n"
    put(tmp_path / "d", {"metadata.csv": table, "train/a.png": picture(1), "validation/b.png": picture(2)})
    assert make(tmp_path / "out", "folder", tmp_path / "d").splits == {"a": "train", "b": "validation"}


def test_labels_of_doctr_name_images_in_their_folder_and_a_name_that_repeats_is_two(tmp_path):
    labels = '{"img_1.png": "하나", "img_2.png": "둘", "img_1.png": "again", "img_2.png": 7}'
    files = {"images/img_1.png": picture(1), "images/img_2.png": picture(2)}
    put(tmp_path / "d/val", {"labels.json": labels, **files})
    made = make(tmp_path / "out", "folder", tmp_path / "d")
    assert made.splits == dict.fromkeys(("하나", "둘", "again"), "validation")
    assert made.image("하나") == made.image("again") == picture(1)
    assert made.reasons == {"text_type": 1}


@pytest.mark.parametrize("image", ["x.1.png", "x.1.bin.png", "x.1.nrm.png", "x.1.tif", "x.1.JPG"])
def test_a_text_file_beside_an_image_is_its_label(tmp_path, image):
    data = picture(1, format={"tif": "TIFF", "JPG": "JPEG"}.get(image.rpartition(".")[2], "PNG"))
    put(tmp_path / "train", {image: data, "x.1.gt.txt": "한 줄\n"})
    made = make(tmp_path / "out", "folder", tmp_path / "train")
    assert made.splits == {"한 줄": "train"}


def test_a_text_file_of_two_lines_of_none_or_without_image_is_counted(tmp_path):
    files = {f"{name}.png": picture(n) for n, name in enumerate("abde")}
    texts = {"a.gt.txt": "one\ntwo\n", "b.gt.txt": "", "c.gt.txt": "x", "e.gt.txt": "ok"}
    made = make(tmp_path / "out", "folder", put(tmp_path / "d", {**files, **texts}))
    assert [row["text"] for row in made.rows] == ["ok"]
    assert made.reasons == {"bad_line": 1, "text_empty": 1, "missing_image": 1, "missing_label": 1}


def test_broken_metadata_is_counted_and_the_rest_is_read(tmp_path):
    lines = ['{"file_name": "a.png", "text": "ok"}', "{", "[1]", '{"text": "x"}', '{"file_name": "a.png", "text": 1}']
    put(
        tmp_path / "d",
        {
            "one/metadata.jsonl": "\n".join(lines),
            "one/a.png": picture(1),
            "two/metadata.csv": b"file_name,text\nb.png,fine\nb.png,\xff\xff\nb.png\n",
            "two/b.png": picture(2),
            "three/metadata.csv": "name,words\nb.png,x\n",
            "four/metadata.csv": 'file_name,text\nb.png,"open\n',
            "five/labels.json": '{"a": ',
        },
    )
    made = make(tmp_path / "out", "folder", tmp_path / "d")
    assert sorted(made.texts) == ["fine", "ok"]
    assert made.reasons == {"bad_line": 6, "text_type": 1, "bad_list": 1, "json_decode": 1}


def test_a_quote_that_is_wrong_costs_its_own_line_alone(tmp_path):
    lines = [
        "file_name,text",
        "0.png,ok",
        '1.png,"x"y',
        "2.png,ok",
        '3.png,5" pipe',
        '4.png,"open',
        "5.png,ok",
        "6.png",
    ]
    lines += ['7.png,"two', "", 'lines"', "8.png,\0", '9.png,"a', '9.png,"b"']
    put(tmp_path / "d", {f"{n}.png": picture(n) for n in range(10)})
    made = make(tmp_path / "out", "folder", put(tmp_path / "d", {"metadata.csv": "\n".join(lines)}))
    assert sorted((row["src_image"], row["text"]) for row in made.rows) == [
        ("0.png", "ok"), ("2.png", "ok"), ("3.png", '5" pipe'), ("5.png", "ok"), ("7.png", "two lines"), ("9.png", "b"),
    ]  # fmt: skip
    assert made.reasons == {"bad_line": 5, "missing_label": 1}  # the line of 8.png cannot be told


def test_a_quote_that_stays_open_for_long_takes_no_longer_than_its_lines(tmp_path):
    lines = ["file_name,text", *('0.png,"open', *["x,y"] * 200) * 200]
    made = make(
        tmp_path / "out",
        "folder",
        put(tmp_path / "d", {"metadata.csv": "\n".join([*lines, "0.png,ok"]), "0.png": picture(1)}),
    )
    assert list(made.texts) == ["ok"]


def test_what_is_no_number_costs_one_label_of_doctr_and_deep_nesting_no_memory(tmp_path):
    put(tmp_path / "d", {"a.png": picture(1), "b.png": picture(2)})
    put(tmp_path / "d", {"labels.json": '{"a.png": NaN, "b.png": "is NaN", "a.png": -Infinity}'})
    made = make(tmp_path / "1", "folder", tmp_path / "d")
    assert (list(made.texts), made.reasons) == (["is NaN"], {"text_type": 2})
    put(tmp_path / "d", {"labels.json": '{"b.png": "x", "a.png": ' + "[" * 200_000})
    deep = make(
        tmp_path / "2", "folder", put(tmp_path / "d", {"x/labels.json": '{"b.png": "x"}', "x/b.png": picture(3)})
    )
    assert deep.reasons["json_decode"] == 1
    assert "nested too deep" in " ".join(deep.details)


def test_the_column_of_the_texts_can_be_named(tmp_path):
    line = json.dumps({"file_name": "a.png", "text": "wrong", "utterance": "right"})
    put(tmp_path / "d", {"metadata.jsonl": line, "a.png": picture(1)})
    assert list(make(tmp_path / "out", "folder", tmp_path / "d", text_column="utterance").texts) == ["right"]


def test_labels_of_doctr_in_one_long_line_are_all_read(tmp_path):
    labels = {f"{number}.png": "x" * 40 for number in range(30_000)}
    put(tmp_path / "d", {"labels.json": json.dumps(labels), "7.png": picture(7)})
    made = make(tmp_path / "out", "folder", tmp_path / "d")
    assert (len(made.rows), made.reasons) == (1, {"missing_image": 29_999})


def test_text_files_in_cp949_and_in_a_zip_are_read(tmp_path):
    (tmp_path / "d").mkdir()
    with zipfile.ZipFile(tmp_path / "d/train.zip", "w") as archive:
        archive.writestr("a/x.gt.txt", "글자".encode("cp949"))
        archive.writestr("a/x.png", picture(1))
    assert make(tmp_path / "out", "folder", tmp_path / "d").image("글자") == picture(1)
