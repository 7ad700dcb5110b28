"""Units, free items and items that are left out: every planned item once, no unit in two shards."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory import schema
from ocrfactory.plan import Plan
from ocrfactory.recipe import Recipe
from ocrfactory.shards import PartPlan, Shard, cut_shards, locate, row_order, unit_breaks
from ocrfactory.sources.source import FREE, LEFT_OUT, Context, Facet, Settled
from ocrfactory.splits import fix_splits, share_splits

UNITS = st.lists(st.integers(1, 9), min_size=1, max_size=25)


def recipe(**changes):
    sources = [{"source": {"kind": "glyphs", "name": name, "fonts": ["x"]}} for name in changes.pop("names", "a")]
    return Recipe.model_validate({"name": "r", "parts": sources, **changes})


@st.composite
def parts(draw):
    """Parts of which some have units; each unit lies in one split, and some of its items are left out."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        sizes = draw(UNITS)
        items = sum(sizes)
        codes = np.repeat([draw(st.integers(0, 2)) for _ in sizes], sizes).astype(np.uint8)
        out = draw(st.lists(st.booleans(), min_size=items, max_size=items))
        codes[np.array(out)] = LEFT_OUT
        units = np.array(sizes, np.uint32).tobytes() if draw(st.booleans()) else b""
        found.append(
            PartPlan(f"p{number}", items, 1 if units else draw(st.integers(1, 2)), b"", codes.tobytes(), units=units)
        )
    return found


def planned(found):
    """Every row that should be drawn: (part, row) -> split."""
    rows = {}
    for number, part in enumerate(found):
        for row in range(part.items * part.replicas):
            code = part.splits[row // part.replicas]
            if code != LEFT_OUT:
                rows[number, row] = schema.SPLITS[code]
    return rows


def shards_of(found, made):
    order = row_order(found, made.seed, made.order, made.limit)
    breaks = unit_breaks(found, order)
    settled = [Settled(part.items, part.replicas, {}, b"", {}) for part in found]
    return cut_shards(made, settled, {split: len(rows) for split, rows in order.items()}, breaks), order


def unit_numbers(part):
    if not part.units:
        return np.arange(part.items * part.replicas)
    return np.repeat(np.arange(len(part.units) // 4), np.frombuffer(part.units, np.uint32) * part.replicas)


@settings(deadline=None)
@given(
    parts(),
    st.sampled_from(["shuffle", "source"]),
    st.integers(1, 20),
    st.integers(0, 9),
    st.one_of(st.none(), st.integers(1, 60)),
)
def test_every_planned_item_is_in_one_shard_once_and_what_is_left_out_in_none(found, order, most, seed, limit):
    expected = planned(found)
    made = recipe(order=order, shard_rows=most, seed=seed, limit=limit)
    shards, _ = shards_of(found, made)
    plan = Plan(made.canonical(), made.id, {}, tuple(found), shards)
    seen = {}
    unit_at = {}
    for shard in shards:
        part_of, row_of = plan.rows_of(shard)
        assert len(part_of) == shard.rows > 0
        for part, row in zip(part_of.tolist(), row_of.tolist(), strict=True):
            assert seen.setdefault((part, row), shard.split) == shard.split
            if found[part].units:
                unit = part, int(unit_numbers(found[part])[row])
                assert unit_at.setdefault(unit, shard.number) == shard.number  # one image is opened by one worker
    assert len(seen) == min(len(expected), limit or len(expected))
    assert seen.items() <= expected.items()


@settings(deadline=None)
@given(parts(), st.integers(1, 20), st.integers(0, 5))
def test_shards_cover_each_split_without_gap_or_overlap(found, most, seed):
    shards, order = shards_of(found, recipe(shard_rows=most, seed=seed))
    for split, rows in order.items():
        mine = [shard for shard in shards if shard.split == split]
        assert [shard.start for shard in mine] == [0, *(shard.stop for shard in mine)][: len(mine)]
        assert (mine[-1].stop if mine else 0) == len(rows)
        assert [shard.name for shard in mine] == [f"{split}-{i:05d}-of-{len(mine):05d}" for i in range(len(mine))]
    assert [shard.number for shard in shards] == list(range(len(shards)))


@settings(deadline=None)
@given(UNITS, st.integers(1, 12))
def test_a_shard_is_larger_than_was_asked_for_by_less_than_a_unit(sizes, most):
    items = sum(sizes)
    part = PartPlan("p", items, 1, b"", bytes(items), units=np.array(sizes, np.uint32).tobytes())
    shards, _ = shards_of([part], recipe(shard_rows=most))
    for shard in shards:
        assert shard.rows < most + max(sizes)


def test_whole_units_are_shuffled_and_so_are_the_rows_of_a_shard():
    part = PartPlan("p", 400, 1, b"", bytes(400), units=np.full(100, 4, np.uint32).tobytes())
    made = recipe(shard_rows=100)
    shards, order = shards_of([part], made)
    units = (order["train"] // 4)[::4]
    assert sorted(units.tolist()) == list(range(100))
    assert units.tolist() != list(range(100))
    assert ((order["train"].reshape(100, 4) // 4) == units[:, None]).all()
    _, rows = Plan(made.canonical(), made.id, {}, (part,), shards).rows_of(shards[0])
    assert sorted(rows.tolist()) == sorted(order["train"][:100].tolist())
    assert rows.tolist() != order["train"][:100].tolist()


def test_in_the_order_of_the_source_nothing_is_shuffled():
    part = PartPlan("p", 40, 1, b"", bytes(40), units=np.full(10, 4, np.uint32).tobytes())
    made = recipe(order="source", shard_rows=7)
    shards, order = shards_of([part], made)
    assert order["train"].tolist() == list(range(40))
    plan = Plan(made.canonical(), made.id, {}, (part,), shards)
    assert [row for shard in shards for row in plan.rows_of(shard)[1].tolist()] == list(range(40))


def test_without_units_every_place_is_a_break():
    assert unit_breaks([PartPlan("p", 9, 1, b"", bytes(9))], {"train": np.arange(9, dtype=np.uint32)}) is None
    assert locate([PartPlan("p", 9, 1, b"", bytes(9))], np.arange(3, dtype=np.uint32))[1].tolist() == [0, 1, 2]
    assert Shard(0, "x", "train", 2, 5).rows == 3


# Splits


@st.composite
def labelled(draw):
    """A source that has splits by right for some of its groups."""
    sizes = draw(UNITS)
    groups = [draw(st.integers(0, 12)) for _ in sizes]
    by_right = {group: draw(st.sampled_from([0, 1, 2, FREE])) for group in set(groups)}
    codes = np.repeat([by_right[group] for group in groups], sizes).astype(np.uint8)
    out = np.array(draw(st.lists(st.booleans(), min_size=sum(sizes), max_size=sum(sizes))))
    codes[out] = LEFT_OUT
    names = [f"g{n}" for n in range(13)]
    facet = Facet(tuple(names), np.repeat(groups, sizes).astype(np.int32))
    return Settled(sum(sizes), 1, {}, b"", {"group": facet}, splits=codes), by_right


@settings(deadline=None)
@given(labelled(), st.one_of(st.none(), st.floats(0.05, 0.4)), st.integers(0, 9))
def test_a_split_by_right_is_kept_what_is_free_is_shared_and_what_is_left_out_stays_out(source, share, seed):
    found, by_right = source
    made = recipe(seed=seed, **({} if share is None else {"splits": {"validation": share, "test": share}}))
    (codes,) = share_splits(made, [found], fix_splits(made, [found], Context()))
    assert ((codes == LEFT_OUT) == (found.splits == LEFT_OUT)).all()
    assert FREE not in codes
    kept = (found.splits != FREE) & (found.splits != LEFT_OUT)
    assert (codes[kept] == found.splits[kept]).all()
    split_of = {}
    group = found.facets["group"].codes
    for number, code in zip(group.tolist(), codes.tolist(), strict=True):
        if code != LEFT_OUT:
            assert split_of.setdefault(number, code) == code
    if share is None:
        assert all(split_of[number] == 0 for number in split_of if by_right[number] == FREE)


@settings(deadline=None)
@given(labelled(), st.integers(0, 9))
def test_a_second_part_without_splits_follows_the_first(source, seed):
    found, _ = source
    names = found.facets["group"].names
    free = Settled(len(names), 1, {}, b"", {"group": Facet(names, np.arange(len(names), dtype=np.int32))})
    made, both = recipe(seed=seed, names="ab", splits={"test": 0.3}), [found, free]
    first, second = share_splits(made, both, fix_splits(made, both, Context()))
    group = found.facets["group"].codes
    for number, code in zip(group.tolist(), first.tolist(), strict=True):
        if code != LEFT_OUT:
            assert second[number] == code
