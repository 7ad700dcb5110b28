"""What training lowers: likeness of structure, and the judgement of a discriminator."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ocrfactory.fill import similarity  # noqa: E402 - after torch is known to be there
from ocrfactory.fill.training.losses import feature_matching, hinge_discriminator, ssim  # noqa: E402

from tests.fill.training.packs import glyph  # noqa: E402


def pair(seed=0, count=3):
    rng = np.random.default_rng(seed)
    ink = np.stack([glyph(0x4E00 + i, 4) for i in range(count)])
    noisy = np.clip(ink + rng.normal(0, 60, ink.shape), 0, 255).astype(np.uint8)
    return ink, noisy


def values(ink):
    return torch.from_numpy(ink)[:, None].float() / 255


def test_equal_pictures_are_alike_to_one():
    ink, _ = pair()
    assert ssim(values(ink), values(ink)).tolist() == pytest.approx([1, 1, 1], abs=1e-5)


def test_likeness_is_the_same_from_both_sides_and_below_one_for_others():
    a, b = map(values, pair())
    assert ssim(a, b).tolist() == pytest.approx(ssim(b, a).tolist(), abs=1e-6)
    assert (ssim(a, b) < 0.9).all()
    assert (ssim(a, 1 - a) < 0).all()


def test_likeness_is_that_of_the_evaluation():
    a, b = pair(1, 6)
    assert ssim(values(a), values(b)).tolist() == pytest.approx(similarity.ssim(a, b).tolist(), abs=1e-4)


def test_likeness_has_a_gradient_that_raises_it():
    a, b = map(values, pair())
    drawn = b.clone().requires_grad_(True)
    before = ssim(drawn, a).mean()
    before.backward()
    assert torch.isfinite(drawn.grad).all()
    assert ssim(b + 5 * drawn.grad, a).mean() > before


def test_the_discriminator_is_content_when_it_tells_them_apart():
    assert hinge_discriminator(torch.tensor([1.5, 2.0]), torch.tensor([-1.0, -3.0])) == 0
    assert hinge_discriminator(torch.zeros(4), torch.zeros(4)) == 2
    assert hinge_discriminator(torch.tensor([-1.0]), torch.tensor([1.0])) == 4


def test_features_match_by_their_mean_distance_and_only_the_drawn_ones_learn():
    real = [torch.ones(2, 3, requires_grad=True), torch.zeros(4)]
    drawn = [torch.zeros(2, 3, requires_grad=True), torch.full((4,), 0.5)]
    loss = feature_matching(real, drawn)
    assert loss.item() == pytest.approx(0.75)
    loss.backward()
    assert real[0].grad is None
    assert drawn[0].grad is not None
    assert feature_matching(real, real).item() == 0
