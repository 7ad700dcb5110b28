"""Converting a made delivery gives its truth: every family, as folders and as zips, with all that can be wrong in it.

What the deliveries look like is in `tests/deliveries`; the first tests here hold the maker itself to its word.
"""

import dataclasses
import io
import json
import unicodedata
from collections import Counter

import numpy as np
import pytest
from ocrfactory import read
from PIL import Image, ImageOps

from tests.deliveries.compare import convert, differences, ledger
from tests.deliveries.families import FAMILIES
from tests.deliveries.make import digest, make_delivery
from tests.deliveries.pages import encode
from tests.deliveries.quirks import QUIRKS, of_family

FORMS = ("tree", "zip")
EVERY = [(family, form) for family in FAMILIES for form in FORMS]
ONE_BY_ONE = [
    # Each quirk in one of its families, the next one for the next quirk; as a zip where it has to be.
    (quirk.name, quirk.families[number % len(quirk.families)], "zip" if quirk.zip_only else FORMS[number % 2])
    for number, quirk in enumerate(QUIRKS.values())
]


def made(folder, family, form="tree", **options):
    """A delivery in `folder` and its truth."""
    return make_delivery(folder / "delivery", family, form=form, **options)


def converted(folder, *more, **source):
    """The data set of the delivery in `folder`."""
    return convert(folder / "out", folder / "delivery", *more, **source)


# The maker


@pytest.mark.parametrize(("family", "form"), EVERY)
def test_the_truth_counts_every_annotation(tmp_path, family, form):
    truth = made(tmp_path, family, form, quirks=of_family(family, form, together=True))
    assert truth.annotations == len(truth.rows) + truth.rejects.total() + truth.not_selected
    assert truth.rows
    lines = [json.loads(line) for line in (tmp_path / "delivery.truth.jsonl").read_text("utf-8").splitlines()]
    assert Counter(line["what"] for line in lines)["row"] == len(truth.rows)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_ink_of_each_text_fills_its_true_box(tmp_path, family):
    truth = made(tmp_path, family, quirks=of_family(family, together=True))
    for path, (data, turned) in truth.images.items():
        image = Image.open(io.BytesIO(data))
        page = np.asarray((ImageOps.exif_transpose(image) if turned else image).convert("L"))
        ink = truth.page_ink[path]
        assert page.shape == ink.shape, path
        if ink.any():
            assert page[ink].mean() < 90 < 150 < page[~ink].mean(), path
    for row in truth.rows:
        if not row.whole:
            x, y, w, h = (round(value) for value in row.box)
            ink = truth.page_ink[row.src_image][y : y + h, x : x + w]
            assert all(side.all() for side in (ink[0], ink[-1], ink[:, 0], ink[:, -1])) or not row.exact, row
            assert ink.mean() > 0.2, row


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    quirks = of_family("105-new", "zip", together=True)
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        make_delivery(tmp_path / name, "105-new", seed=seed, quirks=quirks, form="zip")
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


def test_every_quirk_of_the_table_but_size_can_be_made():
    """Q26, the label too big for memory, is in `tests/deliveries/big.py`."""
    numbers = {int(name[1:].split("-")[0]) for name in QUIRKS if name[0] == "Q"}
    assert numbers == set(range(1, 32)) - {26}


def test_the_comparison_sees_whatever_differs(tmp_path):
    truth = made(tmp_path, "105-new", images=3, quirks=["Q19-mark", "Q24-size"])
    out = converted(tmp_path)
    assert differences(truth, out) == []
    row = truth.rows[0]
    x, y, w, h = row.box
    for name, value in (
        ("text", row.text + "가"),
        ("split", "test"),
        ("box", (x + 2, y, w, h)),
        ("box", (x, y, w - 1, h)),
        ("flags", [*row.flags, "poly_n"]),
        ("direction", "ttb"),
        ("annotation_id", "0"),
        ("src_size", (h, w)),
    ):
        lie = dataclasses.replace(truth, rows=[dataclasses.replace(row, **{name: value}), *truth.rows[1:]])
        assert differences(lie, out), name
    moved = {path: (flipped(data), turned) for path, (data, turned) in truth.images.items()}
    assert differences(dataclasses.replace(truth, images=moved), out)
    assert differences(dataclasses.replace(truth, rows=truth.rows[1:]), out)
    assert differences(dataclasses.replace(truth, rejects=truth.rejects + Counter(illegible=1)), out)


def flipped(data):
    """An image file, upside down."""
    return encode(np.asarray(Image.open(io.BytesIO(data)))[::-1].copy(), "png")


# The property


@pytest.mark.parametrize(("family", "form"), EVERY)
def test_a_clean_delivery_becomes_its_truth(tmp_path, family, form):
    truth = made(tmp_path, family, form, images=4)
    assert differences(truth, converted(tmp_path)) == []


@pytest.mark.parametrize(("family", "form"), EVERY)
def test_a_delivery_with_all_that_can_be_wrong_becomes_its_truth(tmp_path, family, form):
    truth = made(tmp_path, family, form, quirks=of_family(family, form, together=True))
    assert differences(truth, converted(tmp_path)) == []


@pytest.mark.parametrize(("quirk", "family", "form"), ONE_BY_ONE)
def test_each_quirk_alone_becomes_its_truth(tmp_path, quirk, family, form):
    truth = made(tmp_path, family, form, images=3, quirks=[quirk])
    assert differences(truth, converted(tmp_path)) == []


# The mistakes that converters make


def test_a_box_further_right_than_it_is_wide_is_a_row(tmp_path):
    truth = made(tmp_path, "105-new", quirks=["x-beyond-w"])
    assert any(row.box[0] > row.box[2] for row in truth.rows)
    assert differences(truth, converted(tmp_path)) == []


def test_a_box_that_touches_the_border_is_a_row(tmp_path):
    truth = made(tmp_path, "81-wild", quirks=["touches-zero"])
    assert any(row.box[:2] == (0, 0) and not row.flags for row in truth.rows)
    assert differences(truth, converted(tmp_path)) == []


def test_a_negative_corner_is_clipped_and_not_mirrored(tmp_path):
    truth = made(tmp_path, "81-wild", quirks=["Q16-negative"])
    (clipped,) = [row for row in truth.rows if "bbox_clipped" in row.flags]
    out = converted(tmp_path)
    (row,) = [row for row in read.rows(out) if "bbox_clipped" in row["attrs"]]
    assert row["bbox"] == list(clipped.box)
    assert row["bbox"][0] == 0


def test_labels_find_their_images_though_the_orders_differ(tmp_path):
    truth = made(tmp_path, "105-old", images=9)
    files = [path for path in (tmp_path / "delivery").rglob("*") if path.is_file()]
    labels = sorted(path for path in files if path.suffix == ".json")
    images = sorted(path for path in files if path.suffix == ".jpg")
    assert len(labels) == len(images)
    assert any(
        label.stem != image.stem for label, image in zip(labels, images, strict=True)
    )  # pairing by position errs
    assert differences(truth, converted(tmp_path)) == []


def test_a_name_with_dots_keeps_its_whole_stem(tmp_path):
    truth = made(tmp_path, "88", quirks=["dotted"])
    names = {row.src_image.rsplit("/", 1)[1] for row in truth.rows}
    assert {"이름.v2.a.1.jpg", "이름.v2.a.2.jpg"} <= names
    assert differences(truth, converted(tmp_path)) == []


def test_an_id_that_is_not_the_image_id_loses_nothing(tmp_path):
    truth = made(tmp_path, "81-printed", quirks=["id-differs", "Q12-id-type"])
    assert not truth.rejects
    assert differences(truth, converted(tmp_path)) == []


# Options, and what holds for all


def test_one_sample_in_two_releases_is_two_rows_unless_duplicates_are_dropped(tmp_path):
    truth = made(tmp_path, "88", images=2, quirks=["Q31-twice"])
    twice = sum(row.src_image.endswith("_b.jpg") for row in truth.rows)
    assert twice
    out = converted(tmp_path, drop_duplicates=True)
    assert ledger(out) == Counter(dup_sample=twice)
    assert len(list(read.rows(out))) == len(truth.rows) - twice


def test_two_deliveries_of_two_families_are_one_data_set(tmp_path):
    first = make_delivery(tmp_path / "first", "105-old", images=3)
    second = make_delivery(tmp_path / "second", "105-new", images=3, form="zip")
    out = convert(tmp_path / "out", tmp_path / "first", tmp_path / "second")
    rows = list(read.rows(out))
    assert sorted(row["text"] for row in rows) == sorted(row.text for row in first.rows + second.rows)
    assert len({row["id"] for row in rows}) == len(rows)


def test_the_row_of_an_annotation_says_where_it_stood(tmp_path):
    truth = made(tmp_path, "88", images=3, quirks=["Q10-dup-id"])
    rows = list(read.rows(converted(tmp_path)))
    found = sorted((row["src_image"].rsplit("/", 1)[-1], json.loads(row["attrs"])["source_index"]) for row in rows)
    assert found == sorted((row.src_image.rsplit("/", 1)[-1], row.index) for row in truth.rows)
    assert all(unicodedata.is_normalized("NFC", row["src_image"]) for row in rows)
