"""Rows of the source `rare`: drawn in batches, judged, tried again, and given up in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.charset.groups import class_group
from ocrfactory.errors import InputError, Reject
from ocrfactory.fill.contents import ContentDrawer
from ocrfactory.fill.frame import FRAME
from ocrfactory.fill.generator import Style
from ocrfactory.fill.placing import centred, placed, seen
from ocrfactory.fill.steady import BATCH, ONE_BY_ONE, batch_of, draw_steadily, judge_steadily
from ocrfactory.fill.verdict import Gate, Verdict
from ocrfactory.fonts.face import Face, FontFile
from ocrfactory.fonts.opened import OpenedFont
from ocrfactory.inhand import alive
from ocrfactory.render.glyph import EDGE, STILL, Wobble, draw_glyph
from ocrfactory.rng import seed_of, uniforms
from ocrfactory.sample import Image, Sample
from ocrfactory.sources.glyphs import code_points, tone_of
from ocrfactory.sources.rare import Rare, models
from ocrfactory.sources.rare_plan import State, group_name
from ocrfactory.sources.source import font_use

BATCHES = 4
"""Full batches that are drawn together: what is refused of them fills those of the next attempt."""
EM = 7 / 8
"""Ems a side of the frame."""


class _Glyph(msgspec.Struct, frozen=True):
    """What became of a hole."""

    picture: Image
    """Ink, at the generator's size; of the last attempt."""
    verdict: Verdict | None
    """Of the last attempt; None where no gate was asked."""
    attempt: int
    """From 1."""

    @property
    def admitted(self) -> bool:
        return self.verdict is None or self.verdict.reason is None


class RareDrawer:
    """See `Drawer`."""

    def __init__(self, source: Rare, state: State, seed: int) -> None:
        self.source, self.targets, self.seed = source, state.targets, seed
        self.generator, self.gate = models(state.generator, state.engine, source.gate)
        for what, loaded, planned in (
            ("generator", self.generator.id, state.generator_id),
            ("gate", self.gate and self.gate.id, state.gate_id),
        ):
            if loaded != planned:
                raise InputError(
                    f"the {what} is {loaded}, these rows were planned with {planned}",
                    f"put back the {what} of that name and hash, or draw all rows anew: fill or build with --force",
                )
        self.contents = [ContentDrawer(target.contents) for target in state.targets]
        self.owners = [target.owners(source.on_reject == "fallback") for target in state.targets]
        self.starts = np.cumsum([0, *(len(target.contents.classes) for target in state.targets)])
        self.tone = tone_of(source.ink, source.ground)
        self.styles: dict[tuple[int, str, int], Style] = {}

    def draw(self, rows: Sequence[int]) -> Iterator[Sample | Reject]:
        """See `Drawer`."""
        together = BATCHES * batch_of(self.generator)
        for start in range(0, len(rows), together):
            window = rows[start : start + together]
            made = self._glyphs(list(dict.fromkeys(row // self.source.per_class for row in window)))
            for row in window:
                item, replica = divmod(row, self.source.per_class)
                glyph = made[item]
                try:
                    if isinstance(glyph, Reject):
                        raise glyph
                    yield self._sample(item, replica, glyph)
                except Reject as reject:
                    yield reject

    def _glyphs(self, items: Sequence[int]) -> dict[int, _Glyph | Reject]:
        """Each item drawn once, whatever the number of its pictures; the refused ones again, with other references."""
        made: dict[int, _Glyph | Reject] = {}
        content: dict[int, npt.NDArray[np.uint8]] = {}
        for item in items:
            target, number = self._place(item)
            try:
                content[item] = self.contents[target].frames(number, self.generator.size)
            except Reject as reject:
                made[item] = reject
            alive()
        waiting = list(content)
        for attempt in range(1, self.source.retries + 2):
            for item, glyph in zip(waiting, self._attempt(waiting, content, attempt), strict=True):
                made[item] = glyph
            waiting = [item for item in waiting if not _settled(made[item])]
            if not waiting:
                break
        return made

    def _attempt(self, items: Sequence[int], content: dict[int, npt.NDArray[np.uint8]], attempt: int) -> list[_Glyph]:
        if not items:
            return []
        frames = np.stack([content[item] for item in items])
        styles = np.stack([self._style(item, attempt - 1) for item in items])
        pictures = [centred(picture) for picture in self._drawn(self._channels(frames), styles)]
        if self.gate is None:
            return [_Glyph(picture, None, attempt) for picture in pictures]
        verdicts = self._judged(self.gate, pictures, [self._text(item) for item in items], self._framed(items, frames))
        return [_Glyph(picture, verdict, attempt) for picture, verdict in zip(pictures, verdicts, strict=True)]

    def _drawn(self, content: npt.NDArray[np.uint8], styles: Style) -> Iterator[Image]:
        """One after the other where the engine draws them so, else in full batches: after each a sign of life."""
        engine = getattr(self.generator, "engine", None)
        size = 1 if engine in ONE_BY_ONE else batch_of(self.generator)
        for start in range(0, len(content), size):
            part = slice(start, start + size)
            yield from draw_steadily(self.generator, content[part], styles[part])
            alive()

    def _judged(
        self, gate: Gate, pictures: Sequence[Image], texts: Sequence[str], content: npt.NDArray[np.uint8]
    ) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for start in range(0, len(pictures), BATCH):
            part = slice(start, start + BATCH)
            shown = np.stack([seen(picture) for picture in pictures[part]])
            verdicts += judge_steadily(gate, shown, texts[part], content[part])
            alive()
        return verdicts

    def _channels(self, frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """As many content pictures as the generator takes; where it takes one, the song-like one if there is one."""
        if self.generator.channels == frames.shape[1]:
            return frames
        return np.where(frames[:, :1].any(axis=(2, 3), keepdims=True), frames[:, :1], frames[:, 1:])

    def _framed(self, items: Sequence[int], frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """The content at the size of the gate."""
        if self.generator.size == FRAME:
            return frames
        places = [self._place(item) for item in items]
        return np.stack([self.contents[target].frames(number) for target, number in places])

    def _style(self, item: int, number: int) -> Style:
        target = self._place(item)[0]
        key = target, class_group(self._text(item)), number
        if key not in self.styles:
            face = self.targets[target].face
            sheet = self.targets[target].references[key[1]][number]
            self.styles[key] = self.generator.style(sheet.draw(face, self.generator.size), face.id)
            alive()
        return self.styles[key]

    def _place(self, item: int) -> tuple[int, int]:
        """The target of an item, and the number of its class there."""
        target = int(np.searchsorted(self.starts, item, side="right")) - 1
        return target, item - int(self.starts[target])

    def _text(self, item: int) -> str:
        target, number = self._place(item)
        return self.targets[target].contents.classes[number]

    def _sample(self, item: int, replica: int, glyph: _Glyph) -> Sample:
        source = self.source
        place, number = self._place(item)
        target, text = self.targets[place], self._text(item)
        name = code_points(text)
        seed = seed_of(self.seed, source.name, target.face.id, name, replica)
        wobble = STILL
        if replica and source.jitter is not None:
            size, dx, dy = (2 * value - 1 for value in uniforms(seed, "draw", 3))
            position = source.jitter.position
            wobble = Wobble(1 + source.jitter.size * size, position * dx, position * dy)
        other = self.contents[place].substitute(number) if source.on_reject == "fallback" else None
        if not glyph.admitted and other is None:
            raise _refusal(glyph, f"{name} in the style of {target.face.id}")
        attrs: dict[str, Any] = {"content_source": self.contents[place].sources(number), "gate": self._judgement(glyph)}
        if wobble is not STILL:
            attrs["jitter"] = {"scale": wobble.scale, "dx": wobble.dx, "dy": wobble.dy}
        if not source.clean:
            attrs["tone"] = [source.ink, source.ground]
        common: dict[str, Any] = {
            "text": text,
            "kind": "glyph",
            "seed": seed,
            "split_group": group_name(source.split_group, self.owners[place][number], name),
            "ground": source.ground,
            "margin": EDGE,
        }
        if not glyph.admitted and other is not None:
            attrs |= {"fill": "fallback", "in_place_of": target.face.id}
            return self._fallback(*other, wobble, attrs, common)
        sheet = target.references[class_group(text)][glyph.attempt - 1]
        return Sample(
            image=self.tone(placed(glyph.picture, source.size, wobble)),
            origin="gan",
            license=_both(target.face.licence, *self.contents[place].licences(number)),
            lang=_lang(target.face.lang),
            font=font_use(target.face.files[0]),
            font_size_px=round(source.size * EM * wobble.scale, 2),
            generator_id=self.generator.id,
            attrs={**attrs, "style_refs": "".join(dict.fromkeys(sheet.chars))},
            **common,
        )

    def _fallback(
        self,
        face: Face,
        file: FontFile,
        font: OpenedFont,
        wobble: Wobble,
        attrs: dict[str, Any],
        common: dict[str, Any],
    ) -> Sample:
        """The class as the font draws it that lends its content."""
        size = self.source.size
        drawn = draw_glyph(font, font.shape(common["text"]), size, size / 16, "centre", wobble)
        if drawn.empty:
            raise Reject("blank", f"{code_points(common['text'])} drawn by {file.name} leaves no ink")
        return Sample(
            image=self.tone(drawn.ink),
            origin="font",
            license=face.licence,
            lang=_lang(face.lang),
            font=font_use(file),
            font_size_px=round(drawn.em, 2),
            attrs=attrs,
            **common,
        )

    def _judgement(self, glyph: _Glyph) -> Any:
        """What a row says of the gate."""
        if self.gate is None or glyph.verdict is None:
            return "ungated"
        said = {"id": self.gate.id, "attempt": glyph.attempt, "scores": glyph.verdict.scores}
        return said if glyph.admitted else {**said, "refused": glyph.verdict.reason}


def _settled(glyph: _Glyph | Reject) -> bool:
    return isinstance(glyph, Reject) or glyph.admitted


def _refusal(glyph: _Glyph, what: str) -> Reject:
    assert glyph.verdict is not None
    assert glyph.verdict.reason is not None
    scores = ", ".join(f"{name} {value:g}" for name, value in glyph.verdict.scores.items())
    seen = "; ".join(words for words in (glyph.verdict.detail, scores, f"attempt {glyph.attempt}") if words)
    return Reject(glyph.verdict.reason, f"{what}: {seen}")


def _lang(lang: str) -> str | None:
    return None if lang == "und" else lang


def _both(*licences: str) -> str:
    """An SPDX expression for what several licences cover at once."""
    each = list(dict.fromkeys(licences))
    return " AND ".join(f"({name})" if " OR " in name and len(each) > 1 else name for name in each)
