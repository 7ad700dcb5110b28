"""Boxes that belong together as one row: the words of a line, the lines of a paragraph, the characters of a column.

Reading order is by position: rows of boxes from the top, boxes of a row from the left; or as the label numbers them. A
join never swallows text that it has no label for: where an unreadable box lies between others, it parts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

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
    middles = _middles(placed)
    lines = _by_number(placed) if how == "label" else [part for line in _lines(placed) for part in _parts(line)]
    groups = [(line, "line") for line in lines]
    if how == "paragraph":
        groups = [group for block in _paragraphs(lines) for group in _whole_or_lines(block, middles)]
    found: list[Item | None] = list(items)
    for group, level in groups:
        if len(group) < 2 or _covers_others(group, middles):
            continue
        for number, _ in group:
            found[number] = None
        found[min(number for number, _ in group)] = _one([item for _, item in group], level)
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
    """A line, cut where a box stands that nobody could read."""
    parts: list[_Placed] = [[]]
    for number, item in line:
        if item.reject is None and item.legible:
            parts[-1].append((number, item))
        else:
            parts.append([])
    return [part for part in parts if part]


def _lines(placed: _Placed) -> list[_Placed]:
    """Boxes as lines, from the left: each goes to the line whose last box is nearest before it."""
    across = [(number, item) for number, item in placed if not item.vertical]  # columns are no part of a line
    reach = LINE_GAP * max((_box(item)[3] - _box(item)[1] for _, item in across), default=0)
    lines: list[_Placed] = []
    near: list[_Placed] = []  # the lines that a box may still be near enough to
    for number, item in sorted(across, key=lambda pair: (_box(pair[1])[0], pair[0])):
        near = [line for line in near if _box(item)[0] - _box(line[-1][1])[2] <= reach]
        gaps = [
            (gap, place) for place, line in enumerate(near) if (gap := _gap(_box(line[-1][1]), _box(item))) is not None
        ]
        if gaps:
            near[min(gaps)[1]].append((number, item))
        else:
            near.append([(number, item)])
            lines.append(near[-1])
    return lines


def _gap(before: Box, box: Box) -> float | None:
    """How far apart two boxes of one line are; None where they are not of one line."""
    heights = before[3] - before[1], box[3] - box[1]
    overlap = min(before[3], box[3]) - max(before[1], box[1])
    gap = box[0] - before[2]
    if overlap < SAME_LINE * min(heights) or not -max(heights) / 2 <= gap <= LINE_GAP * max(heights):
        return None
    return abs(gap)


class _Block:
    """Lines below each other."""

    def __init__(self, line: _Placed, box: Box) -> None:
        self.lines, self.bounds, self.height = [line], box, box[3] - box[1]

    def takes(self, box: Box) -> bool:
        """Whether a line below belongs to it."""
        overlaps = min(self.bounds[2], box[2]) > max(self.bounds[0], box[0])
        return overlaps and box[1] - self.bounds[3] <= PARAGRAPH_GAP * max(box[3] - box[1], self.height)

    def add(self, line: _Placed, box: Box) -> None:
        """One more line."""
        self.lines.append(line)
        self.bounds, self.height = _around((self.bounds, box)), box[3] - box[1]


def _paragraphs(lines: list[_Placed]) -> list[list[_Placed]]:
    """Lines as paragraphs, from the top: one that begins within a line's height below another, and overlaps it."""
    placed = sorted(((_union(line), line) for line in lines), key=lambda pair: (pair[0][1], pair[0][0]))
    reach = PARAGRAPH_GAP * max((box[3] - box[1] for box, _ in placed), default=0)
    blocks: list[_Block] = []
    near: list[_Block] = []  # the blocks that a line may still be near enough to
    for box, line in placed:
        near = [block for block in near if box[1] - block.bounds[3] <= reach]
        block = next((block for block in near if block.takes(box)), None)
        if block is not None:
            block.add(line, box)
        else:
            blocks.append(_Block(line, box))
            near.append(blocks[-1])
    return [block.lines for block in blocks]


def _whole_or_lines(lines: list[_Placed], middles: NDArray[np.float64]) -> list[tuple[_Placed, str]]:
    """The lines of a paragraph as one group; as they are where something without a label lies between them."""
    whole = [placed for line in lines for placed in line]
    if len(lines) > 1 and not _covers_others(whole, middles):
        return [(whole, "paragraph")]
    return [(line, "line") for line in lines]


def _union(group: _Placed) -> Box:
    return _around(_box(item) for _, item in group)


def _around(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _middles(placed: _Placed) -> NDArray[np.float64]:
    """The middle of each box: (n, 2)."""
    boxes = np.array([_box(item) for _, item in placed], np.float64).reshape(-1, 4)
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _covers_others(group: _Placed, middles: NDArray[np.float64]) -> bool:
    """Whether the middle of a box that is no member lies within: the row would show more than its text says."""
    x0, y0, x1, y1 = _union(group)
    x, y = middles.T
    return int(np.count_nonzero((x0 < x) & (x < x1) & (y0 < y) & (y < y1))) > len(group)


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
