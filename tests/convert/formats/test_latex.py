"""Formulas: lists of tokens, written in one way by rules."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.convert.formats.latex_normal import Normalizer
from ocrfactory.convert.formats.latex_rules import balanced, load_rules
from ocrfactory.errors import RecipeError, Reject

from tests.convert.formats.formulas import FORMULAS
from tests.convert.formats.helpers import make, picture, put

RULES = load_rules()
NORMAL = Normalizer(RULES)
TOKENS = st.sampled_from(
    [
        *"abx12+=()[]^_{}&",
        "\\frac",
        "\\sqrt",
        "\\lim",
        "\\limits",
        "\\displaystyle",
        "\\left",
        "\\right",
        "\\{",
        "\\}",
        "\\\\",
        "\\hat",
        "\\text",
        "\\operatorname",
        "\\mathit",
        "\\sum",
        "\\foo",
        "\\textcolor",
        "\\begin",
        "'",
        "12",
        "ab",
        "\\int",
        "\\alpha",
        "\\begin{matrix}",
        "\\end{matrix}",
        "x^{2}",
        "\\left(",
    ]
)


def normal(tokens):
    """The tokens as they are normalised; None where their braces are not balanced."""
    braces = [brace for token in tokens for brace in ("{", "}") if token == brace]  # x^{2} has both of its own
    if not balanced(braces):
        with pytest.raises(Reject, match="unbalanced_braces"):
            NORMAL(" ".join(tokens))
        return None
    return NORMAL(" ".join(tokens))


@pytest.mark.parametrize("line", FORMULAS.strip().splitlines())
def test_one_formula_has_one_label_and_none_changes_its_meaning(line):
    written, _, expected = line.partition(" => ")
    assert NORMAL(written) == expected
    assert NORMAL(expected) == expected


@pytest.mark.parametrize("written", ["x ^ 12", "\\frac 12", "\\sqrt 12", "\\frac 3 12"])
def test_a_token_of_the_token_list_is_not_cut_to_be_an_argument(written):
    with pytest.raises(Reject, match="ambiguous_argument"):
        Normalizer(RULES, ["12"])(written)
    assert Normalizer(RULES, ["12"])("x ^ { 12 }") == "x ^ { 12 }"


def test_environments_are_written_as_the_token_list_has_them():
    assert Normalizer(RULES, ["\\begin", "{"])("\\begin{matrix} a") == "\\begin { matrix } a"
    assert Normalizer(RULES, ["\\begin{matrix}"])("\\begin { matrix } a") == "\\begin{matrix} a"


@settings(max_examples=500, deadline=None)
@given(st.lists(TOKENS, max_size=30))
def test_normalising_twice_is_normalising_once_and_braces_stay_balanced(tokens):
    once = normal(tokens)
    if once is None:
        return
    assert NORMAL(once) == once
    assert balanced(once.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS.filter(lambda token: token not in ("x^{2}", "\\left(")), max_size=30))
def test_tokens_that_no_rule_names_are_kept_as_often_as_they_were(tokens):
    maybe = {*RULES.drop_first, *RULES.drop_after}

    def others(found):
        return sorted("".join(token for token in found if token not in maybe).translate({ord("{"): "", ord("}"): ""}))

    once = normal(tokens)
    assert once is None or others(once.split()) == others(tokens)


@pytest.mark.parametrize(
    "tokens",
    [
        "{ " * 9999 + "} " * 9999,
        "\\hat " * 9999 + "x",
        "x } {",
        "\\sqrt [ " * 60_000,
        "x " * 10_001,
        "{ " * 60_000,
        "x^" * 45_000,
    ],
)
def test_a_hostile_formula_is_rejected_and_not_a_crash(tokens):
    with pytest.raises(Reject):
        NORMAL(tokens)


def test_unclosed_brackets_take_no_longer_than_their_number():
    def seconds(count):
        start = time.perf_counter()
        NORMAL("\\sqrt [ " * count)
        return time.perf_counter() - start

    seconds(250)
    assert seconds(2400) < 40 * seconds(240) + 0.05  # were it quadratic, a hundred times


def test_lists_become_rows_with_the_written_label_beside_the_normal_one(tmp_path):
    put(
        tmp_path / "train",
        {
            "gt.txt": "a.png\tx ^ 2 _ i\nb.png\t\\displaystyle y\nc.png\tz + \\beta\nd.png no tab\ne.png\t{ x\n",
            "tokens.txt": "x\ny\nz\n+\n^\n_\n{\n}\ni\n2\n",
            **{f"{name}.png": picture(n) for n, name in enumerate("abc")},
            "e.png": picture(9),
        },
    )
    made = make(tmp_path / "out", "latex", tmp_path / "train")
    assert made.splits == {"x _ { i } ^ { 2 }": "train", "y": "train"}
    row = made.texts["x _ { i } ^ { 2 }"]
    assert row["text_raw"] == "x ^ 2 _ i"
    assert row["lang"] is None
    assert json.loads(row["attrs"])["markup"] == "latex"
    assert made.image("y") == picture(1)
    assert made.reasons == {"unknown_token": 1, "bad_line": 1, "unbalanced_braces": 1}
    assert any("gt.txt:3: '\\\\beta' is not in tokens.txt" in detail for detail in made.details)


def test_a_token_of_the_token_list_is_never_cut_up(tmp_path):
    files = {"gt.txt": "a.png\t\\left( x\n", "tokens.txt": "\\left(\nx\n", "a.png": picture(1)}
    assert list(make(tmp_path / "out", "latex", put(tmp_path / "d", files)).texts) == ["\\left( x"]


def test_rules_can_be_ones_own_or_none(tmp_path):
    put(tmp_path, {"d/gt.txt": "a.png\tx \\ge 2 ^ 3\n", "d/a.png": picture(1)})
    put(tmp_path, {"r.yaml": "rewrite:\n  - {from: '\\ge', to: '\\geq'}\n"})
    own = make(tmp_path / "1", "latex", tmp_path / "d", rules=str(tmp_path / "r.yaml"))
    none = make(tmp_path / "2", "latex", tmp_path / "d", normalize=False)
    assert [*own.texts, *none.texts] == ["x \\geq 2 ^ 3", "x \\ge 2 ^ 3"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("rewrite: [{from: a, to: a b}]", "never end"),
        ("rewrite: [{from: a, to: '{'}]", "braces"),
        ("drop: ['{']", "braces"),
        ("split: {when: '(', into: x}", "regular expression"),
        ("nonsense: 1", "nonsense"),
    ],
)
def test_rules_that_could_not_work_are_refused_with_their_place(tmp_path, document, said):
    path = put(tmp_path, {"r.yaml": document}) / "r.yaml"
    with pytest.raises(RecipeError, match=said):
        load_rules(path)


def test_rules_that_turn_in_circles_reject_a_formula(tmp_path):
    path = put(tmp_path, {"r.yaml": "rewrite: [{from: a, to: b}, {from: b c, to: a}, {from: b, to: b c}]"}) / "r.yaml"
    with pytest.raises(RecipeError):
        load_rules(path)
    path.write_text("rewrite: [{from: a, to: b}]\ndrop: [a]\n")
    assert Normalizer(load_rules(path))("x a") == "x"
    path.write_text("rewrite: [{from: a b, to: b a}, {from: b a, to: a b b}]\n")
    with pytest.raises(Reject, match="latex_rules"):
        Normalizer(load_rules(path))("a b")


def test_tall_images_are_turned_only_when_asked_clockwise_and_recorded(tmp_path):
    put(tmp_path / "d", {"gt.txt": "a.png\tx\n", "a.png": picture(1, size=(16, 60))})
    plain = make(tmp_path / "1", "latex", tmp_path / "d").texts["x"]
    turned = make(tmp_path / "2", "latex", tmp_path / "d", rotate_tall=1.5).texts["x"]
    assert (plain["width"], plain["height"]) == (16, 60)
    assert (turned["width"], turned["height"]) == (60, 16)
    assert json.loads(turned["attrs"])["rotated"] == "cw"
