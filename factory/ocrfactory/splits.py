"""Which split each item belongs to: what is fixed first, then shares of whole groups. A group never spans two,
unless a route says that it may: then the rows that leave it become a group of their own.

Fixed is what a route names, then what has a split by right, then what is held out: a route is the one statement that
names rows by origin and class, and were it last, a data set whose rows are all in train by right could not be routed.
Yet no route brings into train what was kept from it by right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from ocrfactory import schema
from ocrfactory.charset import load_charset
from ocrfactory.classes import routed
from ocrfactory.errors import RecipeError
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import FREE, LEFT_OUT, Context, Facet, Settled
from ocrfactory.targets import Route


class Fixed(NamedTuple):
    """What decides itself before shares are filled."""

    codes: list[NDArray[np.uint8]]
    """Of each part, of each item, a number in `schema.SPLITS`, or `LEFT_OUT`; train where nothing is fixed."""
    held: list[NDArray[np.bool_]]
    """Of each part, of each item: whether its split is fixed."""
    parted: list[NDArray[np.bool_]]
    """Of each part, of each item: whether a route took it out of its group."""
    groups: list[Facet]
    """Of each part: what must not span two splits; what was parted has groups of its own, see `parted_group`."""


def parted_group(group: str, split: str) -> str:
    """The group of rows that a route with `parts_groups` took out of theirs."""
    return f"{group}#{split}"


def fix_splits(recipe: Recipe, settled: Sequence[Settled], context: Context) -> Fixed:
    """The splits of what is routed, has a split by right, or is held out.

    Raises:
        RecipeError: a held-out face does not exist.
        CharsetError: a charset that the recipe names is unknown or unreadable.
    """
    codes = [np.zeros(found.items, np.uint8) if found.splits is None else found.splits.copy() for found in settled]
    held = [
        np.full(found.items, found.splits is not None) & (code != FREE)
        for found, code in zip(settled, codes, strict=True)
    ]
    for code in codes:
        code[code == FREE] = schema.SPLITS.index("train")
    parted = _route(recipe, settled, context, codes, held)
    groups = [
        _regrouped(found.facets["group"], chosen, code)
        for found, chosen, code in zip(settled, parted, codes, strict=True)
    ]
    for name, split in recipe.splits.items():
        number = schema.SPLITS.index(name)
        for facet, wanted in (("face", split.faces), ("class", _classes(split.classes, context))):
            if wanted:
                _hold_out(f"splits.{name}", facet, wanted, number, settled, codes, held)
    _follow(settled, groups, codes, held)
    return Fixed(codes, held, parted, groups)


def share_splits(
    recipe: Recipe, settled: Sequence[Settled], fixed: Fixed, kept: Sequence[NDArray[np.int64]] | None = None
) -> list[NDArray[np.uint8]]:
    """The split of each item of each part, as a number in `schema.SPLITS`, or `LEFT_OUT`.

    What is not fixed is shared out in whole groups, in an order drawn from the seed.

    Args:
        kept: of each part, int64 (items,): how many rows of each item are planned; None: all replicas.

    Raises:
        RecipeError: a group would span two splits.
    """
    codes = [code.copy() for code in fixed.codes]
    if not recipe.splits and all(found.splits is None for found in settled) and not _routes(recipe):
        return codes
    if kept is None:
        kept = [np.full(found.items, found.replicas, np.int64) for found in settled]
    _fill_shares(recipe, fixed, codes, kept)
    _refuse_leaks(recipe, fixed, codes, kept)
    return codes


def _routes(recipe: Recipe) -> tuple[Route, ...]:
    return recipe.classes.route if recipe.classes else ()


def _route(
    recipe: Recipe,
    settled: Sequence[Settled],
    context: Context,
    codes: list[NDArray[np.uint8]],
    held: list[NDArray[np.bool_]],
) -> list[NDArray[np.bool_]]:
    """Send rows where routes say.

    Returns:
        Of each part, bool (items,): what leaves its group.
    """
    train = schema.SPLITS.index("train")
    done = [np.zeros(found.items, np.bool_) for found in settled]
    parted = [np.zeros(found.items, np.bool_) for found in settled]
    for route in _routes(recipe):
        to = schema.SPLITS.index(route.to)
        for number, (part, found) in enumerate(zip(recipe.parts, settled, strict=True)):
            chosen = routed(route, part.source, found, context.folder) & (codes[number] != LEFT_OUT) & ~done[number]
            done[number] |= chosen
            if to == train:
                chosen &= codes[number] == train
            codes[number][chosen], held[number][chosen] = to, True
            if route.parts_groups:
                parted[number] |= chosen
    return parted


def _regrouped(group: Facet, parted: NDArray[np.bool_], codes: NDArray[np.uint8]) -> Facet:
    """The groups of a part, where rows that were parted have those of their own."""
    if not parted.any():
        return group
    pairs, place = np.unique(
        group.codes[parted].astype(np.int64) * len(schema.SPLITS) + codes[parted], return_inverse=True
    )
    names = [
        parted_group(group.names[code], schema.SPLITS[split])
        for code, split in zip(*(side.tolist() for side in np.divmod(pairs, len(schema.SPLITS))), strict=True)
    ]
    found = group.codes.copy()
    found[parted] = len(group.names) + place
    return Facet((*group.names, *names), found)


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
    known = {name for part in settled if facet in part.facets for name in part.facets[facet].names}
    unknown = [name for name in wanted if name not in known]
    if unknown and (facet == "face" or len(unknown) == len(wanted)):  # a charset may well be wider than what is drawn
        faces = f"; faces: {', '.join(sorted(known))}" if facet == "face" else ""
        raise RecipeError([f"{where}: no row has the {facet} {', '.join(unknown[:5])}{faces}"])
    for part, code, done in zip(settled, codes, held, strict=True):
        if facet in part.facets:
            names = part.facets[facet].names
            numbers = [i for i, name in enumerate(names) if name in set(wanted)]
            chosen = np.isin(part.facets[facet].codes, numbers) & ~done
            code[chosen], done[chosen] = number, True


def _groups(groups: Sequence[Facet]) -> Iterator[tuple[int, NDArray[np.int32], tuple[str, ...]]]:
    for number, group in enumerate(groups):
        yield number, group.codes, group.names


def _follow(
    settled: Sequence[Settled],
    groups: Sequence[Facet],
    codes: list[NDArray[np.uint8]],
    held: list[NDArray[np.bool_]],
) -> None:
    """Rows of a group that an existing data set has in a split by right go to that split, too."""
    split_of: dict[str, int] = {}
    for number, group, names in _groups(groups):
        if settled[number].splits is not None:
            by_right = held[number] & (codes[number] != LEFT_OUT)
            pairs = np.unique(group[by_right].astype(np.int64) * 4 + codes[number][by_right])
            split_of.update(zip((names[code] for code in (pairs // 4).tolist()), (pairs % 4).tolist(), strict=True))
    if not split_of:
        return
    for number, group, names in _groups(groups):
        wanted = np.array([split_of.get(name, -1) for name in names])[group]
        follows = (wanted >= 0) & ~held[number]
        codes[number][follows], held[number][follows] = wanted[follows], True


def _fill_shares(
    recipe: Recipe,
    fixed: Fixed,
    codes: list[NDArray[np.uint8]],
    kept: Sequence[NDArray[np.int64]],
) -> None:
    shares = [
        (schema.SPLITS.index(name), split.share)
        for name, split in recipe.splits.items()
        if split.share and name != "train"
    ]
    if not shares:
        return
    sizes: dict[str, int] = {}
    for number, group, names in _groups(fixed.groups):
        free = ~fixed.held[number]
        counts = np.bincount(group[free], weights=kept[number][free], minlength=len(names)).astype(np.int64)
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
    for number, group, names in _groups(fixed.groups):
        by_group = np.array([split_of.get(name, 0) for name in names], np.uint8)
        free = ~fixed.held[number]
        codes[number][free] = by_group[group[free]]


def _refuse_leaks(
    recipe: Recipe,
    fixed: Fixed,
    codes: Sequence[NDArray[np.uint8]],
    kept: Sequence[NDArray[np.int64]],
) -> None:
    cure = "hold out whole groups, or choose another split_group in the source"
    if _routes(recipe):
        cure = "route and hold out whole groups, or say parts_groups: true in the route, or choose another split_group"
    seen: dict[str, tuple[int, str]] = {}
    for number, group, names in _groups(fixed.groups):
        planned = (codes[number] != LEFT_OUT) & (kept[number] > 0)
        pairs = np.unique(group[planned].astype(np.int64) * 4 + codes[number][planned])
        source = recipe.parts[number].source.name
        places = [(split, source) for split in range(len(schema.SPLITS))]  # made once: there may be a million groups
        for code, split in zip((pairs // 4).tolist(), (pairs % 4).tolist(), strict=True):
            before, first = seen.setdefault(names[code], places[split])
            if before != split:
                both = f"{schema.SPLITS[before]} ({first}) and {schema.SPLITS[split]} ({source})"
                raise RecipeError([f"splits: group {names[code]!r} would span {both}"], cure)
