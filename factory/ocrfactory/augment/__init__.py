"""What happens to a picture after it was drawn or cropped: one class an op, one file a family, and the closed union
that a recipe may name. To add an op: a class in its family's file, and its name in that file's `OPS`."""

from __future__ import annotations

from typing import Annotated, Any, Union

from pydantic import Field

from ocrfactory.augment import combine, geometry, imgaug, ink, light, noise, optics, paint, paper, underline
from ocrfactory.augment.op import Op

FAMILIES: dict[str, tuple[type[Op], ...]] = {
    "geometry": geometry.OPS,
    "paint": (*underline.OPS, *paint.OPS),
    "ink": ink.OPS,
    "paper": paper.OPS,
    "optics": optics.OPS,
    "light": light.OPS,
    "noise": noise.OPS,
    "imgaug": imgaug.OPS,
    "choice": combine.OPS,
}
"""All ops by family, in the order in which a recipe usually has them."""

OPS: dict[str, type[Op]] = {str(op.model_fields["op"].default): op for family in FAMILIES.values() for op in family}
"""All ops by the name that a recipe gives."""

AnyOp: Any = Annotated[Union[tuple(OPS.values())], Field(discriminator="op")]  # noqa: UP007 - made of a list

for _op in combine.OPS:
    _op.model_rebuild(_types_namespace={"AnyOp": AnyOp, "Op": Op})
