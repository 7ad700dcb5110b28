import pytest
from ocrfactory.charset.mapping import classes_of_mapping


@pytest.mark.parametrize(
    ("pairs", "classes"),
    [
        ([], []),
        ([("나", 1), ("가", 0)], ["가", "나"]),
        ([("나", 2), ("가", 1)], ["가", "나"]),
        ([("나", 120), ("가", 7)], ["나", "가"]),  # counts
        ([("나", 0), ("가", 0)], ["나", "가"]),
        ([("나", True), ("가", False)], ["나", "가"]),
        ([("나", 1.5), ("가", None)], ["나", "가"]),
        ([(1, "나"), (0, "가")], ["가", "나"]),
        ([("10", "나"), ("9", "가")], ["가", "나"]),
        ([("0", 1), ("1", 0)], ["1", "0"]),
    ],
)
def test_a_mapping_is_read_in_the_direction_it_has(pairs: list[tuple[object, object]], classes: list[str]) -> None:
    assert classes_of_mapping(pairs) == classes


@pytest.mark.parametrize(
    "pairs",
    [[("가", "ga")], [("classes", ["가"])], [(("가",), 1)], [(1, 2)], [("0", "가"), ("x", "나")], [(True, "가")]],
)
def test_a_mapping_that_could_mean_anything_is_refused(pairs: list[tuple[object, object]]) -> None:
    assert "class -> number" in classes_of_mapping(pairs)
