import pytest
from ocrfactory.charset import BLANKS, GROUPS, NAMED, class_group, is_blank


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("han", "一鿿㐀䶿豈﨎\U00020000\U0002a6df\U0002b740\U0002ebf0\U0002ee5d\U00030000\U000323af⺀々〇〆⿰㇀"),
        ("hangul", "가힣ㄱㅣㆎ\u1100\u11ff\ua960\ud7b0ﾡ"),
        ("kana", "ぁゖゝァヺーｱｰ\U0001b000ㇰ"),
        ("punctuation", "!-~、。「」・！？…“”·￥〜"),
        ("latin", "AZazéßĀẠＡｚª"),
        ("digit", "09０９"),
        ("other", " \u00a0\u3000\u3164\u00ad①㈱αЖ\ue000\U0001f600²"),
    ],
)
def test_a_character_belongs_to_its_group(group: str, members: str) -> None:
    assert {each: class_group(each) for each in members} == dict.fromkeys(members, group)


def test_a_sequence_belongs_to_the_group_of_its_first_code_point() -> None:
    assert class_group("葛\U000e0100") == "han"
    assert class_group("\u1112\u1161\u11ab") == "hangul"
    assert class_group("⿰氵字") == "han"


def test_the_empty_text_belongs_to_other() -> None:
    assert class_group("") == "other"


def test_every_code_point_has_one_of_the_groups_and_ranges_are_in_order() -> None:
    from ocrfactory.charset.groups import _RANGES

    borders = [code for first, last, _ in _RANGES for code in (first, last)]
    assert borders == sorted(borders)
    assert {group for _, _, group in _RANGES} | {"other"} == set(GROUPS)


@pytest.mark.parametrize(
    ("name", "group"),
    [("hangul", "hangul"), ("nom", "han"), ("tcc17380", "han"), ("hkscs", "han"), ("kana", "kana"),
     ("cjk-punctuation", "punctuation"), ("digits", "digit")],
)  # fmt: skip
def test_a_built_in_set_of_one_script_is_of_one_group(name: str, group: str) -> None:
    assert {class_group(each) for each in NAMED[name].classes()} == {group}


def test_blanks_are_blank_and_nothing_else_is() -> None:
    assert {" ", "\u00a0", "\u3000", "\u2003", "\u3164", "\u115f", "\u1160", "\uffa0"} <= BLANKS
    assert is_blank("\u3000 ")
    assert not is_blank("")
    assert not is_blank("가 ")
    assert not is_blank("\u200b"), "a zero width space is no character of a text"
