"""Batches of one shape: what a model sees never depends on how many are asked for."""

import numpy as np
import pytest
from ocrfactory.errors import InputError, OcrFactoryError
from ocrfactory.fill.steady import BATCH, GPU_BATCH, batch_of, draw_steadily, judge_steadily
from ocrfactory.fill.verdict import Verdict

from tests.fill.stand_ins import StandInGate


class Echo:
    """Gives the content back, and notes the shapes that it was given."""

    id, size, channels, references = "echo-0", 16, 1, 0

    def __init__(self, fault=None):
        self.fault, self.seen = fault, set()

    def style(self, references, name=None):
        return np.zeros(1, np.float32)

    def draw(self, content, styles):
        self.seen.add((content.shape, styles.shape))
        if isinstance(self.fault, Exception):
            raise self.fault
        return content[:, 0] if self.fault is None else self.fault


@pytest.mark.parametrize("count", [1, BATCH - 1, BATCH, 2 * BATCH + 3])
def test_every_batch_has_one_shape_and_every_picture_its_place(count):
    echo, content = Echo(), np.random.default_rng(0).integers(0, 256, (count, 1, 16, 16), np.uint8)
    drawn = draw_steadily(echo, content, np.zeros((count, 1), np.float32))
    assert np.array_equal(drawn, content[:, 0])
    assert echo.seen == {((BATCH, 1, 16, 16), (BATCH, 1))}


def test_an_engine_that_draws_one_by_one_is_given_no_fillers():
    echo, content = Echo(), np.zeros((BATCH + 3, 1, 16, 16), np.uint8)
    echo.engine = "onnx"
    assert draw_steadily(echo, content, np.zeros((BATCH + 3, 1), np.float32)).shape == (BATCH + 3, 16, 16)
    assert {shape[0] for shape, _ in echo.seen} == {BATCH, 3}


def test_a_gpu_is_given_large_batches():
    echo = Echo()
    echo.engine = "cuda"
    assert len(draw_steadily(echo, np.zeros((3, 1, 16, 16), np.uint8), np.zeros((3, 1), np.float32))) == 3
    assert {shape[0] for shape, _ in echo.seen} == {batch_of(echo)} == {GPU_BATCH}


@pytest.mark.parametrize(
    "fault", [RuntimeError("cuda"), np.zeros((BATCH, 8, 8), np.uint8), np.zeros((BATCH, 16, 16), np.float32)]
)
def test_a_generator_that_fails_is_an_error_of_the_run(fault):
    with pytest.raises(InputError, match="echo-0"):
        draw_steadily(Echo(fault), np.zeros((3, 1, 16, 16), np.uint8), np.zeros((3, 1), np.float32))


def test_our_own_errors_keep_their_words():
    with pytest.raises(OcrFactoryError, match="as it was"):
        draw_steadily(Echo(OcrFactoryError("as it was")), np.zeros((1, 1, 16, 16), np.uint8), np.zeros((1, 1)))


def test_the_gate_sees_full_batches_and_scores_have_four_decimals():
    gate = StandInGate(refused="丁")
    ink = np.full((BATCH + 2, 64, 64), 7, np.uint8)
    content = np.ones((BATCH + 2, 2, 64, 64), np.uint8)
    verdicts = judge_steadily(gate, ink, "一" * (BATCH + 1) + "丁", content)
    assert gate.batches == [BATCH, BATCH]
    assert [verdict.reason for verdict in verdicts] == [None] * (BATCH + 1) + ["gate_class"]
    assert verdicts[0].scores == {"ink": round(7 / 255, 4), "margin": 0.3333}


def test_a_gate_that_forgets_a_picture_is_our_fault():
    class Short:
        id = "short-0"

        def judge(self, pictures, classes, content):
            return [Verdict(None, {})]

    with pytest.raises(OcrFactoryError, match="1 verdicts on 32"):
        judge_steadily(Short(), np.zeros((2, 64, 64), np.uint8), "一丁", np.zeros((2, 2, 64, 64), np.uint8))
