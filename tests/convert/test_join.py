"""Joining: reading order, gaps, barriers; no annotation is lost, and no row shows text that it has no label for."""

from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.convert.join import joined
from ocrfactory.convert.scene import Item

FAULT = ("illegible", "marked")


def word(text, x, y=0.0, width=40.0, height=20.0, **more):
    return Item(index=more.pop("index", 0), text=text, box=(x, y, x + width, y + height), **more)


def texts(items, how="line"):
    return [item.text for item in joined(items, how) if item is not None and item.reject is None]


def test_words_of_a_line_are_joined_from_left_to_right_whatever_their_order():
    items = [word("셋", 100), word("하나", 0), word("둘", 50)]
    found = joined(items, "line")
    assert [item and item.text for item in found] == ["하나 둘 셋", None, None]
    assert found[0].box == (0, 0, 140, 20)
    assert found[0].level == "line"
    assert found[0].attributes["joined"] == [0, 0, 0]


def test_a_row_of_one_stays_what_it_is():
    items = (word("가", 0), word("나", 0, 100))
    assert joined(items, "line") == items


def test_lines_are_lines_though_they_are_a_little_askew():
    assert texts([word("가", 0, 0), word("나", 45, 6), word("다", 90, 9)]) == ["가 나 다"]
    assert texts([word("가", 0, 0), word("나", 45, 11)]) == ["가", "나"]


def test_a_gap_parts_columns():
    assert texts([word("가", 0), word("나", 40 + 31)]) == ["가", "나"]
    assert texts([word("가", 0), word("나", 40 + 29)]) == ["가 나"]


def test_lines_below_one_another_are_lines_for_themselves_and_one_paragraph():
    items = [word("가", 0, 0), word("나", 45, 0), word("다", 0, 30), word("라", 45, 30)]
    assert texts(items) == ["가 나", "다 라"]
    assert texts(items, "paragraph") == ["가 나 다 라"]


def test_paragraphs_end_where_space_is_and_columns_stay_apart():
    left = [word("가", 0, 0), word("나", 0, 30), word("다", 0, 200)]
    right = [word("라", 300, 0), word("마", 300, 30)]
    assert texts([*left, *right], "paragraph") == ["가 나", "다", "라 마"]


def test_an_unreadable_word_parts_a_line_and_stays_a_reject():
    items = [word("가", 0), word("나", 50), word("", 100, reject=FAULT), word("다", 150), word("라", 200)]
    found = joined(items, "line")
    assert [item and item.text for item in found] == ["가 나", None, "", "다 라", None]
    assert found[2].reject == FAULT


def test_a_row_that_would_show_a_word_that_is_no_part_of_it_is_not_joined():
    items = [word("가", 0, 0, height=100), word("나", 60, 0, height=100), word("작", 10, 40, width=10, height=10)]
    for how in ("line", "paragraph"):
        for item in joined(items, how):
            if item is not None and item.level != "word":
                assert "작" in item.text


def test_characters_are_joined_without_spaces_and_words_with():
    assert texts([word("가", 0, level="char"), word("나", 45, level="char")]) == ["가나"]
    assert texts([word("가", 0, level="char"), word("나", 45)]) == ["가 나"]


def test_the_lines_that_the_label_numbers_are_its_own_order():
    items = [
        word("天", 90, 0, line=1),
        word("地", 90, 60, line=1),
        word("玄", 0, 0, line=2),
        word("黃", 0, 60, line=2),
        word("外", 200, 0),
    ]
    assert texts(items, "label") == ["天 地", "玄 黃", "外"]


def test_columns_that_run_from_top_to_bottom_are_not_read_across():
    """Two signs beside each other: whoever reads them from left to right reads nonsense."""
    items = [
        word("세로하나", 100, width=20, height=100, vertical=True),
        word("세로둘", 60, width=20, height=100, vertical=True),
    ]
    assert texts(items) == ["세로하나", "세로둘"]


def test_what_was_written_and_what_was_flagged_is_joined_too():
    items = [
        word("가", 0, raw=" 가", flags=("space_normalized",)),
        word("나", 45, flags=("stray_jamo", "space_normalized")),
    ]
    (found,) = [item for item in joined(items, "line") if item]
    assert found.raw == " 가 나"
    assert found.flags == ("space_normalized", "stray_jamo")


def test_what_is_kept_though_nobody_could_read_it_stands_alone():
    """Its text is a mark such as xxx, which belongs in no line."""
    items = joined([word("가", 0), word("나", 45), word("xxx", 90, legible=False), word("다", 135)], "line")
    assert texts(items) == ["가 나", "xxx", "다"]


def test_items_without_a_box_and_of_other_levels_are_left_alone():
    items = (None, Item(1, "전체"), None, word("가", 0))
    assert joined(items, "line") == items


NUMBER = st.floats(-50, 400)
ITEMS = st.lists(
    st.one_of(
        st.none(),
        st.builds(
            lambda x, y, w, h, reject, line, level: Item(
                0, "가", level=level, box=(x, y, x + w, y + h), line=line, reject=reject
            ),
            NUMBER, NUMBER, st.floats(1, 90), st.floats(1, 40), st.sampled_from([None, None, None, FAULT]),
            st.sampled_from([None, 1, 2]), st.sampled_from(["word", "char"]),
        ),
        st.builds(lambda: Item(0, "전체")),
    ),
    max_size=14,
)  # fmt: skip


@given(ITEMS, st.sampled_from(["line", "paragraph", "label"]))
def test_no_annotation_is_lost_or_doubled_and_rejects_stay_rejects(items, how):
    items = [
        None if item is None else Item(**{**{f: getattr(item, f) for f in Item.__struct_fields__}, "index": i})
        for i, item in enumerate(items)
    ]
    found = joined(items, how)
    assert len(found) == len(items)
    told = []
    for item in found:
        if item is not None:
            told += (item.attributes or {}).get("joined", [item.index])
    assert sorted(told) == [i for i, item in enumerate(items) if item is not None]
    before = [item for item in items if item is not None and item.reject is not None]
    assert [item for item in found if item is not None and item.reject is not None] == before
    for place, item in enumerate(found):
        if item is not None and "joined" in (item.attributes or {}):
            assert min(item.attributes["joined"]) == place
            boxes = [items[number].box for number in item.attributes["joined"]]
            assert item.box == (
                *map(min, zip(*[b[:2] for b in boxes], strict=True)),
                *map(max, zip(*[b[2:] for b in boxes], strict=True)),
            )


def test_a_page_of_thousands_of_words_is_joined_in_a_moment():
    items = [word("가", 50.0 * (i % 40), 30.0 * (i // 40), index=i) for i in range(4000)]
    found = [item for item in joined(items, "line") if item is not None]
    assert len(found) == 100
    assert all(len(item.attributes["joined"]) == 40 for item in found)
