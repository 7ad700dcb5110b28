"""Planning: every row once, shards that depend on the recipe alone, and splits that do not leak."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory import plan, schema
from ocrfactory.errors import InputError, RecipeError
from ocrfactory.recipe import Recipe
from ocrfactory.shards import PartPlan, cut_shards, locate, row_order
from ocrfactory.sources.source import Context, Facet, Settled
from ocrfactory.splits import fix_splits, share_splits


def recipe(**changes):
    return Recipe.model_validate({"name": "r", "parts": [{"source": {"kind": "glyphs", "fonts": ["x"]}}], **changes})


def settled(groups, replicas=1, faces=None, row_bytes=700):
    names = sorted(set(groups))
    codes = np.array([names.index(group) for group in groups], np.int32)
    facets = {"group": Facet(tuple(names), codes)}
    if faces is not None:
        known = sorted(set(faces))
        facets["face"] = Facet(tuple(known), np.array([known.index(face) for face in faces], np.int32))
    return Settled(len(groups), replicas, {}, b"", facets, row_bytes=row_bytes)


def assign_splits(made, sources, context):
    return share_splits(made, sources, fix_splits(made, sources, context))


def part(items, replicas=1, splits=None):
    return PartPlan("p", items, replicas, b"", np.zeros(items, np.uint8).tobytes() if splits is None else splits)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 3)), min_size=1, max_size=4),
    st.integers(0, 99),
    st.sampled_from(["shuffle", "source"]),
    st.one_of(st.none(), st.integers(1, 200)),
    st.data(),
)
def test_every_row_of_every_part_is_planned_exactly_once_or_left_out_by_the_limit(sizes, seed, order, limit, data):
    parts = [
        part(items, replicas, bytes(data.draw(st.lists(st.integers(0, 2), min_size=items, max_size=items))))
        for items, replicas in sizes
    ]
    found = row_order(parts, seed, order, limit)
    rows = [
        (int(p), int(r), split)
        for split, numbers in found.items()
        for p, r in zip(*locate(parts, numbers), strict=True)
    ]
    total = sum(items * replicas for items, replicas in sizes)
    assert len(rows) == len(set(rows)) == min(total, limit or total)
    for number, row, split in rows:
        assert schema.SPLITS[parts[number].splits[row // parts[number].replicas]] == split


@given(st.integers(1, 5000), st.one_of(st.none(), st.integers(1, 500)))
def test_shards_cover_their_split_without_gap_or_overlap_and_differ_by_one_row_at_most(rows, most):
    shards = cut_shards(recipe(shard_rows=most), [settled(["g"] * rows)], {"train": rows, "validation": 0, "test": 0})
    assert [shard.start for shard in shards] == [0, *[shard.stop for shard in shards[:-1]]]
    assert shards[-1].stop == rows
    sizes = {shard.rows for shard in shards}
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= (most or 50_000)
    assert [shard.name for shard in shards] == [f"train-{i:05d}-of-{len(shards):05d}" for i in range(len(shards))]


def test_more_shards_than_five_digits_can_number_are_refused():
    with pytest.raises(InputError, match="99999"):
        cut_shards(recipe(shard_rows=1), [settled(["g"])], {"train": 100_000})


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=120),
    st.floats(0.05, 0.45),
    st.floats(0.05, 0.45),
    st.integers(1, 3),
    st.integers(0, 5),
)
def test_no_group_spans_two_splits_and_shares_are_kept_within_one_group(groups, validation, test, replicas, seed):
    source = settled([f"g{group}" for group in groups], replicas)
    made = recipe(seed=seed, splits={"validation": validation, "test": {"share": test}})
    (codes,) = assign_splits(made, [source], Context())
    of_group = {}
    for group, code in zip(groups, codes.tolist(), strict=True):
        assert of_group.setdefault(group, code) == code
    largest = max(groups.count(group) for group in groups)
    for number, share in ((1, validation), (2, test)):
        assert abs(np.count_nonzero(codes == number) - share * len(groups)) <= largest


def test_a_group_that_two_parts_share_lies_in_one_split():
    sources = [settled([f"g{i}" for i in range(50)]), settled([f"g{i}" for i in range(25, 75)])]
    made = Recipe.model_validate(
        {
            "name": "r",
            "parts": [{"source": {"kind": "glyphs", "name": n, "fonts": ["x"]}} for n in "ab"],
            "splits": {"test": 0.3},
        }
    )
    first, second = assign_splits(made, sources, Context())
    assert first[25:].tolist() == second[:25].tolist()
    assert 0 < np.count_nonzero(first) < 50


def test_a_held_out_face_goes_to_its_split_whole_and_the_share_is_of_the_rest():
    source = settled([f"g{i}" for i in range(100)], faces=["kai"] * 20 + ["sung"] * 80)
    (codes,) = assign_splits(recipe(splits={"test": {"faces": ["kai"]}, "validation": 0.25}), [source], Context())
    assert (codes[:20] == 2).all()
    assert np.count_nonzero(codes[20:] == 1) == 20
    assert np.count_nonzero(codes[20:] == 2) == 0


def test_a_held_out_face_that_cuts_through_a_group_is_refused_by_name():
    source = settled(["same"] * 4, faces=["kai", "kai", "sung", "sung"])
    with pytest.raises(RecipeError, match="same"):
        assign_splits(recipe(splits={"test": {"faces": ["kai"]}}), [source], Context())


def test_a_held_out_face_that_no_row_has_is_refused_and_the_faces_are_named():
    source = settled(["g"], faces=["sung"])
    for faces in (["kia"], ["sung", "kia"]):
        with pytest.raises(RecipeError, match="kia; faces: sung"):
            assign_splits(recipe(splits={"test": {"faces": faces}}), [source], Context())


def test_without_splits_every_row_is_train():
    (codes,) = assign_splits(recipe(), [settled(["a", "b"])], Context())
    assert codes.tolist() == [0, 0]


def test_what_differs_between_two_plans_is_named_by_path():
    lines = plan.differences({"a": {"b": 1, "c": [1, 2]}, "d": 0}, {"a": {"b": 2, "c": [1, 3]}, "d": 0, "e": True})
    assert lines == ["a.b: 1, now 2", "a.c.1: 2, now 3", "e: absent, now true"]
