"""The schema and the content hash."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory import encode, schema, write
from ocrfactory.sample import FontUse, Photo, Sample
from xxhash import xxh3_128_hexdigest

FONT = FontUse("a" * 64, 0, "Test Regular", "wght=700")


def sample(text="字", image=None, **changes):
    image = np.zeros((8, 6), np.uint8) if image is None else image
    facts = {"kind": "glyph", "origin": "font", "seed": 1, "license": "OFL-1.1", "font": FONT, "font_size_px": 56.1}
    return Sample(text=text, image=image, **{**facts, **changes})


def row(made, identity="s/000000000"):
    return schema.row_of(made, id=identity, source="s", split="train", recipe_id="0" * 16)


def encoded(made, identity="s/000000000"):
    data = encode.png(made.image)
    values = row(made, identity)
    return write.Encoded(data, "x.png", xxh3_128_hexdigest(data), values, schema.row_hash(made.image, values))


def test_there_are_35_columns_and_36_leaves_and_every_field_is_nullable():
    assert len(schema.COLUMNS) == 35
    assert len(schema.leaf_paths()) == 36
    assert all(field.nullable for field in schema.arrow_schema())


def test_the_footer_declares_the_image_column_and_nothing_else():
    metadata = schema.arrow_schema({"shard": "x"}).metadata
    assert json.loads(metadata[b"huggingface"]) == {"info": {"features": {"image": {"_type": "Image"}}}}
    assert json.loads(metadata[b"ocrfactory"]) == {"schema": 1, "shard": "x"}


def test_a_photo_fills_the_source_columns():
    photo = Photo("a/b.jpg", "b" * 64, 640, 480, "a/b.json", "00000000", (1.5, 2, 3, 4), (1, 2, 3, 4, 5, 6, 7, 8))
    values = row(sample(origin="real", photo=photo, font=None, font_size_px=None))
    assert (values.src_image, values.src_width, values.bbox) == ("a/b.jpg", 640, [1.5, 2, 3, 4])
    assert values.font_sha256 is None


@given(st.floats(-1e6, 1e6, width=32))
def test_a_float32_is_hashed_as_its_shortest_decimal(value):
    assert np.float32(schema.shortest(value)) == np.float32(value)
    assert len(repr(schema.shortest(value))) <= len(repr(float(np.float32(value))))


def test_the_content_hash_changes_with_one_pixel_one_label_and_one_field():
    base = schema.row_hash(sample().image, row(sample()))
    dotted = sample().image.copy()
    dotted[3, 3] = 1
    assert schema.row_hash(dotted, row(sample())) != base
    assert schema.row_hash(sample().image, row(sample("宇"))) != base
    assert schema.row_hash(sample().image, row(sample(license="MIT"))) != base
    assert schema.row_hash(sample().image, row(sample(), "s/000000001")) != base


def test_the_content_hash_tells_the_shape_from_the_pixels():
    wide, tall = np.zeros((4, 9), np.uint8), np.zeros((9, 4), np.uint8)
    values = row(sample())
    assert schema.row_hash(wide, values) != schema.row_hash(tall, values)


@given(st.lists(st.integers(0, 2**256 - 1)), st.randoms())
def test_the_hash_of_a_whole_depends_on_no_order(values, random):
    mixed = values[:]
    random.shuffle(mixed)
    assert (
        schema.add_hashes(*values)
        == schema.add_hashes(*mixed)
        == schema.add_hashes(schema.add_hashes(*values[:3]), schema.add_hashes(*values[3:]))
    )


def test_a_file_written_twice_has_the_same_bytes_and_what_was_meant(tmp_path):
    rows = [encoded(sample(chr(0x4E00 + i)), f"s/{i:09d}") for i in range(25)]
    for name in ("a", "b"):
        write.write_parquet(tmp_path / name, write.tables_of(rows, 10), {"shard": "x"})
        write.check_parquet(tmp_path / name, write.tables_of(rows, 10), {"shard": "x"})
    assert write.sha256_of(tmp_path / "a") == write.sha256_of(tmp_path / "b")


def test_row_groups_are_cut_by_rows_and_by_bytes(tmp_path, monkeypatch):
    rows = [encoded(sample(), f"s/{i:09d}") for i in range(25)]
    write.write_parquet(tmp_path / "a", write.tables_of(rows, 10), {})
    assert [pa.parquet.ParquetFile(tmp_path / "a").metadata.row_group(i).num_rows for i in range(3)] == [10, 10, 5]
    monkeypatch.setattr(write, "MAX_GROUP_BYTES", 3 * len(rows[0].image))
    write.write_parquet(tmp_path / "b", write.tables_of(rows, 10), {})
    assert pa.parquet.ParquetFile(tmp_path / "b").metadata.row_group(0).num_rows == 3


def test_the_images_are_stored_as_they_are_and_all_else_is_packed(tmp_path):
    write.write_parquet(tmp_path / "a", write.tables_of([encoded(sample())], 10), {})
    group = pa.parquet.ParquetFile(tmp_path / "a").metadata.row_group(0)
    packing = {group.column(i).path_in_schema: group.column(i).compression for i in range(group.num_columns)}
    assert packing.pop("image.bytes") == "UNCOMPRESSED"
    assert set(packing.values()) == {"ZSTD"}
    assert group.column(0).has_offset_index


@pytest.mark.parametrize("spoil", ["a byte of an image", "a row less", "another footer", "another label"])
def test_a_file_that_is_not_what_was_meant_is_never_committed(tmp_path, spoil):
    path = tmp_path / "a"
    rows = [encoded(sample(chr(0x4E00 + i)), f"s/{i:09d}") for i in range(5)]
    if spoil == "a row less":
        write.write_parquet(path, write.tables_of(rows[:-1], 10), {})
    elif spoil == "another label":
        write.write_parquet(path, write.tables_of([encoded(sample("丁"), "s/000000000"), *rows[1:]], 10), {})
    else:
        write.write_parquet(path, write.tables_of(rows, 10), {"shard": "y"} if spoil == "another footer" else {})
    if spoil == "a byte of an image":
        data = bytearray(path.read_bytes())
        data[data.index(b"IDAT") + 8] ^= 1
        path.write_bytes(data)
    with pytest.raises((OSError, write.OutputError)):
        write.check_parquet(path, write.tables_of(rows, 10), {})


@given(st.lists(st.floats(-20_000, 20_000), max_size=8), st.lists(st.integers(-2_000_000, 2_000_000), max_size=8))
def test_the_short_way_to_the_shortest_decimal_gives_the_same(values, hundredths):
    both = (*values, *(number / 100 for number in hundredths), 7, 12_345)
    assert schema.dump(schema._floats(both)) == schema.dump([schema.shortest(value) for value in both])
