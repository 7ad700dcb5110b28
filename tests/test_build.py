"""A build: whatever happens, it ends with the same bytes, and every planned row is a row or a reject."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.errors import (
    EmptyPlanError,
    InputError,
    InterruptedRunError,
    NoSpaceError,
    OutputError,
    PlanChangedError,
    TooManyRejectsError,
)
from ocrfactory.layout import Layout
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify

from tests import poison
from tests.conftest import HAN


def hashes(folder):
    return {entry.path: entry.sha256 for entry in read.manifest(folder).shards}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, make_recipe):
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    build(make_recipe(), out, Context(), Options(executor="serial"))
    return out


def test_a_build_leaves_what_format_promises_and_verifies(undisturbed):
    names = {path.relative_to(undisturbed).as_posix() for path in undisturbed.rglob("*") if path.is_file()}
    assert {
        "README.md",
        "manifest.json",
        "meta/charset.txt",
        "meta/holes.csv",
        "meta/rejects.parquet",
        "meta/fonts.json",
    } <= names
    assert not [name for name in names if name.endswith(".parquet") and not name.startswith(("data/", "meta/"))]
    assert verify(undisturbed).problems == ()
    assert verify(undisturbed).rows == len(HAN) * 5


def test_rows_are_unique_and_labels_are_the_classes_verbatim(undisturbed):
    rows = list(read.rows(undisturbed))
    assert len({row["id"] for row in rows}) == len(rows)
    assert sorted(row["text"] for row in rows) == sorted(HAN * 5)
    assert {row["split"] for row in rows} == {"train"}


def test_the_hole_of_the_font_is_listed_and_is_no_reject(undisturbed):
    lines = (undisturbed / "meta/holes.csv").read_text("utf-8").splitlines()
    assert lines == ["source,face,class,codepoints,reason", "glyphs,tiny,龜,U+9F9C,unmapped"]
    assert pq.read_table(undisturbed / "meta/rejects.parquet").num_rows == 0


def test_no_path_of_this_machine_is_in_what_is_published(undisturbed, font):
    for name in ("README.md", "manifest.json", "meta/fonts.json"):
        assert str(font.parent) not in (undisturbed / name).read_text("utf-8")


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_bytes_do_not_depend_on_the_number_of_workers(undisturbed, tmp_path, make_recipe, workers):
    build(make_recipe(), tmp_path / "out", Context(), Options(workers=workers))
    assert hashes(tmp_path / "out") == hashes(undisturbed)


def test_the_content_hash_does_not_depend_on_the_size_of_shards_or_groups(
    undisturbed, tmp_path, build_serially, make_recipe
):
    base = read.manifest(undisturbed)
    other = build_serially(tmp_path / "out", make_recipe(source={}, group_rows=7))
    rows = {(row["id"], row["image_hash"]) for row in read.rows(tmp_path / "out")}
    assert rows == {(row["id"], row["image_hash"]) for row in read.rows(undisturbed)}
    assert other.plan_sha256 != base.plan_sha256


def test_a_second_build_draws_nothing_again(tmp_path, build_serially):
    build_serially(tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out/data").iterdir()}
    build_serially(tmp_path / "out", work=poison.must_not_be_called)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out/data").iterdir()} == before


@pytest.mark.parametrize("harm", ["gone", "shorter", "sidecar cut", "sidecar of another plan"])
def test_only_what_is_damaged_is_drawn_again(undisturbed, tmp_path, build_serially, harm):
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    layout = Layout(out)
    data = sorted((out / "data").iterdir())[2]
    sidecar = layout.sidecar(data.stem)
    if harm == "gone":
        data.unlink()
    elif harm == "shorter":
        data.write_bytes(data.read_bytes()[:-9])
    elif harm == "sidecar cut":
        sidecar.write_bytes(sidecar.read_bytes()[:50])
    else:
        sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), "plan_sha256": "0"}))
    drawn = []
    build_serially(out, work=lambda job: drawn.append(job.number) or poison.make_shard(job))
    assert drawn == [2]
    assert hashes(out) == hashes(undisturbed)


def test_a_changed_recipe_is_refused_and_what_differs_is_named(tmp_path, build_serially, make_recipe):
    out = tmp_path / "out"
    build_serially(out)
    with pytest.raises(PlanChangedError, match=r"recipe\.parts\.0\.source\.size: 32, now 48") as caught:
        build_serially(out, make_recipe(source={"size": 48}))
    assert caught.value.exit_code == 6
    assert verify(out).problems == ()
    build_serially(out, make_recipe(source={"size": 48}), force=True)
    assert {row["width"] for row in read.rows(out)} == {48}
    assert verify(out).problems == ()


def test_another_font_under_the_same_name_is_another_plan(tmp_path, build_serially, make_recipe, font):
    from tests.makers import make_font

    moved = tmp_path / "tiny.ttf"
    shutil.copy(font, moved)
    recipe = make_recipe(source={"fonts": [str(moved)]})
    build_serially(tmp_path / "out", recipe)
    make_font(moved, HAN[:-1])
    with pytest.raises(PlanChangedError, match="faces"):
        build_serially(tmp_path / "out", recipe)


def test_rows_do_not_depend_on_the_folder_that_a_font_or_a_charset_lies_in(
    tmp_path, build_serially, make_recipe, font, charset
):
    found = []
    for name in ("a", "b/c"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        source = {
            "fonts": [str(shutil.copy(font, folder / "f.ttf"))],
            "charset": str(shutil.copy(charset, folder / "c.txt")),
        }
        build_serially(folder / "out", make_recipe(source=source))
        found.append(hashes(folder / "out"))
        (written,) = (folder / "out/meta/recipes").iterdir()
        assert str(tmp_path) not in written.read_text("utf-8")
    assert found[0] == found[1]


def test_a_finished_data_set_stays_finished_when_the_disk_is_full(tmp_path, build_serially, monkeypatch):
    build_serially(tmp_path / "out")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 0))
    build_serially(tmp_path / "out", work=poison.must_not_be_called)
    assert verify(tmp_path / "out").problems == ()


@pytest.mark.parametrize(
    ("free", "said"), [(0, "0 bytes"), (999, "999 bytes"), (4096, r"4\.1 kB"), (15_728_640, r"15\.7 MB")]
)
def test_no_room_is_noticed_before_the_start_and_both_figures_are_named_in_units_that_tell(
    tmp_path, build_serially, make_recipe, monkeypatch, free, said
):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, free))
    with pytest.raises(NoSpaceError, match=rf"about \d\S* [kMG]B are needed, {said} are free"):
        build_serially(tmp_path / "out", make_recipe({"per_class": 100_000}, shard_rows=None))


def test_verify_finds_a_flipped_bit_of_a_committed_shard_and_draws_it_again(undisturbed, tmp_path, build_serially):
    out = shutil.copytree(undisturbed, tmp_path / "out")
    path = sorted((out / "data").iterdir())[1]
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    build_serially(out, verify=True)
    assert hashes(out) == hashes(undisturbed)
    assert verify(out).problems == ()


def test_shards_without_their_plan_are_not_taken_over(tmp_path, build_serially, make_recipe):
    out = tmp_path / "out"
    build_serially(out)
    (out / ".ocrfactory/plan.json").unlink()
    other = make_recipe(source={"size": 48}, shard_rows=50)
    with pytest.raises(PlanChangedError, match="the plan that made them is gone"):
        build_serially(out, other)
    build_serially(out, other, force=True)
    assert verify(out).problems == ()


def test_force_removes_what_we_wrote_and_nothing_else(tmp_path, build_serially, make_recipe):
    out = tmp_path / "out"
    build_serially(out)
    (out / "meta/mine").mkdir()
    (out / "meta/mine/notes.txt").write_text("keep me")
    build_serially(out, make_recipe(source={"size": 48}), force=True)
    assert (out / "meta/mine/notes.txt").read_text() == "keep me"
    (out / "data/notes.txt").write_text("keep me, too")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        build_serially(out, make_recipe(source={"size": 40}), force=True)
    assert (out / "data/notes.txt").read_text() == "keep me, too"


def test_what_a_killed_run_left_half_written_is_swept(tmp_path, build_serially):
    build_serially(tmp_path / "out")
    for name in (".manifest.json.123.part", "meta/.charset.txt.123.part"):
        (tmp_path / "out" / name).write_text("half")
    build_serially(tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.part"))


def test_more_rows_than_memory_can_plan_are_refused_before_they_are_planned(
    tmp_path, build_serially, make_recipe, monkeypatch
):
    from ocrfactory import plan

    monkeypatch.setattr(plan, "MAX_ROWS", 99)
    with pytest.raises(InputError, match="at most 99"):
        build_serially(tmp_path / "out")


def test_a_folder_with_other_peoples_files_is_left_alone(tmp_path, build_serially):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match="no build made") as caught:
        build_serially(tmp_path)
    assert caught.value.exit_code == 6
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_cannot_be_made_is_an_output_error(build_serially):
    with pytest.raises(OutputError) as caught:
        build_serially(Path("/proc/nowhere/out"))
    assert caught.value.exit_code == 6


def test_a_charset_that_nothing_draws_writes_nothing(tmp_path, build_serially, make_recipe):
    (tmp_path / "none.txt").write_text("龜\n龍\n", encoding="utf-8")
    with pytest.raises(EmptyPlanError) as caught:
        build_serially(tmp_path / "out", make_recipe(source={"charset": str(tmp_path / "none.txt")}))
    assert caught.value.exit_code == 4
    assert not (tmp_path / "out").exists()


def test_splits_go_to_files_of_their_own_and_leak_no_group(tmp_path, build_serially, make_recipe):
    build_serially(tmp_path / "out", make_recipe(splits={"validation": 0.2, "test": {"classes": "U+4E00..U+4E01"}}))
    rows = list(read.rows(tmp_path / "out"))
    assert {row["text"] for row in rows if row["split"] == "test"} == {"一", "丁"}
    assert verify(tmp_path / "out").problems == ()
    assert read.manifest(tmp_path / "out").rows_by_split == {"train": 70, "validation": 20, "test": 10}


def test_a_limit_draws_that_many_rows_of_the_same_pictures(undisturbed, tmp_path, build_serially, make_recipe):
    build_serially(tmp_path / "out", make_recipe(limit=13))
    known = {row["id"]: row["image_hash"] for row in read.rows(undisturbed)}
    rows = list(read.rows(tmp_path / "out"))
    assert len(rows) == 13
    assert all(known[row["id"]] == row["image_hash"] for row in rows)


def test_a_row_that_kills_its_worker_twice_becomes_a_reject_and_costs_no_other_row(undisturbed, tmp_path, make_recipe):
    log = []
    options = Options(workers=2, work=poison.kills_at_five_of_shard_one, max_reject_rate=0.5)
    manifest = build(make_recipe(), tmp_path / "out", Context(log=log.append), options)
    assert manifest.rejects_by_reason == {"crashed_worker": 1}
    assert manifest.rows + manifest.rejects == manifest.planned == len(HAN) * 5
    assert any("SIGKILL" in line for line in log)
    same = {path for path, digest in hashes(tmp_path / "out").items() if hashes(undisturbed)[path] == digest}
    assert len(same) == len(hashes(undisturbed)) - 1
    assert verify(tmp_path / "out").problems == ()


def test_a_row_that_hangs_twice_becomes_a_reject(tmp_path, make_recipe):
    options = Options(workers=2, work=poison.hangs_at_five_of_shard_one, max_reject_rate=0.5, item_timeout=1.5)
    manifest = build(make_recipe(), tmp_path / "out", Context(), options)
    assert manifest.rejects_by_reason == {"timed_out": 1}
    assert manifest.rows + manifest.rejects == manifest.planned


def test_a_worker_that_dies_once_costs_only_its_attempt(undisturbed, tmp_path, make_recipe):
    options = Options(workers=2, work=poison.kills_once)
    build(make_recipe(), tmp_path / "out", Context(), options)
    assert hashes(tmp_path / "out") == hashes(undisturbed)


def test_too_many_rejects_fail_the_run_yet_keep_the_rows(tmp_path, make_recipe):
    options = Options(executor="serial", work=poison.rejects_one_in_shard_one)
    with pytest.raises(TooManyRejectsError, match="spoiled 1") as caught:
        build(make_recipe(), tmp_path / "out", Context(), msgspec.structs.replace(options, max_reject_rate=0.001))
    assert caught.value.exit_code == 5
    assert read.manifest(tmp_path / "out").complete is False
    assert pq.read_table(tmp_path / "out/meta/rejects.parquet").to_pylist()[0]["reason"] == "spoiled"
    manifest = build(make_recipe(), tmp_path / "out", Context(), msgspec.structs.replace(options, max_reject_rate=0.5))
    assert manifest.complete
    assert verify(tmp_path / "out").problems == ()


def test_a_raise_inside_a_shard_leaves_no_new_file_under_a_final_name(tmp_path, build_serially):
    with pytest.raises(Exception, match="on purpose"):
        build_serially(tmp_path / "out", work=poison.raises_before_commit_of_shard_two)
    assert sorted(path.stem for path in (tmp_path / "out/data").iterdir()) == [
        "train-00000-of-00006",
        "train-00001-of-00006",
    ]
    assert not (tmp_path / "out/manifest.json").exists()
    assert list((tmp_path / "out/.ocrfactory/attempts").glob("*.part")) == []


def command(out, font, charset, *more):
    program = [sys.executable, "-m", "ocrfactory", "render", "--font", str(font), "--charset", str(charset)]
    return [*program, "--per-class", "300", "--shard-rows", "200", "--workers", "2", "--out", str(out), *more]


def test_a_run_killed_three_times_on_the_way_ends_with_the_same_bytes(tmp_path, font, charset):
    subprocess.run(command(tmp_path / "calm", font, charset), check=True, capture_output=True)
    out, done = tmp_path / "killed", 0
    for kill in range(3):
        run = subprocess.Popen(command(out, font, charset), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and run.poll() is None:
            if len(list((out / "data").glob("*.parquet"))) > done:
                break
            time.sleep(0.002)
        run.kill()
        run.communicate()
        done = len(list((out / "data").glob("*.parquet")))
        if kill == 0:
            assert done < 30
    last = subprocess.run(command(out, font, charset), check=True, capture_output=True, text=True)
    assert "dead, is taken over" in last.stderr or "done already" in last.stderr
    assert hashes(out) == hashes(tmp_path / "calm")
    assert verify(out).problems == ()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_committed_shards_whole_and_the_same_command_goes_on(tmp_path, font, charset, number, code):
    out = tmp_path / "out"
    run = subprocess.Popen(command(out, font, charset), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    while run.poll() is None and not list((out / "data").glob("*.parquet")):
        time.sleep(0.01)
    run.send_signal(number)
    _, said = run.communicate(timeout=60)
    assert run.returncode == code
    assert "goes on" in said
    assert not (out / "manifest.json").exists()
    subprocess.run(command(out, font, charset), check=True, capture_output=True)
    assert verify(out).problems == ()


def test_a_stop_in_this_process_is_an_interrupted_run(tmp_path, build_serially):
    def interrupted(job):
        if job.number == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return poison.make_shard(job)

    with pytest.raises(InterruptedRunError) as caught:
        build_serially(tmp_path / "out", work=interrupted)
    assert caught.value.exit_code == 130
    assert len(list((tmp_path / "out/data").iterdir())) == 3


def test_a_full_disk_stops_the_run_and_it_goes_on_when_there_is_room(undisturbed, tmp_path, build_serially):
    out = tmp_path / "out"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def without_room(job):
        if job.number == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))
        return poison.make_shard(job)

    try:
        with pytest.raises(NoSpaceError) as caught:
            build_serially(out, work=without_room)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.exit_code == 7
    assert len(list((out / "data").iterdir())) == 3
    build_serially(out)
    assert hashes(out) == hashes(undisturbed)
