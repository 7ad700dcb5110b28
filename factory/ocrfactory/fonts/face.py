"""What a face is: the few facts about a font that travel through plan, rows and manifest."""

from __future__ import annotations

import msgspec


class FontFile(msgspec.Struct, frozen=True):
    """One face of one font file, by content."""

    path: str
    """Absolute path on this machine; no part of any hash."""
    index: int
    """Face inside a TTC or OTC, from 0."""
    sha256: str
    """SHA-256 of the whole file, 64 hex digits."""
    family: str
    style: str
    version: str = ""
    fs_type: int = 0
    """OS/2 embedding bits."""
    variation: tuple[tuple[str, float], ...] = ()
    """Instance of a variable font: (axis tag, value), sorted by tag."""

    @property
    def name(self) -> str:
        """Family and style, for people."""
        return f"{self.family} {self.style}".strip()


class Face(msgspec.Struct, frozen=True):
    """One typeface as a user names it. Several files: the first that draws a character wins."""

    id: str
    """`tw-kai`; of a font given by path its file stem, with `#index` where the file has several faces."""
    files: tuple[FontFile, ...]
    lang: str = "und"
    """BCP 47 language for shaping and for the `lang` column: `zh-Hant`, `ko`, `ja`, `vi-Hani`, `und`."""
    pack: str | None = None
    style: str | None = None
    need: str = "core"
    licence: str = "LicenseRef-unknown"
    attribution: str = ""
    package: str | None = None
    package_version: str | None = None
    pinned: bool = False
    """True when each file's hash is one that the pack accepts."""
