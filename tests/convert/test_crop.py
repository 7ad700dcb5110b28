"""A box cut out: clipped and never mirrored, padded, straightened and turned only where that was asked for."""

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ocrfactory.convert.crop import cut, in_order
from ocrfactory.convert.cutting import Cutting
from ocrfactory.errors import Reject

PAGE = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (80, 100, 3), np.uint8)
PLAIN = Cutting()


def crop(box, polygon=None, vertical=False, how=PLAIN, page=PAGE):
    return cut(page, box, polygon, vertical, how)


def test_a_box_inside_is_the_slice_of_the_page():
    found = crop((10.0, 20.0, 40.0, 50.0))
    assert np.array_equal(found.pixels, PAGE[20:50, 10:40])
    assert (found.bbox, found.flags, found.notes) == ((10, 20, 30, 30), (), {})


def test_the_whole_page_is_itself_and_not_a_copy():
    found = crop(None)
    assert found.pixels is PAGE
    assert found.bbox == (0, 0, 100, 80)


def test_fractions_are_rounded_outwards_so_that_no_ink_is_lost():
    found = crop((10.6, 20.2, 39.1, 49.9))
    assert np.array_equal(found.pixels, PAGE[20:50, 10:40])
    assert found.bbox == pytest.approx((10.6, 20.2, 28.5, 29.7))


@pytest.mark.parametrize("page", [PAGE, PAGE[..., 0]])
def test_grey_and_colour_are_cut_alike(page):
    assert np.array_equal(crop((1.0, 2.0, 9.0, 8.0), page=page).pixels, page[2:8, 1:9])


@pytest.mark.parametrize(
    ("box", "bbox"),
    [
        ((-10.0, 0.0, 20.0, 30.0), (0, 0, 20, 30)),
        ((90.0, 70.0, 105.0, 85.0), None),
        ((90.0, 70.0, 104.0, 82.0), (90, 70, 10, 10)),
        ((-5.0, -5.0, 105.0, 85.0), (0, 0, 100, 80)),
    ],
)
def test_a_box_that_leaves_the_page_is_clipped_flagged_and_its_label_kept(box, bbox):
    if bbox is None:
        with pytest.raises(Reject):
            crop(box)
        return
    found = crop(box)
    x, y, w, h = bbox
    assert found.bbox == bbox
    assert found.flags == ("bbox_clipped",)
    assert found.notes["bbox_raw"] == (box[0], box[1], box[2] - box[0], box[3] - box[1])
    assert np.array_equal(found.pixels, PAGE[y : y + h, x : x + w])


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        ((-10.0, 0.0, 10.0, 10.0), True),  # a half
        ((-10.1, 0.0, 10.0, 10.0), False),
        ((-1.0, 0.0, 2.0, 10.0), True),  # two pixels
        ((-1.0, 0.0, 1.9, 10.0), False),
        ((98.1, 0.0, 101.0, 10.0), False),
        ((200.0, 200.0, 220.0, 220.0), False),
        ((-30.0, 10.0, -10.0, 20.0), False),
        ((100.0, 0.0, 101.0, 10.0), False),
    ],
)
def test_a_box_is_kept_with_half_its_area_and_two_pixels(box, kept):
    if kept:
        assert crop(box).flags == ("bbox_clipped",)
    else:
        with pytest.raises(Reject, match=r"% of it lies in 100x80") as caught:
            crop(box)
        assert caught.value.reason == "bbox_clipped"


@pytest.mark.parametrize(
    "box",
    [
        (-1e-200, -1e-200, 1e-200, 1e-200),
        (-1e308, -1e308, 1e308, 1e308),
        (-1e-320, 0.0, 1e-320, 5.0),
        (0.0, 0.0, 1e308, 1e308),
    ],
)
def test_boxes_of_absurd_sizes_are_rejects(box):
    with pytest.raises(Reject):
        crop(box)


def test_a_box_of_a_part_of_a_pixel_is_that_pixel():
    assert crop((5.2, 6.2, 5.4, 6.4)).pixels.shape == (1, 1, 3)


def test_padding_is_a_share_of_the_shorter_side_and_ends_at_the_page():
    found = crop((10.0, 20.0, 50.0, 30.0), how=Cutting(pad=0.2))
    assert np.array_equal(found.pixels, PAGE[18:32, 8:52])
    assert found.bbox == (10, 20, 40, 10)
    assert found.notes["crop"] == [8, 18, 44, 14]
    assert crop((0.0, 0.0, 100.0, 10.0), how=Cutting(pad=1.0)).pixels.shape == (20, 100, 3)


CORNERS = {"TL": (10.0, 10.0), "TR": (70.0, 20.0), "BR": (66.0, 44.0), "BL": (6.0, 34.0)}


@pytest.mark.parametrize("names", list(itertools.permutations(CORNERS)))
def test_four_points_in_any_order_are_one_quadrilateral(names):
    flat = tuple(number for name in names for number in CORNERS[name])
    assert in_order(flat).tolist() == [list(CORNERS[name]) for name in ("TL", "TR", "BR", "BL")]


def test_warping_straightens_what_was_turned():
    """A picture put into a page at an angle comes back."""
    original = cv2.GaussianBlur(PAGE[:24, :60], (0, 0), 3)
    source = np.array([(0, 0), (60, 0), (60, 24), (0, 24)], np.float32)
    for angle in (-20, -5, 0, 10, 30):
        turn = cv2.getRotationMatrix2D((30, 12), angle, 1)
        turn[:, 2] += (70, 70)
        corners = cv2.transform(source[None], turn)[0]
        page = cv2.warpAffine(original, turn, (200, 200), borderMode=cv2.BORDER_REPLICATE)
        polygon = tuple(float(v) for corner in corners[[0, 3, 1, 2]] for v in corner)  # TL, BL, TR, BR
        box = (min(polygon[::2]), min(polygon[1::2]), max(polygon[::2]), max(polygon[1::2]))
        found = crop(box, polygon, how=Cutting(warp=True), page=page)
        assert found.notes["warped"] is True
        assert found.pixels.shape[0] in (24, 25)  # corners are float32
        assert found.pixels.shape[1] in (60, 61)
        inner = np.abs(found.pixels[:24, :60].astype(int) - original)[3:-3, 3:-3]
        assert inner.mean() < 6
        plain = crop(box, polygon, page=page)
        assert "warped" not in plain.notes
        assert plain.polygon == polygon


def test_a_polygon_of_other_than_four_points_is_not_warped():
    found = crop((0.0, 0.0, 20.0, 20.0), (0.0, 0.0, 20.0, 0.0, 0.0, 20.0), how=Cutting(warp=True))
    assert np.array_equal(found.pixels, PAGE[:20, :20])
    assert "warped" not in found.notes


@pytest.mark.parametrize(
    "polygon", [(0.0, 0.0, 10.0, 10.0, 20.0, 20.0, 5.0, 5.0), (3.0,) * 8, (0.0, 0.0, 20.0, 20.0) * 2]
)
def test_points_without_an_area_give_a_picture_or_a_reject_and_no_crash(polygon):
    try:
        found = crop((0.0, 0.0, 20.0, 20.0), polygon, how=Cutting(warp=True))
    except Reject:
        return
    assert found.pixels.size


def test_a_polygon_far_larger_than_its_box_takes_no_memory():
    polygon = (0.0, 0.0, 1e6, 0.0, 1e6, 1e6, 0.0, 1e6)
    try:
        found = crop((0.0, 0.0, 20.0, 20.0), polygon, how=Cutting(warp=True))
    except Reject:
        return
    assert found.pixels.size < 1e8


def test_a_polygon_outside_is_clipped_and_kept_as_it_was():
    polygon = (-5.0, 0.0, 20.0, 0.0, 20.0, 20.0, -5.0, 20.0)
    found = crop((-5.0, 0.0, 20.0, 20.0), polygon)
    assert found.polygon == (0, 0, 20, 0, 20, 20, 0, 20)
    assert found.notes["polygon_raw"] == polygon


@pytest.mark.parametrize(("turn", "k"), [("ccw", 1), ("cw", -1)])
def test_a_tall_crop_is_turned_where_that_was_asked_for_and_it_is_recorded(turn, k):
    box = (10.0, 0.0, 20.0, 60.0)
    found = crop(box, how=Cutting(rotate_tall=1.5, turn=turn))
    assert np.array_equal(found.pixels, np.rot90(PAGE[:60, 10:20], k))
    assert found.flags == ("rotated_tall",)
    assert found.notes["rotated"] == turn
    assert crop(box).pixels.shape == (60, 10, 3)
    assert crop((0.0, 0.0, 10.0, 15.0), how=Cutting(rotate_tall=1.5)).flags == ()  # not more than that


def test_text_that_runs_from_top_to_bottom_is_never_turned():
    assert crop((10.0, 0.0, 20.0, 60.0), vertical=True, how=Cutting(rotate_tall=1.5)).flags == ()


SIDE = st.floats(-120, 220)


@given(SIDE, SIDE, st.floats(0.01, 250), st.floats(0.01, 250), st.sampled_from([0.0, 0.3, 2.0]))
def test_a_cut_lies_within_the_page_and_is_its_slice_or_it_is_a_reject(x, y, w, h, pad):
    box = (x, y, x + w, y + h)
    assume(box[0] < box[2] and box[1] < box[3])
    try:
        found = crop(box, how=Cutting(pad=pad))
    except Reject as reject:
        assert reject.reason == "bbox_clipped"  # noqa: PT017 - both outcomes are right
        return
    left, top, width, height = found.bbox
    assert left >= 0
    assert top >= 0
    assert left + width <= 100 + 1e-9
    assert top + height <= 80 + 1e-9
    assert left >= x
    assert top >= y
    inside = max(0, min(x + w, 100) - max(x, 0)) * max(0, min(y + h, 80) - max(y, 0))
    assert inside >= 0.49 * w * h
    x0, y0, x1, y1 = math.floor(left), math.floor(top), math.ceil(left + width), math.ceil(top + height)
    if pad:
        x0, y0, x1, y1 = found.notes["crop"]
        x1, y1 = x0 + x1, y0 + y1
    assert np.array_equal(found.pixels, PAGE[y0 : min(y1, 80), x0 : min(x1, 100)])
    assert found.pixels.flags["C_CONTIGUOUS"]
    assert ("bbox_clipped" in found.flags) == (found.notes.get("bbox_raw") is not None)
