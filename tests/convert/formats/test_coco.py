"""COCO's JSON with texts: COCO-Text v2 and plain COCO."""

import io
import json

import numpy as np
import pytest
from ocrfactory.convert import document
from PIL import Image

from tests.convert.formats.helpers import make, picture, put


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_coco_text_becomes_words_cut_from_their_images_with_its_own_sets(tmp_path):
    def ann(id, image, text, box, legibility="legible", language="english"):
        return {"id": id, "image_id": image, "bbox": box, "utf8_string": text, "legibility": legibility,
                "language": language, "class": "machine printed"}  # fmt: skip

    label = {
        "imgs": {
            "1": {"id": 1, "file_name": "one.png", "width": 40, "height": 16, "set": "train"},
            "2": {"id": 2, "file_name": "two.png", "width": 40, "height": 16, "set": "val"},
        },
        "anns": {
            "10": ann(10, 1, "hello", [2.0, 1.0, 10.0, 8.0]),
            "11": ann(11, 1, "", [20.0, 1.0, 10.0, 8.0], "illegible", "na"),
            "12": ann(12, 2, "안녕", [30.0, 4.0, 10.0, 12.0], language="not english"),
        },
        "imgToAnns": {},
        "info": {},
    }
    put(tmp_path / "d", {"cocotext.v2.json": json.dumps(label)})
    put(tmp_path / "d", {"train2014/one.png": picture(30), "train2014/two.png": picture(31)})
    made = make(tmp_path / "out", "coco", tmp_path / "d")
    assert made.splits == {"hello": "train", "안녕": "validation"}
    assert np.array_equal(pixels(made.image("hello")), pixels(picture(30))[1:9, 2:12])
    assert made.texts["안녕"]["kind"] == "word"
    assert (made.texts["hello"]["lang"], made.texts["안녕"]["lang"]) == ("en", None)
    assert made.texts["hello"]["src_annotation_id"] == "10"
    assert made.reasons == {"illegible": 1}


def test_plain_coco_may_have_its_texts_in_several_places(tmp_path):
    texts = [
        {"text": "a"},
        {"transcription": "b"},
        {"caption": "c"},
        {"attributes": {"text": "d"}},
        {"utf8_string": "e"},
    ]
    label = {
        "images": [{"id": 5, "file_name": "sub/one.png"}],
        "annotations": [{"id": n, "image_id": 5, "bbox": [n, 0, 5, 9], **text} for n, text in enumerate(texts)],
        "categories": [],
    }
    put(tmp_path / "d", {"annotations/instances_train.json": json.dumps(label), "images/sub/one.png": picture(1)})
    made = make(tmp_path / "out", "coco", tmp_path / "d")
    assert made.splits == dict.fromkeys("abcde", "train")


def test_annotations_that_are_no_rows_are_counted(tmp_path):
    def ann(image=1, **more):
        return {"image_id": image, "bbox": [0, 0, 5, 5], "text": "x", **more}

    nothing = {"image_id": 1, "text": "x"}
    label = {
        "images": [{"id": n, "file_name": name} for n, name in enumerate(("a.png", "gone.png", "../a.png"), 1)],
        "annotations": [
            ann(text="ok"), ann(text=""), ann(text=5), ann(bbox=[0, 0, 0, 5]), ann(bbox="x"), ann(bbox=[0, 0, 5, None]),
            ann(bbox=[100, 100, 5, 5]), ann(image=2), ann(image=3), ann(image=9), nothing, 7,
        ],
    }  # fmt: skip
    put(tmp_path / "d", {"l.json": json.dumps(label), "a.png": picture(1), "left.png": picture(2), "x.json": "{}"})
    made = make(tmp_path / "out", "coco", tmp_path / "d")
    assert list(made.texts) == ["ok"]
    assert made.reasons == {
        "text_empty": 1,
        "text_type": 1,
        "bbox_empty": 1,
        "bbox_type": 2,
        "bbox_missing": 1,
        "bbox_clipped": 1,
        "missing_image": 1,
        "unsafe_path": 1,
        "orphan_ann": 2,
        "missing_label": 1,
        "unknown_label": 1,
    }


@pytest.mark.parametrize("big", [1 << 30, 0])
def test_a_big_file_is_streamed_to_the_same_rows(tmp_path, monkeypatch, big):
    monkeypatch.setattr(document, "BIG", big)
    monkeypatch.setattr(document.Document.__init__, "__defaults__", (big,))
    images = [{"id": n, "file_name": f"{n}.png", "set": "val" if n else "train"} for n in range(3)]
    images.append({"id": 9, "file_name": "0.png"})
    anns = [{"image_id": n % 5, "id": n, "bbox": [n, 0, 5, 9], "text": f"w{n}"} for n in range(10)]
    anns += ["none", {"image_id": 9, "bbox": [1, 1, 5, 5], "text": "again"}]
    put(tmp_path / "d", {f"{n}.png": picture(n) for n in range(3)})
    made = make(
        tmp_path / "out", "coco", put(tmp_path / "d", {"all.json": json.dumps({"images": images, "annotations": anns})})
    )
    assert sorted(made.texts) == ["again", *(f"w{n}" for n in range(10) if n % 5 < 3)]
    assert made.splits["w1"] == "validation"
    assert made.reasons == {"orphan_ann": 5}


def test_annotations_of_other_images_are_not_those_of_the_only_one(tmp_path):
    anns = [{"image_id": n, "id": n, "bbox": [0, 0, 5, 9], "text": f"w{n}"} for n in (1, 2)]
    label = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": anns}
    made = make(tmp_path / "out", "coco", put(tmp_path / "d", {"a.png": picture(1), "x.json": json.dumps(label)}))
    assert (list(made.texts), made.reasons) == (["w1"], {"orphan_ann": 1})


def test_an_image_in_two_sets_goes_to_the_first(tmp_path):
    label = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "annotations": [{"image_id": 1, "bbox": [0, 0, 5, 9], "text": "x"}],
    }
    files = {"a.png": picture(1), "train.json": json.dumps(label), "test.json": json.dumps(label)}
    made = make(tmp_path / "out", "coco", put(tmp_path / "d", files))
    assert (len(made.rows), made.reasons) == (1, {"split_conflict": 1})


@pytest.mark.parametrize(("keep", "reasons"), [(True, {"text_empty": 1}), (False, {"illegible": 2})])
def test_what_nobody_can_read_is_kept_when_asked_where_it_has_a_text(tmp_path, keep, reasons):
    anns = [{"image_id": 1, "bbox": [0, 0, 5, 9], "text": text, "legibility": "illegible"} for text in ("", "x")]
    anns.append({"image_id": 1, "bbox": [0, 0, 5, 9], "text": "y"})
    label = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": anns}
    put(tmp_path / "d", {"a.png": picture(1), "x.json": json.dumps(label)})
    made = make(tmp_path / "out", "coco", tmp_path / "d", keep_illegible=keep)
    assert made.reasons == reasons
    assert sorted(made.texts) == (["x", "y"] if keep else ["y"])
