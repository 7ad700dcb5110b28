"""Where the data that ships with the package lies: font packs and recipes.

A wheel carries them inside the package; a checkout has them at its top level.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(kind: str) -> Path:
    """The folder of shipped data of one kind: `fonts` or `recipes`."""
    inside = _PACKAGE / "_data" / kind
    return inside if inside.is_dir() else _PACKAGE.parents[1] / kind
