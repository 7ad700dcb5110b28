"""Made deliveries of more images, and a label that is streamed."""

import pytest
from ocrfactory import read

from tests.deliveries import big
from tests.deliveries.compare import convert, differences, ledger
from tests.deliveries.families import FAMILIES
from tests.deliveries.make import make_delivery
from tests.deliveries.quirks import QUIRKS, of_family


@pytest.mark.parametrize("form", ["tree", "zip"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", [1, 2])
def test_fifty_images_with_all_that_can_be_wrong_become_their_truth(tmp_path, family, form, seed):
    quirks = of_family(family, form, together=True) * 2
    once = {"Q3-leading-slash", "Q27-stray", "Q28-empty", "Q28-torn", "Q28-part", "dotted"}
    quirks = [name for number, name in enumerate(quirks) if name not in once or number < len(quirks) // 2]
    truth = make_delivery(tmp_path / "delivery", family, images=50, seed=seed, quirks=quirks, form=form)
    assert differences(truth, convert(tmp_path / "out", tmp_path / "delivery")) == []


@pytest.mark.parametrize(("quirk", "family"), [(name, family) for name in QUIRKS for family in QUIRKS[name].families])
def test_each_quirk_in_each_family_becomes_its_truth(tmp_path, quirk, family):
    form = "zip" if QUIRKS[quirk].zip_only else "tree"
    truth = make_delivery(tmp_path / "delivery", family, images=3, quirks=[quirk], form=form)
    assert differences(truth, convert(tmp_path / "out", tmp_path / "delivery")) == []


@pytest.mark.parametrize("family", ["81-printed", "105-new", "023"])
def test_two_thousand_images_become_their_truth(tmp_path, family):
    quirks = of_family(family, "zip", together=True)
    truth = make_delivery(tmp_path / "delivery", family, images=2000, quirks=quirks, form="zip")
    assert differences(truth, convert(tmp_path / "out", tmp_path / "delivery")) == []


def test_a_label_of_a_hundred_thousand_annotations_is_streamed(tmp_path):
    size = big.wild_json(tmp_path / "delivery", 120_000, 500)
    out = convert(tmp_path / "out", tmp_path / "delivery")
    rows = sum(1 for _ in read.rows(out, columns=["id"]))
    assert rows + ledger(out).total() == size.selected


def test_images_that_are_crops_come_by_the_thousand(tmp_path):
    size = big.letters_json(tmp_path / "delivery", 20_000)
    out = convert(tmp_path / "out", tmp_path / "delivery")
    assert sum(1 for _ in read.rows(out, columns=["id"])) == size.images
