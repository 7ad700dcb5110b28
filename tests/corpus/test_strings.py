from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.charset import NAMED, decompose
from ocrfactory.corpus.decks import Deck, jamo_first
from ocrfactory.errors import InputError
from ocrfactory.rng import stream

from tests.corpus.helpers import corpora, dropped, sizes, texts


def counts(found):
    return Counter("".join(found.texts).replace(" ", ""))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 300), st.integers(0, 10**9), st.floats(0, 0.5), st.sampled_from(["digits", "ascii", "kana"]))
def test_every_class_is_as_frequent_as_any_other_give_or_take_one(count, seed, spaces, charset):
    spec = {"kind": "strings", "charset": charset, "spaces": spaces}
    found = texts(spec, count=count, seed=seed)
    each = counts(found)
    numbers = [each[char] for char in NAMED[charset].classes()]
    assert max(numbers) - min(numbers) <= 1
    assert len(set(found.texts)) == count
    assert not any(text != text.strip() or "  " in text for text in found.texts)


def test_lengths_are_exactly_even():
    each = sizes(texts({"kind": "strings", "charset": "hangul"}, count=20_000)).values()
    assert len(each) == 26
    assert max(each) - min(each) <= 1


def test_the_share_of_spaces_is_near_what_is_asked():
    found = texts({"kind": "strings", "charset": "hangul", "spaces": 0.2}, count=5000, lengths=(20, 20))
    share = "".join(found.texts).count(" ") / 100_000
    assert 0.13 < share < 0.2  # two in a row become one, and none is at an end
    assert " " not in "".join(texts({"kind": "strings", "charset": "hangul", "spaces": 0}, count=100).texts)


def test_each_decides_the_count_and_is_kept():
    found = texts({"kind": "strings", "charset": "kana", "each": 7})
    each = counts(found)
    assert min(each.values()) >= 7
    assert len(each) == len(NAMED["kana"].classes())
    assert max(each.values()) <= 8


def test_too_few_texts_for_each_say_how_many_are_needed():
    spec = {"kind": "strings", "charset": "kana", "each": 7}
    need = len(texts(spec).texts)
    assert min(counts(texts(spec, count=need)).values()) >= 7
    with pytest.raises(InputError, match=f"every class 7 times needs {need} texts, and it gets {need - 1}") as caught:
        texts(spec, count=need - 1)
    assert f"set count to {need}" in caught.value.cure
    with pytest.raises(InputError) as caught:
        texts({**spec, "weight": 1}, {"kind": "words", "builtin": "ko", "weight": 3}, count=need)
    wanted = int("".join(filter(str.isdigit, caught.value.cure.split(" or ")[0])))
    mixed = texts({**spec, "weight": 1}, {"kind": "words", "builtin": "ko", "weight": 3}, count=wanted)
    assert int((mixed.corpus == 0).sum()) == need


def test_all_syllables_appear_with_each_one():
    found = texts({"kind": "strings", "charset": "hangul", "each": 1, "cover": "jamo"})
    assert len(counts(found)) == 11_172


def test_pairs_of_jamo_come_early():
    classes = NAMED["hangul"].classes()
    pairs = set()
    for code in jamo_first(classes, stream(1, "x"))[:1400].tolist():
        lead, vowel, tail = decompose(classes[code])
        pairs |= {(0, lead, vowel), (1, vowel, tail), (2, lead, tail)}
    assert len(pairs) == 19 * 21 + 21 * 28 + 19 * 28


def test_a_deck_gives_each_number_once_a_round():
    deck = Deck(7, stream(1, "x"))
    dealt = [*deck.deal(3).tolist(), *deck.deal(11).tolist(), *deck.deal(0).tolist(), *deck.deal(7).tolist()]
    assert [sorted(dealt[i : i + 7]) for i in (0, 7, 14)] == [list(range(7))] * 3


def test_classes_that_cannot_stand_beside_others_are_left_out_and_counted(tmp_path):
    lines = ["가", "나", "\u0301", "\u1100", "\u8c48", "\uf900", " ", "\u1112\u119e\u11ab", "葛\U000e0100"]
    (tmp_path / "set.txt").write_text("\n".join(lines), encoding="utf-8")
    found = texts({"kind": "strings", "charset": "set.txt"}, count=50, base=tmp_path)
    assert dropped(found) == {"blank": 1, "joins": 2, "not_nfc": 1}
    assert "\u1112\u119e\u11ab" in "".join(found.texts)
    assert "葛\U000e0100" in "".join(found.texts)


def test_a_set_too_small_for_different_texts_ends_with_an_error(tmp_path):
    (tmp_path / "set.txt").write_text("가\n", encoding="utf-8")
    spec = {"kind": "strings", "charset": "set.txt", "spaces": 0}
    with pytest.raises(InputError, match="only 3 different texts of 2 to 4 characters were found, 10 are wanted"):
        texts(spec, count=10, lengths=(2, 4), base=tmp_path)
    assert len(texts(spec, count=10, lengths=(2, 4), base=tmp_path, unique=False).texts) == 10


def test_a_set_outside_the_charset_is_refused():
    with pytest.raises(InputError, match="no class is left to draw; left out 10"):
        texts({"kind": "strings", "charset": "digits"}, count=5, charset=frozenset("가"))


def test_a_published_corpus_has_no_folders():
    (one,) = corpora({"kind": "strings", "charset": "hangul+/home/me/mine.txt"})
    assert one.portable().charset == "hangul+mine.txt"
