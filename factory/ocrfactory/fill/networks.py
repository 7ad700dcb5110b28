"""The networks: the generator with its style encoder, the discriminator, and the gate's glyph reader.

Every picture is 64 x 64, ink high, 0 to 1. All work starts at 32 x 32 with four pixels as channels (space to depth,
Shi et al. 2016): at 64 px a stroke is two pixels wide, so nothing is lost, and a convolution costs a quarter.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that everybody knows it by

from ocrfactory.errors import InputError

EVEN = math.sqrt(0.5)
"""Brings the sum of two signals back to the scale of one."""


class ModConv(nn.Module):
    """A 3 x 3 convolution whose input channels are weighed by the style, and whose output is brought back to scale.

    Weight modulation and demodulation of StyleGAN2 (Karras et al. 2020, section 2.2), written as a scaling before and
    one after the convolution, so that a batch may hold many styles and no normalisation layer is needed.
    """

    def __init__(self, inputs: int, outputs: int, style: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3) * (inputs * 9) ** -0.5)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = nn.Linear(style, inputs)
        nn.init.normal_(self.scale.weight, std=0.5 * style**-0.5)
        nn.init.ones_(self.scale.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(N, inputs, H, W), (N, style) -> (N, outputs, H, W)."""
        scale = self.scale(style).float()
        level = torch.rsqrt(scale.square() @ self.weight.float().square().sum((2, 3)).T + 1e-6)
        x = F.conv2d(x * scale[:, :, None, None].to(x.dtype), self.weight, stride=self.stride, padding=1)
        return x * level[:, :, None, None].to(x.dtype) + self.bias[None, :, None, None].to(x.dtype)


class Block(nn.Module):
    """Two styled convolutions beside a shortcut."""

    def __init__(self, width: int, style: int) -> None:
        super().__init__()
        self.first, self.second = ModConv(width, width, style), ModConv(width, width, style)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(N, width, H, W) -> the same shape."""
        y = self.second(F.silu(self.first(F.silu(x), style)), style)
        mixed: Tensor = (x + y) * EVEN
        return mixed


class StyleEncoder(nn.Module):
    """The style of a few reference glyphs: what is common to them, whatever they show."""

    def __init__(self, width: int, style: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(16, 2 * width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(4 * width, 4 * width, 3, padding=1),
            nn.SiLU(),
        )
        self.head = nn.Sequential(nn.Linear(8 * width, style), nn.SiLU(), nn.Linear(style, style))

    def forward(self, references: Tensor) -> Tensor:
        """(B, K, 1, 64, 64) -> (B, style)."""
        batch, count = references.shape[:2]
        features = self.layers(references.flatten(0, 1)).float().flatten(2)
        pooled = torch.cat([features.mean(2), features.square().mean(2).sqrt()], 1)
        style: Tensor = self.head(pooled.reshape(batch, count, -1).mean(1))
        return style * torch.rsqrt(style.square().mean(1, keepdim=True) + 1e-6)


class UNet(nn.Module):
    """The generator: content pictures in, the same character in the style out (after zi2zi, Tian 2017)."""

    def __init__(self, width: int = 32, style: int = 128, channels: int = 2, encoder: int = 16) -> None:
        super().__init__()
        c, last = width, max(8, width // 4)
        self.encoder = StyleEncoder(encoder, style)
        self.stem, self.enter = ModConv(4 * channels, c, style), Block(c, style)
        self.down1, self.middle1 = ModConv(c, 2 * c, style, 2), Block(2 * c, style)
        self.down2 = ModConv(2 * c, 4 * c, style, 2)
        self.deep = nn.ModuleList(Block(4 * c, style) for _ in range(3))
        self.up2 = ModConv(4 * c, 2 * c, style)
        self.middle2 = nn.ModuleList(Block(2 * c, style) for _ in range(2))
        self.up1 = ModConv(2 * c, c, style)
        self.leave = nn.ModuleList(Block(c, style) for _ in range(2))
        self.wide = ModConv(c, 4 * last, style)
        self.fine = ModConv(last + channels, last, style)
        self.ink = nn.Conv2d(last, 1, 3, padding=1)
        self.copy = nn.Parameter(torch.full((channels,), 2.0))  # training starts from the content, not from nothing
        self.paper = nn.Parameter(torch.tensor(-2.0))

    def encode(self, references: Tensor) -> Tensor:
        """Reference glyphs (B, K, 1, 64, 64) to styles (B, style)."""
        return self.encoder(references)  # type: ignore[no-any-return]

    def forward(self, content: Tensor, style: Tensor) -> Tensor:
        """Content (N, channels, 64, 64), styles (N, style) to ink (N, 1, 64, 64)."""
        return torch.sigmoid(self.logits(content, style))

    def logits(self, content: Tensor, style: Tensor) -> Tensor:
        """As `forward`, before the sigmoid: what a loss can follow where ink is certain."""
        a = self.enter(self.stem(F.pixel_unshuffle(content, 2), style), style)
        b = self.middle1(self.down1(a, style), style)
        x = self.down2(b, style)
        for block in self.deep:
            x = block(x, style)
        x = (self.up2(F.interpolate(x, scale_factor=2.0), style) + b) * EVEN
        for block in self.middle2:
            x = block(x, style)
        x = (self.up1(F.interpolate(x, scale_factor=2.0), style) + a) * EVEN
        for block in self.leave:
            x = block(x, style)
        x = F.pixel_shuffle(F.silu(self.wide(x, style)), 2)
        x = F.silu(self.fine(torch.cat([x, content.to(x.dtype)], 1), style))
        copied = (content.float() * self.copy[:, None, None]).sum(1, keepdim=True)
        logits: Tensor = self.ink(x).float() + copied + self.paper
        return logits


class Discriminator(nn.Module):
    """Real or drawn, patch by patch, given content and style (PatchGAN, Isola et al. 2017; projection, Miyato 2018)."""

    def __init__(self, width: int = 32, style: int = 128, channels: int = 2) -> None:
        super().__init__()
        norm = nn.utils.spectral_norm
        self.stages = nn.ModuleList(
            [
                norm(nn.Conv2d(4 * (channels + 1), width, 3, padding=1)),
                norm(nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)),
                norm(nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1)),
            ]
        )
        self.score = norm(nn.Conv2d(4 * width, 1, 3, padding=1))
        self.project = norm(nn.Linear(style, 4 * width))

    def forward(self, ink: Tensor, content: Tensor, style: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Ink (N, 1, 64, 64) to scores (N, 1, 8, 8), and the features that it judged by."""
        x = F.pixel_unshuffle(torch.cat([ink, content], 1), 2)
        features = []
        for stage in self.stages:
            x = F.leaky_relu(stage(x), 0.2)
            features.append(x)
        return self.score(x) + (self.project(style)[:, :, None, None] * x).mean(1, keepdim=True), features


class Reader(nn.Module):
    """The gate's glyph reader: a picture to a direction that is the same for every font.

    A linear reading of the picture at 16 x 16, found by discriminant analysis before training (Fisher 1936), tells most
    print apart; a residual network adds what it misses.
    """

    def __init__(self, width: int = 32, dimensions: int = 128) -> None:
        super().__init__()
        c = width
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(4, c, 3, padding=1, bias=False), nn.BatchNorm2d(c))
        widths = [(c, 2 * c, 2), (2 * c, 2 * c, 1), (2 * c, 4 * c, 2), (4 * c, 4 * c, 1), (4 * c, 8 * c, 2)]
        self.blocks = nn.ModuleList(Residual(*each) for each in widths)
        self.head = nn.Sequential(
            nn.Conv2d(8 * c, 2 * c, 1, bias=False), nn.BatchNorm2d(2 * c), nn.ReLU(), nn.Flatten()
        )
        self.project = nn.Linear(2 * c * 16, dimensions)
        self.linear = nn.Linear(256, dimensions)

    def forward(self, ink: Tensor) -> Tensor:
        """(N, 1, 64, 64) -> unit vectors (N, dimensions)."""
        coarse = F.avg_pool2d(ink.float(), 4).flatten(1)
        coarse = F.normalize(coarse - coarse.mean(1, keepdim=True), dim=1)
        x = F.relu(self.stem(ink))
        for block in self.blocks:
            x = block(x)
        return F.normalize(self.project(self.head(x)).float() + F.normalize(self.linear(coarse).float(), dim=1), dim=1)


class Residual(nn.Module):
    """Two convolutions beside a shortcut (He et al. 2016), with batch statistics that fold away at run time."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = (
            nn.Identity()
            if inputs == outputs and stride == 1
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)."""
        return F.relu(self.body(x) + self.shortcut(x))


ARCHITECTURES: dict[str, type[nn.Module]] = {"unet": UNet, "reader": Reader}


def build(architecture: str, config: dict[str, Any]) -> nn.Module:
    """A network by its name, with weights that mean nothing yet.

    Raises:
        InputError: there is no such architecture, or it does not know these settings.
    """
    if architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise InputError(f"no architecture is called {architecture!r}", f"built in: {known}")
    try:
        return ARCHITECTURES[architecture](**config)
    except TypeError as error:
        raise InputError(f"architecture {architecture!r} with {config}: {error}") from error
