"""An adapter made of a YAML spec: everything is compiled once, then each label is typed by plain functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ocrfactory import yamlfile
from ocrfactory.convert import boxes, jsonpath, matching
from ocrfactory.convert.adapter import Probe, Score, Splits
from ocrfactory.convert.document import Document
from ocrfactory.convert.grouping import grouped
from ocrfactory.convert.jsonpath import Getter
from ocrfactory.convert.page import Page, Region
from ocrfactory.convert.spec_model import Illegible, Joined, LevelMap, PageSpec, RegionSpec, Spec, Test
from ocrfactory.convert.values import Pairs, collected, id_of, same, size_of, text_of
from ocrfactory.errors import Reject


class SpecAdapter:
    """See `adapter.Adapter`."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.name = spec.name
        self.title = spec.title
        self.numbers = spec.dataset_sn
        self.sources = spec.sources
        self.levels = spec.levels
        self.default_level = spec.default_level
        self.lang = spec.lang
        self.license = spec.license
        self.splits: Splits | None = tuple(spec.layout.split.items()) or None
        self.label_paths, self.image_paths, self.pair_by = spec.layout.label, spec.layout.image, spec.layout.pair.by
        self._page = PageTyper(spec.page, spec.lang)
        self._region = RegionTyper(spec.regions)

    def score(self, probe: Probe) -> Score:
        """See `adapter.Adapter`."""
        return matching.score(self.spec, probe)

    def source_of(self, probe: Probe) -> str:
        """See `adapter.Adapter`."""
        source = self.spec.source
        if isinstance(source, str):
            return self.sources[0]
        said = self.spec.source_from.get(probe.value) if self.spec.source_from else None
        places = [probe.path, said] if isinstance(said, str) else [probe.path]
        for place in places:
            for name, pattern in source.items():
                if pattern.search(place):
                    return name
        return self.name

    def pages(self, document: Document) -> Iterator[Page]:
        """See `adapter.Adapter`."""
        images, annotations = _array(self.spec.page.each), _array(self.spec.regions.each)
        if document.big and images and annotations:
            return grouped(
                document.path,
                document.items(images),
                lambda: document.items(annotations),
                self._page,
                self._region,
            )
        return self._loaded(document)

    def _loaded(self, document: Document) -> Iterator[Page]:
        value = document.value()
        each, regions = self.spec.page.each, self.spec.regions.each
        if not isinstance(value, dict) and not any(path and path.from_array for path in (each, regions)):
            raise Reject("json_decode", f"{document.path}: the top level is {_kind(value)}, not an object")
        if each is None:
            yield self._page(value, self._region.all(value, self._page.is_vertical(value)))
            return
        images = each.elements(value)
        if len(images) == 1:  # by far the most frequent; a wrong image_id is nothing to stumble over then
            yield self._page(images[0], self._region.all(value, self._page.is_vertical(value)), value)
            return
        assert regions is not None
        yield from grouped(document.path, images, lambda: regions.elements(value), self._page, self._region)


class PageTyper:
    """Makes pages of what a label says of images."""

    def __init__(self, spec: PageSpec, lang: str | None) -> None:
        self._file = _file(spec.file)
        self._id, self._width, self._height = _get(spec.id), _get(spec.width), _get(spec.height)
        self._lang, self._constant = _get(spec.lang), lang
        self._attributes, self._person = _pairs(spec.attributes), _pairs(spec.person)
        self._vertical = _test(spec.vertical)

    def id(self, image: Any) -> str | None:
        """What annotations call an image."""
        return id_of(self._id(image))

    def is_vertical(self, value: Any) -> bool:
        """Whether the label says so of the whole page."""
        return self._vertical(value)

    def __call__(self, image: Any, regions: tuple[Region, ...], top: Any = None) -> Page:
        """The page of one image.

        Args:
            top: the whole label where `image` is its only one: what lies beside the image belongs to it too.
        """
        attributes, person = collected(self._attributes, image), collected(self._person, image)
        if top is not None:
            attributes = {**(collected(self._attributes, top) or {}), **(attributes or {})} or None
            person = {**(collected(self._person, top) or {}), **(person or {})} or None
        lang = self._lang(image)
        return Page(
            self._file(image),
            regions,
            size_of(self._width(image)),
            size_of(self._height(image)),
            lang if isinstance(lang, str) else self._constant,
            attributes,
            person,
        )


class RegionTyper:
    """Makes regions of the elements of a label."""

    def __init__(self, spec: RegionSpec) -> None:
        self._each = spec.each
        self._page, self._text, self._id = _get(spec.page), spec.text.get, _get(spec.id)
        self._box, self._typed = _get(spec.box.from_), boxes.typer(spec.box.as_)
        self._level = _level(spec.level)
        self._by_outer = spec.line == "outer"
        self._line = _get(spec.line) if isinstance(spec.line, jsonpath.Path) else _nowhere
        self._vertical = spec.vertical
        self._unreadable = _unreadable(spec.illegible)
        self._empty = frozenset(text.casefold() for text in spec.empty_in)
        self._attributes, self._person = _pairs(spec.attributes), _pairs(spec.person)

    def image_id(self, element: Any) -> str | None:
        """The id of the image that an annotation belongs to."""
        return id_of(self._page(element))

    def all(self, value: Any, vertical: bool) -> tuple[Region, ...]:
        """The regions of a label with one image."""
        if self._each is None:
            return (self(0, value, None, vertical),)
        if self._by_outer:
            numbered = self._each.numbered(value)
            return tuple(self(index, each, line, vertical) for index, (line, each) in enumerate(numbered))
        return tuple([self(index, each, None, vertical) for index, each in enumerate(self._each.elements(value))])

    def __call__(self, index: int, element: Any, line: int | None = None, vertical: bool = False) -> Region:
        """The region of one element, whatever it is."""
        text, fault = text_of(self._text(element))
        box, polygon, flags, box_fault = self._typed(self._box(element))
        legible = not self._unreadable(text, element)
        if self._empty and text is not None and text.strip().casefold() in self._empty:
            text = ""
        return Region(
            index,
            text,
            self._level(element),
            box,
            polygon,
            id_of(self._id(element)),
            legible,
            line if line is not None else size_of(self._line(element)),
            vertical or self._vertical,
            collected(self._attributes, element),
            collected(self._person, element),
            box_fault or fault,
            flags,
        )


def load_spec(path: Path, kind: type[SpecAdapter] = SpecAdapter) -> SpecAdapter:
    """The adapter that a YAML file describes, as an adapter of `kind`.

    Raises:
        InputError: unreadable.
        RecipeError: every mistake, with file:line:col.
    """
    return kind(yamlfile.load(path, Spec))


def _array(path: jsonpath.Path | None) -> str | None:
    """The key of the array that a big file is streamed by."""
    return None if path is None else path.array


def _nowhere(value: Any) -> None:
    return None


def _get(path: jsonpath.Path | None) -> Getter:
    return _nowhere if path is None else path.get


def _pairs(paths: dict[str, jsonpath.Path]) -> Pairs:
    return tuple((name, path.get) for name, path in paths.items())


def _file(spec: jsonpath.Path | Joined | None) -> Callable[[Any], str | None]:
    """How the name of the image is found; a name that is no text is none."""
    if isinstance(spec, Joined):
        parts, between = [path.get for path in spec.join], spec.with_

        def joined(value: Any) -> str | None:
            found = [id_of(part(value)) for part in parts]
            return between.join(each for each in found if each) if found[0] else None

        return joined
    get = _get(spec)

    def named(value: Any) -> str | None:
        return id_of(get(value)) or None

    return named


def _test(spec: Test | None) -> Callable[[Any], bool]:
    if spec is None:
        return lambda value: False
    get, wanted, unwanted = spec.from_.get, spec.in_, spec.not_in
    if wanted is not None:
        return lambda value: same(get(value), wanted)
    refused = unwanted or frozenset()

    def other(value: Any) -> bool:
        found = get(value)
        return found is not None and not same(found, refused)

    return other


def _level(spec: str | LevelMap) -> Callable[[Any], str]:
    if isinstance(spec, str):
        return lambda value: spec
    get, levels, default = spec.from_.get, spec.map, spec.default

    def level(value: Any) -> str:
        found = get(value)
        return levels.get(found, default) if type(found) is str else default

    return level


def _unreadable(spec: Illegible | None) -> Callable[[str | None, Any], bool]:
    if spec is None:
        return lambda text, element: False
    marks = frozenset(text.casefold() for text in spec.text_in)
    null, where = spec.text_null, _test(spec.where)

    def unreadable(text: str | None, element: Any) -> bool:
        if text is None:
            return null or where(element)
        return text.strip().casefold() in marks or where(element)

    return unreadable


def _kind(value: Any) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
