"""`ocrfactory fonts coverage` and `audit` as a user meets them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ocrfactory.errors import CharsetError, FontError, OcrFactoryError, OutputError
from typer.testing import CliRunner, Result

from tests.makers import make_font, make_ttc

OFL = "This Font Software is licensed under the SIL Open Font License, Version 1.1."


def run(*arguments: object) -> Result:
    from ocrfactory.cli.main import app

    return CliRunner().invoke(app, ["fonts", *map(str, arguments)])


def fine(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.exception
    return result.stdout


def failed(kind: type[OcrFactoryError], *arguments: object) -> OcrFactoryError:
    error = run(*arguments).exception
    assert isinstance(error, kind), error
    return error


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    make_font(folder / "good.ttf", "一丁七A", licence=OFL)
    make_font(folder / "liar.ttf", "一", blanks="丁", notdef_like="七")
    return folder


@pytest.fixture(scope="module")
def good(folder: Path) -> Path:
    return folder / "good.ttf"


@pytest.fixture(scope="module")
def liar(folder: Path) -> Path:
    return folder / "liar.ttf"


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("charsets") / "few.txt"
    path.write_text("一\n丁\n七\n龜\n一丁\n葛\U000e0100\n", encoding="utf-8")
    return path


def test_coverage_counts_holes_by_reason_and_names_what_nobody_draws(good: Path, liar: Path, classes: Path) -> None:
    head, first, second, last = fine("coverage", good, "--font", liar, "--charset", classes).splitlines()
    assert head.split() == ["face", "charset", "drawn", "holes", "unmapped", "blank", "notdef"]
    assert first.split() == ["good", str(classes), "4", "2", "2", "0", "0"]
    assert second.split() == ["liar", str(classes), "1", "5", "2", "2", "1"]
    assert last == f"{classes}: no face draws 2 of 6 classes: 龜 (U+9F9C), 葛\U000e0100 (U+845B U+E0100)"


def test_coverage_of_several_charsets_is_a_matrix_of_counts(good: Path, liar: Path) -> None:
    lines = fine("coverage", good, liar, "-c", "U+4E00+U+4E01", "-c", "U+4E00").splitlines()
    rows = [tuple(line.split()[:4]) for line in lines[1:5]]
    assert rows == [
        ("good", "U+4E00+U+4E01", "2", "0"),
        ("good", "U+4E00", "1", "0"),
        ("liar", "U+4E00+U+4E01", "1", "1"),
        ("liar", "U+4E00", "1", "0"),
    ]
    assert lines[5:] == [
        "U+4E00+U+4E01: every one of 2 classes is drawn by at least one face",
        "U+4E00: every one of 1 classes is drawn by at least one face",
    ]


def test_coverage_names_some_and_counts_the_rest(good: Path) -> None:
    assert fine("coverage", good, "-c", "kana").splitlines()[-1].endswith(" and 156 more")


def test_coverage_as_json_is_one_document_with_every_class_that_nobody_draws(
    good: Path, liar: Path, classes: Path
) -> None:
    facts = json.loads(fine("coverage", good, liar, "-c", classes, "--json"))
    assert facts["charsets"][0]["undrawn"] == ["龜", "葛\U000e0100"]
    assert facts["faces"][1] == {
        "face": "liar",
        "charset": str(classes),
        "drawn": 1,
        "holes": 5,
        "reasons": {"unmapped": 2, "blank": 2, "notdef": 1},
    }
    assert facts["quarantined"] == []


def test_coverage_as_csv_holds_every_class_and_every_face(
    good: Path, liar: Path, classes: Path, tmp_path: Path
) -> None:
    out = tmp_path / "matrix.csv"
    out.write_text("old")
    fine("coverage", good, liar, "-c", classes, "-c", "U+002C", "--csv", out)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["class", "codepoints", "good", "liar"],
        ["一", "U+4E00", "drawn", "drawn"],
        ["丁", "U+4E01", "drawn", "blank"],
        ["七", "U+4E03", "drawn", "notdef"],
        ["龜", "U+9F9C", "unmapped", "unmapped"],
        ["一丁", "U+4E00 U+4E01", "drawn", "blank"],
        ["葛\U000e0100", "U+845B U+E0100", "unmapped", "unmapped"],
        [",", "U+002C", "unmapped", "unmapped"],
    ]
    assert list(tmp_path.iterdir()) == [out]


def test_a_csv_that_cannot_be_written_is_an_error_that_leaves_nothing(good: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    error = failed(OutputError, "coverage", good, "-c", "U+4E00", "--csv", tmp_path / "taken")
    assert "taken" in error.message
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    failed(OutputError, "coverage", good, "-c", "U+4E00", "--csv", tmp_path / "none/x.csv")


def test_coverage_needs_a_font_and_a_charset(good: Path) -> None:
    assert "no font was given" in failed(FontError, "coverage", "-c", "kana").message
    assert "--charset" in str(failed(CharsetError, "coverage", good).cure)
    assert "kanna" in failed(CharsetError, "coverage", good, "-c", "kanna").message


def test_a_pack_brings_its_own_charset(folder: Path, tmp_path: Path) -> None:
    from hashlib import sha256

    digest = sha256((folder / "good.ttf").read_bytes()).hexdigest()
    pack = tmp_path / "mine.yaml"
    pack.write_text(
        "name: mine\ntitle: Mine\nlocale: tw\nlang: zh-Hant\ncharset: U+4E00..U+4E03\npackages: {}\nfaces:\n"
        "  - {id: mine-a, family: Test, style: kai, need: core, licence: OFL-1.1, attribution: me,\n"
        f"     files: [{{file: good.ttf, face: 0, sha256: [{digest}]}}]}}\n"
    )
    lines = fine("coverage", pack, "--font-dir", folder).splitlines()
    assert lines[1].split() == ["mine-a", "U+4E00..U+4E03", "3", "1", "1"]
    assert "licence: OFL-1.1" in fine("audit", pack, "--font-dir", folder, "--licence")


def test_audit_tells_what_a_font_maps_and_does_not_draw(good: Path, liar: Path) -> None:
    said = fine("audit", good, liar).splitlines()
    assert said == [
        f"good  {good} face 0",
        "  mapped 4, drawn 4, variation sequences 0",
        "  licence: OFL-1.1; embedding: free",
        "  verdict: usable; it draws all that it maps",
        f"liar  {liar} face 0",
        "  mapped 3, drawn 1, variation sequences 0",
        "  blank 1: URO 1",
        "  notdef 1: URO 1",
        "  licence: LicenseRef-unknown; embedding: free",
        "  verdict: usable; it maps 2 code points that it does not draw",
    ]


def test_a_font_of_unknown_licence_is_refused_only_where_that_was_asked_for(good: Path, liar: Path) -> None:
    fine("audit", good, "--licence")
    error = failed(FontError, "audit", good, liar, "--licence")
    assert (error.exit_code, error.message) == (4, "liar: the licence is unknown")
    assert "--allow-unknown" in str(error.cure)
    fine("audit", good, liar, "--licence", "--allow-unknown")


def test_a_proprietary_font_is_refused_where_licences_count(tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", "一", licence="All rights reserved.")
    assert failed(FontError, "audit", path, "--licence").message == "f: the licence is proprietary"
    assert "licence: proprietary" in fine("audit", path)


def test_a_font_that_may_not_be_embedded_is_refused_always(tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", "一", fs_type=2, licence=OFL)
    result = run("audit", path)
    assert "verdict: refused: embedding is restricted" in result.stdout
    assert isinstance(result.exception, FontError)


def test_a_broken_file_among_good_ones_is_named_and_the_good_ones_audited(good: Path, tmp_path: Path) -> None:
    for name, size in (("a.ttf", 9999), ("cut.ttf", 200), ("z.ttf", 9999)):
        (tmp_path / name).write_bytes(good.read_bytes()[:size])
    result = run("audit", tmp_path, tmp_path / "none.ttf", good, "--json")
    assert isinstance(result.exception, FontError)
    assert "cut.ttf" in result.exception.message
    assert "none.ttf" in result.exception.message
    document = json.loads(result.stdout)
    assert [face["path"] for face in document["faces"]] == [str(tmp_path / "a.ttf"), str(tmp_path / "z.ttf"), str(good)]
    assert [face["refused"] for face in document["faces"]] == [[], [], []]
    assert len(document["unreadable"]) == 2


def test_a_font_that_only_its_examination_finds_broken_is_quarantined(good: Path, tmp_path: Path) -> None:
    data = good.read_bytes()
    place = data.index(b"glyf")
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(data[: place + 8] + b"\x7f\xff\xff\xff" + data[place + 12 :])  # a table beyond the end
    result = run("audit", broken, good)
    assert "verdict: refused:" in result.stdout
    assert "verdict: usable" in result.stdout
    assert isinstance(result.exception, FontError)
    assert "cut short: table 'glyf'" in result.exception.message


def test_every_face_of_a_collection_is_audited(good: Path, liar: Path, tmp_path: Path) -> None:
    said = fine("audit", make_ttc(tmp_path / "c.ttc", [good, liar]))
    assert said.count("verdict:") == 2


def test_an_empty_folder_and_an_unknown_word_are_errors(tmp_path: Path) -> None:
    assert "no font in this folder" in failed(FontError, "audit", tmp_path).message
    error = failed(FontError, "audit", "tcx")
    assert "tcx" in error.message
    assert "fonts list" in str(error.cure)


def test_the_exit_code_is_4_and_the_terminal_may_be_ascii(liar: Path, classes: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    command = [sys.executable, "-m", "ocrfactory", "fonts"]
    audit = subprocess.run([*command, "audit", liar, "--licence"], capture_output=True, env=environment, check=False)
    assert audit.returncode == 4
    assert audit.stderr.decode().splitlines()[0] == "error: liar: the licence is unknown"
    coverage = subprocess.run(
        [*command, "coverage", liar, "-c", classes], capture_output=True, env=environment, check=True
    )
    assert "龜" in coverage.stdout.decode()
