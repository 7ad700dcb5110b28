import os

import pytest
from ocrfactory.corpus import files
from ocrfactory.corpus.files import read_text_file, without_folders
from ocrfactory.errors import InputError


def write(path, data):
    path.write_bytes(data)
    return path.name


def refusal(name, folder):
    with pytest.raises(InputError) as caught:
        read_text_file(name, folder)
    return f"{caught.value.message} | {caught.value.cure}"


def test_line_ends_of_all_systems_and_a_byte_order_mark_are_understood(tmp_path):
    name = write(tmp_path / "a.txt", b"\xef\xbb\xbf" + "가\r\n나\n다\r라".encode())
    assert read_text_file(name, tmp_path).lines == ["가", "나", "다", "라"]
    assert read_text_file(write(tmp_path / "b.txt", "a\u2028b\n".encode()), tmp_path).lines == ["a\u2028b"]
    assert read_text_file(write(tmp_path / "c.txt", b""), tmp_path).lines == []


def test_a_missing_file_names_the_built_in_corpora(tmp_path):
    message = refusal("kr", tmp_path)
    assert message.startswith("kr: no such file")
    assert "en, ja, ko, zh-Hant" in message


def test_a_folder_and_a_pipe_are_no_files(tmp_path):
    (tmp_path / "books").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert "books: a folder, not a file" in refusal("books", tmp_path)
    assert "pipe: not a file" in refusal("pipe", tmp_path)
    assert "null byte" in refusal("a\0b", tmp_path)


def test_what_is_not_utf_8_is_named_by_line_and_byte(tmp_path):
    name = write(tmp_path / "old.txt", "가\n".encode() + "나".encode("cp949"))
    message = refusal(name, tmp_path)
    assert "old.txt:2: not UTF-8: byte 5 is 0xb3" in message
    assert "iconv -f CP949" in message
    marked = write(tmp_path / "bom.txt", b"\xef\xbb\xbfa\n\xff")
    assert "bom.txt:2: not UTF-8: byte 6 is 0xff" in refusal(marked, tmp_path)
    assert "iconv -f UTF-16" in refusal(write(tmp_path / "wide.txt", "가".encode("utf-16")), tmp_path)


def test_a_binary_file_is_refused(tmp_path):
    assert "x.bin:2: a binary file: byte 3 is 0" in refusal(write(tmp_path / "x.bin", b"a\n\0b"), tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)  # sparse: it takes no room
    assert "huge.txt: larger than 256 MB" in refusal("huge.txt", tmp_path)


def test_paths_are_cut_to_their_last_part():
    assert without_folders("/home/me/novel.txt") == "novel.txt"
    assert without_folders("hangul+./lists/mine.txt-digits") == "hangul+mine.txt-digits"
    assert without_folders("hangul") == "hangul"
