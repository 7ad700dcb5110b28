"""Problem, model answer and solution: three labels, each with an image of its own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ocrfactory.convert.document import Document
from ocrfactory.convert.jsonpath import Path
from ocrfactory.convert.page import Page
from ocrfactory.convert.spec import SpecAdapter

_QUESTION = Path("OCR_info")


class MathAdapter(SpecAdapter):
    """See `adapter.Adapter`."""

    def pages(self, document: Document) -> Iterator[Page]:
        """See `adapter.Adapter`."""
        for page in super().pages(document):
            # An answer may name the problem that it answers: its own image has the name of its label.
            yield page if _QUESTION.get(document.value()) is not None else msgspec.structs.replace(page, image=None)
