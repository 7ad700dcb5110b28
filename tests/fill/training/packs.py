"""Glyph packs made by the tests: characters of a few strokes, in designs that differ by pen and slant."""

import json
from functools import lru_cache

import cv2
import msgspec
import numpy as np
from ocrfactory.fill.training.pack import FORMAT, PackFace, pack4

HAN = tuple(range(0x4E00, 0x4E00 + 640))
HANGUL = tuple(range(0xAC00, 0xAC00 + 560))
FACES = (
    # id, family, pen, slant, characters, held out
    ("tw-sung", "TW-Sung", 3, 0.0, HAN, False),
    ("tw-kai", "TW-Kai", 4, 0.12, HAN, False),
    ("noto-serif-kr", "Noto Serif CJK KR", 3, 0.0, HANGUL, False),
    ("plain", "Plain", 6, 0.05, HAN + HANGUL, False),
    ("plain-bold", "Plain Bold", 8, 0.05, HAN, False),
    ("small", "Small", 5, -0.15, HAN[:560], False),
    ("late", "Late", 5, 0.2, HAN, True),
)
"""`small` lacks the last eighty characters."""


def write_pack(path, faces=FACES):
    """A pack of these faces."""
    entries, codes, pictures = [], [], []
    for id, family, pen, slant, own, held in faces:
        start = sum(map(len, codes))
        codes.append(np.array(own, np.uint32))
        pictures.append(np.stack([pack4(glyph(code, pen, slant)) for code in own]))
        entries.append(
            PackFace(
                id=id,
                family=family,
                style="test",
                licence="OFL-1.1",
                attribution=f"Copyright of {family}",
                package=None,
                files=("ab" * 32,),
                held_out=held,
                start=start,
                stop=start + len(own),
            )
        )
    return write(path, np.concatenate(codes), np.concatenate(pictures), entries)


def write(path, codes, ink, entries, format=FORMAT):
    """A pack of these arrays, whatever they are."""
    from safetensors.numpy import save_file

    header = {"format": format, "faces": msgspec.to_builtins(entries)}
    save_file({"codes": codes, "ink": ink}, path, {"pack": json.dumps(header)})
    return path


@lru_cache(None)
def _strokes(code):
    rng = np.random.default_rng(code)
    ends = rng.integers(10, 54, (5, 2, 2))
    ends[:3, 1, 0] = ends[:3, 0, 0]  # most strokes are upright or level, as in writing
    ends[1:3, :, ::1] = ends[1:3, :, ::-1]
    return ends


def glyph(code, pen=4, slant=0.0):
    """A character of five strokes: the same strokes in every design."""
    ink = np.zeros((64, 64), np.uint8)
    for (x0, y0), (x1, y1) in _strokes(code).tolist():
        ends = [(round(x + slant * (32 - y)), y) for x, y in ((x0, y0), (x1, y1))]
        cv2.line(ink, ends[0], ends[1], 255, pen, cv2.LINE_AA)
    return ink
