"""What a font really draws: the verdict on each code point, and on each class of a face."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocrfactory.errors import FontError
from ocrfactory.fonts import names
from ocrfactory.fonts.coverage import REASONS, Coverage, cover, cover_all
from ocrfactory.fonts.coverage.facts import FontFacts, examine, quarantined
from ocrfactory.fonts.face import Face, FontFile
from ocrfactory.fonts.opened import OpenedFont

from tests.makers import make_font

HAN = "".join(map(chr, range(0x4E00, 0x4E00 + 400)))


def face_of(*paths: Path, lang: str = "und") -> Face:
    return Face(id=paths[0].stem, files=tuple(names.describe(path) for path in paths), lang=lang)


def facts_of(path: Path) -> FontFacts:
    return examine(OpenedFont(names.describe(path)))


def verdicts(path: Path, chars: str) -> list[str]:
    codes = np.array([ord(char) for char in chars], np.uint32)
    return [REASONS[verdict] for verdict in facts_of(path).verdict_of(codes)]


def reasons(covered: Coverage) -> list[str]:
    return [REASONS[verdict] for verdict in covered.verdict]


def edit(path: Path, change) -> Path:
    """Change a font with fontTools, in place."""
    with TTFont(path) as font:
        change(font)
        font.recalcTimestamp = False
        font.save(path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    return path


def alike(*groups: str):
    """Every character of a group gets the outline of the group's first."""

    def change(font: TTFont) -> None:
        cmap, glyf, hmtx = font.getBestCmap(), font["glyf"], font["hmtx"]
        for first, *others in groups:
            for other in others:
                glyf[cmap[ord(other)]] = glyf[cmap[ord(first)]]
                hmtx[cmap[ord(other)]] = hmtx[cmap[ord(first)]]

    return change


def variations(pairs: dict[int, Sequence[tuple[int, str | None]]]):
    def change(font: TTFont) -> None:
        table = CmapSubtable.newSubtable(14)
        table.platformID, table.platEncID, table.language, table.cmap = 0, 5, 0, {}
        table.uvsDict = {selector: list(glyphs) for selector, glyphs in pairs.items()}
        font["cmap"].tables.append(table)

    return change


def test_a_character_with_a_shape_of_its_own_is_drawn_and_one_without_a_mapping_is_not(tmp_path: Path) -> None:
    assert verdicts(make_font(tmp_path / "f.ttf", "一A1あ가"), "一A1あ가丁") == ["drawn"] * 5 + ["unmapped"]


def test_a_mapped_character_without_ink_is_blank_unless_blank_is_right(tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", "一", blanks="丁\u3000 \ue000A")
    assert verdicts(path, "丁\u3000 \ue000A") == ["blank", "drawn", "drawn", "blank", "blank"]


def test_a_space_with_ink_is_no_space(tmp_path: Path) -> None:
    assert verdicts(make_font(tmp_path / "f.ttf", "一\u3000"), "\u3000") == ["ink"]


def test_the_shape_of_notdef_is_found_by_its_pixels_whatever_its_glyph_is_called(tmp_path: Path) -> None:
    assert verdicts(make_font(tmp_path / "f.ttf", "一", notdef_like="丁A"), "一丁A") == ["drawn", "notdef", "notdef"]


def test_a_character_mapped_to_glyph_0_is_not_drawn(tmp_path: Path) -> None:
    def to_notdef(font: TTFont) -> None:
        for table in font["cmap"].tables:
            table.cmap[0x4E00] = ".notdef"

    assert verdicts(edit(make_font(tmp_path / "f.ttf", "一丁"), to_notdef), "一丁")[0] in ("notdef", "unmapped")


@pytest.mark.parametrize(("side", "verdict"), [(1000, "ink"), (500, "drawn"), (40, "ink")])
def test_an_ideograph_that_fills_its_box_or_hardly_leaves_a_dot_is_none(
    tmp_path: Path, side: int, verdict: str
) -> None:
    def square(font: TTFont) -> None:
        pen = TTGlyphPen(None)
        pen.moveTo((0, 0))
        for point in ((0, side), (side, side), (side, 0)):
            pen.lineTo(point)
        pen.closePath()
        glyph = pen.glyph()
        for char in "一-":
            font["glyf"][font.getBestCmap()[ord(char)]] = glyph

    path = edit(make_font(tmp_path / "f.ttf", "一丁-"), square)
    assert verdicts(path, "一-") == [verdict, "drawn"]  # a hyphen may be as small or large as it likes


@pytest.mark.parametrize(("count", "verdict"), [(12, "placeholder"), (11, "drawn")])
def test_a_picture_under_twelve_characters_is_a_placeholder(tmp_path: Path, count: int, verdict: str) -> None:
    path = make_font(tmp_path / "f.ttf", "龜", placeholders=HAN[:count])
    assert verdicts(path, HAN[:count]) == [verdict] * count
    assert verdicts(path, "龜") == ["drawn"]


@pytest.mark.parametrize(("glyphs", "verdict"), [(6, "placeholder"), (5, "drawn")])
def test_a_placeholder_lies_under_six_glyphs_for_one_glyph_may_serve_many_by_right(
    tmp_path: Path, glyphs: int, verdict: str
) -> None:
    chars = HAN[:12]

    def share(font: TTFont) -> None:
        names = [font.getBestCmap()[ord(char)] for char in chars]
        for table in font["cmap"].tables:
            table.cmap |= {ord(char): names[i % glyphs] for i, char in enumerate(chars)}

    path = edit(make_font(tmp_path / "f.ttf", "龜", placeholders=chars), share)
    assert verdicts(path, chars) == [verdict] * 12


@pytest.mark.parametrize(
    ("groups", "alone", "believed"),
    [(12, 20, False), (11, 20, True), (12, 145, True), (12, 144, False)],
    ids=["twelve readings", "eleven readings", "less than half", "half"],
)
def test_a_font_that_draws_substitutes_for_half_of_a_script_is_not_believed_about_the_rest(
    tmp_path: Path, groups: int, alone: int, believed: bool
) -> None:
    sets = [HAN[12 * i : 12 * i + 12] for i in range(groups)]
    others = HAN[12 * groups : 12 * groups + alone]
    path = edit(make_font(tmp_path / "f.ttf", "".join(sets) + others + "가나"), alike(*sets))
    assert set(verdicts(path, "".join(sets))) == {"placeholder"}
    assert set(verdicts(path, others)) == {"drawn" if believed else "placeholder"}
    assert verdicts(path, "가나") == ["drawn", "drawn"]


@pytest.mark.parametrize(("missing", "there"), [("\U0002f800", "\u4e3d"), ("\uf914", "\u6a02")])
def test_a_compatibility_ideograph_that_is_not_mapped_is_a_hole_though_it_could_be_normalised(
    tmp_path: Path, missing: str, there: str
) -> None:
    path = make_font(tmp_path / "f.ttf", there)
    assert OpenedFont(names.describe(path)).shape(missing).glyphs[0][0] != 0  # HarfBuzz would draw the other one
    assert reasons(cover(face_of(path), [missing, there])) == ["unmapped", "drawn"]
    both = make_font(tmp_path / "both.ttf", missing + there)
    assert reasons(cover(face_of(both), [missing, there])) == ["drawn", "drawn"]


def test_the_first_file_that_draws_a_class_wins_and_a_hole_has_the_first_reason(tmp_path: Path) -> None:
    first = make_font(tmp_path / "first.ttf", "一", blanks="丁丈")
    second = make_font(tmp_path / "second.ttf", "一丁三三七", notdef_like="丈上")
    covered = cover(face_of(first, second), ["一", "丁", "三", "丈", "上", "下", "一三", "三七"])
    assert covered.file_of.tolist() == [0, 1, 1, -1, -1, -1, 1, 1]
    assert reasons(covered)[3:6] == ["blank", "notdef", "unmapped"]


def test_a_quarantined_file_is_named_and_the_next_file_draws(tmp_path: Path) -> None:
    broken = make_font(tmp_path / "broken.ttf", "一丁")
    face = face_of(broken, make_font(tmp_path / "sound.ttf", "一"))
    broken.write_bytes(broken.read_bytes()[:-200])
    covered = cover(face, ["一", "丁", "一\ufe00"])
    assert covered.file_of.tolist() == [1, -1, -1]
    assert reasons(covered) == ["drawn", "quarantined", "quarantined"]
    assert len(covered.quarantined) == 1
    assert str(broken) in covered.quarantined[0]


def test_a_variation_sequence_is_drawn_only_by_a_font_that_knows_it(tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", "葛丁")
    edit(path, variations({0xE0100: [(0x845B, "u04E01")], 0xE0101: [(0x845B, None)]}))
    classes = ["葛", "葛\U000e0100", "葛\U000e0101", "葛\U000e0102", "丁\U000e0100", "龜\U000e0100", "\U000e0100葛"]
    covered = cover(face_of(path), classes)
    assert reasons(covered) == ["drawn", "drawn", "drawn", "sequence", "sequence", "unmapped", "sequence"]
    assert covered.same_as_base == ("葛\U000e0101",)


def test_a_class_of_several_letters_is_drawn_if_each_letter_is(tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", "ab", blanks="c \u3000")
    covered = cover(face_of(path), ["ab", "a b", "ac", "ax", " \u3000"])
    assert reasons(covered) == ["drawn", "drawn", "blank", "unmapped", "drawn"]


OLD = "\u1100\u119e"  # a syllable of old Hangul that has no code point of its own


def narrow(font: TTFont) -> None:
    for name in font.getGlyphOrder():
        font["hmtx"][name] = (500, font["hmtx"][name][1])


def composing(font: TTFont) -> None:
    addOpenTypeFeaturesFromString(font, "feature ccmp { sub u01100 u0119E by u0AC00; } ccmp;")


@pytest.mark.parametrize(
    ("changes", "verdict"), [((), "sequence"), ((narrow,), "sequence"), ((composing,), "drawn")],
    ids=["side by side", "side by side and narrow", "composed"],
)  # fmt: skip
def test_jamo_that_are_set_side_by_side_are_no_syllable(tmp_path: Path, changes, verdict: str) -> None:
    path = make_font(tmp_path / "f.ttf", "\u1100\u1161\u119e가")
    for change in changes:
        edit(path, change)
    assert reasons(cover(face_of(path, lang="ko"), [OLD])) == [verdict]


def test_modern_jamo_are_composed_by_harfbuzz_and_unmapped_jamo_are_tofu(tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", "가")
    assert reasons(cover(face_of(path), ["\u1100\u1161", "\u1100\u1162"])) == ["drawn", "notdef"]


def test_jamo_without_ink_are_blank(tmp_path: Path) -> None:
    path = make_font(tmp_path / "f.ttf", "一", blanks=OLD)
    assert reasons(cover(face_of(path), [OLD])) == ["blank"]


def test_faces_are_covered_in_their_order_and_no_class_is_no_error(tmp_path: Path) -> None:
    paths = [make_font(tmp_path / f"{char}.ttf", char) for char in "一丁七"]
    table = cover_all([face_of(path) for path in paths], list("一丁七"))
    np.testing.assert_array_equal([covered.verdict == 0 for covered in table], np.eye(3, dtype=bool))
    assert cover(face_of(paths[0]), []).file_of.shape == (0,)


def test_facts_without_code_points_and_quarantined_facts_answer_too() -> None:
    asked = np.array([0, 0x4E00], np.uint32)
    assert [REASONS[v] for v in FontFacts(b"", b"").verdict_of(asked)] == ["unmapped", "unmapped"]
    assert [REASONS[v] for v in quarantined("why").verdict_of(asked)] == ["quarantined", "quarantined"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_font(tmp_path_factory.mktemp("sound") / "sound.ttf", "一丁七AB", blanks="\u3000")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=12), cut=st.integers(0, 400))
def test_a_damaged_font_ends_in_facts_or_in_an_error_of_ours(sound: Path, changes, cut: int) -> None:
    data = bytearray(sound.read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    path = sound.with_name(f"damaged-{os.getpid()}.ttf")
    path.write_bytes(data[: len(data) - cut] if cut < 100 else data)
    file = FontFile(path=str(path), index=0, sha256="0" * 64, family="", style="")
    with suppress(FontError):
        assert examine(OpenedFont(file)).whole
