"""Where fonts are looked for."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import pytest
from ocrfactory.fonts import locate


@pytest.fixture(autouse=True)
def _fresh() -> None:
    locate.forget()


def test_the_folder_of_the_command_line_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRFACTORY_FONT_DIR", str(tmp_path / "env"))
    routes = locate.routes([tmp_path / "named"])
    assert routes[0].folders == (tmp_path / "named",)
    assert routes[-1].folders == (tmp_path / "env",)


def test_the_data_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRFACTORY_DATA_DIR", str(tmp_path))
    assert locate.installed_dir() == tmp_path / "fonts"


def test_fonts_are_found_in_subfolders_and_sorted(tmp_path: Path) -> None:
    for name in ("z.ttf", "sub/a.OTF", "sub/deep/b.ttc", "notes.txt", ".hidden/c.ttf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in locate.font_files(tmp_path)] == ["a.OTF", "b.ttc", "z.ttf"]


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.ttf").touch()
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "real.ttf").touch()
    (inside / "same.ttf").symlink_to("real.ttf")
    (inside / "out.ttf").symlink_to("../outside.ttf")
    (inside / "loop").symlink_to(".")
    assert [path.name for path in locate.font_files(inside)] == ["real.ttf", "same.ttf"]


def test_a_decomposed_file_name_is_found_by_its_composed_name(tmp_path: Path) -> None:
    (tmp_path / unicodedata.normalize("NFD", "나눔.ttf")).touch()
    assert len(locate.candidates(locate.Route("x", (tmp_path,)), "나눔.ttf")) == 1


def test_a_folder_that_is_absent_holds_nothing(tmp_path: Path) -> None:
    assert locate.font_files(tmp_path / "absent") == []


def test_a_python_package_is_found_without_importing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "fontful"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert locate.python_package_dirs("fontful") == [package]
    assert "fontful" not in sys.modules
    assert locate.python_package_dirs("no_such_package_here") == []
