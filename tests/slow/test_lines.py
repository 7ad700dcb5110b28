"""Lines in real fonts: boxes through all geometry, labels that the picture holds. Needs apt and a network."""

import json
import shutil

import msgspec
import numpy as np
import pytest
from ocrfactory import encode, read
from ocrfactory.augment import FAMILIES
from ocrfactory.augment.run import Augmenter
from ocrfactory.build import Options, build
from ocrfactory.charset.hangul import graphemes
from ocrfactory.fonts import locate
from ocrfactory.fonts.select import select_faces
from ocrfactory.recipe import Recipe
from ocrfactory.sample import Sample
from ocrfactory.sources.lines import Lines
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify

pytestmark = pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt-get on this machine")

GEOMETRY = [op(p=0.5) for op in FAMILIES["geometry"]]
CORPORA = {"ko": "ko", "tcc": "zh-Hant", "ja": "ja"}


@pytest.fixture(scope="module", autouse=True)
def _packs():
    """The packs, in this session's own data folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OCRFACTORY_OFFLINE", raising=False)
        locate.forget()
        select_faces(list(CORPORA))


def drawn(source, count, seed=0):
    settled = source.settle(Context(seed=seed))
    return [found for found in source.open(settled.state, seed).draw(range(count)) if isinstance(found, Sample)]


def around(ink):
    """x0, y0, x1, y1 of what is true; None where nothing is."""
    rows, columns = np.nonzero(ink)
    return (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else None


def alone(sample, number):
    """The plain sample with the ink of one character only; everything else about it is the same."""
    image = np.where(sample.mask == number, sample.image, 255).astype(np.uint8)
    return msgspec.structs.replace(sample, image=image)


@pytest.mark.parametrize("pack", CORPORA)
@pytest.mark.parametrize("vertical", [0.0, 1.0])
def test_the_box_of_a_character_holds_its_ink_through_all_geometry(pack, vertical):
    count = 340  # of each of six: 2,000 and more in all
    source = Lines(
        fonts=(pack,),
        corpus=CORPORA[pack],
        count=count,
        vertical=vertical,
        masks=True,
        size=(0.6, 1),
        spacing=(-0.02, 0.3),
    )
    augment, plain = Augmenter(GEOMETRY, None), Augmenter([], None)
    checked, off = 0, []
    for sample in drawn(source, count):
        clusters = graphemes(sample.text)
        number = sample.seed % len(clusters)
        if clusters[number] == " " or not (sample.mask == number + 1).any():
            continue
        for which in (augment, plain):
            after, only = which(sample), which(alone(sample, number + 1))
            x0, y0, x1, y1 = after.char_boxes[4 * number : 4 * number + 4]
            dark, faint = around(only.image < 128), around(only.image < 250)
            if dark is None:
                continue
            # All dark ink is inside; the box ends where ink does, be it a hairline that became faint.
            inside = max(x0 - dark[0], y0 - dark[1], dark[2] - x1, dark[3] - y1)
            tight = max(faint[0] - x0, faint[1] - y0, x1 - faint[2], y1 - faint[3])
            off.append(max(inside, tight))
            assert off[-1] <= 1.5, (sample.text, clusters[number], after.aug, dark, faint, (x0, y0, x1, y1))
            rows, columns = np.nonzero(only.image < 128)
            ink = only.image[rows, columns]
            assert (after.image[rows, columns] <= ink).all(), "the character is not in the whole picture"
            edge = after.image.copy()
            edge[1:-1, 1:-1] = 255
            assert edge.min() == 255, "ink touches the border"
            checked += 1
    assert checked > count
    assert np.mean(off) < 0.5


TEXTS = [
    "띄어  쓰기  두 칸",
    "각\u0301 e\u0301 A\u030a",  # marks; NFC composes what it can
    "\u845b\U000e0100飾区 \u8fbb\U000e0100",  # ideographic variation sequences
    "\u1112\u119e\u11ab글 나랏\u302e말\u302fᄊᆞ미",  # old Hangul with tone marks
    "ﬁne ﬂow office",  # ligature characters stay what they are
    "中文、日本語。「引用」ー〜",
    "١٢٣ עברית",  # both directions
    "tab\u00a0nbsp – — … ½ €",
    "😀 emoji",
    "\ue000 private",
]


@pytest.mark.parametrize("pack", ["ko", "ja"])
def test_hard_texts_become_rows_whose_picture_holds_them_or_rejects_with_a_reason(pack, tmp_path):
    path = tmp_path / "hard.txt"
    path.write_text("\n".join(TEXTS) + "\n", "utf-8")
    corpus = {"kind": "lines", "file": str(path)}
    recipe = {
        "name": "hard",
        "parts": [{"source": {"kind": "lines", "fonts": [pack], "corpus": corpus, "masks": True}}],
    }
    manifest = build(Recipe.model_validate(recipe), tmp_path / "out", Context(), Options(max_reject_rate=1))
    dropped = (tmp_path / "out/meta/dropped.csv").read_text("utf-8").splitlines()[1:]
    assert manifest.rows + manifest.rejects + sum(int(line.split(",")[2]) for line in dropped) == len(TEXTS)
    assert manifest.rows >= 3
    assert verify(tmp_path / "out").problems == ()
    for row in read.rows(tmp_path / "out"):
        ink = 255 - encode.decode(row["image"]["bytes"]).astype(int)
        boxes = np.array(row["char_boxes"]).reshape(-1, 4)
        clusters = graphemes(row["text"])
        assert len(boxes) == len(clusters)
        for cluster, (x0, y0, x1, y1) in zip(clusters, boxes.astype(int), strict=True):
            if cluster.strip("\u00a0 "):  # the room of a space may be overhung by its neighbours
                assert ink[y0:y1, x0:x1].max(initial=0) > 100, (row["text"], cluster)


def test_a_reject_of_a_hard_text_names_what_is_missing(tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "t.txt"
    path.write_text("😀\n", "utf-8")
    part = {"source": {"kind": "lines", "fonts": ["ko"], "corpus": {"kind": "lines", "file": str(path)}}}
    build(Recipe.model_validate({"name": "e", "parts": [part]}), tmp_path / "o", Context(), Options(max_reject_rate=1))
    (reject,) = pq.read_table(tmp_path / "o/meta/rejects.parquet").to_pylist()
    assert reject["reason"] == "undrawable"
    assert "U+1F600" in reject["detail"]


def test_the_shipped_korean_lines_build_verify_and_balance_their_syllables(tmp_path):
    from collections import Counter

    from ocrfactory import recipe as recipes

    path = recipes.find("korean_lines")
    found = recipes.load(path).model_copy(update={"limit": 4000})
    manifest = build(found, tmp_path / "out", Context(folder=path.parent), Options())
    assert manifest.rejects <= 0.002 * manifest.planned
    assert verify(tmp_path / "out").problems == ()
    counts, weakened = Counter(), 0
    for row in read.rows(tmp_path / "out", ["text", "direction", "attrs"]):
        counts[row["direction"]] += 1
        weakened += "weakened" in json.loads(row["attrs"] or "{}")
    assert counts["ttb"] > 400
    assert weakened < 0.1 * manifest.rows


def test_an_illegible_recipe_ends_in_counted_rejects(tmp_path):
    part = {
        "source": {"kind": "lines", "fonts": ["ko"], "corpus": "ko", "count": 40},
        "augment": [{"op": "defocus", "radius": 0.15}, {"op": "contrast", "factor": 0.1}, {"op": "noise", "sd": 60}],
    }
    recipe = Recipe.model_validate({"name": "b", "parts": [part]})
    manifest = build(recipe, tmp_path / "o", Context(), Options(max_reject_rate=1))
    assert manifest.rejects_by_reason.get("illegible", 0) + manifest.rows == 40
    for row in read.rows(tmp_path / "o", ["attrs"]):
        assert json.loads(row["attrs"])["weakened"] < 1
