"""Grounds: fields in tones, between the levels that were asked for."""

import numpy as np
import pytest
from ocrfactory.augment.grounds import KINDS, Grounds, ground_of
from ocrfactory.augment.op import Chance
from pydantic import ValidationError

DRAWN_KINDS = KINDS[1:-1]


def draw(kind, seed=1, **fields):
    grounds = Grounds(**{**dict.fromkeys(KINDS, 0.0), kind: 1.0, **fields})
    return grounds.draw(Chance(seed, "test"), ())


@pytest.mark.parametrize("kind", DRAWN_KINDS)
@pytest.mark.parametrize("size", [(64, 771), (32, 32), (700, 40), (1, 1), (64, 5000)])
def test_nine_tenths_of_a_ground_lie_between_its_levels(kind, size):
    for seed in range(5):
        drawn, _ = draw(kind, seed, grain=[0.1, 0.5])
        image = ground_of({**drawn, "low": 150, "high": 190}, *size, 40.0, ())
        assert image.shape == size
        assert image.dtype == np.uint8
        low, high = np.percentile(image, (7, 93))
        if kind in ("noise", "paper") and size[0] * size[1] < 2000:
            continue  # a few pixels may all be in the tail
        assert 140 <= low <= high <= 200, (kind, seed, low, high)


@pytest.mark.parametrize("kind", DRAWN_KINDS)
def test_a_ground_in_colour_goes_from_tone_to_tone(kind):
    drawn, _ = draw(kind)
    image = ground_of({**drawn, "low": [200, 150, 100], "high": [220, 190, 100]}, 64, 300, 40.0, ())
    assert image.shape == (64, 300, 3)
    assert np.ptp(image[..., 2]) == 0
    assert np.ptp(image[..., 0].astype(int)) < np.ptp(image[..., 1].astype(int))


@pytest.mark.parametrize("kind", DRAWN_KINDS)
def test_a_ground_depends_on_its_record_alone(kind):
    drawn, _ = draw(kind, 7)
    one = ground_of({**drawn, "low": 100, "high": 200}, 64, 300, 40.0, ())
    other, _ = draw(kind, 8)
    ground_of({**other, "low": 100, "high": 200}, 32, 500, 30.0, ())
    assert np.array_equal(one, ground_of({**drawn, "low": 100, "high": 200}, 64, 300, 40.0, ()))


def test_seeds_give_different_papers():
    drawn, _ = draw("paper", 1)
    papers = [ground_of({**drawn, "seed": seed, "low": 100, "high": 200}, 32, 64, 40.0, ()) for seed in (5, 6, 5000)]
    assert not np.array_equal(papers[0], papers[1])
    assert not np.array_equal(papers[0], papers[2])


def test_a_gradient_goes_from_side_to_side():
    drawn = {"kind": "gradient", "angle": 0.0, "radial": False, "low": 0, "high": 255}
    image = ground_of(drawn, 20, 400, 20.0, ())
    assert image[:, 0].max() == 0
    assert image[:, -1].min() == 255
    assert (np.diff(image[0].astype(int)) >= 0).all()


def test_stripes_at_no_angle_lie_along_the_line():
    drawn = {"kind": "stripes", "angle": 0.0, "share": 0.3, "pitch": 0.5, "seed": 3, "low": 0, "high": 255}
    image = ground_of(drawn, 60, 100, 20.0, ())
    assert (image == image[:, :1]).all()
    assert len(np.unique(image[:, 0])) > 1


def test_weights_decide_the_kind():
    chance = Chance(3, "test")
    kinds = {Grounds(plain=0, image=9).draw(chance, ())[0]["kind"] for _ in range(200)}
    assert kinds == set(KINDS) - {"plain", "image"}


def test_without_strength_a_ground_is_even():
    chance = Chance(3, "test", 0.0)
    assert all(Grounds().draw(chance, ())[1] == 0 for _ in range(30))


def test_no_weight_at_all_is_refused():
    with pytest.raises(ValidationError, match="weight 0"):
        Grounds(**dict.fromkeys(KINDS, 0.0))
