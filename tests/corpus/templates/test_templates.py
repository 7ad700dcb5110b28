"""The language of templates: what it writes, and what it refuses."""

import datetime
import itertools
import re
import time
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ocrfactory.charset import grapheme_count
from ocrfactory.corpus import matches
from ocrfactory.corpus.templates import TemplateError, Writer, parse
from ocrfactory.corpus.templates.dice import Dice
from ocrfactory.corpus.templates.local import LOCAL
from ocrfactory.rng import stream

LOCAL_PARTS = [f"<{name} {key}>".replace(" >", ">") for name, forms in LOCAL.items() for key in forms]
PARTS = [*LOCAL_PARTS, "<int 0..5>", "<int 999..1200000 ,>", "<math>", "<math 4>", "<latex>", "<word ko>", "<word ja>"]


def write(template, count=200, seed=1):
    writer = Writer(parse(template), Dice(stream(seed, "x")))
    return [writer.write() for _ in range(count)]


def refusal(template):
    with pytest.raises(TemplateError) as caught:
        parse(template)
    return str(caught.value)


# Templates by structure: letters that mean nothing, classes, parts, groups, repetition.
_ATOMS = st.one_of(
    st.sampled_from(["a", "가", "。", "\\{", "\\\\", ".", "\\+", "-", "^", "$", "\\]", " ", "&"]),
    st.sampled_from(["[가-힣]", "[A-C0-2]", "[\\]\\-^]", "[-a]", "[a|&~]", "[.]"]),
    st.sampled_from(["<int 7..12>", "<int 1..99999 ,>", "<math 2>", "<latex>", "<word ko>", "<money en>", "<time ko>"]),
)
_COUNTED = st.tuples(_ATOMS, st.sampled_from(["", "", "?", "{2}", "{1,3}", "{0,2}"])).map("".join)


def _groups(inner):
    branches = st.lists(st.lists(inner, max_size=3).map("".join), min_size=1, max_size=3).map("|".join)
    return st.tuples(branches.map("({})".format), st.sampled_from(["", "?", "{0,2}"])).map("".join)


TEMPLATES = st.lists(st.recursive(_COUNTED, _groups, max_leaves=8), min_size=1, max_size=4).map("".join)


@settings(max_examples=40, deadline=None)
@given(TEMPLATES, st.integers(0, 2**53))
def test_every_text_matches_its_template_and_is_within_its_lengths(template, seed):
    node = _parsed(template)
    for text in write(template, 5, seed):
        assert matches(template, text)
        assert node.least <= grapheme_count(text) <= node.most


@settings(max_examples=40, deadline=None)
@given(TEMPLATES, st.integers(0, 2**53))
def test_as_many_texts_as_there_are_branches_show_them_all(template, seed):
    node = _parsed(template)
    writer = Writer(node, Dice(stream(seed, "x")))
    seen = set()
    for _ in range(node.need):
        writer.write()
        seen |= {(id(choice), branch) for choice, branch in writer.taken}
    assert seen == {(id(each), i) for each in _choices(node) for i in range(len(each.branches))}


def _parsed(template):
    """The nodes of a template without slips; one that is too large is another test's matter."""
    try:
        return parse(template)
    except TemplateError as error:
        assume("more than 10,000" not in error.what)
        raise


def _choices(node):
    from ocrfactory.corpus.templates.nodes import Choice, walk

    return [each for each in walk(node) if isinstance(each, Choice)]


@settings(max_examples=120, deadline=None)
@given(st.text(alphabet="ab가()[]{}<>|?\\-,.0 159", max_size=12))
def test_any_text_is_a_template_or_an_error_with_a_caret(text):
    slip, found = None, []
    try:
        found = write(text, 3)
    except TemplateError as error:
        slip = error
    assert all(matches(text, each) for each in found)
    assert slip is None or (1 <= slip.column <= len(text) + 1 and str(slip).endswith("^"))


@pytest.mark.parametrize("part", PARTS)
def test_every_part_writes_what_it_matches(part):
    texts = write(part, 300)
    assert all(matches(part, text) for text in texts)
    assert len(set(texts)) > 5
    assert all(text == text.strip() for text in texts)


def test_branches_come_equally_often():
    assert Counter(write("(가|나|다)", 300)) == {"가": 100, "나": 100, "다": 100}
    assert Counter(text != "" for text in write("x?", 100)) == {True: 50, False: 50}


def test_a_choice_that_is_repeated_gives_every_text_that_it_can():
    assert {"".join(each) for each in itertools.product("abc", repeat=3)} == set(write("(a|b|c){3}", 500))
    assert {len(text) for text in write("(x?){4}", 300)} == {0, 1, 2, 3, 4}


def test_escapes_and_characters_without_meaning_are_themselves():
    assert write(r"\{a.b+c*\<\>\|\(\)\?\[\]\}\\", 1) == [r"{a.b+c*<>|()?[]}" + "\\"]
    assert set(write(r"[\]a-b-]", 300)) == {"]", "a", "b", "-"}


def test_whole_numbers_are_within_their_range():
    assert {int(text) for text in write("<int 3..6>", 300)} == {3, 4, 5, 6}
    values = write("<int 900..1100 ,>", 500)
    assert all(900 <= int(text.replace(",", "")) <= 1100 for text in values)
    assert any(re.fullmatch(r"1,0\d\d", text) for text in values)
    assert not matches("<int 10..99>", "9")


@pytest.mark.parametrize("part", ["<math>", *(f"<math {n}>" for n in range(1, 7))])
def test_values_of_expressions_are_right(part):
    for text in write(part, 500):
        left, _, value = text.partition(" = ")
        exact = _value(left)
        assert exact == int(value), text
        operators = sum(left.count(sign) for sign in "+-×÷")
        assert operators in ((1, 2) if part == "<math>" else (int(part[6]),))


def _value(text):
    """Recursive descent of its own, which refuses a division with a remainder and a negative value on the way."""
    tokens = re.findall(r"\d+|[-+×÷()]", text)

    def total():
        value = product()
        while tokens and tokens[0] in "+-":
            sign = tokens.pop(0)
            value += product() if sign == "+" else -product()
            assert value >= 0
        return value

    def product():
        value = atom()
        while tokens and tokens[0] in "×÷":
            if tokens.pop(0) == "×":
                value *= atom()
            else:
                value, rest = divmod(value, atom())
                assert rest == 0
        return value

    def atom():
        token = tokens.pop(0)
        if token != "(":
            return int(token)
        value = total()
        assert tokens.pop(0) == ")"
        return value

    value = total()
    assert not tokens
    return value


def test_latex_is_balanced_and_full_of_commands():
    texts = write("<latex>", 2000)
    for text in texts:
        depth = 0
        for char in re.sub(r"\\.", "", text):
            depth += (char == "{") - (char == "}")
            assert depth >= 0
        assert depth == 0
        assert text.count("(") == text.count(")")
        assert text.count("\\frac") * 2 <= text.count("{")
    assert {"\\frac{", "\\sqrt{", "\\sum_{", "^{"} <= {
        key for key in ("\\frac{", "\\sqrt{", "\\sum_{", "^{") if key in "".join(texts)
    }
    assert not matches("<latex>", "\\frac{1}{2")


@pytest.mark.parametrize("language", ["ko", "ja", "zh", "iso", "slash"])
def test_dates_exist(language):
    for text in write(f"<date {language}>", 1000):
        numbers = [int(each) for each in re.findall(r"\d+", text)]
        year, month, day = [2023, *numbers][-3:]
        datetime.date(year + 1911 if "民國" in text else year + 2018 if "令和" in text else year, month, day)


@pytest.mark.parametrize(
    ("template", "column", "words"),
    [
        ("", 1, "nothing in it"),
        ("ab[]", 3, "an empty class"),
        ("[z-a]", 2, "the range z-a is reversed"),
        ("a(b|c", 2, "( is never closed"),
        ("a)b", 2, ") closes nothing"),
        ("[abc", 1, "[ is never closed"),
        ("a]", 2, "] closes nothing"),
        ("<int 1..9", 1, "< is never closed"),
        ("a>", 2, "> closes nothing"),
        ("<integer 1..9>", 1, "no part <integer>; did you mean <int>?"),
        ("<qqq>", 1, "no part <qqq>; known: date, int"),
        ("<>", 1, "no part <>"),
        ("<int 9..1>", 1, "the range 9..1 is reversed"),
        ("<int>", 1, "a whole number is <int 1..9999>"),
        ("<date de>", 1, "no part <date de>; known: <date ko>"),
        ("<math 9>", 1, "1 to 6 operators"),
        ("<word de>", 1, "a word is <word en>"),
        ("<latex 1>", 1, "without arguments"),
        ("a{5,2}", 2, "{5,2} is reversed"),
        ("a{0}", 2, "{0} gives nothing"),
        ("a{101}", 2, "{101} is more than 100 times"),
        ("a{x}", 2, "expected {3} or {1,4}"),
        ("a{2}{3}", 5, "repeated twice"),
        ("?a", 1, "? has nothing before it to repeat"),
        ("[a]+", 4, "+ behind a class: write {1,8}"),
        ("(a)*", 4, "* behind a group"),
        ("[^a]", 2, "cannot be negated"),
        ("\\d", 1, "\\d is no escape"),
        ("ab\\", 3, "a backslash has nothing behind it"),
        ("a\tb", 2, "holds U+0009"),
        ("[\x01-\x05]", 2, "holds U+0001"),
        ("((a{100}){100}){100}", 2, "more than 10,000 pieces"),
        ("((){100}){100}", 1, "more than 10,000 pieces"),
        ("(" * 40 + "a" + ")" * 40, 31, "more than 30 groups inside each other"),
        ("a" * 5000, 4097, "longer than 4,096 characters"),
    ],
)
def test_a_slip_is_named_with_its_column(template, column, words):
    message = refusal(template)
    assert f"column {column}:" in message
    assert words in message


def test_the_caret_stands_under_the_slip():
    lines = refusal("ab(cd[]e)").split("\n")
    assert lines[1].index("[") == lines[2].index("^")
    wide = refusal("가나[]").split("\n")
    assert wide[2] == "  " + " " * 4 + "^"  # two columns a syllable


def test_hostile_templates_end_soon():
    start = time.process_time()
    for template in ("(" * 4000, "[" * 4000, "(a|" * 1300, "(a?){100}" * 400, "<word ko>" * 450, "(((a?)?)?)?" * 370):
        with suppress(TemplateError):
            write(template, 1)
    assert time.process_time() - start < 3
