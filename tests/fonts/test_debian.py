"""Debian packages: what is taken out of them, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from ocrfactory.errors import FontError
from ocrfactory.fonts import deb, debian

from tests.makers import make_ar, make_deb, make_font

NAME = "fonts-tiny_1%3a2.0-1_all.deb"


@pytest.fixture
def font(tmp_path: Path) -> bytes:
    return make_font(tmp_path / "made.ttf", "日本").read_bytes()


def link(name: str, kind: bytes, target: str) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info, b""


def regular(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    return info, data


def test_the_fonts_and_the_licence_are_taken_and_nothing_else(tmp_path: Path, font: bytes) -> None:
    package = make_deb(
        tmp_path / NAME,
        {
            "./usr/share/fonts/truetype/tiny/Tiny.ttf": font,
            "./usr/share/doc/fonts-tiny/copyright": b"free",
            "./usr/share/doc/fonts-tiny/changelog.gz": b"x",
            "./etc/fonts/conf.d/10-tiny.conf": b"x",
        },
    )
    folder = deb.unpack(package, tmp_path / "into", "fonts-tiny")
    assert folder == tmp_path / "into/fonts-tiny/1%3a2.0-1"
    assert sorted(path.name for path in folder.iterdir()) == ["SOURCE.json", "Tiny.ttf", "copyright"]
    source = json.loads((folder / "SOURCE.json").read_text())
    assert (source["package"], source["version"], list(source["files"])) == ("fonts-tiny", "1:2.0-1", ["Tiny.ttf"])
    assert sorted(path.name for path in (tmp_path / "into").iterdir()) == ["fonts-tiny"]


@pytest.mark.parametrize("name", ["../evil.ttf", "./usr/share/fonts/../../../evil.ttf", "/usr/share/fonts/evil.ttf"])
def test_a_name_that_leads_out_condemns_the_package(tmp_path: Path, font: bytes, name: str) -> None:
    package = make_deb(tmp_path / NAME, {"./usr/share/fonts/Tiny.ttf": font, name: font})
    with pytest.raises(FontError, match="refused"):
        deb.unpack(package, tmp_path / "into", "fonts-tiny")
    assert list((tmp_path / "into").iterdir()) == []
    assert not list(tmp_path.rglob("evil.ttf"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_never_taken(tmp_path: Path, font: bytes, kind: bytes) -> None:
    members = [
        regular("./usr/share/fonts/Tiny.ttf", font),
        link("./usr/share/fonts/Link.ttf", kind, "/etc/passwd"),
        link("./usr/share/doc/fonts-tiny/copyright", tarfile.SYMTYPE, "/etc/passwd"),
    ]
    folder = deb.unpack(make_deb(tmp_path / NAME, members), tmp_path / "into", "fonts-tiny")
    assert sorted(path.name for path in folder.iterdir()) == ["SOURCE.json", "Tiny.ttf"]


def test_a_file_too_large_for_a_font_is_refused(tmp_path: Path, font: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deb, "MAX_FONT_BYTES", 100)
    package = make_deb(tmp_path / NAME, {"./usr/share/fonts/Tiny.ttf": font})
    with pytest.raises(FontError, match=r"refused: Tiny\.ttf has"):
        deb.unpack(package, tmp_path / "into", "fonts-tiny")


def broken_packages(whole: bytes, folder: Path) -> dict[str, bytes]:
    start = whole.index(b"data.tar.xz")
    data = whole[start + 60 :]
    short_tar = make_ar(folder / "short.deb", {"debian-binary": b"2.0\n", "data.tar.xz": data[: len(data) // 2]})
    return {
        "text": b"this is no package",
        "empty": b"",
        "cut short": whole[: len(whole) - 40],
        "truncated xz": short_tar.read_bytes(),
        "no data": make_ar(folder / "none.deb", {"debian-binary": b"2.0\n"}).read_bytes(),
        "garbage inside": make_ar(folder / "junk.deb", {"data.tar.xz": b"\xfd7zXZ\0" + b"junk" * 50}).read_bytes(),
    }


@pytest.mark.parametrize("fault", ["text", "empty", "cut short", "truncated xz", "no data", "garbage inside"])
def test_a_broken_package_is_an_error_that_names_it_and_leaves_nothing(tmp_path: Path, font: bytes, fault: str) -> None:
    package = make_deb(tmp_path / NAME, {"./usr/share/fonts/Tiny.ttf": font + os.urandom(5000)})
    package.write_bytes(broken_packages(package.read_bytes(), tmp_path)[fault])
    with pytest.raises(FontError, match="fonts-tiny"):
        deb.unpack(package, tmp_path / "into", "fonts-tiny")
    assert list((tmp_path / "into").iterdir()) == []


def test_a_package_without_fonts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FontError, match="no font"):
        deb.unpack(make_deb(tmp_path / NAME, {"./usr/bin/x": b"x"}), tmp_path / "into", "fonts-tiny")


@pytest.fixture
def fake_apt(tmp_path: Path, font: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that has `fonts-tiny` only, and only after `update` with an index of our own."""
    tools = tmp_path / "bin"
    tools.mkdir()
    package = make_deb(tmp_path / NAME, {"./usr/share/fonts/Tiny.ttf": font})
    script = tools / "apt-get"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {tmp_path}/calls\n'
        'case "$*" in\n'
        "  *update) exit 0 ;;\n"
        f'  *Dir::State=*"download fonts-tiny") cp {package} . ; exit 0 ;;\n'
        "esac\n"
        'echo "E: Unable to locate package" >&2; exit 100\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "calls"


def test_an_absent_index_is_replaced_by_one_of_our_own(tmp_path: Path, fake_apt: Path) -> None:
    seen: list[str] = []
    fetched = debian.fetch(["fonts-tiny", "fonts-absent"], tmp_path / "into", lambda name, _: seen.append(name))
    assert fetched.folders == {"fonts-tiny": tmp_path / "into/fonts-tiny/1%3a2.0-1"}
    assert fetched.failures == {"fonts-absent": "Unable to locate package"}
    assert "fonts-tiny" in seen
    assert fake_apt.read_text().count("update") == 1
    assert [path.name for path in (tmp_path / "into").iterdir()] == ["fonts-tiny"]


def test_without_apt_the_reason_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(FontError, match="no apt-get on this machine"):
        debian.fetch(["fonts-tiny"], tmp_path)


def test_a_second_process_waits_for_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "LOCK_WAIT_S", 0.0)
    said: list[str] = []
    first, second = debian.locked(tmp_path, said.append), debian.locked(tmp_path, said.append)
    with first, pytest.raises(FontError, match="locked"), second:
        pass
    assert len(said) == 1
    with debian.locked(tmp_path, said.append):
        pass
