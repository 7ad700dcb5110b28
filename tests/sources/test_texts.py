"""Which faces draw a text whole, and texts in little memory."""

import msgspec
import pytest
from ocrfactory.errors import Reject
from ocrfactory.fonts.select import select_faces
from ocrfactory.sources import texts
from ocrfactory.sources.texts import Drawable, Packed, choose_face, pack_texts, settle_texts

from tests.makers import make_font


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    fonts = [
        make_font(folder / "a.ttf", "가나다", blanks=" ", family="A"),
        make_font(folder / "b.ttf", "나다라e\u0301", blanks=" ", family="B"),
        make_font(folder / "c.ttf", "가나다라", family="C"),
    ]
    return select_faces([str(font) for font in fonts]).faces


def masks(drawable):
    return [drawable.faces_of(i) for i in range(len(drawable))]


def test_a_face_draws_a_text_only_if_it_draws_every_character(faces):
    drawable = settle_texts(["가나", "나다", "라", "가라", "가 나", "가마", "마바", ""], faces)
    assert masks(drawable) == [0b101, 0b111, 0b110, 0b100, 0b001, 0, 0, 0]
    assert drawable.drawn == 5
    assert drawable.undrawn == ("마", "바")


def test_a_text_that_no_face_draws_says_what_is_missing(faces):
    drawable = settle_texts(["마가바", "가 라"], faces)
    assert masks(drawable) == [0, 0]
    reject = drawable.reject("마가바")
    assert (reject.reason, reject.detail) == ("undrawable", "no face draws U+B9C8 U+BC14")
    assert drawable.reject("가 라").detail == "no single face draws all of it"
    many = "".join(chr(0x4E00 + i) for i in range(12))
    assert settle_texts([many], faces).reject(many).detail.endswith("U+4E07 and 4 more")


def test_a_base_with_its_mark_is_one_cluster_even_at_the_border_of_texts(faces):
    drawable = settle_texts(["e\u0301", "나", "e", "\u0301", "가"], faces)
    assert masks(drawable) == [0b010, 0b111, 0b010, 0b010, 0b101]


def test_the_chunks_and_the_order_of_texts_change_nothing(faces, monkeypatch):
    many = ["가나다", "라", "e\u0301나", "", "가 나", "…", "나" * 40] * 5
    whole = settle_texts(many, faces)
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(texts, "_CHUNK", size)
        assert settle_texts(many, faces) == whole
    assert masks(settle_texts(many[::-1], faces)) == masks(whole)[::-1]


def test_more_than_64_faces_keep_their_bits(faces):
    many = [faces[i % 3] for i in range(131)]
    drawable = settle_texts(["가", "라", "가라"], many)
    assert masks(drawable) == [sum(1 << i for i in range(131) if i % 3 in kept) for kept in ((0, 2), (1, 2), (2,))]


def test_faces_draw_together_what_none_draws_alone(faces):
    drawable = settle_texts(["e\u0301가나", "가나", "마가", "e\u0301가"], faces, together=True)
    assert masks(drawable) == [0b111, 0b101, 0, 0b111]
    assert masks(settle_texts(["라라가나 ", "가"], faces, together=True)) == [0b110, 0b101]
    assert drawable.drawn_by("가", 0) == (0, 0)
    assert drawable.drawn_by("가", 1, fallback=True) == (0, 0)
    with pytest.raises(Reject, match="U\\+AC00 is not drawn by b"):
        drawable.drawn_by("가", 1)
    assert drawable.faces_that_draw(["나", "가"]) == [0, 2]
    assert drawable.faces_that_draw(["e\u0301"]) == [1]


def test_holes_are_listed_with_their_reasons(faces):
    drawable = settle_texts(["가라", "마"], faces)
    assert drawable.clusters == ("가", "라", "마")
    assert {(hole.face, hole.text, hole.reason) for hole in drawable.holes} == {
        ("a", "라", "unmapped"), ("b", "가", "unmapped"),
        ("a", "마", "unmapped"), ("b", "마", "unmapped"), ("c", "마", "unmapped"),
    }  # fmt: skip


def test_it_travels_to_a_worker(faces):
    drawable = settle_texts(["가", "라", "마"], faces)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(drawable), type=Drawable)
    assert masks(again) == masks(drawable)
    assert again.reject("마").detail == drawable.reject("마").detail
    assert again.sha256 == drawable.sha256


def test_no_texts_and_no_faces_are_no_crash(faces):
    assert len(settle_texts([], faces)) == 0
    assert settle_texts([], faces).drawn == 0
    assert masks(settle_texts(["가"], [])) == [0]


def test_faces_are_chosen_by_their_weights_among_those_of_the_mask():
    def share(mask, weights):
        chosen = [choose_face(mask, weights, i / 1000) for i in range(1000)]
        return {face: chosen.count(face) for face in sorted(set(chosen))}

    assert share(0b101, None) == {0: 500, 2: 500}
    assert share(0b111, (1.0, 0.0, 3.0)) == {0: 250, 2: 750}
    assert share(0b011, (1.0, 3.0, 100.0)) == {0: 250, 1: 750}
    assert share(0b010, (1.0, 0.0, 1.0)) == {1: 1000}
    assert choose_face(0b11, (0.1, 0.2), 1 - 2**-53) == 1


def test_packed_texts_are_what_they_were():
    many = ["", "a", "가나다", "葛\U000e0100", "e\u0301", ""] * 3
    packed = Packed(pack_texts(many))
    assert list(packed) == many
    assert len(packed) == 18
    with pytest.raises(IndexError):
        packed[18]
    assert list(Packed(pack_texts([]))) == []
