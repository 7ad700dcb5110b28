"""MMOCR's lists of both generations."""

import json

from tests.convert.formats.helpers import make, picture, put


def listed(*elements):
    meta = {"dataset_type": "TextRecogDataset", "task_name": "textrecog"}
    return json.dumps({"metainfo": meta, "data_list": list(elements)}, ensure_ascii=False)


def test_both_generations_become_rows_with_the_splits_of_their_names(tmp_path):
    put(
        tmp_path / "d",
        {
            "imgs/a.png": picture(1),
            "imgs/b.png": picture(2),
            "textrecog_train.json": listed({"img_path": "imgs/a.png", "instances": [{"text": "간판"}]}),
            "textrecog_val.jsonl": '{"filename": "imgs/b.png", "text": "b c"}\n',
        },
    )
    made = make(tmp_path / "out", "mmocr", tmp_path / "d")
    assert made.splits == {"간판": "train", "b c": "validation"}
    assert made.image("간판") == picture(1)
    assert not made.reasons


def test_elements_that_are_no_samples_are_counted(tmp_path):
    put(
        tmp_path / "d",
        {
            "a.png": picture(1),
            "x_train.json": listed(
                {"img_path": "a.png", "instances": [{"text": "ok"}]},
                {"img_path": "a.png", "instances": [{"text": "1"}, {"text": "2"}]},
                {"img_path": "a.png", "instances": [{"text": "spotting", "bbox": [0, 0, 1, 1]}]},
                {"img_path": "../a.png", "instances": [{"text": "x"}]},
                {"img_path": "a.png", "instances": [{"text": 7}]},
                {"img_path": "a.png", "instances": [{}]},
                {"instances": [{"text": "x"}]},
                "nonsense",
            ),
            "y_train.jsonl": '{"filename": "gone.png", "text": "x"}\n{"broken\n["list"]\n',
            "config.json": '{"a": 1}',
            "cut.json": '{"data_list": [',
        },
    )
    made = make(tmp_path / "out", "mmocr", tmp_path / "d")
    assert [row["text"] for row in made.rows] == ["ok"]
    assert made.reasons == {
        "bad_line": 6,
        "unsafe_path": 1,
        "text_type": 1,
        "text_empty": 1,
        "missing_image": 1,
        "unknown_label": 1,
        "json_decode": 1,
    }


def test_a_root_is_where_the_paths_start(tmp_path):
    put(tmp_path / "d", {"ann/train.json": listed({"img_path": "a.png", "instances": [{"text": "x"}]})})
    put(tmp_path / "d", {"data/a.png": picture(1)})
    made = make(tmp_path / "out", "mmocr", tmp_path / "d", root=str(tmp_path / "d/data"))
    assert made.splits == {"x": "train"}


def test_lists_of_names_and_texts_are_read_whatever_divides_them(tmp_path):
    lines = '0.png some text\n1.png\ttab and space\n{"filename": "2.png", "text": "json"}\nalone\n'
    files = {f"{n}.png": picture(n) for n in range(3)}
    made = make(tmp_path / "out", "mmocr", put(tmp_path / "d", {"train_label.txt": lines, **files}))
    assert made.splits == dict.fromkeys(("some text", "tab and space", "json"), "train")
    assert made.reasons == {"bad_line": 1}
