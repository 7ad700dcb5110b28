"""What a corpus is: a frozen model that loads what it names, and then gives texts in blocks.

Two steps, because one question spans all corpora of a composition: do compatibility jamo occur anywhere? `load` reads,
and only then `open` sorts out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ocrfactory.charset.hangul import grapheme_count
from ocrfactory.corpus.allowed import Allowed
from ocrfactory.corpus.files import TextFile
from ocrfactory.corpus.lengths import Lengths
from ocrfactory.corpus.normal import Jamo, control, has_lone_jamo, nfc, to_compatibility
from ocrfactory.corpus.texts import Tally
from ocrfactory.errors import InputError
from ocrfactory.rng import seed_of, stream

_SPACES = ("", " ", "\u3000", "\xa0")


class Setting(msgspec.Struct, frozen=True):
    """What a composition says to each of its corpora."""

    seed: int
    """The corpus's own."""
    lengths: Lengths
    unique: bool
    allowed: Allowed | None
    jamo: Jamo
    base: Path
    tally: Tally
    reject_lone: bool = False
    """Whether texts with conjoining jamo that stand alone are left out, since compatibility jamo occur as well."""

    def generator(self, stage: str) -> np.random.Generator:
        """A generator for one stage of this corpus."""
        return stream(seed_of(self.seed, "corpus"), stage)

    def clean(self, text: str) -> str:
        """A text in the one form that all have."""
        text = nfc(text)
        return to_compatibility(text) if self.jamo == "compatibility" else text

    def fault(self, text: str, where: str) -> bool:
        """Whether a clean text cannot be used because of controls or jamo; if so it is counted."""
        if self.controlled(text, where):
            return True
        if self.reject_lone and has_lone_jamo(text):
            self.tally.add("mixed_jamo", f"{where}: {text[:20]}")
            return True
        return False

    def controlled(self, text: str, where: str) -> bool:
        """Whether a text, clean or not, holds a control character; if so it is counted."""
        if bad := control(text):
            self.tally.add("control", f"{where}: U+{ord(bad):04X}")
        return bad is not None

    def holds(self, text: str) -> bool:
        """Whether a text that was put together keeps to the limits, and its pieces stayed what they were.

        A stray mark at the start of a word takes the space before it, or the letter, into its cluster.
        """
        if text[:1] in _SPACES or text[-1:] in _SPACES:
            return False
        limits = self.lengths
        return limits.min <= grapheme_count(text) <= limits.max and (self.allowed is None or text in self.allowed)

    def foreign(self, text: str) -> bool:
        """Whether a text is outside the charset; if so it is counted."""
        if self.allowed is None or text in self.allowed:
            return False
        self.tally.add_foreign(self.allowed.foreign(text))
        return True


class Pool(Protocol):
    """An opened corpus."""

    dealt: bool
    """Whether nothing it gives may be thrown away, because its texts are balanced as a whole."""
    natural: int | None
    """How many texts it has by itself; None: as many as one likes."""

    def draw(self, count: int) -> list[str]:
        """The next texts, at most `count`; fewer where no more can be found."""
        ...

    def redo(self, text: str) -> str | None:
        """Another text in place of one that was there before; None: draw again."""
        ...

    def notes(self) -> Sequence[str]:
        """What a user should know, once all texts are drawn."""
        ...


class Loaded(Protocol):
    """A corpus whose files were read."""

    facts: dict[str, Any]
    compatibility_jamo: bool

    def open(self, setting: Setting) -> Pool:
        """Sort out what can be used."""
        ...


class Corpus(BaseModel):
    """The fields that every corpus has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: float = Field(1.0, gt=0, le=1e6, allow_inf_nan=False, description="Its share of the texts, among others'.")

    def portable(self) -> Corpus:
        """The same corpus without any path of this machine."""
        return self

    def load(self, setting: Setting) -> Loaded:
        """Read what it names."""
        raise NotImplementedError


def facts_of(kind: str, files: Sequence[TextFile]) -> dict[str, Any]:
    """The identity of the files that a corpus was made from."""
    return {"kind": kind, "sha256": [file.sha256 for file in files], "lines": sum(len(file.lines) for file in files)}


def empty(names: str, what: str, tally: Tally) -> InputError:
    """The error of a corpus of which nothing is left."""
    why = str(tally)
    return InputError(
        f"{names}: no {what}" + (f"; {why}" if why else "; there is no text in it"),
        "see what was left out: another charset, other lengths, or another file",
    )
