"""The rows of labelled images, in the worker: each image read and decoded once, all that is wanted cut from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ocrfactory.convert.crop import cut
from ocrfactory.convert.cutting import Cutting
from ocrfactory.convert.entry import Container, Entry
from ocrfactory.convert.page import KIND_OF
from ocrfactory.convert.picture import Picture, picture_of
from ocrfactory.convert.reader import Reader
from ocrfactory.convert.repair import place_of_annotation
from ocrfactory.convert.scene import Item, Packed, Scene, Scenes
from ocrfactory.errors import Reject
from ocrfactory.rng import seed_of
from ocrfactory.sample import Photo, Sample

if TYPE_CHECKING:
    from ocrfactory.sources.labelled import RowFacts


class LabelledDrawer:
    """An opened source of labelled images."""

    def __init__(self, packed: Packed, containers: Sequence[Container], how: Cutting, row: RowFacts) -> None:
        self.scenes, self.reader, self.how, self.row = Scenes(packed), Reader(containers), how, row
        self.at = -1
        self.opened: _Opened | None = None
        self.before: _Opened | None = None

    def draw(self, rows: Sequence[int]) -> Iterator[Sample | Reject]:
        """See `Drawer`. Rows in rising order decode each image once."""
        try:
            for row in rows:
                first, scene = self.scenes.find(row)
                item = scene.items[row - first]
                if item is None:
                    yield Reject("not_selected", "this annotation was not planned")
                    continue
                try:
                    yield self._sample(scene, item, self._opened(first, scene))
                except Reject as reject:
                    yield reject
        finally:
            self.at, self.opened, self.before = -1, None, None  # no page is kept for a shard that may never come

    def _opened(self, first: int, scene: Scene) -> _Opened:
        if first != self.at or self.opened is None:
            # The page before stays until this one is decoded: freed earlier, its memory goes back to the system, and
            # to get it again a page at a time takes half as long as to decode a JPEG into it.
            self.before, self.at, self.opened = self.opened, first, _Opened(scene, self.reader)
        return self.opened

    def _sample(self, scene: Scene, item: Item, opened: _Opened) -> Sample:
        fault = scene.fault or item.reject
        if fault is not None:
            raise Reject(fault[0], _placed(fault[1], scene))
        try:
            image, picture, digest = opened.picture()
            made = cut(picture.pixels, item.box, item.polygon, item.vertical, self.how)
        except Reject as reject:
            where = "" if reject.reason != "bbox_clipped" else f"{place_of_annotation(item.index, item.id)}: "
            raise Reject(reject.reason, _placed(f"{where}{reject.detail}", scene)) from reject
        width, height = picture.size
        flags = (*scene.flags, *item.flags, *picture.flags, *made.flags)
        attrs: dict[str, Any] = {
            **(scene.attributes or {}),
            **(item.attributes or {}),
            **made.notes,
            "level": item.level,
            "source_index": item.index,
        }
        if flags:
            attrs["flags"] = list(dict.fromkeys(flags))
        if not item.legible:
            attrs["legible"] = False
        return Sample(
            text=item.text,
            text_raw=item.text if item.raw is None else item.raw,
            image=made.pixels,
            kind=KIND_OF[item.level],
            origin="real",
            seed=seed_of(self.row.seed, self.row.source, scene.group, item.index),
            license=self.row.license,
            split_group=scene.group,
            lang=scene.lang or self.row.lang,
            direction="ttb" if item.vertical and item.level != "char" else "ltr",
            photo=Photo(image.path, digest, width, height, scene.label, item.id, made.bbox, made.polygon),
            attrs=attrs,
            encoded=picture.file if made.pixels is picture.pixels else None,
        )


def _placed(detail: str, scene: Scene) -> str:
    """A detail, and the label that it was found in."""
    return detail if scene.label is None or scene.label in detail else f"{detail}; in {scene.label}"


class _Opened:
    """The image of a scene: read and decoded when its first row needs it, and never twice; so is its failure."""

    def __init__(self, scene: Scene, reader: Reader) -> None:
        self.scene, self.reader = scene, reader
        self._found: tuple[Entry, Picture, str] | Reject | None = None

    def picture(self) -> tuple[Entry, Picture, str]:
        """The file, the picture in it, and the SHA-256 of the file."""
        if self._found is None:
            try:
                self._found = self._open()
            except Reject as reject:
                self._found = reject
        if isinstance(self._found, Reject):
            raise self._found
        return self._found

    def _open(self) -> tuple[Entry, Picture, str]:
        scene, image = self.scene, self.scene.image
        if image is None:
            raise Reject("missing_image", f"{scene.label}: no image")
        planned = [item for item in scene.items if item is not None]
        whole = any(item.box is None for item in planned)
        said = None if scene.width is None or scene.height is None else (scene.width, scene.height)
        try:
            data = self.reader.read(image)
            return image, picture_of(data, said, whole), sha256(data).hexdigest()
        except Reject as reject:
            detail = f"{image.path}: {reject.detail} (all {len(planned)} annotations of this image)"
            raise Reject(reject.reason, detail) from reject
