import os
import pickle
import pickletools
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.charset import load_charset
from ocrfactory.charset.pickled import MAX_BYTES, _Box, _Machine, read_pickle
from ocrfactory.errors import CharsetError

PROTOCOLS = range(6)
MARKER = "executed-by-a-pickle"


def plain(value: object) -> object:
    """A value of the stack machine as Python's own containers."""
    if not isinstance(value, _Box):
        return value
    if value.kind == "dict":
        return {plain(key): plain(item) for key, item in (pair for pair in value.items if isinstance(pair, tuple))}
    items = [plain(item) for item in value.items]
    return {"list": list, "tuple": tuple, "set": set}[value.kind](items)


LEAVES: st.SearchStrategy[Any] = (
    st.text(max_size=5) | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans() | st.none()
)
KEYS = st.text(max_size=3) | st.integers(-(2**40), 2**40)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=20,
)


@given(VALUES, st.sampled_from(PROTOCOLS))
def test_built_in_containers_of_every_protocol_are_rebuilt(value: object, protocol: int) -> None:
    assert plain(_Machine().run(pickle.dumps(value, protocol))) == value


@given(st.sets(st.text(max_size=3), max_size=5), st.sampled_from([4, 5]), st.booleans())
def test_sets_of_protocol_4_and_up_are_rebuilt(value: set[str], protocol: int, frozen: bool) -> None:
    data = pickle.dumps(frozenset(value) if frozen else value, protocol)
    assert plain(_Machine().run(data)) == value
    assert read_pickle(data, "x.pkl") == sorted(value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("value", "classes"),
    [
        (["나", "가", "가"], ["나", "가", "가"]),
        (("나", ["가", ("다",)]), ["나", "가", "다"]),
        ({"나": 1, "가": 0}, ["가", "나"]),
        ({1: "나", 0: "가"}, ["가", "나"]),
        ([{"나": 7}, {0: "가"}], ["나", "가"]),
        ([], []),
        (["\ud840", "\ud840\udc00", "a\nb\\u0041"], ["\ud840", "\ud840\udc00", "a\nb\\u0041"]),
        ([chr(0xAC00 + code) for code in range(3_000)], [chr(0xAC00 + code) for code in range(3_000)]),
    ],
)
def test_lists_are_read_in_every_protocol(protocol: int, value: object, classes: list[str]) -> None:
    assert read_pickle(pickle.dumps(value, protocol), "x.pkl") == classes


def test_a_container_may_be_used_twice() -> None:
    pair = ["가", "나"]
    assert read_pickle(pickle.dumps([pair, pair]), "x.pkl") == ["가", "나", "가", "나"]


def test_byte_strings_of_python_2_are_read_as_utf8_or_refused() -> None:
    def short(data: bytes) -> bytes:
        return b"\x80\x02]U" + bytes([len(data)]) + data + b"a."

    assert read_pickle(short("가".encode()), "x.pkl") == ["가"]
    assert read_pickle(b"(lp0\nS'abc'\np1\na.", "x.pkl") == ["abc"]
    with pytest.raises(CharsetError, match="SHORT_BINSTRING at byte 3: a byte string of Python 2 that is not UTF-8"):
        read_pickle(short("가".encode("cp949")), "x.pkl")


class _Reduced:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {MARKER}",)


class _State:
    def __init__(self) -> None:
        self.a = 1


COMMAND = f"touch {MARKER}".encode()
_SHORT = b"\x8c" + bytes([len(COMMAND)]) + COMMAND
HOSTILE = {
    "GLOBAL": b"cos\nsystem\n(S'" + COMMAND + b"'\ntR.",
    "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x8c\x06system\x93" + _SHORT + b"\x85R.",
    "REDUCE": b"\x80\x04]" + _SHORT + b"\x85R.",
    "INST": b"(S'" + COMMAND + b"'\nios\nsystem\n.",
    "OBJ": b"(" + _SHORT + _SHORT + b"o.",
    "NEWOBJ": b"\x80\x02]" + _SHORT + b"\x85\x81.",
    "NEWOBJ_EX": b"\x80\x04]" + _SHORT + b"\x85}\x92.",
    "BUILD": b"\x80\x02]}b.",
    "PERSID": b"Pos.system\n.",
    "BINPERSID": b"]Q.",
    "EXT1": b"\x80\x02\x82\x01.",
    "EXT2": b"\x80\x02\x83\x01\x00.",
    "EXT4": b"\x80\x02\x84\x01\x00\x00\x00.",
    "BYTEARRAY8": b"\x80\x05\x96" + struct.pack("<Q", 1) + b"a.",
    "NEXT_BUFFER": b"\x80\x05\x97.",
    "READONLY_BUFFER": b"\x80\x05]\x98.",
    "BINBYTES": b"\x80\x03B\x01\x00\x00\x00a.",
    "SHORT_BINBYTES": b"\x80\x03C\x01a.",
    "BINBYTES8": b"\x80\x04\x8e" + struct.pack("<Q", 1) + b"a.",
    "POP": b"]0.",
    "POP_MARK": b"(1.",
    "DUP": b"]2.",
}


@pytest.mark.parametrize("opcode", HOSTILE)
def test_a_hostile_opcode_is_refused_by_name_and_nothing_runs(
    opcode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.pkl").write_bytes(HOSTILE[opcode])
    with pytest.raises(CharsetError, match=rf"opcode {opcode} at byte \d+: only lists") as caught:
        load_charset("list.pkl")
    assert "pickle.load(open('list.pkl', 'rb'))" in str(caught.value.cure)
    assert list(Path().iterdir()) == [Path("list.pkl")]


def test_the_hostile_pickles_would_run() -> None:
    """The guard of the test above: its GLOBAL and STACK_GLOBAL do name os.system."""
    for opcode in ("GLOBAL", "STACK_GLOBAL"):
        assert any(each.name == "REDUCE" for each, _, _ in pickletools.genops(HOSTILE[opcode]))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("value", [_Reduced(), _State(), [os.system], {"가": _Reduced()}, b"ab", Path("a"), 1j])
def test_objects_are_refused_in_every_protocol(
    value: object, protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CharsetError, match="not read: opcode"):
        read_pickle(pickle.dumps(value, protocol), "x.pkl")
    assert not list(Path().iterdir())


@pytest.mark.parametrize("protocol", [0, 1, 2, 3])
def test_old_protocols_write_sets_as_calls_and_are_refused(protocol: int) -> None:
    with pytest.raises(CharsetError, match="opcode GLOBAL"):
        read_pickle(pickle.dumps({"가"}, protocol), "x.pkl")


def bomb(levels: int, innermost: bytes) -> bytes:
    """Lists that each hold the one before twice, by reference: a few bytes, 2 ** levels items."""
    data = b"\x80\x04(" + innermost + b"\x94"
    for level in range(levels):
        data += b"](h" + bytes([level]) + b"h" + bytes([level]) + b"e\x94"
    return data + b"l."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb(18, b"](" + b"\x8c\x01a" * 100 + b"e"), "more than 1,000,000 items"),
        (bomb(30, b"]"), "nested deeper than 20|more than 1,000,000 items"),
        (b"\x80\x04]" * 40 + b"a" * 39 + b".", "nested deeper than 20"),
        (b"\x80\x04]\x94h\x00a.", "a container holds itself"),
        (b"\x80\x04]\x94]h\x00aa.", "a container holds itself"),
        (b"\x80\x04}\x94\x8c\x01ah\x00s.", "class -> number"),
        (b"\x80\x04" + b"N" * 1_000_002 + b".", "more than 1,000,000 items"),
        (b"\x80\x02\x8b" + struct.pack("<i", 10_000) + b"\x01" * 10_000 + b".", "more than 64 bits"),
        (b"L" + b"9" * 10_000 + b"L\n.", "not a pickle"),
        (b"\x8d" + struct.pack("<Q", 2**62) + b"a.", "not a pickle"),
        (b"\x80\x09].", "protocol 9"),
        (b"", "not a pickle"),
        (b"\x80\x04]", "not a pickle"),
        (b"hello", "not a pickle|opcode"),
        (b"].more", "4 bytes follow the end"),
        (b"]].", "left on the stack"),
        (b".", "stack is empty"),
        (b"(.", "stack is empty"),
        (b"a.", "stack is empty"),
        (b"]e.", "no mark"),
        (b"}Na.", "no list to fill"),
        (b"](Nu.", "no dict to fill|without a value"),
        (b"}(Nu.", "a key without a value"),
        (b"](N\x90.", "no set to fill"),
        (b"h\x05.", "nothing is kept as number 5"),
        (b"K\x05.", "it holds the number 5, not a list"),
        (b"\x8c\x01a.", "it holds text, not a list"),
        (b"N.", "it holds None"),
        (b"]\x8c\x01aaK\x05a.", "after 1 classes comes the number 5"),
    ],
)
def test_a_damaged_or_endless_pickle_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(CharsetError, match=reason):
        read_pickle(data, "x.pkl")


def test_repeats_of_a_big_set_cost_no_more_than_the_limit() -> None:
    big_set = b"\x8f(" + b"\x8c\x01a\x94" + b"h\x00" * 300_000 + b"\x90\x94"
    with pytest.raises(CharsetError, match="more than 1,000,000 items"):
        read_pickle(b"\x80\x04](" + big_set + b"h\x01" * 300_000 + b"e.", "x.pkl")


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(CharsetError, match="larger than"):
        read_pickle(b"N" * (MAX_BYTES + 1), "x.pkl")


@settings(max_examples=300)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_list_or_a_charset_error(data: bytes) -> None:
    try:
        classes = read_pickle(data, "x.pkl")
    except CharsetError:
        return
    assert all(isinstance(each, str) for each in classes)


@settings(max_examples=300)
@given(VALUES, st.sampled_from(PROTOCOLS), st.data())
def test_a_pickle_with_one_byte_changed_is_a_list_or_a_charset_error(
    value: object, protocol: int, data: st.DataObject
) -> None:
    content = bytearray(pickle.dumps(value, protocol))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(CharsetError):
        read_pickle(bytes(content), "x.pkl")
