"""All numbers of a training, by preset. What the results depend on is here and nowhere else."""

from __future__ import annotations

import msgspec

from ocrfactory.errors import UsageError


class GeneratorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a generator is trained."""

    width: int
    """Channels at 32 x 32; twice and four times as many below."""
    steps: int
    styles: int
    """Faces in a batch."""
    rows: int
    """Characters of each face in a batch."""
    references: int = 16
    """Reference glyphs that make a style when it is used."""
    shown: int = 8
    """Reference glyphs that make a style while training: fewer, so that it cannot lean on one."""
    rate: float = 1e-3
    """Highest learning rate of AdamW; the discriminator has half of it."""
    warmup: int = 200
    """Steps until the rate is reached; then it falls along a cosine to a fiftieth."""
    decay: float = 1e-4
    average: float = 0.999
    """Of the moving average of weights that is kept."""
    clip: float = 1.0
    """Greatest norm of a gradient."""
    similarity: float = 0.5
    """Weight of 1 - SSIM beside cross entropy."""
    adversarial_from: float = 0.7
    """Share of the steps after which the discriminator joins: structure first, edges after."""
    adversarial: float = 0.02
    matching: float = 0.5
    """Weight of feature matching, with the discriminator."""
    seed: int = 0

    @property
    def network(self) -> dict[str, int]:
        """Configuration of `networks.UNet`."""
        return {"width": self.width}


class ReaderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the gate's reader is trained."""

    width: int
    steps: int
    rows: int
    """Glyphs in a batch."""
    dimensions: int = 128
    rate: float = 1e-3
    class_rate: float = 0.5
    """Of the directions of the classes, by plain descent: Adam would move a class as far for a thousandth of a hint,
    and most classes are only ever hinted at."""
    by_class: float = 0.5
    """Share of a batch that is drawn class by class; the rest is drawn family by family."""
    warmup: int = 200
    decay: float = 5e-4
    average: float = 0.998
    clip: float = 5.0
    scale: float = 24.0
    """Of cosines before the softmax."""
    lead: float = 0.15
    """Margin that the right class must have while training (CosFace, Wang et al. 2018)."""
    seed: int = 1

    @property
    def network(self) -> dict[str, int]:
        """Configuration of `networks.Reader`."""
        return {"width": self.width, "dimensions": self.dimensions}


GENERATORS: dict[str, GeneratorSettings] = {
    "nano": GeneratorSettings(width=8, steps=60, styles=4, rows=8, warmup=10, shown=4, references=4),
    "fast": GeneratorSettings(width=32, steps=12_000, styles=8, rows=8),
    "full": GeneratorSettings(width=48, steps=12_000, styles=64, rows=16),
}
READERS: dict[str, ReaderSettings] = {
    "gate-nano": ReaderSettings(width=8, steps=60, rows=64, dimensions=32, warmup=10),
    "gate": ReaderSettings(width=32, steps=3_000, rows=256),
}


def preset(name: str) -> GeneratorSettings | ReaderSettings:
    """The settings of a preset.

    Raises:
        UsageError: there is none of this name.
    """
    found = GENERATORS.get(name) or READERS.get(name)
    if found is None:
        raise UsageError(f"--preset {name!r}: one of {', '.join([*GENERATORS, *READERS])}")
    return found
