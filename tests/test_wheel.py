"""The wheel carries packs and recipes, and works from any folder."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel, tmp_path_factory):
    """A fresh environment with the wheel; what it depends on is borrowed from here."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True, capture_output=True)
    (fresh,) = folder.glob("lib/python*/site-packages")
    (fresh / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder / "bin" / "ocrfactory"


def test_the_wheel_holds_packs_recipes_and_lists_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("_data/fonts/tcc.yaml", "_data/recipes/tcc_small.yaml", "py.typed"):
        assert f"ocrfactory/{name}" in names
    assert any(name.startswith("ocrfactory/charset/lists/") for name in names)
    assert not [name for name in names if not name.startswith(("ocrfactory/", "ocrfactory-"))]


def test_an_installed_wheel_renders_in_any_folder(program, tmp_path, font, charset):
    where = [program.with_name("python"), "-c", "import ocrfactory; print(ocrfactory.__file__)"]
    assert str(program.parents[1]) in subprocess.run(where, check=True, capture_output=True, text=True).stdout
    listed = subprocess.run([program, "recipes", "list"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "tcc_small" in listed.stdout
    packs = subprocess.run([program, "fonts", "list"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "tw-kai" in packs.stdout
    command = [program, "render", "--font", font, "--charset", charset, "--name", "here"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=dict(os.environ))
    assert (tmp_path / "outputs/here/manifest.json").exists()
    assert (tmp_path / "outputs/here/preview.png").exists()
