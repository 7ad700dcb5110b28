"""One row of a finished data set, drawn again from its plan: the proof that nothing but the plan decides it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ocrfactory import plan, read, schema
from ocrfactory.encode import decode
from ocrfactory.errors import InputError, Reject
from ocrfactory.layout import Layout
from ocrfactory.plan import Plan
from ocrfactory.sample import Sample
from ocrfactory.sources.source import Context
from ocrfactory.work import Finish, opened


class Rerendered(msgspec.Struct, frozen=True):
    """A row, as it lies in the data set and as it was drawn again."""

    row: dict[str, Any]
    """The stored row."""
    plain: Sample
    """The sample before augmentation."""
    image: bytes
    """The picture file that was drawn again."""
    differences: tuple[str, ...]
    """Which columns differ; empty when the row is the same, bit for bit."""


def rerender(folder: Path, id: str, recipe: Any = None, context: Context | None = None) -> Rerendered:
    """Draw the row `id` of the data set in `folder` again.

    Args:
        recipe: the recipe to plan again with, for a data set that came without its folder `.ocrfactory`.

    Raises:
        InputError: no such data set or row, no plan, or a plan that makes another data set.
        Reject: the row cannot be drawn any more.
    """
    found = read.manifest(folder)
    row = _row(folder, found, id)
    whole = _plan(folder, found, recipe, context or Context())
    number, item = _place(whole, id)
    drawn = next(iter(opened(whole, number).draw([item])))
    if isinstance(drawn, Reject):
        raise drawn
    made = Finish(whole, number, row["split"])(item, drawn)
    values = {name: getattr(made.row, name) for name in schema.HASHED}
    differences = [name for name, value in values.items() if _plain(value) != _plain(row[name])]
    if made.image != row["image"]["bytes"]:
        differences.append(_of_images(made.image, row["image"]["bytes"]))
    return Rerendered(row, drawn, made.image, tuple(differences))


def _of_images(made: bytes, stored: bytes) -> str:
    """How two picture files differ that are not the same."""
    try:
        same = np.array_equal(decode(made), decode(stored))
    except ValueError:
        return "image (the stored one cannot be decoded)"
    return "image (the pixels are equal)" if same else "image"


def _row(folder: Path, found: read.Manifest, id: str) -> dict[str, Any]:
    for entry in found.shards:
        path = folder / entry.path
        with read.readable(path):
            ids = read.columns(path, ["id"])["id"]
            if id in ids:
                return next(read.rows_at(path, [ids.index(id)]))
    raise InputError(
        f"{folder}: no row has the id {id!r}",
        "ids are in the column `id`; what was rejected is in meta/rejects.parquet",
    )


def _plan(folder: Path, found: read.Manifest, recipe: Any, context: Context) -> Plan:
    if recipe is None:
        path = Layout(folder).plan
        if not path.exists():
            raise InputError(f"{path}: the plan is not there", "give the recipe that made the data set: --recipe FILE")
        try:
            return plan.load(path, found.plan_sha256)
        except (OSError, msgspec.MsgspecError) as error:
            raise InputError(f"{path}: {error}", "give the recipe that made the data set: --recipe FILE") from error
    whole = plan.make_plan(recipe, context).plan
    if whole.recipe_id != found.recipe_sha256[:16]:
        raise InputError(f"this recipe is not the one that made {folder}", "see meta/recipes/ there")
    return whole


def _place(whole: Plan, id: str) -> tuple[int, int]:
    """Part and row number of an id: `source/000000012` or `source/000000012/3`."""
    source, _, rest = id.partition("/")
    item, _, replica = rest.partition("/")
    for number, part in enumerate(whole.parts):
        if part.source == source and item.isdecimal() and (replica or "0").isdecimal():
            return number, int(item) * part.replicas + int(replica or 0)
    raise InputError(f"{id!r} belongs to no part of the plan")


def _plain(value: Any) -> Any:
    """A value as the content hash sees it: what Parquet stores as float32 by its shortest decimal."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return schema.shortest(value) if isinstance(value, float) else value
