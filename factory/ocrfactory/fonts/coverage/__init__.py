"""What fonts really draw: verdicts on drawn pixels (facts), found by a child that may die (probe), for classes (cover),
and for people (audit)."""

from __future__ import annotations

from ocrfactory.fonts.coverage.cover import Coverage, cover, cover_all, drawn_characters
from ocrfactory.fonts.coverage.facts import REASONS

__all__ = ["REASONS", "Coverage", "cover", "cover_all", "drawn_characters"]
