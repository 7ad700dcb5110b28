"""One label file with many images."""

import pytest
from ocrfactory.convert import adapters, grouping

from tests.convert.labels import document

WORD = {"attributes": {"class": "word"}, "text": "가", "bbox": [1, 2, 3, 4]}


def label(images, owners):
    return {
        "images": [{"id": name, "file_name": file, "width": 9, "height": 8} for name, file in images],
        "annotations": [{"id": number, "image_id": owner, **WORD} for number, owner in enumerate(owners)],
    }


def pages(value, big):
    return list(adapters.get("wild-81").pages(document(value, big=big)))


def indexes(page):
    return [region.index for region in page.regions]


@pytest.fixture(params=[None, 0], ids=["loaded", "streamed"])
def big(request):
    return request.param


def test_pages_come_as_the_images_do_and_regions_as_the_annotations(big):
    found = pages(label([("2", "b.jpg"), ("1", "a.jpg"), ("3", "c.jpg")], ["1", "2", "1", "2", "1"]), big)
    assert [(page.image, indexes(page)) for page in found] == [("b.jpg", [1, 3]), ("a.jpg", [0, 2, 4]), ("c.jpg", [])]
    assert all(page.fault is None for page in found)
    assert found[0].width == 9


def test_ids_of_two_types_are_bridged_and_flagged(big):
    first, second = pages(label([("00000007", "a.jpg"), (8, "b.jpg")], [7, "00000007", "8", "0008"]), big)
    assert [(region.index, region.flags) for region in first.regions] == [(0, ("id_type",)), (1, ())]
    assert [(region.index, region.flags) for region in second.regions] == [(2, ()), (3, ("id_type",))]


def test_an_exact_id_wins_over_a_number(big):
    first, second = pages(label([("07", "a.jpg"), ("7", "b.jpg")], ["7", "07"]), big)
    assert indexes(first) == [1]
    assert indexes(second) == [0]


def test_annotations_of_no_image_come_last_and_say_so(big):
    *_, lost = pages(label([("1", "a.jpg"), ("2", "b.jpg")], ["1", "9", None, [3]]), big)
    assert lost.image is None
    assert lost.fault[0] == "orphan_ann"
    assert [(region.index, region.fault[0]) for region in lost.regions] == [(n, "orphan_ann") for n in (1, 2, 3)]
    assert lost.regions[0].fault[1] == "image_id 9"


def test_the_only_image_owns_everything(big):
    (page,) = pages(label([("1", "a.jpg")], ["1", "9", None]), big)
    assert indexes(page) == [0, 1, 2]
    assert page.fault is None


def test_a_file_name_that_repeats_keeps_its_first_image(big):
    first, second = pages(label([("1", "a.jpg"), ("2", "a.jpg")], ["2", "1", "2"]), big)
    assert (first.fault, indexes(first)) == (None, [1])
    assert second.fault[0] == "dup_image"
    assert indexes(second) == [0, 2]


def test_no_image_at_all_makes_orphans(big):
    (lost,) = pages(label([], ["1"]), big)
    assert lost.fault[0] == "orphan_ann"


def test_images_without_an_id_own_nothing(big):
    first, second, lost = pages(label([(None, "a.jpg"), (None, "b.jpg")], [None]), big)
    assert indexes(first) == indexes(second) == []
    assert indexes(lost) == [0]


def test_many_annotations_are_looked_up_in_batches(big, monkeypatch):
    monkeypatch.setattr(grouping, "_BATCH", 4)
    monkeypatch.setattr(grouping, "_ORPHANS", 2)
    found = pages(label([(n, f"{n}.jpg") for n in range(5)], [n % 6 for n in range(30)]), big)
    assert [indexes(page) for page in found[:5]] == [[n, n + 6, n + 12, n + 18, n + 24] for n in range(5)]
    assert [indexes(page) for page in found[5:]] == [[5, 11], [17, 23], [29]]
