import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.fill.content.kage import PARTS, POINTS, STROKES, Absent, Stroke, strokes_of


def points(data: str, **records: str) -> list[list[list[float]]]:
    return [stroke.points.tolist() for stroke in strokes_of("x", {"x": data, **records})]


def reason(records: dict[str, str]) -> str:
    with pytest.raises(Absent) as caught:
        strokes_of("x", records)
    assert caught.value.cure
    return caught.value.reason


@pytest.mark.parametrize("kind", POINTS)
def test_a_stroke_of_each_kind_has_its_ends_and_its_points(kind: int) -> None:
    numbers = list(range(10, 10 + 2 * POINTS[kind]))
    (stroke,) = strokes_of("x", {"x": ":".join(map(str, [kind, 22, 7, *numbers]))})
    assert (stroke.kind, stroke.head, stroke.tail) == (kind, 22, 7)
    assert stroke.points.ravel().tolist() == numbers


def test_hundreds_tune_another_engine_and_change_no_stroke() -> None:
    (stroke,) = strokes_of("x", {"x": "101:1032:413:0:0:0:100"})
    assert (stroke.kind, stroke.head, stroke.tail) == (1, 32, 13)


def test_lines_that_draw_nothing_are_passed_over() -> None:
    assert len(points("0:0:0:0$9:0:0:0:0:200:200$$1:0:0:0:0:9:9")) == 1


def test_a_part_fills_its_box() -> None:
    assert points("99:0:0:100:0:200:50:part", part="1:0:0:0:0:200:200") == [[[100, 0], [200, 50]]]


def test_boxes_lie_within_boxes() -> None:
    records = {"half": "99:0:0:0:0:100:200:line", "line": "1:0:0:0:100:200:100"}
    assert points("99:0:0:0:0:200:100:half", **records) == [[[0, 50], [100, 50]]]


def test_a_stretch_moves_its_source_and_leaves_the_ends_of_the_ink() -> None:
    # From x = 100 to x = 50, from y = 100 to y = 150; the ink goes from 20 to 180.
    part = "1:0:0:20:20:180:180$1:0:0:100:100:60:140"
    stretched = points("99:150:50:0:0:200:200:part:0:0:0", part=part)
    assert stretched == [[[20, 20], [180, 180]], [[50, 150], [35, 165]]]


def test_a_stretch_without_a_source_starts_from_the_middle() -> None:
    part = "1:0:0:0:100:200:100"
    assert points("99:-40:0:0:0:200:200:part", part=part) == [[[0, 100], [200, 100]]]
    assert points("99:-40:0:0:0:200:200:part", part=part + "$1:0:0:100:100:100:100")[1] == [[60, 100], [60, 100]]


@pytest.mark.parametrize("from_x", [-100, 0, 100])
def test_a_stretch_of_ink_without_an_extent_stays_finite(from_x: int) -> None:
    (line,) = points(f"99:150:0:0:0:200:200:part:0:{from_x}:0", part="1:0:0:0:5:0:150")
    assert np.isfinite(line).all()


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("97:0", [[10, 50], [10, 20]]),
        ("98:0", [[90, 0], [90, 30]]),
        ("99:1", [[50, 10], [20, 10]]),
        ("99:2", [[90, 50], [90, 20]]),
        ("99:3", [[0, 40], [30, 40]]),
        ("99:4", [[10, 0], [10, 30]]),
    ],
)
def test_what_lies_in_a_box_can_be_turned(turn: str, expected: list[list[int]]) -> None:
    drawn = points(f"1:0:0:10:0:10:30$1:0:0:10:0:10:60$0:{turn}:0:0:100:50$1:0:0:10:0:10:30")
    assert drawn == [expected, [[10, 0], [10, 60]], [[10, 0], [10, 30]]]


def test_the_current_version_stands_in_for_one_that_is_gone() -> None:
    part = "1:0:0:0:0:200:200"
    assert points("99:0:0:0:0:200:200:part@3", part=part) == points("99:0:0:0:0:200:200:part", part=part)


def test_why_there_is_nothing_to_draw() -> None:
    assert reason({}) == "missing"
    assert reason({"x": "99:0:0:0:0:200:200:gone"}) == "missing"
    assert reason({"x": "99:0:0:0:0:200:200:u3013", "u3013": "1:0:0:0:0:9:9"}) == "placeholder"
    assert reason({"x": "99:0:0:0:0:200:200:alias", "alias": "99:0:0:0:0:200:200:u3013"}) == "placeholder"
    assert reason({"x": "0:0:0:0"}) == "empty"
    assert reason({"x": ""}) == "empty"


@pytest.mark.parametrize(
    "data", ["1:0:0:1:2:3", "1:0:0:a:b:c:d", "1:0:0:nan:0:0:0", "1:0:0:1e400:0:0:0", "1:0:0:99999:0:0:0", "99:0:0:0"]
)
def test_damaged_lines_are_refused(data: str) -> None:
    assert reason({"x": data}) == "damaged"


def test_hostile_records_cost_little() -> None:
    def include(name: str) -> str:
        return f"99:0:0:0:0:200:200:{name}"

    twice = {f"d{n}": f"{include(f'd{n + 1}')}${include(f'd{n + 1}')}" for n in range(15)}
    long = {f"d{n}": include(f"d{n + 1}") for n in range(1000)}
    line = "1:0:0:0:0:200:200"
    assert reason({"x": include("x")}) == "damaged"
    assert reason({"x": include("y"), "y": include("x")}) == "damaged"
    assert reason({"x": include("d0"), "d1000": line, **long}) == "damaged"
    assert reason({"x": include("d0"), "d15": line, **twice}) == "damaged"
    assert reason({"x": "$".join([line] * (STROKES + 1))}) == "damaged"
    assert reason({"x": "$".join([include("y")] * (PARTS + 1)), "y": line}) == "damaged"


numbers = st.integers(-300, 500) | st.sampled_from([0, 1, 2, 3, 4, 6, 7, 97, 98, 99, 100, 200])
lines = st.lists(numbers, min_size=1, max_size=12).map(lambda line: ":".join(map(str, line)))
parts = st.tuples(st.lists(numbers, min_size=6, max_size=6), st.sampled_from("xyz")).map(
    lambda part: "99:" + ":".join(map(str, part[0])) + ":" + part[1] + ":0:30:-20"
)
junk = st.text(alphabet=string.digits + ":$-.e@xyz", max_size=40)
records = st.dictionaries(st.sampled_from("xyz"), st.lists(lines | parts | junk, max_size=6).map("$".join), max_size=3)


@given(records)
def test_no_record_raises_anything_else(data: dict[str, str]) -> None:
    try:
        strokes = strokes_of("x", data)
    except Absent:
        return
    for stroke in strokes:
        assert isinstance(stroke, Stroke)
        assert stroke.points.shape == (POINTS[stroke.kind], 2)
        assert np.isfinite(stroke.points).all()
