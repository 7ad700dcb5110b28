from typing import Literal

import msgspec
import numpy as np
import pytest
from ocrfactory.augment.geometry import Curve, Elastic, Rotate, Shear
from ocrfactory.augment.op import Op
from ocrfactory.augment.run import Augmenter
from ocrfactory.errors import Reject


class Fade(Op):
    """Contrast goes down to a share; the whole of it by default."""

    op: Literal["fade"] = "fade"
    left: float = 0.0

    def draw(self, chance, frame):
        return {"left": chance.within((self.left, self.left), 1.0)}

    def apply(self, frame, drawn):
        frame.put((255 - (255 - frame.pixels()) * drawn["left"]).astype(np.uint8))


class Refuse(Op):
    op: Literal["refuse"] = "refuse"

    def draw(self, chance, frame):
        return {}

    def apply(self, frame, drawn):
        raise Reject("unseen", "a test")


class Borrow(Op):
    """Puts a view of a buffer that the next call changes."""

    op: Literal["borrow"] = "borrow"

    def draw(self, chance, frame):
        return {}

    def apply(self, frame, drawn):
        BUFFER[: frame.height, : frame.width] = frame.pixels()
        frame.put(BUFFER[: frame.height, : frame.width])


BUFFER = np.zeros((200, 2000), np.uint8)
BENT = (Rotate(), Shear(p=0.5), Elastic(p=0.5), Curve(p=0.5))


def test_what_was_drawn_is_recorded_in_order_after_what_was_there(line):
    sample = line(aug=({"op": "before"},))
    done = Augmenter([Rotate(), Fade(left=0.5)])(sample)
    assert [step["op"] for step in done.aug] == ["before", "rotate", "fade"]
    assert set(done.aug[1]) == {"op", "degrees"}
    assert done.outline is None
    assert done.attrs is None


def test_nothing_applied_leaves_picture_and_file_as_they_are(line):
    sample = line(encoded=("png", b"file"), char_boxes=None)
    done = Augmenter([Rotate(p=0)])(sample)
    assert done.image is sample.image
    assert done.encoded == ("png", b"file")
    assert done.char_boxes == line().char_boxes
    assert done.aug is None


def test_a_changed_picture_drops_the_file_and_keeps_boxes_that_no_geometry_moved(line):
    done = Augmenter([Fade(left=0.5)])(line(encoded=("png", b"file")))
    assert done.encoded is None
    assert done.char_boxes == line().char_boxes


def test_a_sample_is_the_same_in_any_order_and_after_other_work(line):
    samples = [line(seed=seed, masks=True) for seed in range(12)]
    augment = Augmenter([*BENT, Fade(left=0.5)])
    there = [augment(sample) for sample in samples]
    back = [Augmenter([*BENT, Fade(left=0.5)])(sample) for sample in reversed(samples)][::-1]
    for one, other in zip(there, back, strict=True):
        assert one.image.tobytes() == other.image.tobytes()
        assert one.mask.tobytes() == other.mask.tobytes()
        assert (one.char_boxes, one.aug) == (other.char_boxes, other.aug)
    assert len({one.image.tobytes() for one in there}) == 12


@pytest.mark.parametrize("shape", [{}, {"vertical": True}, {"glyph": True}, {"colour": True}])
def test_a_result_can_be_encoded_and_is_nobody_elses(line, shape):
    done = Augmenter(BENT)(line(**shape))
    assert done.image.flags.c_contiguous
    assert done.image.dtype == np.uint8
    assert len(done.char_boxes) == 4 * len(done.text)


def test_a_borrowed_buffer_is_copied(line):
    done = Augmenter([Borrow()])(line())
    before = done.image.copy()
    BUFFER[:] = 99
    assert np.array_equal(done.image, before)


def test_an_illegible_result_is_tried_again_weaker(line):
    done = Augmenter([Fade(left=0.0)])(line())
    assert done.attrs == {"weakened": 0.7}
    assert done.aug == ({"op": "fade", "left": 0.3},)


def test_a_text_that_stays_illegible_is_rejected_after_the_last_try(line):
    with pytest.raises(Reject, match="illegible") as caught:
        Augmenter([Fade(left=0.0)], tries=1)(line())
    assert "contrast" in caught.value.detail or "correlation" in caught.value.detail


def test_without_a_floor_whatever_comes_is_taken(line):
    assert Augmenter([Fade(left=0.0)], floor=None)(line()).image.min() == 255


def test_what_an_op_rejects_passes_through(line):
    with pytest.raises(Reject, match="unseen"):
        Augmenter([Refuse()])(line())


def test_tries_are_one_to_four():
    with pytest.raises(ValueError, match="tries"):
        Augmenter([], tries=5)


def test_a_picture_that_may_not_be_written_is_never_written(line):
    sample = line()
    before = sample.image.copy()
    Augmenter([*BENT, Fade(left=0.4)])(sample)
    assert np.array_equal(sample.image, before)


def test_attributes_that_were_there_stay(line):
    done = Augmenter([Fade(left=0.0)])(msgspec.structs.replace(line(), attrs={"draw": {}}))
    assert done.attrs == {"draw": {}, "weakened": 0.7}
