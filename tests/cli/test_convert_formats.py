"""`ocrfactory convert FORMAT`: the options reach the sources."""

import json

import pytest
from ocrfactory import read
from ocrfactory.cli import convert, convert_formats
from ocrfactory.cli.main import app
from typer.testing import CliRunner

from tests.convert.formats import test_hf, test_lmdb
from tests.convert.formats.helpers import picture, put

if not any(command.name == "paddle" for command in convert.app.registered_commands):
    convert_formats.add_to(convert.app)


def run(*words):
    return CliRunner().invoke(app, ["convert", *map(str, words), "--executor", "serial", "--progress", "none"])


def rows(folder, *words):
    result = run(*words, "--out", folder)
    assert result.exit_code == 0, result.output + str(result.exception)
    return {row["text"]: row for row in read.rows(folder)}


def test_every_format_has_a_command_that_converts(tmp_path):
    d = tmp_path / "d"
    put(d / "paddle", {"rec_gt_train.txt": "a.png\tpaddle\n"})
    put(d / "mmocr", {"train.jsonl": '{"filename": "a.png", "text": "mmocr"}\n'})
    put(d / "folder", {"metadata.csv": "file_name,words\na.png,folder\n"})
    put(d / "trdg", {"labels.txt": "a.png trdg\n"})
    put(d / "latex", {"gt.txt": "a.png\tx ^ 2\n"})
    annotation = {"image_id": 1, "bbox": [0, 0, 9, 9], "text": "coco"}
    label = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": [annotation]}
    put(d / "coco", {"train.json": json.dumps(label)})
    for name in ("paddle", "mmocr", "folder", "trdg", "latex", "coco"):
        put(d / name, {"a.png": picture(1)})
    test_lmdb.write(d / "lmdb", [(1, picture(1), "lmdb")])
    test_hf.write(d / "hf/train.parquet", [(picture(1), None)], ["hf"])
    more = {"folder": ["--text-column", "words"], "latex": ["--as-written"], "coco": ["--pad", "0.1"]}
    for command in convert_formats.COMMANDS:
        name = command.__name__
        text = {"latex": "x ^ 2"}.get(name, name)
        found = rows(tmp_path / "out" / name, name, d / name, *more.get(name, ()), "--license", "MIT", "--lang", "ko")
        assert [*found] == [text]
        assert (found[text]["license"], found[text]["lang"], found[text]["source"]) == ("MIT", "ko", name)


@pytest.mark.parametrize(("words", "kind"), [((), "line"), (("--level", "word"), "word")])
def test_the_level_says_what_the_rows_are(tmp_path, words, kind):
    put(tmp_path / "d", {"rec_gt_train.txt": "a.png\tx\n", "a.png": picture(1)})
    assert rows(tmp_path / "out", "paddle", tmp_path / "d", *words)["x"]["kind"] == kind


def test_rejects_fail_a_run_only_when_it_is_strict(tmp_path):
    put(tmp_path / "d", {"rec_gt_train.txt": "a.png\tx\nb.png\ty\n", "a.png": picture(1)})
    assert run("paddle", tmp_path / "d", "--out", tmp_path / "1").exit_code == 0
    assert run("paddle", tmp_path / "d", "--out", tmp_path / "2", "--strict").exit_code != 0


def test_a_value_that_does_not_exist_is_refused(tmp_path):
    result = run("trdg", put(tmp_path / "d", {"a_0.png": picture(1)}), "--names", "whatever", "--out", tmp_path / "out")
    assert "--names 'whatever'" in str(result.exception)
