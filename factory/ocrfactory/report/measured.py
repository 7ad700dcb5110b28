"""What `fill eval` found: as facts for machines, as a document for people, and as a sheet to look at."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrfactory.fill.evaluate import KINDS, Measured, Scores, summarise
from ocrfactory.fill.swaps import Trial
from ocrfactory.fill.utility import FROM, Utility

GROUPS = {
    "print": "print (song, ming, hei, gothic, ...)",
    "kai": "kai and kyokasho",
    "hand": "hand, brush, display",
    "other": "fonts of no stated style",
}
LEARNT = "\\* The gate's reader learnt all characters of this design: it reads true glyphs of it too well."
_SIDE, _GAP = 150, 10


class Findings(msgspec.Struct, kw_only=True):
    """All that one evaluation may hold; what was not asked for is empty or None."""

    generator: str
    licence: str | None
    engine: str
    gate: str | None
    characters: int
    """Of a face and kind at most."""
    seed: int
    measured: list[Measured]
    floor: Scores | None = None
    trials: dict[str, Trial]
    """By face."""
    utility: list[Utility]
    speed: dict[str, Any] | None = None


def facts(found: Findings) -> dict[str, Any]:
    """The findings as one JSON document."""
    groups = [
        {"group": group, "kind": kind, **summarise(part)}
        for kind in KINDS
        for group in GROUPS
        if (part := [each for each in found.measured if (each.group, each.kind) == (group, kind)])
    ]
    whole = _sum(found.trials.values())
    return {
        "generator": found.generator,
        "licence": found.licence,
        "engine": found.engine,
        "gate": found.gate,
        "characters": found.characters,
        "seed": found.seed,
        "groups": groups,
        "faces": [
            {"face": each.face, "style": each.style, "kind": each.kind, "learnt": each.learnt, **summarise([each])}
            for each in found.measured
        ],
        "noise_floor": {"glyphs": len(found.floor.l1), **found.floor.means()} if found.floor else None,
        "swapped": {
            **msgspec.to_builtins(whole),
            **whole.rates(),
            "faces": {face: {**_counts(trial), **trial.rates()} for face, trial in found.trials.items()},
        }
        if found.trials
        else None,
        "utility": [
            {**msgspec.to_builtins(each), "recovered": each.recovered, "common_lost": each.common_lost}
            for each in found.utility
        ],
        "speed": found.speed,
    }


def in_words(told: dict[str, Any], each: bool = True) -> list[str]:
    """`facts` as lines of Markdown.

    Args:
        each: with a line for each face.
    """
    gate = f"gate `{told['gate']}`" if told["gate"] else "no gate"
    lines = [f"# `{told['generator']}`", "", f"Engine {told['engine']}, {gate}, seed {told['seed']}.", ""]
    if told["groups"]:
        lines += [
            "## Generated beside true glyphs",
            "",
            "SSIM and L1 of 64 px; SSIM ±2: the best of shifts by two pixels; reader: 1 - cosine of what the gate's "
            "reader sees; top-1: read right, beside the face's own glyphs; copy: the content picture as it is.",
            "",
        ]
        for kind, words in KINDS.items():
            rows = [(GROUPS[row["group"]], row) for row in told["groups"] if row["kind"] == kind]
            lines += _table(f"{kind}: {words}", rows) if rows else []
        lines += _floor(told["noise_floor"])
        if each:
            names = [f"{row['face']} {row['kind']}{' *' if row['learnt'] else ''}" for row in told["faces"]]
            lines += _table("Each face", list(zip(names, told["faces"], strict=True)))
            lines += [LEARNT, ""] if any(row["learnt"] for row in told["faces"]) else []
    lines += _swapped(told["swapped"], each) if told["swapped"] else []
    lines += _utility(told["utility"]) if told["utility"] else []
    lines += _speed(told["speed"]) if told["speed"] else []
    return lines


def sheet(measured: Sequence[Measured]) -> bytes:
    """A PNG: for each face a row of content, one of generated and one of true glyphs."""
    font = ImageFont.load_default(12)
    bands = [each for each in measured if each.sheet.shape[1]]
    wide = max((each.sheet.shape[1] for each in bands), default=1)
    side = bands[0].sheet.shape[-1] if bands else 1
    tall = 3 * side + _GAP
    page = Image.new("L", (_SIDE + wide * side, max(1, len(bands) * tall)), 255)
    pen = ImageDraw.Draw(page)
    for number, each in enumerate(bands):
        top = number * tall
        for row, name in enumerate((f"{each.face} {each.kind}\ncontent", "generated", "true")):
            pen.text((4, top + row * side + side // 3), name, 0, font)
        rows = [np.concatenate(list(pictures), 1) for pictures in each.sheet]
        page.paste(Image.fromarray(255 - np.concatenate(rows)), (_SIDE, top))
    data = io.BytesIO()
    page.save(data, "PNG", optimize=True)
    return data.getvalue()


def _table(title: str, rows: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    head = (
        "", "glyphs", "SSIM", "copy", "best copy", "SSIM ±2", "copy", "L1", "copy", "reader", "copy", "top-1", "real",
        "copy", "read", "admitted at once", "admitted",
    )  # fmt: skip
    cells = []
    for name, row in rows:
        drawn, copied, best = row["generated"], row["copied"], row["best_copied"]
        line = [name, f"{row['glyphs']:,}", *(_number(each["ssim"]) for each in (drawn, copied, best))]
        for measure in ("shifted", "l1", "reader_distance"):
            line += [_number(drawn[measure]), _number(copied[measure])]
        line += [_percent(drawn["top1"]), _percent(row["real_top1"]), _percent(copied["top1"]), f"{row['read']:,}"]
        cells.append([*line, _percent(row["admitted_at_once"]), _percent(row["admitted"])])
    return [f"### {title}", "", *_grid(head, cells), ""]


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table of Markdown that is a table on a terminal, too: names to the left, figures to the right."""
    wide = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    lines = [
        [
            text.ljust(width) if i == 0 else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, wide, strict=True))
        ]
        for row in (head, *rows)
    ]
    rule = ["-" * wide[0], *("-" * max(1, width - 1) + ":" for width in wide[1:])]
    return [f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:])]


def _floor(floor: dict[str, Any] | None) -> list[str]:
    if floor is None:
        return []
    return [
        f"Two drawings of one design (the bundled content pack and HanaMin, {floor['glyphs']:,} characters): SSIM "
        f"{_number(floor['ssim'])}, SSIM ±2 {_number(floor['shifted'])}, L1 {_number(floor['l1'])}, reader "
        f"{_number(floor['reader_distance'])}. What is more alike than that, pixels cannot tell apart.",
        "",
    ]


def _swapped(swapped: dict[str, Any], each: bool) -> list[str]:
    def line(name: str, part: dict[str, Any]) -> list[str]:
        wrong, passed = part["random"] + part["alike"], part["random_accepted"] + part["alike_accepted"]
        return [
            name,
            f"{wrong:,}",
            f"{passed:,}",
            _percent(part["false_accept"], 3),
            _percent(part["false_accept_at_most"], 3),
            f"{part['random_accepted']:,} of {part['random']:,}",
            f"{part['alike_accepted']:,} of {part['alike']:,}",
            f"{_percent(part['false_reject_generated'])} of {part['right']:,}",
            f"{_percent(part['false_reject_real'])} of {part['real']:,}",
        ]

    head = (
        "", "swapped", "admitted", "false accepts", "at most (95 %)", "any other", "look-alikes", "right ones refused",
        "true glyphs refused",
    )  # fmt: skip
    rows = [line("all faces", swapped)]
    rows += [line(face, part) for face, part in swapped["faces"].items()] if each else []
    lines = ["## The gate, with some targets swapped", "", *_grid(head, rows), ""]
    if swapped["accepted"]:
        pairs = (
            f"{face}: U+{ord(asked):04X} {asked} drawn as U+{ord(drawn):04X} {drawn}"
            for face, asked, drawn in swapped["accepted"]
        )
        lines += ["Admitted though swapped:", "", *(f"* {pair}" for pair in pairs), ""]
    return lines


def _utility(found: Sequence[dict[str, Any]]) -> list[str]:
    head = ("", "rare", "common", "refused", *(f"rare: {name}" for name in FROM), "gap closed")
    head += (*(f"common: {name}" for name in FROM), "common lost")
    rows = []
    for each in found:
        seen = " (trained on)" if each["trained_on"] else ""
        line = [f"{each['face']}{seen}", f"{each['rare']:,}", f"{each['common']:,}", f"{each['refused']:,}"]
        line += [_spread(each["rare_right"][name]) for name in FROM] + [_percent(each["recovered"])]
        line += [_spread(each["common_right"][name]) for name in FROM] + [_percent(each["common_lost"], 2)]
        rows.append(line)
    words = "Read right, the mean over trainings; ± is the standard deviation between them."
    return ["## A recogniser that learns rare classes from them", "", words, "", *_grid(head, rows), ""]


def _speed(speed: dict[str, Any]) -> list[str]:
    lines = ["## Speed", "", f"{speed['glyphs']:,} holes of {speed['face']}, glyphs a second of processor time:", ""]
    return [*lines, *(f"* {name}: {rate:,.0f}" for name, rate in speed["per_cpu_second"].items()), ""]


def _sum(trials: Any) -> Trial:
    whole = Trial()
    for trial in trials:
        whole += trial
    return whole


def _counts(trial: Trial) -> dict[str, int]:
    return {name: value for name, value in msgspec.to_builtins(trial).items() if name != "accepted"}


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _percent(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}%}"


def _spread(values: Sequence[float]) -> str:
    """The mean, and the standard deviation over trainings where there are several."""
    spread = f" ±{np.std(values, ddof=1):.1%}" if len(values) > 1 else ""
    return f"{np.mean(values):.1%}{spread}"
