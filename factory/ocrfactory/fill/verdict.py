"""What the gate says of one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """Admitted or not, and why."""

    reason: str | None
    """Why it was refused, as a reason of the ledger: `gate_ink`, `gate_class`, ...; None: admitted."""
    scores: dict[str, float]
    """What was measured, for `attrs.gate`: the same names for every picture of one gate."""
    detail: str = ""
    """What was seen, for people: `reads as U+5DF3`."""


class Gate(Protocol):
    """Judges pictures of one target face."""

    id: str
    """Name and first 16 hex digits of the SHA-256 of what it decides by."""

    def judge(
        self, pictures: npt.NDArray[np.uint8], classes: Sequence[str], content: npt.NDArray[np.uint8]
    ) -> list[Verdict]:
        """One verdict a picture: ink (N, 64, 64), what each should show, its content glyphs (N, channels, 64, 64)."""
        ...
