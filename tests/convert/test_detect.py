"""Which adapter a label belongs to."""

import json

import pytest
from ocrfactory.convert import adapters, detect
from ocrfactory.convert.adapter import Probe, Score

from tests.convert.labels import LABELS, document


@pytest.mark.parametrize("big", [None, 0], ids=["loaded", "streamed"])
@pytest.mark.parametrize("name", sorted(LABELS))
def test_every_family_is_known_by_its_structure_alone(name, big):
    scores = detect.score_all(detect.probe_of(document(LABELS[name], "x/y.json", big)))
    assert detect.decide(scores) == scores[0]
    assert (scores[0].adapter, scores[0].points) == (name, 70)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("fonts-81", "13.한국어글자체/02.인쇄체_230721_add/printed_data_info.json"),
        ("wild-81", "04. Text in the wild_230209_add/textinthewild_data_info.json"),
        ("outdoor-105", "030.야외 실제 촬영 한글 이미지/01.데이터/1.Training/TL1.zip/1.간판/x.json"),
        ("forms-91", "031.다양한 형태의 한글 문자 이미지 인식 데이터/x.json"),
        ("public-88", "032.공공행정문서 OCR/01.데이터/x.json"),
        ("documents-71299", "024.OCR 데이터(교육)/TL_OCR(edu)_E_G1.zip/x.json"),
        ("handwriting-605", "053.대용량 손글씨 OCR 데이터/HW-OCR/4.Validation/x.json"),
        ("papers-632", "055.금융업 특화 문서 OCR 데이터/bank/annotations/x.json"),
        ("symbols-479", "038.수식, 도형, 낙서기호 OCR 데이터/x.json"),
        ("math-71716", "110.수학 과목 자동 풀이 데이터/x.json"),
        ("classics-603", "고서 한자 인식 OCR/x.json"),
        ("old-hangul-71295", "OCR 데이터(옛한글)/x.json"),
        ("multilingual-71730", "02_data/OCR_KE_C2_1.json"),
        ("drawings-239", "239.건축 도면 데이터/TL_OCR.zip/x.json"),
    ],
)
def test_the_path_adds_to_a_structure_that_fits(name, path):
    best = detect.score_all(Probe(path, LABELS[name]))[0]
    assert (best.adapter, best.points) == (name, 100)


@pytest.mark.parametrize("name", sorted(LABELS))
def test_a_folder_named_after_another_family_misleads_nobody(name):
    for path in (
        "030.야외 실제 촬영/x.json",
        "13.한국어글자체/textinthewild/x.json",
        "053.대용량 손글씨/055./110.수학/x.json",
    ):
        assert detect.decide(detect.score_all(Probe(path, LABELS[name]))).adapter == name


@pytest.mark.parametrize(
    "value", [{}, [], None, 7, {"images": [], "annotations": []}, {"images": [{}], "annotations": [{"text": "a"}]}]
)
def test_what_fits_nothing_or_several_is_not_guessed(value):
    assert detect.decide(detect.score_all(Probe("030.야외 실제 촬영/a.json", value))) is None


def test_a_decision_needs_points_and_a_margin():
    def scores(*points):
        return [Score(str(number), each) for number, each in enumerate(points)]

    assert detect.decide([]) is None
    assert detect.decide(scores(59, 0)) is None
    assert detect.decide(scores(70, 56)) is None
    assert detect.decide(scores(70, 55)).adapter == "0"
    assert detect.decide(scores(60)).adapter == "0"


def test_scores_say_what_they_are_for():
    best = detect.score_all(Probe("053.x/a.json", LABELS["handwriting-605"]))[0]
    assert "has Images (dict)" in best.reasons
    assert "path has '/053.'" in best.reasons or "path has '053.'" in best.reasons


def test_labels_of_one_structure_have_one_signature_and_those_of_two_have_two():
    seen = {}
    for name, label in LABELS.items():
        again = json.loads(json.dumps(label).replace("00001", "9").replace("OCR(public)", "q"))
        assert detect.signature(label) == detect.signature(again)
        assert isinstance(hash(detect.signature(label)), int)
        seen.setdefault(detect.signature(label), name)
    assert len(seen) == len(LABELS)


def test_a_signature_of_anything_is_small_and_quick():
    deep = node = []
    for _ in range(10_000):
        node.append([])
        node = node[0]
    for value in (
        None,
        7,
        "a",
        [],
        {},
        deep,
        {"a": deep},
        {str(number): number for number in range(10_000)},
        [{}],
        [[]],
    ):
        assert len(repr(detect.signature(value))) < 200


def test_an_adapter_from_outside_takes_part(monkeypatch):
    class Mine:
        name, title, numbers, sources = "mine", "Mine", (4242,), ("mine-source",)
        levels, default_level, lang, splits = ("word",), None, None, None

        def score(self, probe):
            return Score("mine", 90)

        def source_of(self, probe):
            return "mine-source"

        def pages(self, document):
            yield from ()

    monkeypatch.setattr(adapters, "_registered", {})
    detect.register_adapter(Mine())
    assert adapters.get("4242").name == adapters.get("mine-source").name == "mine"
    assert "mine" in adapters.names()
    assert detect.decide(detect.score_all(Probe("a.json", {}))).adapter == "mine"
