"""Documents: every mistake at once, each with its place."""

import os
import time
from pathlib import Path

import pytest
from ocrfactory import yamlfile
from ocrfactory.errors import InputError, RecipeError
from ocrfactory.recipe import Recipe

GOOD = """name: r
parts:
  - source: {kind: glyphs, fonts: [tcc]}
"""


def problems(text, tmp_path):
    path = tmp_path / "r.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecipeError) as caught:
        yamlfile.load(path, Recipe)
    assert caught.value.exit_code == 3
    assert all(line.startswith(f"{path}:") for line in caught.value.problems)
    return [line.removeprefix(f"{path}:") for line in caught.value.problems]


def test_all_mistakes_are_reported_at_once_each_with_line_and_column(tmp_path):
    found = problems(
        """name: Not A Slug
seed: -1
sed: 3
parts:
  - source:
      kind: glyphs
      fonts: [tcc]
      size: 5000
""",
        tmp_path,
    )
    assert len(found) == 4
    assert found[0].startswith("1:1: name: ")
    assert found[1].startswith("2:1: seed: ")
    assert found[2].startswith("3:1: sed: unknown key; known: name, title, seed, parts, ")
    assert found[3].startswith("8:7: parts.0.source.size: ")
    assert "5000" in found[3]
    assert "1024" in found[3]


def test_an_unknown_key_is_told_with_those_that_are_known_there(tmp_path):
    found = problems(
        """name: r
parts:
  - source: {kind: glyphs, fonts: [tcc], chars: x}
    augment: {ops: [{op: erode, radios: 1}]}
classes: {most: 3, route: [{origin: real, to: test, groups: x}]}
splits: {test: {shares: 3}}
""",
        tmp_path,
    )
    known = dict(line.split(": unknown key; known: ") for line in found)
    assert "charset, extra_faces" in known["3:42: parts.0.source.chars"]
    assert known["4:33: parts.0.augment.ops.0.radios"] == "op, p, force, radius"
    assert known["5:11: classes.most"].startswith("charset, min_per_class, max_per_class, cap")
    assert known["5:53: classes.route.0.groups"] == "origin, group, charset, to, parts_groups"
    assert known["6:17: splits.test.shares"] == "share, faces, classes"


def test_a_missing_key_points_to_where_it_belongs(tmp_path):
    (line,) = problems("name: r\nparts:\n  - source:\n      kind: glyphs\n", tmp_path)
    assert line.startswith("3:5: parts.0.source.fonts: ")


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "1:1", ""),
        ("- 1\n- 2\n", "1:1", ""),
        ("name: r\nname: s\n", "2:1", "duplicate key"),
        ("name: r\n\tseed: 1\n", "2:1", ""),
        ("name: [r\n", "2:1", ""),
        ("a: &x 1\nb: *x\n", "2:4", "aliases"),
        ("a: !!python/object/apply:os.system [echo]\n", "1:4", ""),
    ],
    ids=["empty", "a list", "twice the same key", "tab", "open bracket", "alias", "python tag"],
)
def test_a_document_that_is_no_recipe_says_where_and_why(text, where, what, tmp_path):
    found = problems(text, tmp_path)
    assert found[0].startswith(f"{where}: ")
    assert what in found[0]


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path):
    assert problems(b"name: r\ntitle: \xff\n", tmp_path) == ["2:1: not UTF-8: byte 0xff"]


def test_a_huge_document_is_refused_before_it_is_parsed(tmp_path):
    (line,) = problems("a" * (yamlfile.MAX_BYTES + 1), tmp_path)
    assert "larger" in line


def test_a_deeply_nested_document_is_a_mistake_not_a_crash(tmp_path):
    assert problems("a: " + "[" * 5000, tmp_path)


@pytest.mark.parametrize("opening", ["[", "[\n", "[ ", "{", "{a: ", "- ", "? ", "[1,"])
def test_depth_is_refused_at_once_with_its_place(opening, tmp_path):
    start = time.process_time()  # a busy machine is not slow code
    (line,) = problems(opening * (200_000 // len(opening)), tmp_path)
    assert time.process_time() - start < 1
    assert "nested deeper than 100 levels" in line
    assert not line.startswith("1:1:")


def test_many_lists_side_by_side_are_not_deep():
    values, _ = yamlfile.values_and_marks("a: [" + "[{b: 1}], " * 200 + "]\nc:\n" + "  - d: [1]\n" * 200, "f")
    assert len(values["a"]) == len(values["c"]) == 200


@pytest.mark.parametrize(
    ("value", "kind"),
    [("!!bool maybe", "bool"), ('!!int ""', "int"), ('!!float ""', "float"), ("2024-13-45", "timestamp")],
)
def test_a_value_that_its_tag_does_not_fit_has_its_place(value, kind, tmp_path):
    (line,) = problems(f"name: r\na: [{value}]\n", tmp_path)
    assert line.startswith("2:5: ")
    assert line.endswith(f"is no {kind}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "r.yaml")
    with pytest.raises(InputError, match="not a file"):
        yamlfile.load(tmp_path / "r.yaml", Recipe)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        yamlfile.load(tmp_path / "no.yaml", Recipe)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert yamlfile.load(path, Recipe).name == "r"


def test_shipped_recipes_are_read_and_their_ids_depend_on_what_they_say():
    from ocrfactory import recipe

    found = {name: recipe.load(recipe.find(name)) for name in recipe.names()}
    assert "tcc_small" in found
    assert len({made.id for made in found.values()}) == len(found)
    small = found["tcc_small"]
    assert small.id == recipe.load(Path(recipe.find("tcc_small"))).id
    assert small.id != small.model_copy(update={"seed": 8}).id
