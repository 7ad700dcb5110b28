"""Training of a generator, from top to bottom: networks, losses, schedule, loop.

First cross entropy and structural similarity alone; after `adversarial_from` of the steps a discriminator joins, with
feature matching. A batch is a function of its number, and nothing else is drawn by chance, so a run that was stopped
and resumed ends with the same weights as one that was not.
"""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from ocrfactory.errors import InputError
from ocrfactory.fill.networks import Discriminator, UNet
from ocrfactory.fill.training import checkpoint
from ocrfactory.fill.training.device import Device, seeded
from ocrfactory.fill.training.losses import feature_matching, hinge_discriminator, ssim
from ocrfactory.fill.training.pack import GlyphPack
from ocrfactory.fill.training.sampling import Batches, jitter
from ocrfactory.fill.training.settings import GeneratorSettings
from ocrfactory.rng import stream


class GeneratorTraining:
    """One training: all that changes while it goes on.

    Args:
        pack: the glyphs that it learns from.
        settings: see there.
        device: where it runs.
    """

    def __init__(self, pack: GlyphPack, settings: GeneratorSettings, device: Device) -> None:
        self.settings, self.device, self.pack_sha256 = settings, device, pack.sha256
        self.batches = Batches(pack, settings.styles, settings.rows, settings.shown, settings.seed)
        place = {"device": device.torch, "memory_format": torch.channels_last}
        with seeded(settings.seed):
            self.generator = UNet(**settings.network).to(**place)  # type: ignore[call-overload]
            self.discriminator = Discriminator().to(**place)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        adam = {"betas": (0.9, 0.99), "weight_decay": settings.decay}
        self.optimizer = torch.optim.AdamW(self.generator.parameters(), settings.rate, **adam)  # type: ignore[arg-type]
        self.critic = torch.optim.AdamW(self.discriminator.parameters(), settings.rate / 2, betas=(0.5, 0.99))
        self.step = 0

    def advance(self) -> dict[str, float]:
        """One step; what it measured: `l1`, `ssim`, `copy` (SSIM of the content itself), losses, `rate`."""
        settings, batch = self.settings, self.batches(self.step)
        moved = jitter(batch.content, stream(settings.seed, f"jitter {self.step}"))
        content, target = self.device.ink(moved), self.device.ink(batch.target[:, None])
        references = self.device.ink(batch.references)[:, :, None]
        rate = self._set_rate()
        with self.device.autocast():
            styles = self.generator.encode(references)[torch.from_numpy(batch.style_of).to(self.device.torch)]
            logits = self.generator.logits(content, styles)
        drawn = torch.sigmoid(logits)
        alike = ssim(drawn, target).mean()
        loss = 0.5 * F.binary_cross_entropy_with_logits(logits, target) + settings.similarity * (1 - alike)
        with torch.no_grad():
            measured = {"l1": F.l1_loss(drawn, target), "ssim": alike}
            measured["copy"] = ssim(content.amax(1, keepdim=True), target).mean()
        if self.step >= settings.adversarial_from * settings.steps:
            measured["critic"] = self._teach(target, drawn.detach(), content, styles.detach())
            fooled = self._adversarial(target, drawn, content, styles.detach())
            measured["adversarial"], loss = fooled, loss + fooled
        self._descend(self.optimizer, self.generator, loss)
        self._follow()
        self.step += 1
        return {name: float(value.detach()) for name, value in measured.items()} | {"rate": rate}

    def _teach(self, real: Tensor, drawn: Tensor, content: Tensor, styles: Tensor) -> Tensor:
        """One step of the discriminator."""
        with self.device.autocast():
            on_real, on_drawn = (self.discriminator(ink, content, styles)[0] for ink in (real, drawn))
        loss = hinge_discriminator(on_real.float(), on_drawn.float())
        self._descend(self.critic, self.discriminator, loss)
        return loss.detach()

    def _adversarial(self, real: Tensor, drawn: Tensor, content: Tensor, styles: Tensor) -> Tensor:
        """What the discriminator adds to the generator's loss."""
        with self.device.autocast():
            scores, features = self.discriminator(drawn, content, styles)
            with torch.no_grad():
                wanted = self.discriminator(real, content, styles)[1]
        matching = feature_matching(wanted, features)
        loss: Tensor = self.settings.matching * matching - self.settings.adversarial * scores.float().mean()
        return loss

    def _descend(self, optimizer: torch.optim.Optimizer, module: torch.nn.Module, loss: Tensor) -> None:
        if not torch.isfinite(loss):
            raise InputError(f"the loss is {loss.item()} at step {self.step}", "resume with a lower rate")
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(module.parameters(), self.settings.clip)
        optimizer.step()

    def _set_rate(self) -> float:
        share = rate_share(self.step, self.settings.warmup, self.settings.steps)
        for optimizer, highest in ((self.optimizer, self.settings.rate), (self.critic, self.settings.rate / 2)):
            for group in optimizer.param_groups:
                group["lr"] = highest * share
        return self.settings.rate * share

    @torch.no_grad()
    def _follow(self) -> None:
        kept = min(self.settings.average, (self.step + 1) / (self.step + 10))
        for mean, value in zip(self.average.parameters(), self.generator.parameters(), strict=True):
            mean.lerp_(value, 1 - kept)

    def save(self, path: Path) -> None:
        """Write all that `restore` needs."""
        tensors = {
            **checkpoint.module_state("generator", self.generator),
            **checkpoint.module_state("average", self.average),
            **checkpoint.module_state("discriminator", self.discriminator),
            **checkpoint.optimizer_state("optimizer", self.optimizer),
            **checkpoint.optimizer_state("critic", self.critic),
        }
        checkpoint.save(path, tensors, checkpoint.facts_of(self))

    def restore(self, path: Path) -> dict[str, Any]:
        """Go on where a checkpoint was written; what it says beside its tensors.

        Raises:
            InputError: it is damaged, or of another training.
        """
        tensors, facts = checkpoint.load(path)
        checkpoint.refuse_other(path, facts, self)
        for name in ("generator", "average", "discriminator"):
            checkpoint.restore_module(name, getattr(self, name), tensors)
        for name in ("optimizer", "critic"):
            checkpoint.restore_optimizer(name, getattr(self, name), tensors)
        self.step = int(facts["step"])
        return facts

    @torch.no_grad()
    def draw(self, content: Any, references: Any) -> Any:
        """Content (N, 2, 64, 64) in the style of references (K, 64, 64), by the averaged generator: ink (N, 64, 64)."""
        with self.device.autocast():
            style = self.average.encode(self.device.ink(references)[None, :, None])
            drawn = self.average(self.device.ink(content), style.expand(len(content), -1))
        return (drawn[:, 0] * 255).round().to(torch.uint8).cpu().numpy()


def rate_share(step: int, warmup: int, steps: int) -> float:
    """Share of the highest learning rate: a linear rise, then a cosine to a fiftieth (Loshchilov and Hutter 2017)."""
    if step < warmup:
        return (step + 1) / warmup
    along = min(1.0, (step - warmup) / max(1, steps - warmup))
    return 0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * along))
