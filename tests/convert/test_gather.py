"""Pages become scenes, and everything that went in is counted: rows to be, rejects, other levels, joined, files."""

import json

import numpy as np
from ocrfactory.convert.entry import Container, Entry
from ocrfactory.convert.gather import FileFault, Found, Gatherer, same_samples
from ocrfactory.convert.page import Page, Region
from ocrfactory.convert.repair import Policy
from ocrfactory.convert.scene import Scenes
from ocrfactory.errors import Reject

WHERE = (Container("folder", "/x", "root"),)
IMAGE = Entry("i/a.png", 0, "i/a.png", 10)
BOX = (0.0, 0.0, 40.0, 20.0)


def region(index=0, text="가", box=BOX, **more):
    return Region(index, text, box=box, id=str(index), **more)


def found(*regions, label="l/a.json", image=IMAGE, **more):
    return Found(label, Page("a.png", regions), image, more.pop("split", None), **more)


def gathered(*pages, policy=None, same=None, faults=()):
    gatherer = Gatherer(policy or Policy(), WHERE, same)
    for page in pages:
        gatherer.add(page)
    for fault in faults:
        gatherer.add_fault(fault)
    return gatherer.gathered()


def rejects(result):
    return [
        item.reject and item.reject[0] for scene in Scenes(result.packed) for item in scene.items if item is not None
    ]


def test_labels_pages_and_annotations_are_counted():
    result = gathered(found(region(), region(1)), found(region()), found(region(), label="l/b.json", split="test"))
    assert result.tally == {"annotations": 4, "not_selected": 0, "joined": 0, "file_faults": 0, "labels": 2, "pages": 3}
    assert result.units.tolist() == [2, 1, 1]
    assert result.splits == (None, None, "test")
    assert result.groups == ("root/i/a.png",) * 3
    assert result.image_bytes == 30


def test_a_page_without_annotations_is_told_and_plans_nothing():
    result = gathered(found(), found(region()))
    assert result.tally["pages_without_annotations"] == 1
    assert result.units.tolist() == [1]


def test_annotations_of_another_level_are_counted_and_not_planned():
    result = gathered(found(region(level="word"), region(1, level="char"), region(2, level="char"), wanted="word"))
    assert result.selected.tolist() == [True, False, False]
    assert result.levels == {"char": 2}
    assert result.tally["not_selected"] == 2


def test_joined_annotations_are_counted_and_not_planned():
    result = gathered(
        found(region(), region(1, box=(45.0, 0.0, 80.0, 20.0)), region(2, box=(0.0, 90.0, 9.0, 99.0)), join="line")
    )
    assert result.tally["joined"] == 1
    assert result.selected.tolist() == [True, False, True]


def test_the_fault_of_a_page_rejects_all_its_annotations_and_says_how_many():
    result = gathered(found(region(), region(1), image=None, fault=("missing_image", "no image is named 'a'")))
    (scene,) = Scenes(result.packed)
    assert scene.fault == ("missing_image", "no image is named 'a' (all 2 annotations of this image)")
    assert result.selected.tolist() == [True, True]
    assert result.groups == ("l/a.json",)
    assert result.charset == ()


def test_the_fault_of_a_file_is_a_reject_of_its_own():
    result = gathered(found(region()), faults=[FileFault("b.zip", "bad_zip", "0 bytes", "train")])
    assert result.tally["file_faults"] == 1
    assert result.tally["annotations"] == 1
    scene = list(Scenes(result.packed))[-1]
    assert scene.items[0].reject == ("bad_zip", "0 bytes: b.zip")
    assert result.splits == (None, "train")


def test_the_classes_are_those_of_what_will_be_rows():
    pages = [
        region(text="가나"),
        region(1, text="ᄒᆞᆫ", level="char"),
        region(2, text=None),
        region(3, text="라", box=None, fault=("bbox_missing", "x")),
    ]
    assert gathered(found(*pages)).charset == tuple(sorted(("가", "나", "ᄒᆞᆫ")))


def test_person_attributes_of_a_page_are_kept_only_where_asked_for():
    page = Found("l", Page("a", (region(),), attributes={"font": 1}, person={"age": 2}), IMAGE, None)
    (scene,) = Scenes(gathered(page).packed)
    assert scene.attributes == {"font": 1}
    (scene,) = Scenes(gathered(page, policy=Policy(keep_person=True)).packed)
    assert scene.attributes == {"font": 1, "age": 2}


def test_the_hash_is_of_all_that_was_gathered():
    assert (
        gathered(found(region())).digest
        == gathered(found(region())).digest
        != gathered(found(region(text="나"))).digest
    )


def test_nothing_gathered_is_nothing():
    result = gathered()
    assert len(result.units) == len(result.selected) == 0
    assert result.units.dtype == np.uint32


# The same sample in two releases

COPY, OTHER = Entry("j/b.png", 0, "j/b.png", 10), Entry("j/c.png", 0, "j/c.png", 11)


def same(contents=None):
    def read(entry):
        return (contents or {}).get(entry.path, b"0123456789")

    return same_samples(read, [IMAGE, COPY, OTHER])


def test_an_annotation_that_an_equal_file_had_before_is_a_reject_that_names_it():
    result = gathered(
        found(region(), region(1, text="나")), found(region(), region(1, text="다"), image=COPY, label="m"), same=same()
    )
    assert rejects(result) == [None, None, "dup_sample", None]
    assert [scene.items[0].reject for scene in Scenes(result.packed)][1] == (
        "dup_sample",
        "annotation 0: also in i/a.png",
    )


def test_another_box_another_text_another_file_are_other_samples():
    pages = [found(region()), found(region(box=(1.0, 0.0, 40.0, 20.0)), image=COPY, label="m")]
    assert rejects(gathered(*pages, same=same())) == [None, None]
    assert rejects(
        gathered(found(region()), found(region(), image=COPY, label="m"), same=same({"j/b.png": b"x" * 10}))
    ) == [None, None]
    assert rejects(gathered(found(region()), found(region(), image=OTHER, label="m"), same=same())) == [None, None]


def test_two_equal_annotations_of_one_image_both_stay():
    assert rejects(gathered(found(region(), region(1)), found(region(), label="m"), same=same())) == [None, None, None]


def test_the_twin_of_a_reject_is_no_twin_for_the_first_is_no_row():
    pages = [found(region(text="xxx", legible=False)), found(region(text="xxx"), image=COPY, label="m")]
    assert rejects(gathered(*pages, same=same())) == ["illegible", None]


def test_a_twin_of_what_was_rejected_keeps_its_own_reason():
    pages = [found(region()), found(region(legible=False), image=COPY, label="m")]
    assert rejects(gathered(*pages, same=same())) == [None, "illegible"]


def test_a_file_that_cannot_be_read_is_left_to_the_drawing():
    def read(entry):
        raise Reject("unreadable", "gone")

    assert rejects(gathered(found(region()), same=same_samples(read, [IMAGE, COPY]))) == [None]


def test_only_files_of_equal_size_are_read():
    read = []
    check = same_samples(lambda entry: read.append(entry.path) or b"", [IMAGE, OTHER])
    gathered(found(region()), found(region(), image=OTHER), same=check)
    assert read == []


def test_attributes_travel_as_they_are():
    odd = {"n": 10**18, "list": [1, None, {"a": "가"}], "x": 0.5}
    (scene,) = Scenes(gathered(found(region(attributes=odd))).packed)
    assert json.dumps(scene.items[0].attributes) == json.dumps(odd)
