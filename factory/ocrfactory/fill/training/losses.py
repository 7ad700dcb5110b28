"""What training lowers: structural similarity, adversarial and matching losses."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

C1, C2 = 0.01**2, 0.03**2


@lru_cache(4)
def _window(size: int, sigma: float) -> Tensor:
    at = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
    weights = torch.exp(-(at**2) / (2 * sigma**2))
    return weights / weights.sum()


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity of each pair, (N,), of pictures (N, 1, H, W) in 0 to 1.

    Wang et al. 2004: a Gaussian window of 11 pixels, sigma 1.5, K1 0.01, K2 0.03; only windows that lie inside.
    """
    window = _window(11, 1.5).to(a.device)
    maps = torch.cat([a, b, a * a, b * b, a * b], 1)
    maps = F.conv2d(maps, window.view(1, 1, -1, 1).expand(5, 1, -1, 1), groups=5)
    maps = F.conv2d(maps, window.view(1, 1, 1, -1).expand(5, 1, 1, -1), groups=5)
    mean_a, mean_b, aa, bb, ab = maps.unbind(1)
    var_a, var_b, both = aa - mean_a**2, bb - mean_b**2, ab - mean_a * mean_b
    quality = ((2 * mean_a * mean_b + C1) * (2 * both + C2)) / ((mean_a**2 + mean_b**2 + C1) * (var_a + var_b + C2))
    return quality.flatten(1).mean(1)


def hinge_discriminator(real: Tensor, drawn: Tensor) -> Tensor:
    """What the discriminator lowers (Lim and Ye 2017)."""
    return F.relu(1 - real).mean() + F.relu(1 + drawn).mean()


def feature_matching(real: list[Tensor], drawn: list[Tensor]) -> Tensor:
    """How far features of drawn pictures are from those of the true ones (Salimans et al. 2016)."""
    return torch.stack([F.l1_loss(b.float(), a.detach().float()) for a, b in zip(real, drawn, strict=True)]).mean()
