"""What the source `rare` plans: whose holes are filled, by whose content, under whom they are filed, what is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from ocrfactory.fill.contents import Contents, spoken
from ocrfactory.fill.references import References
from ocrfactory.fonts.face import Face
from ocrfactory.sources.source import Hole

if TYPE_CHECKING:
    from ocrfactory.fill.generator import Generator
    from ocrfactory.fill.verdict import Gate

UNFIT = {
    "no_content": "nothing here shows these characters: name fonts that have them with --content",
    "no_references": "the face draws neither Han nor Hangul, so nothing shows its style: name another with --font",
    "outside_vocabulary": "only single Han and Hangul characters are drawn: name others with --charset",
}
"""Why a hole stays one, and what helps."""
UNGATED = (
    "**Ungated.** Generated pictures were taken as they came: no gate looked at them, and some may show another "
    "character than their label says. Their rows have `ungated` in `attrs.gate`."
)
FROM_STROKES = (
    "Where `attrs.content_source` says `bundled`, the character was drawn after strokes of GlyphWiki "
    "(https://glyphwiki.org), free for any use, by way of the MIT-licensed package idsfind."
)


class Target(msgspec.Struct, frozen=True):
    """A face, what of its holes is filled, and what shows its style."""

    face: Face
    contents: Contents
    references: dict[str, tuple[References, ...]]
    """By script: one set for each attempt."""

    def identity(self) -> dict[str, Any]:
        """What decides its pictures, without any path."""
        return {
            "face": [[file.sha256, file.index, file.variation] for file in self.face.files],
            "content": self.contents.identity(),
            "content_sha256": sha256("\n".join(self.contents.classes).encode() + self.contents.table).hexdigest(),
            "references": {script: [sheet.chars for sheet in sets] for script, sets in self.references.items()},
        }

    def owners(self, fallback: bool) -> list[str]:
        """The face that each class is filed under, by its id.

        Where the lender may draw a row it is the lender, as the source `glyphs` files its own drawing and other targets
        file theirs: they are one picture, which must not lie in two splits.
        """
        if not fallback:
            return [self.face.id] * len(self.contents.classes)
        lent = self.contents.main[:, 0].tolist()
        return [self.face.id if number < 0 else self.contents.faces[number].id for number in lent]


class State(msgspec.Struct, frozen=True, array_like=True):
    """What a worker needs."""

    targets: tuple[Target, ...]
    generator: str
    """The name of a bundled one, or the absolute path of a file; the recipe that is published has no path."""
    engine: str
    """What ran it when the rows were planned."""
    generator_id: str
    gate_id: str | None


def notices(generator: Generator, gate: Gate | None) -> tuple[str, ...]:
    """What the data card says of generated rows."""
    terms = getattr(generator, "licence", None)
    drawn = f"Rows of origin `gan` were drawn by `{generator.id}`" + (f", weights under {terms}" if terms else "")
    return (f"{drawn}, and admitted by `{gate.id}`.",) if gate else (f"{drawn}.", UNGATED)


def lenders(targets: Sequence[Target], own: Sequence[Face]) -> tuple[Face, ...]:
    """The faces that lend content and are not filled themselves, each once."""
    found = {spoken(face): face for target in targets for face in target.contents.faces if face not in own}
    return tuple(found.values())


def undrawn(classes: Sequence[str], targets: Sequence[Target]) -> tuple[str, ...]:
    """The classes that no target draws."""
    drawn = {text for target in targets for text in target.contents.classes}
    return tuple(text for text in classes if text not in drawn)


def group_name(by: str, owner: str, name: str) -> str:
    """What must not span two splits, of a class with this name that is filed under this face."""
    return {"pair": f"{owner}/{name}", "face": owner, "class": name}[by]


def told(target: Target, holes: Sequence[Hole]) -> str:
    """A line for people: who lends what."""
    left = Counter(hole.reason for hole in holes if hole.face == target.face.id)
    planned = len(target.contents.classes)
    lent = ", ".join(f"{name} {count:,}" for name, count in target.contents.lenders().items()) or "nobody"
    reasons = "".join(f"; {reason} {count:,}" for reason, count in left.items())
    return f"{target.face.id}: {planned + left.total():,} holes; content of {planned:,} from {lent}{reasons}"
