"""One of several ops: exactly one is drawn, and the record alone says which and how."""

import json
from collections import Counter
from typing import ClassVar, Literal

import numpy as np
import pytest
from ocrfactory.augment import AnyOp
from ocrfactory.augment.combine import OneOf, walk
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Op
from ocrfactory.sample import Sample
from pydantic import TypeAdapter, ValidationError

ANY = TypeAdapter(AnyOp)
ERODE = {"op": "erode", "radius": 0.03}
DILATE = {"op": "dilate", "radius": 0.03}
DUST = {"op": "dust", "share": 0.1, "depth": 1}


def one_of(*ops, **fields):
    return ANY.validate_python({"op": "one_of", "ops": ops, **fields})


def frame():
    image = np.full((40, 80), 255, np.uint8)
    image[10:30, 20:26] = 0
    image.setflags(write=False)
    return Frame(Sample(text="x", image=image, kind="line", origin="font", seed=1, license="x", ground=255))


def draws(op, count=300, strength=1.0):
    chance = Chance(3, "test", strength)
    return [op.draw(chance, frame()) for _ in range(count)]


def test_exactly_one_is_chosen_and_recorded():
    for drawn in draws(one_of(ERODE, DILATE), 20):
        assert drawn["chosen"] == {"op": ("erode", "dilate")[drawn["index"]], "radius": 0.03}


def test_all_are_equal_without_weights():
    counts = Counter(drawn["index"] for drawn in draws(one_of(ERODE, DILATE, DUST), 600))
    assert all(150 < counts[index] < 250 for index in range(3))


def test_weights_say_how_often():
    counts = Counter(drawn["index"] for drawn in draws(one_of(ERODE, DILATE, DUST, weights=[3, 1, 0]), 400))
    assert 260 < counts[0] < 340
    assert counts[2] == 0


def test_the_chosen_op_is_applied_by_its_own_p():
    found = draws(one_of({**ERODE, "p": 0.25}), 400)
    assert 70 < sum(drawn["chosen"] is not None for drawn in found) < 130
    skipped = next(drawn for drawn in found if drawn["chosen"] is None)
    untouched = frame()
    one_of(ERODE).apply(untouched, skipped)
    assert untouched.image is frame().image or (untouched.image == frame().image).all()


def test_it_does_what_the_chosen_op_does():
    op = one_of(ERODE, DILATE, DUST)
    for drawn in draws(op, 10):
        combined, alone = frame(), frame()
        op.apply(combined, json.loads(json.dumps(drawn)))
        op.ops[drawn["index"]].apply(alone, {k: v for k, v in drawn["chosen"].items() if k != "op"})
        assert (combined.image == alone.image).all()
        assert (combined.image != frame().image).any()


def test_twins_with_other_settings_are_told_apart_by_index():
    op = one_of({"op": "dust", "share": 0.001}, {"op": "dust", "share": 0.1})
    shares = {drawn["index"]: drawn["chosen"]["share"] for drawn in draws(op, 20)}
    assert shares == {0: 0.001, 1: 0.1}


def test_a_record_of_another_recipe_is_refused():
    with pytest.raises(ValueError, match="op 0 of one_of is erode, but dust was recorded"):
        one_of(ERODE).apply(frame(), {"index": 0, "chosen": {"op": "dust"}})


def test_strength_reaches_the_chosen_op():
    assert {drawn["chosen"]["radius"] for drawn in draws(one_of(ERODE, DILATE), 10, 0.1)} == {0.003}


def test_choices_nest():
    op = one_of(one_of(ERODE, DILATE).model_dump(), DUST)
    found = draws(op, 40)
    assert {drawn["chosen"]["op"] for drawn in found} == {"one_of", "dust"}
    inner = next(drawn for drawn in found if drawn["index"] == 0)
    assert inner["chosen"]["chosen"]["op"] in ("erode", "dilate")
    changed = frame()
    op.apply(changed, inner)
    assert (changed.image != frame().image).any()


def test_walk_yields_every_op_nested_ones_too():
    ops = [one_of(one_of(ERODE, DILATE).model_dump(), DUST), ANY.validate_python(DUST)]
    assert [op.op for op in walk(ops)] == ["one_of", "one_of", "erode", "dilate", "dust", "dust"]


def test_what_an_op_wants_is_seen_through_the_choice():
    class Clean(Op):
        wants_clean: ClassVar[bool] = True
        op: Literal["clean"] = "clean"

    hidden = OneOf.model_construct(op="one_of", p=1.0, ops=(Clean(), *one_of(ERODE).ops), weights=None)
    assert any(op.wants_clean for op in walk([hidden]))
    assert any(op.pollutes for op in walk([hidden]))
    assert not any(op.pollutes for op in walk([one_of(DUST)]))


def test_what_is_written_down_reads_back():
    op = one_of(ERODE, {"op": "one_of", "ops": [DUST]}, weights=[1, 2])
    assert ANY.validate_json(ANY.dump_json(op)) == op
    assert ANY.validate_json(op.model_dump_json()) == op


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ops": []}, "at least 1 item"),
        ({"ops": [ERODE], "weights": [1, 2]}, "2 weights for 1 ops"),
        ({"ops": [ERODE], "weights": [0]}, "all weights are 0"),
        ({"ops": [ERODE], "weights": [-1]}, "greater than or equal to 0"),
        ({"ops": [ERODE], "weights": [float("inf")]}, "finite"),
        ({"ops": [{"op": "nonsense"}]}, "nonsense"),
        ({"ops": [{"op": "erode", "radius": "2px"}]}, "not a unit here"),
    ],
)
def test_mistakes_are_told(fields, words):
    with pytest.raises(ValidationError, match=words):
        ANY.validate_python({"op": "one_of", **fields})
