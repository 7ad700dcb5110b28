"""Which split each item belongs to: what is held out first, then shares of whole groups. A group never spans two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from ocrfactory import schema
from ocrfactory.charset import load_charset
from ocrfactory.errors import RecipeError
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import FREE, LEFT_OUT, Context, Settled


def assign_splits(recipe: Recipe, settled: Sequence[Settled], context: Context) -> list[NDArray[np.uint8]]:
    """The split of each item of each part, as a number in `schema.SPLITS`, or `LEFT_OUT`.

    What has a split by right keeps it; what is held out goes next; shares are then filled with whole groups in an
    order drawn from the seed.

    Raises:
        RecipeError: a held-out face does not exist, or a group would span two splits.
    """
    codes = [np.zeros(found.items, np.uint8) if found.splits is None else found.splits.copy() for found in settled]
    if not recipe.splits and all(found.splits is None for found in settled):
        return codes
    held = [
        np.full(found.items, found.splits is not None) & (code != FREE)
        for found, code in zip(settled, codes, strict=True)
    ]
    for code in codes:
        code[code == FREE] = schema.SPLITS.index("train")
    for name, split in recipe.splits.items():
        number = schema.SPLITS.index(name)
        for facet, wanted in (("face", split.faces), ("class", _classes(split.classes, context))):
            if wanted:
                _hold_out(f"splits.{name}", facet, wanted, number, settled, codes, held)
    _follow(settled, codes, held)
    _fill_shares(recipe, settled, codes, held)
    _refuse_leaks(recipe, settled, codes)
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


def _groups(settled: Sequence[Settled]) -> Iterator[tuple[int, NDArray[np.int32], tuple[str, ...]]]:
    for number, part in enumerate(settled):
        group = part.facets["group"]
        yield number, group.codes, group.names


def _follow(settled: Sequence[Settled], codes: list[NDArray[np.uint8]], held: list[NDArray[np.bool_]]) -> None:
    """Rows of a group that an existing data set has in a split by right go to that split, too."""
    split_of: dict[str, int] = {}
    for number, group, names in _groups(settled):
        if settled[number].splits is not None:
            by_right = held[number] & (codes[number] != LEFT_OUT)
            pairs = np.unique(group[by_right].astype(np.int64) * 4 + codes[number][by_right])
            split_of.update(zip((names[code] for code in (pairs // 4).tolist()), (pairs % 4).tolist(), strict=True))
    if not split_of:
        return
    for number, group, names in _groups(settled):
        wanted = np.array([split_of.get(name, -1) for name in names])[group]
        follows = (wanted >= 0) & ~held[number]
        codes[number][follows], held[number][follows] = wanted[follows], True


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


def _refuse_leaks(recipe: Recipe, settled: Sequence[Settled], codes: list[NDArray[np.uint8]]) -> None:
    seen: dict[str, tuple[int, str]] = {}
    for number, group, names in _groups(settled):
        planned = codes[number] != LEFT_OUT
        pairs = np.unique(group[planned].astype(np.int64) * 4 + codes[number][planned])
        source = recipe.parts[number].source.name
        places = [(split, source) for split in range(len(schema.SPLITS))]  # made once: there may be a million groups
        for code, split in zip((pairs // 4).tolist(), (pairs % 4).tolist(), strict=True):
            before, first = seen.setdefault(names[code], places[split])
            if before != split:
                both = f"{schema.SPLITS[before]} ({first}) and {schema.SPLITS[split]} ({source})"
                raise RecipeError(
                    [f"splits: group {names[code]!r} would span {both}"],
                    "hold out whole groups, or choose another split_group in the source",
                )
