import unicodedata

import pytest
from ocrfactory.charset import BLANKS, NAMED, why_no_class

SIZES = {
    "ascii": 94,
    "digits": 10,
    "hangul": 11_172,
    "ksx1001-hangul": 2_350,
    "ksx1001-hanja": 4_888,
    "big5": 13_060,
    "big5-1984": 13_053,
    "hkscs": 17_574,
    "tcc17380": 17_380,
    "gb2312": 6_763,
    "jisx0208": 6_355,
    "kana": 176,
    "cjk-punctuation": 104,
    "nom": 13_278,
}


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def unstable(name: str) -> int:
    return sum(nfc(each) != each for each in NAMED[name].classes())


def test_every_set_is_listed_here() -> None:
    assert list(NAMED) == list(dict.fromkeys(NAMED))
    assert set(NAMED) == set(SIZES)


@pytest.mark.parametrize("name", NAMED)
def test_a_set_has_its_size_and_no_member_twice_or_unusable(name: str) -> None:
    classes = NAMED[name].classes()
    assert len(classes) == len(set(classes)) == NAMED[name].size == SIZES[name]
    assert not [each for each in classes if why_no_class(each)]
    assert not BLANKS.intersection(classes)
    assert NAMED[name].description
    assert NAMED[name].source


@pytest.mark.parametrize("name", NAMED)
def test_a_set_keeps_its_classes_between_calls(name: str) -> None:
    assert NAMED[name].classes() is NAMED[name].classes()


@pytest.mark.parametrize(
    ("name", "changed", "left"),
    [
        ("ksx1001-hanja", 268, 4_622),
        ("tcc17380", 39, 17_342),
        ("hkscs", 14, 17_561),
        ("big5", 2, 13_058),
        ("jisx0208", 0, 6_355),
        ("nom", 0, 13_278),
        ("hangul", 0, 11_172),
        ("cjk-punctuation", 0, 104),
    ],
)
def test_as_many_members_change_under_nfc_as_are_known_to(name: str, changed: int, left: int) -> None:
    assert unstable(name) == changed
    assert len({nfc(each) for each in NAMED[name].classes()}) == left


def test_tcc17380_is_big5_then_what_cns_adds() -> None:
    classes = NAMED["tcc17380"].classes()
    assert classes[:13_060] == NAMED["big5"].classes()
    assert "\u4db8" in classes
    assert "proxy" in NAMED["tcc17380"].description


def test_eten_adds_seven_characters_to_big5() -> None:
    assert set(NAMED["big5"].classes()) - set(NAMED["big5-1984"].classes()) == set("墻嫺恒碁粧裏銹")


def test_big5_is_part_of_hkscs_but_for_the_two_duplicates() -> None:
    assert set(NAMED["big5-1984"].classes()) - set(NAMED["hkscs"].classes()) <= {"\ufa0c", "\ufa0d"}


def test_sets_keep_the_order_of_their_standard() -> None:
    assert NAMED["big5"].classes()[:3] == ("一", "乙", "丁")
    assert NAMED["ksx1001-hanja"].classes()[:3] == ("伽", "佳", "假")
    assert NAMED["jisx0208"].classes()[:3] == ("亜", "唖", "娃")
    assert NAMED["ksx1001-hangul"].classes()[:3] == ("가", "각", "간")


def test_the_nom_set_reaches_extension_h() -> None:
    assert sum(0x31350 <= ord(each) <= 0x323AF for each in NAMED["nom"].classes()) == 931
