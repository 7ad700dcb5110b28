"""Lists of characters as ranges of code points, one a line, and the list of those that hardly any font draws.

    python -m ocrfactory.fill.content.lists OUT.txt --family FONT... [--family FONT...] [--most 1]

writes every ideograph of Unicode 15.0 that at most `--most` of the families draw. Each `--family` names the font files
of one design, which count once.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ocrfactory.errors import CharsetError

RARE = Path(__file__).with_name("rare-han.txt")
"""The bundled list."""

HAN = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFA6D),
    (0xFA70, 0xFAD9),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B739),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1),
    (0x2CEB0, 0x2EBE0),
    (0x2F800, 0x2FA1D),
    (0x30000, 0x3134A),
    (0x31350, 0x323AF),
)
"""Ideographs of Unicode 15.0, first and last: URO, extensions A to H, compatibility ideographs."""

_LINE = re.compile(r"([0-9A-F]{4,6})(?:-([0-9A-F]{4,6}))?")


def read_ranges(path: Path) -> tuple[str, ...]:
    """The characters of a file with lines such as `30000-3001F` or `2AA28`; `#` starts a comment.

    Raises:
        CharsetError: the file cannot be read, a line is something else, or the order is not that of the code points.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CharsetError(f"{path}: {error}", "name a text file with ranges of code points") from error
    chars: list[str] = []
    before = -1
    for number, line in enumerate(text.split("\n"), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        found = _LINE.fullmatch(line)
        first = int(found[1], 16) if found else 0
        last = int(found[2] or found[1], 16) if found else 0
        if not found or not before < first <= last <= 0x10FFFF:
            raise CharsetError(f"{path}:{number}: {line[:40]!r} is no range above the last one", "write 30000-3001F")
        chars += map(chr, range(first, last + 1))
        before = last
    return tuple(chars)


def to_ranges(chars: Iterable[str]) -> str:
    """The text of such a file, without comments."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, chars)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{low:04X}-{high:04X}\n" if high > low else f"{low:04X}\n" for low, high in ranges)


def drawn_by_at_most(families: Sequence[Sequence[Path]], most: int) -> tuple[str, ...]:
    """The ideographs that at most so many families really draw, by code point.

    Raises:
        FontError: a file is missing or is no font.
    """
    from ocrfactory.fonts.coverage import drawn_characters  # opens fonts: not needed to read a list
    from ocrfactory.fonts.files import faces_of_file

    drawn: Counter[str] = Counter()
    for family in families:
        drawn.update(drawn_characters([faces_of_file(path)[0] for path in family]))
    return tuple(chr(code) for low, high in HAN for code in range(low, high + 1) if drawn[chr(code)] <= most)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a list."""
    parser = argparse.ArgumentParser(prog="python -m ocrfactory.fill.content.lists", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--family", type=Path, nargs="+", action="append", required=True, metavar="FONT")
    parser.add_argument("--most", type=int, default=1, help="families that may draw a listed character")
    options = parser.parse_args(arguments)
    chars = drawn_by_at_most(options.family, options.most)
    options.out.write_text(to_ranges(chars), encoding="utf-8")
    sys.stdout.write(f"{len(chars)} characters that at most {options.most} of {len(options.family)} families draw\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
