"""The bundled lists are what their script makes of Debian's Unihan."""

import shutil
import subprocess
from pathlib import Path

import pytest
from ocrfactory.charset import derive


@pytest.fixture(scope="module")
def unihan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        pytest.skip("no apt-get and dpkg-deb here")
    folder = tmp_path_factory.mktemp("unicode-data")
    done = subprocess.run(
        ["apt-get", "download", "unicode-data"], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    packages = list(folder.glob("unicode-data_*.deb"))
    if done.returncode or not packages:
        pytest.skip(f"apt-get download unicode-data: {done.stderr.strip()[-200:]}")
    if f"_{derive.UNICODE_VERSION}" not in packages[0].name:
        pytest.skip(f"{packages[0].name} is not Unicode {derive.UNICODE_VERSION}")
    subprocess.run(["dpkg-deb", "-x", str(packages[0]), str(folder)], check=True)
    return folder / "usr" / "share" / "unicode"


def test_the_bundled_lists_are_rebuilt_byte_for_byte(unihan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert derive.main([str(unihan), "--check"]) == 0, capsys.readouterr().out


def test_a_changed_list_is_found(unihan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(derive.LISTS, tmp_path / "lists")
    monkeypatch.setattr(derive, "LISTS", tmp_path / "lists")
    with (tmp_path / "lists" / "nom.txt").open("a") as file:
        file.write("一\n")
    assert derive.main([str(unihan), "--check"]) == 1
    assert derive.main([str(unihan)]) == 0
    assert derive.main([str(unihan), "--check"]) == 0
