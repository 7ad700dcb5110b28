"""Zip files as they are found in the wild: names in CP949 without the flag that would say UTF-8, leading slashes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

WHEN = (2021, 1, 9, 12, 0, 0)


class OldName(zipfile.ZipInfo):
    """A member whose name is written in CP949, with no flag that says so; and just as it is, slashes included."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  # zipfile's own name
        return self.filename.encode("cp949"), self.flag_bits & ~0x800


def write_zip(
    path: Path, members: Iterable[tuple[str, bytes]], *, cp949: bool = False, leading_slash: bool = False
) -> Path:
    """A zip of `members`: deflated labels, stored images."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            info = (OldName if cp949 else zipfile.ZipInfo)(name, WHEN)
            info.filename = f"/{name}" if leading_slash else name
            info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            archive.writestr(info, data)
    return path
