"""`class_plan.csv`: every class comes back as it was written, and whatever does not add up is told."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.charset import class_group
from ocrfactory.classtable import (
    COLUMNS,
    ClassRow,
    below_in_words,
    below_minimum,
    faults,
    from_csv,
    points_of,
    to_csv,
)
from ocrfactory.errors import InputError

GOOD = ClassRow("一", "U+4E00", "han", 2, 3, 1, 6, 4, 1, 1, "ok", "", 5, 1)
LYING = Counter(
    {("一", "real", "train"): 2, ("一", "font", "train"): 1, ("一", "font", "test"): 1, ("一", "gan", "validation"): 1}
)


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=3), max_size=5))
def test_every_class_comes_back_quotes_commas_and_all(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    rows = [
        msgspec.structs.replace(GOOD, text=text, codepoints=points_of(text), group=class_group(text)) for text in texts
    ]
    path.write_bytes(to_csv(rows))
    assert from_csv(path) == rows


def test_before_a_build_what_became_of_it_is_empty():
    row = msgspec.structs.replace(GOOD, written=None, rejected=None)
    assert to_csv([row]).decode().splitlines() == [",".join(COLUMNS), "一,U+4E00,han,2,3,1,6,4,1,1,ok,,,"]


def test_the_classes_that_have_too_few_rows_are_named_up_to_some():
    rows = [msgspec.structs.replace(GOOD, text=chr(0x4E00 + n), status="short", written=n) for n in range(11)]
    below = below_minimum([GOOD, *rows[:1]])
    assert below == {"一": 0}
    assert below_in_words(below) == "1 class has fewer rows than min_per_class (in meta/class_plan.csv): U+4E00 0"
    words = below_in_words(below_minimum(rows))
    assert words.startswith("11 classes have fewer rows")
    assert words.endswith(": U+4E00 0, U+4E01 1, U+4E02 2, U+4E03 3, U+4E04 4, U+4E05 5, U+4E06 6, U+4E07 7 and 3 more")


def test_a_table_that_adds_up_has_no_fault():
    assert list(faults([GOOD], LYING, 1)) == []


def test_a_generated_row_may_have_become_one_of_a_font_but_not_the_other_way():
    fallen = Counter({("一", "font", "train"): 3, ("一", "font", "test"): 1, ("一", "real", "train"): 1})
    assert list(faults([GOOD], fallen, 1)) == []
    risen = Counter({("一", "gan", "train"): 3, ("一", "gan", "test"): 1, ("一", "real", "train"): 1})
    assert list(faults([GOOD], risen, 1)) == ["class U+4E00: 1 planned of gan, there are 4"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rejected": 0}, "6 planned, 5 written, 0 rejected"),
        ({"written": 4, "rejected": 2}, "4 written, there are 5"),
        ({"written": None}, "None written"),
        ({"real": 1}, "not the sum by origin"),
        ({"train": 5, "test": 0}, "0 planned of test, there are 1"),
        ({"real": 1, "font": 4}, "1 planned of real, there are 2"),
        ({"text": "丁"}, "class '一' has 5 rows and no line"),
    ],
)
def test_what_does_not_add_up_is_told(changes, words):
    found = list(faults([msgspec.structs.replace(GOOD, **changes)], LYING, 1))
    assert any(words in fault for fault in found), found


def test_a_class_with_two_lines_and_too_many_rejects_are_told():
    found = list(faults([GOOD, GOOD], LYING, 1))
    assert "class '一' has 2 lines" in found
    assert "2 rejects of classes, the data set has 1" in found


@pytest.mark.parametrize(
    "text", ["", "a,b\n", ",".join(COLUMNS) + "\n一,U+4E00\n", ",".join(COLUMNS) + "\n" + "x," * 13]
)
def test_what_is_no_table_is_an_error_with_its_line(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"a\.csv: line [12]: "):
        from_csv(path)


def test_a_table_that_is_not_there_or_no_text_is_an_error(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff")
    for name in ("a.csv", "b.csv"):
        with pytest.raises(InputError, match=name):
            from_csv(tmp_path / name)
