"""Source kind `rare`: the characters that a face lacks, drawn in its style by a generator and admitted by a gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ocrfactory.charset import load_charset
from ocrfactory.charset.groups import class_group
from ocrfactory.errors import EmptyPlanError
from ocrfactory.fill.contents import find_contents
from ocrfactory.fill.engine import library_of
from ocrfactory.fill.lenders import Looking
from ocrfactory.fill.references import SCRIPTS, choose_references
from ocrfactory.fonts.coverage import cover_all
from ocrfactory.fonts.face import Face
from ocrfactory.sources.glyphs import charset_of, code_points, portable_charset
from ocrfactory.sources.rare_plan import (
    FROM_STROKES,
    UNFIT,
    State,
    Target,
    group_name,
    lenders,
    notices,
    told,
    undrawn,
)
from ocrfactory.sources.source import Context, Drawer, Facet, Hole, Settled, Source, faces_of, without_folders

if TYPE_CHECKING:
    from ocrfactory.fill.generator import Generator
    from ocrfactory.fill.verdict import Gate

ROW_SECONDS = 0.012
"""Of one picture on one core: the bundled small generator, and the gate."""


class Shift(BaseModel):
    """How far the variants of a glyph differ. The first variant is always the plain one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: float = Field(0.1, ge=0, le=0.5, description="Largest change of the size, as a share.")
    position: float = Field(0.04, ge=0, le=0.5, description="Largest shift in x and in y, as a share of the em.")


class Rare(Source):
    """The holes of faces."""

    origins: ClassVar[tuple[str, ...]] = ("gan",)

    kind: Literal["rare"] = "rare"
    name: str = Field("rare", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    fonts: tuple[str, ...] = Field(min_length=1, description="Whose holes are filled: each face its own.")
    charset: str | None = Field(None, description="Names, files and set algebra; by default the pack's own charset.")
    locale: Literal["tw", "hk", "jp", "kr", "cn"] | None = Field(None, description="Chooses the face of a collection.")
    extra_faces: bool = Field(False, description="Fill the extra faces of a pack as well as its core ones.")
    content: tuple[str, ...] = Field(
        (),
        description="Fonts that show what to draw, in place of the default ones: the other faces of the pack, HanaMin, "
        "BabelStone. What no font has comes from the bundled pack.",
    )
    generator: str = Field("fast", min_length=1, description="A bundled generator, or the file of your own.")
    engine: str = Field("auto", min_length=1, description="What runs generator and gate; auto: the best that is here.")
    gate: Literal["gated", "ungated"] = Field("gated", description="ungated: take all; marked in rows and data card.")
    on_reject: Literal["hole", "fallback"] = Field(
        "hole", description="What the gate refuses: left out and counted, or drawn by the font that lends the content."
    )
    retries: int = Field(2, ge=0, le=3, description="How often a refused character is tried with other references.")
    per_class: int = Field(1, ge=1, le=100_000, description="Pictures of each hole.")
    size: int = Field(64, ge=16, le=512, description="Width and height in pixels; resampled from the generator's.")
    jitter: Shift | None = Field(
        default_factory=Shift, description="Variation between pictures of one hole; null: none."
    )
    ink: int = Field(0, ge=0, le=255, description="Grey level of the ink.")
    ground: int = Field(255, ge=0, le=255, description="Grey level of the ground.")
    split_group: Literal["pair", "face", "class"] = Field("pair", description="What must not span two splits.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Rare:
        if abs(self.ground - self.ink) < 16:
            raise ValueError(f"ink {self.ink} on ground {self.ground} cannot be seen; they must differ by 16 or more")
        if self.gate == "ungated" and self.on_reject == "fallback":
            raise ValueError("gate: ungated refuses nothing, so on_reject: fallback means nothing; drop one of them")
        if self.split_group == "face" and self.on_reject == "fallback":
            raise ValueError(
                "split_group: face cannot be kept with on_reject: fallback, for what is refused is drawn by the "
                "lender, another face: take split_group: pair or class, or on_reject: hole"
            )
        return self

    @property
    def clean(self) -> bool:
        """See `Source.clean`."""
        return (self.ink, self.ground) == (0, 255)

    @property
    def mixes_faces(self) -> bool:
        """See `Source.mixes_faces`: what is refused is drawn by the font that lends the content."""
        return self.on_reject == "fallback"

    def portable(self) -> Rare:
        """See `Source.portable`."""
        return self.model_copy(
            update={
                "fonts": tuple(map(without_folders, self.fonts)),
                "content": tuple(map(without_folders, self.content)),
                "charset": self.charset and portable_charset(self.charset),
                "generator": without_folders(self.generator),
            }
        )

    def settle(self, context: Context) -> Settled:
        """Find the holes of the faces, who lends their content, and the reference glyphs of each style.

        Raises:
            FontError: a font is unknown, missing or unreadable.
            CharsetError: the character set is unknown or unreadable.
            InputError: the generator or the gate cannot be loaded.
            EmptyPlanError: there is no hole that could be filled.
        """
        selection = faces_of(self.fonts, context, self.locale, self.extra_faces)
        charset = load_charset(charset_of(self.charset, selection), base=context.folder)
        generator, gate = models(self.generator, self.engine, self.gate, context.folder)
        gate_id = gate.id if gate else None
        engine = str(getattr(generator, "engine", self.engine))
        covered = cover_all(selection.faces, charset.classes, context.log)
        looking = Looking(context.font_dirs, context.offline, context.allow_unpinned, context.log)
        stated = faces_of(self.content, context, None, True).faces if self.content else None
        targets, holes, lacking = [], [], []
        for face, found in zip(selection.faces, covered, strict=True):
            texts = [charset.classes[i] for i in np.flatnonzero(found.file_of < 0)]
            target, left = self._target(face, texts, looking, stated, generator, context.seed)
            targets.append(target)
            holes += left
            lacking.append(texts)
        self._refuse_nothing(selection.faces, charset.name, holes, targets)
        wanted = frozenset(text for texts in lacking for text in texts)
        classes = tuple(text for text in charset.classes if text in wanted)
        return Settled(
            items=sum(len(target.contents.classes) for target in targets),
            replicas=self.per_class,
            facts={
                "charset": {"sha256": charset.sha256, "classes": len(charset.classes)},
                "generator": generator.id,
                "gate": gate_id,
                "engine": engine,
                "library": library_of(engine),
                "targets": {target.face.id: target.identity() for target in targets},
                "coverage_sha256": sha256(b"".join(found.file_of.tobytes() for found in covered)).hexdigest(),
            },
            state=msgspec.msgpack.encode(
                State(tuple(targets), _absolute(self.generator, context.folder), engine, generator.id, gate_id)
            ),
            facets=self._facets(targets, classes),
            holes=tuple(holes),
            undrawn=undrawn(classes, targets),
            charset=classes,
            origins=("gan", "font") if self.on_reject == "fallback" else (),
            fonts=tuple(selection.faces),
            lenders=lenders(targets, selection.faces),
            asked={"holes": sum(map(len, lacking)), **Counter(hole.reason for hole in holes)},
            notices=(*notices(generator, gate), *([FROM_STROKES] if any(t.contents.bundled for t in targets) else [])),
            row_bytes=300 + self.size * self.size // 3,
            row_seconds=ROW_SECONDS,
            notes=tuple(told(target, holes) for target in targets),
        )

    def _target(
        self,
        face: Face,
        texts: Sequence[str],
        looking: Looking,
        stated: Sequence[Face] | None,
        generator: Generator,
        seed: int,
    ) -> tuple[Target, list[Hole]]:
        """What of a face's holes can be filled, and the holes that stay."""
        known = [text for text in texts if len(text) == 1 and class_group(text) in SCRIPTS]
        contents = find_contents(face, known, looking, stated)
        scripts = {class_group(text) for text in known}
        references = {
            script: choose_references(face, script, self.retries + 1, generator.references, seed)
            for script in sorted(scripts)
        }
        usable = contents.present & np.array([bool(references[class_group(text)]) for text in known], bool)
        reasons = {
            text: "no_references" if lent else "no_content"
            for text, lent, use in zip(known, contents.present, usable, strict=True)
            if not use
        }
        kept = contents.only(usable)
        if kept.classes:  # a model that knows other faces only says so here, not in a worker
            generator.style(references[class_group(kept.classes[0])][0].draw(face, generator.size), face.id)
        filled = set(kept.classes)
        holes = [Hole(face.id, text, reasons.get(text, "outside_vocabulary")) for text in texts if text not in filled]
        return Target(face, kept, references), holes

    def _refuse_nothing(
        self, faces: Sequence[Face], charset: str, holes: Sequence[Hole], targets: Sequence[Target]
    ) -> None:
        if any(target.contents.classes for target in targets):
            return
        names = ", ".join(face.id for face in faces)
        if not holes:
            raise EmptyPlanError(
                f"nothing to fill: {names} draws every class of {charset}", "name a larger set with --charset"
            )
        counts = Counter(hole.reason for hole in holes)
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
        raise EmptyPlanError(
            f"nothing to fill: none of the {len(holes):,} holes of {names} can be drawn: {reasons}",
            "; ".join(f"{reason}: {UNFIT[reason]}" for reason in counts),
        )

    def _facets(self, targets: Sequence[Target], classes: Sequence[str]) -> dict[str, Facet]:
        number = {text: i for i, text in enumerate(classes)}
        items = [(t, number[text]) for t, target in enumerate(targets) for text in target.contents.classes]
        face_codes, class_codes = np.array(items, np.int32).reshape(-1, 2).T
        faces = tuple(target.face.id for target in targets)
        by_face, by_class = Facet(faces, face_codes.copy()), Facet(tuple(classes), class_codes.copy())
        names = tuple(map(code_points, classes))
        if self.split_group == "face":
            group = by_face
        elif self.split_group == "class":
            group = Facet(names, by_class.codes)
        else:
            owners = [owner for target in targets for owner in target.owners(self.on_reject == "fallback")]
            pairs = [group_name("pair", owner, names[c]) for owner, (_, c) in zip(owners, items, strict=True)]
            place = {pair: i for i, pair in enumerate(dict.fromkeys(pairs))}  # targets may share a lender
            group = Facet(tuple(place), np.array([place[pair] for pair in pairs], np.int32))
        return {"group": group, "face": by_face, "class": by_class}

    def open(self, state: bytes, seed: int) -> Drawer:
        """Load generator and gate, in the worker. `seed` is the build's."""
        from ocrfactory.sources.rare_drawer import RareDrawer  # Pillow, and whatever the engine loads

        return RareDrawer(self, msgspec.msgpack.decode(state, type=State), seed)


def models(generator: str, engine: str, gate: str, base: Path = Path()) -> tuple[Generator, Gate | None]:
    """Generator and gate; no gate where it is `ungated`.

    Raises:
        InputError: one of them cannot be loaded.
    """
    from ocrfactory.fill.load import load_generator

    loaded = load_generator(generator, engine=engine, base=base)
    if gate == "ungated":
        return loaded, None
    from ocrfactory.fill.gate import load_gate

    return loaded, load_gate(engine)


def _absolute(generator: str, base: Path) -> str:
    from ocrfactory.fill.load import BUNDLED

    return generator if generator in BUNDLED else str((base / Path(generator).expanduser()).absolute())
