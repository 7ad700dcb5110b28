"""Lines, augmentation and rerendering as a user meets them on the command line."""

import json

import pytest
from ocrfactory import read
from ocrfactory.verify import verify
from PIL import Image

from tests.cli.test_main import run
from tests.conftest import HAN
from tests.makers import make_font


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A font with Han and a space, and a file of lines."""
    folder = tmp_path_factory.mktemp("lines")
    font = make_font(folder / "f.ttf", HAN, blanks=" ")
    lines = [f"{HAN[i : i + 3]} {HAN[i]}" for i in range(12)]
    (folder / "t.txt").write_text("\n".join(lines) + "\n", "utf-8")
    return font, folder / "t.txt", lines


@pytest.fixture(scope="module")
def rendered(inputs, tmp_path_factory):
    font, text, _ = inputs
    out = tmp_path_factory.mktemp("rendered") / "lines"
    options = ("--mode", "line", "--font", font, "--text", text, "--recipe", "aggressive", "--height", 48)
    return out, run("render", *options, "--out", out, "--max-reject-rate", 0.5)


def test_text_enumerates_the_lines_of_the_file(rendered, inputs):
    out, result = rendered
    assert result.returncode == 0, result.stderr
    rows = sorted(read.rows(out), key=lambda row: row["id"])
    assert [row["text"] for row in rows] == inputs[2]
    assert {row["height"] for row in rows} == {48}
    assert all(json.loads(row["aug"]) for row in rows)
    assert verify(out).problems == ()


def test_count_goes_on_from_the_top_and_vertical_sets_columns(inputs, tmp_path):
    font, text, lines = inputs
    result = run(
        "render",
        "--mode",
        "line",
        "-f",
        font,
        "--text",
        text,
        "-n",
        15,
        "--vertical",
        "--height",
        40,
        "-o",
        tmp_path / "o",
    )
    assert result.returncode == 0, result.stderr
    rows = sorted(read.rows(tmp_path / "o"), key=lambda row: row["id"])
    assert [row["text"] for row in rows] == [*lines, *lines[:3]]
    assert {(row["width"], row["direction"]) for row in rows} == {(40, "ttb")}


def test_a_corpus_of_one_s_own_is_sampled_within_the_limits(inputs, tmp_path):
    font, text, _ = inputs
    result = run("render", "--mode", "line", "-f", font, "--corpus", text, "-n", 20, "-o", tmp_path / "o")
    assert result.returncode == 0, result.stderr
    rows = list(read.rows(tmp_path / "o"))
    assert len({row["text"] for row in rows}) == 20
    assert all(5 <= row["n_chars"] <= 30 for row in rows)


def test_the_dry_run_counts_faces_and_ops_and_draws_nothing(inputs, tmp_path):
    font, text, lines = inputs
    arguments = (
        "render",
        "--mode",
        "line",
        "-f",
        font,
        "--text",
        text,
        "-r",
        "gentle",
        "-o",
        tmp_path / "o",
        "--dry-run",
    )
    result = run(*arguments, "--json")
    part = json.loads(result.stdout)["parts"]["lines"]
    assert (part["kind"], part["rows"]) == ("lines", len(lines))
    assert part["ops"][0] == "rotate"
    assert list(part["faces"].values()) == [{"rows": len(lines), "holes": 0}]
    assert "ops: rotate" in run(*arguments).stdout
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("options", "words", "code"),
    [
        (("--mode", "page"), "--mode 'page': one of glyph, line", 2),
        (("--mode", "line", "--per-class", 3), "--per-class: for --mode glyph", 2),
        (("--text", "x.txt"), "--text: for --mode line", 2),
        (("--mode", "line", "--text", "x.txt", "--corpus", "ko"), "take one of them", 2),
        (("--mode", "line", "--text", "nowhere.txt"), "nowhere.txt", 4),
        (("--mode", "line", "--text", "ko"), "or --corpus ko", 4),
        (("--mode", "line", "--corpus", "klingon.txt"), "klingon.txt", 4),
        (("--mode", "line", "--recipe", "agressive", "--corpus", "ko"), "no augmentation recipe named", 4),
        (("--mode", "line", "--count", 5), "no built-in corpus", 4),
        (("--mode", "line", "--corpus", "ko", "--height", 12, "--margin", 5), "leaves no room", 2),
    ],
)
def test_a_mistake_is_told_in_the_words_of_the_options(inputs, tmp_path, options, words, code):
    result = run("render", "-f", inputs[0], "-o", tmp_path / "o", *options)
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "o").exists()


def test_a_corpus_that_the_font_cannot_draw_ends_with_an_error_not_with_a_loop(inputs, tmp_path):
    result = run("render", "--mode", "line", "-f", inputs[0], "--corpus", "ko", "-n", 10, "-o", tmp_path / "o")
    assert result.returncode == 4
    assert "charset" in result.stderr
    assert not (tmp_path / "o").exists()


def test_a_text_that_no_font_draws_is_counted_and_listed(inputs, tmp_path):
    (tmp_path / "t.txt").write_text(f"{HAN[:3]}\n龜龜\n", "utf-8")
    result = run("render", "--mode", "line", "-f", inputs[0], "--text", tmp_path / "t.txt", "-o", tmp_path / "o")
    assert result.returncode == 5
    assert "undrawable 1" in result.stdout
    assert "classes without a row: U+9F9C" in result.stdout


def test_rerender_gives_the_same_bytes_and_the_plain_picture(rendered, tmp_path):
    out, _ = rendered
    row = next(read.rows(out))
    result = run("rerender", out, "--id", row["id"], "--out", tmp_path / "a.png", "--plain", tmp_path / "b.png")
    assert result.returncode == 0, result.stderr
    assert "the same, bit for bit" in result.stdout
    assert (tmp_path / "a.png").read_bytes() == row["image"]["bytes"]
    with Image.open(tmp_path / "b.png") as plain:
        assert plain.height == 48
    assert run("rerender", out, "--id", "lines/999").returncode == 4


def test_augment_makes_a_new_data_set_of_an_old_one(rendered, tmp_path):
    out, _ = rendered
    result = run("augment", out, "--recipe", "gentle", "--out", tmp_path / "o", "--max-reject-rate", 0.5)
    assert result.returncode == 0, result.stderr
    assert verify(tmp_path / "o").problems == ()
    parents = {json.loads(row["attrs"])["parent"] for row in read.rows(tmp_path / "o", ["attrs"])}
    assert parents <= {f"f-lines:{row['id']}" for row in read.rows(out, ["id"])}
    refused = run("augment", out, "--recipe", "outdoor", "--out", tmp_path / "p")
    assert refused.returncode == 2
    assert "plain drawings" in refused.stderr


def test_recipes_are_listed_explained_and_previewed(inputs, tmp_path):
    font, text, _ = inputs
    listed = run("recipes", "list").stdout
    assert "aggressive" in listed
    assert "korean_lines" in listed
    assert "blur" in run("recipes", "check", "gentle").stdout
    assert "sigma = " in run("recipes", "ops", "blur").stdout
    assert run("recipes", "ops", "blurr").returncode == 4
    result = run("recipes", "preview", "receipt", "-f", font, "--text", text, "--out", tmp_path / "sheet.png")
    assert result.returncode == 0, result.stderr
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > 300


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ops: [{op: blur, sigma: 1.5px}]", "glyph heights"),
        ("ops: [{op: blur, sigma: 3}]", "not within 0 to 0.2"),
        ("ops: [{op: rotate, degrees: 3em}]", "not a unit here"),
        ("ops: [{op: blurr}]", "blurr"),
        ("ops: [{op: erode, radios: 1}]", "unknown key"),
        ("origins: [real]\nops: []", "ops"),
        ("ops: [{op: imgaug, augmenter: GaussianBlurr}]", "GaussianBlur"),
        ("ops: [{op: paint, contrast: 240, ink: [100, 120]}]", "levels"),
    ],
)
def test_a_mistake_in_an_augmentation_recipe_has_its_place(tmp_path, text, words):
    path = tmp_path / "r.yaml"
    path.write_text(text, "utf-8")
    result = run("recipes", "check", path)
    assert result.returncode == 3, result.stdout
    assert f"{path}:" in result.stderr
    assert words in result.stderr


def test_ops_that_ruin_real_scans_are_refused_for_them_unless_forced(tmp_path):
    path = tmp_path / "r.yaml"
    for force, code in (("", 3), (", force: true", 0)):
        path.write_text(f"origins: [real]\nops: [{{op: one_of, ops: [{{op: erode{force}}}]}}]", "utf-8")
        result = run("recipes", "check", path)
        assert result.returncode == code, result.stderr
        assert ("ruins real scans" in result.stderr) == (code == 3)


def test_a_data_set_of_jpegs_stays_one_and_what_is_not_augmented_keeps_its_bytes(inputs, tmp_path):
    font, text, _ = inputs
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        f"name: jpegs\nimage: {{format: jpeg, quality: 60}}\nsplits: {{validation: 0.3}}\nparts:\n"
        f"  - source: {{kind: lines, fonts: ['{font}'], corpus: [{{kind: lines, file: '{text}'}}]}}\n",
        "utf-8",
    )
    assert run("build", recipe, "-o", tmp_path / "old").returncode == 0
    result = run("augment", tmp_path / "old", "--recipe", "gentle", "-o", tmp_path / "new", "--max-reject-rate", 1)
    assert result.returncode == 0, result.stderr
    before = {f"jpegs:{row['id']}": row["image"]["bytes"] for row in read.rows(tmp_path / "old", split="validation")}
    rows = list(read.rows(tmp_path / "new", split="validation"))
    assert {json.loads(row["attrs"])["parent"]: row["image"]["bytes"] for row in rows} == before
    assert before
    assert {row["image"]["path"][-5:] for row in read.rows(tmp_path / "new")} == {".jpeg"}


def test_a_row_whose_json_was_damaged_is_a_difference_not_a_crash(rendered, tmp_path):
    import shutil

    import pyarrow as pa
    import pyarrow.parquet as pq

    shutil.copytree(rendered[0], tmp_path / "o")
    path = next((tmp_path / "o" / "data").iterdir())
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0]["aug"] = "[{"
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    result = run("rerender", tmp_path / "o", "--id", rows[0]["id"], "--json")
    assert result.returncode == 8, result.stderr
    assert json.loads(result.stdout)["differences"] == ["aug"]
    assert run("augment", tmp_path / "o", "-r", "gentle", "-o", tmp_path / "p", "--max-reject-rate", 1).returncode == 0
    assert "damaged" in pq.read_table(tmp_path / "p" / "meta" / "rejects.parquet").column("reason").to_pylist()


def test_a_name_made_of_many_fonts_is_cut_to_what_a_name_may_be(inputs, tmp_path):
    long = tmp_path / f"{'x' * 70}.ttf"
    long.write_bytes(inputs[0].read_bytes())
    result = run("render", "--mode", "line", "-f", long, "--text", inputs[1], "--dry-run", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["name"] == f"{'x' * 57}-lines"
