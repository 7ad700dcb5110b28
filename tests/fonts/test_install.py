"""From a pack to faces: accepted by hash, fetched when missing, one error for all that is missing."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest
from ocrfactory.errors import FontError
from ocrfactory.fonts import debian, locate
from ocrfactory.fonts.deb import unpack
from ocrfactory.fonts.install import install, remove

from tests.makers import make_deb, make_font


class Shop:
    """Two tiny packages, a pack of their fonts, and a stand-in for apt."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.fetched: list[str] = []
        self.said: list[str] = []
        made = root / "made"
        made.mkdir()
        self.fonts = {name: make_font(made / f"{name}.ttf", "日本", family=name) for name in ("Core", "Extra")}
        self.pack = root / "tiny.yaml"
        self.pack.write_text(
            "name: tiny\ntitle: Tiny\nlang: ja\ncharset: kana\n"
            "packages:\n  fonts-core: {mb: 1.5}\n  fonts-extra: {mb: 2.5}\nfaces:\n"
            + self._face("core")
            + self._face("extra")
        )
        monkeypatch.setattr(debian, "missing_tool", lambda: None)
        monkeypatch.setattr(debian, "fetch", self._fetch)

    def install(self, **options: object) -> list[str]:
        return [face.id for face in install(str(self.pack), log=self.said.append, **options)]  # type: ignore[arg-type]

    def folder_with(self, name: str, folder: str = "theirs") -> Path:
        """A folder of the user that holds this font."""
        path = self.root / folder
        path.mkdir()
        (path / f"{name}.ttf").write_bytes(self.fonts[name].read_bytes())
        return path

    def _face(self, need: str) -> str:
        name = need.title()
        digest = hashlib.sha256(self.fonts[name].read_bytes()).hexdigest()
        return (
            f"  - id: tiny-{need}\n    family: {name}\n    need: {need}\n    licence: OFL-1.1\n"
            f"    package: fonts-{need}\n    python_package: tiny_{need}\n"
            f"    files:\n      - {{file: {name}.ttf, sha256: [{digest}]}}\n"
        )

    def _fetch(self, packages: list[str], into: Path, _progress: object = None) -> debian.Fetched:
        self.fetched += packages
        folders = {}
        for package in packages:
            name = package.removeprefix("fonts-").title()
            members = {f"./usr/share/fonts/{name}.ttf": self.fonts[name].read_bytes()}
            folders[package] = unpack(make_deb(self.root / f"{package}_1.0_all.deb", members), into, package)
        return debian.Fetched(folders, {})


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("OCRFACTORY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("OCRFACTORY_FONT_DIR", raising=False)
    monkeypatch.delenv("OCRFACTORY_OFFLINE", raising=False)
    monkeypatch.setattr(locate, "system_dirs", lambda: [tmp_path / "system"])
    locate.forget()
    return Shop(tmp_path, monkeypatch)


def test_only_the_packages_of_the_faces_asked_for_are_fetched(shop: Shop) -> None:
    assert shop.install() == ["tiny-core"]
    assert shop.fetched == ["fonts-core"]
    assert "fetching 1 package, 2 MB" in shop.said[0]
    assert "licences: OFL-1.1" in shop.said[1]


def test_what_was_fetched_once_is_found_again(shop: Shop) -> None:
    shop.install(need=("core", "extra"))
    shop.fetched.clear()
    assert shop.install(need=("core", "extra"), offline=True) == ["tiny-core", "tiny-extra"]
    assert shop.fetched == []


def test_a_face_says_where_it_came_from(shop: Shop) -> None:
    face = install(str(shop.pack), log=shop.said.append)[0]
    assert (face.pack, face.lang, face.package, face.package_version) == ("tiny", "ja", "fonts-core", "1.0")
    assert face.pinned
    assert face.files[0].family == "Core"
    assert Path(face.files[0].path).is_file()


def test_offline_names_every_missing_face_every_place_and_the_cure(shop: Shop) -> None:
    with pytest.raises(FontError) as caught:
        shop.install(need=("core", "extra"), offline=True)
    message = caught.value.message
    assert message.startswith("pack 'tiny': 1 of 2 files not found")
    assert "package fonts-core, Python package tiny_core" in message
    assert "apt (skipped: --offline)" in message
    assert "user data (0 files)" in message
    assert "install fonts-core with your package manager" in (caught.value.cure or "")
    assert "--font-dir DIR" in (caught.value.cure or "")
    assert caught.value.exit_code == 4


def test_the_environment_can_forbid_fetching(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRFACTORY_OFFLINE", "1")
    with pytest.raises(FontError, match="skipped: --offline"):
        shop.install()
    assert shop.fetched == []


def test_a_missing_extra_face_is_a_warning_unless_it_was_asked_for(shop: Shop) -> None:
    here = [shop.folder_with("Core")]
    assert shop.install(need=("core", "extra"), offline=True, font_dirs=here) == ["tiny-core"]
    assert any("tiny-extra is missing" in line for line in shop.said)
    with pytest.raises(FontError, match="Extra"):
        shop.install(need=("core", "tiny-extra"), offline=True, font_dirs=here)


def test_missing_core_faces_can_be_allowed(shop: Shop) -> None:
    assert shop.install(offline=True, allow_missing=True) == []
    assert "tiny-core is missing" in shop.said[-1]


def test_a_folder_of_the_user_gives_the_face(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRFACTORY_FONT_DIR", str(shop.fonts["Core"].parent))
    assert shop.install(offline=True) == ["tiny-core"]


def test_an_installed_python_package_gives_the_face(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    package = shop.root / "site/tiny_core"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    shop.fonts["Core"].rename(package / "Core.ttf")
    monkeypatch.syspath_prepend(str(package.parent))
    assert shop.install(offline=True) == ["tiny-core"]
    assert "tiny_core" not in sys.modules


def test_a_file_with_another_hash_is_refused_with_both_hashes(shop: Shop) -> None:
    accepted = hashlib.sha256(shop.fonts["Core"].read_bytes()).hexdigest()
    make_font(shop.fonts["Core"], "x", family="Core")
    other = hashlib.sha256(shop.fonts["Core"].read_bytes()).hexdigest()
    with pytest.raises(FontError, match="another version") as caught:
        shop.install(offline=True, font_dirs=[shop.folder_with("Core")])
    assert accepted in caught.value.message
    assert other in caught.value.message
    assert "--allow-unpinned" in (caught.value.cure or "")


def test_an_unpinned_file_can_be_allowed_and_is_marked(shop: Shop) -> None:
    make_font(shop.fonts["Core"], "x", family="Core")
    folder = shop.folder_with("Core")
    faces = install(str(shop.pack), offline=True, allow_unpinned=True, font_dirs=[folder], log=shop.said.append)
    assert [face.pinned for face in faces] == [False]
    assert "is not pinned" in shop.said[-1]


def test_an_accepted_file_wins_over_another_version(shop: Shop) -> None:
    good = shop.folder_with("Core", "good")
    make_font(shop.fonts["Core"], "x", family="Core")
    bad = shop.folder_with("Core", "bad")
    assert install(str(shop.pack), offline=True, font_dirs=[bad, good], log=shop.said.append)[0].pinned


def test_a_damaged_file_of_ours_is_fetched_again(shop: Shop) -> None:
    shop.install()
    damaged = next(locate.installed_dir().rglob("Core.ttf"))
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert shop.install() == ["tiny-core"]
    assert shop.fetched == ["fonts-core", "fonts-core"]


def test_an_unknown_face_of_a_pack_names_the_known_ones(shop: Shop) -> None:
    with pytest.raises(FontError, match="no face nothing") as caught:
        shop.install(need=["nothing"])
    assert "tiny-core, tiny-extra" in (caught.value.cure or "")


def test_a_failed_fetch_is_in_the_message(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = debian.Fetched({}, {"fonts-core": "no such mirror"})
    monkeypatch.setattr(debian, "fetch", lambda *_: failed)
    with pytest.raises(FontError, match=r"apt \(fonts-core: no such mirror\)"):
        shop.install()


def test_remove_deletes_only_what_was_fetched(shop: Shop) -> None:
    shop.install()
    own = locate.installed_dir() / "fonts-extra"
    own.mkdir()
    (own / "Extra.ttf").write_bytes(shop.fonts["Extra"].read_bytes())
    assert [path.name for path in remove(str(shop.pack))] == ["fonts-core"]
    assert (own / "Extra.ttf").is_file()
    assert remove(str(shop.pack)) == []
