"""What is wrong with a font file: what it maps and does not draw, its licence, its embedding bits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from ocrfactory.charset.groups import class_group
from ocrfactory.errors import FontError
from ocrfactory.fonts import names
from ocrfactory.fonts.coverage.child import Order
from ocrfactory.fonts.coverage.facts import DRAWN, REASONS, FontFacts
from ocrfactory.fonts.coverage.probe import facts_of
from ocrfactory.fonts.face import Face, FontFile

BLOCKS = (
    ("URO", 0x4E00, 0x9FFF), ("Ext A", 0x3400, 0x4DBF), ("Ext B", 0x20000, 0x2A6DF), ("Ext C-H", 0x2A700, 0x323AF),
    ("compatibility", 0xF900, 0xFAFF), ("compatibility", 0x2F800, 0x2FA1F), ("Hangul", 0xAC00, 0xD7A3),
    ("kana", 0x3040, 0x30FF), ("private use", 0xE000, 0xF8FF), ("private use", 0xF0000, 0x10FFFD),
)  # fmt: skip
EMBEDDING = (
    (0x0002, "restricted: may not be embedded"),
    (0x0004, "preview and print only"),
    (0x0100, "no subsetting"),
    (0x0200, "bitmap embedding only"),
)


class FontAudit(msgspec.Struct, frozen=True):
    """The examination of one face of one file."""

    face: str
    file: FontFile
    mapped: int
    drawn: int
    faults: dict[str, dict[str, int]]
    """Reason -> block -> how many code points."""
    licence: str
    licence_known: bool
    embedding: tuple[str, ...]
    quarantine: str | None
    variation_sequences: int

    @property
    def sound(self) -> bool:
        """Nothing that should keep it out of a data set; holes alone do not."""
        return self.quarantine is None and self.licence_known and not self.file.fs_type & 0x0002


def audit(faces: Sequence[Face]) -> list[FontAudit]:
    """Examine every file of some faces."""
    pairs = [(face, file) for face in faces for file in face.files]
    facts = facts_of([Order(file, face.lang) for face, file in pairs])
    return [_audit(face, file, found) for (face, file), found in zip(pairs, facts, strict=True)]


def _audit(face: Face, file: FontFile, facts: FontFacts) -> FontAudit:
    codes, verdicts = facts.counted()
    faults: dict[str, Counter[str]] = {}
    for code, verdict in zip(codes[verdicts != DRAWN].tolist(), verdicts[verdicts != DRAWN].tolist(), strict=True):
        faults.setdefault(REASONS[verdict], Counter())[block_of(code)] += 1
    licence, quarantine, sequences = face.licence, facts.quarantine, 0
    try:
        if licence == "LicenseRef-unknown":
            licence = _licence(file)
        if quarantine is None:
            sequences = _variation_sequences(file)
    except FontError as error:
        quarantine = quarantine or error.message
    return FontAudit(
        face=face.id,
        file=file,
        mapped=len(codes),
        drawn=int(np.count_nonzero(verdicts == DRAWN)),
        faults={reason: dict(blocks.most_common()) for reason, blocks in faults.items()},
        licence=licence,
        licence_known=not licence.startswith("LicenseRef-unknown") and licence != "proprietary",
        embedding=tuple(words for bit, words in EMBEDDING if file.fs_type & bit),
        quarantine=quarantine,
        variation_sequences=sequences,
    )


def block_of(code: int) -> str:
    """The block of a code point, in the words of the report."""
    for name, first, last in BLOCKS:
        if first <= code <= last:
            return name
    return class_group(chr(code))


def _licence(file: FontFile) -> str:
    found = names.licence_of(file.path, file.index)
    if found != "LicenseRef-unknown":
        return found
    with names.opened_tables(file.path, file.index) as font:
        table = font.get("name")
        words = " ".join(table.getDebugName(number) or "" for number in (0, 13, 14)).casefold() if table else ""
    if "public domain" in words:
        return "public domain"
    return "proprietary" if re.search(r"all rights reserved", words) else found


def _variation_sequences(file: FontFile) -> int:
    with names.opened_tables(file.path, file.index) as font:
        return sum(
            len(pairs)
            for table in (font["cmap"].tables if "cmap" in font else ())
            if table.format == 14
            for pairs in table.uvsDict.values()
        )  # fmt: skip
