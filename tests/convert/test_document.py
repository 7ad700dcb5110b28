"""Label files: encodings, faults with their position, streaming."""

import codecs
import json
import math

import pytest
from ocrfactory.convert.document import FIRST, Document
from ocrfactory.errors import Reject

from tests.convert.labels import document

MANY = {
    "info": {"name": "가나"},
    "images": [{"id": number, "file_name": f"그림{number}.png"} for number in range(50)],
    "annotations": [{"id": number, "text": "다라", "bbox": [1, 2, 3.5, 4]} for number in range(300)],
}
KOREAN = json.dumps(MANY, ensure_ascii=False)


@pytest.mark.parametrize("big", [None, 0])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_every_encoding_gives_the_same_values_loaded_and_streamed(encoding, big):
    label = document(KOREAN.encode(encoding), big=big)
    assert list(label.items("images")) == MANY["images"]
    assert list(label.items("annotations")) == MANY["annotations"]
    assert label.encoding == encoding
    assert label.value() == MANY


def test_utf_16_of_either_byte_order_is_told_by_its_mark():
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        assert document(mark + KOREAN.encode(name)).value() == MANY


def test_numbers_that_only_python_writes_are_read():
    value = document(b'{"a": [NaN, Infinity, 1e999]}').value()
    assert math.isnan(value["a"][0])
    assert value["a"][1] == value["a"][2] == math.inf


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": [1, 2', "char 11"),
        (b"", "char 0"),
        (b'{"a": \xb0\xff\xff}', "cp949"),
        (b"[" * 100_000 + b"]" * 100_000, "deep"),
        (b'\xef\xbb\xbf{"a": "\xff"}', "utf-8"),
        (b'{"a": ' + b"1" * 10_000 + b", NaN}", "a.json"),
    ],
)
def test_what_is_no_json_is_a_reject_with_its_place(data, said):
    with pytest.raises(Reject) as caught:
        document(data, "x/a.json").value()
    assert caught.value.reason == "json_decode"
    assert caught.value.detail.startswith("x/a.json: ")
    assert said in caught.value.detail


@pytest.mark.parametrize(
    "data",
    [b'{"images": [{"a": 1}, {"a"', b"", b"\xff\xfe\xff", b'{"images": [NaN]}', b"[" * 100_000, b'{"images": [1]}}'],
)
def test_a_fault_of_a_streamed_file_is_a_reject_too(data):
    with pytest.raises(Reject, match="json_decode"):
        list(document(data, big=0).items("images"))


def test_a_probe_of_a_big_file_holds_its_keys_and_the_first_elements():
    found = document(KOREAN.encode(), big=0).probe()
    assert found["info"] == MANY["info"]
    assert found["images"] == MANY["images"][:FIRST]
    assert found["annotations"] == MANY["annotations"][:FIRST]


def test_a_probe_stops_once_images_and_annotations_are_known():
    assert document(KOREAN.encode()[:-50] + b"broken", big=0).probe()["annotations"]


def test_a_probe_takes_whatever_stands_at_the_top():
    for value in ([1, [2], 3, 4], 7, "a", None, {}, {"a": [[[]]], "b": {"c": [1]}}):
        assert document(value, big=0).probe() == (value[:FIRST] if isinstance(value, list) else value)


def test_a_probe_of_a_giant_element_stays_small():
    giant = {"images": [list(range(100_000))], "annotations": [{"id": 1}]}
    assert document(giant, big=0).probe() == {"images": [None], "annotations": [{"id": 1}]}


def test_items_of_what_is_no_array_are_none():
    for value in ({"a": {"b": 1}}, {"a": 3}, {}, [1], 7):
        for big in (None, 0):
            assert list(document(value, big=big).items("a")) == []


def test_a_path_is_nfc_and_its_stem_keeps_dots():
    label = document({}, "나/x.y.json")
    assert label.path == "나/x.y.json"
    assert label.stem == "x.y"
    assert document({}, "a/.json").stem == ".json"


def test_a_big_file_is_never_read_whole():
    from io import BytesIO

    def refuse():
        raise AssertionError("read whole")

    data = KOREAN.encode("cp949")
    label = Document("a.json", refuse, len(data), lambda: BytesIO(data), 100)
    assert label.big
    assert label.probe()["images"]
    assert len(list(label.items("annotations"))) == 300


def test_half_a_surrogate_pair_costs_its_text_and_not_the_label():
    value = Document.of("a.json", b'{"a": "\\ud800x", "b": "ok"}').value()
    assert value == {"a": "\0x", "b": "ok"}
