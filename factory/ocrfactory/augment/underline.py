"""A line along the text, drawn before it is painted: it takes the ink's tone, texture and effects."""

from __future__ import annotations

from math import ceil
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from ocrfactory.augment.frame import Frame, extent
from ocrfactory.augment.op import Chance, Op, Span, ems, levels
from ocrfactory.errors import Reject


class Underline(Op):
    """A line under the text or through it: emphasis, a link, a correction."""

    wants_clean: ClassVar[bool] = True

    op: Literal["underline"] = "underline"
    place: tuple[Literal["below", "through"], ...] = Field(
        ("below",), min_length=1, description="Of which one is chosen; vertical text: at the left, or through it."
    )
    width: Annotated[Span, ems(0.01, 0.2), Field(description="Width of the line.")] = (0.03, 0.06)
    gap: Annotated[Span, ems(-0.1, 0.3), Field(description="From the text to a line below it; less without room.")] = (
        0.02,
        0.08,
    )
    level: Annotated[Span, levels(0, 200), Field(description="Grey level of the line, where ink is 0.")] = (0.0, 0.0)

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`."""
        return {
            "place": chance.one_of(self.place),
            "width": chance.within(self.width),
            "gap": chance.within(self.gap),
            "level": round(chance.within(self.level)),
        }

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`. The line keeps to the margin, as ink does."""
        image = frame.pixels().copy()
        if not frame.clean or image.ndim != 2:
            raise Reject("not_clean", "underline takes a plain drawing, black on white")
        x0, y0, x1, y1 = extent(frame.points)
        vertical = frame.fixed == "width"
        low, high, size = (x0, x1, frame.width) if vertical else (y0, y1, frame.height)
        width = max(1, round(drawn["width"] * frame.em))
        if drawn["place"] == "through":
            start = (low + high - width) / 2
        elif vertical:
            start = low - drawn["gap"] * frame.em - width
        else:
            start = high + drawn["gap"] * frame.em
        edge = max(ceil(frame.margin), 0)
        first = int(min(max(start, edge), size - edge - width))
        along = slice(int(max(y0 if vertical else x0, edge)), ceil(y1 if vertical else x1))
        across = slice(first, first + width)
        where = (along, across) if vertical else (across, along)
        image[where] = np.minimum(image[where], drawn["level"])
        frame.put(image, clean=True)


OPS: tuple[type[Op], ...] = (Underline,)
