"""Where samples come from: one file each, and the closed union that a recipe may name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ocrfactory.sources.dataset import Dataset
from ocrfactory.sources.glyphs import Glyphs
from ocrfactory.sources.lines import Lines
from ocrfactory.sources.trdg import Trdg

AnySource = Annotated[Glyphs | Lines | Trdg | Dataset, Field(discriminator="kind")]
"""Every kind of source, told apart by `kind`."""
