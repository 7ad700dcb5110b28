"""What stands between the bytes of a big label file and the parser."""

import io
import json

import pytest
from ocrfactory.convert.stream import DEEPEST, Recoded, Shallow


def drained(stream, size):
    found = b""
    while chunk := stream.read(size):
        found += chunk
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 16])
def test_a_recoded_stream_is_the_same_text_whatever_the_pieces(size):
    text = "가나다 abc 漢字"
    for encoding in ("cp949", "utf-16", "utf-8-sig"):
        assert drained(Recoded(io.BytesIO(text.encode(encoding)), encoding), size).decode() == text


@pytest.mark.parametrize("size", [1, 2, 5, 64, 1 << 16])
def test_brackets_inside_texts_are_no_nesting(size):
    data = json.dumps([["[" * 700, '\\"[{"' * 90, {"{[": "\\"}]] * 3).encode()
    assert drained(Shallow(io.BytesIO(data)), size) == data


@pytest.mark.parametrize("size", [1, 5, 64, 1 << 16])
def test_nesting_is_refused_however_it_hides(size):
    for opening in (b"[", b'["]", ', b'{"a]\\"}": ', b'[1, {"b": '):
        levels = DEEPEST // opening.count(b"[", 0, 1) if opening.startswith(b"[") else DEEPEST
        with pytest.raises(RecursionError):
            drained(Shallow(io.BytesIO(opening * (levels + 1))), size)


def test_the_deepest_that_is_allowed_passes():
    data = b"[" * DEEPEST + b"]" * DEEPEST + b"[" * DEEPEST
    assert drained(Shallow(io.BytesIO(data)), 100) == data
