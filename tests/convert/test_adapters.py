"""Every family: what its labels become."""

import copy
import json
import random

import pytest
from ocrfactory.convert import adapters
from ocrfactory.convert.adapter import Adapter, Probe
from ocrfactory.convert.page import LEVELS
from ocrfactory.errors import InputError, Reject

from tests.convert.labels import LABELS, document


def pages(name, value=None, path="a/b.json"):
    return list(adapters.get(name).pages(document(LABELS[name] if value is None else value, path)))


def changed(name, change):
    value = copy.deepcopy(LABELS[name])
    change(value)
    return value


def test_every_adapter_has_a_label_here_and_keeps_its_promise():
    assert adapters.names() == sorted(LABELS)
    for adapter in adapters.all():
        assert isinstance(adapter, Adapter)
        assert adapter.title
        assert set(adapter.levels) <= set(LEVELS)
        assert adapter.default_level in (None, *adapter.levels)
        for page in pages(adapter.name):
            assert page.fault is None
            assert page.regions
            assert {region.level for region in page.regions} <= set(adapter.levels)


def test_only_where_a_text_has_two_levels_one_of_them_is_the_default():
    assert {each.name: each.default_level for each in adapters.all() if each.default_level} == {
        "forms-91": "word",
        "wild-81": "word",
    }


@pytest.mark.parametrize("name", ["105", "outdoor-105", "aihub-105"])
def test_an_adapter_goes_by_its_name_its_number_and_its_source(name):
    assert adapters.get(name).name == "outdoor-105"


def test_one_adapter_serves_all_data_sets_of_its_shape():
    assert adapters.get("632") is adapters.get("633") is adapters.get("aihub-633")
    assert adapters.get("71718").name == "math-71716"
    assert adapters.get("aihub-024").name == "documents-71299"
    assert adapters.get("239").name == "drawings-239"


def test_a_number_of_two_shapes_asks_which_and_an_unknown_name_names_the_known():
    with pytest.raises(InputError, match="more than one shape") as caught:
        adapters.get("81")
    assert caught.value.cure == "name one of: fonts-81, wild-81"
    for name in ("nonsense", "7", "", "９", "99999999999999999999"):
        with pytest.raises(InputError, match="no adapter named") as caught:
            adapters.get(name)
        assert "outdoor-105" in caught.value.cure


def test_fonts_are_whole_images_whose_level_is_their_type():
    first, second = pages("fonts-81")
    assert [(page.image, page.regions[0].level, page.regions[0].box) for page in (first, second)] == [
        ("00000001.png", "char", None),
        ("00000002.png", "line", None),
    ]
    assert first.regions[0].attributes["font"] == "가상체"
    assert second.regions[0].person == {"gender": "여", "age": "31", "job": "교사"}


def test_text_in_the_wild_has_words_characters_and_what_nobody_read():
    (page,) = pages("wild-81")
    word, char, ignored = page.regions
    assert (word.level, word.box, word.legible) == ("word", (10, 20, 90, 60), True)
    assert char.level == "char"
    assert not ignored.legible
    assert page.attributes == {"type": "sign"}


def test_outdoor_marks_unreadable_text_and_vertical_pages_with_metadata_in_either_form():
    for metadata in (LABELS["outdoor-105"]["metadata"], LABELS["outdoor-105"]["metadata"][0]):
        (page,) = pages("outdoor-105", changed("outdoor-105", lambda value, new=metadata: value.update(metadata=new)))
        assert [region.legible for region in page.regions] == [True, False, True]
        assert all(region.vertical for region in page.regions)
        assert page.attributes["class"] == "실외간판"
    (page,) = pages(
        "outdoor-105", changed("outdoor-105", lambda value: value["metadata"][0].update(wordorientation="가로"))
    )
    assert not any(region.vertical for region in page.regions)
    assert page.regions[2].fault[0] == "bbox_missing"
    assert page.regions[2].text == "면"  # its image_id points nowhere: there is one image, so it is that


def test_outdoor_dates_come_under_either_name():
    def change(value):
        value["images"][0]["date_captured"] = value["images"][0].pop("date_created")

    assert pages("outdoor-105", changed("outdoor-105", change))[0].attributes["date"] == "20200101"


def test_printed_forms_are_words_with_corners():
    (page,) = pages("forms-91")
    assert [(region.text, region.level, region.box) for region in page.regions] == [
        ("접수", "word", (100, 200, 180, 240))
    ]
    assert page.person == {"writer_no": "77", "writer_age": "2"}


def test_a_handwritten_word_is_its_characters_and_all_of_them_together():
    word = [{"charbox": [0, 0, 9, 9], "value": "신"}, {"charbox": [9, 0, 18, 9], "value": "청"}]
    (page,) = pages("forms-91", changed("forms-91", lambda value: value.update(text={"word": word})))
    assert [(region.index, region.text, region.level, region.box) for region in page.regions] == [
        (0, "신", "char", (0, 0, 9, 9)),
        (1, "청", "char", (9, 0, 18, 9)),
        (2, "신청", "word", None),
    ]
    assert set(adapters.get("forms-91").levels) == {"char", "word"}
    del word[1]["value"]
    (page,) = pages("forms-91", changed("forms-91", lambda value: value.update(text={"word": word})))
    assert page.regions[2].fault == ("text_type", "1 of 2 characters have no text")


def test_a_handwritten_letter_is_a_value_of_the_text_or_of_the_info():
    (page,) = pages("forms-91", changed("forms-91", lambda value: value.update(text={"letter": {"value": "값"}})))
    assert [(region.text, region.level, region.box) for region in page.regions] == [("값", "char", None)]
    for text, level in (("값", "char"), ("값진", "word")):
        (page,) = pages(
            "forms-91", changed("forms-91", lambda value, new=text: value.update(text={}, info={"text": new}))
        )
        assert [(region.text, region.level) for region in page.regions] == [(text, level)]


def test_public_forms_have_dotted_keys_and_may_repeat_ids_and_xxx_is_text_there():
    (page,) = pages("public-88")
    assert (page.image, page.width, page.attributes["category"]) == ("555-2009-0001.jpg", 1240, "인.허가")
    assert [(region.id, region.text, region.legible) for region in page.regions] == [
        ("4", "성명", True),
        ("4", "xxx", True),
    ]


@pytest.mark.parametrize("key", ["Bbox", "bbox"])
def test_documents_take_either_spelling_and_name_their_image_in_two_parts(key):
    (page,) = pages("documents-71299", changed("documents-71299", lambda value: value.update({key: value.pop("Bbox")})))
    assert page.image == "AA_2001_1_0001.jpg"
    assert page.regions[0].box == (12, 10, 90, 62)
    assert page.regions[0].polygon == (12, 10, 90, 10, 90, 62, 12, 62)


def test_documents_tell_their_sources_by_path_then_by_identifier():
    adapter = adapters.get("documents-71299")
    assert adapter.source_of(Probe("023.OCR 데이터(공공)/a.json", {})) == "aihub-71299"
    assert adapter.source_of(Probe("x/TL_OCR(edu)_E_G1.zip/a.json", {})) == "aihub-024"
    assert adapter.source_of(Probe("025.OCR 데이터(금융 및 물류)/a.json", {})) == "aihub-025"
    assert adapter.source_of(Probe("a.json", LABELS["documents-71299"])) == "aihub-71299"
    assert adapter.source_of(Probe("a.json", {})) == "documents-71299"


def test_handwriting_is_paired_by_stem_and_keeps_what_it_says_of_people_apart():
    (page,) = pages("handwriting-605")
    assert page.image is None
    assert page.person == {"writer_age": 40, "writer_sex": 1}
    assert page.attributes == {"acquisition_location": "가정", "pen_type": 0}
    assert [region.legible for region in page.regions] == [True, False]
    right = changed(
        "handwriting-605", lambda v: v["Images"].update(acquisition_location=v["Images"].pop("acquistion_location"))
    )
    assert pages("handwriting-605", right)[0].attributes["acquisition_location"] == "가정"


def test_papers_take_the_box_beside_a_polygon_only_where_its_id_is_the_same():
    (page,) = pages("papers-632")
    first, second = page.regions
    assert first.box == (9, 6, 25, 13)
    assert len(first.polygon) == 8
    assert second.box == (1, 1, 6, 6)
    assert (second.legible, second.flags) == (False, ("poly_n",))


def test_papers_name_their_image_at_the_top_or_in_images():
    (page,) = pages("papers-632", changed("papers-632", lambda value: value.pop("name")))
    assert page.image == "IMG_7.jpg"
    assert adapters.get("632").source_of(Probe("056.패키징/result/cosmetics/a.json", {})) == "aihub-633"


def test_a_paper_whose_polygon_is_broken_still_has_its_box():
    value = changed("papers-632", lambda value: value["annotations"][0]["polygons"][0].update(points=[1]))
    region = pages("papers-632", value)[0].regions[0]
    assert (region.box, region.fault) == ((9, 6, 25, 13), None)


def test_symbols_have_no_image_name_and_figures_no_text():
    (page,) = pages("symbols-479")
    formula, figure = page.regions
    assert (page.image, page.width) == (None, None)
    assert (formula.text, formula.box) == ("$x=2$", (0, 0, 50, 20))
    assert (figure.text, figure.fault, figure.attributes["type_detail"]) == (None, None, "원")


def test_math_is_one_paragraph_a_file_and_only_a_problem_names_its_image():
    (page,) = pages("math-71716")
    assert (page.image, page.regions[0].level, page.regions[0].box) == ("M9_1.png", "paragraph", None)
    answer = {"id": "M9_1", "question_filename": "M9_1.png", "answer_info": [{"answer_text": "None"}]}
    (page,) = pages("math-71716", answer, "M9_1_A.json")
    assert (page.image, page.regions[0].text) == (None, "")
    (page,) = pages("math-71716", {"explanation_info": [{"explanation_text": "$7$개"}]}, "M9_1_1_O.json")
    assert (page.image, page.regions[0].text) == (None, "$7$개")


def test_block_prints_are_characters_in_numbered_columns():
    (page,) = pages("classics-603")
    assert page.image == "0_1"
    assert [(region.text, region.line, region.index, region.level) for region in page.regions] == [
        ("地", 0, 0, "char"),
        ("玄", 0, 1, "char"),
        ("黃", 1, 2, "char"),
    ]
    assert page.regions[0].box == (600.5, 10, 650.5, 61)
    assert page.regions[0].vertical


@pytest.mark.parametrize("key", ["bbox", "Bbox"])
def test_old_hangul_keeps_every_code_point_under_either_spelling(key):
    value = {"Image_filename": "a", "Text_Coord": [{"annotate": "ᄒᆞᆫ", key: [70, 20, 48, 50, 0, 0]}]}
    (page,) = pages("old-hangul-71295", value)
    assert (page.regions[0].text, page.regions[0].box) == ("ᄒᆞᆫ", (70, 20, 118, 70))


def test_multilingual_polygons_may_be_pairs_or_flat():
    (page,) = pages("multilingual-71730")
    assert [(region.box, region.legible, region.flags) for region in page.regions] == [
        ((4, 5, 13, 9), True, ()),
        ((4, 5, 13, 8), False, ("poly_n",)),
    ]
    rules = dict(adapters.get("multilingual-71730").splits)
    assert rules["train"].search("01_data")
    assert rules["validation"].search("04_data")
    assert not rules["train"].search("03_data")


def test_drawings_hold_many_images():
    assert [(page.image, page.regions[0].text) for page in pages("drawings-239")] == [
        ("D_1.png", "주방"),
        ("D_2.png", "침실"),
    ]


def test_a_byte_order_mark_and_cp949_change_nothing():
    for name, value in LABELS.items():
        text = json.dumps(value, ensure_ascii=False)
        codings = ("utf-8-sig", "utf-16") if name == "old-hangul-71295" else ("utf-8-sig", "utf-16", "cp949")
        for coding in codings:
            try:
                data = text.encode(coding)
            except UnicodeEncodeError:  # a syllable that CP949 lacks
                continue
            assert pages(name, data) == pages(name)


JUNK = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    1e300,
    "",
    "None",
    "xxx",
    "1",
    [],
    {},
    [[]],
    [None],
    [{}],
    {"x": []},
    [1, 2, 3, 4],
)


def mutated(value, chance):
    """The same value with one thing of it replaced, removed or doubled."""
    value = copy.deepcopy(value)
    node = value
    while True:
        if not isinstance(node, (dict, list)) or not node:
            return value
        key = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if isinstance(node[key], (dict, list)) and chance.random() < 0.75:
            node = node[key]
            continue
        act = chance.randrange(4)
        if act == 0:
            del node[key]
        elif act == 1 and isinstance(node, list):
            node.append(node[key])
        else:
            node[key] = copy.deepcopy(chance.choice(JUNK))
        return value


@pytest.mark.parametrize("name", sorted(LABELS))
def test_whatever_a_label_holds_only_rejects_leave_an_adapter(name):
    chance = random.Random(name)
    for _ in range(200):
        value = LABELS[name]
        for _ in range(chance.randrange(1, 5)):
            value = mutated(value, chance)
        for adapter in [adapters.get(name), chance.choice(adapters.all())]:
            for big in (None, 0):
                try:
                    probe = Probe("x.json", document(value, big=big).probe())
                    assert 0 <= adapter.score(probe).points <= 100
                    assert isinstance(adapter.source_of(probe), str)
                    found = list(adapter.pages(document(value, big=big)))
                except Reject:
                    continue
                for page in found:
                    assert page.image is None or (isinstance(page.image, str) and page.image)
                    for region in page.regions:
                        assert region.text is None or isinstance(region.text, str)
                        assert region.box is None or len(region.box) == 4


@pytest.mark.parametrize("name", sorted(LABELS))
def test_nothing_that_stands_in_a_list_of_regions_is_lost(name):
    for junk in JUNK:
        value = copy.deepcopy(LABELS[name])
        before = sum(len(page.regions) for page in pages(name))
        for key in (
            "annotations",
            "Bbox",
            "bbox",
            "segments",
            "Text_Coord",
            "Image_Text_Coord",
            "Annotation",
            "OCR_info",
        ):
            if isinstance(value.get(key), list) and name != "papers-632":
                value[key].append(junk)
                expected = before + (len(junk) if name == "classics-603" and isinstance(junk, list) else 1)
                assert sum(len(page.regions) for page in pages(name, value)) == expected


@pytest.mark.parametrize("data", [b"[" * 100_000, b"\xb0\xa1\xff", b'{"a"', b"[]", b"7", b'"a"', b"null", b""])
def test_what_is_no_label_is_a_reject(data):
    for adapter in adapters.all():
        with pytest.raises(Reject, match="json_decode"):
            list(adapter.pages(document(data)))


def test_a_handwritten_word_with_an_empty_character_is_not_a_shorter_word():
    from ocrfactory.convert import adapters
    from ocrfactory.convert.document import Document

    boxes = [{"charbox": [0, 0, 9, 9], "value": value} for value in ("신", "", "서")]
    label = json.dumps({"image": {"file_name": "a.jpg"}, "text": {"word": boxes}}).encode()
    (page,) = adapters.get("91").pages(Document.of("a.json", label))
    assert page.regions[-1].level == "word"
    assert page.regions[-1].fault is not None
    assert page.regions[-1].text is None
