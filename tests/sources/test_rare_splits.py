"""What a fallback shows lies in the split of the lender's own drawing: no picture is in two splits."""

from collections import defaultdict

import pytest
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.recipe import Recipe
from ocrfactory.rerender import rerender
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify
from pydantic import ValidationError

from tests.conftest import HAN
from tests.fill.stand_ins import StandInGate, make_blur
from tests.makers import make_font

pytest.importorskip("torch")

BUNDLED = "𰀀"
"""No font here has it."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two targets with holes in common, one lender of all of them, and a generator."""
    folder = tmp_path_factory.mktemp("splits")
    make_font(folder / "one.ttf", HAN[:6], family="One")
    make_font(folder / "two.ttf", HAN[3:9], family="Two")
    make_font(folder / "lender.ttf", HAN, family="Lender")
    (folder / "c.txt").write_text("".join(f"{char}\n" for char in HAN + BUNDLED), "utf-8")
    make_blur(folder / "blur.pt")
    return folder


def recipe(split_group="pair", glyphs=("lender.ttf",), **more):
    """Glyphs of the lender beside the holes of both targets."""
    rare = {
        "kind": "rare", "fonts": ["one.ttf", "two.ttf"], "charset": "c.txt", "content": ["lender.ttf"],
        "generator": "blur.pt", "engine": "torch", "on_reject": "fallback", "split_group": split_group,
    }  # fmt: skip
    print_ = {"kind": "glyphs", "fonts": list(glyphs), "charset": "c.txt", "split_group": split_group}
    parts = [{"source": rare | more.pop("rare", {})}] + ([{"source": print_}] if glyphs else [])
    return Recipe.model_validate({"name": "splits", "max_reject_rate": 1, "parts": parts, **more})


def built(world, out, chosen):
    build(chosen, out, Context(folder=world, offline=True), Options(executor="serial"))
    return list(read.rows(out, ["id", "text", "split", "split_group", "origin", "image_hash"]))


def in_two_splits(rows, column):
    splits = defaultdict(set)
    for row in rows:
        splits[row[column]].add(row["split"])
    return [value for value, found in splits.items() if len(found) > 1]


@pytest.mark.parametrize("by", ["pair", "class"])
@pytest.mark.parametrize("glyphs", [("lender.ttf",), ()], ids=["beside its lender", "alone"])
def test_no_picture_lies_in_two_splits_where_all_are_refused(world, gate, tmp_path, by, glyphs):
    gate(StandInGate(refused=HAN + BUNDLED))
    rows = built(world, tmp_path / "o", recipe(by, glyphs, splits={"test": 0.3, "validation": 0.2}))
    assert {row["split"] for row in rows} == {"train", "validation", "test"}
    assert len({row["image_hash"] for row in rows}) < len(rows), "the same pictures are there several times"
    assert in_two_splits(rows, "image_hash") == []
    assert in_two_splits(rows, "split_group") == []
    assert verify(tmp_path / "o").problems == ()


def test_a_hole_is_filed_under_the_face_that_may_draw_it_whatever_the_gate_says(world, gate, tmp_path):
    gate(StandInGate(refused=HAN[12]))
    rows = built(world, tmp_path / "o", recipe(glyphs=()))
    groups = {(row["origin"], row["text"]): row["split_group"] for row in rows}
    assert groups["font", HAN[12]] == f"lender/U+{ord(HAN[12]):04X}"
    assert groups["gan", HAN[13]] == f"lender/U+{ord(HAN[13]):04X}"
    alone = {row["split_group"] for row in rows if row["text"] == BUNDLED}
    assert alone == {f"{face}/U+{ord(BUNDLED):X}" for face in ("one", "two")}, "strokes of the pack are no font"
    for row in rows:
        assert rerender(tmp_path / "o", row["id"]).differences == ()


def test_a_held_out_class_is_held_out_as_the_lender_draws_it_too(world, gate, tmp_path):
    gate(StandInGate(refused=HAN))
    chosen = recipe(splits={"test": {"classes": f"U+{ord(HAN[12]):04X}"}})
    rows = built(world, tmp_path / "o", chosen)
    assert {row["split"] for row in rows if row["text"] == HAN[12]} == {"test"}
    assert in_two_splits(rows, "image_hash") == []


@pytest.mark.parametrize("face", ["lender", "one"])
def test_no_face_is_held_out_where_another_may_draw_its_holes(face):
    with pytest.raises(ValidationError, match="source rare mixes faces"):
        recipe(splits={"test": {"faces": [face]}})
    assert recipe(splits={"test": {"faces": [face]}}, rare={"on_reject": "hole"})


def test_groups_of_whole_faces_and_fallbacks_exclude_each_other():
    with pytest.raises(ValidationError, match="drawn by the lender, another face: take split_group: pair or class"):
        recipe("face")
    assert recipe("face", rare={"on_reject": "hole"})


ROUTE = {"route": [{"origin": "gan", "to": "test"}]}


@pytest.mark.parametrize("splits", [{"splits": {"test": {"share": 0.3}}}, {"classes": ROUTE}], ids=["shares", "routes"])
def test_parts_that_may_show_one_picture_must_be_grouped_alike(splits):
    parts = [part.model_dump() for part in recipe().parts]
    parts[1]["source"]["split_group"] = "class"
    with pytest.raises(ValidationError, match="rare pair, glyphs class"):
        Recipe.model_validate({"name": "splits", "parts": parts, **splits})
    Recipe.model_validate({"name": "splits", "parts": parts})  # all is train


def test_holes_of_one_face_are_not_filed_under_two_names():
    parts = [part.model_dump() for part in recipe().parts]
    other = {"source": {**parts[0]["source"], "name": "again", "on_reject": "hole"}}
    with pytest.raises(ValidationError, match="another part of kind rare has on_reject: hole"):
        Recipe.model_validate({"name": "splits", "parts": [*parts, other], "splits": {"test": {"share": 0.3}}})


def test_no_route_parts_a_fallback_from_the_lender_s_own_drawing():
    parts = [part.model_dump() for part in recipe().parts]
    route = {"route": [{"origin": "gan", "to": "test", "parts_groups": True}]}
    with pytest.raises(ValidationError, match="drop parts_groups"):
        Recipe.model_validate({"name": "splits", "parts": parts, "classes": route})
