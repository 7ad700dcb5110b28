"""The class plan: what it says of each class is what is built, and nothing is left out without a count."""

import csv
import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.classplan import class_plan
from ocrfactory.cli.class_text import class_facts, class_words
from ocrfactory.errors import InputError, RecipeError
from ocrfactory.layout import Layout
from ocrfactory.plan import make_plan
from ocrfactory.recipe import Recipe
from ocrfactory.report.summary import in_words, write_report
from ocrfactory.rerender import rerender
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify
from ocrfactory.write import sha256_of

from tests.conftest import HAN
from tests.rows import Row, make_data_set

ONLY_REAL, ONLY_GAN, NOWHERE = "龜", "龍", "鬱"


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """Real rows with a long tail on a few pages, generated ones in two styles, and two lines of text."""
    rows = [Row(text, "real", f"page {n % 5}") for i, text in enumerate(HAN[:6]) for n in range(20 // (i + 1))]
    rows += [Row(ONLY_REAL, "real", "page 1"), Row(ONLY_REAL, "real", "page 9", "test")]
    rows += [Row(text, "gan", f"style {n % 2}/{text}") for text in (*HAN[3:9], ONLY_GAN) for n in range(8)]
    rows += [Row("一行字", "real", f"line {n}", kind="line") for n in range(2)]
    return make_data_set(tmp_path_factory.mktemp("others") / "made", rows)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory):
    path = tmp_path_factory.mktemp("wanted") / "wanted.txt"
    path.write_text("".join(f"{text}\n" for text in HAN[:12] + ONLY_REAL + ONLY_GAN + NOWHERE), "utf-8")
    return path


@pytest.fixture(scope="module")
def recipe(font, wanted, others):
    def make(classes, turned=False, per_class=3, **changes):
        parts = [
            {"source": {"kind": "glyphs", "fonts": [str(font)], "charset": str(wanted), "per_class": per_class}},
            {"source": {"kind": "dataset", "name": "others", "path": str(others)}},
        ]
        fields = {"name": "t", "parts": parts[::-1] if turned else parts, "shard_rows": 30, "classes": classes}
        return Recipe.model_validate({**fields, **changes})

    return make


def built(recipe, out, **options):
    build(recipe, out, Context(), Options(executor="serial", **options))
    with (out / "meta/class_plan.csv").open(encoding="utf-8", newline="") as file:
        return {row["class"]: row for row in csv.DictReader(file)}


def planned(recipe):
    return class_plan(make_plan(recipe, Context()))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.none(), st.integers(0, 12)),
    st.one_of(st.none(), st.integers(1, 12)),
    st.permutations(["font", "gan", "real"]),
    st.one_of(st.none(), st.integers(5, 80)),
    st.booleans(),
    st.sampled_from([{}, {"test": 0.2}]),
    st.sampled_from([(), ({"origin": "gan", "charset": "U+9F8D", "to": "validation"},)]),
    st.integers(0, 9),
)
def test_what_is_built_is_what_was_planned_for_every_class_origin_and_split(
    recipe, tmp_path_factory, cap, most, priority, limit, turned, splits, route, seed
):
    rules = {"cap": cap, "max_per_class": most, "priority": priority, "route": route}
    made = recipe(rules, turned, limit=limit, splits=splits, seed=seed)
    out = tmp_path_factory.mktemp("built") / "out"
    table = built(made, out)
    counts = Counter()
    for row in read.rows(out, ["text", "origin", "split", "kind"]):
        if row["kind"] == "glyph":
            counts.update([(row["text"], row["origin"]), (row["text"], row["split"]), row["text"]])
    expected = {row.text: row for row in planned(made).rows()}
    assert expected.keys() == table.keys()
    for text, row in expected.items():
        for name in ("font", "gan", "real", "train", "validation", "test"):
            assert counts[text, name] == getattr(row, name) == int(table[text][name])
        assert counts[text] == row.planned == int(table[text]["written"])
        assert cap is None or row.real <= cap
    assert verify(out).problems == ()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 9), st.integers(1, 8), st.integers(0, 3))
def test_the_order_of_the_parts_plans_the_same_rows(recipe, cap, most, seed):
    plans = [planned(recipe({"cap": cap, "max_per_class": most}, turned, seed=seed)) for turned in (False, True)]
    first, second = ({row.text: row for row in plan.rows()} for plan in plans)
    assert first == second
    assert plans[0].not_selected == plans[1].not_selected


def test_every_row_is_planned_or_left_out_with_its_reason(recipe, tmp_path):
    made = recipe({"cap": 4, "max_per_class": 6}, limit=40)
    whole = make_plan(recipe(None), Context()).plan.rows
    plan = planned(made)
    assert plan.not_selected.keys() == {"over_cap", "over_max", "over_limit"}
    drawn = int(plan.totals.sum()) + sum(plan.untouched.values())
    unseen_lines = 2 - sum(plan.untouched.values())
    assert drawn + sum(plan.not_selected.values()) + unseen_lines == whole
    built(made, tmp_path / "out")
    assert read.manifest(tmp_path / "out").not_selected == plan.not_selected
    report = make_report(tmp_path / "out")
    assert report["not_selected"] == plan.not_selected


def make_report(folder):
    words = in_words(write_report(folder))
    assert any(line.startswith("left out by the class plan") for line in words)
    return json.loads((folder / "meta/report.json").read_text("utf-8"))


def test_a_class_is_ok_short_or_unfillable_and_a_short_one_knows_what_would_fill_it(recipe):
    rows = {row.text: row for row in planned(recipe({"min_per_class": 5, "cap": 3})).rows()}
    assert (rows[NOWHERE].status, rows[NOWHERE].planned, rows[NOWHERE].raised_by) == ("unfillable", 0, "")
    assert (rows[ONLY_GAN].status, rows[ONLY_GAN].gan) == ("ok", 8)
    assert (rows[ONLY_REAL].status, rows[ONLY_REAL].real, rows[ONLY_REAL].raised_by) == ("short", 2, "")
    assert (rows[HAN[10]].status, rows[HAN[10]].raised_by) == ("short", "glyphs.per_class: 5")
    assert rows[HAN[0]].status == "ok"
    more = {row.text: row for row in planned(recipe({"min_per_class": 5, "cap": 3}, per_class=5)).rows()}
    assert more[HAN[10]].status == "ok"


def test_the_cap_and_the_limit_are_named_where_they_are_what_keeps_a_class_short(recipe):
    rules = {"min_per_class": 9, "cap": 2, "charset": "U+4E00"}
    (row,) = planned(recipe(rules)).rows()
    assert (row.status, row.real, row.raised_by) == ("short", 2, "cap: 6")
    (row,) = planned(recipe({**rules, "cap": 6})).rows()
    assert row.status == "ok"
    (row,) = planned(recipe({**rules, "cap": 6}, limit=1)).rows()
    assert row.raised_by == "limit: null"
    (row,) = planned(recipe(rules, limit=1)).rows()
    assert row.raised_by == "limit: null, cap: 6"


def advised(recipe, rules, advice, per_class=3, **changes):
    """The plan of the same recipe, with the settings changed that a line of a plan names."""
    for setting in advice.split(", "):
        name, _, value = setting.partition(": ")
        if name == "limit":
            changes = {**changes, "limit": None}
        elif name == "cap":
            rules = {**rules, "cap": int(value)}
        else:
            assert name == "glyphs.per_class"
            per_class = int(value)
    return {row.text: row for row in planned(recipe(rules, per_class=per_class, **changes)).rows()}


def names_of(advice):
    return [setting.partition(": ")[0] for setting in advice.split(", ")]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 30),
    st.one_of(st.none(), st.integers(0, 12)),
    st.one_of(st.none(), st.integers(0, 20)),
    st.one_of(st.none(), st.integers(5, 200)),
    st.integers(1, 3),
    st.sampled_from([{}, {"test": 0.2}]),
    st.integers(0, 9),
)
def test_whoever_takes_the_advice_of_a_plan_has_the_classes_that_it_promises(
    recipe, least, cap, above, limit, per_class, splits, seed
):
    rules = {"min_per_class": least, "cap": cap, "max_per_class": None if above is None else least + above}
    changes = {"per_class": per_class, "limit": limit, "splits": splits, "seed": seed}
    plan = planned(recipe(rules, **changes))
    short = [row for row in plan.rows() if row.status == "short"]
    for advice, count in class_facts(plan, plan.rows())["raised_by"].items():
        meant = [row.text for row in short if names_of(row.raised_by) == names_of(advice)]
        better = advised(recipe, rules, advice, **changes)
        assert len(meant) == count
        assert [better[text].status for text in meant] == ["ok"] * count, advice
    all_there_is = planned(recipe({**rules, "cap": None}, **{**changes, "limit": None, "per_class": 90})).rows()
    hopeless = {row.text for row in short if not row.raised_by}
    assert hopeless == {row.text for row in all_there_is if row.status == "short"}


def test_settings_that_help_only_together_are_named_together(recipe):
    rules = {"min_per_class": 5, "cap": 0, "charset": f"U+4E00 + U+{ord(HAN[10]):04X} + U+{ord(HAN[11]):04X}"}
    plan = planned(recipe(rules, per_class=1, limit=2))
    told = {"limit: null, glyphs.per_class: 5": [HAN[10], HAN[11]], "limit: null, cap: 4": [HAN[0]]}
    assert class_facts(plan, plan.rows())["raised_by"] == {advice: len(texts) for advice, texts in told.items()}
    for advice, texts in told.items():
        better = advised(recipe, rules, advice, per_class=1, limit=2)
        assert {better[text].status for text in texts} == {"ok"}


def test_a_limit_with_room_for_what_is_missing_stays_out_of_the_advice(recipe):
    rules = {"min_per_class": 5, "charset": f"U+{ord(HAN[10]):04X}"}
    for limit, advice in ((7, "glyphs.per_class: 5"), (6, "limit: null, glyphs.per_class: 5")):
        plan = planned(recipe(rules, limit=limit))
        assert plan.chosen == 5, "three of the class, and two lines"
        assert [row.raised_by for row in plan.rows()] == [advice]


def test_where_a_setting_gives_some_but_too_few_the_plan_promises_nothing(recipe):
    plan = planned(recipe({"min_per_class": 5, "cap": 1, "charset": f"U+{ord(ONLY_REAL):04X}"}))
    assert plan.over_cap.tolist() == [1]
    assert [(row.status, row.raised_by) for row in plan.rows()] == [("short", "")]
    words = class_words(class_facts(plan, plan.rows()))
    assert "  1 of the short classes need more rows in the parts: no setting fills them" in words


def test_more_pictures_than_a_part_may_draw_or_a_plan_may_hold_are_not_advised(recipe, monkeypatch):
    rules = {"min_per_class": 100_001, "cap": 0, "charset": f"U+{ord(HAN[10]):04X}"}
    assert [row.raised_by for row in planned(recipe(rules)).rows()] == [""]
    rules["min_per_class"] = 20
    monkeypatch.setattr("ocrfactory.classplan.MAX_ROWS", 200)
    monkeypatch.setattr("ocrfactory.plan.MAX_ROWS", 200)
    assert [row.raised_by for row in planned(recipe(rules)).rows()] == [""]
    with pytest.raises(InputError, match="at most 200 are possible"):
        planned(recipe(rules, per_class=20))


def test_a_reject_is_counted_for_its_class(others, tmp_path, recipe, monkeypatch):
    from ocrfactory import encode
    from ocrfactory.sources import dataset

    def damaged(data, decode=encode.decode):
        raise ValueError("a test damaged it")

    monkeypatch.setattr(dataset.encode, "decode", damaged)
    table = built(recipe({"cap": 2}), tmp_path / "out", max_reject_rate=1)
    monkeypatch.undo()
    row = table[ONLY_GAN]
    assert (row["planned"], row["written"], row["rejected"]) == ("8", "0", "8")
    assert table[HAN[0]]["rejected"] == "2"
    assert verify(tmp_path / "out").problems == ()


def test_once_built_a_class_is_what_was_written_of_it_and_whoever_built_it_is_told(recipe, tmp_path, monkeypatch):
    from ocrfactory import encode
    from ocrfactory.sources import dataset

    def damaged(data, decode=encode.decode):
        raise ValueError("a test damaged it")

    rules = {"min_per_class": 4, "charset": f"U+4E00 + U+{ord(ONLY_GAN):04X} + U+{ord(NOWHERE):04X}"}
    made = recipe(rules, per_class=4)
    before = {row.text: row for row in planned(made).rows()}
    assert [before[text].status for text in (HAN[0], ONLY_GAN, NOWHERE)] == ["ok", "ok", "unfillable"]
    monkeypatch.setattr(dataset.encode, "decode", damaged)
    table = built(made, tmp_path / "out", max_reject_rate=1)
    monkeypatch.undo()
    assert [table[text]["status"] for text in (HAN[0], ONLY_GAN, NOWHERE)] == ["ok", "short", "unfillable"]
    assert table[ONLY_GAN]["raised_by"] == "", "rows that are refused come by no setting"
    told = "2 classes have fewer rows than min_per_class (in meta/class_plan.csv): U+9F8D 0, U+9B31 0"
    summary = write_report(tmp_path / "out")
    assert summary.below_minimum == {ONLY_GAN: 0, NOWHERE: 0}
    assert told in in_words(summary)
    assert told in (tmp_path / "out/README.md").read_text("utf-8")
    assert verify(tmp_path / "out").problems == ()


def test_where_every_class_has_its_rows_neither_the_end_of_a_run_nor_the_card_says_more(recipe, tmp_path):
    built(recipe({"min_per_class": 3, "charset": "U+4E00"}), tmp_path / "out")
    summary = write_report(tmp_path / "out")
    assert summary.below_minimum == {}
    for text in (*in_words(summary), (tmp_path / "out/README.md").read_text("utf-8")):
        assert "min_per_class" not in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace(",ok,,5,0", ",ok,,4,1", 1), "4 written, there are 5"),
        (lambda text: text.replace("一,U+4E00,", "乙,U+4E59,", 1), "has 5 rows and no line"),
        (lambda text: text.replace("U+4E00,", "U+4E01,", 1), "line 2: not a line of a class plan"),
        (lambda text: text.replace(",han,", ",kana,", 1), "line 2: not a line of a class plan"),
        (lambda text: text.replace(",ok,", ",good,", 1), "line 2: not a line of a class plan"),
        (lambda text: text.replace("class,", "klass,", 1), "line 1: the columns are not"),
    ],
)
def test_a_class_plan_that_is_not_what_lies_there_is_found_even_under_a_forged_hash(recipe, tmp_path, change, words):
    out = tmp_path / "out"
    built(recipe({"cap": 2}), out)
    path = Layout(out).class_plan
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    facts = json.loads((out / "manifest.json").read_text("utf-8"))
    facts["files"]["meta/class_plan.csv"] = sha256_of(path)
    (out / "manifest.json").write_text(json.dumps(facts), "utf-8")
    assert any(words in problem for problem in verify(out).problems), verify(out).problems


def test_a_recipe_without_classes_is_the_recipe_that_it_was_and_writes_no_table(recipe, tmp_path):
    plain = recipe(None)
    assert not {"classes", "views"} & plain.canonical().keys()
    build(plain, tmp_path / "out", Context(), Options(executor="serial"))
    assert not (tmp_path / "out/meta/class_plan.csv").exists()
    assert not (tmp_path / "out/meta/views").exists()
    assert planned(plain).not_selected == {}


def test_the_plan_is_another_one_if_the_wanted_classes_change_even_where_no_row_does(recipe, tmp_path):
    path = tmp_path / "wanted.txt"
    found = []
    for more in ("", "鬲\n"):
        path.write_text(f"一\n{more}", "utf-8")
        found.append(make_plan(recipe({"charset": str(path)}), Context()).plan)
    assert found[0].recipe_id == found[1].recipe_id
    assert found[0].sha256 != found[1].sha256


def test_the_classes_of_the_data_set_are_the_wanted_ones_in_their_order(recipe, tmp_path):
    built(recipe({"charset": "U+4E03+U+4E00+U+9B31"}), tmp_path / "out")
    classes = (tmp_path / "out/meta/charset.txt").read_text("utf-8").splitlines()
    assert classes[:3] == ["七", "一", "鬱"]


def test_some_replicas_of_an_item_can_be_drawn_and_drawn_again(recipe, tmp_path):
    out = tmp_path / "out"
    table = built(recipe({"max_per_class": 2, "charset": "U+4E00"}, per_class=3), out)
    assert table["一"]["font"] == "2"
    ids = [row["id"] for row in read.rows(out, ["id", "origin"]) if row["origin"] == "font"]
    assert len(ids) == 2
    for id in ids:
        assert rerender(out, id).differences == ()


def test_rows_that_were_parted_from_their_page_have_a_group_of_their_own_and_are_drawn_again(recipe, others, tmp_path):
    out = tmp_path / "out"
    route = [{"origin": "real", "charset": "U+4E00", "to": "validation", "parts_groups": True}]
    table = built(recipe({"route": route}), out)
    assert table["一"]["validation"] == table["一"]["real"] == "20"
    groups = {row["id"]: row["split_group"] for row in read.rows(out, ["id", "split_group"], "validation")}
    assert sorted(set(groups.values())) == [f"page {n}#validation" for n in range(5)]
    assert "page 0" in {row["split_group"] for row in read.rows(out, ["split_group"], "train")}
    assert verify(out).problems == ()
    assert rerender(out, min(groups)).differences == ()
    with pytest.raises(RecipeError, match="group 'page 0' would span"):
        planned(recipe({"route": [{**route[0], "parts_groups": False}]}))


def test_another_parting_is_another_plan(recipe):
    plans = [
        make_plan(recipe({"route": [{"origin": "real", "to": "train", "parts_groups": parts}]}), Context()).plan
        for parts in (False, True)
    ]
    assert plans[0].facts["splits"] != plans[1].facts["splits"]


def test_size_and_time_are_those_of_the_rows_that_are_taken(recipe):
    few, all_of_them = (
        make_plan(recipe(rules), Context()) for rules in ({"cap": 0, "max_per_class": 1}, {"cap": None})
    )
    rows = few.plan.rows_by_part()
    assert few.bytes == sum(n * part.row_bytes for n, part in zip(rows, few.settled, strict=True))
    assert few.bytes < all_of_them.bytes / 3


def test_classes_and_views_without_a_single_character_are_a_mistake_of_the_recipe(tmp_path):
    folder = make_data_set(tmp_path / "lines", [Row("一行字", kind="line")])
    for name, rules in (("classes", {}), ("views", {})):
        made = Recipe.model_validate(
            {"name": "t", "parts": [{"source": {"kind": "dataset", "path": str(folder)}}], name: rules}
        )
        with pytest.raises(RecipeError, match=f"{name}: no part has rows of single characters"):
            make_plan(made, Context())


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"min_per_class": 5, "max_per_class": 4}, "max_per_class 4 is below min_per_class 5"),
        ({"priority": ["font", "font", "real"]}, "name font, gan and real once each"),
        ({"route": [{"origin": "fake", "to": "test"}]}, "'font', 'gan' or 'real'"),
        ({"route": [{"origin": "real", "group": "runes", "to": "test"}]}, "'punctuation'"),
        ({"cap": -1}, "greater than or equal to 0"),
        ({"max": 3}, "Extra inputs are not permitted"),
    ],
)
def test_rules_that_mean_nothing_are_refused(recipe, rules, words):
    with pytest.raises(ValueError, match=words):
        recipe(rules)


def test_labelled_characters_are_ruled_by_class_without_being_converted_first(tmp_path):
    from tests.deliveries.make import make_delivery

    make_delivery(tmp_path / "d", "603", images=12)
    made = Recipe.model_validate(
        {
            "name": "t",
            "parts": [{"source": {"kind": "aihub", "paths": [str(tmp_path / "d")]}}],
            "classes": {"cap": 2},
            "max_reject_rate": 1,
        }
    )
    table = built(made, tmp_path / "out")
    assert {row["real"] for row in table.values()} == {"1", "2"}
    assert all(row["planned"] == row["written"] for row in table.values())
    assert read.manifest(tmp_path / "out").not_selected["over_cap"] > 10
    assert verify(tmp_path / "out").problems == ()
