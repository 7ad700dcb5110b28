"""Recipe -> Plan: every shard and every row of it, before a pixel is drawn.

What a shard holds is a pure function of (recipe, what the sources found, shard number). Workers, machines and retries
never change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ocrfactory import __version__, schema
from ocrfactory.augment.files import settle_files
from ocrfactory.charset.algebra import sha256_of
from ocrfactory.classchoice import Choice, choose_rows
from ocrfactory.encode import png_fingerprint
from ocrfactory.errors import EmptyPlanError, InputError, RecipeError
from ocrfactory.recipe import Recipe
from ocrfactory.rng import seed_of, stream
from ocrfactory.shards import PartPlan, Shard, cut_shards, locate, row_order, unit_breaks
from ocrfactory.sources.source import LEFT_OUT, Context, Settled
from ocrfactory.splits import fix_splits, share_splits

MAX_ROWS = 100_000_000
"""A plan takes five bytes of memory a row, in every worker."""


class Plan(msgspec.Struct, frozen=True, dict=True):
    """All that a worker needs. The arrays of row order are made again from it wherever they are needed."""

    recipe: dict[str, Any]
    recipe_id: str
    facts: dict[str, Any]
    """What must be equal for two runs to write into one folder: recipe, fonts, charsets, libraries."""
    parts: tuple[PartPlan, ...]
    shards: tuple[Shard, ...]

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of `facts`, which decide everything else."""
        return sha256(schema.dump(self.facts).encode()).hexdigest()

    @property
    def rows(self) -> int:
        """Rows planned."""
        return sum(shard.rows for shard in self.shards)

    @property
    def seed(self) -> int:
        """The build's root seed."""
        return int(self.recipe["seed"])

    def rows_of(self, shard: Shard) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Part numbers and row numbers of a shard, in the order in which they are written."""
        numbers = self._order[shard.split][shard.start : shard.stop]
        if self.recipe["order"] == "shuffle" and any(part.units for part in self.parts):
            numbers = numbers.copy()  # whole units were shuffled: now their rows are, too
            stream(seed_of(self.seed, shard.split, shard.start), "order").shuffle(numbers)
        return locate(self.parts, numbers)

    def rows_by_part(self) -> list[int]:
        """Rows planned of each part."""
        parts = np.concatenate([locate(self.parts, rows)[0] for rows in self._order.values()])
        return np.bincount(parts, minlength=len(self.parts)).tolist()  # type: ignore[no-any-return]

    def splits_of_rows(self) -> list[NDArray[np.uint8]]:
        """Of each part, uint8 (rows,): the split of each row as a number in `schema.SPLITS`; `LEFT_OUT`: not drawn."""
        ends = np.cumsum([part.items * part.replicas for part in self.parts])
        found = np.full(int(ends[-1]), LEFT_OUT, np.uint8)
        for split, rows in self._order.items():
            found[rows] = schema.SPLITS.index(split)
        return np.split(found, ends[:-1])

    @cached_property
    def _order(self) -> dict[str, NDArray[np.uint32]]:
        return row_order(self.parts, self.seed, self.recipe["order"], self.recipe["limit"])

    def footer(self, shard: Shard) -> dict[str, Any]:
        """What the `ocrfactory` key of a shard's footer says."""
        return {
            "tool_version": __version__,
            "config_sha256": self.facts["recipe_sha256"],
            "root_seed": self.seed,
            "shard": shard.name,
            "plan_sha256": self.sha256,
        }


class Survey(msgspec.Struct, frozen=True):
    """A plan, and what planning found out for people: holes, fonts, notes."""

    recipe: Recipe
    plan: Plan
    settled: tuple[Settled, ...]
    choice: Choice | None = None
    """What the class plan of the recipe takes; None where there is none."""

    @property
    def charset(self) -> tuple[str, ...]:
        """The classes that the recipe wants, then those of all parts that have more than single characters; in order,
        each once. Where it wants none by name: those of all parts."""
        wanted = () if self.choice is None else self.choice.classes
        parts = (part for part in self.settled if self.choice is None or _has_more_than_characters(part))
        return tuple(dict.fromkeys((*wanted, *(text for part in parts for text in part.charset))))

    @property
    def undrawn(self) -> tuple[str, ...]:
        """Classes that no face of any part draws."""
        drawn = {
            text
            for part in self.settled
            for text in set(part.charset).difference(part.undrawn)
        }  # fmt: skip
        return tuple(text for text in self.charset if text not in drawn)

    @property
    def bytes(self) -> int:
        """A rough size of the finished data set."""
        parts = zip(self.plan.rows_by_part(), self.settled, strict=True)
        return sum(rows * part.row_bytes for rows, part in parts)


def make_plan(recipe: Recipe, context: Context) -> Survey:
    """Settle every source, choose rows by class, and cut them into shards.

    Raises:
        InputError: a font, a charset or a file is missing; or nothing is left to draw.
        RecipeError: the splits cannot be kept.
    """
    context = msgspec.structs.replace(context, seed=recipe.seed)
    settled = tuple(part.source.settle(context) for part in recipe.parts)
    _refuse_unfit_ops(recipe, settled)
    _refuse_rules_without_characters(recipe, settled)
    files = tuple(settle_files(part.augment.ops if part.augment else (), context.folder) for part in recipe.parts)
    for note in (note for found in files for note in found.notes):
        context.log(note)
    rows = sum(found.rows for found in settled)
    if rows > MAX_ROWS:
        raise InputError(
            f"{rows:,} rows are planned, at most {MAX_ROWS:,} are possible", "lower per_class, or build in parts"
        )
    fixed = fix_splits(recipe, settled, context)
    choice = choose_rows(recipe, settled, fixed, context)
    splits = share_splits(recipe, settled, fixed, None if choice is None else choice.kept(settled))
    if choice is not None:
        splits = _without_the_rest(splits, choice, settled)
    parts = tuple(
        PartPlan(
            part.source.name,
            found.items,
            found.replicas,
            found.state,
            split.tobytes(),
            used.files,
            b"" if found.units is None else found.units.astype(np.uint32).tobytes(),
            parted.tobytes() if parted.any() else b"",
        )
        for part, found, split, used, parted in zip(recipe.parts, settled, splits, files, fixed.parted, strict=True)
    )
    order = row_order(parts, recipe.seed, recipe.order, recipe.limit)
    breaks = unit_breaks(parts, order)
    shards = cut_shards(recipe, settled, {split: len(rows) for split, rows in order.items()}, breaks)
    if not shards:
        raise EmptyPlanError("nothing to draw: the recipe plans no row")
    for split in recipe.splits:
        if not len(order[split]):
            context.log(f"split {split} has no row: too few rows are planned for its share")
    settled = tuple(_without_groups(found) for found in settled)
    facts = {
        "recipe": recipe.canonical(),
        "recipe_sha256": recipe.sha256,
        "parts": {part.source.name: found.facts for part, found in zip(recipe.parts, settled, strict=True)},
        "augment_files": [used.facts for used in files],
        **({} if choice is None else {"classes": sha256_of(choice.classes)}),
        "splits": sha256(b"".join(part.splits + part.parted for part in parts)).hexdigest(),
        "schema": schema.VERSION,
        "versions": versions(),
    }
    facts = msgspec.json.decode(msgspec.json.encode(facts))  # as it will be read back from the disk, to compare
    return Survey(recipe, Plan(recipe.canonical(), recipe.id, facts, parts, shards), settled, choice)


def _without_the_rest(
    splits: Sequence[NDArray[np.uint8]], choice: Choice, settled: Sequence[Settled]
) -> list[NDArray[np.uint8]]:
    """The splits of single rows, where the class plan leaves some out."""
    return [
        code if taken.all() else np.where(taken, np.repeat(code, found.replicas), np.uint8(LEFT_OUT))
        for code, taken, found in zip(splits, choice.taken, settled, strict=True)
    ]


def _refuse_rules_without_characters(recipe: Recipe, settled: Sequence[Settled]) -> None:
    if any("class" in found.facets for found in settled):
        return
    faults = [
        f"{name}: no part has rows of single characters"
        for name in ("classes", "views")
        if getattr(recipe, name) is not None
    ]
    if faults:
        raise RecipeError(faults, "leave it out, or add a part of kind glyphs, or of labelled or generated characters")


def _has_more_than_characters(found: Settled) -> bool:
    return "class" not in found.facets or "" in found.facets["class"].names


def _without_groups(found: Settled) -> Settled:
    """A source once its splits are known: there may be a million groups, and nobody asks for them again."""
    facets = {name: facet for name, facet in found.facets.items() if name != "group"}
    return msgspec.structs.replace(found, facets=facets)


def _refuse_unfit_ops(recipe: Recipe, settled: Sequence[Settled]) -> None:
    """What a recipe cannot know by itself: a data set's rows turn out to be real, and an op would ruin them."""
    faults = [
        f"parts.{i}.augment: {fault}"
        for i, (part, found) in enumerate(zip(recipe.parts, settled, strict=True))
        if part.augment is not None and found.origins
        for fault in part.augment.faults(found.origins, part.source.clean)
    ]
    if faults:
        raise RecipeError(faults)


def versions() -> dict[str, str]:
    """The versions of all that decides bytes: a run on others would not give the same files."""
    import uharfbuzz
    from PIL import features

    found = {
        name: version(name) for name in ("pillow", "opencv-python", "numpy", "pyarrow", "isal", "uharfbuzz", "msgspec")
    }
    return {
        "ocrfactory": __version__,
        "harfbuzz": str(uharfbuzz.version_string()),
        "freetype": str(features.version("freetype2")),
        "png": png_fingerprint(),
        **found,
    }


def differences(old: Any, new: Any, path: str = "") -> list[str]:
    """What differs between two sets of facts, one line each: `recipe.parts.0.source.size: 64, now 96`."""
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in sorted({*old, *new}):
            found += differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
        return found
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [line for i, pair in enumerate(zip(old, new, strict=True)) for line in differences(*pair, f"{path}.{i}")]
    return [] if old == new else [f"{path}: {_brief(old)}, now {_brief(new)}"]


def _brief(value: Any) -> str:
    text = "absent" if value is None else schema.dump(value)
    return text if len(text) <= 60 else text[:57] + "..."


def save(plan: Plan) -> bytes:
    """The plan as bytes for `load`."""
    return msgspec.msgpack.encode(plan)


@lru_cache(2)
def load(path: Path, fingerprint: str) -> Plan:
    """The plan that a worker was sent to. It is read once a process.

    Raises:
        InputError: the file holds another plan than the job was made for.
    """
    plan = msgspec.msgpack.decode(path.read_bytes(), type=Plan)
    if plan.sha256 != fingerprint:
        raise InputError(f"{path}: the plan changed while the run was going on")
    return plan
