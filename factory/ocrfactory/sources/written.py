"""What the sources that draw texts have in common, `lines` and `trdg`: faces, corpora, and a face for each text."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from ocrfactory.charset import load_charset
from ocrfactory.corpus import AnyCorpus, Lengths, Texts, as_corpora, builtin_names, compose
from ocrfactory.errors import InputError
from ocrfactory.fonts.coverage import drawn_characters
from ocrfactory.fonts.face import Face
from ocrfactory.rng import seed_of, uniforms
from ocrfactory.sources.source import Context, Facet, Settled, Source, faces_of, without_folders
from ocrfactory.sources.texts import Drawable, Packed, choose_face, pack_texts, settle_texts, text_group


class State(msgspec.Struct, frozen=True):
    """What a worker needs to know of settled texts."""

    faces: tuple[Face, ...]
    texts: bytes
    """See `Packed`."""
    face_codes: bytes
    """int32 (texts,): the face of each text, -1 where no face draws it."""
    drawable: Drawable
    raw: dict[int, str]
    """The text as its source had it, where the label is another."""
    langs: tuple[str | None, ...]
    """Of each corpus, where it is known."""
    corpora: bytes
    """uint8 (texts,): the corpus of each text."""
    pictures: tuple[str, ...] = ()
    """Background pictures of trdg: absolute paths, sorted."""


class Written(Source):
    """The fields of a source that draws texts of corpora with fonts."""

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
    lang: str | None = Field(
        None, description="BCP 47, for the column `lang`; by default the built-in corpus's, else the font's."
    )
    split_group: Literal["text", "face", "row"] = Field("text", description="What must not span two splits.")

    def cut(self) -> dict[str, Any]:
        """The fields with paths, cut to their last part: see `Source.portable`."""
        return {
            "fonts": tuple(map(without_folders, self.fonts)),
            "corpus": tuple(corpus.portable() for corpus in self.corpus),
            "charset": self.charset and without_folders(self.charset),
        }

    def settle_written(
        self, faces: list[Face], context: Context, facts: dict[str, Any], together: bool = False, **rest: Any
    ) -> Settled:
        """Choose the texts, and for each a face that draws it whole.

        Args:
            facts: what else decides the pixels.
            together: several faces may share a text.
            rest: further fields of `Settled`; `pictures` goes to the state, `notes` before those of the texts.

        Raises:
            CharsetError: the character set is unknown or unreadable.
            InputError: a corpus is missing, empty, or has too few different texts.
        """
        corpora = self.corpus or as_corpora(_builtin(faces))
        texts = _choose(self, corpora, faces, context)
        drawable = settle_texts(texts.texts, faces, context.log, together=together)
        codes = _face_codes(self.name, drawable, context.seed)
        langs = tuple(self.lang or getattr(corpus, "builtin", None) for corpus in corpora)
        state = State(
            tuple(faces),
            pack_texts(texts.texts),
            codes.tobytes(),
            drawable,
            dict(texts.raw),
            langs,
            texts.corpus.tobytes(),
            rest.pop("pictures", ()),
        )
        notes = rest.pop("notes", ())
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
                **facts,
            },
            state=msgspec.msgpack.encode(state),
            facets=_facets(self, texts.texts, [face.id for face in faces], codes),
            holes=drawable.holes,
            undrawn=drawable.undrawn,
            charset=drawable.clusters,
            fonts=tuple(faces),
            notes=(*notes, *drawable.notes, *texts.notes, *map(str, texts.dropped)),
            dropped=texts.dropped,
            **rest,
        )

    def faces(self, context: Context) -> list[Face]:
        """The faces that `fonts` name.

        Raises:
            FontError: a font is unknown, missing or unreadable.
        """
        return faces_of(self.fonts, context, self.locale, self.extra_faces).faces


class OpenedTexts:
    """Opened texts: what both drawers ask of a row."""

    def __init__(self, source: Written, state: State) -> None:
        self._source, self._state = source, state
        self._texts = Packed(state.texts)
        self._face_codes = np.frombuffer(state.face_codes, np.int32)
        self._corpora = np.frombuffer(state.corpora, np.uint8)

    def __call__(self, row: int) -> tuple[str, int]:
        """The text of a row, and the number of its face.

        Raises:
            Reject: `undrawable`: no face draws it.
        """
        text, code = self._texts[row], int(self._face_codes[row])
        if code < 0:
            raise self._state.drawable.reject(text)
        return text, code

    def provenance(self, row: int, text: str, code: int) -> dict[str, Any]:
        """The fields of a sample that the text and its face decide."""
        source, face = self._source, self._state.faces[code]
        lang = self._state.langs[self._corpora[row]] or (None if face.lang == "und" else face.lang)
        return {
            "text": text,
            "text_raw": self._state.raw.get(row),
            "kind": "line",
            "origin": "font",
            "lang": lang,
            "split_group": _group(source, text, face.id, row),
        }


def _choose(written: Written, corpora: tuple[AnyCorpus, ...], faces: list[Face], context: Context) -> Texts:
    """The texts, all of them known before the first is drawn.

    Corpora that are sampled give no text that no face could draw; enumerated lines are kept, and rejected one by one.
    """
    asked = None if written.charset is None else frozenset(load_charset(written.charset, base=context.folder).classes)

    def composed(allowed: frozenset[str] | None) -> Texts:
        return compose(
            corpora,
            count=written.count,
            seed=seed_of(context.seed, written.name, "corpus"),
            lengths=written.lengths,
            unique=written.unique,
            charset=allowed,
            base=context.folder,
            jamo=written.jamo,
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


def _face_codes(name: str, drawable: Drawable, seed: int) -> NDArray[np.int32]:
    """The face of each text, -1 where none draws it."""
    codes = np.full(len(drawable), -1, np.int32)
    for i in range(len(drawable)):
        mask = drawable.faces_of(i)
        if mask:
            codes[i] = choose_face(mask, None, uniforms(seed_of(seed, name, "face", i), "face", 1)[0])
    return codes


def _facets(written: Written, texts: tuple[str, ...], faces: list[str], codes: NDArray[np.int32]) -> dict[str, Facet]:
    by_face = Facet((*faces, "-"), np.where(codes < 0, len(faces), codes).astype(np.int32))
    if written.split_group == "face":
        return {"group": by_face, "face": by_face}
    number: dict[str, int] = {}
    groups = np.fromiter(
        (number.setdefault(_group(written, text, "", i), len(number)) for i, text in enumerate(texts)),
        np.int32,
        len(texts),
    )
    return {"group": Facet(tuple(number), groups), "face": by_face}


def _group(written: Written, text: str, face: str, row: int) -> str:
    if written.split_group == "text":
        return text_group(text)
    return face if written.split_group == "face" else f"{written.name}/{row}"
