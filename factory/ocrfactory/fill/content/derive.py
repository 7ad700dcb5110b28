"""Builds the content pack: python -m ocrfactory.fill.content.derive gw_all.json LIST.txt OUT [--check]

gw_all.json holds GlyphWiki's records as a list of {"name": ..., "data": ...}: the file `data/gw_all.json` of the Node
package idsfind 2.4.0. LIST.txt is the bundled `rare-han.txt` or a list of the same form. With --check nothing is
written, and the exit status is 1 where OUT differs.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ocrfactory.errors import InputError
from ocrfactory.fill.content.kage import Absent, Stroke, strokes_of
from ocrfactory.fill.content.lists import read_ranges
from ocrfactory.fill.content.pack import encode

SOURCE = "GlyphWiki (glyphwiki.org), data/gw_all.json of the Node package idsfind 2.4.0"
LICENCE = Path(__file__).with_name("NOTICE")
"""Travels in the header of every pack, so that a pack which is copied alone still says it."""


class _Record(msgspec.Struct):
    name: str
    data: str


def derive(records_path: Path, chars: Sequence[str]) -> tuple[bytes, dict[str, str]]:
    """The pack, and the characters without content and why.

    Raises:
        InputError: the file of records cannot be read.
    """
    try:
        raw = records_path.read_bytes()
        records = {record.name: record.data for record in msgspec.json.decode(raw, type=list[_Record])}
    except (OSError, msgspec.MsgspecError) as error:
        cure = "unpack data/gw_all.json of `npm pack idsfind@2.4.0`"
        raise InputError(f"{records_path}: no records of GlyphWiki: {error}", cure) from error
    glyphs: dict[str, tuple[Stroke, ...]] = {}
    absent: dict[str, str] = {}
    for char in chars:
        try:
            glyphs[char] = strokes_of(f"u{ord(char):04x}", records)
        except Absent as error:
            absent[char] = error.reason
    licence = LICENCE.read_text(encoding="utf-8")
    return encode(glyphs, absent, SOURCE, hashlib.sha256(raw).hexdigest(), licence), absent


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pack, or compare it with what is there."""
    parser = argparse.ArgumentParser(prog="python -m ocrfactory.fill.content.derive", description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("list", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args(arguments)
    chars = read_ranges(options.list)
    data, absent = derive(options.records, chars)
    for reason, count in sorted(Counter(absent.values()).items()):
        codes = " ".join(f"U+{ord(char):04X}" for char in sorted(absent) if absent[char] == reason)
        sys.stdout.write(f"absent, {reason}: {count}: {codes}\n")
    sys.stdout.write(f"{len(chars)} characters, {len(chars) - len(absent)} with content, {len(data)} bytes\n")
    if options.check:
        same = options.out.is_file() and options.out.read_bytes() == data
        sys.stdout.write("same\n" if same else "differs\n")
        return 0 if same else 1
    options.out.write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
