"""What can be measured of a picture beside its content glyph, without any network: ink, pieces, border, agreement."""

from __future__ import annotations

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

INK = 128
"""Grey level from which a pixel counts as ink where pieces are counted."""
FAINT = 48
"""Grey level above which a pixel counts as ink where darkness is measured."""
SPECK = 6
"""Pixels: a smaller piece is dirt, not a stroke."""
BLUR = 3.0
"""Sigma in pixels at 64: designs agree about where strokes are to within a few pixels, not to one."""


class Marks(msgspec.Struct, frozen=True, gc=False):
    """Measures of one picture."""

    ink: float
    """Share of full ink, 0 to 1."""
    ratio: float
    """Its ink over the content's."""
    pieces: int
    """Connected pieces of ink, 8-connected, specks left out."""
    excess: int
    """How many pieces it has more than its content, the one of the two that has more."""
    specks: int
    """Pieces of fewer than `SPECK` pixels."""
    border: int
    """Pixels at the picture's edge that hold ink."""
    peak: float
    """Grey level that a tenth of the ink's pixels reaches, 0 to 255: low where a drawing is a smudge."""
    agreement: float
    """Correlation of the blurred picture with the blurred content, the better of the two, -1 to 1."""


def measure(picture: npt.NDArray[np.uint8], content: npt.NDArray[np.uint8]) -> Marks:
    """Measure ink (64, 64) beside its content glyphs (channels, 64, 64), of which some may be empty."""
    sizes = _pieces(picture)
    pieces = int(np.count_nonzero(sizes >= SPECK))
    amount = float(picture.sum(dtype=np.int64))
    shown = [glyph for glyph in content if glyph.any()]
    other = float(np.mean([glyph.sum(dtype=np.int64) for glyph in shown])) if shown else 0.0
    edge = sum(int(np.count_nonzero(line >= INK)) for line in (picture[0], picture[-1], picture[:, 0], picture[:, -1]))
    levels = picture[picture > FAINT]
    blurred = _blurred(picture)
    return Marks(
        ink=amount / (255 * picture.size),
        ratio=amount / other if other else 0.0,
        pieces=pieces,
        excess=pieces - max((int(np.count_nonzero(_pieces(glyph) >= SPECK)) for glyph in shown), default=pieces),
        specks=int(np.count_nonzero(sizes < SPECK)),
        border=edge,
        peak=float(np.percentile(levels, 90)) if len(levels) else 0.0,
        agreement=max((float((blurred * _blurred(glyph)).sum()) for glyph in shown), default=0.0),
    )


def _pieces(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """Pixels of each connected piece of ink."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((picture >= INK).astype(np.uint8), connectivity=8)
    return np.asarray(stats[1:count, cv2.CC_STAT_AREA], np.int32)


def _blurred(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """A blurred picture without its mean, of length 1."""
    soft = np.asarray(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), BLUR), np.float32)
    soft -= soft.mean()
    length = float(np.linalg.norm(soft))
    if length:
        soft /= np.float32(length)
    return soft
