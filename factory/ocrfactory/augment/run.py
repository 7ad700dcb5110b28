"""A list of ops over one sample: chances are drawn, recorded and applied; a result nobody can read is tried again,
weaker, and at last given up and counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from ocrfactory.augment.frame import Frame
from ocrfactory.augment.legibility import Floor, legible
from ocrfactory.augment.op import Chance, Op
from ocrfactory.errors import Reject
from ocrfactory.sample import Image, Sample

STRENGTHS = (1.0, 0.7, 0.45, 0.25)
"""Of the first try, the second, ..."""

_STANDARD = Floor()


class Augmenter:
    """Applies ops, in order, to one sample after the other: each by the sample's own seed, whatever came before.

    Args:
        floor: what must stay legible; None takes whatever comes.
        tries: how often, each time weaker, until an illegible sample is given up; 1 to 4.
    """

    def __init__(self, ops: Sequence[Op], floor: Floor | None = _STANDARD, tries: int = len(STRENGTHS)) -> None:
        if not 1 <= tries <= len(STRENGTHS):
            raise ValueError(f"tries is 1 to {len(STRENGTHS)}, not {tries}")
        self.ops, self.floor, self.strengths = tuple(ops), floor, STRENGTHS[:tries]

    def __call__(self, sample: Sample) -> Sample:
        """The sample with ops applied and recorded.

        Raises:
            Reject: `illegible`: even the weakest try lost the text; and whatever an op itself rejects.
        """
        lost = None
        for number, strength in enumerate(self.strengths):
            chance = Chance(sample.seed, f"augment/{number}", strength)
            frame, record = self._applied(sample, chance)
            lost = legible(frame, self.floor) if self.floor and record else None
            if lost is None:
                return _result(sample, frame, record, strength)
        raise Reject("illegible", f"{lost}, after {len(self.strengths)} tries")

    def _applied(self, sample: Sample, chance: Chance) -> tuple[Frame, list[dict[str, Any]]]:
        frame = Frame(sample)
        record: list[dict[str, Any]] = []
        for op in self.ops:
            if chance.happens(op.p):
                drawn = op.draw(chance, frame)
                op.apply(frame, drawn)
                record.append({"op": op.op, **drawn})
        frame.flush()
        return frame, record


def _result(sample: Sample, frame: Frame, record: list[dict[str, Any]], strength: float) -> Sample:
    boxes = sample.char_boxes if sample.char_boxes is not None and not frame.moved else frame.boxes()
    attrs = {**(sample.attrs or {}), "weakened": strength} if strength < 1 else sample.attrs
    if not record:
        return msgspec.structs.replace(sample, char_boxes=boxes, outline=None, attrs=attrs)
    return msgspec.structs.replace(
        sample,
        image=_own(frame.image),
        char_boxes=boxes,
        mask=frame.mask,
        outline=None,
        ground=frame.ground,
        encoded=None,
        aug=(*(sample.aug or ()), *record),
        attrs=attrs,
    )


def _own(image: Image) -> Image:
    """The picture as the encoders take it. A view is copied: what it looks at may be used again."""
    if image.base is not None or not image.flags.c_contiguous or image.dtype != np.uint8:
        return np.array(image, np.uint8, order="C")
    return image
