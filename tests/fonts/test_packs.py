"""Packs as data: what a pack file may hold, and which packs there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from ocrfactory.errors import FontError, RecipeError
from ocrfactory.fill import heldout
from ocrfactory.fonts.packs import load_pack, pack_names

HASH = "ab" * 32
PACK = f"""\
name: mine
title: My pack
locale: kr
lang: ko
charset: hangul
faces:
  - id: one
    family: One
    licence: OFL-1.1
    package: fonts-one
    files:
      - {{file: One.ttf, sha256: [{HASH}]}}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_packs_are_named_in_their_order_of_preference() -> None:
    assert pack_names() == ["tcc", "ko", "ja", "nom", "cursive", "fill"]


@pytest.mark.parametrize("name", ["tcc", "ko", "ja", "nom", "cursive"])
def test_a_shipped_pack_names_its_charset_and_its_language(name: str) -> None:
    pack = load_pack(name)
    assert pack.name == name
    assert pack.charset
    assert pack.lang in {"zh-Hant", "ko", "ja", "vi-Hani"}
    assert all(face.package in pack.packages for face in pack.faces if face.package)


def test_in_tcc_only_the_arphic_faces_are_extra() -> None:
    assert [face.id for face in load_pack("tcc").faces if face.need == "extra"] == ["ukai", "uming"]


def test_the_plus_files_of_cns_hold_private_use_characters_only() -> None:
    files = [file for face in load_pack("tcc").faces for file in face.files]
    assert [file.file for file in files if file.pua] == ["TW-Kai-Plus-98_1.ttf", "TW-Sung-Plus-98_1.ttf"]


TRAINABLE = {
    "OFL-1.1",
    "OGDL-TW-1.0",
    "MIT",
    "BSD-3-Clause",
    "Apache-2.0",
    "LicenseRef-public-domain",
    "LicenseRef-Hanazono",
}
"""Terms under which weights that were trained on pictures of a font may be passed on."""


def test_every_face_that_bundled_weights_learn_from_allows_it_and_asks_for_its_notice() -> None:
    for face in load_pack("fill").faces:
        assert set(face.licence.replace(" OR ", " AND ").split(" AND ")) <= TRAINABLE, face.id
        assert face.attribution, face.id
        assert not any(word in face.licence for word in ("Arphic", "IPA", "GPL", "CC-BY-SA")), face.id


def test_weights_learn_from_core_faces_and_are_measured_on_extra_ones() -> None:
    pack = load_pack("fill")
    extra = {face.id for face in pack.faces if face.need == "extra"}
    assert 0 < len(extra) < len(pack.faces) / 4
    learnt = {file.sha256 for face in pack.faces if face.need == "core" for file in face.files}
    assert not any(file.sha256 in learnt for face in pack.faces if face.need == "extra" for file in face.files)
    assert not extra & heldout.LENDERS


def test_content_of_trainings_comes_from_faces_of_the_pack() -> None:
    assert {face.id for face in load_pack("fill").faces} >= heldout.LENDERS


def test_each_package_of_the_training_pack_is_stated_and_used() -> None:
    pack = load_pack("fill")
    assert {face.package for face in pack.faces} == set(pack.packages)
    assert all(package.mb and package.versions for package in pack.packages.values())


def test_a_pack_is_read_from_a_path(tmp_path: Path) -> None:
    assert load_pack(str(write(tmp_path, PACK))).faces[0].files[0].sha256 == (HASH,)


def test_a_pack_of_the_user_is_found_in_the_pack_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, PACK)
    monkeypatch.setenv("OCRFACTORY_PACK_DIR", str(tmp_path))
    assert pack_names()[-1] == "mine"
    assert load_pack("mine").title == "My pack"


def test_an_unknown_pack_names_the_nearest() -> None:
    with pytest.raises(FontError, match="'tccc'") as caught:
        load_pack("tccc")
    assert caught.value.cure == "nearest: tcc"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (HASH, HASH[:-1], "sha256"),
        (HASH, "XY" * 32, "sha256"),
        ("One.ttf", "../One.ttf", "bare file name"),
        ("fonts-one", "-o=evil", "package"),
        ("family: One", "familly: One", "unknown key"),
    ],
)
def test_a_mistake_in_a_pack_is_named_with_its_line(tmp_path: Path, old: str, new: str, what: str) -> None:
    with pytest.raises(RecipeError, match=what) as caught:
        load_pack(str(write(tmp_path, PACK.replace(old, new))))
    assert "mine.yaml:" in caught.value.problems[0]


def test_two_faces_with_one_id_are_refused(tmp_path: Path) -> None:
    face = PACK[PACK.index("  - id") :]
    with pytest.raises(RecipeError, match="unique: one"):
        load_pack(str(write(tmp_path, PACK + face)))
