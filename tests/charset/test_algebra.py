import hashlib
import pickle
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.charset import NAMED, load_charset
from ocrfactory.errors import CharsetError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def classes(expression: str) -> tuple[str, ...]:
    return load_charset(expression).classes


@pytest.mark.parametrize("name", NAMED)
def test_a_built_in_name_is_its_set(name: str) -> None:
    assert classes(name) == NAMED[name].classes()


def test_names_with_hyphens_are_told_from_differences() -> None:
    assert len(classes("tcc17380-kana")) == 17_380
    assert len(classes("ksx1001-hangul+cjk-punctuation-kana")) == 2_350 + 104
    assert len(classes("big5-big5-1984")) == 7
    assert len(classes("hangul-ksx1001-hangul")) == 11_172 - 2_350


def test_union_keeps_the_order_of_the_left_then_of_the_right() -> None:
    assert classes("U+0032+digits") == tuple("2013456789")


def test_intersection_binds_tighter_and_parentheses_tighter_still() -> None:
    assert classes("U+0041+ascii&digits") == ("A", *"0123456789")
    assert classes("(U+0041+ascii)&digits") == tuple("0123456789")
    assert classes("ascii-(ascii-digits)") == tuple("0123456789")
    assert classes("digits-U+0030-U+0031") == tuple("23456789")


def test_white_space_around_operators_is_free() -> None:
    assert classes(" digits  - ( U+0030..U+0037 ) ") == ("8", "9")


def test_a_range_holds_both_ends() -> None:
    assert classes("U+4E00..U+4E02") == ("一", "丁", "丂")
    assert classes("U+20000") == ("\U00020000",)


def test_an_empty_result_is_allowed() -> None:
    assert load_charset("digits&kana").classes == ()


def test_a_file_may_be_named_in_an_expression_even_with_operators_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "my-list+1 (a).txt").write_text("나\n가\n나\n", encoding="utf-8")
    assert classes("my-list+1 (a).txt") == ("나", "가")
    assert classes("U+AC00+./my-list+1 (a).txt") == ("가", "나")
    assert classes(f"({tmp_path}/my-list+1 (a).txt-U+AC00)") == ("나",)


def test_relative_files_are_sought_in_the_base_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "a.txt").write_text("가\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("나\n", encoding="utf-8")
    base = tmp_path / "recipes"
    assert load_charset("a.txt", base).classes == ("가",)
    assert load_charset(Path("a.txt"), base).classes == ("가",)
    assert load_charset("U+0041+./a.txt", base=base).classes == ("A", "가")
    assert load_charset(f"{tmp_path}/b.txt", base).classes == ("나",)
    with pytest.raises(CharsetError, match=r"recipes/b\.txt: No such file"):
        load_charset("b.txt", base)


def test_a_file_whose_name_begins_like_a_built_in_set_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "kana-more.txt").write_text("ゟ\n", encoding="utf-8")
    assert classes("digits+kana-more.txt")[-1] == "ゟ"


def test_the_exact_name_of_a_built_in_set_wins_over_a_file_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "kana").write_text("가\n", encoding="utf-8")
    assert len(classes("kana")) == 176
    assert classes("./kana") == ("가",)
    assert load_charset(Path("kana")).classes == ("가",)


def test_repeated_lines_of_files_are_dropped_and_counted_and_overlaps_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1\n1\nx\n1\n", encoding="utf-8")
    charset = load_charset("digits+a.txt")
    assert (charset.classes, charset.duplicates) == ((*"0123456789", "x"), 2)


def test_classes_are_never_normalised(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\uf914\n樂\n樂\U000e0100\n", encoding="utf-8")
    assert classes("a.txt") == ("\uf914", "樂", "樂\U000e0100")


def test_the_hash_is_that_of_the_classes_as_a_text_file() -> None:
    assert load_charset("digits").sha256 == hashlib.sha256(b"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n").hexdigest()


def test_a_charset_travels_to_other_processes_and_cannot_be_changed() -> None:
    charset = load_charset("digits")
    assert pickle.loads(pickle.dumps(charset)) == charset
    with pytest.raises(AttributeError):
        charset.name = "x"  # type: ignore[misc]


def test_an_unknown_name_is_told_with_its_nearest_and_all_names() -> None:
    with pytest.raises(CharsetError, match="'ksx1001-hangeul' is neither a built-in set nor a file") as caught:
        load_charset("digits + ksx1001-hangeul")
    assert "did you mean ksx1001-hangul?" in str(caught.value.cure)
    assert all(name in str(caught.value.cure) for name in NAMED)


def test_a_missing_file_is_told_as_a_missing_file() -> None:
    with pytest.raises(CharsetError, match=r"mine\.txt: No such file"):
        load_charset("digits+./mine.txt-kana")


@pytest.mark.parametrize(
    "expression",
    ["", " ", "digits+", "+digits", "(digits", "digits)", "digits digits", "()", "U+0041..", "U+0042..U+0041",
     "U+FFFFFF", "digits&&kana", "(" * 60 + "digits" + ")" * 60, "digits+" * 1_000, "a" * 4_000, "a\0b"],
)  # fmt: skip
def test_a_slip_in_an_expression_is_a_charset_error(expression: str) -> None:
    with pytest.raises(CharsetError):
        load_charset(expression)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [("\ud840", r"lone surrogate U\+D840"), ("a\tb", r"control character U\+0009"), ("\u2028", r"control .* U\+2028")],
)
def test_a_class_that_cannot_be_a_label_is_refused_with_its_line(tmp_path: Path, entry: str, reason: str) -> None:
    (tmp_path / "a.txt").write_bytes(f"가\n\n{entry}\n".encode("utf-8", "surrogatepass"))
    with pytest.raises(CharsetError, match=rf"a\.txt:3: .*{reason}") as caught:
        load_charset("a.txt")
    assert caught.value.cure == "ocrfactory charset check a.txt"
    str(caught.value).encode()  # can be printed


def test_a_range_with_characters_that_cannot_be_labels_is_refused() -> None:
    with pytest.raises(CharsetError, match="lone surrogate"):
        load_charset("U+D7A0..U+D800")


ATOMS = st.sampled_from(["digits", "ascii", "kana", "cjk-punctuation", "U+0030..U+0039", "U+3042", "U+0041..U+004A"])
TREES = st.recursive(ATOMS, lambda inner: st.tuples(inner, st.sampled_from("+-&"), inner), max_leaves=8)


def spelled(tree: object) -> str:
    return f"({spelled(tree[0])}{tree[1]}{spelled(tree[2])})" if isinstance(tree, tuple) else str(tree)


def meant(tree: object) -> list[str]:
    if not isinstance(tree, tuple):
        return list(classes(str(tree)))
    left, right = meant(tree[0]), meant(tree[2])
    if tree[1] == "+":
        return left + [each for each in right if each not in left]
    return [each for each in left if (each in right) == (tree[1] == "&")]


@given(TREES)
def test_an_expression_means_what_its_operators_mean(tree: object) -> None:
    assert list(classes(spelled(tree))) == meant(tree)


@given(ATOMS, ATOMS, ATOMS)
def test_without_parentheses_plus_and_minus_go_from_left_to_right(a: str, b: str, c: str) -> None:
    assert classes(f"{a}-{b}+{c}") == classes(f"(({a}-{b})+{c})")
    assert classes(f"{a}+{b}&{c}") == classes(f"({a}+({b}&{c}))")


@given(st.text(st.sampled_from("digits+-&()U0. kan"), max_size=20))
def test_any_text_is_a_charset_or_a_charset_error(expression: str) -> None:
    with suppress(CharsetError):
        load_charset(expression)
