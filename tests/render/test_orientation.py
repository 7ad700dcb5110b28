"""Upright or turned in vertical text: UAX #50."""

import pytest
from ocrfactory.render.orientation import orientation


@pytest.mark.parametrize(
    ("char", "value"),
    [("가", "U"), ("漢", "U"), ("あ", "U"), ("A", "R"), ("1", "R"), ("「", "Tr"), ("ー", "Tr"), ("。", "Tu"),
     ("ょ", "Tu"), ("！", "Tu"), ("：", "Tr"), (",", "R"), ("©", "U"), ("\U00020000", "U"), ("\u0e01", "R")],
)  # fmt: skip
def test_the_orientation_of_a_character_is_the_one_of_unicode(char, value):
    assert orientation(char) == value
