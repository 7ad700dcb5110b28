"""Corpus kind `lines`: a file's own lines, in their order, each exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from ocrfactory.corpus.base import Corpus, Setting, empty, facts_of
from ocrfactory.corpus.files import TextFile, read_text_file, without_folders
from ocrfactory.corpus.normal import has_compatibility_jamo

_CURE = "name a text file; a built-in corpus is sampled, not read line by line: corpus: ko, or --corpus ko"


class Lines(Corpus):
    """Every line of a text file, whatever its length; from the top again where more are wanted."""

    kind: Literal["lines"] = "lines"
    file: str = Field(min_length=1, description="One text a line, in UTF-8.")

    def portable(self) -> Lines:
        """See `Corpus.portable`."""
        return self.model_copy(update={"file": without_folders(self.file)})

    def load(self, setting: Setting) -> _Loaded:
        """See `Corpus.load`."""
        return _Loaded(read_text_file(self.file, setting.base, _CURE))


class _Loaded:
    def __init__(self, file: TextFile) -> None:
        self.file = file
        self.facts: dict[str, Any] = facts_of("lines", [file])
        self.compatibility_jamo = has_compatibility_jamo(file.text)

    def open(self, setting: Setting) -> LinePool:
        return LinePool(self.file, setting)


class LinePool:
    """The lines that can be used. `originals` holds each as the file has it."""

    dealt = True

    def __init__(self, file: TextFile, setting: Setting) -> None:
        self.lines: list[str] = []
        self.originals: list[str] = []
        for number, line in enumerate(file.lines, 1):
            where = f"{file.short}:{number}"
            # Before stripping: `strip` would also take controls away, and nobody would hear of them.
            if setting.controlled(line, where):
                continue
            text = setting.clean(line.strip())
            if not text:
                setting.tally.add("blank", where)
            elif not setting.fault(text, where) and not setting.foreign(text):
                self.lines.append(text)
                self.originals.append(line)
        if not self.lines:
            raise empty(file.name, "usable line", setting.tally)
        self.natural: int | None = len(self.lines)
        self.at = 0

    def draw(self, count: int) -> list[str]:
        """See `Pool.draw`."""
        size = len(self.lines)
        found = [self.lines[i % size] for i in range(self.at, self.at + count)]
        self.at += count
        return found

    def raw(self, count: int) -> dict[int, str]:
        """Of the first `count` texts, those that are not what the file has."""
        size = len(self.lines)
        changed = [i for i in range(size) if self.lines[i] != self.originals[i]]
        return {j: self.originals[i] for i in changed for j in range(i, count, size)}

    def redo(self, text: str) -> str | None:
        """See `Pool.redo`."""
        return None

    def notes(self) -> Sequence[str]:
        """See `Pool.notes`."""
        return ()
