"""What `--font` means."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from ocrfactory.errors import FontError
from ocrfactory.fonts import locate, names
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.select import Selection, select_faces

from tests.makers import make_font, make_ttc, make_variable_font


@pytest.fixture(autouse=True)
def _own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRFACTORY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OCRFACTORY_OFFLINE", "1")
    monkeypatch.delenv("OCRFACTORY_FONT_DIR", raising=False)
    monkeypatch.setattr(locate, "system_dirs", lambda: [tmp_path / "system"])
    locate.forget()


@pytest.fixture
def said() -> list[str]:
    return []


def select(said: list[str], *specs: Path | str, **options: object) -> Selection:
    return select_faces([str(spec) for spec in specs], log=said.append, **options)  # type: ignore[arg-type]


def ids(selection: Selection) -> list[str]:
    return [face.id for face in selection.faces]


@pytest.fixture
def cjk(tmp_path: Path) -> Path:
    """A collection as Noto's: one face for each of four regions, and a second one for Taiwan."""
    regions = ["Mini CJK JP", "Mini CJK KR", "Mini CJK TC", "Mini Mono CJK TC"]
    parts = [make_font(tmp_path / f"{number}.ttf", "日", family=family) for number, family in enumerate(regions)]
    return make_ttc(tmp_path / "cjk.ttc", parts)


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack of two faces, found in a folder of the user."""
    fonts = tmp_path / "packed"
    fonts.mkdir()
    lines = ["name: tiny", "title: Tiny", "lang: ko", "charset: hangul", "faces:"]
    for id, need in (("tiny-a", "core"), ("tiny-b", "extra")):
        made = make_font(fonts / f"{id}.ttf", "가나", family=f"Family {id}")
        digest = hashlib.sha256(made.read_bytes()).hexdigest()
        lines += [f"  - id: {id}", f"    family: Packed {id}", f"    need: {need}", "    licence: OFL-1.1"]
        lines += ["    files:", f"      - {{file: {id}.ttf, sha256: [{digest}]}}"]
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "tiny.yaml").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("OCRFACTORY_PACK_DIR", str(folder))
    monkeypatch.setenv("OCRFACTORY_FONT_DIR", str(fonts))
    return folder / "tiny.yaml"


def test_a_file_is_a_face_named_after_it(tmp_path: Path, said: list[str]) -> None:
    font = make_font(tmp_path / "My.ttf", "日", family="My Font", licence="SIL Open Font License 1.1")
    selection = select(said, font, locale="jp")
    face = selection.faces[0]
    assert (face.id, face.lang, face.licence, face.pack, face.pinned) == ("My", "ja", "OFL-1.1", None, False)
    assert face.files[0].sha256 == hashlib.sha256(font.read_bytes()).hexdigest()
    assert selection.charset is None


def test_a_licence_in_doubt_is_unknown(tmp_path: Path, said: list[str]) -> None:
    font = make_font(tmp_path / "My.ttf", "日", licence="All rights reserved")
    assert select(said, font).faces[0].licence == "LicenseRef-unknown"


@pytest.mark.parametrize(("suffix", "index"), [("#1", 1), ("#Mini CJK TC", 2), ("#mini cjk kr regular", 1)])
def test_a_face_of_a_collection_is_chosen_by_index_or_by_name(
    cjk: Path, said: list[str], suffix: str, index: int
) -> None:
    face = select(said, f"{cjk}{suffix}").faces[0]
    assert (face.id, face.files[0].index) == (f"cjk#{index}", index)
    assert said == []


def test_a_collection_takes_the_face_of_the_locale_and_says_which(cjk: Path, said: list[str]) -> None:
    assert ids(select(said, cjk, locale="kr")) == ["cjk#1"]
    assert said == []
    assert ids(select(said, cjk, locale="tw")) == ["cjk#2"]
    assert "#3 Mini Mono CJK TC" in said[0]


def test_a_collection_without_a_locale_takes_the_first_face_and_names_the_others(cjk: Path, said: list[str]) -> None:
    assert ids(select(said, cjk)) == ["cjk#0"]
    assert "#1 Mini CJK KR" in said[0]
    assert ids(select(said, cjk, face_index=3)) == ["cjk#3"]


@pytest.mark.parametrize("suffix", ["#9", "#No Such Face"])
def test_a_face_that_is_not_there_is_an_error(cjk: Path, said: list[str], suffix: str) -> None:
    with pytest.raises(FontError, match=r"cjk\.ttc: no face"):
        select(said, f"{cjk}{suffix}")


def test_an_instance_of_a_variable_font_is_chosen_by_its_axes(tmp_path: Path, said: list[str]) -> None:
    axes = [("wght", 100, 400, 900), ("wdth", 75, 100, 125)]
    font = make_variable_font(tmp_path / "Var.ttf", "日", axes=axes)
    face = select(said, f"{font}@wght=700,wdth=90.5").faces[0]
    assert face.id == "Var@wdth=90.5,wght=700"
    assert face.files[0].variation == (("wdth", 90.5), ("wght", 700.0))
    assert ids(select(said, f"{font}#0@wght=700")) == ["Var@wght=700"]


@pytest.mark.parametrize(
    ("instance", "what"), [("wght=9000", "outside 100..900"), ("slnt=1", "no axis 'slnt'"), ("wght=x", "AXIS=NUMBER")]
)
def test_an_instance_that_cannot_be_is_an_error(tmp_path: Path, said: list[str], instance: str, what: str) -> None:
    font = make_variable_font(tmp_path / "Var.ttf", "日")
    with pytest.raises(FontError, match=what):
        select(said, f"{font}@{instance}")


def test_a_static_font_has_no_instances(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(FontError, match="not a variable font"):
        select(said, f"{make_font(tmp_path / 'a.ttf', '日')}@wght=700")


def test_a_folder_gives_every_face_and_names_what_it_cannot_read(tmp_path: Path, cjk: Path, said: list[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    cjk.rename(folder / "b.ttc")
    make_font(folder / "a.ttf", "日", family="Alone")
    (folder / "text.ttf").write_text("I am no font")
    (folder / "cut.otf").write_bytes((folder / "a.ttf").read_bytes()[:300])
    (folder / "empty.ttf").touch()
    assert ids(select(said, folder)) == ["a", "b#0", "b#1", "b#2", "b#3"]
    assert [Path(line.split(": ")[2]).name for line in said] == ["cut.otf", "empty.ttf", "text.ttf"]


def test_a_folder_without_fonts_is_an_error(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(FontError, match="no font in this folder"):
        select(said, tmp_path / ".")


@pytest.mark.parametrize(
    "content", [b"I am no font", b"", b"ttcf\0\1\0\0\xff\xff\xff\xff", b"OTTO\xff\xff" + b"\0" * 40]
)
def test_a_file_that_is_no_font_is_an_error_that_names_it(tmp_path: Path, said: list[str], content: bytes) -> None:
    (tmp_path / "x.ttf").write_bytes(content)
    with pytest.raises(FontError, match=r"x\.ttf"):
        select(said, tmp_path / "x.ttf")


def test_a_pack_gives_its_core_faces_and_its_charset(pack: Path, said: list[str]) -> None:
    selection = select(said, "tiny")
    assert ids(selection) == ["tiny-a"]
    assert selection.charset == "hangul"
    assert selection.faces[0].lang == "ko"
    assert ids(select(said, "tiny", with_extra=True)) == ["tiny-a", "tiny-b"]
    assert ids(select(said, pack)) == ["tiny-a"]


@pytest.mark.parametrize("spec", ["tiny-b", "tiny/tiny-b"])
def test_a_face_of_a_pack_is_chosen_by_its_id(pack: Path, said: list[str], spec: str) -> None:
    assert ids(select(said, spec)) == ["tiny-b"]


def test_a_family_of_this_machine_is_chosen_by_its_name(pack: Path, said: list[str]) -> None:
    selection = select(said, "family TINY-A")
    assert ids(selection) == ["tiny-a"]
    assert selection.charset is None


def test_a_family_of_a_pack_is_taken_from_the_pack(pack: Path, said: list[str]) -> None:
    assert [face.pack for face in select(said, "Packed tiny-b").faces] == ["tiny"]


def test_of_several_styles_of_a_family_the_regular_one_is_taken(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "styles"
    folder.mkdir()
    for style in ("Bold", "Regular"):
        make_font(folder / f"{style}.ttf", "日", family="Styled", style=style)
    assert ids(select(said, "Styled", font_dirs=[folder])) == ["Regular"]
    assert "Styled Bold" in said[0]


def test_the_same_face_twice_is_one(pack: Path, said: list[str]) -> None:
    assert ids(select(said, "tiny", "tiny-a", pack.parents[1] / "packed/tiny-a.ttf")) == ["tiny-a"]


def test_two_faces_with_one_name_get_ids_of_their_own(tmp_path: Path, said: list[str]) -> None:
    for folder, char in (("one", "日"), ("two", "月")):
        (tmp_path / folder).mkdir()
        make_font(tmp_path / folder / "Same.ttf", char)
    assert ids(select(said, tmp_path / "one/Same.ttf", tmp_path / "two/Same.ttf")) == ["Same", "Same-2"]


def test_missing_faces_are_listed_when_they_are_allowed(
    pack: Path, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OCRFACTORY_FONT_DIR")
    font = make_font(tmp_path / "plain.ttf", "日")
    selection = select(said, "tiny", font, allow_missing=True, with_extra=True)
    assert ids(selection) == ["plain"]
    assert selection.missing == ["tiny/tiny-a", "tiny/tiny-b"]
    with pytest.raises(FontError, match="no font was found"):
        select(said, "tiny", allow_missing=True)


def test_an_unknown_word_names_the_nearest(said: list[str]) -> None:
    with pytest.raises(FontError, match="no font is called 'nanum-gothik'") as caught:
        select(said, "nanum-gothik")
    assert "nanum-gothic" in (caught.value.cure or "")


def test_a_file_that_is_not_there_names_the_nearest(tmp_path: Path, said: list[str]) -> None:
    make_font(tmp_path / "Kai.ttf", "日")
    with pytest.raises(FontError, match="no such file") as caught:
        select(said, tmp_path / "Kay.ttf")
    assert "Kai.ttf" in (caught.value.cure or "")


def test_a_face_travels_as_it_is(tmp_path: Path, said: list[str]) -> None:
    face = select(said, make_font(tmp_path / "a.ttf", "日", fs_type=8, version="Version 2.5")).faces[0]
    assert isinstance(face, Face)
    assert (face.files[0].fs_type, face.files[0].version) == (8, "2.5")


@pytest.mark.parametrize(
    "spec",
    ["a" * 300, "a" * 300 + ".ttf", "./" + "a" * 300 + "/x.ttf", "a" * 300 + "#1@wght=7", "a\0b", "a\0b.ttf",
     "a\0b.yaml", "a" * 300 + ".yaml", "~nobody-of-this-name/x.ttf"],
)  # fmt: skip
@pytest.mark.parametrize("based", [True, False])
def test_what_no_file_can_be_called_is_an_error(tmp_path: Path, said: list[str], spec: str, based: bool) -> None:
    with pytest.raises(FontError):
        select(said, spec, base=tmp_path if based else None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_or_a_device_is_not_opened(tmp_path: Path, said: list[str]) -> None:
    os.mkfifo(tmp_path / "pipe.ttf")
    for spec in (tmp_path / "pipe.ttf", Path("/dev/zero")):
        with pytest.raises(FontError, match="not a file"):
            select(said, spec)
    with pytest.raises(FontError, match="not a file"):
        names.sha256_of(tmp_path / "pipe.ttf")


def test_a_relative_font_is_looked_for_below_the_base_first(
    tmp_path: Path, said: list[str], cjk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, base = tmp_path / "here", tmp_path / "base"
    for folder, family in ((here, "Here"), (base, "Base")):
        (folder / "more").mkdir(parents=True)
        make_font(folder / "x.ttf", "日", family=family)
        make_font(folder / "more/y.ttf", "日", family=f"{family} More")
    make_font(here / "only.ttf", "日", family="Only")
    (base / "cjk.ttc").write_bytes(cjk.read_bytes())
    monkeypatch.chdir(here)

    def families(*specs: str, **options: Path | None) -> list[str]:
        return [face.files[0].family for face in select(said, *specs, **options).faces]

    assert families("x.ttf", "more", base=base) == ["Base", "Base More"]
    assert families("x.ttf", "more") == ["Here", "Here More"]
    assert families("only.ttf", base=base) == ["Only"]
    assert families(str(here / "x.ttf"), base=base) == ["Here"]
    assert families("cjk.ttc#1", base=base) == ["Mini CJK KR"]
    assert select(said, "cjk.ttc#Mini CJK TC", base=base).faces[0].files[0].index == 2
    with pytest.raises(FontError) as caught:
        select(said, "more/z.ttf", base=base)
    assert str(base) in str(caught.value.cure)


def test_a_pack_is_meant_before_a_folder_below_the_base(pack: Path, said: list[str], tmp_path: Path) -> None:
    (tmp_path / "base/tiny").mkdir(parents=True)
    assert ids(select(said, "tiny", base=tmp_path / "base")) == ["tiny-a"]


def test_a_pack_file_is_found_below_the_base(pack: Path, said: list[str]) -> None:
    assert ids(select(said, "tiny.yaml/tiny-b", base=pack.parent)) == ["tiny-b"]
