"""How a worker draws the rows of a source of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from ocrfactory.charset.groups import is_blank
from ocrfactory.charset.hangul import graphemes
from ocrfactory.errors import Reject
from ocrfactory.fonts.opened import OpenedFont, open_font
from ocrfactory.ranges import Span
from ocrfactory.render.atlas import Atlases
from ocrfactory.render.layout import Piece, code_points
from ocrfactory.render.line import DrawnLine, Style, draw_line
from ocrfactory.rng import seed_of, uniforms
from ocrfactory.sample import FontUse, Sample
from ocrfactory.sources.source import font_use
from ocrfactory.sources.written import OpenedTexts, State

if TYPE_CHECKING:
    from ocrfactory.sources.lines import Lines

WEIGHT_STEP = 0.005
"""Emboldening goes in steps of this share of the em, so that drawn glyphs can be used again."""


class LineDrawer:
    """Draws rows; fonts and glyphs stay loaded."""

    def __init__(self, source: Lines, state: State, seed: int) -> None:
        self.source, self.state, self.seed = source, state, seed
        self.texts = OpenedTexts(source, state)
        self.atlases = Atlases()
        self.margin = source.height // 16 if source.margin is None else source.margin
        self.fonts: dict[tuple[int, int], tuple[OpenedFont, FontUse]] = {}
        self.spans = [
            (name, span)
            for name, span, still in (
                ("size", source.size, 1.0), ("shift", source.shift, 0.0), ("before", source.padding, 0.0),
                ("after", source.padding, 0.0), ("spacing", source.spacing, 0.0), ("weight", source.weight, 0.0),
            )
            if span != (still, still)
        ]  # fmt: skip
        """What varies from line to line."""

    def draw(self, rows: Sequence[int]) -> Iterator[Sample | Reject]:
        """See `Drawer`."""
        for row in rows:
            try:
                yield self._draw(row)
            except Reject as reject:
                yield reject

    def _draw(self, row: int) -> Sample:
        text, face_code = self.texts(row)
        seed = seed_of(self.seed, self.source.name, row, text)
        style, attrs = self._style(seed)
        pieces, uses, licence = self._pieces(text, face_code, seed)
        drawn = draw_line(pieces, style, self.atlases)
        _no_gap(text, drawn)
        if len(uses) > 1:
            attrs["pieces"] = [[piece.text, use.name] for piece, use in zip(pieces, uses, strict=True)]
        return Sample(
            **self.texts.provenance(row, text, face_code),
            image=np.invert(drawn.ink),
            seed=seed,
            license=licence,
            direction="ttb" if style.vertical else drawn.direction,
            font=uses[0],
            font_size_px=drawn.em,
            char_boxes=drawn.boxes,
            attrs=attrs or None,
            outline=drawn.outline,
            mask=drawn.mask,
            ground=255,
            margin=style.margin,
        )

    def _style(self, seed: int) -> tuple[Style, dict[str, Any]]:
        """How this line is drawn, and what of it chance chose."""
        source = self.source
        chosen: dict[str, Any] = {}
        if self.spans:
            units = uniforms(seed, "draw", len(self.spans))
            chosen = {name: _within(span, unit) for (name, span), unit in zip(self.spans, units, strict=True)}
            if "weight" in chosen:
                chosen["weight"] = round(round(chosen["weight"] / WEIGHT_STEP) * WEIGHT_STEP, 4)
        vertical = source.vertical >= 1 or (0 < source.vertical > uniforms(seed, "vertical", 1)[0])
        style = Style(source.height, self.margin, vertical=vertical, masks=source.masks, **chosen)
        return style, {"draw": chosen} if chosen else {}

    def _pieces(self, text: str, face_code: int, seed: int) -> tuple[list[Piece], list[FontUse], str]:
        """The text cut into what one font draws each, the fonts, and their licences."""
        faces, source = self.state.faces, self.source
        if not source.mixes_faces and len(faces[face_code].files) == 1:
            font, use = self._font(face_code, 0)
            return [Piece(font, text)], [use], faces[face_code].licence
        clusters = graphemes(text)
        mixed = source.mixed_faces > 0 and uniforms(seed, "mixed", 1)[0] < source.mixed_faces
        of_word = self._mixed(clusters, face_code, seed) if mixed else [face_code] * len(clusters)
        drawn_by = self.state.drawable.drawn_by
        chosen = [drawn_by(cluster, code, source.fallback) for cluster, code in zip(clusters, of_word, strict=True)]
        pieces, uses = [], []
        for (code, file), members in groupby(zip(chosen, clusters, strict=True), lambda pair: pair[0]):
            font, use = self._font(code, file)
            pieces.append(Piece(font, "".join(cluster for _, cluster in members)))
            uses.append(use)
        licences = dict.fromkeys(faces[code].licence for code, _ in chosen)
        return pieces, uses, " AND ".join(licences)

    def _mixed(self, clusters: Sequence[str], face_code: int, seed: int) -> list[int]:
        """A face for each cluster: one for each word, of those that draw the word whole."""
        codes: list[int] = []
        for number, (blank, members) in enumerate(groupby(clusters, is_blank)):
            word = list(members)
            able = [] if blank else self.state.drawable.faces_that_draw(word)
            unit = uniforms(seed, f"word/{number}", 1)[0]
            codes += [able[int(unit * len(able))] if able else face_code] * len(word)
        return codes

    def _font(self, face_code: int, file_code: int) -> tuple[OpenedFont, FontUse]:
        key = face_code, file_code
        if key not in self.fonts:
            face = self.state.faces[face_code]
            file = face.files[file_code]
            self.fonts[key] = open_font(file, face.lang), font_use(file)
        return self.fonts[key]


def _within(span: Span, unit: float) -> float:
    return round(span[0] + (span[1] - span[0]) * unit, 4)


def _no_gap(text: str, drawn: DrawnLine) -> None:
    """A character without ink must be one that has none by right."""
    if drawn.inkless:
        clusters = graphemes(text)
        gaps = [clusters[number] for number in drawn.inkless if not is_blank(clusters[number])]
        if gaps:
            raise Reject("blank", f"{' '.join(map(code_points, gaps))} leaves no ink")
