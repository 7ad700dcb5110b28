"""What is judged without a pixel: texts, boxes, ids; a reject has its reason, a repair its flag, a glyph its label."""

import math
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ocrfactory.convert.page import LEVELS, Page, Region
from ocrfactory.convert.repair import Judge, Policy, label_text

BOX = (1.0, 2.0, 30.0, 20.0)


def item(policy=None, **region):
    (found,) = Judge(policy or Policy()).items(
        Page("a.jpg", (Region(**{"index": 0, "text": "가", "box": BOX, **region}),)), None
    )
    return found


@pytest.mark.parametrize(
    ("written", "text", "flags"),
    [
        ("가나", "가나", ()),
        (" 가나 ", "가나", ("space_normalized",)),
        ("가\t나", "가 나", ("space_normalized",)),
        ("가 \r\n 나", "가 나", ("space_normalized",)),
        ("가\u2028나", "가 나", ("space_normalized",)),
        ("가  나", "가  나", ()),  # plain spaces inside are the label's own
        ("\u3000가", "가", ("space_normalized",)),
        (unicodedata.normalize("NFD", "간판"), "간판", ()),
        ("국ㅇㄴ", "국ㅇㄴ", ("stray_jamo",)),
        ("\u0130", "\u0130", ()),
        ("None", "None", ()),
    ],
)
def test_the_text_of_a_word_is_tidy_and_what_was_changed_is_a_flag(written, text, flags):
    assert label_text(written, "word") == (text, flags, None)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (None, "text_empty"),
        ("", "text_empty"),
        (" \t\u3000", "text_empty"),
        ("가\0나", "text_invalid"),
        ("가\x1b[31m", "text_invalid"),
        ("\x7f가", "text_invalid"),
        ("가\x9b", "text_invalid"),
        ("\ud800가", "text_invalid"),
    ],
)
@pytest.mark.parametrize("level", LEVELS)
def test_what_is_no_text_is_a_reject(written, reason, level):
    text, _, fault = label_text(written, level)
    assert text == ""
    assert fault[0] == reason
    assert fault[1].isprintable()


@pytest.mark.parametrize("text", ["ᄒᆞᆫ", unicodedata.normalize("NFD", "간"), "\u2f00", "\uf900", "ㄱ"])
def test_the_label_of_a_glyph_is_kept_code_point_for_code_point(text):
    assert label_text(text, "char") == (text, (), None)


def test_a_line_feed_in_the_label_of_a_glyph_is_a_reject():
    assert label_text("가\n", "char")[2][0] == "text_invalid"


@given(
    st.one_of(
        st.none(), st.text(st.characters(exclude_categories=())), st.text(" \t\n가ㄱ\u1100\u1161a\u0301\x00\x85")
    ),
    st.sampled_from(LEVELS),
)
@example("\u2000", "word")
def test_a_text_is_nfc_without_control_characters_or_it_has_a_fault(written, level):
    text, _, fault = label_text(written, level)
    assert (text == "") == (fault is not None)
    if fault is not None:
        assert fault[0] in ("text_empty", "text_invalid")
        fault[1].encode()
        return
    assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    if level == "char":
        assert text == written
    else:
        assert text == text.strip()
        assert unicodedata.is_normalized("NFC", text)
        assert text.split() == unicodedata.normalize("NFC", written).split()
        assert label_text(text, level)[0] == text


@pytest.mark.parametrize(
    "box",
    [
        (0.0, 0.0, 0.0, 5.0),
        (5.0, 0.0, 1.0, 5.0),
        (0.0, 5.0, 5.0, 5.0),
        (math.nan,) * 4,
        (0.0, 0.0, math.inf, 1.0),
        (-math.inf, 0.0, 1.0, 1.0),
    ],
)
def test_a_box_without_area_is_a_reject_that_shows_it(box):
    found = item(box=box)
    assert found.reject[0] == "bbox_empty"
    assert "width" in found.reject[1]
    assert found.box is None


def test_a_box_that_touches_zero_or_lies_outside_passes_here():
    assert item(box=(0.0, 0.0, 1.0, 1.0)).reject is None
    assert item(box=(-50.0, -50.0, 1e9, 1e9)).reject is None
    assert item(box=None).reject is None


def test_the_fault_of_the_adapter_is_kept_with_its_place():
    found = item(fault=("bbox_type", "four numbers are meant, got 'x'"), id="77", index=4)
    assert found.reject == ("bbox_type", "annotation 4, id '77': four numbers are meant, got 'x'")


def test_what_is_marked_as_unreadable_is_a_reject_unless_it_is_kept_with_a_text():
    assert item(legible=False, text="xxx").reject[0] == "illegible"
    assert item(legible=False, text="xxx").box == BOX  # it has its place, too
    kept = item(Policy(keep_illegible=True), legible=False, text="xxx")
    assert (kept.reject, kept.legible, kept.text) == (None, False, "xxx")
    assert item(Policy(keep_illegible=True), legible=False, text=None).reject[0] == "illegible"


def test_an_id_that_repeats_in_one_label_is_flagged_and_in_another_is_not():
    regions = tuple(Region(index=i, text="가", id=id) for i, id in enumerate(["1", "2", "1", None, None, "1"]))
    judge = Judge(Policy())
    found = judge.items(Page("a.jpg", regions), None)
    assert [each.flags for each in found] == [(), (), ("dup_ann_id",), (), (), ("dup_ann_id",)]
    assert judge.items(Page("b.jpg", regions[:1]), None)[0].flags == ("dup_ann_id",)  # another page of the same label
    assert Judge(Policy()).items(Page("a.jpg", regions[:1]), None)[0].flags == ()


def test_the_written_label_is_kept_where_the_text_is_not_it():
    assert item(text=" 가").raw == " 가"
    assert item(text="가").raw is None


def test_other_levels_are_none_and_keep_their_numbers():
    regions = tuple(Region(index=i, text="가", level=level) for i, level in enumerate(["word", "char", "word"]))
    found = Judge(Policy()).items(Page("a.jpg", regions), "word")
    assert [each and each.index for each in found] == [0, None, 2]


def test_what_is_said_of_a_person_is_kept_only_where_that_was_asked_for():
    region = {"attributes": {"font": "바탕"}, "person": {"age": 30}}
    assert item(**region).attributes == {"font": "바탕"}
    assert item(Policy(keep_person=True), **region).attributes == {"font": "바탕", "age": 30}


NUMBERS = st.one_of(st.floats(), st.floats(-100, 100))
REGIONS = st.builds(
    Region,
    index=st.integers(0, 9),
    text=st.one_of(st.none(), st.text(st.characters(exclude_categories=()))),
    level=st.sampled_from(LEVELS),
    box=st.one_of(st.none(), st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS)),
    id=st.one_of(st.none(), st.text(st.characters(exclude_categories=()))),
    legible=st.booleans(),
    fault=st.one_of(st.none(), st.just(("bbox_missing", "no box"))),
)


@given(st.lists(REGIONS, max_size=6), st.sampled_from([None, *LEVELS]), st.booleans())
def test_every_annotation_is_an_item_a_reject_or_of_another_level_and_none_raises(regions, wanted, keep):
    found = Judge(Policy(keep_illegible=keep)).items(Page("a.jpg", tuple(regions)), wanted)
    assert len(found) == len(regions)
    for region, made in zip(regions, found, strict=True):
        assert (made is None) == (wanted is not None and region.level != wanted)
        if made is not None and made.reject is None:
            assert made.text
            assert made.box is None or (made.box[0] < made.box[2] and made.box[1] < made.box[3])
        elif made is not None:
            made.reject[1].encode()  # it will be written
