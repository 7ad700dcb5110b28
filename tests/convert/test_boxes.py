"""Boxes, typed by convention."""

import math

import pytest
from ocrfactory.convert.boxes import CONVENTIONS, shortened, typer

NAN = float("nan")


def box(convention, value):
    found = typer(convention)(value)
    assert found.fault is None, found.fault
    return found.box


def test_the_convention_says_what_four_numbers_mean():
    assert box("xywh", [10, 20, 30, 40]) == (10, 20, 40, 60)
    assert box("xyxy", [10, 20, 30, 40]) == (10, 20, 30, 40)
    assert box("xywh-extra", [10, 20, 30, 40, 7, "x"]) == (10, 20, 40, 60)
    assert typer("whole-image")([1, 2]).box is None
    assert typer("whole-image")(None).fault is None


def test_a_box_wider_than_its_place_and_one_at_the_border_are_as_good_as_any():
    assert box("xywh", [5, 0, 900, 4]) == (5, 0, 905, 4)
    assert box("xywh", [0, 0, 1, 1]) == (0, 0, 1, 1)


def test_nothing_is_judged():
    assert box("xywh", [-5, -6, 0, -4]) == (-5, -6, -5, -10)
    assert any(math.isnan(number) for number in box("xywh", [1, 2, NAN, 4]))
    assert all(math.isnan(number) for number in box("xs-ys", {"x": [1, NAN], "y": [1, 2]}))
    assert all(math.isnan(number) for number in box("polygon", [[1, 2], [NAN, 2], [3, 4]]))
    assert box("xyxy", [9, 9, 1, 1]) == (9, 9, 1, 1)


def test_numbers_as_text_boxes_as_text_and_corners_are_understood():
    assert box("xywh", ["1", " 2 ", "3.5", 4]) == (1, 2, 4.5, 6)
    assert box("xywh", "[1, 2, 3, 4]") == (1, 2, 4, 6)
    assert box("xywh", {"x": 1, "y": 2, "width": 3, "height": 4}) == (1, 2, 4, 6)
    found = typer("xywh")([[1, 2], [9, 2], [9, 8], [1, 8]])
    assert found.box == (1, 2, 9, 8)
    assert found.polygon == (1, 2, 9, 2, 9, 8, 1, 8)


def test_corners_row_by_column_become_a_walk_around():
    found = typer("xs-ys")({"x": [10, 10, 50, 50], "y": [20, 40, 20, 40]})
    assert found.box == (10, 20, 50, 40)
    assert found.polygon == (10, 20, 50, 20, 50, 40, 10, 40)
    assert found.flags == ()
    tilted = typer("xs-ys")({"x": [10, 12, 50, 52], "y": [20, 40, 24, 44]})
    assert tilted.polygon == (10, 20, 50, 24, 52, 44, 12, 40)


def test_corners_that_walk_around_already_stay():
    assert typer("xs-ys")({"x": [1, 9, 9, 1], "y": [2, 2, 8, 8]}).polygon == (1, 2, 9, 2, 9, 8, 1, 8)


def test_a_polygon_may_be_pairs_or_flat_and_says_so_where_it_has_not_four_points():
    assert typer("polygon")([[1, 2], [9, 2], [9, 8], [1, 8]]) == typer("polygon")([1, 2, 9, 2, 9, 8, 1, 8])
    five = typer("polygon")([[1, 2], [9, 2], [11, 5], [9, 8], [1, 8]])
    assert five.box == (1, 2, 11, 8)
    assert five.flags == ("poly_n",)
    assert len(five.polygon) == 10
    two = typer("polygon")([[1, 2], [9, 8]])
    assert (two.box, two.polygon, two.flags) == ((1, 2, 9, 8), None, ("poly_n",))


@pytest.mark.parametrize("value", [None, [], [None] * 4, "null", ""])
@pytest.mark.parametrize("convention", ["xywh", "xyxy", "xywh-extra", "polygon"])
def test_no_box_is_missing(convention, value):
    assert typer(convention)(value).fault == ("bbox_missing", "no box")


@pytest.mark.parametrize("value", [None, {}, {"x": [], "y": []}, {"x": [None, None], "y": None}])
def test_no_corners_are_missing(value):
    assert typer("xs-ys")(value).fault == ("bbox_missing", "no box")


@pytest.mark.parametrize(
    "value", [[1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, None], [1, 2, 3, True], "a box", 7, [1, 2, 3, "1_0"]]
)
def test_what_is_no_box_says_what_was_seen(value):
    reason, detail = typer("xywh")(value).fault
    assert reason == "bbox_type"
    assert shortened(value) in detail or isinstance(value, str)


@pytest.mark.parametrize(
    "value",
    [[1, 2], {"x": [1, 2], "y": [1]}, {"x": [1], "y": [1]}, {"x": 1, "y": 2}, {"x": [1, "b"], "y": [1, 2]}, "t"],
)
def test_corners_that_are_none_are_of_the_wrong_type(value):
    assert typer("xs-ys")(value).fault[0] == "bbox_type"


@pytest.mark.parametrize("value", [[1, 2, 3], [[1, 2], [3]], [[1, 2]], [1, 2], {"a": 1}, [[1, 2], ["a", 3]], 4])
def test_points_that_are_none_are_of_the_wrong_type(value):
    assert typer("polygon")(value).fault[0] == "bbox_type"


def test_no_value_makes_a_typer_fail():
    deep = value = []
    for _ in range(5000):
        value.append([])
        value = value[0]
    hostile = [
        deep,
        [deep] * 4,
        {"x": deep, "y": deep},
        10**5000,
        [10**400] * 4,
        "[" * 9000,
        {"x": [10**400] * 2},
        b"",
        {},
    ]
    for convention in CONVENTIONS:
        for each in hostile:
            typer(convention)(each)
            assert len(shortened(each)) <= 80
