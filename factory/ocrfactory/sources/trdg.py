"""Source kind `trdg`: lines as TextRecognitionDataGenerator draws them, each one the same whenever it is drawn.

trdg takes its chances from the global generators of Python, NumPy and OpenCV. They are seeded from the row's key before
each call, and Python's and NumPy's are put back after it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec
from pydantic import Field, field_validator, model_validator

from ocrfactory.compat import import_trdg
from ocrfactory.errors import FontError, InputError
from ocrfactory.fonts.face import Face
from ocrfactory.sources.source import Context, Drawer, Settled
from ocrfactory.sources.trdg_drawer import TrdgDrawer
from ocrfactory.sources.written import State, Written

MAX_PICTURES = 10_000


class Trdg(Written):
    """Lines of text by trdg 1.8.0, with trdg's own settings under trdg's own names."""

    kind: Literal["trdg"] = "trdg"
    name: str = Field("trdg", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")

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
        return self.model_copy(update={**self.cut(), "image_dir": self.image_dir and Path(self.image_dir).name})

    def settle(self, context: Context) -> Settled:
        """Choose the texts, and for each a font that draws it whole.

        Raises:
            InputError: trdg is not installed; a corpus or the background pictures are missing.
            FontError: a font is missing, or none is left that trdg can open.
        """
        import_trdg()
        faces, notes = _openable(self.faces(context))
        pictures, unreadable = _pictures(self, context.folder) if self.background_type == 3 else ((), [])
        return self.settle_written(
            faces,
            context,
            {"pictures": [digest for _, digest in pictures], "trdg": _version()},
            pictures=tuple(path for path, _ in pictures),
            notes=(*notes, *unreadable),
            row_bytes=400 + self.size * self.size * (6 if self.background_type == 1 else 16),
            row_seconds=0.5 if self.background_type == 2 else 4e-3,
        )

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
