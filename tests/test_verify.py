"""`verify` finds what is wrong, and names the file, the row and the fault."""

import hashlib
import json
import math
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
    entry |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def edit(folder, change_it):
    """Change the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    change_it(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def list_files(folder):
    """Have the manifest list what lies beside the shards."""
    beside = [*(folder / "meta").rglob("*"), folder / "README.md"]
    hashes = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in beside
        if path.is_file() and path.name != "report.json"
    }
    edit(folder, lambda manifest: manifest.update(files=hashes))


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
        ({"char_boxes": [5.0, 1.0, 2.0, 9.0]}, "ends before it starts"),
        ({"char_boxes": [0.0, 0.0, 1.0]}, "not 4 x 1"),
        ({"bbox": [0.0, 0.0, -1.0, 1.0]}, "bbox leaves"),
        ({"attrs": "{"}, "attrs is not JSON"),
        ({"aug": "{}"}, "aug is not a JSON list"),
        ({"font_sha256": None}, "font_sha256 is null"),
        ({"origin": "real"}, "src_image is null"),
        ({"license": None}, "license is null"),
        ({"font_size_px": math.nan}, "font_size_px nan is no size"),
        ({"font_size_px": math.inf}, "font_size_px inf is no size"),
        ({"font_size_px": 0.0}, "font_size_px 0.0 is no size"),
        ({"bbox": [0.0, None, 1.0, 1.0]}, "bbox leaves"),
        ({"char_boxes": [0.0, None, 1.0, 1.0]}, "char_boxes leaves its image"),
        ({"attrs": "[" * 100_000}, "attrs is not JSON"),
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


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("rows_by_split", {"train": 1, "validation": 0, "test": 0}, "rows_by_split: 1 of 'train', there are"),
        ("rows_by_split", {}, "rows_by_split: 0 of 'train', there are"),
        ("rejects_by_reason", {"tofu": 3}, "rejects_by_reason: 3 of 'tofu', there are 0"),
        ("plan_sha256", "0" * 64, "the footer's plan_sha256 is"),
        ("seed", 12345, "the footer's root_seed is"),
        ("recipe_sha256", "0" * 64, "the footer's config_sha256 is"),
    ],
)
def test_an_edited_manifest_is_found(copy, field, value, what):
    edit(copy, lambda manifest: manifest.update({field: value}))
    assert what in problems(copy)


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("bytes", 1, "bytes, expected 1"),
        ("first_id", "nobody", "the first id is"),
        ("last_id", None, "the last id is"),
    ],
)
def test_an_edited_entry_of_a_shard_is_found(copy, field, value, what):
    edit(copy, lambda manifest: manifest["shards"][0].update({field: value}))
    assert what in problems(copy)


def test_a_shard_under_the_name_of_another_is_found_by_its_footer(copy):
    path = sorted((copy / "data").iterdir())[0]
    other = path.rename(path.with_name("train-99999-of-99999.parquet"))
    edit(copy, lambda manifest: manifest["shards"][0].update(path=f"data/{other.name}"))
    assert "the footer's shard is" in problems(copy)


def test_a_shard_without_facts_in_its_footer_is_found(copy):
    path = sorted((copy / "data").iterdir())[0]
    pq.write_table(pq.read_table(path).replace_schema_metadata({"huggingface": "{}"}), path)
    assert "the footer lacks the ocrfactory key" in problems(copy)


@pytest.mark.parametrize(
    "name", ["data/notes.txt", "data/deep/a.csv", "extra.parquet", "meta/more.parquet", ".ocrfactory/x.PARQUET"]
)
def test_a_file_that_a_loader_would_take_is_found(copy, name):
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text("x")
    assert f"{name}: is not in the manifest" in problems(copy)


def test_a_link_to_a_folder_in_data_is_found(copy, tmp_path):
    (copy / "data/link").symlink_to(tmp_path)
    assert "data/link: is not in the manifest" in problems(copy)


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "name", ["meta/charset.txt", "meta/holes.csv", "meta/fonts.json", "meta/rejects.parquet", "README.md"]
)
def test_a_missing_file_beside_the_shards_is_found(copy, name, listed):
    if listed:
        list_files(copy)
    else:
        edit(copy, lambda manifest: manifest.pop("files", None))
    assert problems(copy) == ""
    (copy / name).unlink()
    assert name in problems(copy)


def test_a_missing_recipe_is_found(copy):
    for path in (copy / "meta/recipes").iterdir():
        path.unlink()
    assert "meta/recipes: holds no recipe" in problems(copy)


@pytest.mark.parametrize("name", ["meta/charset.txt", "meta/holes.csv", "meta/fonts.json", "README.md"])
def test_a_changed_file_beside_the_shards_is_named(copy, name):
    list_files(copy)
    (copy / name).write_bytes((copy / name).read_bytes() + b"\n")
    assert f"{name}: sha256 is" in problems(copy)


def test_a_file_that_the_manifest_no_longer_lists_is_named(copy):
    list_files(copy)
    edit(copy, lambda manifest: manifest["files"].pop("meta/holes.csv"))
    assert "files does not list meta/holes.csv" in problems(copy)


@pytest.mark.parametrize("name", ["data/a\0.parquet", "data/" + "a" * 300 + ".parquet", "../out/../../x"])
def test_a_name_that_no_file_of_the_data_set_can_have_is_a_problem(copy, name):
    list_files(copy)
    edit(copy, lambda manifest: manifest["shards"][0].update(path=name))
    edit(copy, lambda manifest: manifest["files"].update({name: ""}))
    found = [line for line in verify.verify(copy).problems if "cannot be a file" in line or "outside" in line]
    assert len(found) == 2


def test_a_ledger_with_other_columns_is_a_problem(copy):
    pq.write_table(pa.table({"x": ["y"]}), copy / "meta/rejects.parquet")
    assert "meta/rejects.parquet: " in problems(copy)
