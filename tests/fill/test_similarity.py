"""How alike pictures are: the figures of the definition, and those that training sees."""

import cv2
import numpy as np
import pytest
from ocrfactory.errors import OcrFactoryError
from ocrfactory.fill.similarity import distance, shifted_ssim, ssim


def glyphs(count=6, side=64, seed=0):
    """Soft blobs of ink, as glyphs are: neither noise nor plain."""
    rng = np.random.default_rng(seed)
    rough = np.where(rng.random((count, side, side)) > 0.8, 255, 0).astype(np.uint8)
    return np.stack([cv2.GaussianBlur(picture, (0, 0), 1.5) for picture in rough])


def by_definition(a, b):
    """SSIM of one pair, window by window (Wang et al. 2004)."""
    at = np.arange(11) - 5.0
    weights = np.exp(-(at[:, None] ** 2 + at[None] ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    a, b = a / 255, b / 255
    found = []
    for y in range(a.shape[0] - 10):
        for x in range(a.shape[1] - 10):
            p, q = a[y : y + 11, x : x + 11], b[y : y + 11, x : x + 11]
            mean_p, mean_q = (weights * p).sum(), (weights * q).sum()
            var_p, var_q = (weights * (p - mean_p) ** 2).sum(), (weights * (q - mean_q) ** 2).sum()
            both = (weights * (p - mean_p) * (q - mean_q)).sum()
            found.append(
                (2 * mean_p * mean_q + 1e-4)
                * (2 * both + 9e-4)
                / ((mean_p**2 + mean_q**2 + 1e-4) * (var_p + var_q + 9e-4))
            )
    return np.mean(found)


def test_the_same_is_one_and_nothing_apart():
    pictures = glyphs()
    assert np.allclose(ssim(pictures, pictures), 1)
    assert np.allclose(shifted_ssim(pictures, pictures), 1)
    assert not distance(pictures, pictures).any()


def test_structural_similarity_is_that_of_the_definition():
    a, b = glyphs(3, 24, 1), glyphs(3, 24, 2)
    assert np.allclose(ssim(a, b), [by_definition(x, y) for x, y in zip(a, b, strict=True)], atol=1e-4)


def test_it_is_what_training_lowers():
    torch = pytest.importorskip("torch")
    from ocrfactory.fill.training.losses import ssim as of_training

    a, b = glyphs(seed=3), glyphs(seed=4)
    theirs = of_training(*(torch.from_numpy(each)[:, None].float() / 255 for each in (a, b)))
    assert np.allclose(ssim(a, b), theirs.numpy(), atol=1e-4)


def test_a_shift_by_two_pixels_costs_nothing_where_it_is_allowed():
    a = glyphs()
    b = np.roll(a, (2, -1), (1, 2))
    assert np.allclose(shifted_ssim(a, b), 1)
    assert (ssim(a, b) < 0.6).all()
    assert (shifted_ssim(a, np.roll(a, 4, 1)) < 0.9).all()


def test_distance_is_a_share_of_the_full_range():
    white, black = np.zeros((2, 16, 16), np.uint8), np.full((2, 16, 16), 255, np.uint8)
    assert distance(white, black).tolist() == [1, 1]
    assert np.allclose(distance(black, black - np.uint8(51)), 0.2)


@pytest.mark.parametrize("shape", [(3, 64, 64), (2, 64, 63), (2, 8, 8), (64, 64)])
@pytest.mark.parametrize("measure", [distance, ssim])
def test_what_is_no_pair_is_refused(measure, shape):
    other = (2, 64, 64) if shape != (2, 8, 8) and len(shape) == 3 else shape
    with pytest.raises(OcrFactoryError, match="pairs"):
        measure(np.zeros(shape, np.uint8), np.zeros(other, np.uint8))
