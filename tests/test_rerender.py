"""`rerender`: one row drawn again from its plan is the row that was written, bit for bit."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.encode import png
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


def _changed(lines, folder, **values):
    """A copy of the data set whose first row says something else, and the id of that row."""
    out = folder / "copy"
    shutil.copytree(lines[0], out)
    path = sorted((out / "data").iterdir())[0]
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0].update({name: value(rows) for name, value in values.items()})
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    return out, rows[0]["id"]


def test_a_picture_of_another_size_or_of_none_is_a_difference(lines, tmp_path):
    other = _changed(
        lines, tmp_path / "a", image=lambda rows: {**rows[0]["image"], "bytes": png(np.zeros((9, 5), "u1"))}
    )
    assert rerender(*other).differences == ("image",)
    broken = _changed(lines, tmp_path / "b", image=lambda rows: {**rows[0]["image"], "bytes": b"?"})
    assert rerender(*broken).differences == ("image (the stored one cannot be decoded)",)


def test_a_plan_or_a_shard_that_is_cut_short_is_an_error_that_names_it(lines, tmp_path):
    out, id = _changed(lines, tmp_path)
    plan = Layout(out).plan
    plan.write_bytes(plan.read_bytes()[:20])
    with pytest.raises(InputError, match=r"plan\.bin: .*truncated"):
        rerender(out, id)
    for path in (out / "data").iterdir():
        path.write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"parquet: .*moved or damaged"):
        rerender(out, id)
