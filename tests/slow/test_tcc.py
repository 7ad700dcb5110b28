"""The pack `tcc` draws all of `tcc17380`, and its holes are those that fontTools counts. Needs apt and a network."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from ocrfactory.fonts import locate
from ocrfactory.fonts.face import Face, FontFile
from ocrfactory.fonts.select import select_faces
from ocrfactory.sources.glyphs import Glyphs
from ocrfactory.sources.source import Context, Settled

pytestmark = pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt-get on this machine")

HOLES = {"tw-kai": 1, "tw-sung": 1, "noto-serif-tc": 42, "noto-sans-tc": 42, "lxgw-wenkai": 1422}


@pytest.fixture(scope="module")
def settled() -> Settled:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OCRFACTORY_OFFLINE", raising=False)
        locate.forget()
        select_faces(["tcc"])  # installs it into this session's OCRFACTORY_DATA_DIR
        return Glyphs(fonts=("tcc",), charset="tcc17380").settle(Context())


def holes(settled: Settled, face: str) -> set[str]:
    return {hole.text for hole in settled.holes if hole.face == face}


def test_every_class_is_drawn_by_a_core_face(settled: Settled) -> None:
    assert os.environ["OCRFACTORY_DATA_DIR"]
    assert len(settled.charset) == 17_380
    assert settled.undrawn == ()
    assert [face.id for face in settled.fonts] == list(HOLES)
    assert settled.items == 5 * 17_380 - sum(HOLES.values())


@pytest.mark.parametrize("id", HOLES)
def test_the_holes_of_a_face_are_those_that_fonttools_counts(settled: Settled, id: str) -> None:
    (face,) = (face for face in settled.fonts if face.id == id)
    found = holes(settled, id)
    assert found == set(settled.charset) - inked(face, settled.charset)
    assert len(found) == HOLES[id]


def inked(face: Face, classes: tuple[str, ...]) -> set[str]:
    """The classes for which some file of the face maps a glyph with an outline."""
    return {text for file in face.files for text in inked_by(file, classes)}


def inked_by(file: FontFile, classes: tuple[str, ...]) -> set[str]:
    with TTFont(file.path, fontNumber=file.index, lazy=True) as font:
        cmap = font.getBestCmap()
        return {text for text in classes if cmap.get(ord(text), ".notdef") != ".notdef" and outlined(font, cmap, text)}


def outlined(font: Any, cmap: dict[int, str], text: str) -> bool:
    name = cmap[ord(text)]
    if "glyf" in font:
        return bool(font["glyf"][name].numberOfContours != 0)
    pen = BoundsPen(None)
    font["CFF "].cff.topDictIndex[0].CharStrings[name].draw(pen)
    return pen.bounds is not None
