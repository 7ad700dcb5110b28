"""`rerender`: one row drawn again from its plan is the row that was written, bit for bit."""

import json

import pytest
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.errors import InputError
from ocrfactory.layout import Layout
from ocrfactory.recipe import Recipe
from ocrfactory.rerender import rerender
from ocrfactory.sources.source import Context

from tests.conftest import HAN
from tests.makers import make_font

OPS = [
    {"op": "rotate", "degrees": [-3, 3]},
    {"op": "paint"},
    {"op": "blur", "p": 0.5},
    {"op": "noise"},
    {"op": "imgaug", "augmenter": "Add", "args": {"value": [-10, 10]}},
]


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """A data set of augmented lines and of glyphs."""
    folder = tmp_path_factory.mktemp("lines")
    font = make_font(folder / "f.ttf", HAN, blanks=" ")
    (folder / "t.txt").write_text("\n".join(f"{HAN[i : i + 4]} {HAN[i]}" for i in range(16)), "utf-8")
    source = {"kind": "lines", "fonts": [str(font)], "corpus": [{"kind": "lines", "file": str(folder / "t.txt")}]}
    glyphs = {"kind": "glyphs", "fonts": [str(font)], "charset": "U+4E00..U+4E0B", "per_class": 2}
    parts = [{"source": {**source, "vertical": 0.3}, "augment": {"ops": OPS, "floor": None}}, {"source": glyphs}]
    recipe = Recipe.model_validate({"name": "r", "parts": parts, "shard_rows": 9, "seed": 5})
    build(recipe, folder / "out", Context(), Options(executor="serial", max_reject_rate=1))
    return folder / "out", recipe


def test_every_row_is_drawn_again_with_the_same_bytes(lines):
    out, _ = lines
    rows = list(read.rows(out))
    assert {row["id"].partition("/")[0] for row in rows} == {"lines", "glyphs"}
    for row in rows:
        found = rerender(out, row["id"])
        assert found.differences == ()
        assert found.image == row["image"]["bytes"]


def test_the_recorded_parameters_are_those_that_are_applied(lines):
    row = next(row for row in read.rows(lines[0]) if row["aug"])
    assert [op["op"] for op in json.loads(row["aug"])][:2] == ["rotate", "paint"]


def test_without_its_plan_a_data_set_is_drawn_again_from_its_recipe(lines):
    out, recipe = lines
    id = next(read.rows(out, ["id"]))["id"]
    plan = Layout(out).plan
    away = plan.rename(plan.with_suffix(".away"))
    try:
        with pytest.raises(InputError, match="the plan is not there"):
            rerender(out, id)
        assert rerender(out, id, recipe).differences == ()
        other = recipe.model_copy(update={"seed": 6})
        with pytest.raises(InputError, match="not the one that made"):
            rerender(out, id, other)
    finally:
        away.rename(plan)


@pytest.mark.parametrize("id", ["lines/000000099", "nobody/000000001", "x", "", "lines/-1", "lines/1/2/3"])
def test_an_id_that_no_row_has_is_an_error(lines, id):
    with pytest.raises(InputError, match="no row has the id"):
        rerender(lines[0], id)
