import timeit
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.charset import compose, decompose, grapheme_count

SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


def test_every_syllable_is_composed_of_its_parts() -> None:
    assert all(compose(*decompose(chr(code))) == chr(code) for code in range(0xAC00, 0xD7A4))


@given(SYLLABLES)
def test_decomposition_agrees_with_unicode(syllable: str) -> None:
    lead, vowel, tail = decompose(syllable)
    jamo = chr(0x1100 + lead) + chr(0x1161 + vowel) + (chr(0x11A7 + tail) if tail else "")
    assert jamo == unicodedata.normalize("NFD", syllable)


@pytest.mark.parametrize("text", ["", "가가", "ㄱ", "a", "\u1100", "\ud7a4"])
def test_what_is_no_composed_syllable_is_not_decomposed(text: str) -> None:
    with pytest.raises(ValueError, match="not a composed Hangul syllable"):
        decompose(text)


@pytest.mark.parametrize("indices", [(19, 0, 0), (0, 21, 0), (0, 0, 28), (-1, 0, 0)])
def test_indices_out_of_range_compose_nothing(indices: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no syllable"):
        compose(*indices)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("한", 1),
        ("한글 123", 6),
        ("漢字、かな", 5),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", 2),  # conjoining jamo
        ("가\u11a8", 1),  # a syllable and a tail that joins it
        ("葛\U000e0100飾", 2),  # with a variation selector
        ("か\u3099", 1),  # with a combining voice mark
        ("ㅎㅏㄴ", 3),  # compatibility jamo do not join
        ("\U0001f468\u200d\U0001f469", 1),
        ("e\u0301a", 2),
        ("\U00020000\U00020001", 2),
    ],
)
def test_a_reader_counts(text: str, count: int) -> None:
    assert grapheme_count(text) == count


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=6))
def test_the_short_cut_never_disagrees_with_unicode(text: str) -> None:
    import regex

    assert grapheme_count(text) == len(regex.findall(r"\X", text))


JOINING = "\u1100\u1161\u11a8\u3099\ufe00\U000e0100\u200d\u302e\uff9e"


@given(st.text(st.sampled_from("가ㄱ字かガー、A ！" + JOINING), max_size=8))
def test_the_short_cut_sees_every_character_that_joins(text: str) -> None:
    import regex

    assert grapheme_count(text) == len(regex.findall(r"\X", text))


def test_one_character_is_counted_in_far_less_than_a_microsecond() -> None:
    assert min(timeit.repeat(lambda: grapheme_count("字"), number=10_000, repeat=5)) / 10_000 < 2e-6
