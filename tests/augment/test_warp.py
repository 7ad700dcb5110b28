import cv2
import numpy as np
import pytest
from ocrfactory.augment.warp import (
    Bow,
    Displacement,
    Projection,
    about,
    forward,
    joined,
    linear_parts,
    sampled,
    turned,
    zoom_of,
)
from ocrfactory.rng import stream

PICTURE = cv2.GaussianBlur(stream(1, "picture").integers(0, 256, (61, 203), np.uint8), (0, 0), 2)
POINTS = stream(2, "points").uniform(0, 60, (500, 2)).astype(np.float32)


def still():
    return Displacement(np.zeros((3, 5, 2), np.float32), 203, 61)


def field(seed, most):
    return (stream(seed, "field").random((6, 15, 2), np.float32) * 2 - 1) * np.float32(most)


def test_a_field_of_nothing_changes_no_pixel():
    assert np.array_equal(sampled([still()], 203, 61)(PICTURE, 255), PICTURE)


@pytest.mark.parametrize(
    "matrix",
    [turned(7, 100, 30), about([[1, 0.2], [0, 1]], 50, 30), np.array([[1, 0, 3.3], [0, 1, -2.7], [0, 0, 1.0]])],
    ids=["turn", "slant", "shift"],
)
@pytest.mark.parametrize("zoom", [1.0, 0.5])
def test_an_affine_map_agrees_with_the_same_done_as_a_bent_one(matrix, zoom):
    warps = [Projection(matrix), Projection(np.diag([zoom, zoom, 1.0]))]
    straight = sampled(warps, 203, 61, zoom)(PICTURE, 255)
    bent = sampled([*warps, still()], 203, 61, zoom)(PICTURE, 255)
    inside = sampled(warps, 203, 61)(np.full_like(PICTURE, 255), 0) == 255
    inside = cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert np.abs(straight.astype(int) - bent)[inside].max() <= 3


def test_perspective_agrees_with_the_same_done_as_a_bent_one():
    quad = np.float32([[0, 0], [203, 0], [203, 61], [0, 61]])
    matrix = cv2.getPerspectiveTransform(quad, quad + np.float32([[3, 5], [-4, 2], [2, -6], [5, 3]]))
    straight, bent = (sampled(w, 203, 61)(PICTURE, None) for w in ([Projection(matrix)], [Projection(matrix), still()]))
    assert np.abs(straight.astype(int) - bent)[6:-6, 8:-8].max() <= 4


def test_pixels_go_where_points_go():
    dots = np.zeros((64, 256), np.uint8)
    at = np.array([[40.5, 20.5], [128.5, 40.5], [200.5, 30.5]], np.float32)
    for x, y in at.astype(int):
        dots[y, x] = 255
    dots = cv2.GaussianBlur(dots.astype(np.float32) * 20, (0, 0), 2).clip(0, 255).astype(np.uint8)
    for warps in (
        [Projection(turned(3, 128, 32))],
        [Displacement(field(3, 1.5), 256, 64)],
        [Bow(lambda x: np.sin(x / 40) * 6, vertical=False), Projection(turned(-2, 128, 32))],
    ):
        moved = sampled(warps, 256, 64)(dots, 0).astype(float)
        for x, y in forward(warps, at):
            left, top = int(x) - 8, int(y) - 8
            patch = moved[top : top + 17, left : left + 17]
            rows, columns = np.mgrid[top : top + 17, left : left + 17] + 0.5
            assert (patch * columns).sum() / patch.sum() == pytest.approx(x, abs=0.35)
            assert (patch * rows).sum() / patch.sum() == pytest.approx(y, abs=0.35)


@pytest.mark.parametrize(
    "warp",
    [
        Projection(turned(30, 5, 9)),
        Projection(np.array([[1, 0.1, 3], [0, 1.2, 1], [1e-4, 2e-4, 1.0]])),
        Displacement(field(4, 0.5), 60, 60),
        Bow(lambda at: np.sin(at / 9) * 4, vertical=False),
        Bow(lambda at: np.sin(at / 9) * 4, vertical=True),
    ],
    ids=["turn", "perspective", "field", "bow", "vertical bow"],
)
def test_forward_undoes_backward(warp):
    assert np.abs(warp.forward(warp.backward(POINTS)) - POINTS).max() < 0.05
    assert np.abs(warp.backward(warp.forward(POINTS)) - POINTS).max() < 0.05


def test_a_turn_is_counter_clockwise_as_seen():
    x, y = Projection(turned(90, 0, 0)).forward(np.array([[1, 0]], np.float32))[0]
    assert (round(float(x), 5), round(float(y), 5)) == (0, -1)


def test_neighbouring_projections_become_one_and_points_do_not_notice():
    steps = [Projection(turned(9, 3, 4)), Projection(about([[1, 0.3], [0, 2]], 1, 2)), still(), Projection(np.eye(3))]
    assert [type(step) for step in joined(steps)] == [Projection, Displacement, Projection]
    assert np.abs(forward(steps, POINTS) - forward(joined(steps), POINTS)).max() < 1e-3


def test_the_linear_part_is_what_close_points_do():
    warps = [Projection(turned(9, 3, 4)), Projection(np.array([[1, 0.1, 3], [0, 1.2, 1], [1e-3, 2e-3, 1.0]]))]
    close = np.array([[20, 30], [21, 30], [20, 31]], np.float32)
    a, b, c = forward(warps, close)
    (dxx, dxy, dyx, dyy) = linear_parts(warps, (15, 20, 25, 40))[0]
    assert np.abs((b - a) - (dxx, dyx)).max() < 0.05
    assert np.abs((c - a) - (dxy, dyy)).max() < 0.05
    assert zoom_of((2, 0, 0, 0.5)) == 1


def test_more_points_than_opencv_takes_at_once_are_moved_all():
    many = np.tile(POINTS, (140, 1))
    moved = Displacement(field(5, 2), 60, 60).backward(many)
    assert np.array_equal(moved[:500], moved[-500:])


def test_what_is_made_much_smaller_skips_no_pixel():
    stripes = np.zeros((64, 200), np.uint8)
    stripes[:, ::4] = 255
    for warps in ([Projection(np.diag([0.25, 0.25, 1.0]))], [Projection(np.diag([0.25, 0.25, 1.0])), still()]):
        small = sampled(warps, 50, 16, 0.25)(stripes, None)
        assert np.abs(small.astype(int) - 64).max() <= 2


@pytest.mark.parametrize("shape", [(12, 5), (24, 24), (64, 700)], ids=str)
def test_pixels_of_a_bow_come_from_where_they_should_however_small_the_picture(shape):
    height, width = shape
    half = width / 2
    bow = Bow(lambda at: np.float32(width / 8) * (1 - ((at - half) / half) ** 2), False)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    take = sampled([bow], width, height)
    exact = y + 0.5 - (width / 8) * (1 - ((x + 0.5 - half) / half) ** 2) - 0.5
    found = take(y.copy(), None)
    inside = (exact > 0) & (exact < height - 1)
    assert np.abs(found - exact)[inside].max() < 0.5
