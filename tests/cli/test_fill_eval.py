"""`ocrfactory fill eval` as a user meets it: tables, files, exit codes."""

import json

import pytest
from PIL import Image

from tests.cli.filling import changed, complete, options
from tests.fill.measuring import CHARS, make_fonts, make_gate
from tests.makers import make_font

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return complete(make_fonts(tmp_path_factory.mktemp("eval")), CHARS)


def words_of(world, *more):
    return ("fill", "eval", *options(world), *more)


def test_tables_files_and_a_sheet(world, here, gate, tmp_path):
    gate(make_gate(world))
    out = tmp_path / "o"
    code, said, err = here(*words_of(world, "--characters", 12, "--out", out, "--json", tmp_path / "f.json"))
    assert code == 0, err
    assert "UFSC: unseen face, seen characters" in said
    assert "## The gate, with some targets swapped" in said
    told = json.loads((out / "eval.json").read_text("utf-8"))
    assert told == json.loads((tmp_path / "f.json").read_text("utf-8"))
    assert told["gate"] == "by-heart-0"
    assert [row["learnt"] for row in told["faces"]] == [False, False]
    assert "*" not in said
    assert [row["kind"] for row in told["faces"]] == ["UFSC", "UFUC"]
    assert told["swapped"]["right"] + told["swapped"]["random"] + told["swapped"]["alike"] == sum(
        row["glyphs"] for row in told["faces"]
    )
    assert "### Each face" in (out / "eval.md").read_text("utf-8")
    with Image.open(out / "sheet.png") as sheet:
        assert sheet.size[1] == 2 * (3 * 64 + 10)
    assert here(*words_of(world, "--characters", 12, "--out", tmp_path / "again"))[0] == 0
    assert (tmp_path / "again/eval.json").read_bytes() == (out / "eval.json").read_bytes()


def test_without_a_gate_nothing_is_read_or_admitted(world, here, tmp_path):
    code, said, err = here(*words_of(world, "--characters", 4, "--no-gate", "--json", tmp_path / "f.json"))
    assert code == 0, err
    assert "no gate" in said
    told = json.loads((tmp_path / "f.json").read_text("utf-8"))
    assert told["swapped"] is told["gate"] is told["groups"][0]["admitted"] is None


@pytest.mark.parametrize("style", ["auto", "plain", "none"])
def test_progress_is_lines_or_nothing_where_no_bar_is_asked_for(world, here, style):
    code, _, err = here(*words_of(world, "--characters", 2, "--no-gate", "--progress", style))
    assert code == 0, err
    assert ("1 of 1 faces: target\n" in err) == (style != "none")
    assert not {"%", "\r", "|"} & set(err)


def test_utility_and_speed_are_asked_for_by_name(world, here, gate, tmp_path):
    gate(make_gate(world))
    words = words_of(
        world, "--no-quality", "--utility", "--rare", 4, "--steps", 2, "--seeds", 1, "--json", tmp_path / "f.json"
    )
    code, said, err = here(*words)
    assert code == 0, err
    assert "gap closed" in said
    told = json.loads((tmp_path / "f.json").read_text("utf-8"))
    assert told["groups"] == told["faces"] == []
    assert told["utility"][0]["rare"] == told["utility"][0]["common"] == 4
    assert told["speed"] is None


def test_speed_is_that_of_the_holes(world, here, gate, tmp_path):
    gate(make_gate(world))
    (world / "more.txt").write_text(f"{CHARS[0]}\n{chr(0x5001)}\n{chr(0x5002)}\n", "utf-8")
    words = words_of(world, "--no-quality", "--speed", "--characters", 2)
    code, _, err = here(*changed(words, {"--charset": world / "more.txt"}))
    assert code == 4, err
    assert "no_content" in err
    words = changed(words, {"--font": make_font(world / "few.ttf", CHARS[:20], family="Few")})
    code, said, err = here(*words, "--json", tmp_path / "f.json")
    assert code == 0, err
    told = json.loads((tmp_path / "f.json").read_text("utf-8"))["speed"]
    assert (told["face"], told["glyphs"]) == ("few", 8)
    assert set(told["per_cpu_second"]) == {"end to end, admitted", "generator alone", "gate alone"}
    assert "end to end" in said


def test_speed_is_that_of_the_first_face_that_has_holes(world, here, gate, tmp_path):
    gate(make_gate(world))
    (world / "both").mkdir(exist_ok=True)
    make_font(world / "both" / "a.ttf", CHARS, family="Full")
    make_font(world / "both" / "b.ttf", CHARS[:-3], family="Lacking")
    words = changed(words_of(world, "--no-quality", "--speed"), {"--font": world / "both"})
    code, _, err = here(*words, "--json", tmp_path / "f.json")
    assert code == 0, err
    told = json.loads((tmp_path / "f.json").read_text("utf-8"))["speed"]
    assert (told["face"], told["glyphs"]) == ("b", 3)


def test_a_place_that_cannot_be_written_is_told_before_anything_is_measured(world, here, gate, tmp_path):
    stand_in = gate(make_gate(world))
    stand_in.judge = stand_in.read = None  # nothing is asked
    (tmp_path / "file").write_text("", "utf-8")
    for words, said in ((("--json", tmp_path), "a folder"), (("--out", tmp_path / "file"), "a file")):
        code, _, err = here(*words_of(world, *words))
        assert code == 2
        assert said in err


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"--font": "nosuchfont"}, 4, "nosuchfont"),
        ({"--generator": "absent.pt"}, 4, "absent.pt"),
        ({"--charset": "U+0041"}, 4, "training left out"),
        ({"--characters": "0"}, 2, "--characters"),
        ({"--progress": "loud"}, 2, "loud"),
    ],
)
def test_mistakes_have_words_and_an_exit_code(world, here, gate, changes, code, said):
    gate(make_gate(world))
    found, _, err = here(*changed(words_of(world, "--characters", "2", "--progress", "none"), changes))
    assert found == code, err
    assert said in err
