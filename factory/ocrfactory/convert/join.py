"""Boxes that belong together as one row: the words of a line, the lines of a paragraph, the characters of a column.

Reading order is by position: rows of boxes from the top, boxes of a row from the left; or as the label numbers them. A
join never swallows text that it has no label for: where an unreadable box lies between others, it parts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ocrfactory.convert.page import Box
from ocrfactory.convert.scene import Item

SAME_LINE = 0.5
"""Overlap in height of two boxes of one line, as a share of the lower one."""
LINE_GAP = 1.5
"""Largest gap between two boxes of a line, in heights."""
PARAGRAPH_GAP = 1.0
"""Largest gap between two lines of a paragraph, in heights."""


def joined(items: Sequence[Item | None], how: str) -> tuple[Item | None, ...]:
    """The items of a page, those that belong together as one, at the place of the first of them; the others None.

    Args:
        how: `line`, `paragraph`, or `label`: as the label numbers its lines.
    """
    placed = [(number, item) for number, item in enumerate(items) if item is not None and item.box is not None]
    if how == "label":
        groups = _by_number(placed)
    else:
        lines = _lines(placed)
        groups = [part for line in lines for part in _parts(line)]
        if how == "paragraph":
            groups = _paragraphs(groups)
    found: list[Item | None] = list(items)
    for group in groups:
        members = [item for _, item in group]
        if len(group) < 2 or _covers_others(group, placed):
            continue
        for number, _ in group:
            found[number] = None
        found[min(number for number, _ in group)] = _one(members, "paragraph" if how == "paragraph" else "line")
    return tuple(found)


_Placed = list[tuple[int, Item]]


def _box(item: Item) -> Box:
    assert item.box is not None
    return item.box


def _by_number(placed: _Placed) -> list[_Placed]:
    """Characters of each line that the label numbers, in its order; a reject parts them."""
    lines: dict[int, _Placed] = {}
    for number, item in placed:
        if item.line is not None:
            lines.setdefault(item.line, []).append((number, item))
    return [part for line in lines.values() for part in _parts(line)]


def _parts(line: _Placed) -> list[_Placed]:
    """A line, cut where a reject stands."""
    parts: list[_Placed] = [[]]
    for number, item in line:
        if item.reject is None:
            parts[-1].append((number, item))
        else:
            parts.append([])
    return [part for part in parts if part]


def _lines(placed: _Placed) -> list[_Placed]:
    """Boxes as lines, from the left: each goes to the line whose last box is nearest before it."""
    lines: list[_Placed] = []
    for number, item in sorted(placed, key=lambda pair: (_box(pair[1])[0], pair[0])):
        if item.vertical:  # a column: what stands beside it is no part of its line
            continue
        near = [(gap, line) for line in lines if (gap := _gap(_box(line[-1][1]), _box(item))) is not None]
        if near:
            min(near, key=lambda pair: pair[0])[1].append((number, item))
        else:
            lines.append([(number, item)])
    return lines


def _gap(before: Box, box: Box) -> float | None:
    """How far apart two boxes of one line are; None where they are not of one line."""
    heights = before[3] - before[1], box[3] - box[1]
    overlap = min(before[3], box[3]) - max(before[1], box[1])
    gap = box[0] - before[2]
    if overlap < SAME_LINE * min(heights) or not -max(heights) / 2 <= gap <= LINE_GAP * max(heights):
        return None
    return abs(gap)


def _paragraphs(lines: list[_Placed]) -> list[_Placed]:
    """Lines as paragraphs, from the top: one that begins within a line's height below another, and overlaps it."""
    blocks: list[tuple[_Placed, Box, float]] = []
    for line in sorted(lines, key=lambda line: (_union(line)[1], _union(line)[0])):
        box = _union(line)
        height = box[3] - box[1]
        for number, (block, bounds, last) in enumerate(blocks):
            above = min(bounds[2], box[2]) - max(bounds[0], box[0]) > 0
            if above and box[1] - bounds[3] <= PARAGRAPH_GAP * max(height, last):
                blocks[number] = ([*block, *line], _around((bounds, box)), height)
                break
        else:
            blocks.append((list(line), box, height))
    return [block for block, _, _ in blocks]


def _union(group: _Placed) -> Box:
    return _around(_box(item) for _, item in group)


def _around(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _covers_others(group: _Placed, placed: _Placed) -> bool:
    """Whether the middle of a box that is no member lies within: the row would show more than its text says."""
    x0, y0, x1, y1 = _union(group)
    members = {number for number, _ in group}
    for number, item in placed:
        box = _box(item)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if number not in members and x0 < x < x1 and y0 < y < y1:
            return True
    return False


def _one(members: Sequence[Item], level: str) -> Item:
    """One item in place of several, in reading order."""
    first = members[0]
    space = "" if all(item.level == "char" for item in members) else " "
    text = space.join(item.text for item in members)
    raw = space.join(item.text if item.raw is None else item.raw for item in members)
    return msgspec.structs.replace(
        first,
        text=text,
        raw=None if raw == text else raw,
        level=level,
        box=_around(_box(item) for item in members),
        polygon=None,
        legible=all(item.legible for item in members),
        flags=tuple(dict.fromkeys(flag for item in members for flag in item.flags)),
        attributes={**(first.attributes or {}), "joined": [item.index for item in members]},
    )
