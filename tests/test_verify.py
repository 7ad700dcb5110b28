"""`verify` finds what is wrong, and names the file, the row and the fault."""

import hashlib
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ocrfactory import schema, verify
from ocrfactory.errors import VerifyError


@pytest.fixture(scope="module")
def built(tmp_path_factory, make_recipe):
    from ocrfactory.build import Options, build
    from ocrfactory.sources.source import Context

    out = tmp_path_factory.mktemp("built") / "out"
    build(make_recipe(), out, Context(), Options(executor="serial"))
    return out


@pytest.fixture
def copy(built, tmp_path):
    return shutil.copytree(built, tmp_path / "out")


def change(folder, fields, number=0):
    """Rewrite one shard with changed cells of its first row, and make the manifest agree with the new file."""
    manifest = json.loads((folder / "manifest.json").read_text())
    entry = manifest["shards"][number]
    path = folder / entry["path"]
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0] = {**rows[0], **fields}
    changed = pa.Table.from_pylist(rows, schema=table.schema)
    with pq.ParquetWriter(path, table.schema, **schema.writer_options()) as writer:
        writer.write_table(changed)
    entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def problems(folder):
    return "\n".join(verify.verify(folder).problems)


def test_a_whole_data_set_has_no_problem(built):
    assert verify.verify(built).problems == ()


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"text": None}, "text is null"),
        ({"text": "龜"}, "content hash"),
        ({"text": "鑾"}, "not a class of meta/charset.txt"),
        ({"text": "a\tb"}, "U+0009"),
        ({"kind": "word", "text": "e\u0301"}, "not NFC"),
        ({"kind": "poem"}, "'poem' is none of"),
        ({"n_chars": 7}, "n_chars is 7"),
        ({"width": 31}, "image is 32x32"),
        ({"image": {"bytes": None, "path": "/etc/passwd"}}, "image.bytes is null"),
        ({"image": {"bytes": b"GIF89a", "path": "a.png"}}, "does not decode"),
        ({"image_hash": "0" * 32}, "image_hash does not match"),
        ({"split": "test"}, "in a file of train"),
        ({"seed": -1}, "seed -1"),
        ({"char_boxes": [0.0, 0.0, 99.0, 1.0]}, "char_boxes leaves its image"),
        ({"char_boxes": [0.0, 0.0, 1.0]}, "not 4 x 1"),
        ({"bbox": [0.0, 0.0, -1.0, 1.0]}, "bbox leaves"),
        ({"attrs": "{"}, "attrs is not JSON"),
        ({"aug": "{}"}, "aug is not a JSON list"),
        ({"font_sha256": None}, "font_sha256 is null"),
        ({"origin": "real"}, "src_image is null"),
        ({"license": None}, "license is null"),
    ],
)
def test_a_fault_of_a_row_is_named(copy, fields, what):
    change(copy, fields)
    assert what in problems(copy)


def test_a_path_that_a_reader_would_open_is_a_fault(copy):
    table = pq.read_table(next((copy / "data").iterdir()))
    change(copy, {"image": {"bytes": table["image"][0].as_py()["bytes"], "path": "../../etc/passwd"}})
    assert "no plain ASCII base name" in problems(copy)


def test_an_id_that_occurs_twice_is_found_across_shards(copy):
    other = pq.read_table(sorted((copy / "data").iterdir())[1], columns=["id"])["id"][0].as_py()
    change(copy, {"id": other})
    assert "id is not unique" in problems(copy)


def test_a_flipped_bit_is_found(copy):
    path = sorted((copy / "data").iterdir())[1]
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 4
    path.write_bytes(data)
    found = problems(copy)
    assert f"{path.name}: sha256 is" in found


@pytest.mark.parametrize("what", ["missing", "stranger", "cut", "ledger"])
def test_missing_strange_and_cut_files_are_found(copy, what):
    path = sorted((copy / "data").iterdir())[0]
    if what == "missing":
        path.unlink()
    elif what == "stranger":
        shutil.copy(path, copy / "data/extra.parquet")
    elif what == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    else:
        (copy / "meta/rejects.parquet").unlink()
    expected = {
        "missing": "missing",
        "stranger": "not in the manifest",
        "cut": "cannot be read",
        "ledger": "rejects.parquet",
    }
    assert expected[what] in problems(copy)


def test_a_manifest_that_points_outside_is_not_followed(copy):
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["shards"][0]["path"] = "../../../etc/passwd"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert "outside" in problems(copy)


def test_problems_end_in_exit_code_8(copy):
    (copy / "meta/charset.txt").write_text("x\n")
    with pytest.raises(VerifyError) as caught:
        verify.raise_for(verify.verify(copy), copy)
    assert caught.value.exit_code == 8
