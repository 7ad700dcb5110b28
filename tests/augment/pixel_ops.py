"""What the tests of optics, light and noise share: pictures, and what every op that changes no geometry promises."""

import json

import cv2
import numpy as np
import pytest
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance
from ocrfactory.sample import Sample

HEIGHT, WIDTH, EM = 48, 161, 40.0


def picture(colour=False):
    """Bars as text, on paper; an array that must not be written into."""
    image = np.full((HEIGHT, WIDTH), 220, np.uint8)
    for x in range(12, WIDTH - 20, 22):
        image[10:38, x : x + 5] = 30
        image[20:24, x : x + 14] = 30
    if colour:
        image = np.dstack([image, image - 10, image - 30])
    image.setflags(write=False)
    return image


def frame_of(image, ground=220):
    return Frame(
        Sample(
            text="x", image=image, kind="line", origin="font", seed=1, license="x", ground=ground, font_size_px=EM,
            char_boxes=(12, 10, 140, 38),
        )
    )  # fmt: skip


def drawn_by(op, seed=0, strength=1.0, image=None):
    return op.draw(Chance(seed, "test", strength), frame_of(picture() if image is None else image))


def done(op, image, drawn=None, **changes):
    """The picture after an op."""
    frame = frame_of(image)
    op.apply(frame, {**(drawn or drawn_by(op, image=image)), **changes})
    return frame.image


def close(image, other, most, mean):
    """Whether two pictures are alike in each pixel and, more so, on the whole."""
    apart = np.abs(image.astype(int) - other)
    return apart.max() <= most and apart.mean() <= mean


class Promises:
    """Inherit from it and give `OPS`: a new op is covered at once."""

    OPS = ()
    SHARP = ()
    """Names of ops that no strength weakens."""

    def pytest_generate_tests(self, metafunc):
        if "op" in metafunc.fixturenames:
            metafunc.parametrize("op", [kind() for kind in self.OPS], ids=lambda op: op.op)

    @pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
    def test_the_size_stays_and_the_input_is_untouched(self, op, colour):
        image = picture(colour)
        before = image.copy()
        for seed in range(5):
            found = done(op, image, drawn_by(op, seed))
            assert found.shape == image.shape
            assert found.dtype == np.uint8
        assert np.array_equal(image, before)

    @pytest.mark.parametrize("shape", [(1, 1), (1, 90), (70, 2), (3, 3, 3)], ids=str)
    def test_tiny_pictures_are_taken(self, op, shape):
        image = np.full(shape, 200, np.uint8)
        for seed in range(3):
            assert done(op, image, drawn_by(op, seed, image=image)).shape == shape

    def test_a_picture_changes(self, op):
        image = picture(colour=True)
        assert any(not np.array_equal(done(op, image, drawn_by(op, seed)), image) for seed in range(3))

    @pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
    def test_what_is_recorded_redoes_it_whatever_ran_before_and_on_any_number_of_threads(self, op, colour):
        image = picture(colour)
        for seed in range(3):
            drawn = drawn_by(op, seed)
            first = done(op, image, drawn)
            for kind in self.OPS:
                done(kind(), image, drawn_by(kind(), 9))
            cv2.setRNGSeed(seed)
            threads = cv2.getNumThreads()
            try:
                cv2.setNumThreads(1 if seed else 4)
                again = done(type(op)(), image, json.loads(json.dumps(drawn)))
            finally:
                cv2.setNumThreads(threads)
            assert np.array_equal(first, again)

    def test_no_strength_is_nearly_no_change(self, op):
        if op.op in self.SHARP:
            pytest.skip("nothing between: all or nothing")
        for seed in range(3):
            assert close(done(op, picture(), drawn_by(op, seed, strength=0)), picture(), most=3, mean=0.5)
            assert close(done(op, picture(True), drawn_by(op, seed, strength=0)), picture(True), most=25, mean=1)

    def test_less_strength_is_less_change(self, op):
        if op.op in self.SHARP:
            pytest.skip("nothing between: all or nothing")

        def change(strength):
            pairs = [(drawn_by(op, seed, strength), picture(True)) for seed in range(8)]
            return sum(np.abs(done(op, image, drawn).astype(int) - image).mean() for drawn, image in pairs)

        assert change(0.25) < change(1)

    def test_it_is_no_plain_drawing_any_more_and_its_ground_is_what_lies_around(self, op):
        image = np.full((20, 60), 255, np.uint8)
        frame = frame_of(image, ground=255)
        assert frame.clean
        op.apply(frame, drawn_by(op))
        assert not frame.clean or np.array_equal(frame.image, image)
        assert frame.ground is None or abs(frame.ground - frame.image.mean()) < 12

    def test_every_field_says_what_it_is(self, op):
        assert type(op).__doc__
        for name, field in type(op).model_fields.items():
            assert name == "op" or field.description, name
