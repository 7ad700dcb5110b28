import cv2
import msgspec
import numpy as np
import pytest
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.geometry import Rotate
from ocrfactory.augment.legibility import Floor, legible
from ocrfactory.rng import stream


def after(sample, change):
    frame = Frame(sample)
    frame.put(change(frame.pixels().astype(np.float32), frame.em).clip(0, 255).astype(np.uint8))
    return legible(frame, Floor())


def noise(picture, sigma):
    return picture + stream(1, "noise").normal(0, sigma, picture.shape)


READABLE = {
    "noise": lambda x, em: noise(x, 100),
    "inverted": lambda x, em: 255 - x,
    "light on dark with noise": lambda x, em: noise(180 - x * 0.3, 10),
    "soft": lambda x, em: cv2.GaussianBlur(x, (0, 0), 0.03 * em),
    "faint": lambda x, em: 120 + x * 0.1,
    "in the shade": lambda x, em: x * 0.6 * np.linspace(0.2, 1, x.shape[1])[None, :],
    "thin": lambda x, em: cv2.dilate(x, np.ones((2, 2))),
}
LOST = {
    "blur": lambda x, em: cv2.GaussianBlur(x, (0, 0), 0.2 * em),
    "grain": lambda x, em: noise(110 + x * 0.1, 80),
    "no contrast": lambda x, em: 128 + x * 0.01,
    "nothing": lambda x, em: np.full_like(x, 255),
    "black": lambda x, em: np.zeros_like(x),
    "eaten": lambda x, em: cv2.dilate(x, np.ones((5, 5))),
    "run together": lambda x, em: cv2.erode(x, np.ones((9, 9))),
}


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("shape", [{}, {"vertical": True}, {"glyph": True}, {"em": 20, "margin": 2}])
def test_what_a_person_reads_passes(line, name, shape):
    if name in ("thin", "noise") and shape.get("em") == 20:
        pytest.skip("at 20 px an em a person cannot read it either")
    assert after(line(**shape), READABLE[name]) is None


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("shape", [{}, {"vertical": True}, {"glyph": True}])
def test_what_nobody_reads_is_named(line, name, shape):
    lost = after(line(**shape), LOST[name])
    assert lost is not None
    assert any(digit in lost for digit in "0123456789")


def test_one_hidden_character_is_enough(line):
    sample = line(em=48)
    x0, y0, x1, y1 = (int(side) for side in sample.char_boxes[12:16])

    def stamped(picture, em):
        picture[y0 - 2 : y1 + 2, x0 - 2 : x1 + 2] = 60
        return picture

    assert "a character" in after(sample, stamped)


def test_an_untouched_or_merely_moved_picture_is_legible(line):
    frame = Frame(line())
    assert legible(frame, Floor(correlation=1, character=1, contrast=255)) is None


def test_spaces_are_no_lost_characters(line):
    sample = line(em=48)
    boxes = (*sample.char_boxes, 4.0, 44.0, 40.0, 50.0)
    blank = msgspec.structs.replace(sample, outline=None, char_boxes=boxes, margin=0.0)
    assert after(blank, READABLE["noise"]) is None


@pytest.mark.parametrize("size", [{}, {"vertical": True}])
def test_without_boxes_windows_of_an_em_are_looked_at(line, size):
    photo = msgspec.structs.replace(line(**size), outline=None, char_boxes=None, ground=None)
    assert after(photo, READABLE["noise"]) is None
    assert after(photo, LOST["blur"]) is not None


def test_colours_of_one_grey_can_be_read(line):
    frame = Frame(line())
    ink = (255 - frame.pixels().astype(np.float32))[:, :, None] / 255
    frame.put((np.float32((150, 90, 90)) + ink * np.float32((-117, 60, 0))).astype(np.uint8))
    assert legible(frame, Floor()) is None


def test_an_empty_picture_has_nothing_to_lose(line):
    blank = msgspec.structs.replace(line(), image=np.full((48, 100), 255, np.uint8))
    assert after(blank, lambda x, em: x - 9) is None


def test_text_that_geometry_made_too_small_to_read_is_named_and_a_drawing_that_was_small_is_not(line):
    def turned(em, degrees):
        frame = Frame(line(em=em))
        rotate = Rotate(degrees=degrees)
        rotate.apply(frame, {"degrees": degrees})
        return legible(frame, Floor())

    assert "size" in turned(30, 25)
    assert turned(30, 1) is None
    assert turned(10, 1) is None
    assert "size" in turned(10, 25)
