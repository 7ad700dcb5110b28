"""Where samples come from: one file each, and the closed union that a recipe may name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ocrfactory.sources.aihub import Aihub
from ocrfactory.sources.coco import Coco
from ocrfactory.sources.dataset import Dataset
from ocrfactory.sources.folder import Folder
from ocrfactory.sources.glyphs import Glyphs
from ocrfactory.sources.hf import Hf
from ocrfactory.sources.latex import Latex
from ocrfactory.sources.lines import Lines
from ocrfactory.sources.lmdb import Lmdb
from ocrfactory.sources.mmocr import Mmocr
from ocrfactory.sources.paddle import Paddle
from ocrfactory.sources.rare import Rare
from ocrfactory.sources.trdg import Trdg
from ocrfactory.sources.trdg_folder import TrdgFolder

AnySource = Annotated[
    Glyphs | Lines | Trdg | Rare | Dataset | Aihub | Lmdb | Paddle | Mmocr | Folder | TrdgFolder | Hf | Coco | Latex,
    Field(discriminator="kind"),
]
"""Every kind of source, told apart by `kind`."""
