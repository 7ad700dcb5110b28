"""The command line as a user meets it: exit codes, messages, and what is left on the disk."""

import json
import re
import subprocess
import sys
import time

import pytest
from ocrfactory import read
from ocrfactory.verify import verify
from typer.testing import CliRunner

from tests.conftest import HAN


def run(*arguments, **environment):
    import os

    return subprocess.run(
        [sys.executable, "-m", "ocrfactory", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture(scope="module")
def rendered(tmp_path_factory, font, charset):
    out = tmp_path_factory.mktemp("rendered") / "out"
    return out, run("render", "--font", font, "--charset", charset, "--per-class", 2, "--out", out)


def test_render_says_what_it_made_where_it_is_and_what_the_font_lacks(rendered):
    out, result = rendered
    assert result.returncode == 0, result.stderr
    assert f"{len(HAN) * 2} rows" in result.stdout
    assert str(out / "data") in result.stdout
    assert str(out / "preview.png") in result.stdout
    assert "U+9F9C" in result.stdout
    assert verify(out).problems == ()
    report = json.loads((out / "meta/report.json").read_text("utf-8"))
    assert report["undrawn"] == ["龜"]
    assert report["rows"] == len(HAN) * 2


def test_the_preview_is_a_picture_with_ink(rendered):
    from PIL import Image

    with Image.open(rendered[0] / "preview.png") as sheet:
        assert sheet.width > 300
        assert len(sheet.convert("L").getcolors(256)) > 4


def test_json_is_one_document_on_stdout(tmp_path, font, charset):
    result = run("render", "-f", font, "-c", charset, "-o", tmp_path / "out", "--json")
    facts = json.loads(result.stdout)
    assert facts["rows"] == len(HAN)
    assert facts["complete"] is True


def test_a_dry_run_prints_the_plan_and_writes_nothing(tmp_path, font, charset):
    result = run("render", "-f", font, "-c", charset, "-o", tmp_path / "out", "--dry-run", "--per-class", 3)
    assert result.returncode == 0
    assert f"{len(HAN) * 3} rows" in result.stdout
    assert "1 holes" in result.stdout
    assert not (tmp_path / "out").exists()
    facts = json.loads(run("render", "-f", font, "-c", charset, "--dry-run", "--json").stdout)
    assert facts["classes_undrawn"] == ["龜"]
    assert facts["parts"]["glyphs"]["faces"]["tiny"] == {"rows": len(HAN), "holes": 1}


def test_build_and_verify_a_recipe_whose_paths_are_relative_to_it(tmp_path, font, charset):
    import shutil

    shutil.copy(font, tmp_path / "f.ttf")
    shutil.copy(charset, tmp_path / "c.txt")
    (tmp_path / "r.yaml").write_text(
        f"name: mine\nparts:\n  - source: {{kind: glyphs, fonts: ['{tmp_path}/f.ttf'], charset: ./c.txt}}\n"
    )
    assert run("build", tmp_path / "r.yaml", "--out", tmp_path / "out").returncode == 0
    result = run("verify", tmp_path / "out")
    assert result.returncode == 0
    assert "nothing wrong" in result.stdout
    next((tmp_path / "out/data").iterdir()).write_bytes(b"rubbish")
    result = run("verify", tmp_path / "out")
    assert result.returncode == 8
    assert "error:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["render", "--font", "tcx"], 4, "tcx"),
        (["render", "--font", "{font}", "--charset", "kanna"], 4, "kanna"),
        (["render", "--font", "{font}", "--charset", "kana"], 4, "nothing to draw"),
        (["render", "--font", "{font}"], 4, "no charset"),
        (["render", "--font", "tcc"], 4, "not found"),
        (["render", "--font", "{font}", "--charset", "{charset}", "--out", "/proc/x/y"], 6, "/proc/x/y"),
        (["render", "--font", "{font}", "--charset", "{charset}", "--format", "gif"], 2, "--format"),
        (["render", "--font", "{font}", "--charset", "{charset}", "--executor", "ray9"], 2, "--executor"),
        (["render", "--font", "{font}", "--charset", "{charset}", "--placement", "han=left"], 2, "left"),
        (["render", "--font", "{font}", "--charset", "{charset}", "--ground", "3"], 2, "ink 0 on ground 3"),
        (["render", "--fnt", "x"], 2, "--font"),
        (["render", "--font", "{font}", "--charset", "{charset}", "--margin", "40"], 2, "leaves no room"),
        (["render", "--font", "{font}", "--charset", "{charset}", "--progress", "loud"], 2, "--progress"),
        (["render", "--font", "a" * 300], 4, "aaa"),
        (["render", "--font", "{font}", "--charset", "b" * 300], 4, "bbb"),
        (["recipes", "show", "c" * 300], 4, "ccc"),
        (["fonts", "show", "d" * 300], 4, "ddd"),
        (["fonts", "audit", "e" * 300], 4, "eee"),
        (["recipes", "schema", "--out", "/proc/x/y"], 6, "/proc/x/y"),
        (["build", "tcc_small", "--seed", "1152921504606846976"], 2, "--seed"),
        (["verify", "{font}", "--progress", "loud"], 2, "--progress"),
        (["build", "no_such_recipe"], 4, "tcc_small"),
        (["build", "no_such_recipe.yaml"], 4, "no such file"),
        (["verify", "/proc"], 4, "manifest.json"),
        (["recipes", "check", "{text}"], 3, "1:1"),
    ],
)
def test_bad_input_has_its_exit_code_and_names_the_culprit_and_leaves_nothing(
    tmp_path, font, charset, arguments, code, words
):
    (tmp_path / "text.yaml").write_text("- not a recipe\n")
    values = {"font": font, "charset": charset, "text": tmp_path / "text.yaml"}
    arguments = [argument.format(**values) for argument in arguments]
    result = subprocess.run(
        [sys.executable, "-m", "ocrfactory", *arguments], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["text.yaml"]


def test_control_characters_from_a_hostile_name_do_not_reach_the_terminal(tmp_path):
    result = run("verify", tmp_path / "evil\x1b[31m")
    assert "\x1b" not in result.stderr
    assert "<U+001B>" in result.stderr


def test_a_full_disk_behind_stdout_is_an_error_with_words():
    for arguments in (["charset", "show", "hangul"], ["recipes", "schema"]):
        with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
            command = [sys.executable, "-m", "ocrfactory", *arguments]
            result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert result.returncode == 7, result.stderr
        assert "No space left" in result.stderr
        assert "Traceback" not in result.stderr


def test_an_invalid_option_is_reported_once_and_in_its_own_name(font, charset):
    result = run("render", "-f", font, "-c", charset, "--locale", "xx")
    assert result.returncode == 2
    assert result.stderr.count("--locale") == 1
    assert "--parts" not in result.stderr


def test_recipes_are_listed_shown_checked_and_described():
    assert "tcc_small" in run("recipes", "list").stdout
    assert "fonts: [tcc]" in run("recipes", "show", "tcc_small").stdout
    assert "ok" in run("recipes", "check", "tcc_small", "tcc_glyphs").stdout
    assert "parts" in json.loads(run("recipes", "schema").stdout)["properties"]


def test_doctor_reports_versions_packs_and_cures():
    result = run("doctor", "--json")
    found = {finding["name"]: finding for finding in json.loads(result.stdout)}
    assert found["pillow"]["ok"]
    assert "font pack tcc" in found
    assert "install tcc" in found["font pack tcc"]["cure"]
    assert result.returncode == (0 if all(finding["ok"] for finding in found.values()) else 4)


def test_every_command_has_help_and_a_line_that_says_what_it_is_for():
    from ocrfactory.cli.main import app

    listed = re.findall(r"^\W*([a-z]+)\s{2,}\S", CliRunner().invoke(app, ["--help"]).output, re.MULTILINE)
    assert {"render", "build", "verify", "fonts", "charset", "recipes", "doctor"} <= set(listed)
    for command in ("render", "build", "verify", "fonts", "charset", "recipes", "doctor"):
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_help_does_not_load_what_is_heavy():
    heavy = ("numpy", "pyarrow", "pydantic", "cv2", "PIL")
    code = f"import sys; import ocrfactory.cli; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_two_runs_in_one_folder_the_second_is_refused(tmp_path, font, charset):
    first = subprocess.Popen(
        [sys.executable, "-m", "ocrfactory", "render", "-f", str(font), "-c", str(charset), "-o", str(tmp_path / "out"),
         "--per-class", "2000", "--shard-rows", "2000"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not (tmp_path / "out/.ocrfactory/plan.json").exists() and first.poll() is None:
        time.sleep(0.01)
    second = run("render", "-f", font, "-c", charset, "-o", tmp_path / "out", "--per-class", 2000, "--shard-rows", 2000)
    assert second.returncode == 6
    assert str(first.pid) in second.stderr
    assert first.wait(timeout=120) == 0
    assert read.manifest(tmp_path / "out").complete
