"""Views: lists of rows of train, one natural, one balanced; no row is named that is not there."""

import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory import read, views
from ocrfactory.build import Options, build
from ocrfactory.errors import InputError
from ocrfactory.layout import Layout
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify
from ocrfactory.write import sha256_of

from tests.conftest import HAN
from tests.rows import Row, make_data_set

ROWS = [Row(text, "real", f"page {n}") for i, text in enumerate(HAN[:5]) for n in range(12 >> i)]
ROWS += [Row(HAN[0], "real", "held out", "test"), Row("一行字", "real", "line", kind="line")]


@pytest.fixture(scope="module")
def tailed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tailed")
    make_data_set(folder / "rows", ROWS)
    recipe = {
        "name": "t",
        "parts": [{"source": {"kind": "dataset", "path": str(folder / "rows")}}],
        "shard_rows": 7,
        "views": {"balanced": {"per_class": 4, "repeat": 3}},
    }
    build(Recipe.model_validate(recipe), folder / "out", Context(), Options(executor="serial"))
    return folder / "out"


CLASSES = st.lists(st.sampled_from("abcde"), max_size=60)


@given(CLASSES, st.one_of(st.none(), st.integers(1, 30)), st.integers(1, 5), st.integers(0, 3))
def test_every_class_is_drawn_equally_often_but_where_its_rows_would_be_repeated_too_often(
    classes, per_class, repeat, seed
):
    times = views.draws(classes, [str(number) for number in range(len(classes))], seed, per_class, repeat)
    sizes, drawn = Counter(classes), Counter()
    wanted = per_class or -(-len(classes) // max(len(sizes), 1))
    for text, count in zip(classes, times.tolist(), strict=True):
        drawn[text] += count
        assert 0 <= count <= repeat
    for text, size in sizes.items():
        assert drawn[text] == min(wanted, size * repeat)
        own = [count for other, count in zip(classes, times.tolist(), strict=True) if other == text]
        assert max(own) - min(own) <= 1


@given(CLASSES, st.randoms())
def test_which_rows_are_drawn_does_not_depend_on_their_order(classes, random):
    ids = [f"a/{number}" for number in range(len(classes))]
    order = list(range(len(ids)))
    random.shuffle(order)
    times = views.draws(classes, ids, 0, 3, 2)
    turned = views.draws([classes[n] for n in order], [ids[n] for n in order], 0, 3, 2)
    assert turned.tolist() == [times[n] for n in order]


def test_natural_names_each_single_character_of_train_once(tailed):
    train = [row["id"] for row in read.rows(tailed, ["id", "kind"], "train") if row["kind"] == "glyph"]
    assert [row["id"] for row in read.rows(tailed, ["id"], view="natural")] == train


def test_balanced_draws_each_class_as_often_as_was_asked_and_repeats_no_row_too_often(tailed):
    rows = list(read.rows(tailed, ["id", "text", "split"], view="balanced"))
    assert Counter(row["text"] for row in rows) == {HAN[0]: 4, HAN[1]: 4, HAN[2]: 4, HAN[3]: 3}
    assert max(Counter(row["id"] for row in rows).values()) == 3
    assert {row["split"] for row in rows} == {"train"}


def test_a_view_has_whole_rows_and_is_read_by_the_columns_that_the_format_promises(tailed):
    first = next(read.rows(tailed, view="balanced"))
    assert first["image"]["bytes"].startswith(b"\x89PNG")
    table = pq.read_table(tailed / "meta/views/balanced.parquet")
    assert table.column_names == ["file", "row", "id", "class", "split", "times"]
    place = table.to_pylist()[0]
    found = pq.read_table(tailed / place["file"]).slice(place["row"], 1).to_pylist()[0]
    assert (found["id"], found["text"]) == (place["id"], place["class"])


def test_a_row_that_is_drawn_twice_comes_as_two_dicts_so_that_a_reader_may_change_each(tailed):
    rows = list(read.rows(tailed, ["id", "image"], view="balanced"))
    assert len({id(row) for row in rows}) == len(rows) > len({row["id"] for row in rows})
    for row in rows:
        row["image"] = row["image"]["bytes"]


def test_the_manifest_names_its_views_and_verify_finds_nothing(tailed):
    assert read.manifest(tailed).views == ("balanced", "natural")
    assert verify(tailed).problems == ()


def test_a_split_without_rows_of_a_view_gives_none(tailed):
    assert list(read.rows(tailed, split="test", view="natural")) == []


def test_a_view_that_does_not_exist_is_an_error_that_names_those_that_do(tailed, tmp_path):
    with pytest.raises(InputError, match="no view 'uniform'; there are: balanced, natural"):
        next(read.rows(tailed, view="uniform"))
    with pytest.raises(InputError, match="there are: none"):
        next(read.rows(make_data_set(tmp_path / "rows", ROWS), view="natural"))


def forged(tailed, tmp_path, change, name="balanced"):
    import shutil

    out = tmp_path / "out"
    shutil.copytree(tailed, out)
    path = Layout(out).view(name)
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    facts = json.loads((out / "manifest.json").read_text("utf-8"))
    facts["files"][f"meta/views/{name}.parquet"] = sha256_of(path)
    (out / "manifest.json").write_text(json.dumps(facts), "utf-8")
    return verify(out).problems


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[0].update(row=10**6), "none is number 1000000"),
        (lambda rows: rows[0].update(row=-1), "none is number -1"),
        (lambda rows: rows[0].update(row=None), "none is number -1"),
        (lambda rows: rows[0].update(file="data/else.parquet"), "no file 'data/else.parquet' is in the manifest"),
        (lambda rows: rows[0].update(file="data/test-00000-of-00001.parquet", row=0), "a file of test, not of train"),
        (lambda rows: rows[0].update(times=0), "is drawn 0 times"),
        (lambda rows: rows.append(rows[0]), "is named twice"),
        (lambda rows: rows[0].update(id="x"), "not 'x' of class"),
        (lambda rows: rows[0].update({"class": "龜"}), "of class '龜'"),
    ],
)
def test_a_view_that_names_what_is_not_there_is_found_even_under_a_forged_hash(tailed, tmp_path, change, words):
    problems = forged(tailed, tmp_path, change)
    assert any("meta/views/balanced.parquet" in problem and words in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.pop(), "21 rows are named, train has 22 single characters"),
        (lambda rows: rows[0].update(times=2), "is drawn 2 times"),
    ],
)
def test_a_natural_view_that_is_not_each_row_of_train_once_is_found(tailed, tmp_path, change, words):
    problems = forged(tailed, tmp_path, change, "natural")
    assert any("meta/views/natural.parquet" in problem and words in problem for problem in problems), problems


def test_a_view_of_other_columns_or_none_at_all_is_found(tailed, tmp_path):
    import shutil

    shutil.copytree(tailed, tmp_path / "a")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a/meta/views/natural.parquet")
    (tmp_path / "a/meta/views/balanced.parquet").unlink()
    (tmp_path / "a/meta/views/more.parquet").write_bytes(b"")
    problems = "\n".join(verify(tmp_path / "a").problems)
    assert "no view: its columns are not file, row" in problems
    assert "meta/views/balanced.parquet: missing" in problems
    assert "meta/views/more.parquet: is not in the manifest" in problems


def test_the_views_are_the_same_whatever_the_number_of_workers(tailed, tmp_path, make_recipe):
    made = make_recipe(views={})
    for name, options in (("a", Options(executor="serial")), ("b", Options(workers=2))):
        build(made, tmp_path / name, Context(), options)
    for name in views.NAMES:
        first, second = (Layout(tmp_path / out).view(name).read_bytes() for out in "ab")
        assert first == second
