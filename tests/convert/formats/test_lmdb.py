"""LMDBs as DTRB and PARSeq read them."""

import builtins
import random
import subprocess
import sys
import zipfile

import lmdb
import pytest
from ocrfactory.convert.formats import lmdb_check
from ocrfactory.errors import EmptyPlanError, InputError

from tests.convert.formats.helpers import make, picture, put


def write(folder, samples, said=None, more=None):
    """An LMDB of (number, image or None, label or None); `more`: keys as they are."""
    folder.mkdir(parents=True)
    env = lmdb.open(str(folder), map_size=1 << 24)
    with env.begin(write=True) as transaction:
        for number, image, label in samples:
            if image is not None:
                transaction.put(b"image-%09d" % number, image)
            if label is not None:
                transaction.put(b"label-%09d" % number, label if isinstance(label, bytes) else label.encode())
        if said != "none":
            transaction.put(b"num-samples", str(len(samples) if said is None else said).encode())
        for key, value in (more or {}).items():
            transaction.put(key.encode(), value)
    env.close()
    return folder


def test_a_tree_of_lmdbs_becomes_rows_with_the_very_files_and_the_splits_of_the_folders(tmp_path):
    write(tmp_path / "d/training/MJ", [(1, picture(1), "간판"), (2, picture(2, format="JPEG"), "b")])
    write(tmp_path / "d/validation", [(1, picture(3), "c d")])
    made = make(tmp_path / "out", "lmdb", tmp_path / "d")
    assert made.splits == {"간판": "train", "b": "train", "c d": "validation"}
    assert [made.image(text) for text in ("간판", "c d")] == [picture(1), picture(3)]
    assert made.texts["간판"]["src_image"] == "training/MJ/image-000000001"
    assert made.texts["간판"]["kind"] == "word"
    assert not made.reasons


@pytest.mark.parametrize("name", ["", "data.mdb"])
def test_one_lmdb_is_named_by_its_folder_or_its_file(tmp_path, name):
    write(tmp_path / "train", [(1, picture(1), "a")])
    assert make(tmp_path / "out", "lmdb", tmp_path / "train" / name).splits == {"a": "train"}


def test_missing_keys_and_labels_that_are_no_utf8_are_counted(tmp_path):
    samples = [
        (1, picture(1), "ok"),
        (2, None, "x"),
        (3, picture(3), None),
        (4, picture(4), b"\xb0\xa1"),
        (5, b"?", "y"),
    ]
    made = make(tmp_path / "out", "lmdb", write(tmp_path / "d", samples))
    assert list(made.texts) == ["ok"]
    assert made.reasons == {"missing_image": 1, "missing_label": 1, "text_invalid": 1, "decode_error": 1}


@pytest.mark.parametrize(
    ("said", "reasons"), [(9, {"num_samples": 1}), (10**12, {"num_samples": 1}), (1, {}), ("none", {})]
)
def test_a_count_that_lies_loses_no_row(tmp_path, said, reasons):
    folder = write(tmp_path / "d", [(1, picture(1), "a"), (2, picture(2), "b"), (7, picture(3), "c")], said)
    made = make(tmp_path / "out", "lmdb", folder)
    assert sorted(made.texts) == ["a", "b", "c"]
    assert made.reasons == reasons


def test_what_is_no_lmdb_of_this_kind_is_counted_and_the_others_are_read(tmp_path):
    write(tmp_path / "d/1", [(1, picture(1), "ok")], more={"image-1": b"other", "something": b"else"})
    write(tmp_path / "d/2", [], more={"something": b"else"})
    put(tmp_path / "d", {"3/data.mdb": b"nonsense" * 999, "4/data.mdb": b""})
    cut = write(tmp_path / "d/5", [(n, picture(n), str(n)) for n in range(1, 200)]) / "data.mdb"
    cut.write_bytes(cut.read_bytes()[:-20_000])
    with zipfile.ZipFile(tmp_path / "d/6.zip", "w") as archive:
        archive.writestr("data.mdb", "an LMDB is mapped, which cannot be done inside a zip")
    made = make(tmp_path / "out", "lmdb", tmp_path / "d")
    assert list(made.texts) == ["ok"]
    assert made.reasons == {"bad_lmdb": 5}
    assert str(tmp_path) not in " ".join(made.details)


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_lmdb_does_not_end_the_program(tmp_path, seed):
    write(tmp_path / "d/good", [(1, picture(1), "ok")])
    for name in ("a", "b"):
        file = write(tmp_path / "d" / name, [(n, picture(n) * 30, str(n)) for n in range(1, 200)]) / "data.mdb"
        data, chance = bytearray(file.read_bytes()), random.Random(f"{seed}{name}")
        for _ in range(400):  # behind the two pages that say what the file is
            place = chance.randrange(8192, len(data))
            data[place : place + 8] = chance.randbytes(8)
        file.write_bytes(data)
    code = "import sys; from pathlib import Path; from tests.convert.formats.helpers import make; "
    code += "made = make(Path(sys.argv[1]), 'lmdb', Path(sys.argv[2])); print('ok' in made.texts, dict(made.reasons))"
    command = [sys.executable, "-c", code, str(tmp_path / "out"), str(tmp_path / "d")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("True {'")


def test_a_database_that_ends_its_reader_is_the_one_that_is_named(tmp_path, monkeypatch):
    paths = [str(write(tmp_path / name, [(1, picture(1), name)])) for name in "abc"]
    assert lmdb_check.damage(paths) == {}
    monkeypatch.setattr(lmdb_check, "_child", lambda left: ([""] if paths[0] in left else [], "ends it (-7)"))
    assert list(lmdb_check.damage(paths)) == paths[1:]


def test_a_database_that_never_ends_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(lmdb_check, "PATIENCE", 0.001)
    path = str(write(tmp_path / "a", [(1, picture(1), "x")]))
    assert "took more than" in lmdb_check.damage([path])[path]


def test_nothing_is_written_beside_an_lmdb(tmp_path):
    folder = write(tmp_path / "d", [(1, picture(1), "a")])
    (folder / "lock.mdb").unlink()
    before = (folder / "data.mdb").read_bytes()
    make(tmp_path / "out", "lmdb", folder)
    assert [path.name for path in folder.iterdir()] == ["data.mdb"]
    assert (folder / "data.mdb").read_bytes() == before


def test_without_the_package_the_cure_is_told(tmp_path, monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest):
        if name == "lmdb":
            raise ModuleNotFoundError("No module named 'lmdb'")
        return real(name, *rest)

    folder = write(tmp_path / "d", [(1, picture(1), "a")])
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match="lmdb is not installed") as caught:
        make(tmp_path / "out", "lmdb", folder)
    assert caught.value.cure == "pip install 'ocrfactory[lmdb]'"


def test_a_folder_without_lmdb_is_refused(tmp_path):
    with pytest.raises(EmptyPlanError, match=r"no data\.mdb"):
        make(tmp_path / "out", "lmdb", put(tmp_path / "d", {"a.png": picture(1)}))


def test_equal_images_with_one_label_are_rejected_when_asked(tmp_path):
    folder = write(tmp_path / "d", [(1, picture(1), "a"), (2, picture(1), "a"), (3, picture(1), "b")])
    made = make(tmp_path / "out", "lmdb", folder, drop_duplicates=True)
    assert sorted(made.texts) == ["a", "b"]
    assert made.reasons == {"dup_sample": 1}


def test_two_workers_give_the_bytes_of_one(tmp_path):
    for name in ("train", "test"):
        write(tmp_path / "d" / name, [(n, picture(n), f"{name} {n}") for n in range(1, 40)])
    serial = make(tmp_path / "1", "lmdb", tmp_path / "d")
    assert serial.hashes() == make(tmp_path / "2", "lmdb", tmp_path / "d", workers=2).hashes()


def test_a_reader_that_dies_is_told_with_its_signal_and_the_next_is_read(tmp_path, monkeypatch):
    paths = [str(write(tmp_path / name, [(1, picture(1), name)])) for name in ("a", "dies")]
    script = put(tmp_path, {"python": "#!/bin/sh\nif grep -q 'a\"'; then echo '\"\"'; fi\nkill -SEGV $$\n"}) / "python"
    script.chmod(0o755)
    monkeypatch.setattr(lmdb_check.sys, "executable", str(script))
    assert lmdb_check.damage(paths) == {
        paths[1]: "reading it ends the process that reads it (-11): it is damaged, copy it again"
    }
