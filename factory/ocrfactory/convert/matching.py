"""How well a label fits a spec: structure first, the path second."""

from __future__ import annotations

from typing import Any

from ocrfactory.convert.adapter import Probe, Score
from ocrfactory.convert.boxes import shortened
from ocrfactory.convert.spec_model import Condition, Spec
from ocrfactory.convert.values import same

STRUCTURE, PATH = 70, 30
"""Points for a structure that fits in everything, and for a path that says the same."""
_PARTLY = 35  # at most, for a structure that misses something: never enough to be accepted, however the folder is named
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "number": (int, float),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
}


def score(spec: Spec, probe: Probe) -> Score:
    """The points of a label, and what they are for."""
    held = [(condition, _holds(condition, probe.value)) for condition in spec.match]
    share = sum(item.weight for item, fits in held if fits) / sum(item.weight for item, _ in held)
    complete = all(fits for _, fits in held)
    structure = STRUCTURE if complete else int(_PARTLY * share)
    reasons = [_reason(item, fits) for item, fits in held]
    hint = next((found for pattern in spec.hints if (found := pattern.search(probe.path))), None)
    points = structure
    if hint is not None and structure:
        points += PATH if complete else PATH // 2
        reasons.append(f"path has {shortened(hint[0])}")
    return Score(spec.name, points, tuple(reasons))


def _holds(condition: Condition, value: Any) -> bool:
    """One element of an array is enough; an array without elements denies nothing."""
    found = condition.path.values(value)
    if condition.is_ == "absent":
        return not found
    if not found:
        return condition.path.is_empty(value)
    return any(_fits(condition, each) for each in found)


def _fits(condition: Condition, value: Any) -> bool:
    kinds = _TYPES.get(condition.is_)
    return (kinds is None or type(value) in kinds) and (condition.in_ is None or same(value, condition.in_))


def _reason(condition: Condition, fits: bool) -> str:
    if condition.is_ == "absent":
        return f"{'has no' if fits else 'has'} {condition.path.text}"
    kind = "" if condition.is_ == "any" else f" ({condition.is_})"
    values = "" if condition.in_ is None else f" = {' or '.join(sorted(condition.in_))}"
    return f"{'has' if fits else 'lacks'} {condition.path.text}{kind}{values}"
