"""Tensors in safetensors files, as float32, and the classes of a gate."""

import struct

import numpy as np
import pytest
from ocrfactory.errors import InputError
from ocrfactory.fill.tensors import read_classes, read_tensors

save = pytest.importorskip("safetensors.numpy").save
CODES = np.array([0x4E00, 0x4E8C, 0xAC00], np.uint32)
ALIKE = np.array([[1, 2], [0, 2], [1, 0]], np.uint16)
STEPS = np.array([[127, 0], [3, -4], [0, -127]], np.int8)
CLASSES = {"codes": CODES, "directions": STEPS, "alike": ALIKE}


def test_half_precision_is_widened():
    stored = save(
        {"a": np.array([0.5, 3], np.float16), "b": np.array([[1 / 3]], np.float32), "c": np.array(2, np.float16)}
    )
    found = read_tensors(stored, "x")
    assert {value.dtype.name for value in found.values()} == {"float32"}
    assert {name: value.shape for name, value in found.items()} == {"a": (2,), "b": (1, 1), "c": ()}
    assert found["a"].tolist() == [0.5, 3]
    assert found["b"][0, 0] == np.float32(1 / 3)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "a header of"),
        (struct.pack("<Q", 1 << 40), "a header of"),
        (save({"a": np.zeros(3, np.float16)})[:-1], "not whole"),
        (save({"a": np.zeros(3, np.int64)}), "weights of type I64"),
    ],
)
def test_what_holds_no_weights_is_refused(data, said):
    with pytest.raises(InputError, match=said) as caught:
        read_tensors(data, "x.safetensors")
    assert "x.safetensors" in caught.value.message
    assert caught.value.cure


def test_directions_of_classes_have_length_one():
    codes, directions, alike = read_classes(save(CLASSES), "x")
    assert codes.tolist() == CODES.tolist()
    assert np.array_equal(alike, ALIKE)
    assert directions.dtype == np.float32
    assert directions == pytest.approx(np.array([[1, 0], [0.6, -0.8], [0, -1]]))


@pytest.mark.parametrize(
    "changes",
    [
        {"directions": None},
        {"alike": None},
        {"directions": STEPS[:2]},
        {"directions": STEPS[:, 0].copy()},
        {"directions": STEPS.astype(np.float32)},
        {"codes": CODES.astype(np.int64)},
        {"codes": CODES[:0], "directions": STEPS[:0], "alike": ALIKE[:0]},
        {"codes": CODES[[1, 0, 2]]},
        {"codes": CODES[[0, 0, 2]]},
        {"alike": ALIKE + np.uint16(1)},
        {"alike": ALIKE[:2]},
        {"alike": ALIKE.astype(np.int32)},
    ],
)
def test_classes_that_no_gate_can_look_up_are_refused(changes):
    tensors = {name: value for name, value in {**CLASSES, **changes}.items() if value is not None}
    with pytest.raises(InputError, match=r"x\.safetensors: no classes of a gate") as caught:
        read_classes(save(tensors), "x.safetensors")
    assert caught.value.cure


@pytest.mark.parametrize("data", [b"", b"{}", save(CLASSES)[:-2]])
def test_damaged_classes_are_refused(data):
    with pytest.raises(InputError, match="no classes of a gate"):
        read_classes(data, "x")
