"""What became of every annotation: the sums are checked, and a data set that lies about them is found out."""

import json

import msgspec
import pytest
from ocrfactory import read
from ocrfactory.errors import VerifyError
from ocrfactory.report.account import Account, Reason, account_in_words, accounts
from ocrfactory.report.summary import write_report

from tests.deliveries.compare import convert
from tests.deliveries.small import annotation, label, picture, write_files


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Four annotations of one image: two rows (one clipped), two rejects; and an image without a label."""
    folder = tmp_path_factory.mktemp("account")
    words = [
        annotation("가"),
        annotation("나", (-2, 5, 20, 10), 2),
        annotation("xxx", id=3),
        annotation("", id=4),
    ]
    write_files(folder / "d", {"a.json": label(*words), "a.png": picture(), "b.png": picture()})
    return convert(folder / "out", folder / "d")


def test_rows_rejects_and_files_are_counted_with_examples_and_flags(made):
    found = accounts(made, read.manifest(made))["aihub"]
    assert (found.annotations, found.rows, found.rejected, found.file_faults) == (4, 2, 3, 1)
    assert (found.not_selected, found.joined, found.not_drawn) == (0, 0, 0)
    assert {reason: each.count for reason, each in found.reasons.items()} == {
        "illegible": 1,
        "text_empty": 1,
        "missing_label": 1,
    }
    assert "b.png" in found.reasons["missing_label"].examples[0]
    assert found.reasons["illegible"].examples[0].startswith("aihub/")
    assert found.flags == {"bbox_clipped": 1}
    assert found.read["labels"] == found.read["pages"] == 1


def test_the_report_says_the_same_for_machines(made):
    write_report(made)
    report = json.loads((made / "meta/report.json").read_text("utf-8"))
    assert report["labels"]["aihub"]["annotations"] == 4
    assert report["labels"]["aihub"]["reasons"]["illegible"]["count"] == 1
    assert report["folder"] == "."


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("annotations", 1),
        ("annotations", -1),
        ("not_selected", 1),
        ("joined", 1),
        ("file_faults", 1),
        ("file_faults", -1),
    ],
)
def test_a_tampered_tally_is_found_out(made, key, change):
    found = read.manifest(made)
    tally = {**found.labels["aihub"], key: found.labels["aihub"][key] + change}
    with pytest.raises(VerifyError, match="not accounted for"):
        accounts(made, msgspec.structs.replace(found, labels={"aihub": tally}))


def test_a_lost_shard_is_found_out(made):
    found = read.manifest(made)
    with pytest.raises(VerifyError, match="2 annotations of aihub are not accounted for"):
        accounts(made, msgspec.structs.replace(found, shards=()))


def test_a_lost_row_is_found_out_in_a_recipe_of_two_parts_too(tmp_path, made, make_recipe):
    """Where glyphs are drawn beside, a lost annotation must not be called one beyond the limit."""
    from ocrfactory.build import Options, build
    from ocrfactory.recipe import Recipe
    from ocrfactory.sources.source import Context

    glyphs = make_recipe().parts[0].model_dump(mode="json")
    write_files(tmp_path / "d", {"a.json": label(annotation("가"), annotation("나", id=2)), "a.png": picture()})
    parts = [{"source": {"kind": "aihub", "paths": [str(tmp_path / "d")]}}, glyphs]
    recipe = Recipe.model_validate({"name": "x", "parts": parts})
    build(recipe, tmp_path / "out", Context(), Options(executor="serial", max_reject_rate=1))
    found = read.manifest(tmp_path / "out")
    assert accounts(tmp_path / "out", found)["aihub"].not_drawn == 0
    tally = {**found.labels["aihub"], "annotations": 3}
    with pytest.raises(VerifyError):
        accounts(tmp_path / "out", msgspec.structs.replace(found, labels={"aihub": tally}))


def account(**changes):
    fields = {
        "annotations": 10,
        "rows": 10,
        "rejected": 0,
        "file_faults": 0,
        "not_selected": 0,
        "joined": 0,
        "not_drawn": 0,
    }
    return Account(**{**fields, "read": {}, "reasons": {}, "flags": {}, **changes})


def test_the_words_are_a_sum_that_adds_up():
    words = account_in_words("x", account(rows=3, rejected=4, file_faults=1, not_selected=2, joined=2))
    assert words[0] == "x: 10 annotations = 3 rows + 3 rejected + 2 of another level + 2 joined to others"
    assert "1 files" in words[1]


def test_the_words_of_a_limit_do_not_pretend_to_add_up():
    assert "beyond --limit" in account_in_words("x", account(rows=3, not_drawn=7))[0]


def test_a_long_example_is_cut_and_all_reasons_and_flags_are_listed():
    reasons = {"text_empty": Reason(1200, ("x" * 300,)), "illegible": Reason(1, ("short",))}
    words = account_in_words("x", account(rejected=1201, reasons=reasons, flags={"poly_n": 5}))
    assert any("1,200" in line and line.endswith("...") for line in words)
    assert any("short" in line for line in words)
    assert any("poly_n" in line and "5" in line for line in words)
    assert max(map(len, words)) < 160


def test_an_attribute_of_a_label_that_is_called_flags_does_not_break_the_report(tmp_path):
    (tmp_path / "s.yaml").write_text(
        "name: mine\nsource: mine\nlang: ko\nmatch:\n  - items: list\npage:\n  file: img\n  attributes: {flags: fl}\n"
        "regions:\n  each: items[]\n  text: t\n  box: {from: b, as: xywh}\n  level: word\n"
    )
    value = {"img": "a.png", "fl": 5, "items": [{"t": "가", "b": [1, 1, 9, 9]}]}
    write_files(tmp_path / "d", {"a.json": json.dumps(value).encode(), "a.png": picture()})
    out = convert(tmp_path / "out", tmp_path / "d", spec=str(tmp_path / "s.yaml"))
    assert accounts(out, read.manifest(out))["aihub"].rows == 1
