"""The long tail as a picture: rows of each class by origin, from the class with the most to the one with none."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from ocrfactory.classtable import ClassRow
from ocrfactory.errors import InputError
from ocrfactory.targets import Classes

_ORIGINS = (("font", "#4878a8"), ("gan", "#e0a030"), ("real", "#60a060"))
"""From the bottom up, with their colours: apart in brightness as well, for those who see no hue."""


def need_matplotlib() -> None:
    """Raise InputError if the library that draws the picture is missing."""
    _figure_class()


def _figure_class() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("matplotlib is not installed", "install it with: pip install 'ocrfactory[plot]'") from error
    return Figure


def draw_long_tail(name: str, rows: Sequence[ClassRow], rules: Classes, asked: bool) -> bytes:
    """A PNG of 1200 x 600 pixels: x classes by falling rows, y rows on a logarithmic scale, stacked by origin.

    The same table gives the same bytes with the same matplotlib: no window system, no date, no version in the file.

    Args:
        name: of the data set, for the title.
        rows: one a class, at least one.
        asked: whether the rules are the recipe's, so that their lines mean something.

    Raises:
        InputError: matplotlib is not installed.
    """
    figure = _figure_class()(figsize=(12, 6), dpi=100)
    axes = figure.add_subplot()
    order = sorted(rows, key=lambda row: (-row.planned, -row.font, -row.gan))
    places = np.arange(len(order) + 1)
    below = np.zeros(len(order), np.int64)
    for origin, colour in _ORIGINS:
        counts = np.array([getattr(row, origin) for row in order], np.int64)
        axes.stairs(below + counts, places, baseline=below, fill=True, color=colour, label=f"{origin} {counts.sum():,}")
        below = below + counts  # the picture keeps the old one
    lines: dict[int, list[str]] = {}
    for value, words in ((rules.min_per_class, "min_per_class"), (rules.max_per_class, "max_per_class")):
        if asked and value is not None:
            lines.setdefault(value, []).append(words)
    most = max([int(below.max(initial=1)), *lines])  # a line that no class reaches is what the picture is for
    axes.set_yscale("symlog", linthresh=1, linscale=0.3)  # a logarithm has no place for the classes with no row
    axes.set_yticks([0, *(step * 10**power for power in range(len(str(most))) for step in (1, 2, 5))])
    axes.minorticks_off()
    axes.set_ylim(0, most * 1.5)  # behind the ticks, which widen it
    axes.set_xlim(0, max(len(order), 1))
    axes.xaxis.get_major_locator().set_params(integer=True)  # halves of a class would be rounded to 0, 0, 1, 1
    for value, names in lines.items():  # equal limits share a line and its words
        axes.axhline(value, color="black", linewidth=0.8, linestyle="--")
        axes.annotate(
            f"{' and '.join(names)} {value:,}",
            (0, value),
            xytext=(6, -4 if names == ["min_per_class"] else 4),  # the least below its line: the two may lie close
            textcoords="offset points",
            va="top" if names == ["min_per_class"] else "bottom",
            fontsize=8,
            bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1},  # or it is black on blue
        )
    empty = int(np.count_nonzero(below == 0))
    if empty:
        axes.axvspan(len(order) - empty, len(order), color="#d04040", alpha=0.15, label=f"no row: {empty:,} classes")
    axes.set_xlabel("classes, from the most rows to the fewest")
    axes.set_ylabel("rows (logarithmic)")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_title(f"{name}: {int(below.sum()):,} rows of {len(order):,} classes", pad=28, parse_math=False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False)  # hides no class
    figure.tight_layout()
    data = io.BytesIO()
    figure.savefig(data, format="png", metadata={"Software": None})
    return data.getvalue()
