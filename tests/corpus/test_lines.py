import pytest
from ocrfactory.errors import InputError

from tests.corpus.helpers import dropped, texts

LINES = {"kind": "lines", "file": "a.txt"}


@pytest.fixture
def write(tmp_path):
    def run(data, **more):
        (tmp_path / "a.txt").write_bytes(data if isinstance(data, bytes) else data.encode())
        return texts(LINES, base=tmp_path, **more)

    return run


def test_every_line_comes_once_and_in_order_whatever_its_length(write):
    found = write("셋\n하나\n" + "긴" * 100 + "\n하나\n")
    assert found.texts == ("셋", "하나", "긴" * 100, "하나")
    assert found.raw == {}
    assert found.dropped == ()


def test_more_than_there_are_come_from_the_top_again(write):
    assert write("가\n나\n다", count=7).texts == tuple("가나다가나다가")
    assert write("가\n나\n다", count=2).texts == ("가", "나")


def test_windows_line_ends_a_mark_and_blank_lines_are_understood(write):
    found = write("\ufeff가\r\n\r\n나\r\n   \r\n")
    assert found.texts == ("가", "나")
    assert dropped(found) == {"blank": 2}
    assert found.dropped[0].examples == ("a.txt:2", "a.txt:4")


def test_tabs_and_other_controls_keep_a_line_out(write):
    found = write("가\n나\t다\n라\x07\n마\u200b\n")
    assert found.texts == ("가",)
    assert found.dropped[0].examples == ("a.txt:2: U+0009", "a.txt:3: U+0007", "a.txt:4: U+200B")


def test_what_nfc_changed_is_kept_for_the_record(write):
    found = write("가\n\u1112\u1161\u11ab\n  나 \n", count=5)
    assert found.texts == ("가", "한", "나", "가", "한")
    assert found.raw == {1: "\u1112\u1161\u11ab", 2: "  나 ", 4: "\u1112\u1161\u11ab"}


def test_lines_outside_the_charset_are_counted_by_character(write):
    found = write("가나\n가龜\n龜鱉 \n", charset=frozenset("가나"))
    assert found.texts == ("가나",)
    assert found.dropped[0].examples == ("龜 U+9F9C x2", "鱉 U+9C49 x1")


def test_a_file_without_a_line_is_refused(write):
    with pytest.raises(InputError, match=r"a\.txt: no usable line; left out 2 \(blank\): a\.txt:1, a\.txt:2"):
        write("\n \n")
    with pytest.raises(InputError, match=r"a\.txt:2: not UTF-8: byte 5 is 0xb0"):
        write("가\n".encode() + b"\xb0\xa1")


def test_lines_are_not_mixed_with_other_corpora(tmp_path):
    with pytest.raises(InputError, match="kind lines keeps the order of its file"):
        texts(LINES, "ko", count=5, base=tmp_path)
