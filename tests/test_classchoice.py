"""Which rows of a class are drawn: caps, rounds over groups, priorities, routes; the order of parts does not matter."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory import schema
from ocrfactory.classchoice import choose_rows
from ocrfactory.errors import CharsetError, RecipeError
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import FREE, LEFT_OUT, Context, Facet, Settled
from ocrfactory.splits import fix_splits, share_splits

CLASSES = "一丁。あ"
TRAIN, VALIDATION, TEST = range(3)


class Item(NamedTuple):
    text: str
    origin: str
    group: str
    split: int = FREE


def facet(values):
    names = sorted(set(values))
    return Facet(tuple(names), np.array([names.index(value) for value in values], np.int32))


def settled(items, replicas=1):
    facets = {
        "class": facet([item.text for item in items]),
        "origin": facet([item.origin for item in items]),
        "group": facet([item.group for item in items]),
    }
    codes = np.array([item.split for item in items], np.uint8)
    free = (codes == FREE).all()
    return Settled(len(items), replicas, {}, b"", facets, charset=tuple(CLASSES), splits=None if free else codes)


def recipe(names, rules, **changes):
    parts = [{"source": {"kind": "glyphs", "name": name, "fonts": ["x"]}} for name in names]
    return Recipe.model_validate({"name": "r", "parts": parts, "classes": rules, **changes})


def choose(parts, rules, **changes):
    """parts: name -> Settled."""
    made, found = recipe(parts, rules, **changes), list(parts.values())
    fixed = fix_splits(made, found, Context())
    choice = choose_rows(made, found, fixed, Context())
    return choice, share_splits(made, found, fixed, choice.kept(found))


def rows_taken(parts, choice):
    """(source, row) -> item, of what is drawn."""
    return {
        (name, row): (found.row_items[row // found.replicas])
        for (name, found), taken in zip(parts.items(), choice.taken, strict=True)
        for row in np.flatnonzero(taken).tolist()
    }


class Known(NamedTuple):
    settled: Settled
    row_items: tuple[Item, ...]

    @property
    def replicas(self):
        return self.settled.replicas


ITEM = st.builds(
    Item, st.sampled_from(CLASSES), st.sampled_from(schema.ORIGINS), st.sampled_from("abcd"), st.just(FREE)
)


@st.composite
def sources(draw):
    found = {}
    for number in range(draw(st.integers(1, 3))):
        name, items = f"p{number}", draw(st.lists(ITEM, min_size=1, max_size=25))
        items = [item._replace(group=f"{name}/{item.group}") for item in items]
        found[name] = Known(settled(items, draw(st.integers(1, 3))), tuple(items))
    return found


def plain(known):
    return {name: found.settled for name, found in known.items()}


@settings(max_examples=60)
@given(sources(), st.integers(0, 6), st.integers(0, 3))
def test_the_cap_takes_as_many_real_rows_as_it_allows_and_all_of_the_others(known, cap, seed):
    choice, _ = choose(plain(known), {"cap": cap}, seed=seed)
    taken = Counter((item.text, item.origin == "real") for item in rows_taken(known, choice).values())
    there = Counter(
        (item.text, item.origin == "real") for part in known.values() for item in part.row_items * part.replicas
    )
    for (text, real), count in there.items():
        assert taken[text, real] == (min(count, cap) if real else count)
    assert choice.not_selected.get("over_cap", 0) == sum(there.values()) - sum(taken.values())


@settings(max_examples=60)
@given(sources(), st.integers(1, 6), st.integers(0, 3))
def test_real_rows_are_taken_in_rounds_so_no_group_gives_two_more_than_one_that_has_more(known, cap, seed):
    choice, _ = choose(plain(known), {"cap": cap}, seed=seed)
    taken = Counter((item.text, item.group) for item in rows_taken(known, choice).values() if item.origin == "real")
    there = Counter(
        (item.text, item.group)
        for part in known.values()
        for item in part.row_items * part.replicas
        if item.origin == "real"
    )
    for text in CLASSES:
        groups = [group for other, group in there if other == text]
        most = max((taken[text, group] for group in groups), default=0)
        assert all(taken[text, group] in (there[text, group], most, most - 1) for group in groups)


@settings(max_examples=60)
@given(sources(), st.integers(1, 8), st.permutations(["font", "gan", "real"]))
def test_the_most_a_class_may_have_is_filled_in_the_order_of_the_priority(known, most, priority):
    choice, _ = choose(plain(known), {"cap": None, "max_per_class": most, "priority": priority})
    taken = Counter((item.text, item.origin) for item in rows_taken(known, choice).values())
    there = Counter((item.text, item.origin) for part in known.values() for item in part.row_items * part.replicas)
    for text in CLASSES:
        room = most
        for origin in priority:
            assert taken[text, origin] == min(room, there[text, origin])
            room -= taken[text, origin]


@settings(max_examples=60)
@given(sources(), st.integers(1, 5), st.integers(1, 8), st.randoms())
def test_the_order_of_the_parts_changes_no_choice(known, cap, most, random):
    rules = {"cap": cap, "max_per_class": most}
    names = list(known)
    random.shuffle(names)
    turned = {name: known[name] for name in names}
    first, _ = choose(plain(known), rules, seed=3)
    second, _ = choose(plain(turned), rules, seed=3)
    assert rows_taken(known, first).keys() == rows_taken(turned, second).keys()
    assert first.not_selected == second.not_selected


def test_another_seed_takes_other_rows():
    part = {"a": settled([Item("一", "real", f"g{number}") for number in range(100)])}
    first, second = (choose(part, {"cap": 10}, seed=seed)[0].taken[0] for seed in (1, 2))
    assert first.sum() == second.sum() == 10
    assert (first != second).any()


def test_plain_variants_come_before_jittered_ones_and_every_face_gives_its_share():
    items = [Item("一", "font", f"face{number}/一") for number in range(4)]
    choice, _ = choose({"a": settled(items, replicas=10)}, {"max_per_class": 6})
    by_face = choice.taken[0].reshape(4, 10)
    assert sorted(by_face.sum(axis=1).tolist()) == [1, 1, 2, 2]
    assert by_face[:, 0].all()


def test_rows_of_classes_that_are_not_wanted_are_left_out_with_a_count():
    part = {"a": settled([Item(text, "font", text) for text in CLASSES], replicas=2)}
    choice, _ = choose(part, {"charset": "U+4E00"})
    assert choice.classes == ("一",)
    assert choice.taken[0].tolist() == [True] * 2 + [False] * 6
    assert choice.not_selected == {"not_a_target": 6}


def test_rows_that_are_no_single_characters_are_all_taken():
    lines = Settled(5, 1, {}, b"", {"group": facet(list("abcde"))})
    mixed = settled([Item("", "real", "x"), Item("一", "real", "y"), Item("一", "real", "z")])
    choice, _ = choose({"a": lines, "b": mixed}, {"cap": 0})
    assert choice.taken[0].all()
    assert choice.taken[1].tolist() == [True, False, False]


def test_a_charset_without_a_class_is_an_error_that_names_it():
    with pytest.raises(CharsetError, match=r"classes\.charset 'kana-kana' holds no class"):
        choose({"a": settled([Item("一", "font", "g")])}, {"charset": "kana-kana"})


def test_what_is_held_out_is_not_counted_against_the_most():
    items = [Item("一", "real", f"t{i}", TEST) for i in range(5)] + [
        Item("一", "real", f"r{i}", TRAIN) for i in range(5)
    ]
    choice, _ = choose({"a": settled(items)}, {"max_per_class": 2})
    assert choice.taken[0][:5].all()
    assert choice.taken[0][5:].sum() == 2


def test_what_may_fall_back_to_another_origin_is_planned_with_its_first():
    facets = {"class": facet(["一", "一"]), "group": facet(["a", "b"])}
    found = Settled(2, 1, {}, b"", facets, charset=("一",), origins=("gan", "font"))
    choice, (codes,) = choose({"a": found}, {"cap": 0, "route": [{"origin": "gan", "to": "test"}]})
    assert choice.taken[0].all()
    assert codes.tolist() == [TEST, TEST]


# Routes.


def routed(items, route, **changes):
    _, (codes,) = choose({"a": settled(items)}, {"route": route}, **changes)
    return codes.tolist()


ONE_OF_EACH = [Item(text, origin, f"{text}{origin}") for text in "一。" for origin in ("font", "real")]


def test_a_route_sends_an_origin_of_a_class_group_to_its_split_and_nothing_else():
    assert routed(ONE_OF_EACH, [{"origin": "real", "group": "punctuation", "to": "test"}]) == [0, 0, 0, 2]
    assert routed(ONE_OF_EACH, [{"origin": "real", "charset": "U+4E00", "to": "validation"}]) == [0, 1, 0, 0]
    assert routed(ONE_OF_EACH, [{"origin": "font", "to": "test"}]) == [2, 0, 2, 0]


def test_the_first_route_that_fits_counts():
    route = [{"origin": "real", "group": "han", "to": "validation"}, {"origin": "real", "to": "test"}]
    assert routed(ONE_OF_EACH, route) == [0, 1, 0, 2]


def test_a_route_takes_rows_out_of_train_that_are_there_by_right():
    items = [Item("。", "real", "a", TRAIN), Item("一", "real", "b", TRAIN)]
    assert routed(items, [{"origin": "real", "group": "punctuation", "to": "test"}]) == [TEST, TRAIN]


def test_no_route_brings_into_train_what_was_kept_from_it_by_right():
    items = [Item("一", "real", "a", TEST), Item("一", "real", "b"), Item("一", "real", "c", LEFT_OUT)]
    assert routed(items, [{"origin": "real", "to": "train"}]) == [TEST, TRAIN, LEFT_OUT]


def test_what_is_routed_is_no_part_of_the_shares_and_is_not_held_out_again():
    items = [Item("一", "font", f"g{i}") for i in range(40)] + [Item("。", "real", f"r{i}") for i in range(40)]
    codes = routed(
        items,
        [{"origin": "real", "to": "validation"}],
        splits={"test": {"share": 0.25, "classes": "U+3002"}},
    )
    assert codes[40:] == [VALIDATION] * 40
    assert codes[:40].count(TEST) == 10


def test_a_route_that_parts_a_group_is_refused_by_name_with_the_cure():
    items = [Item("。", "real", "page 7"), Item("一", "real", "page 7")]
    with pytest.raises(RecipeError, match="group 'page 7' would span") as caught:
        routed(items, [{"origin": "real", "group": "punctuation", "to": "test"}])
    assert "say parts_groups: true in the route" in caught.value.cure


def test_a_route_that_is_told_to_parts_a_group_and_what_it_takes_is_a_group_of_its_own():
    items = [Item(text, "real", page) for page in ("page 7", "page 8") for text in "。一丁"]
    route = [
        {"origin": "real", "group": "punctuation", "to": "test", "parts_groups": True},
        {"origin": "real", "charset": "U+4E01", "to": "validation", "parts_groups": True},
    ]
    found = [settled(items), settled([Item("一", "real", "page 7")] * 3)]
    made = recipe("ab", {"route": route})
    fixed = fix_splits(made, found, Context())
    first, second = share_splits(made, found, fixed)
    assert first.tolist() == [TEST, TRAIN, VALIDATION] * 2
    assert second.tolist() == [TRAIN] * 3
    names = [fixed.groups[0].names[code] for code in fixed.groups[0].codes.tolist()]
    assert names[:3] == ["page 7#test", "page 7", "page 7#validation"]
    assert names[3:] == ["page 8#test", "page 8", "page 8#validation"]


def test_a_parted_group_takes_the_rest_of_it_nowhere_even_if_it_is_there_by_right():
    items = [Item("。", "real", "page 7", TRAIN), Item("一", "real", "page 7", TRAIN)]
    route = [{"origin": "real", "group": "punctuation", "to": "test", "parts_groups": True}]
    found = {"a": settled(items), "b": settled([Item("一", "real", "page 7")])}
    _, codes = choose(found, {"route": route}, splits={"validation": 0.4})
    assert [code.tolist() for code in codes] == [[TEST, TRAIN], [TRAIN]]


def test_a_group_may_be_parted_by_a_route_if_the_cap_leaves_only_one_side_of_it():
    items = [Item("。", "font", "page 7"), Item("一", "real", "page 7")]
    _, (codes,) = choose({"a": settled(items)}, {"cap": 0, "route": [{"origin": "font", "to": "test"}]})
    assert codes.tolist() == [TEST, TRAIN]


@settings(max_examples=40)
@given(sources(), st.integers(0, 4), st.floats(0.1, 0.5), st.integers(0, 3))
def test_shares_are_of_the_rows_that_are_drawn_and_no_group_spans_two_splits(known, cap, share, seed):
    choice, codes = choose(plain(known), {"cap": cap}, seed=seed, splits={"test": share})
    split_of, sizes = {}, Counter()
    for (name, part), taken, code in zip(known.items(), choice.taken, codes, strict=True):
        for row in np.flatnonzero(taken).tolist():
            group = part.row_items[row // part.replicas].group
            sizes[group] += 1
            assert split_of.setdefault((name, group), code[row // part.replicas]) == code[row // part.replicas]
    tested = sum(count for group, count in sizes.items() if any(split_of.get((n, group)) == TEST for n in known))
    assert abs(tested - share * sum(sizes.values())) <= max(sizes.values(), default=0)
