"""The source `lines`: every text planned, drawn by a face that has all of it, or rejected with a reason."""

import json

import numpy as np
import pytest
from ocrfactory import read
from ocrfactory.errors import InputError, RecipeError, Reject
from ocrfactory.recipe import Recipe
from ocrfactory.sources.lines import Lines
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify
from pydantic import ValidationError

from tests.conftest import HAN
from tests.makers import make_font


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    """Two faces: one draws all of HAN and a space, one its first half."""
    folder = tmp_path_factory.mktemp("faces")
    whole = make_font(folder / "whole.ttf", HAN, blanks=" ", family="Whole")
    half = make_font(folder / "half.ttf", HAN[:10], blanks=" ", family="Half")
    return str(whole), str(half)


@pytest.fixture
def texts(tmp_path):
    """A file of lines; the last holds a character that no face has."""
    path = tmp_path / "texts.txt"
    lines = [HAN[:3], f"{HAN[4]} {HAN[5:9]}", HAN[12:18], HAN[0], f"{HAN[:2]}龜"]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path, lines


def enumerated(path, **fields):
    return {"kind": "lines", "corpus": [{"kind": "lines", "file": str(path)}], **fields}


def drawn(source, seed=0, rows=None):
    settled = source.settle(Context(seed=seed))
    drawer = source.open(settled.state, seed)
    return settled, list(drawer.draw(range(settled.rows) if rows is None else rows))


def test_each_line_of_a_file_comes_once_and_in_order(fonts, texts):
    path, lines = texts
    settled, samples = drawn(Lines(**enumerated(path, fonts=fonts)))
    assert settled.items == len(lines)
    assert [sample.text for sample in samples[:-1]] == lines[:-1]


def test_a_count_beyond_the_file_starts_again_from_the_top(fonts, texts):
    path, lines = texts
    settled, samples = drawn(Lines(**enumerated(path, fonts=fonts, count=8)))
    assert settled.items == 8
    assert [sample.text for sample in samples[5:8]] == lines[:3]


def test_a_text_that_no_face_draws_is_a_reject_that_names_the_character(fonts, texts):
    _, samples = drawn(Lines(**enumerated(texts[0], fonts=fonts)))
    assert isinstance(samples[-1], Reject)
    assert samples[-1].reason == "undrawable"
    assert "U+9F9C" in samples[-1].detail


def test_a_face_is_chosen_among_those_that_draw_the_whole_text(fonts, tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("\n".join([HAN[:4], HAN[10:14]] * 40), "utf-8")
    _, samples = drawn(Lines(**enumerated(path, fonts=fonts)))
    by_text = {}
    for sample in samples:
        by_text.setdefault(sample.text, set()).add(sample.font.name)
    assert by_text[HAN[10:14]] == {"Whole Regular"}
    assert by_text[HAN[:4]] == {"Whole Regular", "Half Regular"}


def test_fallback_is_off_by_default_and_recorded_where_it_is_asked_for(tmp_path):
    a = make_font(tmp_path / "a.ttf", HAN[:5], family="A")
    b = make_font(tmp_path / "b.ttf", HAN[5:10], family="B")
    path = tmp_path / "t.txt"
    path.write_text(HAN[3:7], "utf-8")
    _, (reject,) = drawn(Lines(**enumerated(path, fonts=(str(a), str(b)))))
    assert reject.reason == "undrawable"
    _, (sample,) = drawn(Lines(**enumerated(path, fonts=(str(a), str(b)), fallback=True)))
    assert sample.attrs["pieces"] == [[HAN[3:5], "A Regular"], [HAN[5:7], "B Regular"]]
    assert len(sample.char_boxes) == 16


def test_words_of_a_line_may_take_faces_of_their_own(fonts, tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("\n".join([" ".join([HAN[:2], HAN[2:4], HAN[4:6], HAN[6:8]])] * 20), "utf-8")
    _, samples = drawn(Lines(**enumerated(path, fonts=fonts, mixed_faces=1.0)))
    assert any(len({name for _, name in (sample.attrs or {}).get("pieces", [])}) == 2 for sample in samples)


def test_the_same_row_is_the_same_picture_whatever_was_drawn_before(fonts, texts):
    source = Lines(**enumerated(texts[0], fonts=fonts, size=(0.5, 1), spacing=(0, 0.3), vertical=0.5))
    _, samples = drawn(source)
    backwards = drawn(source, rows=range(4, -1, -1))[1][::-1]
    for a, b in zip(samples[:-1], backwards[:-1], strict=True):
        assert np.array_equal(a.image, b.image)
        assert a.char_boxes == b.char_boxes


def test_what_chance_chose_is_recorded(fonts, texts):
    _, samples = drawn(Lines(**enumerated(texts[0], fonts=fonts, size=(0.5, 0.9), padding=(0.5, 1))))
    assert all(0.5 <= sample.attrs["draw"]["size"] <= 0.9 for sample in samples[:-1])
    assert all(sample.image.shape[1] > 56 for sample in samples[:-1])


def test_masks_name_the_character_of_each_pixel(fonts, texts, tmp_path):
    from base64 import b64decode
    from io import BytesIO

    from ocrfactory.build import Options, build
    from PIL import Image

    part = {"source": enumerated(texts[0], fonts=fonts, masks=True)}
    recipe = Recipe.model_validate({"name": "m", "parts": [part]})
    build(recipe, tmp_path / "out", Context(), Options(executor="serial", max_reject_rate=1))
    for row in read.rows(tmp_path / "out"):
        mask = np.asarray(Image.open(BytesIO(b64decode(json.loads(row["attrs"])["mask"]))))
        assert mask.shape == (row["height"], row["width"])
        for number in range(row["n_chars"]):
            x0, y0, x1, y1 = (int(value) for value in row["char_boxes"][4 * number : 4 * number + 4])
            rows, columns = np.nonzero(mask == number + 1)
            if row["text"][number] != " ":
                assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (x0, y0, x1, y1)


def test_the_build_verifies_and_planned_is_rows_plus_rejects(fonts, texts, tmp_path):
    from ocrfactory.build import Options, build

    recipe = Recipe.model_validate({"name": "l", "parts": [{"source": enumerated(texts[0], fonts=fonts)}]})
    manifest = build(recipe, tmp_path / "out", Context(), Options(executor="serial", max_reject_rate=1))
    assert (manifest.planned, manifest.rows, manifest.rejects_by_reason) == (5, 4, {"undrawable": 1})
    assert verify(tmp_path / "out").problems == ()


def test_a_label_that_nfc_changed_keeps_its_original(tmp_path):
    font = make_font(tmp_path / "f.ttf", "각\u00e9A")
    path = tmp_path / "t.txt"
    path.write_text("\u1100\u1161\u11a8e\u0301A", "utf-8")
    _, (sample,) = drawn(Lines(**enumerated(path, fonts=(str(font),))))
    assert sample.text == "각\u00e9A"
    assert sample.text_raw == "\u1100\u1161\u11a8e\u0301A"
    assert len(sample.char_boxes) == 12


def test_sampled_lines_keep_their_limits_and_are_drawn_whole(tmp_path):
    font = make_font(tmp_path / "f.ttf", HAN, blanks=" ")
    (tmp_path / "c.txt").write_text("\n".join(HAN), "utf-8")
    corpus = {"kind": "strings", "charset": str(tmp_path / "c.txt")}
    source = Lines(fonts=(str(font),), corpus=corpus, count=50, lengths={"min": 3, "max": 6})
    _, samples = drawn(source)
    assert len({sample.text for sample in samples}) == 50
    assert all(3 <= len(sample.text) <= 6 for sample in samples)


def test_held_out_faces_are_seen_in_no_other_split(fonts, tmp_path):
    from ocrfactory.build import Options, build

    path = tmp_path / "t.txt"
    path.write_text("\n".join(HAN[i : i + 2] for i in range(9)), "utf-8")
    recipe = {
        "name": "s",
        "parts": [{"source": enumerated(path, fonts=fonts)}],
        "splits": {"test": {"faces": ["half"]}},
    }
    build(Recipe.model_validate(recipe), tmp_path / "out", Context(), Options(executor="serial"))
    for row in read.rows(tmp_path / "out", ["split", "font_name"]):
        assert (row["split"] == "test") == (row["font_name"] == "Half Regular")


def test_a_recipe_that_mixes_faces_cannot_hold_one_out(fonts, texts):
    part = {"source": enumerated(texts[0], fonts=fonts, mixed_faces=0.5)}
    with pytest.raises(ValidationError, match="held-out face"):
        Recipe.model_validate({"name": "s", "parts": [part], "splits": {"test": {"faces": ["half"]}}})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"margin": 40}, "leaves no room"),
        ({"size": [0.9, 0.5]}, "starts at"),
        ({"spacing": "3px"}, "not a unit here"),
        ({"vertical": 2}, "less than or equal to 1"),
        ({"corpus": {"kind": "novel"}}, "novel"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_the_reason(fonts, fields, words):
    with pytest.raises(ValidationError, match=words):
        Lines(**{"fonts": fonts, **fields})


def test_an_empty_file_of_texts_is_an_error_that_names_it(fonts, tmp_path):
    (tmp_path / "empty.txt").write_text("\n\n", "utf-8")
    with pytest.raises(InputError, match=r"empty\.txt"):
        drawn(Lines(**enumerated(tmp_path / "empty.txt", fonts=fonts)))


def test_fonts_of_a_language_without_a_built_in_corpus_ask_for_one(fonts):
    with pytest.raises(InputError, match="no built-in corpus"):
        drawn(Lines(fonts=fonts, count=5))


def test_an_unknown_augmentation_is_named_with_those_that_exist(fonts, texts):
    with pytest.raises(InputError, match="no augmentation recipe named 'agressive'"):
        Recipe.model_validate(
            {"name": "x", "parts": [{"source": enumerated(texts[0], fonts=fonts), "augment": "agressive"}]}
        )


def test_ops_that_ruin_scans_are_refused_where_the_rows_turn_out_to_be_real(tmp_path, monkeypatch, fonts, texts):
    from ocrfactory import plan
    from ocrfactory.build import Options, build

    first = Recipe.model_validate({"name": "a", "parts": [{"source": enumerated(texts[0], fonts=fonts)}]})
    build(first, tmp_path / "a", Context(), Options(executor="serial", max_reject_rate=1))
    part = {"source": {"kind": "dataset", "path": str(tmp_path / "a")}, "augment": [{"op": "erode"}]}
    recipe = Recipe.model_validate({"name": "b", "parts": [part]})
    assert plan.make_plan(recipe, Context()).plan.rows == 4  # drawn rows may be eroded
    monkeypatch.setattr("ocrfactory.sources.dataset._origins", lambda columns: ("real",))
    with pytest.raises(RecipeError, match="ruins real scans"):
        plan.make_plan(recipe, Context())


def test_the_language_is_that_of_the_built_in_corpus_or_what_the_recipe_says(tmp_path):
    import string

    font = str(make_font(tmp_path / "f.ttf", string.ascii_letters + string.digits + ".,", blanks=" "))
    fields = {"fonts": (font,), "count": 5, "lengths": {"min": 1, "max": 60}}
    assert {sample.lang for sample in drawn(Lines(corpus="en", **fields))[1]} == {"en"}
    assert {sample.lang for sample in drawn(Lines(corpus="en", lang="en-GB", **fields))[1]} == {"en-GB"}
    (tmp_path / "t.txt").write_text("A text of my own.", "utf-8")
    assert {sample.lang for sample in drawn(Lines(**enumerated(tmp_path / "t.txt", fonts=(font,))))[1]} == {None}
