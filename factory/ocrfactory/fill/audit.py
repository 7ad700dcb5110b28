"""The gate asked again about the generated rows of a finished data set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory import encode, read
from ocrfactory.errors import FontError, InputError, Reject
from ocrfactory.fill.contents import SLOTS, bundled_pack
from ocrfactory.fill.frame import FRAME, draw_frame
from ocrfactory.fill.lenders import Looking
from ocrfactory.fill.steady import BATCH, judge_steadily
from ocrfactory.fill.verdict import Gate
from ocrfactory.fonts import locate, names
from ocrfactory.fonts.face import FontFile
from ocrfactory.fonts.opened import OpenedFont, open_font
from ocrfactory.fonts.select import select_faces
from ocrfactory.sample import Image

COLUMNS = ("id", "text", "origin", "font_name", "width", "height", "aug", "attrs", "image")
UNGATED = "ungated"


class FontAudit(msgspec.Struct):
    """The rows in the style of one face."""

    rows: int = 0
    admitted: int = 0
    refused: dict[str, int] = {}
    """By reason of the gate."""
    not_audited: dict[str, int] = {}
    """By reason: the stored picture is not the one that the gate saw."""


class Audit(msgspec.Struct):
    """What a gate says of a data set."""

    gate: str
    fonts: dict[str, FontAudit] = {}
    gates: dict[str, int] = {}
    """Generated rows by the gate that they name; `ungated` for those that no gate saw."""
    taken_back: list[str] = []
    """Ids of rows that name this gate as the one that admitted them, and that it refuses now."""


class _Row(msgspec.Struct, frozen=True):
    id: str
    text: str
    font: str
    gate: str
    picture: Image
    """Ink."""
    content: npt.NDArray[np.uint8]


def audit(folder: Path, gate: Gate, looking: Looking) -> Audit:
    """Judge the generated rows of a data set again, beside the same content pictures, found by their hashes.

    Raises:
        InputError: no complete data set, no generated row in it, a damaged picture, or another bundled pack.
        FontError: a font that lent content is not here.
    """
    found = Audit(gate.id)
    lenders = _Lenders(looking)
    waiting: list[_Row] = []
    for row in read.rows(folder, COLUMNS):
        if row["origin"] != "gan":
            continue
        attrs = json.loads(row["attrs"] or "{}")
        account = found.fonts.setdefault(row["font_name"] or "?", FontAudit())
        account.rows += 1
        said = attrs.get("gate")
        named = said["id"] if isinstance(said, dict) else str(said)
        found.gates[named] = found.gates.get(named, 0) + 1
        picture = _seen(row, attrs)
        if isinstance(picture, str):
            account.not_audited[picture] = account.not_audited.get(picture, 0) + 1
            continue
        content = lenders.content(row["text"], attrs.get("content_source") or [], row["id"])
        waiting.append(_Row(row["id"], row["text"], row["font_name"] or "?", named, picture, content))
        if len(waiting) == 4 * BATCH:
            _judge(gate, waiting, found)
            waiting.clear()
    _judge(gate, waiting, found)
    if not found.fonts:
        raise InputError(f"{folder}: no row is generated", "fill audit looks at what `ocrfactory fill` made")
    return found


def _judge(gate: Gate, rows: Sequence[_Row], found: Audit) -> None:
    if not rows:
        return
    pictures, content = np.stack([row.picture for row in rows]), np.stack([row.content for row in rows])
    for row, verdict in zip(rows, judge_steadily(gate, pictures, [row.text for row in rows], content), strict=True):
        account = found.fonts[row.font]
        if verdict.reason is None:
            account.admitted += 1
        else:
            account.refused[verdict.reason] = account.refused.get(verdict.reason, 0) + 1
            if row.gate == gate.id:
                found.taken_back.append(row.id)


def _seen(row: dict[str, Any], attrs: dict[str, Any]) -> Image | str:
    """The ink that the gate saw, or why the row no longer shows it.

    Raises:
        InputError: the picture is damaged, or another than the row says.
    """
    if json.loads(row["aug"] or "[]"):
        return "augmented"
    if (row["width"], row["height"]) != (FRAME, FRAME):
        return "resized"
    for what in ("jitter", "tone"):
        if what in attrs:
            return what
    image = row["image"]
    if not str(image["path"]).endswith(".png"):
        return "lossy"
    try:
        pixels = encode.decode(image["bytes"] or b"")
    except ValueError as error:
        raise InputError(f"{row['id']}: its picture cannot be read: {error}", _DAMAGED) from error
    if pixels.shape[:2] != (FRAME, FRAME):
        raise InputError(f"{row['id']}: its picture is not {FRAME} x {FRAME} pixels, as the row says", _DAMAGED)
    return np.invert(pixels) if pixels.ndim == 2 else "augmented"


_DAMAGED = "the data set was changed after it was made: ocrfactory verify DIR says where"


class _Lenders:
    """The fonts that lent content, found again."""

    def __init__(self, looking: Looking) -> None:
        self.looking = looking
        self.fonts: dict[tuple[str, int, str], OpenedFont] = {}

    def content(self, text: str, sources: Sequence[dict[str, Any]], id: str) -> npt.NDArray[np.uint8]:
        """The content pictures of a row, (SLOTS, 64, 64).

        Raises:
            InputError: a font or the bundled pack is not the one that lent them.
        """
        frames = np.zeros((SLOTS, FRAME, FRAME), np.uint8)
        for source in sources:
            if "bundled" in source:
                if bundled_pack().sha256 != source["bundled"]:
                    raise InputError(f"{id}: its content is from another bundled pack than that of this version")
                frames[source["slot"]] = bundled_pack().draw(text, FRAME)
                continue
            try:
                frames[source["slot"]] = draw_frame(self._font(source), text)
            except Reject as reject:
                raise InputError(f"{id}: {source['face']} does not draw its content: {reject}") from reject
        return frames

    def _font(self, source: dict[str, Any]) -> OpenedFont:
        variation = json.dumps(source.get("variation"), sort_keys=True)
        key = source["sha256"], source["index"], variation
        if key not in self.fonts:
            found = next(self._matching(source), None)
            if found is None:
                raise FontError(
                    f"{source['face']}: no font with SHA-256 {source['sha256']} is here, which lent content",
                    "name the folder that holds it: --font-dir DIR",
                )
            self.fonts[key] = open_font(*found)
        return self.fonts[key]

    def _matching(self, source: dict[str, Any]) -> Iterator[tuple[FontFile, str]]:
        """The face of that name if its file is the same; then any file of the named folders with the same hash."""
        asked = source["sha256"], source["index"], source.get("variation", {})
        if "/" in source["face"]:
            try:
                faces = select_faces(
                    [source["face"]],
                    font_dirs=self.looking.font_dirs,
                    offline=self.looking.offline,
                    log=self.looking.log,
                ).faces
            except FontError:
                faces = []
            for face in faces:
                for file in face.files:
                    if (file.sha256, file.index, dict(file.variation)) == asked:
                        yield file, face.lang
        folders = [folder for route in locate.routes(self.looking.font_dirs) for folder in route.folders]
        for folder in folders:
            for path in locate.font_files(folder):
                if names.sha256_of(path) == asked[0]:
                    yield names.describe(path, asked[1], tuple(asked[2].items())), "und"


def in_words(found: Audit) -> list[str]:
    """The lines that are printed."""
    lines = [f"gate {found.gate}"]
    others = {name: count for name, count in found.gates.items() if name != found.gate}
    for name, count in others.items():
        what = "were never judged" if name == UNGATED else f"were admitted by another gate, {name}"
        lines.append(f"  {count:,} rows {what}: what is refused of them here is no fault")
    for font, account in found.fonts.items():
        judged = account.admitted + sum(account.refused.values())
        share = f" ({account.admitted / judged:.1%})" if judged else ""
        lines.append(
            f"{font}: {account.rows:,} generated rows, {judged:,} judged, {account.admitted:,} admitted{share}"
        )
        for what, counts in (("refused", account.refused), ("not judged", account.not_audited)):
            if counts:
                told = ", ".join(f"{reason} {count:,}" for reason, count in Counter(counts).most_common())
                lines.append(f"  {what}: {told}")
    return lines
