import json
import subprocess
import sys
from pathlib import Path

import pytest
from ocrfactory.charset import NAMED
from ocrfactory.cli.charset import app
from ocrfactory.errors import CharsetError, OutputError
from typer.testing import CliRunner

run = CliRunner().invoke


def test_list_shows_every_built_in_set_with_its_size() -> None:
    lines = run(app, ["list"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(NAMED)
    assert "17,380" in next(line for line in lines if line.startswith("tcc17380"))


def test_show_prints_one_class_a_line() -> None:
    assert run(app, ["show", "digits&U+0030..U+0031"]).stdout == "0\n1\n"


def test_show_spells_code_points() -> None:
    assert run(app, ["show", "U+20000", "--codepoints"]).stdout == "U+20000\n"


def test_show_gives_json() -> None:
    value = json.loads(run(app, ["show", "kana", "--json"]).stdout)
    assert (value["name"], len(value["classes"]), value["duplicates"]) == ("kana", 176, 0)


def test_show_writes_a_file_that_is_the_same_set_again(tmp_path: Path) -> None:
    out = tmp_path / "my.txt"
    result = run(app, ["show", "ksx1001-hangul+digits", "--out", str(out)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "2,360 classes" in result.stderr
    again = json.loads(run(app, ["show", str(out), "--json"]).stdout)
    assert again["sha256"] == json.loads(run(app, ["show", "ksx1001-hangul+digits", "--json"]).stdout)["sha256"]


def test_show_into_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    assert isinstance(run(app, ["show", "digits", "--out", str(tmp_path / "no" / "my.txt")]).exception, OutputError)


def test_check_reports_and_succeeds_where_a_list_is_odd_but_usable(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("가\n가\n\uf914\n", encoding="utf-8")
    result = run(app, ["check", str(tmp_path / "a.txt")])
    assert result.exit_code == 0
    assert "duplicate: 1" in result.stdout
    assert "line 3: \uf914 U+F914 becomes 樂 U+6A02" in result.stdout


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_check_exits_with_4_where_an_entry_cannot_be_a_class(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xed\xa1\x80\n")
    result = run(app, ["check", str(tmp_path / "a.txt"), *options])
    assert result.exit_code == 4
    assert "lone_surrogate" in result.stdout


def test_check_gives_json() -> None:
    assert json.loads(run(app, ["check", "big5", "--json"]).stdout)["findings"]["nfc_unstable"]["count"] == 2


def test_a_slip_of_the_user_reaches_the_entry_point_as_an_error_with_a_cure() -> None:
    error = run(app, ["show", "kanna"]).exception
    assert isinstance(error, CharsetError)
    assert "did you mean kana?" in str(error.cure)


def test_importing_the_command_imports_no_charset_code() -> None:
    code = "import sys, ocrfactory.cli.charset; print([m for m in sys.modules if m.startswith('ocrfactory.charset')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
