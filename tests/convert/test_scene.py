"""Scenes travel packed and come back the same; every number finds its own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.convert.entry import Entry
from ocrfactory.convert.scene import BLOCK_ITEMS, Item, Packer, Scene, Scenes

ITEMS = st.one_of(
    st.none(),
    st.builds(
        Item,
        index=st.integers(0, 10**6),
        text=st.text(),
        raw=st.one_of(st.none(), st.text()),
        box=st.one_of(st.none(), st.tuples(*[st.floats(allow_nan=False)] * 4)),
        polygon=st.one_of(st.none(), st.just((1.0, 2.0, 3.0, 4.0, 5.0, 6.0))),
        id=st.one_of(st.none(), st.text()),
        flags=st.sampled_from([(), ("poly_n",), ("a", "b")]),
        attributes=st.one_of(
            st.none(), st.dictionaries(st.text(), st.one_of(st.integers(-5, 5), st.text(), st.lists(st.booleans())))
        ),
        reject=st.one_of(st.none(), st.tuples(st.text(), st.text())),
        line=st.one_of(st.none(), st.integers(0, 9)),
    ),
)
SCENES = st.builds(
    Scene,
    image=st.one_of(
        st.none(),
        st.builds(Entry, path=st.text(), container=st.integers(0, 3), name=st.text(), size=st.integers(0, 2**40)),
    ),
    label=st.one_of(st.none(), st.text()),
    items=st.lists(ITEMS, min_size=1, max_size=5).map(tuple),
    group=st.text(),
    width=st.one_of(st.none(), st.integers(1, 10**6)),
    flags=st.sampled_from([(), ("name_normalized",)]),
    fault=st.one_of(st.none(), st.tuples(st.text(), st.text())),
)


def packed(scenes):
    packer = Packer()
    for scene in scenes:
        packer.add(scene)
    return packer.packed()


@settings(deadline=None)
@given(st.lists(SCENES, min_size=1, max_size=12))
def test_scenes_come_back_as_they_were_and_every_number_finds_its_own(scenes):
    found = Scenes(packed(scenes)[0])
    assert list(found) == scenes
    first = 0
    for scene in scenes:
        for number in range(first, first + len(scene.items)):
            assert found.find(number) == (first, scene)
        first += len(scene.items)


@pytest.mark.parametrize(
    "sizes", [[1] * (3 * BLOCK_ITEMS + 1), [BLOCK_ITEMS - 1, 1, 1], [BLOCK_ITEMS, BLOCK_ITEMS + 5, 2], [5000, 1]]
)
def test_every_number_of_many_blocks_is_found_in_any_order(sizes):
    scenes = [Scene(None, None, tuple(Item(i, "가") for i in range(size)), f"g{n}") for n, size in enumerate(sizes)]
    found = Scenes(packed(scenes)[0])
    assert [scene.group for scene in found] == [scene.group for scene in scenes]
    firsts = [sum(sizes[:n]) for n in range(len(sizes))]
    for n in (*range(len(sizes)), *reversed(range(len(sizes)))):
        for number in {firsts[n], firsts[n] + sizes[n] - 1}:
            first, scene = found.find(number)
            assert (first, scene.group) == (firsts[n], f"g{n}")


def test_the_hash_is_of_what_the_scenes_say():
    scenes = [Scene(None, "l", (Item(0, "가"),), "g") for _ in range(3)]
    assert packed(scenes)[1] == packed(scenes)[1]
    assert packed(scenes)[1] != packed([*scenes[:2], Scene(None, "l", (Item(0, "나"),), "g")])[1]
    assert packed(scenes)[1] != packed(scenes[:2])[1]


def test_no_scenes_are_packed_too():
    assert list(Scenes(packed([])[0])) == []
