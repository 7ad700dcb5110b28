"""Trees of imgaug's augmenters from JSON: what exists, what cannot be used and why, and how each is seeded."""

from __future__ import annotations

import difflib
import inspect
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from ocrfactory.compat import import_imgaug
from ocrfactory.sample import Image

cv: Any = cv2

_MIRRORS = "it mirrors text"
_CORRUPT = "it needs the package imagecorruptions, which is not a part of ocrfactory"
_ANNOTATIONS = "it changes annotations only, never the picture"
REFUSED: dict[str, str] = {
    "Augmenter": "it is the base of all others",
    "AssertLambda": "it takes Python functions",
    "AssertShape": "it only checks shapes",
    "BlendAlphaBoundingBoxes": "it needs labelled boxes",
    "BlendAlphaMask": "it takes a mask generator; the other BlendAlpha augmenters bring their own",
    "BlendAlphaSegMapClassIds": "it needs a segmentation map",
    "ClipCBAsToImagePlanes": _ANNOTATIONS,
    "Fliplr": _MIRRORS,
    "Flipud": _MIRRORS,
    "Jigsaw": "it exchanges parts of the picture: the text would not be its label",
    "Lambda": "it takes Python functions",
    "RandAugment": f"{_MIRRORS} in every second picture; list its augmenters in a SomeOf instead",
    "RemoveCBAsByOutOfImageFraction": _ANNOTATIONS,
    "Rot90": "text would lie on its side or on its head; Rotate turns by any angle",
    "SaveDebugImageEveryNBatches": "it writes files",
    "Voronoi": "it takes a points sampler; UniformVoronoi and RegularGridVoronoi bring their own",
    "pillike.Autocontrast": "it fails on colour pictures with NumPy 2; use SigmoidContrast or AllChannelsCLAHE",
    "pillike.Affine": "it moves pixels and not the outlines of characters; use Affine",
}
"""Augmenters that exist and cannot be used, each with its reason. So are all of `imgcorruptlike`: see `_CORRUPT`."""

_COLOUR = ("BilateralBlur", "BlendAlphaSomeColors", "Cartoon", "FastSnowyLandscape", "WithChannels")
_COLOUR_FREE = ("KMeansColorQuantization", "UniformColorQuantization", "UniformColorQuantizationToNBits", "Posterize")
"""Classes of the module `color` that take grey pictures; its others do not, nor do those of `_COLOUR`."""
_BENT = ("ElasticTransformation", "PiecewiseAffine", "WithPolarWarping")
"""Their geometry is no projection."""
_CHILDREN = ("children", "then_list", "else_list", "foreground", "background")
_SEEDED = ("seed", "name", "random_state", "deterministic")
_LISTS = ("channels",)
"""Arguments where two numbers are two items, not the ends of a range."""
_SIDES = ("px", "percent")
"""Arguments where four items are top, right, bottom, left."""

_DEPTH, _NODES, _LENGTH, _MATRIX = 24, 64, 20_000, 31
_LARGEST = 100_000.0
_LIMITS: dict[str, float] = {
    **dict.fromkeys(("k", "kernel_size", "d", "sigma", "size_percent", "n", "nb_iterations"), 64),
    **dict.fromkeys(("n_rows", "n_cols", "nb_rows", "nb_cols", "n_colors", "n_segments"), 256),
    **dict.fromkeys(("n_points", "width", "height", "size", "size_px", "max_size", "size_px_max"), 4096),
    **dict.fromkeys(("width_multiple", "height_multiple", "px"), 1024),
    **dict.fromkeys(("width_base", "height_base", "aspect_ratio"), 16),
    "percent": 4,
    "spatial_radius": 64,
}
"""The largest number that an argument may be: what is beyond takes minutes or gigabytes a picture."""
_LARGEST_SCALE = 8.0
_GEOMETRIC = {"scale": (0.0, _LARGEST_SCALE), "nb_rows": (0.0, 32.0), "nb_cols": (0.0, 32.0)}
_RATIOS = (1 / 16, 16.0)


class Tree:
    """An augmenter with all its children, made once a process."""

    def __init__(self, root: Any) -> None:
        self.root = root
        nodes = list(_nodes(root))
        # A Sequential given as a child counts as a plain list for imgaug, and `seed_` leaves it out.
        self.forgotten: list[Any] = [node for node in nodes if isinstance(node, list) and node is not root]
        self.colour = any(map(_needs_colour, nodes))
        self.moves = any(map(_moves, nodes))
        self.bends = any(type(node).__name__ in _BENT for node in nodes)

    def seed(self, seed: int) -> None:
        """Give every augmenter of the tree a generator that follows from the seed."""
        self.root.seed_(seed)
        for number, node in enumerate(self.forgotten):
            node.seed_(seed + number + 1)

    def run(self, image: Image, seed: int, **more: Any) -> Any:
        """Augment one picture and what goes with it. Grey stays grey."""
        self.seed(seed)
        to_colour = self.colour and image.ndim == 2
        given = cv.cvtColor(image, cv.COLOR_GRAY2RGB) if to_colour else image.copy()
        found = self.root(image=given, **more)
        result, *rest = found if more else (found,)
        result = cv.cvtColor(result, cv.COLOR_RGB2GRAY) if to_colour else result
        return (result, *rest) if more else result


@contextmanager
def own_randomness(seed: int) -> Iterator[None]:
    """imgaug's own global generator, which some augmenters draw from, is ours for the time and then as it was."""
    generators = import_imgaug().meta.ia.random
    before, generators.GLOBAL_RNG = generators.GLOBAL_RNG, generators.RNG(seed)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about its own old names
            yield
    finally:
        generators.GLOBAL_RNG = before


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for children in node.get_children_lists():
        if isinstance(children, import_imgaug().Augmenter) and children is not node:
            yield from _nodes(children)
        else:
            for child in children:
                yield from _nodes(child)


def _needs_colour(node: Any) -> bool:
    name, module = type(node).__name__, type(node).__module__
    return name in _COLOUR or (module.endswith(".color") and name not in _COLOUR_FREE)


def _moves(node: Any) -> bool:
    """Whether an augmenter may move ink or change the size."""
    modules = {kind.__module__.rpartition(".")[2] for kind in type(node).__mro__}
    return bool(modules & {"geometric", "size"}) or ("pooling" in modules and not node.keep_size)


@lru_cache(1)
def known() -> dict[str, Any]:
    """Every public augmenter by its name: those of a submodule with a prefix, `pillike.Invert`."""
    augmenters = import_imgaug()
    found = {}
    for prefix in ("", "pillike", "imgcorruptlike"):
        module = getattr(augmenters, prefix) if prefix else augmenters
        for name, kind in sorted(vars(module).items()):
            own = inspect.isclass(kind) and issubclass(kind, augmenters.Augmenter) and not name.startswith("_")
            if own and (not prefix or kind.__module__ == module.__name__):
                found[f"{prefix}.{name}" if prefix else name] = kind
    return found


@lru_cache(256)
def tree_of(name: str, args: str) -> Tree:
    """The tree of an augmenter and its arguments as JSON.

    Raises:
        ValueError: no such augmenter, it cannot be used, or imgaug refuses the arguments.
    """
    with own_randomness(0):
        return Tree(_built(name, json.loads(args)))


def _built(name: str, args: dict[str, Any]) -> Any:
    """The augmenter of a name and its arguments, tried on a small picture."""
    kind = known().get(name)
    if kind is None:
        near = difflib.get_close_matches(name, known(), 1, 0.5)
        raise ValueError(f"imgaug has no augmenter {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
    reason = REFUSED.get(name) or (_CORRUPT if name.startswith("imgcorruptlike.") else None)
    if reason:
        raise ValueError(f"imgaug's {name} cannot be used: {reason}")
    for key in args:
        if key in _SEEDED:
            raise ValueError(f"{name}: {key} is given by ocrfactory, which seeds every picture")
    _within_kind(name, kind, args)
    values = {key: _value(value, key) for key, value in args.items()}
    try:
        made = kind(**values)
        tree = Tree(made)
        picture = np.full((24, 72, 3) if tree.colour else (24, 72), 255, np.uint8)
        picture[8:16, 8:64:3] = 0
        tree.run(picture, 0)
    except Exception as error:  # imgaug raises anything
        parameters = [parameter for parameter in inspect.signature(kind).parameters if parameter not in _SEEDED]
        raise ValueError(f"imgaug's {name}: {words_of(error)} (arguments: {', '.join(parameters)})") from error
    return made


def _value(value: Any, key: str) -> Any:
    """A JSON value as imgaug wants it."""
    if isinstance(value, dict):
        return _of_dict(value, key)
    if key in _CHILDREN:
        if not isinstance(value, list) or not all(isinstance(item, dict) and "augmenter" in item for item in value):
            raise ValueError(f"{key} holds augmenters: {{augmenter: NAME, args: {{...}}}}, one or a list of them")
        return [_value(item, "") for item in value]
    if isinstance(value, list):
        items = [_value(item, key) for item in value]
        if key == "matrix":
            return np.array(items, np.float32)
        pair = len(items) == 2 and all(_is_number(item) or item is None for item in items) and key not in _LISTS
        return tuple(items) if pair or (key in _SIDES and len(items) == 4) else items
    # Whole numbers make arrays of integers, in which NumPy 2 refuses to store the products.
    return float(value) if key in ("alpha", "sigma") and _is_number(value) else value


def _of_dict(value: dict[str, Any], key: str) -> Any:
    if "augmenter" in value:
        name, args = value["augmenter"], value.get("args", {})
        if not isinstance(name, str) or not isinstance(args, dict) or set(value) - {"augmenter", "args"}:
            raise ValueError("an augmenter inside another is {augmenter: NAME, args: {...}}")
        made = _built(name, args)
        return [made] if key in _CHILDREN else made
    if len(value) == 1 and {"choice", "range", "tuple"} & set(value):
        ((word, items),) = value.items()
        if not isinstance(items, list) or not items or (word == "range" and len(items) != 2):
            raise ValueError(f"{key}: {word} takes a list" + (" of two" if word == "range" else ""))
        made = [_value(item, key) for item in items]
        return made if word == "choice" else tuple(made)
    if key in _CHILDREN:
        raise ValueError(f"{key} holds augmenters: {{augmenter: NAME, args: {{...}}}}, one or a list of them")
    return {name: _value(item, key) for name, item in value.items()}


def _within_kind(name: str, kind: Any, args: dict[str, Any]) -> None:
    """Refuse numbers that are harmless elsewhere and here make pictures of gigabytes, or take minutes."""
    limits = dict(_GEOMETRIC) if kind.__module__.endswith(".geometric") else {}
    if name == "Resize":  # a whole number is pixels
        limits["size"] = (0.0, _LARGEST_SCALE)
    limits["aspect_ratio"] = _RATIOS
    for key, (low, high) in limits.items():
        for number in _numbers(args.get(key)):
            if (key != "size" or isinstance(number, float)) and not low <= abs(number) <= high:
                raise ValueError(f"{name}: {key} {number:g} is not within {low:g} to {high:g}")


def _numbers(value: Any) -> Iterator[float]:
    if _is_number(value):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _numbers(item)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def within_bounds(args: dict[str, Any]) -> None:
    """Refuse what would take minutes or gigabytes, before any of it is built."""
    todo: list[tuple[Any, str, int]] = [(args, "", 0)]
    augmenters = 0
    for seen, (value, key, depth) in enumerate(todo):  # the list grows while it is read
        if depth > _DEPTH or seen > _LENGTH:
            raise ValueError(f"args are nested more than {_DEPTH} deep" if depth > _DEPTH else "args are too long")
        if isinstance(value, dict):
            augmenters += "augmenter" in value
            words = value.keys() <= {"choice", "range", "tuple", "x", "y"}
            todo += [(item, key if words else str(name), depth + 1) for name, item in value.items()]
        elif isinstance(value, list):
            if key == "matrix" and len(value) > _MATRIX:
                raise ValueError(f"a matrix has at most {_MATRIX} rows and columns")
            todo += [(item, key, depth + 1) for item in value]
        elif _is_number(value):
            most = _LIMITS.get(key, _LARGEST)
            if not abs(value) <= most:  # NaN is not
                raise ValueError(f"{key}: a number is not within -{most:g} to {most:g}")
        elif not isinstance(value, (str, bool, type(None))):
            raise ValueError(f"{key}: {value!r} is no JSON value")
    if augmenters > _NODES:
        raise ValueError(f"{augmenters} augmenters in one; at most {_NODES}")


def words_of(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
