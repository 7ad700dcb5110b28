"""Take the fonts out of a Debian package in pure Python: an `ar` archive that holds a tar.

A package's scripts are never run. What is taken: regular font files under `usr/share/fonts/`, and the copyright file.
"""

from __future__ import annotations

import io
import json
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote

from ocrfactory.errors import FontError
from ocrfactory.fonts.locate import FONT_SUFFIXES
from ocrfactory.fonts.names import MAX_FONT_BYTES, sha256_of

MAX_DEB_BYTES = 1_000_000_000
MAX_UNPACKED_BYTES = 4_000_000_000
MAX_MEMBERS = 50_000
SOURCE = "SOURCE.json"


def unpack(deb: Path, into: Path, package: str) -> Path:
    """Unpack the fonts of a package file into `into/PACKAGE/VERSION`, whole or not at all.

    Raises:
        FontError: the package is broken, hostile or too large, or the folder cannot be written.
    """
    version = _version(deb, package)
    target = into / package / version.replace(":", "%3a")  # a colon separates the entries of a path list
    work: Path | None = None
    try:
        into.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".unpack-", dir=into))
        _extract(deb, package, work)
        fonts = sorted(path for path in work.iterdir() if path.suffix.lower() in FONT_SUFFIXES)
        if not fonts:
            raise FontError(f"{deb.name}: holds no font under usr/share/fonts")
        source = {
            "package": package,
            "version": version,
            "deb_sha256": sha256_of(deb),
            "files": {path.name: sha256_of(path) for path in fonts},
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "route": "debian",
        }
        (work / SOURCE).write_text(json.dumps(source, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        work.chmod(0o755)  # mkdtemp makes a folder that other users cannot read
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)  # it is here and yet no file of it was accepted: damaged
        work.rename(target)
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, ValueError) as error:
        raise FontError(f"{deb.name}: a broken package: {error}", "fetch it again") from error
    except OSError as error:
        raise FontError(f"{deb.name}: cannot be unpacked into {into}: {error.strerror or error}") from error
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
    return target


def source_of(font: Path) -> dict[str, Any]:
    """The SOURCE.json beside a font that this module unpacked, or an empty dict."""
    try:
        source = json.loads((font.parent / SOURCE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return source if isinstance(source, dict) else {}


def _extract(deb: Path, package: str, work: Path) -> None:
    """Write the wanted members. Links and devices are never taken; a name that leads out condemns the package."""
    copyright_file = PurePosixPath("usr/share/doc", package, "copyright")
    fonts = PurePosixPath("usr/share/fonts")
    total = 0
    with deb.open("rb") as file, _data_tar(file, deb) as archive:
        for number, member in enumerate(archive):
            name = PurePosixPath(member.name)
            if name.is_absolute() or ".." in name.parts or "\\" in member.name or "\0" in member.name:
                raise FontError(f"{deb.name}: refused: it holds the name {member.name!r}")
            total += member.size
            if number >= MAX_MEMBERS or total > MAX_UNPACKED_BYTES:
                raise FontError(f"{deb.name}: refused: too much inside")
            is_font = name.is_relative_to(fonts) and name.suffix.lower() in FONT_SUFFIXES
            if not member.isreg() or not (is_font or name == copyright_file):
                continue
            if member.size > MAX_FONT_BYTES:
                raise FontError(f"{deb.name}: refused: {name.name} has {member.size:,} bytes")
            content = archive.extractfile(member)
            if content is None or (work / name.name).exists():
                raise FontError(f"{deb.name}: refused: it holds {name.name} twice")
            with (work / name.name).open("xb") as out:
                shutil.copyfileobj(content, out, 1 << 20)
            if (work / name.name).stat().st_size != member.size:
                raise FontError(f"{deb.name}: a broken package: {name.name} is cut short", "fetch it again")


@contextmanager
def _data_tar(file: IO[bytes], deb: Path) -> Iterator[tarfile.TarFile]:
    """The archive of files inside a package, read as a stream."""
    name, data = _ar_member(file, deb, "data.tar")
    if not name.endswith(".zst"):
        with tarfile.open(fileobj=io.BytesIO(data), mode="r|*") as archive:
            yield archive
        return
    try:
        import zstandard  # type: ignore[import-not-found,unused-ignore]  # optional: newer Ubuntu packs with it
    except ImportError:
        tool = shutil.which("dpkg-deb")
        if tool is None:
            raise FontError(f"{deb.name}: packed with zstd", "pip install zstandard") from None
        with tempfile.TemporaryFile() as unpacked:
            command = [tool, "--fsys-tarfile", str(deb)]
            subprocess.run(command, stdout=unpacked, stderr=subprocess.DEVNULL, timeout=600, check=False)
            unpacked.seek(0)
            with tarfile.open(fileobj=unpacked, mode="r|") as archive:
                yield archive
        return
    with zstandard.ZstdDecompressor().stream_reader(data) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        yield archive


def _ar_member(file: IO[bytes], deb: Path, prefix: str) -> tuple[str, bytes]:
    """The first member of an `ar` archive whose name starts with `prefix`: 60-byte headers, members padded to even."""
    if deb.stat().st_size > MAX_DEB_BYTES:
        raise FontError(f"{deb.name}: refused: larger than {MAX_DEB_BYTES:,} bytes")
    if file.read(8) != b"!<arch>\n":
        raise FontError(f"{deb.name}: not a Debian package")
    while len(header := file.read(60)) == 60:
        size_field = header[48:58].strip()
        if header[58:] != b"`\n" or not size_field.isdigit():
            break
        name, size = header[:16].decode("ascii", "replace").rstrip(" /"), int(size_field)
        if name.startswith(prefix):
            data = file.read(size)
            if len(data) != size:
                raise FontError(f"{deb.name}: a broken package: {name} is cut short", "fetch it again")
            return name, data
        file.seek(size + size % 2, os.SEEK_CUR)
    raise FontError(f"{deb.name}: a broken package: it has no {prefix}", "fetch it again")


def _version(deb: Path, package: str) -> str:
    """apt names a file NAME_VERSION_ARCH.deb, with the colon of an epoch as %3a."""
    match = re.fullmatch(rf"{re.escape(package)}_([A-Za-z0-9.+~:-]+)_[a-z0-9-]+\.deb", unquote(deb.name))
    if match is None or set(match[1]) <= {"."}:
        raise FontError(f"{deb.name}: not the name of a package file of {package}")
    return match[1]
