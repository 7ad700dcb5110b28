import pytest
from ocrfactory.corpus import Lines, Prose, as_corpora
from pydantic import ValidationError

from tests.corpus.helpers import corpora


def test_a_text_is_a_built_in_corpus_or_else_a_file():
    assert as_corpora("ko") == (Prose(builtin="ko"),)
    assert as_corpora("./ko") == (Prose(file="./ko"),)
    assert as_corpora(["ja", "novel.txt"]) == (Prose(builtin="ja"), Prose(file="novel.txt"))


def test_a_mapping_is_one_corpus_and_a_model_stays_itself():
    assert as_corpora({"kind": "lines", "file": "a"}) == ({"kind": "lines", "file": "a"},)
    assert corpora({"kind": "lines", "file": "a"}, "ko") == (Lines(file="a"), Prose(builtin="ko"))
    assert as_corpora(Lines(file="a")) == (Lines(file="a"),)


@pytest.mark.parametrize(
    "value", [5, None, {"kind": "poem"}, {"file": "a"}, " ", {"kind": "lines", "file": "a", "x": 1}]
)
def test_anything_else_is_refused_by_the_validator(value):
    with pytest.raises(ValidationError):
        corpora(value)


def test_models_survive_a_round_trip_through_plain_values():
    for one in corpora("ko", {"kind": "strings", "charset": "digits"}, {"kind": "pattern", "pattern": "<latex>"}):
        assert corpora(one.model_dump()) == (one,)
        assert one.portable() == one
