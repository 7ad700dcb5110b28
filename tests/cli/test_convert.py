"""`ocrfactory convert aihub`, `detect`, `check-spec` as a user meets them: codes, words, what hostile data does."""

import json
import shutil
import sys
from collections import Counter

import pytest
from ocrfactory import read
from ocrfactory.cli import main
from ocrfactory.verify import verify

from tests.convert.labels import LABELS
from tests.deliveries.compare import ledger
from tests.deliveries.make import make_delivery
from tests.deliveries.small import annotation, label, pages, picture, write_files

SPEC = """\
name: mine
source: mine
lang: ko
match:
  - items: list
page:
  file: img
regions:
  each: items[]
  text: t
  box: {from: b, as: xywh}
  level: word
"""


class Result:
    """What a command said and how it ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """Run a command in this process, from an empty folder; an exception that no exit code has is a failure."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def command(*arguments):
        words = ["ocrfactory", "convert", *map(str, arguments)]
        if arguments[0] == "aihub" and "--executor" not in arguments:
            words += ["--executor", "serial"]
        monkeypatch.setattr(sys, "argv", words)
        capfd.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        found = capfd.readouterr()
        assert "Traceback" not in found.err
        for text in (found.out, found.err):
            assert not [char for char in text if char not in "\n\r" and not char.isprintable()]
        return Result(code, found.out, found.err)

    return command


def one_page(folder, *annotations, **files):
    """A delivery of one image; more files by name."""
    found = {"a.json": label(*annotations), "a.png": picture(), **files}
    return write_files(folder, {name: data for name, data in found.items() if data is not None})


def texts(out):
    return sorted(row["text"] for row in read.rows(out))


# What is said and written


@pytest.mark.parametrize("form", ["tree", "zip"])
def test_a_delivery_is_converted_and_everything_is_told_at_the_end(run, tmp_path, form):
    truth = make_delivery(tmp_path / "d", "105-new", images=3, quirks=["Q19-mark", "Q24-size"], form=form)
    result = run("aihub", tmp_path / "d", "--out", tmp_path / "out")
    assert result.code == 0, result.err
    assert texts(tmp_path / "out") == sorted(row.text for row in truth.rows)
    assert f"{truth.annotations} annotations = {len(truth.rows)} rows + {truth.rejects.total()} rejected" in result.out
    assert "illegible" in result.out
    assert "size_mismatch" in result.out
    assert str(tmp_path / "out/data") in result.out
    report = json.loads((tmp_path / "out/meta/report.json").read_text("utf-8"))
    (account,) = report["labels"].values()
    assert {reason: found["count"] for reason, found in account["reasons"].items()} == dict(truth.ledger)
    assert account["annotations"] == truth.annotations
    assert verify(tmp_path / "out").problems == ()


def test_rows_have_the_name_of_their_data_set_unless_another_is_given(run, tmp_path):
    folder = one_page(tmp_path / "d", annotation())
    assert run("aihub", folder, "--out", tmp_path / "a").code == 0
    assert next(read.rows(tmp_path / "a"))["id"] == "aihub-105/000000000"
    assert run("aihub", folder, "--out", tmp_path / "b", "--name", "mine").code == 0
    assert next(read.rows(tmp_path / "b"))["source"] == "mine"


def test_without_out_it_lies_under_outputs(run, tmp_path):
    assert run("aihub", one_page(tmp_path / "d", annotation())).code == 0
    assert (tmp_path / "here/outputs/aihub-105/manifest.json").exists()


def test_json_is_one_document(run, tmp_path):
    folder = one_page(tmp_path / "d", annotation(), annotation("xxx", id=2))
    result = run("aihub", folder, "--out", tmp_path / "out", "--json")
    facts = json.loads(result.out)
    assert facts["rows"] == 1
    assert facts["labels"]["aihub-105"]["reasons"]["illegible"]["count"] == 1


def test_a_dry_run_counts_and_writes_nothing(run, tmp_path):
    folder = one_page(tmp_path / "d", annotation(), annotation("나", id=2))
    result = run("aihub", folder, "--out", tmp_path / "out", "--dry-run")
    assert result.code == 0
    assert "2 rows" in result.out
    assert not (tmp_path / "out").exists()
    facts = json.loads(run("aihub", folder, "--dry-run", "--json").out)
    assert facts["rows"] == 2


def test_a_second_run_draws_nothing_again_and_another_option_is_refused(run, tmp_path):
    folder = one_page(tmp_path / "d", annotation())
    assert run("aihub", folder, "--out", tmp_path / "out").code == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out/data").iterdir()}
    assert run("aihub", folder, "--out", tmp_path / "out").code == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out/data").iterdir()} == before
    result = run("aihub", folder, "--out", tmp_path / "out", "--pad", "0.5")
    assert result.code == 6
    assert "pad" in result.err


# How strict


def test_rejects_do_not_fail_a_run_unless_it_is_strict(run, tmp_path):
    folder = one_page(tmp_path / "d", annotation(), annotation("xxx", id=2))
    assert run("aihub", folder, "--out", tmp_path / "out").code == 0
    result = run("aihub", folder, "--out", tmp_path / "strict", "--strict")
    assert result.code == 5
    assert "illegible" in result.err
    assert "1 rows" in result.out  # they are told all the same
    assert run("aihub", one_page(tmp_path / "clean", annotation()), "--out", tmp_path / "ok", "--strict").code == 0


def test_a_rate_of_rejects_may_be_allowed(run, tmp_path):
    folder = one_page(tmp_path / "d", annotation(), annotation("xxx", id=2))
    assert run("aihub", folder, "--out", tmp_path / "a", "--max-reject-rate", "0.4").code == 5
    assert run("aihub", folder, "--out", tmp_path / "b", "--max-reject-rate", "0.5").code == 0


# Bad usage, bad input


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--strict", "--max-reject-rate", "0.5"], 2, "--strict"),
        (["--dataset", "no-such"], 4, "outdoor-105"),
        (["--dataset", "81"], 4, "fonts-81"),
        (["--dataset", "105", "--spec", "{spec}"], 2, "take one of them"),
        (["--spec", "no-such.yaml"], 4, "no-such.yaml"),
        (["--level", "wrd"], 2, "--level"),
        (["--level", "char"], 4, "there are word (1)"),
        (["--join", "page"], 2, "--join"),
        (["--turn", "left"], 2, "--turn"),
        (["--pad", "9"], 2, "--pad"),
        (["--pad", "nan"], 2, "pad"),
        (["--rotate-tall", "0.5"], 2, "--rotate-tall"),
        (["--format", "gif"], 2, "--format"),
        (["--name", "Über uns"], 2, "--name"),
        (["--recipe", "no-such"], 4, "no-such"),
        (["--executor", "ray9"], 2, "--executor"),
        (["--progress", "loud"], 2, "--progress"),
        (["--limit", "0"], 2, "--limit"),
    ],
)
def test_a_bad_option_has_its_exit_code_names_the_culprit_and_leaves_nothing(run, tmp_path, arguments, code, words):
    folder = one_page(tmp_path / "d", annotation())
    (tmp_path / "s.yaml").write_text(SPEC)
    arguments = [argument.format(spec=tmp_path / "s.yaml") for argument in arguments]
    result = run("aihub", folder, "--out", tmp_path / "out", *arguments)
    assert result.code == code, result.err
    assert words in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (None, "No such file"),
        ({}, "no annotation"),
        ({"notes.txt": b"x"}, "no annotation"),
        ({"a.png": picture()}, "label"),
        ({"a.zip.part0": b"x", "a.zip.part1": b"x"}, "sort -V"),
        ({"a.zip": b""}, "download"),
        ({"a.json": b'{"x": 1}'}, "a.json"),
    ],
)
def test_a_folder_that_gives_no_row_is_an_error_that_says_why(run, tmp_path, files, words):
    folder = tmp_path / "d"
    if files is not None:
        folder.mkdir()
        write_files(folder, files)
    result = run("aihub", folder, "--out", tmp_path / "out")
    assert result.code == 4, result.out
    assert words in result.err


def test_a_label_that_may_be_several_data_sets_is_refused_with_the_scores(run, tmp_path):
    folder = one_page(tmp_path / "d")
    result = run("aihub", folder, "--out", tmp_path / "out")
    assert result.code == 4
    assert "cannot be told with certainty" in result.err
    assert "outdoor-105 70" in result.err
    assert "--dataset" in result.err


def test_a_label_that_is_too_little_like_any_is_converted_where_its_data_set_is_said(run, tmp_path):
    value = {"images": [{"id": 1, "file_name": "a.png"}]}
    value["annotations"] = [{"id": 1, "image_id": 1, "text": "가", "bbox": [1, 1, 9, 9]}]
    folder = write_files(tmp_path / "d", {"a.json": json.dumps(value).encode(), "a.png": picture()})
    result = run("aihub", folder, "--out", tmp_path / "out")
    assert result.code == 4
    assert "--dataset" in result.err
    assert run("aihub", folder, "--out", tmp_path / "out", "--dataset", "outdoor-105").code == 0
    assert texts(tmp_path / "out") == ["가"]


def test_a_full_disk_is_told_before_the_start_with_its_own_exit_code(run, tmp_path, monkeypatch):
    folder = one_page(tmp_path / "d", annotation())
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 0))
    result = run("aihub", folder, "--out", tmp_path / "out")
    assert result.code == 7
    assert "are free" in result.err


def test_an_output_that_is_somebody_elses_is_left_alone(run, tmp_path):
    folder = one_page(tmp_path / "d", annotation())
    before = sorted(path.name for path in folder.iterdir())
    assert run("aihub", folder, "--out", folder).code == 6
    assert sorted(path.name for path in folder.iterdir()) == before


# Options that change crops


def test_crops_are_padded_turned_straightened_and_joined_where_that_is_asked_for(run, tmp_path):
    words = [annotation("가", (5, 5, 10, 30)), annotation("나", (20, 5, 10, 30), 2)]
    folder = one_page(tmp_path / "d", *words)

    def made(name, *options):
        assert run("aihub", folder, "--out", tmp_path / name, *options).code == 0
        return [
            (row["text"], row["width"], row["height"], json.loads(row["attrs"])) for row in read.rows(tmp_path / name)
        ]

    assert {row[1:3] for row in made("plain")} == {(10, 30)}
    assert {row[1:3] for row in made("pad", "--pad", "0.2")} == {(14, 34)}
    turned = made("turned", "--rotate-tall", "1.5", "--turn", "cw")
    assert {row[1:3] for row in turned} == {(30, 10)}
    assert turned[0][3]["rotated"] == "cw"
    assert [row[:3] for row in made("joined", "--join", "line")] == [("가 나", 25, 30)]


def test_four_points_are_straightened_where_that_is_asked_for(run, tmp_path):
    value = json.loads(json.dumps(LABELS["multilingual-71730"]))
    value["Annotation"] = [{"text": "카페", "polygon_points": [[10, 20], [50, 10], [55, 30], [15, 40]]}]
    folder = write_files(
        tmp_path / "d", {"a.json": json.dumps(value).encode(), "OCR_KE_Z1_1.jpeg": picture(640, 480, format="JPEG")}
    )
    assert run("aihub", folder, "--out", tmp_path / "plain").code == 0
    assert run("aihub", folder, "--out", tmp_path / "warp", "--warp").code == 0
    (plain,), (warped,) = (list(read.rows(tmp_path / name)) for name in ("plain", "warp"))
    assert (plain["width"], plain["height"]) == (45, 30)
    assert abs(warped["height"] - 21) <= 1
    assert json.loads(warped["attrs"])["warped"] is True
    assert warped["polygon"] == plain["polygon"]


# Hostile deliveries


def test_control_characters_in_names_and_texts_never_reach_the_terminal(run, tmp_path):
    """`run` looks for them in all that is said."""
    evil = "a\x1b[31m\x07\x9b31m\u202e"
    files = {
        f"{evil}.json": label(annotation("가\x1b[2J"), image=f"{evil}.png"),
        f"{evil}.png": picture(),
        f"lost{evil}.png": picture(),
        f"{evil}.zip": b"",
        f"bad{evil}.json": b"{",
    }
    folder = write_files(tmp_path / f"d{evil}", files)
    for arguments in (["--out", tmp_path / "out"], ["--out", tmp_path / "x", "--strict"], ["--dry-run"]):
        run("aihub", folder, *arguments)
    run("detect", folder)
    run("aihub", tmp_path / f"gone{evil}")
    assert ledger(tmp_path / "out") == Counter(text_invalid=1, missing_label=1, bad_zip=1, json_decode=1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "json_decode"),
        (b"{", "json_decode"),
        (b"[" * 100_000, "json_decode"),
        (b'{"annotations":' * 5000, "json_decode"),
        (b"\xb0\xa1\xff\xfe\x80" * 50, "json_decode"),
        (b"\0" * 100, "json_decode"),
        (b"\xef\xbb\xbf", "json_decode"),
        (b"9" * 10_000, "json_decode"),
        (b"null", "unknown_label"),
        (b"[]", "unknown_label"),
        (b'"text"', "unknown_label"),
        (b"\x1f\x8b\x08\x00", "json_decode"),
    ],
)
def test_a_label_that_is_none_is_one_reject_and_the_others_are_converted(run, tmp_path, data, reason):
    folder = one_page(tmp_path / "d", annotation(), **{"bad.json": data})
    result = run("aihub", folder, "--out", tmp_path / "out")
    assert result.code == 0, result.err
    assert ledger(tmp_path / "out") == {reason: 1}
    assert "bad.json" in result.out
    assert texts(tmp_path / "out") == ["가나"]


@pytest.mark.parametrize("data", [b'{"editor.fontSize": 3}', b'[{"a": 1}]', b'{"name": "app", "version": "1"}', b"{}"])
def test_a_stray_json_that_has_nothing_of_a_label_does_not_stop_a_delivery(run, tmp_path, data):
    folder = one_page(tmp_path / "d", annotation(), **{"settings.json": data})
    result = run("aihub", folder, "--out", tmp_path / "out")
    assert result.code == 0, result.err
    assert ledger(tmp_path / "out") == {"unknown_label": 1}


def test_a_page_without_annotations_does_not_stop_a_delivery(run, tmp_path):
    """It fits several data sets; the labels beside it tell which one this is."""
    files = {"b.json": label(image="b.png"), "b.png": picture(seed=1)}
    folder = one_page(tmp_path / "d", annotation(), **files)
    result = run("aihub", folder, "--out", tmp_path / "out")
    assert result.code == 0, result.err
    assert texts(tmp_path / "out") == ["가나"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949", "utf-16"])
def test_labels_in_other_encodings_are_read(run, tmp_path, encoding):
    data = label(annotation("뷁어")).decode().encode(encoding)
    assert run("aihub", one_page(tmp_path / "d", **{"a.json": data}), "--out", tmp_path / "out").code == 0
    assert texts(tmp_path / "out") == ["뷁어"]


@pytest.mark.parametrize(
    "bad",
    [
        {}, {"text": 5}, {"text": ["가"]}, {"text": {"a": 1}}, {"bbox": "abc"}, {"bbox": [1, 2]}, {"bbox": [None] * 4},
        {"bbox": {"x": 1}}, {"bbox": [[1, 2], [3, 4]]}, {"bbox": ["1", "x", 3, 4]}, {"bbox": [True] * 4},
        {"image_id": "zz"}, {"image_id": [1]}, {"image_id": None}, {"id": {"a": 1}}, {"id": None}, {"text": None},
        {"bbox": [1e999, 0, 1, 1]}, {"text": "\0"}, {"bbox": [0, 0, -5, 5]}, {"bbox": [1000, 1000, 5, 5]},
    ],
)  # fmt: skip
def test_one_bad_annotation_costs_no_other(run, tmp_path, bad):
    folder = one_page(
        tmp_path / "d", annotation(), {**annotation("나", id=2), **bad} if bad else bad, annotation("다", id=3)
    )
    result = run("aihub", folder, "--out", tmp_path / "out", "--dataset", "outdoor-105")
    assert result.code == 0, result.err
    assert {"가나", "다"} <= set(texts(tmp_path / "out"))
    assert len(texts(tmp_path / "out")) + sum(ledger(tmp_path / "out").values()) == 3


@pytest.mark.parametrize("value", [5, "x", None, [], {}, [1], ["x", None], {"a": 1}])
@pytest.mark.parametrize("key", ["images", "annotations", "metadata"])
def test_a_key_of_another_kind_is_no_crash(run, tmp_path, key, value):
    data = {**json.loads(label(annotation())), key: value}
    folder = one_page(tmp_path / "d", **{"a.json": json.dumps(data).encode()})
    for dataset in ([], ["--dataset", "outdoor-105"]):
        result = run("aihub", folder, "--out", tmp_path / f"out{len(dataset)}", *dataset)
        assert result.code in (0, 4, 5), result.err
        assert result.err or result.out


def test_one_bad_among_a_hundred_thousand_annotations_is_one_reject(tmp_path):
    from ocrfactory.convert.scene import Scenes
    from ocrfactory.sources.aihub import Aihub
    from ocrfactory.sources.source import Context

    words = [annotation(f"말{n}", (n % 40, n % 20, 10, 10), n) for n in range(100_000)]
    words[77_777]["bbox"] = [1, 2, None, "x"]
    folder = one_page(tmp_path / "d", *words)
    found, _, _ = Aihub(paths=(str(folder),)).gather(Context())
    rejects = [item.reject for scene in Scenes(found.packed) for item in scene.items if item.reject]
    assert [(reason, "77777" in detail) for reason, detail in rejects] == [("bbox_type", True)]
    assert found.tally["annotations"] == 100_000
    assert found.selected.all()


def test_two_folders_of_one_release_lose_nothing(run, tmp_path):
    """The same names in both, zipped, and of the same sizes."""
    import zipfile

    for name, text in (("Training", "가"), ("Validation", "나")):
        (tmp_path / name).mkdir()
        with zipfile.ZipFile(tmp_path / name / "x.zip", "w") as made:
            made.writestr("a.json", label(annotation(text)))
            made.writestr("a.png", picture())
    assert run("aihub", tmp_path / "Training", tmp_path / "Validation", "--out", tmp_path / "out").code == 0
    assert texts(tmp_path / "out") == ["가", "나"]


# detect, check-spec


def test_detect_says_the_data_set_with_its_scores_and_converts_nothing(run, tmp_path):
    folder = one_page(tmp_path / "d", annotation())
    result = run("detect", folder)
    assert result.code == 0
    assert "aihub-105" in result.out
    assert "outdoor-105" in result.out
    assert "1 labels, 1 images" in result.out
    facts = json.loads(run("detect", folder, "--json").out)
    assert facts["groups"][0]["chosen"] == "outdoor-105"
    assert facts["groups"][0]["scores"][0]["points"] >= 60
    assert not list((tmp_path / "here").iterdir())


@pytest.mark.parametrize(
    "family", ["fonts-81", "wild-81", "public-88", "handwriting-605", "papers-632", "classics-603", "drawings-239"]
)
def test_detect_knows_each_data_set_by_a_label_alone(run, tmp_path, family):
    folder = write_files(tmp_path / "d", {"x.json": json.dumps(LABELS[family], ensure_ascii=False).encode()})
    facts = json.loads(run("detect", folder, "--json").out)
    assert [group["chosen"] for group in facts["groups"]] == [family]


def test_detect_tells_what_is_broken_and_fails_where_a_label_cannot_be_told(run, tmp_path):
    folder = write_files(tmp_path / "d", {"a.json": b"{", "b.zip": b"", "c.json": b'{"x": 1}'})
    result = run("detect", folder)
    assert result.code == 4
    assert "bad_zip" in result.out
    assert "unsure" in result.out
    assert run("detect", write_files(tmp_path / "e", {"x.png": b""})).code == 4
    assert run("detect", tmp_path / "gone").code == 4


def test_a_data_set_of_ones_own_is_read_by_a_spec(run, tmp_path):
    (tmp_path / "s.yaml").write_text(SPEC)
    value = {"img": "a.png", "items": [{"t": "가", "b": [1, 1, 9, 9]}, {"t": "", "b": [1, 1, 9, 9]}]}
    folder = write_files(tmp_path / "d", {"a.json": json.dumps(value).encode(), "a.png": picture()})
    result = run("aihub", folder, "--spec", tmp_path / "s.yaml", "--out", tmp_path / "out")
    assert result.code == 0, result.err
    assert next(read.rows(tmp_path / "out"))["source"] == "mine"
    assert "text_empty" in result.out
    checked = run("check-spec", tmp_path / "s.yaml", "--label", folder / "a.json")
    assert checked.code == 0
    assert "1 pages, 2 annotations" in checked.out


def test_every_mistake_of_a_spec_has_its_place(run, tmp_path):
    (tmp_path / "s.yaml").write_text(SPEC.replace("as: xywh", "as: xywhh").replace("level: word", "levl: word"))
    for arguments in (["check-spec", tmp_path / "s.yaml"], ["aihub", tmp_path, "--spec", tmp_path / "s.yaml"]):
        result = run(*arguments)
        assert result.code == 3
        assert "s.yaml:11:" in result.err
        assert "s.yaml:12:" in result.err


@pytest.mark.parametrize("text", ["", "- 1", "{", "a: &a [*a]", "\0", "name: 5", "x" * 100_000, "{a: " * 500])
def test_what_is_no_spec_is_refused_in_words(run, tmp_path, text):
    (tmp_path / "s.yaml").write_text(text)
    result = run("check-spec", tmp_path / "s.yaml")
    assert result.code in (3, 4)
    assert "s.yaml" in result.err


@pytest.mark.parametrize("data", [None, b"{", b"[" * 5000, b'"x"', b"{}", b'{"img": 5, "items": {"t": 1}}'])
def test_trying_a_spec_on_a_label_that_is_none_is_no_crash(run, tmp_path, data):
    (tmp_path / "s.yaml").write_text(SPEC)
    if data is not None:
        (tmp_path / "a.json").write_bytes(data)
    result = run("check-spec", tmp_path / "s.yaml", "--label", tmp_path / "a.json")
    assert result.code in (0, 4)


def test_many_pages_are_converted_by_two_processes(run, tmp_path):
    folder = write_files(tmp_path / "d", pages(20))
    assert run("aihub", folder, "--out", tmp_path / "out", "--executor", "processes", "--workers", "2").code == 0
    assert len(texts(tmp_path / "out")) == 60


def test_rows_of_a_data_set_that_a_spec_describes_are_not_licensed_as_aihubs(run, tmp_path):
    spec = (
        "name: mine\nmatch:\n  - items: list\npage:\n  file: img\n"
        "regions:\n  each: items[]\n  text: t\n  box: {from: b, as: xywh}\n"
    )
    folder = write_files(
        tmp_path / "d", {"a.json": b'{"img": "a.png", "items": [{"t": "x", "b": [1, 1, 9, 9]}]}', "a.png": picture()}
    )
    for words, licence in (("", "LicenseRef-unknown"), ("license: CC-BY-4.0\n", "CC-BY-4.0")):
        (tmp_path / "s.yaml").write_text(spec + words)
        out = tmp_path / (licence + "-out")
        assert run("aihub", folder, "--spec", tmp_path / "s.yaml", "--out", out).code == 0
        (row,) = read.rows(out)
        assert row["license"] == licence
        assert "redistribute" not in (out / "README.md").read_text("utf-8")


def test_a_named_data_set_that_the_labels_contradict_is_told(run, tmp_path):
    make_delivery(tmp_path / "d", "605", images=2)
    result = run("aihub", tmp_path / "d", "--dataset", "71299", "--out", tmp_path / "out")
    assert "look like handwriting-605, not like documents-71299" in result.err


def test_rows_of_several_data_sets_say_which(run, tmp_path):
    make_delivery(tmp_path / "d/a", "605", images=2)
    make_delivery(tmp_path / "d/b", "105-new", images=2)
    assert run("aihub", tmp_path / "d", "--out", tmp_path / "out").code == 0
    assert {json.loads(row["attrs"])["dataset"] for row in read.rows(tmp_path / "out")} == {"aihub-605", "aihub-105"}


def test_a_label_that_merely_resembles_some_is_counted_beside_those_that_are_certain(run, tmp_path):
    make_delivery(tmp_path / "d", "239", images=2)
    other = {
        "images": [{"id": 1, "file_name": "x.png"}],
        "annotations": [{"id": 1, "image_id": 1, "bbox": [1, 1, 2, 2]}],
    }
    write_files(tmp_path / "d", {"TL_OBJ/other.json": json.dumps(other).encode()})
    result = run("aihub", tmp_path / "d", "--out", tmp_path / "out")
    assert result.code == 0, result.err
    assert ledger(tmp_path / "out")["unknown_label"] == 1
