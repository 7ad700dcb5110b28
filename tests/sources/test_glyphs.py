"""The source `glyphs`: every pair that a face really draws, no tofu, labels verbatim."""

import numpy as np
import pytest
from ocrfactory import encode, read
from ocrfactory.errors import CharsetError, EmptyPlanError, FontError
from ocrfactory.sources.glyphs import Glyphs
from ocrfactory.sources.source import Context

from tests.conftest import HAN
from tests.makers import make_font


def drawn(source, seed=0, rows=None):
    settled = source.settle(Context())
    drawer = source.open(settled.state, seed)
    return settled, list(drawer.draw(range(settled.rows) if rows is None else rows))


def test_each_face_draws_each_class_that_it_has(tmp_path, font, charset):
    other = make_font(tmp_path / "other.ttf", HAN[:5] + "龜", family="Other")
    settled, samples = drawn(Glyphs(fonts=(str(font), str(other)), charset=str(charset)))
    assert len(samples) == settled.items == len(HAN) + 6
    assert [s.text for s in samples] == [*HAN, *HAN[:5], "龜"]
    assert settled.undrawn == ()
    assert {(hole.face, hole.text) for hole in settled.holes} == {("tiny", "龜"), *(("other", c) for c in HAN[5:])}


def test_blanks_tofu_and_placeholders_are_holes_not_pictures(tmp_path):
    many = "".join(chr(0x4E00 + i) for i in range(40, 60))
    liar = make_font(tmp_path / "liar.ttf", "甲", blanks="乙", notdef_like="丙", placeholders=many)
    (tmp_path / "c.txt").write_text("\n".join("甲乙丙" + many), encoding="utf-8")
    settled, samples = drawn(Glyphs(fonts=(str(liar),), charset=str(tmp_path / "c.txt")))
    assert [sample.text for sample in samples] == ["甲"]
    reasons = {hole.text: hole.reason for hole in settled.holes}
    assert reasons == {"乙": "blank", "丙": "notdef", **dict.fromkeys(many, "placeholder")}


def test_the_same_row_is_the_same_picture_whatever_was_drawn_before(font, charset):
    source = Glyphs(fonts=(str(font),), charset=str(charset), per_class=3)
    settled, samples = drawn(source)
    backwards = drawn(source, rows=range(settled.rows - 1, -1, -1))[1][::-1]
    for a, b in zip(samples, backwards, strict=True):
        assert (a.text, a.seed) == (b.text, b.seed)
        assert np.array_equal(a.image, b.image)


def test_the_first_variant_is_plain_and_the_others_differ(font, charset):
    plain = drawn(Glyphs(fonts=(str(font),), charset=str(charset)))[1]
    varied = drawn(Glyphs(fonts=(str(font),), charset=str(charset), per_class=4))[1]
    for number, sample in enumerate(plain):
        group = varied[4 * number : 4 * number + 4]
        assert np.array_equal(group[0].image, sample.image)
        assert len({picture.image.tobytes() for picture in group}) == 4
        assert len({picture.split_group for picture in group}) == 1
        assert all(set(picture.attrs["jitter"]) == {"scale", "dx", "dy", "weight"} for picture in group[1:])


def test_another_seed_gives_other_variants_and_a_new_font_leaves_the_old_rows_alone(tmp_path, font, charset):
    first = drawn(Glyphs(fonts=(str(font),), charset=str(charset), per_class=2))[1]
    other = drawn(Glyphs(fonts=(str(font),), charset=str(charset), per_class=2), seed=1)[1]
    assert not np.array_equal(first[1].image, other[1].image)
    more = make_font(tmp_path / "more.ttf", HAN, family="More")
    both = drawn(Glyphs(fonts=(str(more), str(font)), charset=str(charset), per_class=2))[1]
    same = [sample for sample in both if sample.font.name.startswith("Test")]
    assert [s.image.tobytes() for s in same] == [s.image.tobytes() for s in first]


def test_classes_that_nfc_would_change_keep_their_code_points(tmp_path, build_serially, make_recipe):
    classes = "\uf914\uf95c\u6a02"  # three readings of one character; NFC makes them one
    font = make_font(tmp_path / "f.ttf", classes)
    (tmp_path / "c.txt").write_text("\n".join(classes), encoding="utf-8")
    source = {"fonts": [str(font)], "charset": str(tmp_path / "c.txt"), "per_class": 1}
    build_serially(tmp_path / "out", make_recipe(source=source))
    assert {row["text"] for row in read.rows(tmp_path / "out", ["text"])} == set(classes)


def test_a_legitimate_blank_is_drawn_blank(tmp_path):
    font = make_font(tmp_path / "f.ttf", "字", blanks="\u3000")
    _, samples = drawn(Glyphs(fonts=(str(font),), charset="U+3000+U+5B57"))
    assert [(sample.text, bool((sample.image < 255).any())) for sample in samples] == [("\u3000", False), ("字", True)]


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (255, 0), (40, 200)])
def test_ink_and_ground_have_the_greys_that_were_asked_for(font, charset, ink, ground):
    (sample, *_) = drawn(Glyphs(fonts=(str(font),), charset=str(charset), ink=ink, ground=ground))[1]
    assert sample.image[0, 0] == ground
    assert ink in sample.image
    assert np.array_equal(encode.decode(encode.png(sample.image)), sample.image)


def test_punctuation_keeps_its_place_and_han_is_centred_unless_told_otherwise(tmp_path):
    font = make_font(tmp_path / "f.ttf", "。字")

    def centre_of(sample):
        rows = np.flatnonzero((sample.image < 128).any(axis=1))
        return (rows[0] + rows[-1] + 1) / 2

    from ocrfactory.fonts.names import describe
    from ocrfactory.fonts.opened import OpenedFont

    opened = OpenedFont(describe(font, 0))
    box = opened.bounds(opened.shape("。"))
    stop, han = drawn(Glyphs(fonts=(str(font),), charset="U+3002+U+5B57"))[1]
    assert abs(centre_of(han) - 32) <= 1
    expected = 64 - (4 - opened.descender * 56 + (box[1] + box[3]) / 2 * 56 / 1000)
    assert abs(centre_of(stop) - expected) <= 1.5
    moved = drawn(Glyphs(fonts=(str(font),), charset="U+3002", placement={"punctuation": "centre"}))[1][0]
    assert abs(centre_of(moved) - 32) <= 1


def test_fonts_without_a_pack_need_a_charset(font):
    with pytest.raises(CharsetError, match="no charset"):
        Glyphs(fonts=(str(font),)).settle(Context())


def test_an_unknown_font_and_an_unknown_charset_are_named(font):
    with pytest.raises(FontError, match="tcx") as caught:
        Glyphs(fonts=("tcx",), charset="kana").settle(Context(offline=True))
    assert caught.value.exit_code == 4
    with pytest.raises(CharsetError, match="tcc1738"):
        Glyphs(fonts=(str(font),), charset="tcc1738").settle(Context())


def test_nothing_to_draw_says_what_was_asked_of_whom(font):
    with pytest.raises(EmptyPlanError, match="none of the 176 classes of kana is drawn by tiny"):
        Glyphs(fonts=(str(font),), charset="kana").settle(Context())


def test_a_broken_font_beside_a_good_one_in_a_folder_costs_only_itself(tmp_path, font, charset):
    import shutil

    shutil.copy(font, tmp_path / "good.ttf")
    (tmp_path / "bad.ttf").write_bytes(font.read_bytes()[:200])
    (tmp_path / "text.otf").write_text("not a font")
    log = []
    settled = Glyphs(fonts=(str(tmp_path),), charset=str(charset)).settle(Context(log=log.append))
    assert [face.id for face in settled.fonts] == ["good"]
    assert any("bad.ttf" in line for line in log)
    assert any("text.otf" in line for line in log)
