"""The same files for any number of workers, with every kind of part and op in one recipe."""

import hashlib

import cv2
import numpy as np
import pytest
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.recipe import Recipe
from ocrfactory.rerender import rerender
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify

from tests.conftest import HAN
from tests.makers import make_font

OPS = [
    {"op": "perspective", "p": 0.5},
    {"op": "one_of", "ops": [{"op": "elastic"}, {"op": "curve"}, {"op": "dilate"}]},
    {"op": "imgaug", "augmenter": "AdditiveGaussianNoise", "args": {"scale": [2.0, 8.0]}, "p": 0.5},
    {"op": "grain"},
    {"op": "jpeg", "p": 0.5},
]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """Glyphs, lines and trdg's lines; ops of ours and of imgaug; a folder of backgrounds."""
    folder = tmp_path_factory.mktemp("sameness")
    font = str(make_font(folder / "f.ttf", HAN, blanks=" "))
    (folder / "t.txt").write_text("\n".join(f"{HAN[i : i + 3]} {HAN[i]}" for i in range(14)), "utf-8")
    (folder / "grounds").mkdir()
    for number in range(3):
        ramp = np.add.outer(np.arange(90), np.arange(200)) * (number + 1) % 256
        cv2.imwrite(str(folder / "grounds" / f"{number}.png"), ramp.astype(np.uint8))
    (folder / "grounds" / "broken.jpg").write_bytes(b"not a picture")
    corpus = {"kind": "lines", "file": str(folder / "t.txt")}
    paint = {"op": "paint", "backgrounds": str(folder / "grounds"), "colour": 0.5}
    parts = [
        {
            "source": {"kind": "lines", "fonts": [font], "corpus": corpus, "vertical": 0.3, "masks": True},
            "augment": OPS,
        },
        {"source": {"kind": "lines", "name": "signs", "fonts": [font], "corpus": corpus}, "augment": [paint]},
        {
            "source": {"kind": "trdg", "fonts": [font], "corpus": corpus, "blur": 1, "random_blur": True},
            "augment": "gentle",
        },
        {
            "source": {"kind": "glyphs", "fonts": [font], "charset": "U+4E00..U+4E0B", "per_class": 2},
            "augment": "gan",
        },
    ]
    return Recipe.model_validate({"name": "all", "seed": 3, "shard_rows": 11, "parts": parts, "splits": {"test": 0.2}})


def made(recipe, out, **options):
    notes = []
    build(recipe, out, Context(log=notes.append), Options(max_reject_rate=0.5, **options))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (out / "data").iterdir()}, notes


@pytest.fixture(scope="module")
def serial(recipe, tmp_path_factory):
    out = tmp_path_factory.mktemp("serial") / "out"
    return out, *made(recipe, out, executor="serial")


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_give_the_same_files(recipe, serial, tmp_path, workers):
    assert made(recipe, tmp_path / "out", workers=workers)[0] == serial[1]


def test_every_row_verifies_and_is_drawn_again_with_the_same_bytes(serial):
    out, _, _ = serial
    assert verify(out).problems == ()
    rows = list(read.rows(out))
    assert {row["source"] for row in rows} == {"lines", "signs", "trdg", "glyphs"}
    for row in rows:
        assert rerender(out, row["id"]).differences == ()


def test_the_broken_background_was_said_and_no_path_is_in_a_row(serial, recipe):
    out, _, notes = serial
    assert any("1 of 4 files" in note and "broken.jpg" in note for note in notes)
    for row in read.rows(out, ["aug", "attrs"]):
        assert "/" not in (row["aug"] or "").replace("imgaug/", "")


def test_another_seed_gives_other_pictures_of_the_same_texts(recipe, serial, tmp_path):
    other = recipe.model_copy(update={"seed": 4})
    made(other, tmp_path / "out", executor="serial")
    before = {row["id"]: row for row in read.rows(serial[0], ["id", "text", "image_hash", "source"])}
    after = {row["id"]: row for row in read.rows(tmp_path / "out", ["id", "text", "image_hash", "source"])}
    both = before.keys() & after.keys()
    assert all(before[id]["text"] == after[id]["text"] for id in both)
    assert sum(before[id]["image_hash"] == after[id]["image_hash"] for id in both) < len(both) / 4
