"""Microseconds of each augmentation op on one line, beside the augmenter of imgaug that is nearest to it."""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from ocrfactory.augment import FAMILIES
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance, Op
from ocrfactory.compat import import_imgaug
from ocrfactory.errors import Reject
from ocrfactory.fonts.opened import open_font
from ocrfactory.fonts.select import select_faces
from ocrfactory.sample import Image, Outline, Sample
from pydantic import ValidationError

from tests.bench.timing import middle

FONT, TEXT = "nanum-gothic", "다람쥐헌쳇바퀴에타고파키스의고요"
HEIGHT, WIDTH, EM, MARGIN = 64, 771, 48, 8

NEAREST: dict[str, tuple[str, dict[str, object]]] = {
    "rotate": ("Rotate", {"rotate": (-2, 2), "cval": 255}),
    "shear": ("ShearX", {"shear": (-8, 8), "cval": 255}),
    "affine": ("Affine", {"scale": (0.9, 1.0), "rotate": (-1, 1), "shear": (-3, 3), "cval": 255}),
    "perspective": ("PerspectiveTransform", {"scale": (0.01, 0.08), "cval": 255}),
    "elastic": ("ElasticTransformation", {"alpha": (10.0, 20.0), "sigma": 5.0, "cval": 255}),
    "curve": ("PiecewiseAffine", {"scale": 0.02, "nb_rows": 2, "nb_cols": 8}),
    "crop_jitter": ("CropAndPad", {"px": (-6, 12), "pad_cval": 255}),
    "dropout": ("CoarseDropout", {"p": (0.02, 0.12), "size_px": 4}),
    "dust": ("CoarsePepper", {"p": (0.001, 0.006), "size_px": 20}),
    "blur": ("GaussianBlur", {"sigma": (0.0, 0.02 * EM)}),
    "motion_blur": ("MotionBlur", {"k": (3, 5), "angle": (-90, 90)}),
    "defocus": ("AverageBlur", {"k": 3}),
    "sharpen": ("Sharpen", {"alpha": (0.2, 1.0), "lightness": 1.0}),
    "resample": ("KeepSizeByResize", {"children": ("Resize", {"size": (0.5, 1.0)})}),
    "jpeg": ("JpegCompression", {"compression": (5, 60)}),
    "brightness": ("Add", {"value": (-30, 30)}),
    "contrast": ("LinearContrast", {"alpha": (0.7, 1.2)}),
    "gamma": ("GammaContrast", {"gamma": (0.7, 1.4)}),
    "invert": ("Invert", {"p": 1.0}),
    "uneven_light": ("BlendAlphaHorizontalLinearGradient", {"foreground": ("Add", {"value": (-60, -10)})}),
    "noise": ("AdditiveGaussianNoise", {"scale": (2.0, 12.0)}),
    "noise poisson": ("AdditivePoissonNoise", {"lam": (2.0, 40.0)}),
    "noise speckle": ("MultiplyElementwise", {"mul": (0.9, 1.1)}),
    "noise uniform": ("AddElementwise", {"value": (-12, 12)}),
    "salt_pepper": ("SaltAndPepper", {"p": (0.0, 0.02)}),
    "grain": ("BlendAlphaSimplexNoise", {"foreground": ("Add", {"value": (-12, 12)})}),
}
"""By op and kind: what does nearly the same, as strong. Lengths in pixels of this line."""

Timed = Callable[[], float]
"""Does the work once, and returns how many seconds that took."""


def line() -> Sample:
    """A line of Hangul, grey, with the outline of each character."""
    font = open_font(select_faces([FONT]).faces[0].files[0], "ko")
    layers = [
        font.raster(font.shape(char), EM / font.upem, MARGIN + number * EM, 20, WIDTH, HEIGHT)
        for number, char in enumerate(TEXT[: (WIDTH - MARGIN) // EM])
    ]
    hulls = [_hull(layer) for layer in layers]
    image = np.invert(np.max(layers, axis=0))
    image.setflags(write=False)
    return Sample(
        text=TEXT, image=image, kind="line", origin="font", seed=1, license="OFL-1.1", font_size_px=float(EM),
        outline=Outline(tuple((hull, 0.0, 0.0) for hull in hulls), (1,) * len(hulls)), ground=255, margin=4.0,
    )  # fmt: skip


def _hull(ink: Image) -> NDArray[np.float32]:
    rows, columns = np.nonzero(ink)
    corners = cv2.convexHull(np.stack([columns, rows], axis=1).astype(np.float32))
    return np.asarray(corners, np.float32).reshape(-1, 2)


def ours(op: Op, sample: Sample) -> Timed:
    """Draw, apply, and do the geometry that waits: each time with other parameters."""
    chance = Chance(0, f"bench {op.op}")

    def once() -> float:
        frame = Frame(sample)
        start = time.perf_counter()
        try:
            op.apply(frame, op.draw(chance, frame))
            frame.flush()
        except Reject:
            pass  # costs time like any other try
        return time.perf_counter() - start

    return once


def theirs(name: str, args: dict[str, object], image: Image) -> Timed:
    """One augmenter on the picture alone: no key points, no boxes."""
    augmenter = _augmenter(name, args)

    def once() -> float:
        given = image.copy()  # some write into what they get
        start = time.perf_counter()
        augmenter(image=given)
        return time.perf_counter() - start

    return once


def _augmenter(name: str, args: dict[str, object]) -> Callable[..., object]:
    """The class by its name; a pair of a name and arguments among the arguments is an augmenter inside it."""
    inner = {
        key: _augmenter(*value) for key, value in args.items() if isinstance(value, tuple) and isinstance(value[0], str)
    }
    return getattr(import_imgaug(), name)(**{**args, **inner})  # type: ignore[no-any-return]


def run(count: int = 100, rounds: int = 5) -> None:
    """Print a table of all ops with their default ranges: medians of rounds, one process, one thread."""
    sample = line()
    warnings.filterwarnings("ignore", category=FutureWarning, module="imgaug")  # about what it calls itself
    print(f"\nops on a grey line of {HEIGHT} x {WIDTH}, default ranges, microseconds: drawn, applied, geometry done")
    print(f"  {'op':<16}{'ours':>28}   {'imgaug':>28}  {'ratio':>7}")
    for kinds in FAMILIES.values():
        for name, op in (variant for kind in kinds for variant in _variants(kind)):
            near = NEAREST.get(name)
            works = [ours(op, sample)] + ([theirs(*near, sample.image)] if near else [])
            found = _in_turn(works, count, rounds)
            ratio = [b / a for a, b in zip(*found, strict=True)] if near else []
            beside = f"{middle(found[1]):>28}  {statistics.median(ratio):>6.1f}x {near[0]}" if near else ""
            print(f"  {name:<16}{middle(found[0]):>28}   {beside}".rstrip())


def _in_turn(works: list[Timed], count: int, rounds: int) -> list[list[float]]:
    """For each work the mean microseconds of each round, after some to warm up."""
    for work in works:
        for _ in range(10):
            work()
    found: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for times, work in zip(found, works, strict=True):
            times.append(statistics.mean(work() for _ in range(count)) * 1e6)
    return found


def _variants(kind: type[Op]) -> list[tuple[str, Op]]:
    """An op with its defaults, and with each other kind that it has; none where a recipe must say more."""
    try:
        op = kind()  # type: ignore[call-arg]
    except ValidationError:
        return []
    return [(op.op, op)] + [
        (f"{op.op} {other}", kind(kind=other))  # type: ignore[call-arg]
        for other in ("poisson", "speckle", "uniform")
        if "kind" in kind.model_fields
    ]
