"""Others' Parquet: written by `datasets`, by pyarrow, and with what must be refused."""

import json

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ocrfactory.errors import InputError
from ocrfactory.sources.hf import Hf
from ocrfactory.sources.source import Context

from tests.convert.formats.helpers import make, picture, put

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def write(path, images, texts, group=3, image="image", text="text", type=IMAGE, **more):
    """A Parquet file of images as (bytes, path) or None."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = [None if value is None else {"bytes": value[0], "path": value[1]} for value in images]
    table = pa.table({image: pa.array(values, type), text: texts, **more})
    pq.write_table(table, path, row_group_size=group, compression="zstd")
    return path


def test_what_datasets_writes_is_read_back_with_the_splits_of_its_names(tmp_path):
    features = datasets.Features({"image": datasets.Image(), "text": datasets.Value("string")})
    for split, numbers in (("train", range(7)), ("validation", range(7, 9)), ("test", (9,))):
        rows = {"image": [{"bytes": picture(n), "path": None} for n in numbers], "text": [f"글 {n}" for n in numbers]}
        (tmp_path / "d/data").mkdir(parents=True, exist_ok=True)
        file = tmp_path / f"d/data/{split}-00000-of-00001.parquet"
        datasets.Dataset.from_dict(rows, features=features).to_parquet(file, batch_size=3)
    made = make(tmp_path / "out", "hf", tmp_path / "d")
    assert [made.splits[f"글 {n}"] for n in (0, 6, 7, 9)] == ["train", "train", "validation", "test"]
    assert [made.image(f"글 {n}") for n in range(10)] == [picture(n) for n in range(10)]
    assert not made.reasons


def test_rows_without_bytes_are_refused_and_their_paths_are_not_opened(tmp_path):
    secret = put(tmp_path, {"secret.png": picture(1)}) / "secret.png"
    images = [(picture(2), None), (None, str(secret)), (None, None), None, (b"", "x"), (b"GIF89a", None)]
    made = make(tmp_path / "out", "hf", write(tmp_path / "d/train.parquet", images, list("abcdef")))
    assert list(made.texts) == ["a"]
    assert made.reasons == {"missing_image": 3, "decode_error": 2}


def test_a_row_without_text_is_counted(tmp_path):
    images = [(picture(n), None) for n in range(3)]
    made = make(tmp_path / "out", "hf", write(tmp_path / "d/train.parquet", images, ["a", None, "  "]))
    assert made.reasons == {"text_empty": 2}


@pytest.mark.parametrize(
    "type",
    [pa.struct([("bytes", pa.large_binary()), ("path", pa.large_string())]), pa.struct([("bytes", pa.binary())])],
)
def test_the_columns_are_found_by_their_shape_or_named(tmp_path, type):
    images = [(picture(1), None)]
    values = [{"bytes": images[0][0]} for _ in images]
    table = pa.table({"line": pa.array(values, type), "transcription": pa.array(["a"]).dictionary_encode()})
    (tmp_path / "d").mkdir()
    pq.write_table(table, tmp_path / "d/a.parquet")
    assert list(make(tmp_path / "1", "hf", tmp_path / "d").texts) == ["a"]
    named = make(tmp_path / "2", "hf", tmp_path / "d", image_column="line", text_column="transcription")
    assert named.image("a") == picture(1)


@pytest.mark.parametrize("options", [{"image_column": "nothing"}, {"text_column": "nothing"}, {"image_column": "text"}])
def test_columns_that_no_file_has_are_refused_with_those_that_are_there(tmp_path, options):
    path = write(tmp_path / "d/train.parquet", [(picture(1), None)], ["a"])
    with pytest.raises(InputError, match=r"image: struct.*text: string"):
        make(tmp_path / "out", "hf", path, **options)


def test_an_extension_type_is_not_taken_for_an_image(tmp_path):
    class Foreign(pa.ExtensionType):
        def __init__(self):
            super().__init__(IMAGE, "tests.foreign")

        def __arrow_ext_serialize__(self):
            return b""

        @classmethod
        def __arrow_ext_deserialize__(cls, storage, data):
            raise AssertionError("a type of a file must not run code")

    storage = pa.array([{"bytes": picture(1), "path": None}], IMAGE)
    table = pa.table({"image": pa.ExtensionArray.from_storage(Foreign(), storage), "text": ["a"]})
    (tmp_path / "d").mkdir()
    pq.write_table(table, tmp_path / "d/a.parquet")
    assert list(make(tmp_path / "out", "hf", tmp_path / "d").texts) == ["a"]  # unknown, so it is its plain storage
    pa.register_extension_type(Foreign())
    try:
        with pytest.raises((InputError, AssertionError)):
            make(tmp_path / "out2", "hf", tmp_path / "d")
    finally:
        pa.unregister_extension_type("tests.foreign")


def test_damaged_files_are_counted_and_the_others_are_read(tmp_path):
    good = write(tmp_path / "d/a.parquet", [(picture(1), None)], ["ok"])
    put(tmp_path / "d", {"b.parquet": b"nonsense", "c.parquet": b"", "d.parquet": good.read_bytes()[:-30]})
    write(tmp_path / "d/e.parquet", [(picture(1), None)], ["x"], text="words")
    made = make(tmp_path / "out", "hf", tmp_path / "d")
    assert list(made.texts) == ["ok"]
    assert made.reasons == {"bad_parquet": 4}


def test_images_that_would_grow_out_of_all_bounds_are_refused_before_they_are_read(tmp_path):
    write(tmp_path / "d/bomb.parquet", [(bytes(40 << 20), None)], ["x"])
    write(tmp_path / "d/good.parquet", [(picture(1), None)], ["ok"])
    made = make(tmp_path / "out", "hf", tmp_path / "d")
    assert list(made.texts) == ["ok"]
    assert made.reasons == {"too_large": 1}


def test_equal_images_with_one_text_are_rejected_when_asked(tmp_path):
    images = [(picture(n % 4), None) for n in range(8)]
    path = write(tmp_path / "d/train.parquet", images, ["a", "b", "c", "d", "a", "b", "c", "x"])
    made = make(tmp_path / "out", "hf", path, drop_duplicates=True)
    assert made.reasons == {"dup_sample": 3}


def test_two_workers_give_the_bytes_of_one(tmp_path):
    for name in ("train", "test"):
        images = [(picture(n), None) for n in range(60)]
        write(tmp_path / f"d/{name}-0.parquet", images, [f"{name} {n}" for n in range(60)], group=25)
    serial = make(tmp_path / "1", "hf", tmp_path / "d")
    assert serial.hashes() == make(tmp_path / "2", "hf", tmp_path / "d", workers=2).hashes()


def test_a_text_that_is_no_utf8_is_counted_and_the_others_are_read(tmp_path):
    texts = pa.array([b"ok", b"\xb0\xa1", b"fine"]).view(pa.string())
    path = write(tmp_path / "d/train.parquet", [(picture(n), None) for n in range(3)], texts)
    made = make(tmp_path / "out", "hf", path)
    assert sorted(made.texts) == ["fine", "ok"]
    assert made.reasons == {"text_invalid": 1}


def test_a_file_that_changed_since_it_was_planned_is_rejected(tmp_path):
    path = write(tmp_path / "d/train.parquet", [(picture(n), None) for n in range(3)], list("abc"))
    source = Hf(paths=(str(path),))
    settled = source.settle(Context())
    write(path, [(picture(n), None) for n in range(4)], list("abcd"))
    drawn = list(source.open(settled.state, 0).draw(range(3)))
    assert [reject.reason for reject in drawn] == ["changed"] * 3


def test_rows_in_any_order_give_the_same_images(tmp_path):
    path = write(tmp_path / "d/train.parquet", [(picture(n), None) for n in range(50)], [str(n) for n in range(50)], 20)
    source = Hf(paths=(str(path),))
    state = source.settle(Context()).state
    for order in (range(50), range(49, -1, -1), (30, 3, 45, 44, 3)):
        drawn = source.open(state, 0).draw(order)
        assert [sample.encoded[1] for sample in drawn] == [picture(n) for n in order]


def classes(folder, metadata):
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    images = pa.array([{"bytes": picture(n), "path": None} for n in range(4)], kind)
    table = pa.table({"image": images, "label": pa.array([1, 0, -1, None], pa.int64())})
    folder.mkdir()
    pq.write_table(table.replace_schema_metadata(metadata), folder / "train.parquet")
    return folder


def test_numbers_of_classes_are_read_as_the_names_of_the_classes(tmp_path):
    noted = {"info": {"features": {"label": {"names": ["가", "나"], "_type": "ClassLabel"}}}}
    made = make(tmp_path / "out", "hf", classes(tmp_path / "d", {"huggingface": json.dumps(noted)}))
    assert (made.image("나"), made.image("가")) == (picture(0), picture(1))
    assert made.reasons == {"text_empty": 2}


@pytest.mark.parametrize("noted", [None, "{", "{}", '{"info": {"features": {"label": {"dtype": "int64"}}}}'])
def test_a_column_of_numbers_without_names_is_told_to_be_no_text(tmp_path, noted):
    with pytest.raises(InputError, match="the column label is int64, not text"):
        make(tmp_path / "out", "hf", classes(tmp_path / "d", noted and {"huggingface": noted}))
