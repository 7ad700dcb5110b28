import pytest
from ocrfactory.corpus import builtin_names, describe
from ocrfactory.corpus.builtin import read_builtin
from ocrfactory.corpus.normal import control, nfc
from ocrfactory.corpus.passages import is_spaced, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("비가 온다. 우산을 쓰자! 정말?", ["비가 온다.", "우산을 쓰자!", "정말?"]),
        ("값은 3.14이다. 끝", ["값은 3.14이다.", "끝"]),
        ("Mr. Smith paid $3.50. Why?", ["Mr. Smith paid $3.50.", "Why?"]),
        ('"Never mind. We will go." He left.', ['"Never mind. We will go."', "He left."]),
        ("雨だ。傘を持つ。", ["雨だ。", "傘を持つ。"]),
        ("「行く。」と言った。そして帰った。", ["「行く。」と言った。", "そして帰った。"]),
        ("「小心！地上很滑。」他說。", ["「小心！地上很滑。」", "他說。"]),
        ('"never closed. And on.', ['"never closed. And on.']),
        ("...", ["..."]),
        ("", []),
    ],
)
def test_sentences_end_as_their_script_has_it(text, sentences):
    assert split_sentences(text) == sentences


def test_whether_words_are_spaced_is_seen():
    assert [is_spaced(read_builtin(name).text) for name in ("en", "ja", "ko", "zh-Hant")] == [True, False, True, False]
    assert is_spaced("大韓民國은 民主共和國이다")
    assert is_spaced("")


@pytest.mark.parametrize("name", builtin_names())
def test_built_in_sentences_differ_and_are_clean(name):
    lines = read_builtin(name).lines
    assert 250 <= len(lines) == len(set(lines)) == describe(name).sentences <= 400
    for line in lines:
        assert line == " ".join(line.split())
        assert nfc(line) == line
        assert control(line) is None


def test_a_built_in_corpus_describes_itself():
    assert describe("ko").different > 600
    assert describe("zh-Hant").characters > 3_500
