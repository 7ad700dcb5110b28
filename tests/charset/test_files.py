import os
from pathlib import Path

import pytest
from ocrfactory.charset import RawList, files, read_classes
from ocrfactory.errors import CharsetError


def written(folder: Path, content: str | bytes, name: str = "list.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


def read(folder: Path, content: str | bytes, name: str = "list.txt") -> RawList:
    return read_classes(written(folder, content, name))


def test_a_hash_line_is_the_class_hash(tmp_path: Path) -> None:
    assert read(tmp_path, "#\n# no comment\n가\n").entries == ("#", "# no comment", "가")


def test_a_line_of_one_space_is_the_class_of_one_space(tmp_path: Path) -> None:
    assert read(tmp_path, " \n\u3000\n가 \n").entries == (" ", "\u3000", "가 ")


@pytest.mark.parametrize("separator", ["\u2028", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_only_the_line_feed_separates(tmp_path: Path, separator: str) -> None:
    assert read(tmp_path, f"가{separator}나\n다").entries == (f"가{separator}나", "다")


def test_windows_line_ends_and_a_byte_order_mark_are_dropped_and_told(tmp_path: Path) -> None:
    raw = read(tmp_path, "\ufeff가\r\n나\r\n")
    assert (raw.entries, raw.bom, raw.crlf) == (("가", "나"), True, 2)


def test_a_carriage_return_that_ends_no_line_stays(tmp_path: Path) -> None:
    assert read(tmp_path, "a\rb\nc\r").entries == ("a\rb", "c\r")


def test_a_second_byte_order_mark_stays(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff\ufeff가\n").entries == ("\ufeff가",)


def test_empty_lines_are_skipped_and_counted_but_lines_keep_their_numbers(tmp_path: Path) -> None:
    raw = read(tmp_path, "\n가\n\n나\n\n")
    assert (raw.entries, raw.positions, raw.empty) == (("가", "나"), (2, 4), (1, 3, 5))
    assert raw.where(1).endswith("list.txt:4")


def test_the_last_line_feed_begins_no_empty_line(tmp_path: Path) -> None:
    assert read(tmp_path, "가\n").empty == ()
    raw = read(tmp_path, "")
    assert (raw.entries, raw.empty) == ((), ())


def test_sequences_and_lone_surrogates_come_through(tmp_path: Path) -> None:
    assert read(tmp_path, "葛\U000e0100\n\ud840\n").entries == ("葛\U000e0100", "\ud840")


def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(CharsetError, match=r"list\.txt:2: not UTF-8: byte 0xb0") as caught:
        read(tmp_path, b"a\n\xb0\xa1\n")
    assert "iconv -f CP949" in str(caught.value.cure)


def test_utf16_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(CharsetError) as caught:
        read(tmp_path, "가".encode("utf-16"))
    assert "iconv -f UTF-16" in str(caught.value.cure)


@pytest.mark.parametrize(
    ("content", "entries"),
    [
        ('["가", "나", "가"]', ("가", "나", "가")),
        ('{"나": 1, "가": 0}', ("가", "나")),
        ('{"1": "나", "0": "가"}', ("가", "나")),
        ('{"가": 31, "나": 9, "가": 2}', ("가", "나", "가")),
        ('["\\ud840\\udc00", "\\ud840"]', ("\U00020000", "\ud840")),
        ("[]", ()),
        ("{}", ()),
        ('\ufeff["가"]', ("가",)),
    ],
)
def test_json_is_a_list_of_texts_or_a_mapping(tmp_path: Path, content: str, entries: tuple[str, ...]) -> None:
    assert read(tmp_path, content, "list.json").entries == entries


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('["가", 5]', "entry 2 is a number"),
        ("[[]]", "entry 1 is a list"),
        ("[true]", "entry 1 is a truth value"),
        ("[null]", "entry 1 is null"),
        ("[{}]", "entry 1 is a mapping"),
        ('"가"', "neither a list nor a mapping"),
        ('{"classes": ["가"]}', "class -> number"),
        ('["가",\n', "list.json:2:1: not JSON"),
        ("[" * 100_000, "not JSON that can be read"),
        ("[" + "9" * 5_000 + "]", "not JSON that can be read"),
    ],
)
def test_any_other_json_is_refused_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(CharsetError, match=reason):
        read(tmp_path, content, "list.json")


@pytest.mark.parametrize(
    ("content", "entries", "positions"),
    [
        ("가,1\n나,2\n", ("가", "나"), (1, 2)),
        ("index,Label\n0,가\n1,나\n", ("가", "나"), (2, 3)),
        ('text\n","\n"""\n', (",", '"'), (2, 3)),
        ("id,char\n1\n2,나\n", ("나",), (3,)),
        ("", (), ()),
    ],
)
def test_csv_gives_the_named_or_the_first_column(
    tmp_path: Path, content: str, entries: tuple[str, ...], positions: tuple[int, ...]
) -> None:
    content = content.replace('"""\n', '""""\n')
    raw = read(tmp_path, content, "list.csv")
    assert (raw.entries, raw.positions) == (entries, positions)


def test_broken_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CharsetError, match="not CSV"):
        read(tmp_path, '"가', "list.csv")


def test_a_pickle_is_known_by_its_content_too(tmp_path: Path) -> None:
    import pickle

    assert read(tmp_path, pickle.dumps(["가", "", "가"]), "list.bin").entries == ("가", "가")


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".yaml"])
def test_a_file_of_another_kind_is_refused_before_it_is_read(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(CharsetError, match="no class list"):
        read(tmp_path, '"가"\n', f"list{suffix}")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CharsetError, match="No such file"):
        read_classes(tmp_path / "none.txt")
    with pytest.raises(CharsetError, match=r"directory|not a file"):
        read_classes(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(CharsetError, match="not a file"):
        read_classes(tmp_path / "pipe.txt")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 4)
    with pytest.raises(CharsetError, match="larger than 4 bytes"):
        read(tmp_path, "12345")
    monkeypatch.setattr(files, "MAX_ENTRIES", 1)
    with pytest.raises(CharsetError, match="more than 1 lines"):
        read(tmp_path, "\n\n")
