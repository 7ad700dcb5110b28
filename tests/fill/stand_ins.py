"""Stand-ins for what is trained: a generator that is a real file, and gates that refuse what a test says."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from ocrfactory.fill.verdict import Verdict

REFERENCES = 4


def make_blur(path: Path, *, channels: int = 2, size: int = 64, broken: bool = False) -> Path:
    """A generator in TorchScript with its sidecar: the content blurred, as dark as the references are.

    Args:
        broken: it passes the first look, and fails where there is no kai-like content.
    """
    import torch

    class Blur(torch.nn.Module):
        def __init__(self, broken: bool) -> None:
            super().__init__()
            self.broken = broken

        def forward(self, content: torch.Tensor, refs: torch.Tensor) -> torch.Tensor:
            if self.broken and bool(content[:, -1].max() == 0):
                raise RuntimeError("out of paint")
            ink = torch.nn.functional.avg_pool2d(content.amax(1, keepdim=True), 3, 1, 1)
            return ink * (0.5 + refs.mean((1, 2, 3, 4)).clamp(0, 0.5)).view(-1, 1, 1, 1)

    torch.jit.script(Blur(broken)).save(str(path))
    facts = {
        "format": "ocrfactory-generator/1",
        "size": size,
        "content_channels": channels,
        "style": "refs",
        "k": REFERENCES,
        "inputs": ["content", "style_refs"],
        "output": "glyph",
        "licence": "CC0-1.0",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    path.with_suffix(".json").write_text(json.dumps(facts), "utf-8")
    return path


class StandInGate:
    """Refuses some classes always, and others a number of times; its id is that of its rules."""

    def __init__(
        self, refused: Iterable[str] = (), at_first: dict[str, int] | None = None, id: str | None = None
    ) -> None:
        self.refused, self.at_first = frozenset(refused), dict(at_first or {})
        rules = json.dumps([sorted(self.refused), self.at_first], sort_keys=True)
        self.id = id or f"stand-in-{hashlib.sha256(rules.encode()).hexdigest()[:16]}"
        self.asked: Counter[str] = Counter()
        self.batches: list[int] = []

    def judge(self, pictures: np.ndarray, classes: Sequence[str], content: np.ndarray) -> list[Verdict]:
        assert pictures.shape == (len(classes), 64, 64)
        assert content.shape == (len(classes), 2, 64, 64)
        assert pictures.dtype == content.dtype == np.uint8
        assert content.any(axis=(1, 2, 3)).all()
        self.batches.append(len(classes))
        self.asked.update(set(classes))
        return [self._verdict(text, picture) for text, picture in zip(classes, pictures, strict=True)]

    def _verdict(self, text: str, picture: np.ndarray) -> Verdict:
        scores = {"ink": float(picture.mean()) / 255, "margin": 1 / 3}
        if text in self.refused or self.asked[text] <= self.at_first.get(text, 0):
            return Verdict("gate_class", scores, "reads as another")
        return Verdict(None, scores)
