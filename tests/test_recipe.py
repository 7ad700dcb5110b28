"""Recipes: what may be said, and what is refused with its reason."""

import pytest
from ocrfactory import recipe
from ocrfactory.errors import InputError
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import without_folders
from pydantic import ValidationError


def made(**changes):
    return Recipe.model_validate({"name": "r", "parts": [{"source": {"kind": "glyphs", "fonts": ["x"]}}], **changes})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"splits": {"train": 0.5, "test": 0.4}}, "add up to 0.9"),
        ({"splits": {"validation": 0.5, "test": 0.5}}, "nothing is left"),
        ({"splits": {"test": {}}}, "takes a share, faces or classes"),
        ({"splits": {"train": {"faces": ["a"]}}}, "train takes what no other"),
        ({"splits": {"dev": 0.1}}, "dev"),
        ({"parts": []}, "at least 1"),
        ({"image": {"format": "gif"}}, "png"),
        ({"image": {"format": "png", "quality": 80}}, "loses nothing"),
        ({"parts": [{"source": {"kind": "glyphs", "fonts": ["x"], "margin": 40}}]}, "leaves no room"),
        ({"parts": [{"source": {"kind": "glyphs", "fonts": ["x"], "margin": float("inf")}}]}, "finite"),
        ({"name": "../evil"}, "pattern"),
        ({"parts": [{"source": {"kind": "glyphs", "fonts": ["x"]}}] * 2}, "two sources are named 'glyphs'"),
        ({"parts": [{"source": {"kind": "glyphs", "fonts": ["x"], "ink": 250}}]}, "cannot be seen"),
        (
            {"parts": [{"source": {"kind": "glyphs", "fonts": ["x"], "placement": {"hanzi": "em"}}}]},
            "unknown class group",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(changes, why):
    with pytest.raises(ValidationError, match=why):
        made(**changes)


@pytest.mark.parametrize(
    ("source", "cure"),
    [
        ({"kind": "glyphs", "fonts": ["x"], "ink": 40}, r"ink at 0 and ground at 255 \(--ink, --ground\)"),
        ({"kind": "rare", "fonts": ["x"], "ground": 200}, r"ink at 0 and ground at 255 \(--ink, --ground\)"),
        ({"kind": "trdg", "fonts": ["x"]}, "or leave paint out, .* such as gentle"),
        ({"kind": "dataset", "path": "x"}, "not finished pictures: leave paint out, .* such as gentle"),
        ({"kind": "lmdb", "paths": ["x"], "name": "x"}, "not finished pictures: leave paint out, .* such as gentle"),
    ],
)
def test_an_op_that_wants_plain_drawings_says_what_to_change_for_each_kind_of_source(source, cure):
    with pytest.raises(ValidationError, match=f"paint takes plain drawings, black on white.*{cure}"):
        made(parts=[{"source": source, "augment": [{"op": "paint"}]}])
    made(parts=[{"source": source, "augment": "gentle"}])


def test_a_bare_number_is_a_share():
    assert made(splits={"test": 0.1}).splits["test"].share == 0.1


def test_the_canonical_text_survives_a_round_trip():
    first = made(splits={"test": {"share": 0.1, "classes": "kana"}}, limit=5)
    assert Recipe.model_validate(first.canonical()) == first
    assert Recipe.model_validate(first.canonical()).id == first.id


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("tcc", "tcc"),
        ("/home/me/fonts/my.ttf#3@wght=700", "my.ttf#3@wght=700"),
        ("fonts/", "fonts"),
        ("../lists/a-b.txt+kana-(/x/y.txt&hangul)", "a-b.txt+kana-(y.txt&hangul)"),
        ("U+4E00..U+4E8F", "U+4E00..U+4E8F"),
    ],
)
def test_what_is_hashed_and_published_holds_no_folder(typed, kept):
    assert without_folders(typed) == kept


def test_an_unknown_recipe_names_the_known_ones():
    with pytest.raises(InputError) as caught:
        recipe.find("tcc_smal")
    assert "tcc_small" in (caught.value.cure or "")


def test_the_json_schema_describes_every_field():
    schema = Recipe.model_json_schema()
    assert set(schema["properties"]) == set(Recipe.model_fields)
