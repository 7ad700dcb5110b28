"""What an augmentation recipe does, to look at: the same samples before, after each op alone, and after all of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrfactory import plan, write
from ocrfactory.augment.combine import OneOf, walk
from ocrfactory.augment.files import with_files
from ocrfactory.augment.recipes import AugmentRecipe
from ocrfactory.augment.run import Augmenter
from ocrfactory.errors import EmptyPlanError, Reject
from ocrfactory.recipe import Recipe
from ocrfactory.sample import Sample
from ocrfactory.sources.source import Context
from ocrfactory.work import opened

SAMPLES = 3
"""Samples of each part, and how often chance is asked again for the last rows."""
_SIDE, _GAP, _WIDEST, _TALLEST = 170, 6, 420, 420


class _Band(NamedTuple):
    label: str
    pictures: list[Image.Image]


def augment_sheet(recipe: Recipe, out: Path, context: Context) -> list[str]:
    """Draw and write the sheet of a data-set recipe; gives the rejects that there were, in words.

    Raises:
        EmptyPlanError: no part has ops, or nothing could be drawn.
        InputError, FontError: see `plan.make_plan`.
    """
    whole = plan.make_plan(recipe, context).plan
    bands: list[_Band] = []
    rejects: list[str] = []
    for number, part in enumerate(recipe.parts):
        if part.augment is None:
            continue
        rows = range(min(whole.parts[number].items, 40))
        drawn = [found for found in opened(whole, number).draw(rows) if isinstance(found, Sample)][:SAMPLES]
        ops = with_files(part.augment.ops, whole.parts[number].files)
        bands += _bands(part.source.name, part.augment.model_copy(update={"ops": ops}), drawn, rejects)
    if not bands:
        raise EmptyPlanError("no part of this recipe has ops and samples to show them on")
    data = io.BytesIO()
    _sheet(bands).save(data, "PNG", optimize=True)
    write.write_bytes(out, data.getvalue())
    return rejects


def _bands(name: str, recipe: AugmentRecipe, samples: Sequence[Sample], rejects: list[str]) -> list[_Band]:
    bands = [_Band(f"{name}\nbefore", [_picture(sample) for sample in samples])]
    for op in walk(recipe.ops):
        if isinstance(op, OneOf):
            continue  # its choices are shown one by one
        certain = op.model_copy(update={"p": 1.0})
        share = "" if op.p >= 1 else f"  (p {op.p:g})"
        bands.append(_Band(f"{op.op}{share}", _after(Augmenter([certain], None), samples, rejects)))
    for again in range(SAMPLES):
        others = [msgspec.structs.replace(sample, seed=(sample.seed + again) % 2**53) for sample in samples]
        label = "all, in order" if again == 0 else ""
        bands.append(_Band(label, _after(Augmenter(recipe.ops, recipe.floor), others, rejects)))
    return bands


def _after(augmenter: Augmenter, samples: Sequence[Sample], rejects: list[str]) -> list[Image.Image]:
    pictures = []
    for sample in samples:
        try:
            pictures.append(_picture(augmenter(sample)))
        except Reject as reject:
            rejects.append(f"{sample.text}: {reject.reason}: {reject.detail}")
            pictures.append(_rejected(reject))
    return pictures


def _picture(sample: Sample) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(sample.image)).convert("RGB")
    picture.thumbnail((_WIDEST, _TALLEST), Image.Resampling.LANCZOS)
    return picture


def _rejected(reject: Reject) -> Image.Image:
    picture = Image.new("RGB", (_WIDEST // 2, 30), (255, 255, 255))
    ImageDraw.Draw(picture).text((4, 8), f"rejected: {reject.reason}", (200, 40, 40), ImageFont.load_default(11))
    return picture


def _sheet(bands: Sequence[_Band]) -> Image.Image:
    font = ImageFont.load_default(11)
    columns = max(len(band.pictures) for band in bands)
    widths = [
        max((band.pictures[i].width for band in bands if i < len(band.pictures)), default=0) for i in range(columns)
    ]
    heights = [max([picture.height for picture in band.pictures] + [28]) + _GAP for band in bands]
    sheet = Image.new("RGB", (_SIDE + sum(widths) + _GAP * (columns + 1), sum(heights) + _GAP), (236, 236, 232))
    draw, y = ImageDraw.Draw(sheet), _GAP
    for band, height in zip(bands, heights, strict=True):
        draw.text((_GAP, y), band.label, (40, 40, 40), font, spacing=2)
        x = _SIDE
        for picture, width in zip(band.pictures, widths, strict=False):
            sheet.paste(picture, (x, y))
            x += width + _GAP
        y += height
    return sheet
