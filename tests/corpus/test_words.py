from collections import Counter

import pytest
from ocrfactory.corpus import Lengths
from ocrfactory.errors import InputError
from pydantic import ValidationError

from tests.corpus.helpers import corpora, dropped, sizes, texts


@pytest.fixture
def listed(tmp_path):
    (tmp_path / "words.txt").write_text("사과\n배나무\n\nNew York\n사과\n", encoding="utf-8")
    return {"kind": "words", "file": "words.txt"}


def test_texts_are_words_of_the_list_joined_by_spaces(listed, tmp_path):
    found = texts({**listed, "words": [1, 3]}, count=100, lengths=(2, 20), base=tmp_path, unique=False)
    for text in found.texts:
        rest = text.replace("New York", "").replace("배나무", "").replace("사과", "")
        assert rest.strip() == ""
        assert 1 <= text.replace("New York", "N").count(" ") + 1 <= 3


def test_chinese_and_japanese_words_are_joined_without_a_space(tmp_path):
    (tmp_path / "w.txt").write_text("蘋果\n香蕉\n鳳梨\n", encoding="utf-8")
    found = texts({"kind": "words", "file": "w.txt"}, count=50, base=tmp_path)
    assert not any(" " in text for text in found.texts)
    spaced = texts({"kind": "words", "file": "w.txt", "separator": "、"}, count=50, base=tmp_path)
    assert all("、" in text for text in spaced.texts)


def test_every_length_is_as_frequent_as_the_words_allow():
    counts = sizes(texts({"kind": "words", "builtin": "ko"}, count=2600))
    assert set(counts) == set(range(5, 31))
    assert min(counts.values()) > 80


def test_frequent_words_are_drawn_more_often(tmp_path):
    (tmp_path / "w.txt").write_text("가\t900\n나\t100\n다\t0\n", encoding="utf-8")
    spec = {"kind": "words", "file": "w.txt", "frequency": True, "words": [5, 5]}
    lengths = Lengths(min=9, max=9, shape="natural")
    counts = Counter("".join(texts(spec, count=2000, lengths=lengths, unique=False, base=tmp_path).texts))
    assert 0.88 < counts["가"] / (counts["가"] + counts["나"]) < 0.92
    assert "다" not in counts


def test_a_line_without_a_count_is_named(tmp_path):
    (tmp_path / "w.txt").write_text("가\t9\n나 3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"w\.txt:2: no word<TAB>count: '나 3'"):
        texts({"kind": "words", "file": "w.txt", "frequency": True}, count=5, base=tmp_path)


def test_words_that_are_longer_than_any_text_are_counted(listed, tmp_path):
    assert dropped(texts(listed, count=3, lengths=(2, 6), base=tmp_path)) == {"too_long": 1}


def test_a_list_without_words_says_what_became_of_them(tmp_path):
    (tmp_path / "w.txt").write_text("\n \n", encoding="utf-8")
    with pytest.raises(InputError, match=r"w\.txt: no usable word; there is no text in it"):
        texts({"kind": "words", "file": "w.txt"}, count=5, base=tmp_path)
    (tmp_path / "w.txt").write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"left out 1 \(control\): w\.txt:1: U\+0009"):
        texts({"kind": "words", "file": "w.txt"}, count=5, base=tmp_path)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "name one of the two"),
        ({"file": "a", "builtin": "ko"}, "name one of the two"),
        ({"builtin": "kr"}, "no built-in corpus 'kr'; did you mean ko"),
        ({"builtin": "ko", "words": [4, 2]}, r"within 1 to 200, not \[4, 2\]"),
        ({"builtin": "ko", "frequency": True}, "frequency needs a file"),
        ({"builtin": "ko", "separator": "\t"}, "control character"),
        ({"builtin": "ko", "weight": 0}, "greater than 0"),
    ],
)
def test_fields_that_make_no_sense_are_refused(fields, words):
    with pytest.raises(ValidationError, match=words):
        corpora({"kind": "words", **fields})
