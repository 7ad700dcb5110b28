"""imgaug 0.4.0 and trdg 1.8.0 on today's NumPy and Pillow: the few names that both still ask for, given back.

Neither library follows its dependencies any more. Import them through here, never directly.
"""

from __future__ import annotations

import contextlib
import importlib
import io
from types import ModuleType
from typing import Any

import numpy as np

from ocrfactory.errors import InputError

TRDG = "pip install 'ocrfactory[trdg]' && pip install --no-deps trdg==1.8.0"
"""trdg pins a withdrawn release of a dependency, so it cannot be a requirement of an extra."""


def import_imgaug() -> ModuleType:
    """The module `imgaug.augmenters`.

    imgaug reads `np.sctypes` (gone in NumPy 2) once, when it is imported; `np.complex` (gone in 1.24) whenever it draws
    fog, so that name stays.
    """
    numpy: Any = np
    lent = not hasattr(numpy, "sctypes")
    if lent:
        numpy.sctypes = {
            "int": [np.int8, np.int16, np.int32, np.int64],
            "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
            "float": [np.float16, np.float32, np.float64, np.longdouble],
        }
    if not hasattr(numpy, "complex"):
        numpy.complex = complex
    try:
        return importlib.import_module("imgaug.augmenters")
    finally:
        if lent:
            del numpy.sctypes


def import_trdg() -> ModuleType:
    """The module `trdg.generators`.

    trdg measures a text by `font.getsize`, which left Pillow in version 10; the bottom of `getbbox` is the same number.

    Raises:
        InputError: trdg is not installed.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints a line about handwriting
            drawing = importlib.import_module("trdg.computer_text_generator")
            generators = importlib.import_module("trdg.generators")
    except ModuleNotFoundError as error:
        raise InputError(f"trdg is not installed: {error}", TRDG) from error
    drawing.get_text_height = lambda font, text: font.getbbox(text)[3]  # type: ignore[attr-defined]
    return generators
