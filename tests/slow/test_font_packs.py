"""The real packs, fetched from Debian packages: `pytest tests/slow/test_font_packs.py` needs apt and a network."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ocrfactory.fonts import locate
from ocrfactory.fonts.install import install
from ocrfactory.fonts.packs import load_pack

pytestmark = pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt-get on this machine")


@pytest.mark.parametrize("name", ["tcc", "ko"])
def test_a_pack_installs_with_every_hash_accepted_and_is_found_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRFACTORY_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("OCRFACTORY_OFFLINE", raising=False)
    locate.forget()
    pack = load_pack(name)
    faces = install(pack, need=("core", "extra"))
    assert [face.id for face in faces] == [face.id for face in pack.faces]
    assert all(face.pinned for face in faces)
    assert install(pack, need=("core", "extra"), offline=True) == faces
    for face in faces:
        file = Path(face.files[0].path)
        if file.is_relative_to(tmp_path):
            assert (file.parent / "copyright").stat().st_size > 100
