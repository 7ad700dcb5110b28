import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.fill.content.draw import picture
from ocrfactory.fill.content.kage import POINTS, Stroke, strokes_of


def draw(data: str, size: int = 128) -> np.ndarray:
    return picture(strokes_of("x", {"x": data}), size)


def box(ink: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize(
    "data",
    [
        "1:0:0:20:20:180:180",
        "2:7:8:20:20:60:40:80:90",
        "3:32:5:40:20:40:170:180:170",
        "4:22:5:150:20:40:170:180:170",
        "6:0:7:150:20:150:90:120:150:30:180",
        "7:12:7:100:20:100:70:100:140:30:180",
    ],
)
def test_each_kind_is_drawn_where_its_points_are(data: str) -> None:
    ink = draw(data)
    assert ink.shape == (128, 128)
    assert ink.dtype == np.uint8
    assert not ink.flags.writeable
    assert ink.max() == 255
    numbers = np.array(data.split(":")[3:], float).reshape(-1, 2)
    left, top, right, bottom = box(ink)
    # Ends are on the stroke; a hook and half a pen may stand out.
    assert (right - left) / 0.56 == pytest.approx(np.ptp(numbers[:, 0]), abs=30)
    assert (bottom - top) / 0.56 == pytest.approx(np.ptp(numbers[:, 1]), abs=30)


def test_the_frame_is_that_of_centred_glyphs() -> None:
    ink = draw("1:2:2:0:100:200:100$1:0:0:100:0:100:200")
    left, top, right, bottom = box(ink)
    assert right - left == pytest.approx(112, abs=1)  # an em is 128 less two margins of 8
    assert bottom - top == pytest.approx(112, abs=1)
    assert abs(left + right - 128) <= 1
    assert abs(top + bottom - 128) <= 1


def test_the_ink_is_in_the_middle_at_its_own_scale() -> None:
    ink = draw("1:0:0:10:10:10:60")
    left, top, right, bottom = box(ink)
    assert abs(left + right - 128) <= 1
    assert abs(top + bottom - 128) <= 1
    assert bottom - top == pytest.approx(50 * 0.56, abs=2)


def test_verticals_are_thicker_than_horizontals() -> None:
    ink = draw("1:2:2:0:100:200:100$1:0:0:100:0:100:200").astype(float) / 255
    assert 2 < ink[20].sum() / ink[:, 20].sum() < 4


def test_white_remains_between_strokes_that_crowd() -> None:
    comb = "$".join(f"1:0:0:{x}:20:{x}:180" for x in range(20, 190, 16))
    dark = draw(comb)[64] > 100
    assert np.count_nonzero(dark[1:] & ~dark[:-1]) == comb.count("$") + 1


def test_falling_strokes_and_dots_taper() -> None:
    falling = (draw("2:0:7:180:20:120:80:20:180") > 127).sum(axis=1)
    assert falling[30] > falling[-30]
    dot = (draw("2:7:8:20:20:100:90:180:180") > 127).sum(axis=1)
    assert dot[30] < dot[-30]


@pytest.mark.parametrize(("tail", "side"), [(4, -1), (5, 0)])
def test_hooks_stand_out_where_they_should(tail: int, side: int) -> None:
    with_hook, without = draw(f"1:0:{tail}:100:20:100:180"), draw("1:0:0:100:20:100:180")
    wider = (box(with_hook)[2] - box(with_hook)[0]) - (box(without)[2] - box(without)[0])
    assert (wider > 5) == (side < 0)


def test_a_stroke_without_length_is_a_dot() -> None:
    assert draw("1:0:0:50:50:50:50").any()
    assert draw("2:0:7:50:50:50:50:50:50").any()
    assert draw("3:0:5:50:50:50:50:50:50").any()


places = st.floats(-500, 700)
strokes = st.builds(
    lambda kind, head, tail, values: Stroke(kind, head, tail, np.array(values[: 2 * POINTS[kind]]).reshape(-1, 2)),
    st.sampled_from(sorted(POINTS)),
    st.sampled_from([0, 2, 7, 12, 22, 27, 32]),
    st.sampled_from([0, 2, 4, 5, 7, 8, 13, 23, 32]),
    st.lists(places, min_size=8, max_size=8),
)


@given(st.lists(strokes, min_size=1, max_size=8), st.integers(8, 160))
def test_ink_never_touches_the_border_and_is_the_same_each_time(glyph: list[Stroke], size: int) -> None:
    ink = picture(glyph, size)
    assert ink.shape == (size, size)
    assert np.count_nonzero(ink) == np.count_nonzero(ink[1:-1, 1:-1])
    assert ink.any()
    assert np.array_equal(ink, picture(glyph, size))
