import contextlib
import hashlib
import json
import lzma
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocrfactory.errors import CharsetError, InputError
from ocrfactory.fill.content import ContentPack, shipped
from ocrfactory.fill.content.derive import derive, main
from ocrfactory.fill.content.kage import Stroke, strokes_of
from ocrfactory.fill.content.lists import HAN, RARE, read_ranges, to_ranges
from ocrfactory.fill.content.pack import MAGIC, SHIPPED, encode

RECORDS = {
    "u4e00": "1:0:0:14:103:186:103",
    "u4e8c": "99:0:0:20:0:180:140:u4e00$1:0:0:10:170:190:170",
    "u6c38": "2:7:8:89:11:109:20:119:39$1:32:4:101:70:101:186$6:0:7:186:60:150:90:120:110:110:112",
    "u4e09": "99:0:0:0:0:200:200:u3013",
    "u4e94": "99:0:0:0:0:200:200:u9999",
    "u56db": "1:0:0:-500:0:500:0",
}


@pytest.fixture(scope="module")
def pack_bytes() -> bytes:
    glyphs = {char: strokes_of(f"u{ord(char):x}", RECORDS) for char in "一二永四"}
    return encode(glyphs, {"三": "placeholder"}, "tests", "0" * 64, "free")


def written(tmp_path: Path, data: bytes) -> ContentPack:
    path = tmp_path / "a.content"
    path.write_bytes(data)
    return ContentPack(path)


def test_what_goes_in_comes_out(tmp_path: Path, pack_bytes: bytes) -> None:
    pack = written(tmp_path, pack_bytes)
    assert pack.characters == ("一", "二", "永")
    assert pack.licence == "free"
    assert pack.header.absent == {"三": "placeholder", "四": "large"}
    assert pack.sha256 == hashlib.sha256(pack_bytes).hexdigest()
    for char in pack.characters:
        before, after = strokes_of(f"u{ord(char):x}", RECORDS), pack.strokes(char)
        low = np.rint(np.concatenate([stroke.points for stroke in before])).min(axis=0)
        assert [(each.kind, each.head, each.tail) for each in before] == [
            (each.kind, each.head, each.tail) for each in after
        ]
        for one, other in zip(before, after, strict=True):
            assert np.array_equal(np.rint(one.points) - low, other.points)


def test_pictures(tmp_path: Path, pack_bytes: bytes) -> None:
    pack = written(tmp_path, pack_bytes)
    assert pack.has("永")
    assert not pack.has("三")
    for size in (8, 64, 1024):
        ink = pack.draw("永", size)
        assert ink.shape == (size, size)
        assert np.count_nonzero(ink) == np.count_nonzero(ink[1:-1, 1:-1]) > 0
    for size in (0, 7, 1025):
        with pytest.raises(InputError, match="pixels a side"):
            pack.draw("永", size)


@pytest.mark.parametrize(("char", "why"), [("三", "placeholder"), ("x", "not among"), ("一二", "not among")])
def test_a_character_without_strokes_is_refused(tmp_path: Path, pack_bytes: bytes, char: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        written(tmp_path, pack_bytes).draw(char, 64)
    assert caught.value.cure


def test_a_pack_travels_as_its_path(tmp_path: Path, pack_bytes: bytes) -> None:
    pack = written(tmp_path, pack_bytes)
    pack.draw("一", 64)
    copy = pickle.loads(pickle.dumps(pack))
    assert copy.path == pack.path
    assert np.array_equal(copy.draw("永", 64), pack.draw("永", 64))


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    pack = ContentPack(tmp_path / "gone")
    with pytest.raises(InputError) as caught:
        pack.has("一")
    assert caught.value.cure


def lying(data: bytes, **changes: object) -> bytes:
    end = data.index(b"\n", len(MAGIC))
    header = json.loads(data[len(MAGIC) : end])
    return MAGIC + json.dumps({**header, **changes}).encode() + data[end:]


def refilled(data: bytes, payload: bytes) -> bytes:
    return data[: data.index(b"\n", len(MAGIC)) + 1] + lzma.compress(payload)


def test_damage_is_refused(tmp_path: Path, pack_bytes: bytes) -> None:
    payload = lzma.decompress(pack_bytes[pack_bytes.index(b"\n", len(MAGIC)) + 1 :])
    for bad in (
        b"",
        b"GIF89a",
        MAGIC,
        MAGIC + b"{}\n",
        MAGIC + b"[" * 100_000 + b"\n",
        pack_bytes[:-8],
        pack_bytes + b"more",
        lying(pack_bytes, format=2),
        lying(pack_bytes, glyphs=2),
        lying(pack_bytes, glyphs=-1),
        lying(pack_bytes, glyphs=10**12),
        lying(pack_bytes, strokes=2),
        lying(pack_bytes, kinds=[]),
        lying(pack_bytes, kinds=[[5, 0, 0]] * 9),
        lying(pack_bytes, kinds=[[1, 0, 0]] * 9),
        lying(pack_bytes, absent=3),
        refilled(pack_bytes, bytes(1 << 24)),
        refilled(pack_bytes, bytes(len(payload))),
        refilled(pack_bytes, b"\xff" * len(payload)),
        refilled(pack_bytes, payload[:-2]),
    ):
        with pytest.raises(InputError) as caught:
            written(tmp_path, bad).has("一")
        assert caught.value.cure


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_raises_anything_else(tmp_path: Path, pack_bytes: bytes, data: st.DataObject) -> None:
    damaged = bytearray(pack_bytes)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    pack = written(tmp_path, bytes(damaged))
    with contextlib.suppress(InputError):
        for char in pack.characters:
            pack.draw(char, 16)


def test_the_builder_drops_what_has_no_content_and_is_deterministic(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, chars, out = tmp_path / "gw.json", tmp_path / "list.txt", tmp_path / "out"
    rows = [{"name": name, "related": "u3013", "data": data} for name, data in RECORDS.items()]
    source.write_text(json.dumps(rows), encoding="utf-8")
    chars.write_text(to_ranges("一二三五永"), encoding="utf-8")
    command = [str(source), str(chars), str(out)]
    assert main(command) == 0
    assert main([*command, "--check"]) == 0
    pack = ContentPack(out)
    assert pack.characters == ("一", "二", "永")
    assert pack.header.absent == {"三": "placeholder", "五": "missing"}
    assert pack.header.source_sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert "GlyphWiki Project" in pack.licence
    assert "absent, placeholder: 1: U+4E09" in capsys.readouterr().out
    out.write_bytes(b"other")
    assert main([*command, "--check"]) == 1


@pytest.mark.parametrize("text", ["", "{}", '[{"name": 3}]'])
def test_records_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gw.json"
    path.write_text(text)
    with pytest.raises(InputError):
        derive(path, "一")


def test_lists_of_ranges(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# a comment\n4E00-4E02 # more\n\n30000\n")
    assert read_ranges(path) == ("一", "丁", "丂", "\U00030000")
    assert to_ranges(read_ranges(path)) == "4E00-4E02\n30000\n"
    for bad in ("4E00-", "4E02-4E00", "4E00\n4E00", "1234567", "一", "110000"):
        path.write_text(bad)
        with pytest.raises(CharsetError):
            read_ranges(path)
    with pytest.raises(CharsetError):
        read_ranges(tmp_path / "gone")


def test_the_shipped_pack() -> None:
    pack = shipped()
    assert pack.path == SHIPPED
    assert SHIPPED.stat().st_size < 2_000_000
    listed = read_ranges(RARE)
    assert len(listed) == 14_984
    assert len(pack.characters) == 14_980
    assert sorted([*pack.characters, *pack.header.absent]) == list(listed)
    assert {f"U+{ord(char):X}": why for char, why in pack.header.absent.items()} == {
        "U+31134": "missing",
        "U+31A7E": "missing",
        "U+31D89": "damaged",
        "U+322CB": "missing",
    }
    assert all(any(low <= ord(char) <= high for low, high in HAN) for char in pack.characters)
    assert "Unlimited permission is hereby granted" in pack.licence
    assert "Guanwei Liu" in pack.licence
    assert pack.licence == SHIPPED.with_name("NOTICE").read_text(encoding="utf-8")
    assert len({tuple(stroke.points.tobytes() for stroke in pack.strokes(char)) for char in pack.characters}) > 14_900


def test_shipped_glyphs_fill_their_frame() -> None:
    pack = shipped()
    for char in pack.characters[::97]:
        ink = pack.draw(char, 64)
        assert np.count_nonzero(ink) == np.count_nonzero(ink[1:-1, 1:-1]) > 100
        assert isinstance(pack.strokes(char)[0], Stroke)
