import msgspec
import numpy as np
import pytest
from ocrfactory.augment.canvas import canvas_of
from ocrfactory.augment.frame import Frame, em_of, outline_of_boxes
from ocrfactory.augment.warp import Bow, Displacement, Projection, about, turned
from ocrfactory.errors import Reject


def still(frame):
    return Displacement(np.zeros((2, 2, 2), np.float32), frame.width, frame.height)


@pytest.mark.parametrize("shape", [{}, {"vertical": True}, {"glyph": True}, {"colour": True}])
def test_geometry_that_moves_nothing_leaves_every_pixel(line, shape):
    sample = line(masks=True, **shape)
    for warp in (Projection(np.eye(3)), still(Frame(sample))):
        frame = Frame(sample)
        frame.bend(warp)
        assert np.array_equal(frame.pixels(), sample.image)
        assert np.array_equal(frame.mask, sample.mask)
        assert frame.boxes() == pytest.approx(sample.char_boxes, abs=0.02)


def test_boxes_without_geometry_are_those_of_the_outline(line):
    assert Frame(line()).boxes() == line().char_boxes


def test_the_outlines_points_are_those_that_the_outline_tells(line):
    sample = line()
    frame = Frame(sample)
    points, starts = sample.outline.points()
    assert np.array_equal(frame.points, points)
    assert np.array_equal(frame.starts, starts)


def test_a_sample_without_outline_moves_the_corners_of_its_boxes(line):
    sample = msgspec.structs.replace(line(), outline=None)
    frame = Frame(sample)
    assert frame.boxes() == sample.char_boxes
    other = Frame(msgspec.structs.replace(sample, outline=outline_of_boxes(sample.char_boxes)))
    for one in (frame, other):
        one.bend(Projection(turned(3, 100, 20)))
    assert frame.boxes() == other.boxes()


def test_nothing_is_known_of_boxes_where_nobody_told(line):
    assert Frame(msgspec.structs.replace(line(), outline=None, char_boxes=None)).boxes() is None


def test_the_reference_follows_geometry_and_nothing_else(line):
    frame = Frame(line())
    frame.bend(Projection(turned(4, 100, 20)))
    once = frame.pixels()
    assert frame.reference is once
    frame.put(np.full_like(once, 7))
    assert frame.reference is once
    frame.bend(Projection(turned(-4, 100, 20)))
    frame.flush()
    assert frame.reference.shape == frame.image.shape
    assert frame.reference.min() < 60
    assert frame.reference.max() == 255


def test_a_picture_put_before_waiting_geometry_is_a_fault(line):
    frame = Frame(line())
    frame.bend(Projection(np.eye(3)))
    with pytest.raises(RuntimeError):
        frame.put(frame.image)


def test_a_picture_that_was_put_is_no_plain_drawing_any_more(line):
    frame = Frame(line())
    assert frame.clean
    frame.put(frame.pixels().copy())
    assert not frame.clean


def test_a_line_that_is_turned_keeps_its_height_and_gets_smaller_ink(line):
    frame = Frame(line())
    em, height = frame.em, frame.height
    frame.bend(Projection(turned(20, 100, 20)))
    frame.flush()
    assert frame.height == height
    assert frame.em < 0.6 * em
    boxes = np.array(frame.boxes()).reshape(-1, 4)
    assert np.median(boxes[:, 3] - boxes[:, 1]) < 0.9 * em


def test_the_side_of_the_ground_is_that_of_the_photo(line):
    photo = msgspec.structs.replace(line(), image=np.full((40, 200), 90, np.uint8), ground=None, outline=None)
    photo = msgspec.structs.replace(photo, char_boxes=None)
    frame = Frame(photo)
    frame.bend(Projection(turned(10, 100, 20)))
    assert np.unique(frame.pixels()).tolist() == [90]


def test_bent_sides_of_an_outline_are_followed_between_the_corners(line):
    sample = msgspec.structs.replace(line(), outline=outline_of_boxes((4, 20, 300, 40)), margin=0.0)
    frame = Frame(sample)
    frame.bend(Bow(lambda at: -np.sin(at * np.float32(np.pi / 300)) * 15, vertical=False))
    _, top, _, bottom = frame.boxes()
    assert bottom - top == pytest.approx(20 + 15, abs=1)


def test_ink_that_no_canvas_can_hold_is_rejected(line):
    frame = Frame(line())
    frame.bend(Projection(about([[200, 0], [0, 200]], 0, 0)))
    with pytest.raises(Reject, match="clipped"):
        frame.flush()


def test_a_line_longer_than_a_warp_can_take_is_rejected(line):
    sample = msgspec.structs.replace(line(), image=np.full((48, 40_000), 255, np.uint8))
    frame = Frame(sample)
    frame.bend(Projection(turned(1, 100, 20)))
    with pytest.raises(Reject, match="too_long"):
        frame.flush()


def test_a_canvas_leaves_ink_in_its_place_when_it_fits():
    box = (20.0, 30.0, 120.0, 50.0)
    canvas = canvas_of(box, box, (200, 80), "height", 4.0, [(1, 0, 0, 1)], 0.0, None)
    assert (canvas.width, canvas.height) == (200, 80)
    assert np.allclose(canvas.fit, np.eye(3))


def test_an_em_is_guessed_from_the_side_across_the_line(line):
    known = {"font_size_px": None}
    assert em_of(msgspec.structs.replace(line(), **known)) == pytest.approx(0.8 * 48)
    assert em_of(msgspec.structs.replace(line(vertical=True), **known)) == pytest.approx(0.8 * 48)
    assert em_of(msgspec.structs.replace(line(glyph=True), **known)) == pytest.approx(0.8 * 48)
