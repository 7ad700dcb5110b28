"""A generator that cannot be right is refused before the first glyph."""

import numpy as np
import pytest
from ocrfactory.errors import InputError
from ocrfactory.fill.engine import LoadedGenerator
from ocrfactory.fill.probe import probe
from ocrfactory.fill.sidecar import FORMAT, Sidecar

from tests.fill.models import SIZE, K


class Fake:
    """An engine that gives whatever a test wants."""

    name = "fake"

    def __init__(self, give):
        self.give = give

    def style(self, references, number):
        return np.zeros(3, np.float32)

    def values(self, content, styles):
        assert content.dtype == np.uint8
        assert len(styles) == len(content)
        return np.asarray(self.give(content.astype(np.float32) / 255), np.float32)


def generator(give, **changes):
    fields = {"size": SIZE, "content_channels": 1, "style": "refs", "k": K, "licence": "CC0-1.0", "sha256": "0" * 64}
    return LoadedGenerator("fake-0", Sidecar(format=FORMAT, **{**fields, **changes}), Fake(give))


def test_a_sound_generator_passes():
    probe(generator(lambda content: content * 0.8))
    probe(generator(lambda content: np.roll(content, 1, 3) * 1.03))  # a little beyond the range is no fault
    probe(generator(lambda content: content[:, :1] * 0.8, content_channels=2))
    probe(generator(lambda content: content * 0.8, style="both", style_ids={"a": 0}, inputs=("x", "r", "n")))
    probe(generator(lambda content: content * 0.8, style="id", k=None, style_ids={"a": 0}))
    probe(generator(lambda content: 1 - content * 0.8, polarity="ink_low"))
    probe(generator(lambda content: content * 1.8 - 1, range=(-1.0, 1.0)))


@pytest.mark.parametrize(
    ("give", "words"),
    [
        (lambda content: content[:, 0], "not 4 x 1 x 16 x 16"),
        (lambda content: content[:, :, :8], "not 4 x 1 x 16 x 16"),
        (lambda content: np.concatenate([content, content], 1), "not 4 x 1 x 16 x 16"),
        (lambda content: content[:1], "not 4 x 1 x 16 x 16"),
        (lambda content: content.mean(), "a single number"),
        (lambda content: np.where(content > 0, np.nan, 0), "NaN"),
        (lambda content: np.where(content > 0, np.inf, 0), "NaN or infinity"),
        (lambda content: np.full_like(content, 0.3), "one even grey"),
        (lambda content: np.tile(content[:1] * 0.8, (4, 1, 1, 1)), "every character looks the same"),
        (lambda content: 1 - content, "100%|[5-9][0-9]% of the output is ink"),
        (lambda content: content, "the content itself"),
        (lambda content: content * 2, r"outside of \[0, 1\]"),
        (lambda content: content * 1.8 - 1, r"outside of \[0, 1\]"),
        (lambda content: content * 255, r"outside of \[0, 1\]"),
    ],
)
def test_what_cannot_be_right_is_refused(give, words):
    with pytest.raises(InputError, match=words) as caught:
        probe(generator(give))
    assert "fake-0" in caught.value.message
    assert caught.value.cure


def test_a_network_that_fails_is_refused():
    def fail(content):
        raise RuntimeError("expected 2 channels")

    with pytest.raises(InputError, match="it fails: expected 2 channels"):
        probe(generator(fail))


def test_the_cure_names_the_other_polarity():
    with pytest.raises(InputError) as caught:
        probe(generator(lambda content: 1 - content))
    assert caught.value.cure == "polarity: ink_low"
    with pytest.raises(InputError) as caught:
        probe(generator(lambda content: content * 0.8, polarity="ink_low"))
    assert caught.value.cure == "polarity: ink_high"


def test_the_second_channel_is_content_too():
    with pytest.raises(InputError, match="the content itself"):
        probe(generator(lambda content: content[:, 1:], content_channels=2))
