"""What is read of what was named: roots around and beside lists, links, paths in many spellings, splits."""

import unicodedata

import pytest
from ocrfactory.convert.formats.chosen import split_of_name
from ocrfactory.errors import EmptyPlanError

from tests.convert.formats import test_hf, test_lmdb
from tests.convert.formats.helpers import make, picture, put


@pytest.mark.parametrize("named", ["lists", "lists/rec_gt_train.txt"])
def test_a_root_may_lie_around_the_lists(tmp_path, named):
    put(tmp_path / "d", {"lists/rec_gt_train.txt": "pictures/a.png\tx\n", "pictures/a.png": picture(1)})
    put(tmp_path / "d", {"other/rec_gt_test.txt": "pictures/b.png\ty\n", "pictures/b.png": picture(2)})
    made = make(tmp_path / "out", "paddle", tmp_path / "d" / named, root=str(tmp_path / "d"))
    assert made.image("x") == picture(1)
    assert (len(made.rows), made.reasons) == (1, {})  # what belongs to lists that nobody named is no fault


def test_a_root_around_the_lists_is_found_through_links(tmp_path):
    put(tmp_path / "real", {"lists/rec_gt_train.txt": "pictures/a.png\tx\n", "pictures/a.png": picture(1)})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    made = make(tmp_path / "out", "paddle", tmp_path / "link/lists", root=str(tmp_path / "real"))
    assert made.image("x") == picture(1)


def test_the_root_may_be_that_of_the_machine(tmp_path):
    put(tmp_path / "d", {"a.png": picture(1), "b.png": picture(2)})
    lines = f"{str(tmp_path)[1:]}/d/a.png\tx\n{tmp_path}/d/b.png\ty\netc/hosts.png\tz\n"
    made = make(tmp_path / "out", "paddle", put(tmp_path / "d", {"rec_gt_train.txt": lines}), root="/")
    assert sorted(made.texts) == ["x", "y"]
    assert made.reasons == {"unsafe_path": 1}


def test_paths_that_stay_where_they_belong_are_found_however_they_are_spelled(tmp_path):
    names = ["./a.png", "in/../b.png", "in\\c.png", f"{tmp_path}/d/d.png", ".//in/./e.png", f"{tmp_path}/d/in/../f.png"]
    lines = "".join(f"{name}\t{number}\n" for number, name in enumerate(names))
    files = {name: picture(n) for n, name in enumerate(["a.png", "b.png", "in/c.png", "d.png", "in/e.png", "f.png"])}
    made = make(tmp_path / "out", "paddle", put(tmp_path / "d", {"rec_gt_train.txt": lines, **files}))
    assert [made.image(str(number)) for number in range(6)] == [picture(number) for number in range(6)]
    assert not made.reasons


@pytest.mark.parametrize("name", ["in\\..\\..\\a.png", "{0}/a.png", "{0}/d/../a.png", "d/../../a.png"])
def test_paths_that_lead_away_are_refused(tmp_path, name):
    put(tmp_path, {"a.png": picture(1), "d/b.png": picture(2)})
    put(tmp_path / "d", {"rec_gt_train.txt": f"{name.format(tmp_path)}\tx\nb.png\ty\n"})
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert (list(made.texts), made.reasons) == (["y"], {"unsafe_path": 1})


def test_an_absolute_path_outside_of_the_root_is_refused(tmp_path):
    put(tmp_path / "d", {"in/a.png": picture(1), "b.png": picture(2)})
    put(tmp_path / "d", {"rec_gt_train.txt": f"a.png\tx\n{tmp_path}/d/b.png\ty\n{tmp_path}/d/in/a.png\tz\n"})
    made = make(tmp_path / "out", "paddle", tmp_path / "d", root=str(tmp_path / "d/in"))
    assert sorted(made.texts) == ["x", "z"]
    assert made.reasons == {"unsafe_path": 1, "missing_label": 1}


def test_names_are_compared_in_nfc_and_without_case_only_where_one_file_fits(tmp_path):
    names = [unicodedata.normalize("NFD", "간.png"), "B.PNG", "c.png", "C.png", "Cd.png"]
    put(tmp_path / "d", {name: picture(n) for n, name in enumerate(names)})
    lines = "간.png\tnfc\nb.png\tcase\nc.png\tlower\nC.PNG\teither\ncD.png\tother\n"
    made = make(tmp_path / "out", "paddle", put(tmp_path / "d", {"rec_gt_train.txt": lines}))
    assert {text: made.image(text) for text in made.texts} == {
        "nfc": picture(0), "case": picture(1), "lower": picture(2), "other": picture(4),
    }  # fmt: skip
    assert made.reasons == {"missing_image": 1, "missing_label": 1}
    assert '"flags":["name_normalized"]' in made.texts["case"]["attrs"]
    assert "name_normalized" not in made.texts["lower"]["attrs"]


def test_an_image_of_two_splits_goes_to_the_first_and_the_others_are_counted(tmp_path):
    put(tmp_path / "d", {f"{n}.png": picture(n) for n in range(3)})
    put(tmp_path / "d", {"rec_gt_train.txt": "0.png\ta\n1.png\tb\n", "rec_gt_test.txt": "1.png\tb\n2.png\tc\n"})
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert made.splits == {"a": "train", "b": "train", "c": "test"}
    assert made.reasons == {"split_conflict": 1}
    assert "rec_gt_test.txt:1: 1.png is in train by rec_gt_train.txt, here in test" in made.details[0]


def test_a_list_without_a_split_does_not_take_images_from_one_that_has(tmp_path):
    put(tmp_path / "d", {"0.png": picture(0), "rec_gt.txt": "0.png\ta\n", "rec_gt_test.txt": "0.png\tb\n"})
    made = make(tmp_path / "out", "paddle", tmp_path / "d")
    assert made.splits == {"a": "test", "b": "test"}


@pytest.mark.parametrize(
    ("name", "split"), [("rec_gt_eval.txt", "test"), ("evaluation.txt", "test"), ("dev.txt", "validation"), ("x", None)]
)
def test_the_name_of_a_list_tells_its_split(name, split):
    assert split_of_name(name) == split


def test_a_folder_evaluation_is_the_test_split(tmp_path):
    test_lmdb.write(tmp_path / "d/evaluation/IIIT5k", [(1, picture(1), "a")])
    test_lmdb.write(tmp_path / "d/training/MJ", [(1, picture(2), "b")])
    assert make(tmp_path / "out", "lmdb", tmp_path / "d").splits == {"a": "test", "b": "train"}


def test_a_link_that_was_named_is_followed(tmp_path):
    put(tmp_path, {"real/a.png": picture(1), "real/list.txt": "a.png\tx\n", "d/a.png": picture(2)})
    (tmp_path / "d/rec_gt_train.txt").symlink_to(tmp_path / "real/list.txt")
    (tmp_path / "folder").symlink_to(tmp_path / "d")
    by_file = make(tmp_path / "1", "paddle", tmp_path / "d/rec_gt_train.txt")
    assert (by_file.splits, by_file.image("x"), by_file.reasons) == ({"x": "train"}, picture(2), {})
    (tmp_path / "d/rec_gt_train.txt").unlink()
    put(tmp_path / "d", {"rec_gt_train.txt": "a.png\ty\n"})
    assert make(tmp_path / "2", "paddle", tmp_path / "folder").image("y") == picture(2)


def test_links_in_a_folder_are_told_where_nothing_else_is_there(tmp_path):
    put(tmp_path, {"real/list.txt": "a.png\tx\n", "d/a.png": picture(2)})
    (tmp_path / "d/rec_gt_train.txt").symlink_to(tmp_path / "real/list.txt")
    with pytest.raises(EmptyPlanError, match=r"1 symbolic links in it were not followed: rec_gt_train.txt") as caught:
        make(tmp_path / "out", "paddle", tmp_path / "d")
    assert "name the files themselves" in caught.value.cure


@pytest.mark.parametrize("named", ["", "snapshots/abc", "snapshots/abc/data/train-00000-of-00001.parquet"])
def test_the_links_of_a_cache_are_followed_within_it(tmp_path, named):
    cache = tmp_path / "cache"
    test_hf.write(cache / "blobs/sha1.parquet", [(picture(1), None)], ["hf"])
    (cache / "blobs/sha1.parquet").rename(cache / "blobs/sha1")
    test_hf.write(tmp_path / "secret.parquet", [(picture(2), None)], ["secret"])
    folder = cache / "snapshots/abc/data"
    folder.mkdir(parents=True)
    (folder / "train-00000-of-00001.parquet").symlink_to("../../../blobs/sha1")
    (folder / "outside.parquet").symlink_to(tmp_path / "secret.parquet")
    made = make(tmp_path / "out", "hf", cache / named)
    assert made.splits == {"hf": "train"}
    assert made.reasons == {"symlink": 1}
