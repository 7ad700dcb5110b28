"""`ocrfactory plan` as a user meets it: the table, the CSV, the picture, and what is wrong with a recipe."""

import csv
import json
import subprocess
import sys

import pytest

from tests.cli.test_main import run
from tests.conftest import HAN
from tests.fill.stand_ins import make_blur
from tests.makers import make_font
from tests.rows import Row, make_data_set


@pytest.fixture(scope="module")
def recipe(tmp_path_factory, font):
    folder = tmp_path_factory.mktemp("recipe")
    (folder / "wanted.txt").write_text("".join(f"{text}\n" for text in HAN + "龜龍"), "utf-8")
    rows = [Row(text, "real", f"page {n}") for i, text in enumerate(HAN[:4] + "龍") for n in range(30 >> i)]
    rows += [Row("一行字", kind="line", group="line")]
    make_data_set(folder / "real", rows)
    (folder / "t.yaml").write_text(
        f"""name: tail
parts:
  - source: {{kind: glyphs, fonts: ['{font}'], charset: wanted.txt, per_class: 2}}
  - source: {{kind: dataset, name: real, path: real}}
classes: {{charset: wanted.txt, min_per_class: 6, max_per_class: 12, cap: 9}}
splits: {{test: 0.2}}
""",
        "utf-8",
    )
    return folder / "t.yaml"


def test_plan_says_what_comes_from_where_and_draws_nothing(recipe, tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "ocrfactory", "plan", str(recipe)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "classes: 22 wanted; 3 have 6 rows or more, 18 are short, 1 unfillable" in result.stdout
    assert "cap of real rows 9, at most 12 a class, first font, then gan, then real" in result.stdout
    assert "unfillable, no part has a row: U+9F9C" in result.stdout
    assert "glyphs.per_class: 6 would fill 17 of the short classes" in result.stdout
    assert "not selected: over_cap 27" in result.stdout
    assert "real: 1 rows are no single characters" in result.stdout
    assert "  head: U+4E00 11" in result.stdout
    assert "no face draws" not in result.stdout, "what is unfillable is told once"
    assert "1 of the short classes need more rows in the parts" in result.stdout
    assert "(no font)" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_dry_run_prints_the_same_lines(recipe):
    plan, dry = run("plan", recipe), run("build", recipe, "--dry-run")
    assert plan.stdout == dry.stdout


def test_json_holds_every_class_and_csv_the_same(recipe, tmp_path):
    result = run("plan", recipe, "--json", "--csv", tmp_path / "a.csv")
    facts = json.loads(result.stdout)["class_plan"]
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in facts["table"]] == [row["class"] for row in rows] == list(HAN + "龜龍")
    assert [row["planned"] for row in facts["table"]] == [int(row["planned"]) for row in rows]
    assert facts["unfillable"] == ["龜"]
    assert sum(band["classes"] for band in facts["bands"]) == facts["wanted"] == len(rows)
    assert sum(group["planned"] for group in facts["groups"]) == facts["rows"]["planned"]
    assert rows[0]["written"] == ""


def test_the_csv_of_the_plan_is_that_of_the_data_set_but_for_what_became_of_it(recipe, tmp_path):
    run("plan", recipe, "--csv", tmp_path / "a.csv")
    built = run("build", recipe, "--out", tmp_path / "out", "--executor", "serial")
    assert built.returncode == 0, built.stderr
    with (tmp_path / "a.csv").open(encoding="utf-8") as before, (tmp_path / "out/meta/class_plan.csv").open() as after:
        for first, second in zip(csv.reader(before), csv.reader(after), strict=True):
            assert first[:-2] == second[:-2]
    assert "left out by the class plan (in meta/class_plan.csv): over_cap 27" in built.stdout
    assert "19 classes have fewer rows than min_per_class (in meta/class_plan.csv): U+4E08 5, U+4E09 2," in built.stdout
    assert run("verify", tmp_path / "out").returncode == 0


def test_the_picture_is_a_png_and_the_same_every_time(recipe, tmp_path):
    pytest.importorskip("matplotlib")
    for name in ("a.png", "b.png"):
        result = run("plan", recipe, "--plot", tmp_path / name)
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_every_hole_that_is_filled_counts_as_a_hole_and_none_as_one_that_stays(tmp_path):
    pytest.importorskip("torch")
    make_font(tmp_path / "target.ttf", HAN[:10], family="Target")
    make_font(tmp_path / "lender.ttf", HAN, family="Lender")
    make_blur(tmp_path / "blur.pt")
    (tmp_path / "c.txt").write_text("".join(f"{text}\n" for text in HAN + "A"), "utf-8")
    (tmp_path / "t.yaml").write_text(
        """name: t
parts:
  - source: {kind: glyphs, fonts: [target.ttf], charset: c.txt}
  - source:
      {kind: rare, fonts: [target.ttf], charset: c.txt, content: [lender.ttf], generator: blur.pt, engine: torch,
       gate: ungated, per_class: 2}
""",
        "utf-8",
    )
    holes = len(HAN) - 10
    facts = json.loads(run("plan", tmp_path / "t.yaml", "--offline", "--json").stdout)
    faces = {name: part["faces"] for name, part in facts["parts"].items()}
    assert faces["glyphs"] == {"target": {"rows": 10, "holes": holes + 1}}
    assert faces["rare"] == {"target": {"rows": 2 * holes, "holes": holes + 1, "unfillable": 1}}
    assert facts["holes"] == sum(face["holes"] for part in faces.values() for face in part.values())
    words = run("plan", tmp_path / "t.yaml", "--offline").stdout.splitlines()
    assert [line.split() for line in words if line.endswith("unfillable") and "holes" in line] == [
        ["target", f"{2 * holes}", "rows", f"{holes + 1}", "holes", "1", "unfillable"]
    ]


def test_without_rules_it_shows_what_comes(tmp_path, font):
    path = tmp_path / "t.yaml"
    path.write_text(
        f"name: t\nparts:\n  - source: {{kind: glyphs, fonts: ['{font}'], charset: U+4E00..U+4E0A}}\n", "utf-8"
    )
    result = run("plan", path)
    assert result.returncode == 0, result.stderr
    assert "classes: 11 wanted; 6 have a row or more, 0 are short, 5 unfillable" in result.stdout
    assert "cap of real rows" not in result.stdout


def test_a_plan_without_a_row_of_what_is_wanted_shows_no_head_of_nothing(recipe, tmp_path):
    path = recipe.with_name("none.yaml")
    path.write_text(recipe.read_text("utf-8").replace("charset: wanted.txt, min", "charset: U+9F00, min"), "utf-8")
    result = run("plan", path, "--plot", tmp_path / "a.png")
    assert result.returncode == 0, result.stderr
    assert "1 unfillable" in result.stdout
    assert "  head:" not in result.stdout
    assert "  tail:" not in result.stdout


@pytest.mark.parametrize("option", ["--csv", "--plot"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_planned(tmp_path, option):
    (tmp_path / "t.yaml").write_text("name: t\nparts:\n  - source: {kind: glyphs, fonts: [no-such-font]}\n", "utf-8")
    for path in (tmp_path, tmp_path / "no" / "such.file"):
        result = run("plan", tmp_path / "t.yaml", option, path)
        assert result.returncode == 6
        assert f"{option} {path}: no file can be written there" in result.stderr.replace("\n", "")
        assert "name a file in a folder that exists" in result.stderr


def test_limit_and_seed_are_those_of_build(recipe):
    facts = json.loads(run("plan", recipe, "--json", "--limit", 10, "--seed", 5).stdout)
    assert facts["rows"] == 10
    assert facts["class_plan"]["not_selected"]["over_limit"] > 0


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("max_per_class: 12", "max_per_class: 2", 3, "max_per_class 2 is below min_per_class 6"),
        ("max_per_class: 12", "most: 2", 3, "t.yaml:5:50: classes.most: unknown key; known: charset, min_per_class"),
        ("charset: wanted.txt, min", "charset: wnted.txt, min", 4, "wnted.txt"),
        ("cap: 9", "cap: 9, route: [{origin: real, group: runes, to: test}]", 3, "t.yaml:5:100: classes.route.0.group"),
        ("cap: 9", "cap: 9, route: [{origin: real, charset: nonesuch, to: test}]", 4, "'nonesuch'"),
    ],
)
def test_a_wrong_rule_is_named_with_its_place_and_the_exit_code_of_its_kind(recipe, old, new, code, words):
    path = recipe.with_name("wrong.yaml")
    text = recipe.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new).replace("name: tail", "name: wrong"), "utf-8")
    result = run("plan", path)
    assert result.returncode == code, result.stderr
    assert words.replace("t.yaml", "wrong.yaml") in result.stderr


def test_a_table_of_classes_is_refused_where_no_row_is_a_single_character(tmp_path):
    make_data_set(tmp_path / "lines", [Row("一行字", kind="line")])
    path = tmp_path / "t.yaml"
    path.write_text("name: t\nparts:\n  - source: {kind: dataset, path: lines}\n", "utf-8")
    assert run("plan", path).returncode == 0
    result = run("plan", path, "--csv", tmp_path / "a.csv")
    assert result.returncode == 4
    assert "no part of the recipe has rows of single characters" in result.stderr
    assert not (tmp_path / "a.csv").exists()
