"""Rebuilds the bundled lists from Unihan: python -m ocrfactory.charset.derive UNIHAN_DIR [--check]

UNIHAN_DIR holds Unihan_IRGSources.txt, plain or .bz2; Debian's package `unicode-data` has it in
/usr/share/unicode. With --check nothing is written, and the exit status is 1 where a list differs.
"""

from __future__ import annotations

import argparse
import bz2
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ocrfactory.charset.named import TCC_SIZE, big5
from ocrfactory.errors import CharsetError

LISTS = Path(__file__).with_name("lists")
UNICODE_VERSION = "15.0.0"


def derive(unihan: Path) -> dict[str, tuple[str, ...]]:
    """Each bundled list by name.

    Raises:
        CharsetError: the file is missing, or of another Unicode version, which would give other lists.
    """
    text = _sources(unihan)
    if f"# Unicode version: {UNICODE_VERSION}\n" not in text[:2000]:
        raise CharsetError(f"{unihan}: not Unihan {UNICODE_VERSION}", "unpack Debian's unicode-data 15.0.0")
    planes: dict[str, list[tuple[str, str]]] = {"T1": [], "T2": [], "T3": []}
    nom: list[str] = []
    for character, field, value in _fields(text):
        if field == "kIRG_VSource":
            nom.append(character)
        elif field == "kIRG_TSource":
            plane, _, code = value.partition("-")
            if plane in planes:
                planes[plane].append((code, character))
    return {"nom": tuple(sorted(nom)), "tcc17380-cns": _cns_tail(planes)}


def _cns_tail(planes: dict[str, list[tuple[str, str]]]) -> tuple[str, ...]:
    start = big5()
    members = dict.fromkeys(start)
    for plane in ("T1", "T2", "T3"):
        members.update(dict.fromkeys(character for _, character in sorted(planes[plane])))
    return tuple(members)[len(start) : TCC_SIZE]


def _sources(unihan: Path) -> str:
    plain = unihan / "Unihan_IRGSources.txt"
    packed = plain.with_name(plain.name + ".bz2")
    try:
        return plain.read_text(encoding="utf-8") if plain.exists() else bz2.decompress(packed.read_bytes()).decode()
    except OSError as error:
        raise CharsetError(f"{unihan}: no Unihan_IRGSources.txt or .bz2", "apt-get download unicode-data") from error


def _fields(text: str) -> Iterator[tuple[str, str, str]]:
    for line in text.split("\n"):
        if line.startswith("U+"):
            code, field, value = line.split("\t")
            yield chr(int(code[2:], 16)), field, value


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the lists, or compare them with what is bundled."""
    parser = argparse.ArgumentParser(prog="python -m ocrfactory.charset.derive", description=__doc__)
    parser.add_argument("unihan", type=Path)
    parser.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args(arguments)
    differ = False
    for name, classes in derive(options.unihan).items():
        path = LISTS / f"{name}.txt"
        data = "".join(f"{each}\n" for each in classes).encode()
        if options.check:
            same = path.is_file() and path.read_bytes() == data
            differ = differ or not same
            print(f"{name}: {len(classes)} classes, {'same' if same else 'differs'}")
        else:
            path.write_bytes(data)
            print(f"{name}: {len(classes)} classes written")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
