"""Source kind `glyphs`: every pair of a face and a class that the face really draws, one picture or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ocrfactory.charset import load_charset
from ocrfactory.charset.groups import class_group, is_blank
from ocrfactory.errors import CharsetError, EmptyPlanError, Reject
from ocrfactory.fonts.coverage import REASONS, cover_all
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.opened import OpenedFont, Run, open_font
from ocrfactory.fonts.select import Selection
from ocrfactory.render.glyph import EDGE, STILL, Placement, Wobble, draw_glyph
from ocrfactory.rng import seed_of, uniforms
from ocrfactory.sample import FontUse, Image, Sample
from ocrfactory.sources.source import Context, Drawer, Facet, Hole, Settled, Source, faces_of, font_use, without_folders

PLACEMENT: dict[str, Placement] = {"han": "centre", "hangul": "centre"}
"""By class group; all other groups keep their em box."""


class Jitter(BaseModel):
    """How far the variants of a glyph differ. The first variant is always the plain one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: float = Field(0.1, ge=0, le=0.5, description="Largest change of the size, as a share.")
    position: float = Field(0.04, ge=0, le=0.5, description="Largest shift in x and in y, as a share of the em.")
    weight: float = Field(0.015, ge=0, le=0.1, description="Largest emboldening or thinning, as a share of the em.")


class Glyphs(Source):
    """Single characters from fonts."""

    kind: Literal["glyphs"] = "glyphs"
    name: str = Field("glyphs", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    fonts: tuple[str, ...] = Field(min_length=1, description="Packs, face ids, families, files (x.ttc#3) or folders.")
    charset: str | None = Field(None, description="Names, files and set algebra; by default the pack's own charset.")
    extra_faces: bool = Field(False, description="Draw the extra faces of a pack as well as its core ones.")
    locale: Literal["tw", "hk", "jp", "kr", "cn"] | None = Field(None, description="Chooses the face of a collection.")
    per_class: int = Field(1, ge=1, le=100_000, description="Pictures of each (face, class) pair.")
    size: int = Field(64, ge=8, le=1024, description="Width and height in pixels.")
    margin: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="Pixels around the em box; by default a sixteenth of the size."
    )
    placement: dict[str, Placement] = Field(
        default_factory=dict,
        description="Overrides by class group: han, hangul, kana, punctuation, latin, digit, other.",
    )
    jitter: Jitter | None = Field(
        default_factory=Jitter, description="Variation between pictures of one pair; null: none."
    )
    ink: int = Field(0, ge=0, le=255, description="Grey level of the ink.")
    ground: int = Field(255, ge=0, le=255, description="Grey level of the ground.")
    split_group: Literal["pair", "face", "class"] = Field("pair", description="What must not span two splits.")

    @field_validator("placement")
    @classmethod
    def _known_groups(cls, value: dict[str, Placement]) -> dict[str, Placement]:
        known = ("han", "hangul", "kana", "punctuation", "latin", "digit", "other")
        for group in value:
            if group not in known:
                raise ValueError(f"unknown class group {group!r}; known: {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _visible(self) -> Glyphs:
        if abs(self.ground - self.ink) < 16:
            raise ValueError(f"ink {self.ink} on ground {self.ground} cannot be seen; they must differ by 16 or more")
        return self

    @model_validator(mode="after")
    def _room(self) -> Glyphs:
        if self.margin is not None and 2 * self.margin > self.size - 4:
            raise ValueError(
                f"a margin of {self.margin:g} leaves no room in {self.size} pixels; at most {self.size / 2 - 2:g}"
            )
        return self

    @property
    def clean(self) -> bool:
        """See `Source.clean`."""
        return (self.ink, self.ground) == (0, 255)

    def portable(self) -> Glyphs:
        """See `Source.portable`."""
        fonts = tuple(without_folders(font) for font in self.fonts)
        return self.model_copy(update={"fonts": fonts, "charset": self.charset and portable_charset(self.charset)})

    def settle(self, context: Context) -> Settled:
        """Find faces and classes and what each face draws.

        Raises:
            FontError: a font is unknown, missing or unreadable.
            CharsetError: the character set is unknown or unreadable.
            EmptyPlanError: no face draws any class.
        """
        selection = faces_of(self.fonts, context, self.locale, self.extra_faces)
        charset = load_charset(charset_of(self.charset, selection), base=context.folder)
        classes, faces = charset.classes, selection.faces
        covered = cover_all(faces, classes, context.log)
        tables = np.array([found.file_of for found in covered], np.int8).reshape(len(faces), len(classes))
        drawn = tables >= 0
        if not drawn.any():
            names = ", ".join(face.id for face in faces)
            raise EmptyPlanError(
                f"nothing to draw: none of the {len(classes)} classes of {charset.name} is drawn by {names}",
                "see what a face draws with: ocrfactory fonts coverage --font FONT --charset CHARSET",
            )
        face_codes, class_codes = np.nonzero(drawn)
        holes = tuple(
            Hole(faces[f].id, classes[c], REASONS[covered[f].verdict[c]])
            for f, c in zip(*np.nonzero(~drawn), strict=True)
        )
        return Settled(
            items=len(face_codes),
            replicas=self.per_class,
            facts={
                "charset": {"sha256": charset.sha256, "classes": len(classes)},
                "faces": {face.id: [_identity(file) for file in face.files] for face in faces},
                "coverage_sha256": sha256(tables.tobytes()).hexdigest(),
            },
            state=msgspec.msgpack.encode(_State(tuple(faces), classes, tables.tobytes())),
            facets=self._facets([face.id for face in faces], classes, face_codes, class_codes),
            holes=holes,
            undrawn=tuple(classes[c] for c in np.flatnonzero(~drawn.any(axis=0))),
            charset=classes,
            fonts=tuple(faces),
            row_bytes=200 + self.size * self.size // 7,
            notes=tuple(note for found in covered for note in found.quarantined),
        )

    def _facets(
        self, faces: list[str], classes: Sequence[str], face_codes: NDArray[np.intp], class_codes: NDArray[np.intp]
    ) -> dict[str, Facet]:
        by_face = Facet(tuple(faces), face_codes.astype(np.int32))
        by_class = Facet(tuple(classes), class_codes.astype(np.int32))
        if self.split_group == "face":
            group = by_face
        elif self.split_group == "class":
            group = Facet(tuple(map(code_points, classes)), by_class.codes)
        else:
            names = [code_points(text) for text in classes]
            pairs = tuple(
                f"{faces[f]}/{names[c]}" for f, c in zip(face_codes.tolist(), class_codes.tolist(), strict=True)
            )
            group = Facet(pairs, np.arange(len(pairs), dtype=np.int32))
        return {"group": group, "face": by_face, "class": by_class}

    def open(self, state: bytes, seed: int) -> Drawer:
        """Load the fonts, in the worker. `seed` is the build's."""
        return _Drawer(self, msgspec.msgpack.decode(state, type=_State), seed)


class _State(msgspec.Struct, frozen=True):
    faces: tuple[Face, ...]
    classes: tuple[str, ...]
    file_of: bytes
    """int8 (faces, classes): which file of the face draws the class, -1 for a hole."""


class _Drawer:
    def __init__(self, source: Glyphs, state: _State, seed: int) -> None:
        self.source, self.seed, self.classes = source, seed, state.classes
        self.names = [code_points(text) for text in state.classes]
        self.placements = [
            source.placement.get(group) or PLACEMENT.get(group, "em") for group in map(class_group, state.classes)
        ]
        self.margin = source.size / 16 if source.margin is None else source.margin
        tables = np.frombuffer(state.file_of, np.int8).reshape(len(state.faces), len(state.classes))
        self.face_codes, self.class_codes = (codes.tolist() for codes in np.nonzero(tables >= 0))
        self.tables = tables
        self.faces = state.faces
        self.fonts: dict[tuple[int, int], tuple[OpenedFont, FontUse]] = {}
        self.tone = tone_of(source.ink, source.ground)

    def draw(self, rows: Sequence[int]) -> Iterator[Sample | Reject]:
        replicas = self.source.per_class
        for row in rows:
            item, replica = divmod(row, replicas)
            try:
                yield self._draw(self.face_codes[item], self.class_codes[item], replica)
            except Reject as reject:
                yield reject

    def _draw(self, face_code: int, class_code: int, replica: int) -> Sample:
        source, face, text = self.source, self.faces[face_code], self.classes[class_code]
        font, use = self._font(face_code, int(self.tables[face_code, class_code]))
        name = self.names[class_code]
        seed = seed_of(self.seed, source.name, face.id, name, replica)
        wobble = STILL if replica == 0 or source.jitter is None else _wobble(source.jitter, seed)
        run = font.shape(text)
        _no_tofu(run, name)
        drawn = draw_glyph(font, run, source.size, self.margin, self.placements[class_code], wobble)
        if drawn.empty and not is_blank(text):
            raise Reject("blank", f"{name} drawn by {use.name} leaves no ink")
        return Sample(
            text=text,
            image=self.tone(drawn.ink),
            kind="glyph",
            origin="font",
            seed=seed,
            license=face.licence,
            split_group=self._group(face.id, name),
            lang=None if face.lang == "und" else face.lang,
            font=use,
            font_size_px=round(drawn.em, 2),
            ground=source.ground,
            margin=EDGE,
            attrs=None if wobble is STILL else {"jitter": msgspec.structs.asdict(wobble)},
        )

    def _group(self, face: str, name: str) -> str:
        if self.source.split_group == "pair":
            return f"{face}/{name}"
        return face if self.source.split_group == "face" else name

    def _font(self, face_code: int, file_code: int) -> tuple[OpenedFont, FontUse]:
        key = face_code, file_code
        if key not in self.fonts:
            face = self.faces[face_code]
            file = face.files[file_code]
            self.fonts[key] = open_font(file, face.lang), font_use(file)
        return self.fonts[key]


def charset_of(stated: str | None, selection: Selection) -> str:
    """The character set that a source asks for: the stated one, else that of the packs among its fonts.

    Raises:
        CharsetError: neither is there.
    """
    expression = stated or selection.charset
    if expression is None:
        raise CharsetError(
            "no charset: these fonts belong to no pack, so there is no default",
            "name one with --charset, such as tcc17380, hangul or jisx0208+kana: ocrfactory charset list",
        )
    return expression


def portable_charset(expression: str) -> str:
    """A character set without any path of this machine."""
    try:
        file = Path(expression).is_file()
    except (OSError, ValueError):  # an expression that is too long for a name, or holds NUL
        file = False
    return Path(expression).name if file else without_folders(expression)


def _no_tofu(run: Run, name: str) -> None:
    for glyph in run.glyphs:
        if glyph[0] == 0:
            raise Reject("tofu", f"{name} shapes to glyph 0")


def _wobble(jitter: Jitter, seed: int) -> Wobble:
    size, dx, dy, weight = (2 * value - 1 for value in uniforms(seed, "draw", 4))
    return Wobble(1 + jitter.size * size, jitter.position * dx, jitter.position * dy, jitter.weight * weight)


class _Tone:
    """Ink coverage to grey levels."""

    def __init__(self, ink: int, ground: int) -> None:
        steps = np.arange(256)
        self.levels = (ground + (ink - ground) * steps / 255).round().astype(np.uint8)

    def __call__(self, ink: Image) -> Image:
        return self.levels[ink]


def tone_of(ink: int, ground: int) -> Callable[[Image], Image]:
    """Ink coverage to grey levels. Black on white, which nearly everybody wants, is one instruction a pixel."""
    return np.invert if (ink, ground) == (0, 255) else _Tone(ink, ground)


def code_points(text: str) -> str:
    """A class by its code points, in ASCII: `U+5B57`, or `U+845B_U+E0100` for a sequence."""
    return "_".join(f"U+{ord(char):04X}" for char in text)


def _identity(file: object) -> list[object]:
    return [getattr(file, field) for field in ("sha256", "index", "variation")]
