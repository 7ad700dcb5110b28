"""Recipe -> Plan: every shard and every row of it, before a pixel is drawn.

What a shard holds is a pure function of (recipe, what the sources found, shard number). Workers, machines and retries
never change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from ocrfactory import __version__, schema
from ocrfactory.charset import load_charset
from ocrfactory.errors import EmptyPlanError, InputError, RecipeError
from ocrfactory.recipe import Recipe
from ocrfactory.rng import seed_of, stream
from ocrfactory.sources.source import Context, Settled

MAX_SHARDS = 99_999
"""Five digits: the pattern that `datasets` looks for first."""
_MIN_SHARD_ROWS, _MAX_SHARD_ROWS, _MAX_SHARD_BYTES = 2_000, 50_000, 128 << 20


class Shard(msgspec.Struct, frozen=True):
    """One file to be: rows `start` to `stop` of the order of its split."""

    number: int
    name: str
    split: str
    start: int
    stop: int

    @property
    def rows(self) -> int:
        """Rows planned."""
        return self.stop - self.start


class PartPlan(msgspec.Struct, frozen=True):
    """One part of the recipe, settled."""

    source: str
    items: int
    replicas: int
    state: bytes
    splits: bytes
    """uint8 (items,): the split of each item, as a number in `schema.SPLITS`."""

    def identity(self, row: int) -> str:
        """The `id` of a row of this part."""
        item, replica = divmod(row, self.replicas)
        return f"{self.source}/{item:09d}" + (f"/{replica}" if self.replicas > 1 else "")


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
        parts, rows = self._order[shard.split]
        return parts[shard.start : shard.stop], rows[shard.start : shard.stop]

    @cached_property
    def _order(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
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

    plan: Plan
    settled: tuple[Settled, ...]

    @property
    def charset(self) -> tuple[str, ...]:
        """The classes of all parts, in order, each once."""
        return tuple(dict.fromkeys(text for part in self.settled for text in part.charset))

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
        total = sum(part.rows for part in self.settled) or 1
        return sum(part.rows * part.row_bytes for part in self.settled) * self.plan.rows // total


def make_plan(recipe: Recipe, context: Context) -> Survey:
    """Settle every source and cut the rows into shards.

    Raises:
        InputError: a font, a charset or a file is missing; or nothing is left to draw.
        RecipeError: the splits cannot be kept.
    """
    settled = tuple(part.source.settle(context) for part in recipe.parts)
    splits = assign_splits(recipe, settled, context)
    parts = tuple(
        PartPlan(part.source.name, found.items, found.replicas, found.state, split.tobytes())
        for part, found, split in zip(recipe.parts, settled, splits, strict=True)
    )
    order = row_order(parts, recipe.seed, recipe.order, recipe.limit)
    shards = cut_shards(recipe, settled, {split: len(rows) for split, (_, rows) in order.items()})
    if not shards:
        raise EmptyPlanError("nothing to draw: the recipe plans no row")
    facts = {
        "recipe": recipe.canonical(),
        "recipe_sha256": recipe.sha256,
        "parts": {part.source.name: found.facts for part, found in zip(recipe.parts, settled, strict=True)},
        "splits": sha256(b"".join(part.splits for part in parts)).hexdigest(),
        "schema": schema.VERSION,
        "versions": versions(),
    }
    facts = msgspec.json.decode(msgspec.json.encode(facts))  # as it will be read back from the disk, to compare
    return Survey(Plan(recipe.canonical(), recipe.id, facts, parts, shards), settled)


def versions() -> dict[str, str]:
    """The versions of all that decides bytes: a run on others would not give the same files."""
    import uharfbuzz
    from PIL import features

    found = {
        name: version(name)
        for name in ("pillow", "opencv-python", "numpy", "pyarrow", "deflate", "uharfbuzz", "msgspec")
    }
    return {
        "ocrfactory": __version__,
        "harfbuzz": str(uharfbuzz.version_string()),
        "freetype": str(features.version("freetype2")),
        **found,
    }


def row_order(
    parts: Sequence[PartPlan], seed: int, order: str, limit: int | None
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Part and row numbers of each split, in the order in which they are written."""
    part_of = np.repeat(np.arange(len(parts)), [part.items * part.replicas for part in parts])
    row_of = np.concatenate([np.arange(part.items * part.replicas) for part in parts])
    split_of = np.concatenate([np.repeat(np.frombuffer(part.splits, np.uint8), part.replicas) for part in parts])
    if limit is not None and limit < len(row_of):
        keep = np.sort(stream(seed_of(seed), "limit").permutation(len(row_of))[:limit])
        part_of, row_of, split_of = part_of[keep], row_of[keep], split_of[keep]
    found = {}
    for number, split in enumerate(schema.SPLITS):
        chosen = np.flatnonzero(split_of == number)
        if order == "shuffle":
            chosen = chosen[stream(seed_of(seed, split), "order").permutation(len(chosen))]
        found[split] = part_of[chosen], row_of[chosen]
    return found


def cut_shards(recipe: Recipe, settled: Sequence[Settled], rows: dict[str, int]) -> tuple[Shard, ...]:
    """Cut each split into shards of nearly equal size. Depends on the recipe alone, never on the machine."""
    most = recipe.shard_rows or _shard_rows(settled)
    shards: list[Shard] = []
    for split, count in rows.items():
        files = -(-count // most)
        if files > MAX_SHARDS:
            raise InputError(f"{files} shards of {split}, at most {MAX_SHARDS} are possible", "raise shard_rows")
        borders = [count * i // files for i in range(files + 1)] if files else [0]
        for i, (start, stop) in enumerate(pairwise(borders)):
            shards.append(Shard(len(shards), f"{split}-{i:05d}-of-{files:05d}", split, start, stop))
    return tuple(shards)


def _shard_rows(settled: Sequence[Settled]) -> int:
    """About 32 shards, so that many workers share the work and a kill costs little; yet no tiny and no huge files."""
    rows = sum(part.rows for part in settled) or 1
    row_bytes = sum(part.rows * part.row_bytes for part in settled) // rows or 1
    return min(max(-(-rows // 32), _MIN_SHARD_ROWS), _MAX_SHARD_ROWS, max(_MAX_SHARD_BYTES // row_bytes, 1))


def assign_splits(recipe: Recipe, settled: Sequence[Settled], context: Context) -> list[NDArray[np.uint8]]:
    """The split of each item of each part, as a number in `schema.SPLITS`.

    What is held out goes first; shares are then filled with whole groups in an order drawn from the seed.

    Raises:
        RecipeError: a held-out face does not exist, or a group would span two splits.
    """
    codes = [np.zeros(found.items, np.uint8) for found in settled]
    if not recipe.splits:
        return codes
    held = [np.zeros(found.items, bool) for found in settled]
    for name, split in recipe.splits.items():
        number = schema.SPLITS.index(name)
        for facet, wanted in (("face", split.faces), ("class", _classes(split.classes, context))):
            if wanted:
                _hold_out(f"splits.{name}", facet, wanted, number, settled, codes, held)
    _fill_shares(recipe, settled, codes, held)
    _refuse_leaks(settled, codes)
    return codes


def _classes(expression: str | None, context: Context) -> tuple[str, ...]:
    return () if expression is None else load_charset(expression, base=context.folder).classes


def _hold_out(
    where: str,
    facet: str,
    wanted: Sequence[str],
    number: int,
    settled: Sequence[Settled],
    codes: list[NDArray[np.uint8]],
    held: list[NDArray[np.bool_]],
) -> None:
    found = False
    for part, code, done in zip(settled, codes, held, strict=True):
        if facet not in part.facets:
            continue
        names = part.facets[facet].names
        chosen = np.isin(part.facets[facet].codes, [i for i, name in enumerate(names) if name in set(wanted)]) & ~done
        code[chosen], done[chosen] = number, True
        found = found or bool(chosen.any())
    if not found:
        known = sorted({name for part in settled if "face" in part.facets for name in part.facets["face"].names})
        raise RecipeError([f"{where}: no row has the {facet} {', '.join(wanted[:5])}; faces: {', '.join(known)}"])


def _groups(settled: Sequence[Settled]) -> Iterator[tuple[int, NDArray[np.int32], tuple[str, ...]]]:
    for number, part in enumerate(settled):
        group = part.facets["group"]
        yield number, group.codes, group.names


def _fill_shares(
    recipe: Recipe, settled: Sequence[Settled], codes: list[NDArray[np.uint8]], held: list[NDArray[np.bool_]]
) -> None:
    shares = [
        (schema.SPLITS.index(name), split.share)
        for name, split in recipe.splits.items()
        if split.share and name != "train"
    ]
    if not shares:
        return
    sizes: dict[str, int] = {}
    for number, group, names in _groups(settled):
        counts = np.bincount(group[~held[number]], minlength=len(names)) * settled[number].replicas
        for code in np.flatnonzero(counts).tolist():
            sizes[names[code]] = sizes.get(names[code], 0) + int(counts[code])
    total = sum(sizes.values())
    order = sorted(sizes, key=lambda name: (xxh3_64_intdigest(f"{recipe.seed}\x1fsplit\x1f{name}".encode()), name))
    split_of, position = {}, 0
    for number, share in shares:
        filled, target = 0, share * total
        while position < len(order) and filled + sizes[order[position]] / 2 <= target:
            split_of[order[position]] = number
            filled += sizes[order[position]]
            position += 1
    for number, group, names in _groups(settled):
        by_group = np.array([split_of.get(name, 0) for name in names], np.uint8)
        free = ~held[number]
        codes[number][free] = by_group[group[free]]


def _refuse_leaks(settled: Sequence[Settled], codes: list[NDArray[np.uint8]]) -> None:
    seen: dict[str, int] = {}
    for number, group, names in _groups(settled):
        pairs = np.unique(group.astype(np.int64) * 4 + codes[number])
        for code, split in zip((pairs // 4).tolist(), (pairs % 4).tolist(), strict=True):
            before = seen.setdefault(names[code], split)
            if before != split:
                both = f"{schema.SPLITS[before]} and {schema.SPLITS[split]}"
                raise RecipeError(
                    [f"splits: group {names[code]!r} would span {both}"],
                    "hold out whole groups, or choose another split_group in the source",
                )


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
