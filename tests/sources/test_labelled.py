"""Labelled images as rows: each image decoded once, the same bytes however they are made, every option in the rows."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from ocrfactory import read, work
from ocrfactory.build import Options, build
from ocrfactory.encode import decode
from ocrfactory.errors import EmptyPlanError, RecipeError
from ocrfactory.recipe import Recipe
from ocrfactory.rerender import rerender
from ocrfactory.sources import labelled_drawer
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify

from tests import poison
from tests.deliveries.compare import ledger
from tests.deliveries.small import annotation, label, pages, picture, write_files


def recipe_of(folder, source=None, **changes):
    part = {"kind": "aihub", "paths": [str(folder)], **(source or {})}
    fields = {"name": "x", "image": {"format": "keep"}, "max_reject_rate": 1, "parts": [{"source": part}]}
    return Recipe.model_validate({**fields, **changes})


def make(folder, out, source=None, options=None, **changes):
    build(recipe_of(folder, source, **changes), out, Context(), Options(**{"executor": "serial", **(options or {})}))
    return out


def rows_of(out):
    return sorted(read.rows(out), key=lambda row: row["id"])


def texts(out):
    return [row["text"] for row in rows_of(out)]


def attrs(row):
    return json.loads(row["attrs"])


def hashes(out):
    return {entry.path: entry.sha256 for entry in read.manifest(out).shards}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve pages of three words, in folders of their splits."""
    root = tmp_path_factory.mktemp("labelled") / "d"
    for name, data in pages(12).items():
        split = "Validation" if int(name[:3]) % 4 == 3 else "Training"
        write_files(root / split, {name: data})
    return root


@pytest.fixture(scope="module")
def calm(tmp_path_factory, folder):
    return make(folder, tmp_path_factory.mktemp("calm") / "out", shard_rows=7)


# One image, one shard, one decoding


def test_each_image_is_decoded_once_however_rows_are_shuffled_and_sharded(tmp_path, folder, monkeypatch):
    seen = Counter()
    before = labelled_drawer.picture_of

    def counted(data, *rest):
        seen[hash(data)] += 1
        return before(data, *rest)

    monkeypatch.setattr(labelled_drawer, "picture_of", counted)
    out = make(folder, tmp_path / "out", shard_rows=7, seed=3)
    assert len(read.manifest(out).shards) > 3
    assert len(rows_of(out)) == 36
    assert set(seen.values()) == {1}
    assert len(seen) == 12


def test_a_decoded_page_is_not_kept_once_its_shard_is_drawn(tmp_path, folder, monkeypatch):
    drawers = []
    before = work.opened
    monkeypatch.setattr(work, "opened", lambda *a: drawers.append(before(*a)) or drawers[-1])
    make(folder, tmp_path / "out", shard_rows=1000, seed=9)
    assert [(drawer.opened, drawer.before) for drawer in drawers] == [(None, None)] * 2


def test_rows_of_one_image_lie_in_one_shard_and_are_shuffled(calm):
    shard_of = {}
    order = []
    for entry in read.manifest(calm).shards:
        columns = read.columns(calm / entry.path, ["src_image", "id"])
        order += columns["id"]
        for image in columns["src_image"]:
            assert shard_of.setdefault(image, entry.path) == entry.path
    assert len(shard_of) == 12
    assert order != sorted(order)


def test_every_row_is_the_slice_of_its_image(calm, folder):
    for row in rows_of(calm):
        page = decode((folder / row["src_image"]).read_bytes())
        x, y, w, h = map(int, row["bbox"])
        assert np.array_equal(decode(row["image"]["bytes"]), page[y : y + h, x : x + w])
        assert (row["src_width"], row["src_height"]) == (60, 60)
        assert (row["kind"], row["origin"], row["lang"], row["license"]) == ("word", "real", "ko", "LicenseRef-AIHub")
    assert verify(calm).problems == ()


# The same bytes


def test_two_workers_write_the_bytes_of_one(tmp_path, folder, calm):
    out = make(folder, tmp_path / "out", options={"executor": "processes", "workers": 2}, shard_rows=7)
    assert hashes(out) == hashes(calm)


def test_a_worker_that_is_killed_costs_only_its_attempt(tmp_path, folder, calm):
    options = {"executor": "processes", "workers": 2, "work": poison.kills_once}
    assert hashes(make(folder, tmp_path / "out", options=options, shard_rows=7)) == hashes(calm)


def test_a_run_that_is_killed_goes_on_to_the_same_bytes(tmp_path, folder):
    part = {"kind": "aihub", "name": "aihub-105", "paths": [str(folder)]}
    big = recipe_of(folder, part, shard_rows=3)
    path = tmp_path / "r.yaml"
    path.write_text(json.dumps(big.model_dump(mode="json", exclude_unset=True)), "utf-8")
    command = [sys.executable, "-m", "ocrfactory", "build", str(path), "--workers", "1", "--out"]
    subprocess.run([*command, str(tmp_path / "calm")], check=True, capture_output=True)
    out = tmp_path / "killed"
    run = subprocess.Popen(
        [*command, str(out)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and run.poll() is None and not list((out / "data").glob("*.parquet")):
        pass
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    subprocess.run([*command, str(out)], check=True, capture_output=True)
    assert hashes(out) == hashes(tmp_path / "calm")


def test_where_the_delivery_lies_changes_no_byte(tmp_path, folder, calm):
    import shutil

    copy = shutil.copytree(folder, tmp_path / "elsewhere" / folder.name)
    assert hashes(make(copy, tmp_path / "out", shard_rows=7)) == hashes(calm)


def test_a_row_is_drawn_again_bit_for_bit(calm):
    for row in rows_of(calm)[::5]:
        assert rerender(calm, row["id"]).differences == ()


def test_a_plan_changes_with_what_a_label_says(tmp_path, folder, calm):
    import shutil

    from ocrfactory.plan import make_plan

    copy = shutil.copytree(folder, tmp_path / folder.name)
    made = recipe_of(copy, shard_rows=7)
    assert make_plan(made, Context()).plan.sha256 == read.manifest(calm).plan_sha256
    path = copy / "Training/000.json"
    path.write_bytes(path.read_bytes().replace("쪽0 말0".encode(), "쪽9 말9".encode()))
    assert make_plan(made, Context()).plan.sha256 != read.manifest(calm).plan_sha256


# Splits and groups


def test_official_splits_are_kept_and_the_group_is_the_image(calm):
    for row in rows_of(calm):
        assert row["split"] == ("validation" if row["src_image"].startswith("Validation/") else "train")
        assert row["split_group"].endswith(row["src_image"])
    assert read.manifest(calm).rows_by_split["validation"] == 9


def test_two_parts_over_one_delivery_do_not_leak(tmp_path):
    files = pages(20, words=2)
    folder = write_files(tmp_path / "d", files)
    parts = [
        {"source": {"kind": "aihub", "name": "a", "paths": [str(folder)]}},
        {"source": {"kind": "aihub", "name": "b", "paths": [str(folder)], "join": "line"}},
    ]
    out = make(folder, tmp_path / "out", parts=parts, splits={"test": 0.3, "validation": 0.2})
    split_of = {}
    for row in read.rows(out):
        assert split_of.setdefault(row["split_group"], row["split"]) == row["split"]
    assert Counter(split_of.values()).keys() == {"train", "validation", "test"}
    assert len(rows_of(out)) == 80


def test_the_shares_of_a_recipe_are_filled_with_whole_images_and_official_splits_stay(tmp_path, folder):
    loose = write_files(tmp_path / "loose", pages(20))
    parts = [
        {"source": {"kind": "aihub", "name": "a", "paths": [str(folder)]}},
        {"source": {"kind": "aihub", "name": "b", "paths": [str(loose)]}},
    ]
    out = make(folder, tmp_path / "out", parts=parts, splits={"test": 0.25})
    counts = Counter((row["source"], row["split"]) for row in read.rows(out))
    assert counts["a", "train"] == 27
    assert counts["a", "validation"] == 9
    assert counts["b", "test"] == 15
    assert counts["b", "train"] == 45


def test_an_image_that_labels_of_two_splits_mean_is_refused_by_name(tmp_path):
    files = {
        "images/a.png": picture(),
        "Training/a.json": label(annotation()),
        "Validation/a.json": label(annotation("나")),
    }
    with pytest.raises(RecipeError, match=r"images/a\.png"):
        make(write_files(tmp_path / "d", files), tmp_path / "out")


# Options


def test_a_limit_takes_that_many_and_their_pictures_stay(tmp_path, folder, calm):
    known = {row["id"]: row["image_hash"] for row in read.rows(calm)}
    out = make(folder, tmp_path / "out", limit=10)
    rows = rows_of(out)
    assert len(rows) == 10
    assert all(known[row["id"]] == row["image_hash"] for row in rows)


def test_lines_are_joined_and_say_of_what(tmp_path):
    words = [
        annotation("둘", (32, 5, 20, 10), 2),
        annotation("하나", (5, 5, 20, 10), 1),
        annotation("셋", (5, 30, 20, 8), 3),
    ]
    out = make(
        write_files(tmp_path / "d", {"a.json": label(*words), "a.png": picture()}), tmp_path / "out", {"join": "line"}
    )
    rows = rows_of(out)
    assert [row["text"] for row in rows] == ["하나 둘", "셋"]
    assert attrs(rows[0])["joined"] == [1, 0]
    assert rows[0]["bbox"] == [5, 5, 47, 10]
    assert read.manifest(out).labels["aihub"]["joined"] == 1


def test_unreadable_words_are_kept_where_that_is_asked_for(tmp_path):
    folder = write_files(
        tmp_path / "d", {"a.json": label(annotation("xxx"), annotation("가", id=2)), "a.png": picture()}
    )
    assert texts(make(folder, tmp_path / "out")) == ["가"]
    rows = rows_of(make(folder, tmp_path / "kept", {"keep_illegible": True}))
    assert [(row["text"], attrs(row).get("legible")) for row in rows] == [("xxx", False), ("가", None)]


def test_what_labels_say_of_people_is_kept_only_where_that_is_asked_for(tmp_path):
    from tests.convert.labels import LABELS

    value = {**LABELS["handwriting-605"]}
    value["Images"] = {**value["Images"], "width": 100, "height": 60}
    files = {"IMG_1.json": json.dumps(value).encode(), "IMG_1.png": picture(100, 60)}
    folder = write_files(tmp_path / "d", files)
    (row,) = rows_of(make(folder, tmp_path / "out"))
    assert "40" not in row["attrs"]
    assert "writer_age" not in row["attrs"]
    (row,) = rows_of(make(folder, tmp_path / "kept", {"keep_person_attributes": True}))
    assert 40 in attrs(row).values() or "40" in attrs(row).values()


def test_duplicates_are_dropped_where_that_is_asked_for(tmp_path):
    files = {
        f"{name}/{name}.{kind}": data
        for name in "ab"
        for kind, data in (("json", label(annotation(), image=f"{name}.png")), ("png", picture()))
    }
    folder = write_files(tmp_path / "d", files)
    assert len(rows_of(make(folder, tmp_path / "out"))) == 2
    out = make(folder, tmp_path / "dropped", {"drop_duplicates": True})
    assert len(rows_of(out)) == 1
    assert ledger(out) == Counter(dup_sample=1)


def test_a_level_is_selected_and_one_that_does_not_occur_is_refused_with_those_that_do(tmp_path):
    from tests.convert.labels import LABELS

    folder = write_files(
        tmp_path / "d", {"a.json": json.dumps(LABELS["wild-81"]).encode(), "A0B1.jpg": picture(640, 480, format="JPEG")}
    )
    assert texts(make(folder, tmp_path / "word")) == ["약국"]
    out = make(folder, tmp_path / "char", {"level": "char"})
    assert texts(out) == ["약"]
    assert rows_of(out)[0]["kind"] == "glyph"
    assert read.manifest(out).labels["aihub"]["not_selected"] == 2
    with pytest.raises(EmptyPlanError, match="no annotation is of level paragraph; there are char"):
        make(folder, tmp_path / "none", {"level": "paragraph"})
    assert not (tmp_path / "none").exists()


def test_a_level_that_does_not_occur_is_refused_though_a_file_is_at_fault(tmp_path):
    """A reject of a file is no annotation: a data set without a row is not what was asked for."""
    folder = write_files(tmp_path / "d", {"a.json": label(annotation()), "a.png": picture(), "b.png": picture()})
    with pytest.raises(EmptyPlanError, match="level line"):
        make(folder, tmp_path / "out", {"level": "line"})


def test_the_licence_can_be_said_and_aihubs_forbids_to_pass_it_on(tmp_path, folder, calm):
    assert "Do not redistribute" in (calm / "README.md").read_text("utf-8")
    out = make(folder, tmp_path / "out", {"license": "CC0-1.0"})
    assert {row["license"] for row in read.rows(out)} == {"CC0-1.0"}
    assert "redistribute" not in (out / "README.md").read_text("utf-8")


def test_no_path_of_this_machine_is_in_what_is_published(calm, tmp_path_factory):
    place = str(Path(tmp_path_factory.getbasetemp()))
    for name in ("README.md", "manifest.json"):
        assert place not in (calm / name).read_text("utf-8")
    assert all(place not in json.dumps({**row, "image": None}, default=str) for row in read.rows(calm))


# Faults


def test_an_image_that_changed_after_planning_is_a_counted_reject_for_all_its_words(tmp_path):
    folder = write_files(tmp_path / "d", pages(3))
    changed = []

    def changing(job):
        if not changed:
            changed.append((folder / "001.png").write_bytes(b"other"))
        return poison.make_shard(job)

    out = make(folder, tmp_path / "out", options={"work": changing})
    assert ledger(out) == Counter(changed=3)
    assert len(rows_of(out)) == 6
    assert {detail for _, _, detail in read.rejects(out)} == {
        "001.png: another size than when it was planned (all 3 annotations of this image); in 001.json"
    }


def test_an_image_whose_pixels_cannot_be_read_is_opened_once(tmp_path, monkeypatch):
    files = pages(2)
    files["000.png"] = files["000.png"][:200]
    calls = []
    before = labelled_drawer.picture_of
    monkeypatch.setattr(labelled_drawer, "picture_of", lambda *a: calls.append(1) or before(*a))
    out = make(write_files(tmp_path / "d", files), tmp_path / "out")
    assert ledger(out) == Counter(decode_error=3)
    assert len(calls) == 2


@pytest.mark.parametrize(
    "box",
    [
        (-1e-200, -1e-200, 2e-200, 2e-200),
        (0, 0, 1e308, 1e308),
        (-1e308, 0, 1.5e308, 1),
        (1e-320, 1e-320, 1e-320, 1e-320),
        ["1e400", 0, 1, 1],
        [10**400, 0, 1, 1],
    ],
)
def test_no_box_stops_a_run(tmp_path, box):
    folder = write_files(
        tmp_path / "d", {"a.json": label(annotation(box=box), annotation("나", id=2)), "a.png": picture()}
    )
    out = make(folder, tmp_path / "out")
    assert "나" in texts(out)
    assert sum(ledger(out).values()) + len(rows_of(out)) == 2


def test_points_far_outside_their_box_stop_no_run_when_they_are_straightened(tmp_path):
    from tests.convert.labels import LABELS

    value = json.loads(json.dumps(LABELS["papers-632"]))
    value["images"][0].update(width=60, height=40)
    value["annotations"][0]["polygons"][0]["points"] = [[0, 0], [1e6, 0], [1e6, 1e6], [0, 1e6]]
    folder = write_files(
        tmp_path / "d", {"IMG_7.json": json.dumps(value).encode(), "IMG_7.jpg": picture(format="JPEG")}
    )
    out = make(folder, tmp_path / "out", {"warp": True})
    assert sum(ledger(out).values()) + len(rows_of(out)) == 2


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "1e999",
        "1" + "0" * 40,
        '"\\u0000\\u001b[31m"',
        "[" * 400 + "]" * 400,
        '{"a": {"b": [1, null]}}',
        "true",
        "null",
    ],
)
def test_no_attribute_stops_a_run_and_rows_can_be_read(tmp_path, value):
    data = label(annotation(), **{"class": "@"}).replace(b'"@"', value.encode())
    out = make(write_files(tmp_path / "d", {"a.json": data, "a.png": picture()}), tmp_path / "out")
    (row,) = rows_of(out)
    assert attrs(row)["level"] == "word"
    assert verify(out).problems == ()


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "..\\..\\secret.png",
        "file:///etc/passwd",
        "C:\\x.png",
        "x/../../outside.png",
    ],
)
def test_a_path_in_a_label_opens_nothing_outside(tmp_path, name, monkeypatch):
    import builtins

    files = {"a.json": label(annotation(), image=name), "b.png": picture(), **pages(1)}
    folder = write_files(tmp_path / "d", files)
    write_files(tmp_path, {"outside.png": picture(), "secret.png": picture()})
    opened = []
    before = builtins.open
    monkeypatch.setattr(builtins, "open", lambda file, *a, **k: opened.append(str(file)) or before(file, *a, **k))
    out = make(folder, tmp_path / "out")
    assert ledger(out) == Counter(missing_image=1, missing_label=1)
    assert not [path for path in opened if "passwd" in path or "secret" in path or "outside" in path]


def test_a_link_to_an_image_outside_is_not_read(tmp_path):
    folder = write_files(tmp_path / "d", {"a.json": label(annotation()), **pages(1)})
    write_files(tmp_path, {"outside.png": picture()})
    (folder / "a.png").symlink_to(tmp_path / "outside.png")
    assert ledger(make(folder, tmp_path / "out")) == Counter(missing_image=1, symlink=1)


# Readers


def test_others_read_what_was_made(calm):
    import datasets
    import duckdb

    files = {split: [str(path) for path in read.shard_paths(calm, split)] for split in ("train", "validation")}
    found = datasets.load_dataset("parquet", data_files=files, cache_dir=str(calm.parent / "cache"))
    assert {name: len(split) for name, split in found.items()} == {"train": 27, "validation": 9}
    assert found["train"].cast_column("image", datasets.Image())[0]["image"].size == (30, 10)
    query = f"select split, count(*), count(distinct src_image) from '{calm}/data/*.parquet' group by 1 order by 1"
    assert duckdb.sql(query).fetchall() == [("train", 27, 9), ("validation", 9, 3)]
