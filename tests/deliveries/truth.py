"""What a made delivery holds, and what a converter has to make of it."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

KIND_OF = {"char": "glyph", "word": "word", "line": "line", "paragraph": "line"}
ROW, NOT_SELECTED = "row", "not_selected"
AS_DRAWN = object()
"""`Unit.written` where nobody touched the box."""

IntBox = tuple[int, int, int, int]


@dataclass
class Unit:
    """One annotation: what is drawn, what the label says of it, what must come of it."""

    text: str | None
    level: str
    box: IntBox | None
    """x, y, w, h of the ink in the pixels that count; None: the whole image."""
    id: Any = None
    drawn: bool = True
    claimed: tuple[float, float, float, float] | None = None
    """x, y, w, h as the label has it, where that is not `box`."""
    fraction: tuple[float, float, float, float] = (0, 0, 0, 0)
    """What the label's x, y, w, h have beyond whole pixels."""
    written: Any = AS_DRAWN
    """What stands in the label instead of a box of the family's shape."""
    points: list[list[float]] | None = None
    """The polygon, where it is not the four corners."""
    image_id: Any = None
    """Other than the image's own id."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What a family needs to write it."""
    expect: str = ROW
    """`row`, `not_selected` or the reason of its reject."""
    flags: set[str] = field(default_factory=set)
    taken: bool = False

    @property
    def claim(self) -> tuple[float, float, float, float] | None:
        """x, y, w, h as the label has it; None: it has none."""
        if self.claimed or self.box is None:
            return self.claimed
        x, y, w, h = (value + more for value, more in zip(self.box, self.fraction, strict=True))
        return x, y, w, h

    def spoil(self, reason: str) -> None:
        """Expect it to be rejected for this reason."""
        self.expect = reason


@dataclass
class Scene:
    """One image and its annotations."""

    number: int
    stem: str
    ext: str
    split: str
    size: tuple[int, int]
    """Width and height in the pixels that count: upright, unless `exif` says otherwise."""
    id: Any
    variant: str
    """Which of the family's sorts of image: a folder, a level, a kind of sheet."""
    units: list[Unit] = field(default_factory=list)
    disk_stem: str | None = None
    disk_ext: str | None = None
    label_stem: str | None = None
    label_dir: str | None = None
    image_dir: str | None = None
    copies: list[str] = field(default_factory=list)
    """Other folders where a file of the same name lies."""
    stated_size: tuple[int, int] | None = None
    image_id: Any = None
    """The id in its annotations, where it is written otherwise than the image's own."""
    encoding: str | None = None
    vertical: bool = False
    orientation: int | None = None
    """EXIF orientation of the file."""
    turned: bool = True
    """Are labels in pixels after the EXIF orientation was applied?"""
    gps: bool = False
    cut: bool = False
    """The image file is damaged."""
    pixels_of: Scene | None = None
    no_image: bool = False
    no_label: bool = False
    broken_label: bool = False
    alias: bool = False
    """Write the other spelling of this family's keys."""
    fault: str | None = None
    """The reason that rejects all its annotations."""
    flags: set[str] = field(default_factory=set)
    free: bool = True
    """May a quirk take one of its units?"""

    @property
    def name(self) -> str:
        """File name as the label has it."""
        return f"{self.stem}.{self.ext}"


@dataclass
class Delivery:
    """The scenes of one delivery, before a byte is written. Quirks change it."""

    family: Any
    form: str
    rng: random.Random
    scenes: list[Scene] = field(default_factory=list)
    encoding: str | None = None
    """Of one label for many images; of every label otherwise."""
    cp949_names: bool = False
    leading_slash: bool = False
    leftover: bool = False
    """In a tree: the zips are there, too."""
    stray: dict[str, bytes] = field(default_factory=dict)
    """Files that are none of the delivery's."""
    files: Counter[str] = field(default_factory=Counter)
    """Faults of files without annotations."""

    def new_scene(self, split: str | None = None) -> Scene:
        """One more scene, which no other quirk touches."""
        scene = self.family.scene(self, len(self.scenes) + 1, split)
        scene.free = False
        self.scenes.append(scene)
        return scene

    def take(self, count: int = 1) -> tuple[Scene, list[Unit]]:
        """`count` units of one scene, selected by default, that nobody touched yet."""
        for scene in self.scenes:
            if scene.free:
                units = [unit for unit in scene.units if not unit.taken and unit.expect == ROW and unit.drawn]
                if len(units) >= count:
                    break
        else:
            scene = self.new_scene()
            while True:
                scene.free = True
                units = [unit for unit in scene.units if unit.expect == ROW and unit.drawn]
                if len(units) >= count:
                    break
                scene = self.new_scene()
        # From the end: the first ones keep their place, so that what follows a fault is read too.
        chosen = units[-count:]
        for unit in chosen:
            unit.taken = True
        return scene, chosen

    def one(self) -> tuple[Scene, Unit]:
        """One unit that nobody touched yet."""
        scene, units = self.take()
        return scene, units[0]


@dataclass
class TrueRow:
    """One row that a converter has to make."""

    text: str
    text_raw: str
    kind: str
    level: str
    box: tuple[float, float, float, float]
    split: str
    flags: list[str]
    direction: str
    src_image: str
    """Path of the image below its archive, NFC, without a leading slash."""
    index: int
    """Position in the array of the label."""
    annotation_id: str | None
    whole: bool
    """Is the image the crop?"""
    src_size: tuple[int, int]
    """Width and height in the pixels that count."""
    exact: bool
    """Are the corners whole pixels?"""


@dataclass
class Truth:
    """What a conversion of a made delivery has to give."""

    family: str
    form: str
    rows: list[TrueRow] = field(default_factory=list)
    rejects: Counter[str] = field(default_factory=Counter)
    """Reason -> annotations."""
    files: Counter[str] = field(default_factory=Counter)
    """Reason -> files without annotations."""
    not_selected: int = 0
    annotations: int = 0
    images: dict[str, tuple[bytes, bool]] = field(default_factory=dict)
    """Path of an image (as `TrueRow.src_image`) -> bytes of its file, and whether its EXIF orientation counts."""
    page_ink: dict[str, np.ndarray] = field(default_factory=dict)
    """Path of an image -> where ink was drawn, in the pixels that count."""

    @property
    def ledger(self) -> Counter[str]:
        """Reason -> lines of the ledger."""
        return self.rejects + self.files  # sums leave out what is 0

    def write(self, path: Path) -> Path:
        """As JSON lines: the delivery, then its rows, then what is counted."""
        head = {
            "what": "delivery",
            "family": self.family,
            "form": self.form,
            "annotations": self.annotations,
            "not_selected": self.not_selected,
        }
        lines = [head]
        lines += [{"what": "row", **asdict(row)} for row in self.rows]
        lines += [{"what": "reject", "reason": key, "annotations": n} for key, n in sorted(self.rejects.items())]
        lines += [{"what": "file", "reason": key, "count": n} for key, n in sorted(self.files.items())]
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        return path


def text_of(unit: Unit) -> str:
    """The text of a row: glyphs verbatim, all else NFC, stripped, control white space as one space."""
    text = unit.text or ""
    if unit.level == "char":
        return text
    return re.sub(r"[\t\r\n]+", " ", unicodedata.normalize("NFC", text)).strip()


def expect(truth: Truth, scene: Scene, path: str, indices: dict[int, int]) -> None:
    """Add what must come of the annotations of `scene`.

    Args:
        path: of its image, below the archive.
        indices: `id()` of a unit -> its position in the array of the label.
    """
    for unit in scene.units:
        truth.annotations += 1
        # What the label alone shows comes first, but for an image that is known to be useless before any is opened.
        late = scene.fault == "decode_error" and unit.expect != ROW
        outcome = unit.expect if late or unit.expect == NOT_SELECTED else scene.fault or unit.expect
        if outcome == NOT_SELECTED:
            truth.not_selected += 1
        elif outcome != ROW:
            truth.rejects[outcome] += 1
        else:
            truth.rows.append(
                TrueRow(
                    text=text_of(unit),
                    text_raw=unit.text or "",
                    kind=KIND_OF[unit.level],
                    level=unit.level,
                    box=clipped(unit, scene.size),
                    split=scene.split,
                    flags=sorted(unit.flags | scene.flags),
                    direction="ttb" if scene.vertical else "ltr",
                    src_image=path,
                    index=indices[id(unit)],
                    annotation_id=None if unit.id is None else str(unit.id),
                    whole=unit.box is None,
                    src_size=scene.size,
                    exact=all(float(value).is_integer() for value in unit.claim or ()),
                )
            )


def clipped(unit: Unit, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """x, y, w, h of what the label claims, inside the image."""
    if unit.claim is None:
        return (0, 0, *size)
    x, y, w, h = unit.claim
    left, top = min(max(x, 0), size[0]), min(max(y, 0), size[1])
    right, bottom = min(max(x + w, 0), size[0]), min(max(y + h, 0), size[1])
    return (left, top, right - left, bottom - top)
