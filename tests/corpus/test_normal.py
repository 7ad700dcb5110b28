import pytest
from ocrfactory.corpus.normal import control, has_lone_jamo, nfc, to_compatibility

OLD = "\u1112\u119e\u11ab"  # an archaic vowel: this cluster has no composed form
LONE = "\u1100"


def test_texts_are_composed():
    assert nfc("\u1112\u1161\u11ab") == "한"
    assert nfc("e\u0301") == "\u00e9"
    assert nfc(OLD) == OLD


@pytest.mark.parametrize(
    "bad", ["\t", "\x00", "\x7f", "\x85", "\u2028", "\u200b", "\ufeff", "\xad", "\u202e", "\ud800"]
)
def test_what_ends_lines_or_cannot_be_seen_is_a_control(bad):
    assert control(f"가{bad}나") == bad


@pytest.mark.parametrize("good", ["가 나", "葛\U000e0100", "\u200d", "a\u3000b", OLD])
def test_what_shapes_clusters_is_none(good):
    assert control(good) is None


def test_jamo_that_make_no_syllable_are_found_and_old_clusters_are_not():
    assert has_lone_jamo(f"가{LONE}")
    assert has_lone_jamo("\u1161")
    assert not has_lone_jamo("한글")
    assert not has_lone_jamo(OLD)
    assert not has_lone_jamo("ㄱ")


def test_lone_jamo_become_compatibility_jamo_and_old_clusters_stay():
    assert to_compatibility(f"{LONE}가\u1161{OLD} \u11ba") == f"ㄱ가ㅏ{OLD} ㅅ"
    assert to_compatibility("\u1112 \u1175 \u11c2") == "ㅎ ㅣ ㅎ"
    assert to_compatibility("한글") == "한글"
