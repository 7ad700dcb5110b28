"""Where samples come from: one file each, and the closed union that a recipe may name."""

from __future__ import annotations

from ocrfactory.sources.glyphs import Glyphs

AnySource = Glyphs
"""Every kind of source, told apart by `kind`. With the second kind this becomes a discriminated union."""
