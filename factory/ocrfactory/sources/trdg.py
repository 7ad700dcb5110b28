"""Source kind `trdg`: lines as TextRecognitionDataGenerator draws them, each one the same whenever it is drawn.

trdg takes its chances from the global generators of Python, NumPy and OpenCV. They are seeded from the row's key before
each call, and Python's and NumPy's are put back after it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, field_validator, model_validator

from ocrfactory.compat import import_trdg
from ocrfactory.corpus import AnyCorpus, Lengths, as_corpora
from ocrfactory.errors import FontError, InputError
from ocrfactory.fonts.face import Face
from ocrfactory.fonts.select import select_faces
from ocrfactory.rng import seed_of, uniforms
from ocrfactory.sources.lines import choose_texts
from ocrfactory.sources.source import Context, Drawer, Dropped, Facet, Settled, Source, without_folders
from ocrfactory.sources.texts import Drawable, choose_face, pack_texts, settle_texts, text_group
from ocrfactory.sources.trdg_drawer import State, TrdgDrawer

MAX_PICTURES = 10_000


class Trdg(Source):
    """Lines of text by trdg 1.8.0, with trdg's own settings under trdg's own names."""

    kind: Literal["trdg"] = "trdg"
    name: str = Field("trdg", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    fonts: tuple[str, ...] = Field(min_length=1, description="Packs, face ids, families, files or folders.")
    extra_faces: bool = Field(False, description="Draw with the extra faces of a pack as well as its core ones.")
    locale: Literal["tw", "hk", "jp", "kr", "cn"] | None = Field(None, description="Chooses the face of a collection.")
    corpus: Annotated[tuple[AnyCorpus, ...], BeforeValidator(as_corpora)] = Field(
        (), description="As in `lines`: a built-in corpus, a text file, or a list; by default the fonts' language."
    )
    count: int | None = Field(None, ge=1, le=20_000_000, description="Lines; by default as many as the corpus has.")
    lengths: Lengths = Field(default_factory=Lengths, description="In grapheme clusters; for sampled corpora.")
    unique: bool = Field(True, description="No sampled text twice.")
    charset: str | None = Field(None, description="Texts with other characters are left out and counted.")
    jamo: Literal["reject", "compatibility", "keep"] = Field("reject", description="As in `lines`.")

    size: int = Field(32, ge=8, le=1024, description="Pixels: height of a horizontal line, width of a vertical one.")
    width: int = Field(-1, ge=-1, le=16_384, description="Width of the picture of a horizontal line; -1: the text's.")
    orientation: Literal[0, 1] = Field(0, description="0: horizontal; 1: vertical, one character above the other.")
    alignment: Literal[0, 1, 2] = Field(1, description="With a width: 0 left, 1 centre, 2 right.")
    margins: tuple[int, int, int, int] = Field((5, 5, 5, 5), description="Pixels: top, left, bottom, right.")
    fit: bool = Field(False, description="Cut the text tightly before it is brought to the size.")
    word_split: bool = Field(False, description="Draw whole words, with the font's kerning, not single characters.")
    space_width: float = Field(1.0, gt=0, le=20, description="Width of a space, as a multiple of the font's.")
    character_spacing: int = Field(0, ge=0, le=1024, description="Pixels between characters.")
    text_color: str = Field("#282828", max_length=64, description="A colour, or the two ends of a range: `#000,#555`.")
    stroke_width: int = Field(0, ge=0, le=32, description="Pixels of outline.")
    stroke_fill: str = Field("#282828", max_length=64, description="Colour of the outline, or a range.")
    skewing_angle: int = Field(0, ge=0, le=60, description="Degrees.")
    random_skew: bool = Field(False, description="Any angle up to `skewing_angle`, to both sides.")
    blur: int = Field(0, ge=0, le=32, description="Radius in pixels.")
    random_blur: bool = Field(False, description="Any radius up to `blur`.")
    distorsion_type: Literal[0, 1, 2, 3] = Field(0, description="0: none; 1: sine; 2: cosine; 3: random.")
    distorsion_orientation: Literal[0, 1, 2] = Field(0, description="0: up and down; 1: left and right; 2: both.")
    background_type: Literal[0, 1, 2, 3] = Field(
        0, description="0: noise; 1: white; 2: quasicrystal, most of a second a line; 3: pictures of `image_dir`."
    )
    image_dir: str | None = Field(None, description="Folder of background pictures; by default the four of trdg.")

    @model_validator(mode="before")
    @classmethod
    def _printed_only(cls, data: Any) -> Any:
        if isinstance(data, dict) and "is_handwritten" in data:
            raise ValueError("is_handwritten: trdg's handwriting needs TensorFlow 1, which no current Python can load")
        return data

    @field_validator("text_color", "stroke_fill")
    @classmethod
    def _colours(cls, value: str) -> str:
        from PIL import ImageColor

        ends = value.split(",")
        if len(ends) > 2:
            raise ValueError(f"{value!r} has {len(ends)} colours; it is one, or the two ends of a range")
        low, high = ImageColor.getrgb(ends[0]), ImageColor.getrgb(ends[-1])
        if any(a > b for a, b in zip(low[:3], high[:3], strict=True)):
            raise ValueError(f"{value!r}: the first colour of a range must be the darker one in red, green and blue")
        return value

    @model_validator(mode="after")
    def _room(self) -> Trdg:
        top, left, bottom, right = self.margins
        if min(self.margins) < 0:
            raise ValueError("margins must be 0 or more")
        across = top + bottom if self.orientation == 0 else left + right
        if across > self.size - 4:
            raise ValueError(f"margins of {across} pixels leave no room in a size of {self.size}")
        if self.width >= 0 and self.orientation == 1:
            raise ValueError("width is for horizontal lines")
        if 0 <= self.width <= left + right:
            raise ValueError(f"margins of {left + right} pixels leave no room in a width of {self.width}")
        if self.background_type == 2 and self.size > 128:
            raise ValueError("background_type 2 takes minutes a line above a size of 128")
        if self.image_dir is not None and self.background_type != 3:
            raise ValueError("image_dir is used only with background_type: 3")
        return self

    def portable(self) -> Trdg:
        """See `Source.portable`."""
        return self.model_copy(
            update={
                "fonts": tuple(map(without_folders, self.fonts)),
                "corpus": tuple(corpus.portable() for corpus in self.corpus),
                "charset": self.charset and without_folders(self.charset),
                "image_dir": self.image_dir and Path(self.image_dir).name,
            }
        )

    def settle(self, context: Context) -> Settled:
        """Choose the texts, and for each a font that draws it whole.

        Raises:
            InputError: trdg is not installed; a corpus or the background pictures are missing.
            FontError: a font is missing, or none is left that trdg can open.
        """
        import_trdg()
        faces, notes = _openable(self._faces(context))
        texts = choose_texts(cast(Any, self), faces, context)  # it asks for the fields that both kinds have
        drawable = settle_texts(texts.texts, faces, context.log)
        codes = _face_codes(self, drawable, context.seed)
        pictures, unreadable = _pictures(self, context.folder) if self.background_type == 3 else ((), [])
        paths = tuple(path for path, _ in pictures)
        state = State(
            tuple(faces),
            pack_texts(texts.texts),
            codes.tobytes(),
            drawable,
            dict(texts.raw),
            paths,
        )
        return Settled(
            items=len(texts.texts),
            replicas=1,
            facts={
                "texts_sha256": sha256("\n".join(texts.texts).encode()).hexdigest(),
                "corpora": texts.facts,
                "faces": {face.id: [[file.sha256, file.index] for file in face.files] for face in faces},
                "coverage_sha256": drawable.sha256,
                "pictures": [digest for _, digest in pictures],
                "trdg": _version(),
            },
            state=msgspec.msgpack.encode(state),
            facets=_facets(texts.texts, [face.id for face in faces], codes),
            holes=drawable.holes,
            undrawn=drawable.undrawn,
            charset=drawable.clusters,
            fonts=tuple(faces),
            row_bytes=400 + self.size * self.size * (6 if self.background_type == 1 else 16),
            row_seconds=0.5 if self.background_type == 2 else 4e-3,
            notes=(*notes, *unreadable, *drawable.notes, *texts.notes, *map(str, texts.dropped)),
            dropped=tuple(Dropped(drop.reason, drop.count, drop.examples) for drop in texts.dropped),
        )

    def _faces(self, context: Context) -> list[Face]:
        return select_faces(
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

    def open(self, state: bytes, seed: int) -> Drawer:
        """Load trdg, in the worker. `seed` is the build's."""
        return TrdgDrawer(self, msgspec.msgpack.decode(state, type=State), seed)


def _openable(faces: Sequence[Face]) -> tuple[list[Face], list[str]]:
    """The faces that trdg can open: it knows a path, and neither a face of a collection nor an instance.

    Of a face of several files it gets the first one.

    Raises:
        FontError: none is left.
    """
    kept = []
    left = []
    for face in faces:
        file = face.files[0]
        if file.index or file.variation:
            left.append(face.id)
        else:
            kept.append(msgspec.structs.replace(face, files=(file,)))
    note = f"left out {', '.join(left)}: trdg opens only the first face of a file, and no instance of a variable font"
    if not kept:
        raise FontError(note, "give fonts with one static face each, or use kind: lines")
    return kept, [note] if left else []


def _face_codes(source: Trdg, drawable: Drawable, seed: int) -> NDArray[np.int32]:
    """The face of each text, -1 where none draws it."""
    codes = np.full(len(drawable), -1, np.int32)
    for i in range(len(drawable)):
        mask = drawable.faces_of(i)
        if mask:
            codes[i] = choose_face(mask, None, uniforms(seed_of(seed, source.name, "face", i), "face", 1)[0])
    return codes


def _facets(texts: Sequence[str], faces: Sequence[str], codes: NDArray[np.int32]) -> dict[str, Facet]:
    number: dict[str, int] = {}
    groups = np.fromiter((number.setdefault(text_group(text), len(number)) for text in texts), np.int32, len(texts))
    by_face = Facet((*faces, "-"), np.where(codes < 0, len(faces), codes).astype(np.int32))
    return {"group": Facet(tuple(number), groups), "face": by_face}


def _pictures(source: Trdg, base: Path) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """The background pictures, sorted by name: path and SHA-256; and a note on files that are none.

    trdg takes any of them by chance, so a file that cannot be decoded would cost every line that meets it.

    Raises:
        InputError: the folder is missing, empty or too full, or no picture in it can be read.
    """
    if source.image_dir is None:
        folder = Path(str(import_trdg().__file__)).parents[1] / "images"
    else:
        folder = next((path for path in (base / source.image_dir, Path(source.image_dir)) if path.is_dir()), base)
        if folder == base:
            raise InputError(f"no folder {source.image_dir!r}", "name a folder of pictures as image_dir")
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not 0 < len(paths) <= MAX_PICTURES:
        raise InputError(f"{folder} has {len(paths):,} pictures; 1 to {MAX_PICTURES:,} are possible")
    from PIL import Image, UnidentifiedImageError

    found, broken = [], []
    for path in paths:
        try:
            data = path.read_bytes()
            with Image.open(io.BytesIO(data)) as picture:
                picture.load()
        except UnidentifiedImageError:
            broken.append(f"{path.name}: no picture of a known format")
        except (OSError, SyntaxError, EOFError, ValueError, Image.DecompressionBombError) as error:
            broken.append(f"{path.name}: {error}")
        else:
            found.append((str(path.resolve()), sha256(data).hexdigest()))
    counted = f"{len(broken)} of {len(paths)} files in {source.image_dir or folder.name} cannot be read"
    note = f"{counted}: {'; '.join(broken[:5])}"
    if not found:
        raise InputError(note, "name a folder of pictures as image_dir")
    return tuple(found), [note] if broken else []


def _version() -> str:
    from importlib.metadata import version

    return version("trdg")
