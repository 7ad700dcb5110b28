"""The source `dataset`: rows of a finished data set, in their splits, with their provenance."""

import json
import shutil

import pytest
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.errors import InputError, RecipeError
from ocrfactory.recipe import Recipe
from ocrfactory.sources.dataset import Dataset
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify

KEPT = ("text", "kind", "origin", "split", "lang", "license", "font_sha256", "font_name", "font_size_px")


@pytest.fixture(scope="module")
def parent(tmp_path_factory, make_recipe):
    """A data set of glyphs in three splits."""
    out = tmp_path_factory.mktemp("parent") / "glyphs"
    recipe = make_recipe(splits={"validation": 0.2, "test": 0.2})
    build(recipe, out, Context(), Options(executor="serial"))
    return out


def child(parent, out, augment=None, **fields):
    part = {"source": {"kind": "dataset", "path": str(parent)}, "augment": augment, **fields}
    recipe = Recipe.model_validate({"name": "child", "parts": [part], "shard_rows": 13})
    build(recipe, out, Context(), Options(executor="serial"))
    return {json.loads(row["attrs"])["parent"].partition(":")[2]: row for row in read.rows(out)}


def test_every_row_comes_back_with_its_split_picture_and_provenance(parent, tmp_path):
    rows = child(parent, tmp_path / "out")
    before = {row["id"]: row for row in read.rows(parent)}
    assert rows.keys() == before.keys()
    for id, row in rows.items():
        assert row["image"]["bytes"] == before[id]["image"]["bytes"]
        assert {name: row[name] for name in KEPT} == {name: before[id][name] for name in KEPT}
    assert verify(tmp_path / "out").problems == ()


def test_only_train_is_augmented_unless_more_is_asked_for(parent, tmp_path):
    ops = [{"op": "blur", "sigma": 0.05}]
    before = {row["id"]: row for row in read.rows(parent)}
    rows = child(parent, tmp_path / "train", ops)
    assert {row["split"] for row in rows.values()} == {"train", "validation", "test"}
    for id, row in rows.items():
        assert (row["image"]["bytes"] == before[id]["image"]["bytes"]) == (row["split"] != "train")
        assert (row["aug"] is None) == (row["split"] != "train")
    rows = child(parent, tmp_path / "all", ops, augment_splits=["train", "validation", "test"])
    assert all(row["aug"] for row in rows.values())


def test_augmenting_twice_records_both_times(parent, tmp_path):
    child(parent, tmp_path / "once", [{"op": "blur", "sigma": 0.02}])
    rows = child(tmp_path / "once", tmp_path / "twice", [{"op": "brightness", "shift": 10}])
    train = [json.loads(row["aug"]) for row in rows.values() if row["split"] == "train"]
    assert all([op["op"] for op in ops] == ["blur", "brightness"] for ops in train)


def test_a_picture_that_is_not_the_one_that_was_written_is_a_counted_reject(parent, tmp_path):
    import pyarrow.parquet as pq

    copy = tmp_path / "copy"
    shutil.copytree(parent, copy)
    path = sorted((copy / "data").glob("train-*"))[0]
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0]["image"]["bytes"] = rows[1]["image"]["bytes"]
    pq.write_table(type(table).from_pylist(rows, schema=table.schema), path)
    part = {"source": {"kind": "dataset", "path": str(copy)}}
    manifest = build(
        Recipe.model_validate({"name": "c", "parts": [part]}),
        tmp_path / "out", Context(), Options(executor="serial", max_reject_rate=1),
    )  # fmt: skip
    assert manifest.rejects_by_reason == {"damaged": 1}


def test_some_splits_can_be_taken_alone(parent, tmp_path):
    part = {"source": {"kind": "dataset", "path": str(parent), "splits": ["test"]}}
    build(
        Recipe.model_validate({"name": "c", "parts": [part]}), tmp_path / "out", Context(), Options(executor="serial")
    )
    assert {row["split"] for row in read.rows(tmp_path / "out", ["split"])} == {"test"}


def test_a_folder_that_is_no_data_set_is_an_error_with_the_cure(tmp_path):
    with pytest.raises(InputError, match="not a finished data set"):
        child(tmp_path, tmp_path / "out")


def test_the_parent_recorded_in_the_plan_is_its_content(parent, tmp_path):
    from ocrfactory.plan import make_plan

    copy = tmp_path / "elsewhere" / "glyphs"
    shutil.copytree(parent, copy)
    plans = [
        make_plan(
            Recipe.model_validate({"name": "c", "parts": [{"source": {"kind": "dataset", "path": str(path)}}]}),
            Context(),
        )
        for path in (parent, copy)
    ]
    assert plans[0].plan.sha256 == plans[1].plan.sha256


def _copy_that_loses(parent, folder, damage):
    """A plan of a copy of a data set of which something is then missing or broken."""
    copy = folder / "copy"
    shutil.copytree(parent, copy)
    damage(copy)
    return Recipe.model_validate({"name": "c", "parts": [{"source": {"kind": "dataset", "path": str(copy)}}]})


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "meta" / "charset.txt").unlink(),
        lambda folder: next((folder / "data").iterdir()).unlink(),
        lambda folder: next((folder / "data").iterdir()).write_bytes(b"no parquet"),
    ],
)
def test_a_data_set_with_a_missing_or_broken_file_is_an_error_that_names_it(parent, tmp_path, damage):
    recipe = _copy_that_loses(parent, tmp_path, damage)
    with pytest.raises(InputError, match=r"copy/.*: the data set was moved or damaged"):
        build(recipe, tmp_path / "out", Context(), Options(executor="serial"))


def test_a_data_set_that_moves_while_its_rows_are_read_is_an_error_with_the_cure(parent, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(parent, copy)
    source = Dataset(path=str(copy))
    drawer = source.open(source.settle(Context()).state, 0)
    copy.rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="no such file: the data set was moved") as caught:
        list(drawer.draw([0]))
    assert "put it back" in caught.value.cure


def test_a_recipe_for_real_scans_is_refused_by_what_the_rows_are_not_by_the_kind_of_source(parent, tmp_path):
    with pytest.raises(RecipeError, match="made for real; the source gives font"):
        child(parent, tmp_path / "out", {"origins": ["real"], "ops": [{"op": "blur", "sigma": 0.02}]})
    part = {"source": {"kind": "dataset", "path": "scans"}, "augment": "scan"}
    assert Recipe.model_validate({"name": "scans", "parts": [part]}).parts[0].augment.origins == ("real",)


def test_new_rows_of_a_group_go_to_the_split_that_the_group_has_by_right(parent, tmp_path, make_recipe):
    glyphs = make_recipe().parts[0].source.model_dump(mode="json")
    parts = [{"source": {"kind": "dataset", "path": str(parent)}}, {"source": glyphs}]
    recipe = Recipe.model_validate({"name": "both", "parts": parts, "splits": {"validation": 0.3}})
    build(recipe, tmp_path / "out", Context(), Options(executor="serial"))
    split_of = {}
    for row in read.rows(tmp_path / "out", ["split", "split_group"]):
        assert split_of.setdefault(row["split_group"], row["split"]) == row["split"]
    assert set(split_of.values()) == {"train", "validation", "test"}
