"""A line under the text or through it, inside the margin, with the ink's tone."""

import numpy as np
import pytest
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.run import Augmenter
from ocrfactory.augment.underline import Underline
from ocrfactory.errors import Reject


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize("place", ["below", "through"])
def test_the_line_is_as_long_as_the_text_and_keeps_to_the_margin(line, place, vertical):
    sample = line(vertical=vertical, margin=3)
    after = Augmenter([Underline(place=(place,), width=0.08)], None)(sample)
    before, image = (sample.image.T, after.image.T) if vertical else (sample.image, after.image)
    columns = np.nonzero(before < 255)[1]
    rows = np.nonzero(image < before)[0]
    assert 3 <= rows.min() <= rows.max() < image.shape[0] - 3
    assert (image[rows.min(), columns.min() : columns.max()] == 0).all()
    assert after.char_boxes == sample.char_boxes or np.allclose(after.char_boxes, Frame(sample).boxes())
    assert [part["op"] for part in after.aug] == ["underline"]


def test_through_crosses_the_middle_and_below_does_not(line):
    sample = line(margin=6)
    boxes = np.array(Frame(sample).boxes()).reshape(-1, 4)
    middle = (boxes[:, 1].min() + boxes[:, 3].max()) / 2
    for place, through in (("below", False), ("through", True)):
        after = Augmenter([Underline(place=(place,))], None)(sample)
        rows = np.nonzero(after.image < sample.image)[0]
        assert (abs(rows.mean() - middle) < 3) == through


def test_a_painted_picture_is_refused(line):
    frame = Frame(line())
    frame.put(frame.pixels() // 2)
    with pytest.raises(Reject, match="not_clean"):
        Underline().apply(frame, {"place": "below", "width": 0.05, "gap": 0.05, "level": 0})
