"""Source kind `lines`: texts of corpora, each drawn as a line by a face that draws all of it."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from ocrfactory.charset import load_charset
from ocrfactory.corpus import AnyCorpus, Lengths, Texts, as_corpora, builtin_names, compose
from ocrfactory.errors import InputError
from ocrfactory.fonts.coverage import drawn_characters
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.select import select_faces
from ocrfactory.ranges import Span, ems, numbers, shares
from ocrfactory.rng import seed_of, uniforms
from ocrfactory.sources.line_drawer import LineDrawer, State
from ocrfactory.sources.source import Context, Drawer, Dropped, Facet, Settled, Source, without_folders
from ocrfactory.sources.texts import Drawable, choose_face, pack_texts, settle_texts, text_group


class Lines(Source):
    """Lines of text from fonts."""

    kind: Literal["lines"] = "lines"
    name: str = Field("lines", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    fonts: tuple[str, ...] = Field(min_length=1, description="Packs, face ids, families, files (x.ttc#3) or folders.")
    extra_faces: bool = Field(False, description="Draw with the extra faces of a pack as well as its core ones.")
    locale: Literal["tw", "hk", "jp", "kr", "cn"] | None = Field(None, description="Chooses the face of a collection.")
    corpus: Annotated[tuple[AnyCorpus, ...], BeforeValidator(as_corpora)] = Field(
        (),
        description="A built-in corpus, a text file, or a list of corpora; by default that of the fonts' language.",
    )
    count: int | None = Field(None, ge=1, le=20_000_000, description="Lines; by default as many as the corpus has.")
    lengths: Lengths = Field(default_factory=Lengths, description="In grapheme clusters; for sampled corpora.")
    unique: bool = Field(True, description="No sampled text twice.")
    charset: str | None = Field(None, description="Texts with other characters are left out and counted.")
    jamo: Literal["reject", "compatibility", "keep"] = Field(
        "reject", description="What becomes of lone conjoining jamo beside compatibility jamo, which look the same."
    )
    height: int = Field(64, ge=12, le=1024, description="Pixels across the line: the width of a vertical one.")
    margin: int | None = Field(None, ge=0, description="Pixels free of ink at each side; by default height / 16.")
    vertical: float = Field(0.0, ge=0, le=1, description="Share of lines that are set vertically.")
    size: Annotated[Span, shares(0.2, 1)] = Field((1.0, 1.0), description="Em as a share of the room across the line.")
    shift: Annotated[Span, numbers(-1, 1)] = Field((0.0, 0.0), description="Across the line, -1 and 1 at the margins.")
    padding: Annotated[Span, ems(0, 20)] = Field((0.0, 0.0), description="Free room before and after the text.")
    spacing: Annotated[Span, ems(-0.2, 2)] = Field((0.0, 0.0), description="Added between characters.")
    weight: Annotated[Span, ems(-0.05, 0.1)] = Field((0.0, 0.0), description="Emboldening; negative thins.")
    mixed_faces: float = Field(0.0, ge=0, le=1, description="Share of lines whose words take faces of their own.")
    fallback: bool = Field(False, description="What the chosen face lacks, another of the faces draws; recorded.")
    masks: bool = Field(False, description="Keep which pixel belongs to which character, in attrs.mask.")
    split_group: Literal["text", "face", "row"] = Field("text", description="What must not span two splits.")

    @model_validator(mode="after")
    def _room(self) -> Lines:
        if self.margin is not None and 2 * self.margin > self.height - 8:
            raise ValueError(f"a margin of {self.margin} leaves no room in {self.height} pixels")
        return self

    @property
    def clean(self) -> bool:
        """See `Source.clean`."""
        return True

    @property
    def mixes_faces(self) -> bool:
        """See `Source.mixes_faces`."""
        return self.mixed_faces > 0 or self.fallback

    def portable(self) -> Lines:
        """See `Source.portable`."""
        return self.model_copy(
            update={
                "fonts": tuple(map(without_folders, self.fonts)),
                "corpus": tuple(corpus.portable() for corpus in self.corpus),
                "charset": self.charset and without_folders(self.charset),
            }
        )

    def settle(self, context: Context) -> Settled:
        """Choose the texts, and for each a face that draws it whole.

        Raises:
            FontError, CharsetError: a font or a character set is unknown or unreadable.
            InputError: a corpus is missing, empty, or has too few different texts.
        """
        faces = select_faces(
            self.fonts,
            base=context.folder,
            locale=self.locale,
            font_dirs=context.font_dirs,
            offline=context.offline,
            allow_missing=context.allow_missing,
            allow_unpinned=context.allow_unpinned,
            with_extra=self.extra_faces,
            log=context.log,
        ).faces
        texts = choose_texts(self, faces, context)
        drawable = settle_texts(texts.texts, faces, context.log, together=self.fallback)
        codes = _face_codes(self, drawable, len(texts.texts), context.seed)
        state = State(
            tuple(faces),
            pack_texts(texts.texts),
            codes.tobytes(),
            drawable,
            dict(texts.raw),
        )
        return Settled(
            items=len(texts.texts),
            replicas=1,
            facts={
                "texts_sha256": sha256("\n".join(texts.texts).encode()).hexdigest(),
                "corpora": texts.facts,
                "faces": {
                    face.id: [[file.sha256, file.index, file.variation] for file in face.files] for face in faces
                },
                "coverage_sha256": drawable.sha256,
            },
            state=msgspec.msgpack.encode(state),
            facets=_facets(self, texts.texts, [face.id for face in faces], codes),
            holes=drawable.holes,
            undrawn=drawable.undrawn,
            charset=drawable.clusters,
            fonts=tuple(faces),
            row_bytes=400 + self.height * self.height * 3,
            row_seconds=4e-4,
            notes=(*drawable.notes, *texts.notes, *map(str, texts.dropped)),
            dropped=tuple(Dropped(drop.reason, drop.count, drop.examples) for drop in texts.dropped),
        )

    def open(self, state: bytes, seed: int) -> Drawer:
        """Load the fonts, in the worker. `seed` is the build's."""
        return LineDrawer(self, msgspec.msgpack.decode(state, type=State), seed)


def choose_texts(source: Lines, faces: list[Face], context: Context) -> Texts:
    """The texts of a source, all of them known before the first is drawn.

    Corpora that are sampled give no text that no face could draw; enumerated lines are kept, and rejected one by one.
    """
    corpora = source.corpus or as_corpora(_builtin(faces))
    asked = None if source.charset is None else frozenset(load_charset(source.charset, base=context.folder).classes)

    def composed(allowed: frozenset[str] | None) -> Texts:
        return compose(
            corpora,
            count=source.count,
            seed=seed_of(context.seed, source.name, "corpus"),
            lengths=source.lengths,
            unique=source.unique,
            charset=allowed,
            base=context.folder,
            jamo=source.jamo,
            log=context.log,
        )

    texts = composed(asked)
    drawable = settle_texts(texts.texts, faces, context.log)
    if not drawable.undrawn or any(corpus.kind == "lines" for corpus in corpora):
        return texts
    sequences = {cluster for cluster in drawable.clusters if len(cluster) > 1}.difference(drawable.undrawn)
    drawn = drawn_characters(faces, context.log) | sequences
    return composed(drawn if asked is None else drawn & asked)


def _builtin(faces: list[Face]) -> str:
    """The built-in corpus of the faces' language."""
    langs = list(dict.fromkeys(face.lang for face in faces))
    for lang in langs:
        for name in builtin_names():
            if lang == name or lang.startswith(f"{name}-"):
                return name
    raise InputError(
        f"no built-in corpus for fonts of language {', '.join(langs)}",
        f"name one: --corpus {' or '.join(builtin_names())}, or give --text FILE",
    )


def _face_codes(source: Lines, drawable: Drawable, count: int, seed: int) -> NDArray[np.int32]:
    """The face of each text, -1 where none draws it."""
    codes = np.full(count, -1, np.int32)
    for i in range(count):
        mask = drawable.faces_of(i)
        if mask:
            codes[i] = choose_face(mask, None, uniforms(seed_of(seed, source.name, "face", i), "face", 1)[0])
    return codes


def _facets(source: Lines, texts: tuple[str, ...], faces: list[str], codes: NDArray[np.int32]) -> dict[str, Facet]:
    by_face = Facet((*faces, "-"), np.where(codes < 0, len(faces), codes).astype(np.int32))
    if source.split_group == "face":
        return {"group": by_face, "face": by_face}
    names = [text_group(text) if source.split_group == "text" else f"{source.name}/{i}" for i, text in enumerate(texts)]
    known = dict.fromkeys(names)
    number = {name: i for i, name in enumerate(known)}
    group = Facet(tuple(known), np.fromiter((number[name] for name in names), np.int32, len(names)))
    return {"group": group, "face": by_face}
