import pytest
from ocrfactory.corpus import matches
from ocrfactory.errors import InputError
from pydantic import ValidationError

from tests.corpus.helpers import corpora, sizes, texts


def test_texts_match_and_are_within_the_limits_and_differ():
    found = texts({"kind": "pattern", "pattern": "[가-힣]{1,40}( <int 1..99>번)?"}, count=500)
    assert all(matches("[가-힣]{1,40}( <int 1..99>번)?", text) for text in found.texts)
    assert set(sizes(found)) <= set(range(5, 31))
    assert len(set(found.texts)) == 500


def test_every_branch_occurs_even_if_texts_meet():
    template = "(가|나|다)(<int 1..3>|라|마)(바|사)"
    found = texts({"kind": "pattern", "pattern": template}, count=24, lengths=(1, 9))
    for char in "가나다라마바사":
        assert any(char in text for text in found.texts), char


def test_several_patterns_come_equally_often():
    found = texts({"kind": "pattern", "patterns": ["a<int 10000..99999>", "b(c|d|e)<int 10000..99999>"]}, count=600)
    assert 280 <= sum(text.startswith("a") for text in found.texts) <= 320


def test_a_pattern_outside_the_limits_is_refused():
    with pytest.raises(InputError, match=r"pattern 'ab' gives texts of 2 to 2 characters, lengths are 5 to 30"):
        texts({"kind": "pattern", "patterns": ["[a-z]{9}", "ab"]}, count=5)


def test_a_pattern_whose_texts_never_fit_ends_with_the_reasons():
    with pytest.raises(
        InputError, match=r"none of 2,000 texts in a row can be used: left out 2,000 \(space at an end\)"
    ):
        texts({"kind": "pattern", "pattern": " [a-z]{9}"}, count=5)


def test_a_charset_narrows_classes_and_refuses_the_rest():
    found = texts({"kind": "pattern", "pattern": "[가-힣]{5}"}, count=50, charset=frozenset("가나다"))
    assert set("".join(found.texts)) == set("가나다")
    with pytest.raises(InputError, match=r"\(charset\)"):
        texts({"kind": "pattern", "pattern": "[가-힣]{5}원"}, count=5, charset=frozenset("가나다"))


def test_too_few_different_texts_are_counted():
    with pytest.raises(InputError, match=r"pattern \[ab\]\{5\}: only 32 different texts .* 40 are wanted"):
        texts({"kind": "pattern", "pattern": "[ab]{5}"}, count=40)


def test_a_slip_is_found_when_the_recipe_is_read():
    with pytest.raises(ValidationError, match="column 3: an empty class"):
        corpora({"kind": "pattern", "pattern": "ab[]"})
    with pytest.raises(ValidationError, match="patterns, number 2: pattern, column 1"):
        corpora({"kind": "pattern", "patterns": ["a", ")"]})
    with pytest.raises(ValidationError, match="name one pattern, or several"):
        corpora({"kind": "pattern"})
