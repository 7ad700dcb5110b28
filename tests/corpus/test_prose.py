import re

import pytest
from ocrfactory.charset import grapheme_count
from ocrfactory.corpus import Lengths, builtin_names, passages
from ocrfactory.corpus.builtin import read_builtin
from ocrfactory.corpus.passages import split_sentences
from ocrfactory.errors import InputError
from pydantic import ValidationError

from tests.corpus.helpers import corpora, dropped, sizes, texts

SENTENCES = {"sentences": 1, "windows": 0, "mix": 0}
WINDOWS = {"sentences": 0, "windows": 1, "mix": 0}
MIX = {"sentences": 0, "windows": 0, "mix": 1}


@pytest.mark.parametrize("name", builtin_names())
def test_every_length_is_as_frequent_as_any_other(name):
    counts = sizes(texts(name, count=1300))
    assert set(counts) == set(range(5, 31))
    assert max(counts.values()) - min(counts.values()) <= 20


@pytest.mark.parametrize("name", ["ko", "ja"])
def test_windows_are_stretches_of_the_text(name):
    found = texts({"kind": "prose", "builtin": name, "take": WINDOWS}, count=300)
    joined = (" " if name == "ko" else "").join(read_builtin(name).lines)
    assert all(text in joined for text in found.texts)


def test_windows_of_spaced_text_begin_and_end_with_whole_words():
    words = set(" ".join(read_builtin("en").lines).split(" "))
    found = texts({"kind": "prose", "builtin": "en", "take": WINDOWS}, count=300)
    assert all(words.issuperset(text.split(" ")) for text in found.texts)


def test_windows_of_unspaced_text_do_not_begin_with_a_full_stop():
    found = texts({"kind": "prose", "builtin": "zh-Hant", "take": WINDOWS}, count=1000)
    assert not any(text[0] in "。，」！" or text[-1] in "「（" for text in found.texts)


def test_mixed_words_are_words_of_the_text_without_its_order():
    found = texts({"kind": "prose", "builtin": "ko", "take": MIX}, count=300)
    joined = " ".join(read_builtin("ko").lines)
    assert all(set(text.split(" ")) <= set(joined.split(" ")) for text in found.texts)
    assert sum(text in joined for text in found.texts) < 60


def test_sentences_come_whole_and_each_once_and_know_their_number():
    found = texts({"kind": "prose", "builtin": "ko", "take": SENTENCES}, lengths=(1, 200))
    known = [each for line in read_builtin("ko").lines for each in split_sentences(line)]
    assert sorted(found.texts) == sorted(set(known))


def test_a_sentence_that_is_too_long_is_cut_at_words_or_characters(tmp_path):
    (tmp_path / "ko.txt").write_text("가나다 라마바 사아자 차카타 파하\n", encoding="utf-8")
    found = texts({"kind": "prose", "file": "ko.txt", "take": SENTENCES}, lengths=(2, 8), base=tmp_path)
    assert {word for text in found.texts for word in text.split(" ")} == {
        "가나다",
        "라마바",
        "사아자",
        "차카타",
        "파하",
    }
    (tmp_path / "zh.txt").write_text("今天一早就下雨所以我帶著雨傘出門了\n", encoding="utf-8")
    found = texts({"kind": "prose", "file": "zh.txt", "take": SENTENCES}, lengths=(3, 6), base=tmp_path)
    assert all(3 <= len(text) <= 6 for text in found.texts)


def test_when_sentences_are_used_up_windows_stand_in_and_a_note_says_so():
    found = texts("ko", count=2000)
    assert len(set(found.texts)) == 2000
    assert "windows and mixed words stand in" in found.notes[0]
    assert re.search(r": \d{1,2}% of the places of whole sentences", found.notes[0])


def test_without_uniqueness_sentences_come_again():
    spec = {"kind": "prose", "builtin": "ko", "take": SENTENCES}
    assert len(texts(spec, count=1000, unique=False).texts) == 1000
    with pytest.raises(
        InputError, match="different texts of 5 to 30 characters were found, 1,000 are wanted"
    ) as caught:
        texts(spec, count=1000)
    assert "unique: false" in caught.value.cure


def test_natural_lengths_are_those_of_the_sentences():
    found = texts("ko", count=500, lengths=Lengths(min=5, max=60, shape="natural"))
    assert 15 < sum(map(grapheme_count, found.texts)) / 500 < 25


def test_nothing_reaches_over_what_the_charset_left_out(tmp_path):
    (tmp_path / "a.txt").write_text("하나 둘 셋 X 넷 다섯\n여섯 일곱 여덟\n", encoding="utf-8")
    allowed = frozenset("하나둘셋넷다섯여일곱덟")
    found = texts(
        {"kind": "prose", "file": "a.txt", "take": WINDOWS}, count=5, lengths=(3, 5), charset=allowed, base=tmp_path
    )
    assert "셋 넷" not in found.texts
    assert not any("X" in text for text in found.texts)
    assert dropped(found) == {"charset": 1}
    assert found.dropped[0].examples == ("X U+0058 x1",)


def test_clusters_of_several_code_points_are_never_cut(tmp_path):
    (tmp_path / "a.txt").write_text("葛\U000e0100葛\U000e0100飾区の人々が大勢集まった日\n", encoding="utf-8")
    found = texts({"kind": "prose", "file": "a.txt", "take": WINDOWS}, count=30, lengths=(3, 8), base=tmp_path)
    assert not any(text.startswith("\U000e0100") for text in found.texts)
    assert all(3 <= grapheme_count(text) <= 8 for text in found.texts)


def test_several_files_are_one_corpus_and_white_space_is_one_space(tmp_path):
    (tmp_path / "a.txt").write_text("하나\t둘  셋\r\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("\u3000넷 다섯\n", encoding="utf-8")
    spec = {"kind": "prose", "file": ["a.txt", "b.txt"], "take": SENTENCES}
    found = texts(spec, lengths=(1, 30), base=tmp_path)
    assert sorted(found.texts) == ["넷 다섯", "하나 둘 셋"]
    assert len(found.facts["corpora"][0]["sha256"]) == 2


def test_an_empty_file_is_refused_by_name(tmp_path):
    (tmp_path / "a.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.txt: no usable text; there is no text in it"):
        texts("a.txt", count=5, base=tmp_path)


def test_nothing_to_take_and_two_places_are_refused():
    with pytest.raises(ValidationError, match="one of sentences, windows and mix"):
        corpora({"kind": "prose", "builtin": "ko", "take": {"sentences": 0, "windows": 0, "mix": 0}})
    with pytest.raises(ValidationError, match="name one of the two"):
        corpora({"kind": "prose", "builtin": "ko", "file": "a"})


def test_a_published_corpus_has_no_folders():
    (one,) = corpora({"kind": "prose", "file": ["/home/me/a.txt", "b/c.txt"]})
    assert one.portable().files == ("a.txt", "c.txt")


def test_words_that_are_all_too_long_are_refused_not_looped_over(tmp_path):
    (tmp_path / "a.txt").write_text("supercalifragilistic antidisestablishment\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.txt: no word that is short enough"):
        texts({"kind": "prose", "file": "a.txt", "take": MIX}, count=5, lengths=(2, 5), base=tmp_path)
    with pytest.raises(InputError, match="only 0 different texts of 2 to 5 characters"):
        texts({"kind": "prose", "file": "a.txt", "take": WINDOWS}, count=5, lengths=(2, 5), base=tmp_path)


def test_of_a_library_evenly_spread_stretches_are_taken_and_a_note_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(passages, "MAX_CHARACTERS", 3000)
    lines = [f"첫째{i:04d} 둘째{i:04d} 셋째{i:04d}" for i in range(500)]
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    spec = {"kind": "prose", "file": "a.txt", "take": WINDOWS}
    found = texts(spec, count=250, lengths=(13, 13), base=tmp_path)
    assert "one stretch of 100 lines in 4 is used" in found.notes[0]
    numbers = [[int(word[2:]) for word in text.split()] for text in found.texts]
    assert all(b - a in (0, 1) for a, b in numbers)  # no window reaches from one stretch into another
    assert len({a // 100 for a, _ in numbers}) in (1, 2)
