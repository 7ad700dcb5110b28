"""The path language of specs."""

import pytest
from ocrfactory.convert.jsonpath import Path, PathError

LABEL = {
    "images": [{"image.file.name": "a.jpg", "id": 3}, {"id": 4}],
    "annotations": [{"text": "가", "box": {"x": [1, 2]}}, {"text": None}, 5],
    "nested": [[{"v": 1}, {"v": 2}], [], [{"v": 3}]],
    "empty": [],
    "in": {"the deep": {'q"t': 7}},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("images[0].id", 3),
        ("images[1].id", 4),
        ("images[9].id", None),
        ('images[0]."image.file.name"', "a.jpg"),
        ('in."the deep"."q\\"t"', 7),
        ("annotations[].text", "가"),
        ("annotations[0].box.x[1]", 2),
        ("annotations[1].text | images[0].id", 3),
        ("nothing|in.nothing |images[1].id", 4),
        ("nested[][].v", 1),
        ("images.id", None),
        ("in[0]", None),
        ("@", LABEL),
    ],
)
def test_get_gives_the_first_value_that_is_there(path, value):
    assert Path(path).get(LABEL) == value


def test_values_gives_all_that_are_not_null():
    assert Path("nested[][].v").values(LABEL) == [1, 2, 3]
    assert Path("annotations[].text").values(LABEL) == ["가"]
    assert Path("nothing[].a | images[].id").values(LABEL) == [3, 4]


def test_elements_lose_nothing_that_stands_in_the_array():
    assert Path("annotations[]").elements(LABEL) == LABEL["annotations"]
    assert Path("nested[][]").numbered(LABEL) == [(0, {"v": 1}), (0, {"v": 2}), (2, {"v": 3})]
    assert Path("a[][]").elements({"a": [[1], None, 2, [None]]}) == [1, None, 2, None]
    assert Path("a[]").elements({"a": {"text": "나"}}) == [{"text": "나"}]
    assert Path("a[] | b[]").elements({"a": [], "b": [1]}) == [1]
    assert Path("[]").elements([1, 2]) == [1, 2]
    assert Path("a[].b").elements({"a": [{"b": 1}, 2]}) == [1, None]
    assert Path("a[]").elements([1]) == []


def test_an_array_without_elements_is_known_from_one_that_is_not_there():
    assert Path("empty[].a").is_empty(LABEL)
    assert not Path("nothing[].a").is_empty(LABEL)
    assert not Path("annotations[].a").is_empty(LABEL)
    assert Path("a[][].b").is_empty({"a": [[]]})


def test_only_a_plain_array_of_the_top_can_be_streamed():
    assert Path("images[]").array == "images"
    for path in ("images", "images[0]", "a.b[]", "a[] | b[]", "a[][]", "[]", "@"):
        assert Path(path).array is None
    assert Path("[].a").from_array
    assert not Path("a[]").from_array


@pytest.mark.parametrize(
    ("path", "position", "what"),
    [
        ("", 0, "a key is missing"),
        ("a..b", 2, "a key is missing"),
        ("a.", 2, "a key is missing"),
        ("a[x]", 1, "is meant"),
        ("a[-1]", 1, "is meant"),
        ("a[0", 1, "is meant"),
        ('a."b', 2, "no end"),
        ("a b", 1, "' ' is not expected"),
        ("a | ", 4, "a key is missing"),
        ("a |", 3, "a key is missing"),
        ("a.[]", 2, "a key is missing"),
        ("a]", 1, "not expected"),
        ("@.a", 1, "not expected"),
    ],
)
def test_a_path_that_cannot_be_read_says_where(path, position, what):
    with pytest.raises(PathError, match=what) as caught:
        Path(path)
    assert caught.value.position == position
    assert f"character {caught.value.position + 1}" in str(caught.value)


def test_to_look_never_fails():
    paths = [Path(text) for text in ("a", "a[0].b", "a[].b", "a[][]", "[][].x", '"a.b"', "@", "a | b[1]")]
    for value in (None, 1, 1.5, "text", True, [], {}, [None], {"a": None}, {"a": [None, 1, [2]]}, {"a": {"b": [[]]}}):
        for path in paths:
            path.get(value), path.values(value), path.elements(value), path.numbered(value), path.is_empty(value)


def test_equal_texts_are_equal_paths():
    assert Path("a.b") == Path("a.b")
    assert len({Path("a"), Path("a"), Path("b")}) == 2
    assert repr(Path("a")) == "Path('a')"
