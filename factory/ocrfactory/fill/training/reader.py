"""Training of the gate's reader, from top to bottom.

It never sees a generated picture, and shares nothing with the generator but the fonts. What it could learn wrongly is
that a style has no rare characters, since the fonts of most styles have none: so the classes that a face lacks are no
wrong answers for glyphs of that face. Of the characters that are held out from the generator, it sees each in half of
the faces: on the other half real and generated glyphs can be compared by an eye that knows neither.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F  # noqa: N812

from ocrfactory.errors import InputError
from ocrfactory.fill.designs import root_of
from ocrfactory.fill.heldout import is_held_out, is_unread
from ocrfactory.fill.networks import Reader
from ocrfactory.fill.training import checkpoint
from ocrfactory.fill.training.device import Device, seeded
from ocrfactory.fill.training.discriminant import Start, analyse, unanalysed
from ocrfactory.fill.training.generator import rate_share
from ocrfactory.fill.training.pack import GlyphPack
from ocrfactory.fill.training.sampling import FEW, HANGUL_SHARE, is_hangul
from ocrfactory.fill.training.settings import ReaderSettings
from ocrfactory.rng import stream


class Glyphs:
    """Which glyphs of a pack the reader learns from, and in what proportion.

    Args:
        pack: faces that are held out in it are never read.

    Raises:
        InputError: no face has enough characters.
    """

    def __init__(self, pack: GlyphPack) -> None:
        self.pack = pack
        held = {code for code in np.unique(pack.codes).tolist() if is_held_out(code)}
        self.pools: dict[int, list[npt.NDArray[np.int64]]] = {}
        families: dict[str, list[int]] = {}
        for number, face in enumerate(pack.faces):
            if face.held_out:
                continue
            codes = pack.codes_of(number)
            read = np.array([code not in held or not is_unread(face.id, code) for code in codes.tolist()], bool)
            rows = np.flatnonzero(read) + face.start
            hangul = is_hangul(pack.codes[rows])
            self.pools[number] = [pool for pool in (rows[~hangul], rows[hangul]) if len(pool) >= FEW]
            if self.pools[number]:
                families.setdefault(root_of(face.family), []).append(number)
        self.families = list(families.values())
        if not self.families:
            raise InputError(
                f"no face of the glyph pack has {FEW} characters of one script to train on",
                "make a pack with more faces or a larger charset",
            )
        weights = np.array([1 + 0.5 * (len(faces) - 1) for faces in self.families])
        self.shares = weights / weights.sum()
        rows = self.rows
        order = np.argsort(pack.codes[rows], kind="stable")
        self.sorted = rows[order]
        """All rows, by character; the characters start at `firsts`."""
        self.firsts = np.append(np.unique(pack.codes[self.sorted], return_index=True)[1], len(rows))

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Every glyph that may be drawn."""
        return np.concatenate([pool for pools in self.pools.values() for pool in pools])

    def draw(
        self, count: int, by_class: float, rng: np.random.Generator
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows of the pack, and the faces they are of; a share of them class by class."""
        chosen = self._by_class(int(count * by_class), rng)
        others, faces = self._by_family(count - len(chosen), rng)
        return np.concatenate([chosen, others]), np.concatenate([self.face_of(chosen), faces])

    def face_of(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The faces that rows of the pack are of."""
        found: npt.NDArray[np.int64] = np.searchsorted([face.stop for face in self.pack.faces], rows, side="right")
        return found

    def _by_class(self, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Each character as often as any other, however many faces draw it."""
        number = rng.integers(len(self.firsts) - 1, size=count)
        low, high = self.firsts[number], self.firsts[number + 1]
        rows: npt.NDArray[np.int64] = self.sorted[low + (rng.random(count) * (high - low)).astype(np.int64)]
        return rows

    def _by_family(self, count: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Each design as often as any other, however many weights it has."""
        rows, faces = np.empty(count, np.int64), np.empty(count, np.int64)
        for i, family in enumerate(rng.choice(len(self.families), size=count, p=self.shares).tolist()):
            face = self.families[family][rng.integers(len(self.families[family]))]
            pools = self.pools[face]
            pool = pools[1] if len(pools) == 2 and rng.random() < HANGUL_SHARE else pools[0]
            rows[i], faces[i] = pool[rng.integers(len(pool))], face
        return rows, faces


class ReaderTraining:
    """One training: all that changes while it goes on.

    Args:
        pack, settings, device: as for `GeneratorTraining`.
        fresh: False where `restore` follows, which brings all that the analysis would find.
    """

    def __init__(self, pack: GlyphPack, settings: ReaderSettings, device: Device, fresh: bool = True) -> None:
        self.pack, self.settings, self.device, self.pack_sha256 = pack, settings, device, pack.sha256
        self.glyphs = Glyphs(pack)
        rows = self.glyphs.rows
        start = analyse(pack, rows, settings.dimensions) if fresh else unanalysed(pack, rows, settings.dimensions)
        self.codes = start.codes
        self.number = np.searchsorted(start.codes, pack.codes)
        shown = torch.zeros(len(pack.faces), len(start.codes), dtype=torch.bool)
        for face, pools in self.glyphs.pools.items():
            for pool in pools:
                shown[face, torch.from_numpy(self.number[pool])] = True
        self.shown = shown.to(device.torch)
        with seeded(settings.seed):
            network = _started(settings, start)
        self.network = network.to(device=device.torch, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.classes = torch.nn.Parameter(torch.from_numpy(start.directions).to(device.torch))
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), settings.rate, betas=(0.9, 0.98), weight_decay=settings.decay
        )
        self.step = 0

    def advance(self) -> dict[str, float]:
        """One step; what it measured: `loss`, `top1` on worn glyphs, `rate`."""
        settings = self.settings
        rng = stream(settings.seed, f"read {self.step}")
        rows, faces = self.glyphs.draw(settings.rows, settings.by_class, rng)
        ink = self.device.ink(worn(self.pack.ink(rows), rng)[:, None])
        wanted = torch.from_numpy(self.number[rows]).to(self.device.torch)
        rate = self._set_rate()
        self.network.train()
        with self.device.autocast():
            likeness = self.network(ink) @ F.normalize(self.classes, dim=1).T
        likeness = likeness.float().masked_fill(~self.shown[torch.from_numpy(faces).to(self.device.torch)], -1.0)
        right = (likeness.detach().argmax(1) == wanted).float().mean()
        likeness = likeness.scatter_add(1, wanted[:, None], torch.full_like(likeness[:, :1], -settings.lead))
        loss = F.cross_entropy(settings.scale * likeness, wanted)
        if not torch.isfinite(loss):
            raise InputError(f"the loss is {loss.item()} at step {self.step}", "resume with a lower rate")
        self.optimizer.zero_grad(set_to_none=True)
        self.classes.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip)
        self.optimizer.step()
        self._move_classes(rate / settings.rate)
        self._follow()
        self.step += 1
        return {"loss": float(loss.detach()), "top1": float(right), "rate": rate}

    def _set_rate(self) -> float:
        share = rate_share(self.step, self.settings.warmup, self.settings.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.rate * share
        return self.settings.rate * share

    @torch.no_grad()
    def _move_classes(self, share: float) -> None:
        assert self.classes.grad is not None
        self.classes.sub_(self.settings.class_rate * share * self.classes.grad)
        self.classes.copy_(F.normalize(self.classes, dim=1))

    @torch.no_grad()
    def _follow(self) -> None:
        kept = min(self.settings.average, (self.step + 1) / (self.step + 10))
        for mean, value in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if value.dtype.is_floating_point:  # batch statistics as well as weights
                mean.lerp_(value, 1 - kept)

    def save(self, path: Path) -> None:
        """Write all that `restore` needs."""
        tensors = {
            **checkpoint.module_state("network", self.network),
            **checkpoint.module_state("average", self.average),
            **checkpoint.optimizer_state("optimizer", self.optimizer),
            "classes": self.classes,
        }
        checkpoint.save(path, tensors, checkpoint.facts_of(self))

    def restore(self, path: Path) -> dict[str, Any]:
        """Go on where a checkpoint was written; what it says beside its tensors.

        Raises:
            InputError: it is damaged, or of another training.
        """
        tensors, facts = checkpoint.load(path)
        checkpoint.refuse_other(path, facts, self)
        checkpoint.restore_module("network", self.network, tensors)
        checkpoint.restore_module("average", self.average, tensors)
        checkpoint.restore_optimizer("optimizer", self.optimizer, tensors)
        with torch.no_grad():
            self.classes.copy_(tensors["classes"])
        self.step = int(facts["step"])
        return facts

    @property
    def directions(self) -> npt.NDArray[np.float32]:
        """What stands for each class of `codes`: (classes, D), of length 1."""
        found: npt.NDArray[np.float32] = F.normalize(self.classes.detach(), dim=1).cpu().numpy()
        return found

    def read(self, ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Ink (N, 64, 64) to directions (N, D), by the averaged network."""
        return read_with(self.average, self.device, ink)


@torch.inference_mode()
def read_with(network: torch.nn.Module, device: Device, ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Ink (N, 64, 64) to directions (N, D), by a reader on a device."""
    parts = [network(device.ink(ink[i : i + 256, None])).cpu().numpy() for i in range(0, len(ink), 256)]
    return np.concatenate(parts)


def _started(settings: ReaderSettings, start: Start) -> Reader:
    network = Reader(**settings.network)
    with torch.no_grad():
        network.linear.weight.copy_(torch.from_numpy(start.weight))
        network.linear.bias.copy_(torch.from_numpy(start.bias))
        network.project.weight.mul_(0.3)  # the residual network starts as a small correction
        network.project.bias.zero_()
    return network


def worn(ink: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Glyphs as they are never twice the same: thicker or thinner, turned, sheared, moved, blurred, noisy."""
    out = np.empty_like(ink)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2))
    for i, picture in enumerate(ink):
        chance = rng.random(4)
        if chance[0] < 0.18:
            picture = cv2.dilate(picture, brush)
        elif chance[0] < 0.36 and picture.mean() > 28:  # hairlines would vanish
            picture = cv2.erode(picture, brush)
        if chance[1] < 0.85:
            picture = cv2.warpAffine(picture, _bent(rng, picture.shape[0]), picture.shape, flags=cv2.INTER_LINEAR)
        if chance[2] < 0.4:
            picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.1))
        if chance[3] < 0.25:
            noise = rng.normal(0, rng.uniform(3, 18), picture.shape)
            picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
        out[i] = picture
    return out


def _bent(rng: np.random.Generator, side: int) -> npt.NDArray[np.float64]:
    """A small affine map about the middle: up to 4 degrees, 14 % smaller to 10 % larger, sheared, moved by 2 pixels."""
    turn, shear = rng.uniform(-0.07, 0.07), rng.uniform(-0.08, 0.08)
    wide, high = rng.uniform(0.86, 1.1, 2)
    matrix = np.array([[wide * np.cos(turn), shear - high * np.sin(turn)], [wide * np.sin(turn), high * np.cos(turn)]])
    middle = np.full(2, (side - 1) / 2)
    return np.column_stack([matrix, middle - matrix @ middle + rng.uniform(-2, 2, 2)])
