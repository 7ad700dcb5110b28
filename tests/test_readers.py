"""Other people's readers take the output as it is."""

import io

import numpy as np
import pytest
from ocrfactory import read
from PIL import Image

from tests.conftest import HAN


@pytest.fixture(scope="module")
def built(tmp_path_factory, make_recipe):
    from ocrfactory.build import Options, build
    from ocrfactory.sources.source import Context

    out = tmp_path_factory.mktemp("built") / "out"
    build(make_recipe(splits={"test": 0.2}), out, Context(), Options(executor="serial"))
    return out


def test_datasets_decodes_the_images_without_help(built, tmp_path):
    datasets = pytest.importorskip("datasets")
    found = datasets.load_dataset(str(built), cache_dir=str(tmp_path))
    assert set(found) == {"train", "test"}
    row = found["train"][0]
    assert isinstance(row["image"], Image.Image)
    assert row["image"].size == (32, 32)
    assert row["text"] in HAN
    pixels = {r["id"]: r["image"]["bytes"] for r in read.rows(built)}
    for row in found["test"]:
        assert np.array_equal(np.asarray(row["image"]), np.asarray(Image.open(io.BytesIO(pixels[row["id"]]))))


def test_datasets_streams_it_too(built):
    datasets = pytest.importorskip("datasets")
    row = next(iter(datasets.load_dataset(str(built), split="train", streaming=True)))
    assert isinstance(row["image"], Image.Image)


def test_duckdb_reads_all_rows_with_a_glob_of_the_whole_folder(built):
    duckdb = pytest.importorskip("duckdb")
    rows = read.manifest(built).rows
    assert duckdb.sql(f"select count(*), count(distinct id) from '{built}/data/*.parquet'").fetchall() == [(rows, rows)]
    kinds = duckdb.sql(
        f"select typeof(image), typeof(bbox), typeof(seed) from '{built}/data/*.parquet' limit 1"
    ).fetchall()
    assert kinds == [("STRUCT(bytes BLOB, path VARCHAR)", "FLOAT[]", "BIGINT")]


def test_polars_reads_images_as_structs(built):
    polars = pytest.importorskip("polars")
    frame = polars.read_parquet(built / "data/*.parquet")
    assert frame.height == read.manifest(built).rows
    assert frame["image"][0]["bytes"].startswith(b"\x89PNG")
    assert set(frame["text"]) == set(HAN)


def test_pandas_reads_images_as_dicts(built):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(built / "data")
    assert len(frame) == read.manifest(built).rows
    assert frame["image"][0]["bytes"].startswith(b"\x89PNG")


def test_our_own_iterator_reads_splits_and_columns(built):
    rows = list(read.rows(built, ["text", "id"], split="test"))
    assert len(rows) == read.manifest(built).rows_by_split["test"]
    assert set(rows[0]) == {"text", "id"}


def test_our_own_iterator_refuses_a_folder_that_is_not_complete(built, tmp_path):
    import json
    import shutil

    from ocrfactory.errors import InputError, VerifyError

    out = tmp_path / "out"
    shutil.copytree(built, out)
    manifest = json.loads((out / "manifest.json").read_text())
    for changes, error, why in (
        ({"complete": False}, InputError, "not complete"),
        ({"schema": 2}, VerifyError, "schema version 2"),
        ({"rows": "many"}, InputError, "not a manifest"),
    ):
        (out / "manifest.json").write_text(json.dumps({**manifest, **changes}))
        with pytest.raises(error, match=why):
            list(read.rows(out))
    (out / "manifest.json").unlink()
    with pytest.raises(InputError, match="not a finished data set"):
        list(read.rows(out))
