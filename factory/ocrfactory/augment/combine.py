"""Ops made of ops: one of several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Op

if TYPE_CHECKING:
    AnyOp = Op
    """In truth the union of all ops, this one among them: the package puts it in when all are known."""

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class OneOf(Op):
    """Exactly one of several ops: either a scanner or a phone, not both."""

    op: Literal["one_of"] = "one_of"
    ops: tuple[AnyOp, ...] = Field(min_length=1, description="What to choose from; the `p` of the chosen one counts.")
    weights: tuple[Weight, ...] | None = Field(None, description="A weight for each op; without them all are equal.")

    @model_validator(mode="after")
    def _fits(self) -> OneOf:
        if self.weights is None:
            return self
        if len(self.weights) != len(self.ops):
            raise ValueError(f"{len(self.weights)} weights for {len(self.ops)} ops: give one for each")
        if not sum(self.weights):
            raise ValueError("all weights are 0: nothing can be chosen")
        return self

    def draw(self, chance: Chance, frame: Frame) -> dict[str, Any]:
        """See `Op.draw`. `chosen` is None where the op that was chosen is not applied, by its own `p`."""
        index = chance.one_of(range(len(self.ops)), self.weights)
        child = self.ops[index]
        if not chance.happens(child.p):
            return {"index": index, "chosen": None}
        return {"index": index, "chosen": {"op": child.op, **child.draw(chance, frame)}}

    def apply(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """See `Op.apply`."""
        if drawn["chosen"] is None:
            return
        child = self.ops[drawn["index"]]
        name = drawn["chosen"]["op"]
        if name != child.op:
            raise ValueError(f"op {drawn['index']} of one_of is {child.op}, but {name} was recorded")
        child.apply(frame, {key: value for key, value in drawn["chosen"].items() if key != "op"})


def walk(ops: Iterable[Op]) -> Iterator[Op]:
    """All ops, each before those that it holds."""
    for op in ops:
        yield op
        if isinstance(op, OneOf):
            yield from walk(op.ops)


OPS: tuple[type[Op], ...] = (OneOf,)
