"""Adapters written in YAML."""

import pytest
from ocrfactory.convert.adapter import Adapter, Probe
from ocrfactory.convert.spec import load_spec
from ocrfactory.errors import InputError, RecipeError, Reject

from tests.convert.labels import document

PLAIN = """
name: mine
title: My labels
dataset-sn: [5]
source: mine
lang: ko
match:
  - items: list
  - 'items[]."a.text"': {is: str, weight: 3}
hints: ['(?i)mine']
page:
  file: {join: [head.name, head.type]}
  width: head.w
regions:
  each: items[]
  text: {first: ['"a.text"', other]}
  box: {from: box, as: xywh}
  id: no
  level: {from: kind, map: {s: line, c: char}, default: word}
  illegible: {text-in: ['??'], where: {from: bad, in: [1]}}
  empty-in: [nil]
  attributes: {kind: kind}
  person: {age: age}
"""
LABEL = {
    "head": {"name": "p.1", "type": "png", "w": "640"},
    "items": [
        {"a.text": "가", "box": [1, 2, 3, 4], "no": 7, "kind": "c", "age": 20},
        {"other": " ?? ", "box": [1, 2, 3, 4], "kind": "s"},
        {"a.text": "NIL", "box": [1, 2, 3, 4], "bad": "1"},
        {"a.text": 3, "box": [1, 2, 3, 4]},
        {"a.text": "나", "box": "x"},
        None,
    ],
}


def spec(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")
    return load_spec(path)


def problems(tmp_path, text):
    with pytest.raises(RecipeError) as caught:
        spec(tmp_path, text)
    return [line.split("mine.yaml:")[1] for line in caught.value.problems]


def test_a_spec_is_an_adapter(tmp_path):
    adapter = spec(tmp_path, PLAIN.replace("id: no", 'id: "no"'))
    assert isinstance(adapter, Adapter)
    assert (adapter.name, adapter.numbers, adapter.sources, adapter.lang) == ("mine", (5,), ("mine",), "ko")
    assert adapter.levels == ("line", "char")
    assert adapter.default_level is None
    assert adapter.splits is None


def test_every_part_of_a_spec_does_what_it_says(tmp_path):
    (page,) = spec(tmp_path, PLAIN.replace("id: no", 'id: "no"')).pages(document(LABEL))
    assert (page.image, page.width, page.height, page.lang) == ("p.1.png", 640, None, "ko")
    first, marked, empty, number, boxless, nothing = page.regions
    assert [region.index for region in page.regions] == list(range(6))
    assert (first.text, first.level, first.id, first.box) == ("가", "char", "7", (1, 2, 4, 6))
    assert (first.attributes, first.person, first.legible) == ({"kind": "c"}, {"age": 20}, True)
    assert (marked.legible, marked.level) == (False, "line")
    assert (empty.text, empty.legible, empty.level) == ("", False, "word")
    assert number.fault == ("text_type", "a text is meant, got 3")
    assert boxless.fault[0] == "bbox_type"
    assert nothing.fault[0] == "bbox_missing"


def test_scores_give_seventy_for_the_structure_and_thirty_for_the_path(tmp_path):
    adapter = spec(tmp_path, PLAIN.replace("id: no", 'id: "no"'))
    assert adapter.score(Probe("a/b.json", LABEL)).points == 70
    assert adapter.score(Probe("MINE/b.json", LABEL)).points == 100
    assert adapter.score(Probe("a.json", {"items": []})).points == 70
    partly = adapter.score(Probe("mine/a.json", {"items": [{"b": 1}]}))
    assert partly.points < 30
    assert 'lacks items[]."a.text" (str)' in partly.reasons
    assert adapter.score(Probe("mine/a.json", {"x": 1})).points == 0


def test_the_source_is_chosen_by_the_path_then_by_a_value_of_the_label(tmp_path):
    text = PLAIN.replace("id: no", "id: n").replace(
        "source: mine", "source: {a: '^A/', b: '^B'}\nsource-from: head.set"
    )
    adapter = spec(tmp_path, text)
    assert adapter.source_of(Probe("A/x.json", {})) == "a"
    assert adapter.source_of(Probe("x.json", {"head": {"set": "B7"}})) == "b"
    assert adapter.source_of(Probe("x.json", {"head": {"set": 7}})) == "mine"
    assert adapter.sources == ("a", "b")


def test_splits_of_a_spec_replace_the_shared_ones(tmp_path):
    adapter = spec(tmp_path, PLAIN.replace("id: no", "id: n") + "layout: {split: {train: '^t', test: '^x'}}\n")
    assert [(name, bool(pattern.search("t"))) for name, pattern in adapter.splits] == [("train", True), ("test", False)]


def test_every_mistake_of_a_spec_comes_at_once_with_its_place(tmp_path):
    found = problems(
        tmp_path,
        "name: Mine\n"
        "colour: red\n"
        "source: {a: '('}\n"
        "match:\n"
        "  - 'items[': list\n"
        "  - items: lisst\n"
        "hints: ['[a']\n"
        "page: {file: 'a..b'}\n"
        "regions:\n"
        "  text: text\n"
        "  box: {from: box, as: wxyz}\n"
        "  level: sentence\n"
        "  illegible: {where: {from: a}}\n",
    )
    text = "\n".join(found)
    assert "1:1: name: " in text
    assert "2:1: colour: unknown key" in text
    assert "3:10: source.a: bad regular expression, character 1" in text
    assert len(found) == 10, text
    assert "5:5: match.0.path: path 'items[', character 6: [] or [0] is meant" in text
    assert "6:5: match.1" in text
    assert "7:9: hints.0: bad regular expression" in text
    assert "8:8: page.file: path 'a..b', character 3: a key is missing" in text
    assert "11:20: regions.box.as" in text
    assert "12:3: regions.level" in text
    assert "13:15: regions.illegible.where: give in or not-in" in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("box: {from: box, as: xywh}", "box: {as: xywh}", "whole-image has no from"),
        ("box: {from: box, as: xywh}", "box: {from: box, as: whole-image}", "whole-image has no from"),
        ("  width: head.w", "  each: images[]", "go together"),
        ("empty-in: [nil]", "empty-in: [true]", "quotes"),
        ("id: no", "id: 7", "a path is meant"),
        ("id: no", "line: 'a..'", "a key is missing"),
        ("  - items: list", "  - items", "one path"),
        ("match:", "match: []\nmatsch:", "unknown key"),
    ],
)
def test_a_spec_that_contradicts_itself_is_refused(tmp_path, old, new, said):
    assert old in PLAIN
    text = PLAIN.replace(old, new)
    assert said in "\n".join(problems(tmp_path, text if "id: 7" in new else text.replace("id: no", "id: n")))


def test_a_spec_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        load_spec(tmp_path / "none.yaml")


def test_a_top_level_that_is_no_object_is_a_reject_unless_the_spec_means_it(tmp_path):
    adapter = spec(tmp_path, PLAIN.replace("id: no", "id: n"))
    for value in ([], [1], 7, "a", None, True):
        with pytest.raises(Reject, match="json_decode"):
            list(adapter.pages(document(value)))
    rooted = spec(tmp_path, PLAIN.replace("id: no", "id: n").replace("each: items[]", "each: '[]'"))
    (page,) = rooted.pages(document(LABEL["items"]))
    assert len(page.regions) == 6
