"""What is remarkable in a list of classes, found before a recogniser is trained on it.

Nothing is repaired. Two findings make a list unusable as labels (control characters, lone surrogates); the others are
things to know, and often intended.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ocrfactory.charset.algebra import load_charset, sha256_of
from ocrfactory.charset.files import RawList, is_file, read_classes
from ocrfactory.charset.groups import GROUPS, class_group
from ocrfactory.charset.named import NAMED
from ocrfactory.charset.rules import UNICODE_VERSION, codepoints, is_assigned, visible

EXAMPLES = 5
EXAMPLE_LENGTH = 40  # code points that are shown of a long entry

# Finding -> what it means, in the order of the report.
MEANINGS = {
    "control": "control characters and line separators: cannot be a label",
    "lone_surrogate": "half of a surrogate pair: cannot be a label",
    "surrogate_pair": "a character in two halves, as narrow builds of Python 2 wrote it: cannot be a label",
    "duplicate": "listed before; dropped when the list is used",
    "empty": "empty lines; skipped when the list is used",
    "nfc_unstable": "changes under NFC: any tool that normalises merges it into another text",
    "private_use": "means whatever its font says",
    "unassigned": "no character of Unicode",
    "white_space": "starts or ends with white space",
    "format": "holds an invisible format character",
    "compatibility_jamo": "a compatibility jamo, not the conjoining one that looks alike",
    "sequence_ivs": "ideograph + variation selector 17 to 256",
    "sequence_standardised": "a base + variation selector 1 to 16",
    "sequence_jamo": "conjoining jamo",
    "sequence_description": "an ideographic description sequence",
    "sequence_other": "several code points",
}
FATAL = ("control", "lone_surrogate", "surrogate_pair")

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_IVS = re.compile("[\U000e0100-\U000e01ef]")
_STANDARDISED = re.compile("[\ufe00-\ufe0f\u180b-\u180d\u180f]")
_JAMO = re.compile("[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]+")
_COMPATIBILITY_JAMO = re.compile("[\u3131-\u318e\uffa0-\uffdc]")
_DESCRIPTION = re.compile("[\u2ff0-\u2fff\u31ef]")


@dataclass(frozen=True)
class Example:
    """One entry with a finding: its line or number, its text with what cannot be printed escaped, and a note."""

    position: int
    text: str
    codepoints: str
    note: str = ""


@dataclass
class Finding:
    """How often something was found, and its first examples."""

    count: int = 0
    means: str = ""
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """What `check` found; plain values only, so `to_dict` goes straight into JSON.

    Attributes:
        name: the file or expression.
        kind: "text", "json", "csv", "pickle" or "expression"; the first and third count lines, the others entries.
        total: entries, duplicates included, empty lines not.
        unique: classes.
        unique_after_nfc: classes that would be left if the list were normalised.
        sha256: of the unique classes, as `Charset.sha256`.
        groups: classes of each group.
        findings: by name, only those that occur.
        bom: whether the file starts with a byte order mark.
        crlf: lines that end in CR LF.
        unicode_version: of the tables that tell unassigned code points.
    """

    name: str
    kind: str
    total: int
    unique: int
    unique_after_nfc: int
    sha256: str
    groups: dict[str, int]
    findings: dict[str, Finding]
    bom: bool
    crlf: int
    unicode_version: str

    @property
    def usable(self) -> bool:
        """Whether every entry can be a label."""
        return not any(name in self.findings for name in FATAL)

    def to_dict(self) -> dict[str, object]:
        """The report as JSON values."""
        return {**asdict(self), "usable": self.usable}


def check(source: str | Path) -> Report:
    """Examine a file or an expression.

    Raises:
        CharsetError: it cannot be read at all.
    """
    raw = _raw(source)
    findings: dict[str, Finding] = {}
    seen: dict[str, int] = {}
    for position, entry in zip(raw.positions, raw.entries, strict=True):
        first = seen.setdefault(entry, position)
        repeated = first != position
        notes = {"duplicate": f"first at {first}"} if repeated else _notes(entry)
        for name, note in notes.items():
            _add(findings, name, position, entry, note)
    for position in raw.empty:
        _add(findings, "empty", position, "")
    groups = Counter(map(class_group, seen))
    return Report(
        name=raw.path,
        kind=raw.kind,
        total=len(raw.entries),
        unique=len(seen),
        unique_after_nfc=len({unicodedata.normalize("NFC", entry) for entry in seen}),
        sha256=sha256_of(seen),
        groups={group: groups[group] for group in GROUPS if groups[group]},
        findings={name: findings[name] for name in MEANINGS if name in findings},
        bom=raw.bom,
        crlf=raw.crlf,
        unicode_version=UNICODE_VERSION,
    )


def _raw(source: str | Path) -> RawList:
    # The same precedence as `load_charset`, but a file is read without its refusals.
    if isinstance(source, Path) or (source not in NAMED and is_file(source)):
        return read_classes(source)
    charset = load_charset(source)
    return RawList(charset.name, "expression", charset.classes, tuple(range(1, len(charset) + 1)))


def _add(findings: dict[str, Finding], name: str, position: int, entry: str, note: str = "") -> None:
    finding = findings.setdefault(name, Finding(means=MEANINGS[name]))
    finding.count += 1
    if len(finding.examples) < EXAMPLES:
        shown = entry[:EXAMPLE_LENGTH]
        finding.examples.append(Example(position, visible(shown), codepoints(shown), note))


def _notes(entry: str) -> dict[str, str]:
    """Finding -> note, for one entry."""
    notes: dict[str, str] = {}
    if bad := _CONTROL.search(entry):
        notes["control"] = codepoints(bad.group())
    if pair := _PAIR.search(entry):
        notes["surrogate_pair"] = "stands for " + codepoints(_join(pair.group()))
    if half := _SURROGATE.search(_PAIR.sub("", entry)):
        notes["lone_surrogate"] = codepoints(half.group())
    normal = unicodedata.normalize("NFC", entry)
    if normal != entry:
        notes["nfc_unstable"] = f"becomes {visible(normal[:EXAMPLE_LENGTH])} {codepoints(normal[:EXAMPLE_LENGTH])}"
    if entry != entry.strip():
        notes["white_space"] = ""
    if _COMPATIBILITY_JAMO.search(entry):
        notes["compatibility_jamo"] = ""
    notes.update(dict.fromkeys(filter(None, map(_odd_character, entry)), ""))
    if len(entry) > 1 and not _SURROGATE.search(entry):
        notes[_sequence(entry)] = ""
    return notes


def _join(pair: str) -> str:
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _odd_character(character: str) -> str | None:
    category = unicodedata.category(character)
    if category == "Co":
        return "private_use"
    if category == "Cf":
        return "format"
    return "unassigned" if category == "Cn" and not is_assigned(character) else None


def _sequence(entry: str) -> str:
    if _IVS.search(entry):
        return "sequence_ivs"
    if _STANDARDISED.search(entry):
        return "sequence_standardised"
    if _JAMO.fullmatch(entry):
        return "sequence_jamo"
    return "sequence_description" if _DESCRIPTION.match(entry) else "sequence_other"
