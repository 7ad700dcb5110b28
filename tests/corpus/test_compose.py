import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.charset import grapheme_count
from ocrfactory.corpus import Lengths, builtin_names, compose
from ocrfactory.corpus.texts import Tally
from ocrfactory.errors import InputError

from tests.corpus.helpers import corpora, dropped, texts

SPECS = [
    *builtin_names(),
    {"kind": "words", "builtin": "ja"},
    {"kind": "strings", "charset": "hangul+ascii"},
    {"kind": "pattern", "pattern": "<money ko> <word ko>"},
]
LONE, COMPATIBLE = "\u1100", "ㄱ"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(SPECS), min_size=1, max_size=3),
    st.integers(1, 120),
    st.integers(0, 2**53),
    st.integers(4, 12),
    st.integers(6, 40),
    st.sampled_from(["uniform", "natural", "normal"]),
)
def test_texts_differ_and_keep_to_the_limits_and_to_one_form(specs, count, seed, least, more, shape):
    lengths = Lengths(min=least, max=least + more, shape=shape)
    found = texts(*specs, count=count, seed=seed, lengths=lengths)
    assert len(found.texts) == len(set(found.texts)) == len(found.corpus) == count
    for text in found.texts:
        assert lengths.min <= grapheme_count(text) <= lengths.max
        assert unicodedata.is_normalized("NFC", text)
        assert text == text.strip()
        assert text.isprintable()


def test_the_same_seed_gives_the_same_texts_and_another_gives_others():
    one, again, other = (texts(*SPECS, count=400, seed=seed) for seed in (5, 5, 6))
    assert one.texts == again.texts
    assert one.corpus.tolist() == again.corpus.tolist()
    assert one.facts == again.facts
    assert len(set(one.texts) & set(other.texts)) < 100


def test_weights_are_kept_exactly_and_every_prefix_is_mixed():
    found = texts({"kind": "words", "builtin": "ko", "weight": 3}, "en", count=1001)
    assert found.corpus.tolist().count(0) == 751
    for size in (100, 300, 600):
        assert abs(found.corpus[:size].tolist().count(0) / size - 0.75) < 0.12


def test_the_same_text_does_not_come_from_two_corpora():
    take = {"sentences": 1, "windows": 0, "mix": 0}
    spec = {"kind": "prose", "builtin": "ko", "take": take}
    found = texts(spec, spec, count=200)
    assert len(set(found.texts)) == 200


def test_facts_are_the_same_wherever_the_files_lie(tmp_path):
    found = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text("하나 둘 셋 넷 다섯 여섯 일곱\n", encoding="utf-8")
        found.append(texts(str(tmp_path / folder / "x.txt"), count=5, lengths=(3, 9)))
    assert found[0].facts == found[1].facts
    assert str(tmp_path) not in repr((found[0].facts, found[0].dropped, found[0].notes))


def test_a_charset_is_part_of_the_facts():
    found = texts({"kind": "strings", "charset": "hangul"}, count=5, charset=frozenset("가나다라마"))
    assert found.facts["charset"]["classes"] == 5
    assert set("".join(found.texts)) <= set("가나다라마 ")
    assert dropped(found) == {"charset": 11_167}


@pytest.fixture
def jamo(tmp_path):
    (tmp_path / "lone.txt").write_text(f"{LONE} 나라\n바다 이야기\n", encoding="utf-8")
    (tmp_path / "both.txt").write_text(f"{LONE} 나라\n{COMPATIBLE} 나라\n", encoding="utf-8")

    def run(name, jamo):
        return texts({"kind": "lines", "file": name}, base=tmp_path, jamo=jamo)

    return run


def test_lone_jamo_are_left_out_only_where_both_kinds_occur(jamo):
    assert jamo("lone.txt", "reject").texts == (f"{LONE} 나라", "바다 이야기")
    found = jamo("both.txt", "reject")
    assert found.texts == (f"{COMPATIBLE} 나라",)
    assert dropped(found) == {"mixed_jamo": 1}


def test_lone_jamo_become_compatibility_jamo_or_stay(jamo):
    found = jamo("both.txt", "compatibility")
    assert found.texts == (f"{COMPATIBLE} 나라",) * 2
    assert found.raw == {0: f"{LONE} 나라"}
    assert jamo("both.txt", "keep").texts == (f"{LONE} 나라", f"{COMPATIBLE} 나라")


def test_jamo_of_one_corpus_decide_about_another(tmp_path):
    (tmp_path / "a.txt").write_text(f"{LONE}\n나라\n바다\n", encoding="utf-8")
    words = {"kind": "words", "file": "a.txt"}
    strings = {"kind": "strings", "charset": "U+3131..U+314E"}
    alone = texts(words, count=20, base=tmp_path)
    assert LONE in "".join(alone.texts)
    found = texts(words, strings, count=20, base=tmp_path)
    assert LONE not in "".join(found.texts)
    assert dropped(found) == {"mixed_jamo": 1}


@pytest.mark.parametrize(
    ("specs", "count", "words"),
    [
        ([], 5, "no corpus"),
        (["ko"], None, "how many texts"),
        (["ko", {"kind": "strings", "charset": "digits", "each": 3}], None, "how many texts"),
        (["ko"], 0, "count is 0"),
        (["ko"] * 256, 300, "256 corpora; at most 255"),
    ],
)
def test_what_cannot_be_composed_is_refused(specs, count, words):
    with pytest.raises(InputError, match=words):
        texts(*specs, count=count)


def test_the_log_says_how_many_texts_of_which_kind():
    lines = []
    compose(corpora("ko", "en"), count=10, seed=1, lengths=Lengths(), log=lines.append)
    assert lines == ["10 texts: 5 prose, 5 prose"]


def test_at_most_twenty_examples_are_kept():
    tally = Tally()
    for number in range(50):
        tally.add("blank", f"a.txt:{number}")
        tally.add_foreign([chr(0x4E00 + number)])
    assert [(each.count, len(each.examples)) for each in Tally.merged([tally, tally]).dropped()] == [(100, 20)] * 2


_ODD = (
    "가나다 한글 \u1112\u1161\u11ab\u1100\u119e e\u0301\u0301 葛\U000e0100 日本語「」。、！ "
    "\n\n abc.?! \"' ㄱㅏ\u3000\t\xa0豈か\u3099\u200d\x07"
)


@settings(max_examples=20, deadline=None)
@given(
    st.text(alphabet=_ODD, max_size=200),
    st.sampled_from(["prose", "words", "lines"]),
    st.sampled_from([None, frozenset("가나다한글abc")]),
    st.sampled_from(["reject", "compatibility", "keep"]),
    st.booleans(),
    st.integers(1, 5),
)
def test_whatever_a_file_holds_texts_are_clean_or_the_error_says_why(
    tmp_path_factory, content, kind, charset, jamo, unique, least
):
    folder = tmp_path_factory.mktemp("odd")
    (folder / "a.txt").write_text(content, encoding="utf-8", newline="")
    more = {"lengths": (least, least + 9), "unique": unique, "charset": charset, "jamo": jamo, "base": folder}
    message = None
    try:
        found = texts({"kind": kind, "file": "a.txt"}, count=6, **more).texts
    except InputError as error:
        found, message = (), error.message
    assert found or "a.txt" in message
    for text in found:
        assert text
        assert text == text.strip()
        assert unicodedata.is_normalized("NFC", text)
        assert not {"\n", "\t", "\x07"} & set(text)
        assert kind == "lines" or least <= grapheme_count(text) <= least + 9
        assert charset is None or set(text) <= charset | {" "}
