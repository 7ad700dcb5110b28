"""Forms and handwriting: a printed page has words, a handwritten word is the list of its characters.

A handwritten letter is just a value. In both kinds of handwriting the image is the crop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ocrfactory.convert.document import Document
from ocrfactory.convert.jsonpath import Path
from ocrfactory.convert.page import Page, Region
from ocrfactory.convert.spec import SpecAdapter
from ocrfactory.convert.spec_model import Spec
from ocrfactory.convert.values import text_of

_WORDS = Path("text.word[]")
_ALONE = Path("text.letter.value | info.text")


class FormsAdapter(SpecAdapter):
    """See `adapter.Adapter`."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.levels = ("char", "word")

    def pages(self, document: Document) -> Iterator[Page]:
        """See `adapter.Adapter`."""
        value = document.value()
        elements = _WORDS.elements(value)
        for page in super().pages(document):
            regions = _handwriting(page.regions, elements) if elements else _alone(value)
            yield msgspec.structs.replace(page, regions=regions)


def _handwriting(regions: tuple[Region, ...], elements: list[Any]) -> tuple[Region, ...]:
    """The regions of a page; characters, where there are any, together with the word that they make."""
    typed = [
        msgspec.structs.replace(region, level="char") if _is_character(element) else region
        for region, element in zip(regions, elements, strict=True)
    ]
    characters = [region for region in typed if region.level == "char"]
    return (*typed, _word(characters, len(elements))) if characters else tuple(typed)


def _is_character(element: Any) -> bool:
    return isinstance(element, dict) and "charbox" in element and "wordbox" not in element


def _word(characters: list[Region], index: int) -> Region:
    """The whole image is the word; with one character unknown nobody knows what it says."""
    texts = [region.text for region in characters]
    unknown = sum(not text for text in texts)  # a space is a character, too
    if unknown:
        return Region(index, None, "word", fault=("text_type", f"{unknown} of {len(texts)} characters have no text"))
    return Region(index, "".join(text for text in texts if text), "word")


def _alone(value: Any) -> tuple[Region, ...]:
    """A label without a list: one letter, or one text."""
    found = _ALONE.get(value)
    if found is None:
        return ()
    text, fault = text_of(found)
    letter = Path("text.letter").get(value) is not None or (text is not None and len(text.strip()) == 1)
    return (Region(0, text, "char" if letter else "word", fault=fault),)
