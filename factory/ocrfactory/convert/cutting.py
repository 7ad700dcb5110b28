"""How boxes are cut: options alone, so that a plan needs no image library."""

from __future__ import annotations

import msgspec


class Cutting(msgspec.Struct, frozen=True):
    """How boxes are cut."""

    pad: float = 0.0
    """Share of a box's shorter side that is added at each of its sides."""
    warp: bool = False
    """Four points are straightened into a rectangle."""
    rotate_tall: float | None = None
    """Crops this many times as tall as wide are turned by a quarter."""
    turn: str = "ccw"
