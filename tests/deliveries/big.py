"""Deliveries of the sizes that benchmarks need, written fast: few images are encoded, and each file is one of them.

Each function returns a `Size`. No truth is written: rows are counted.
"""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from PIL import Image

from tests.deliveries import pages
from tests.deliveries.families import SYLLABLES
from tests.deliveries.zips import WHEN

KINDS = 8
"""Different images that are encoded; the rest are these again, each with a few bytes of its own."""


@dataclass(frozen=True)
class Size:
    """What was written."""

    folder: Path
    images: int
    annotations: int
    selected: int
    """Annotations that the default level selects."""
    bytes: int


def wild_json(folder: Path, annotations: int, images: int, *, files: bool = True, seed: int = 0) -> Size:
    """One label of `annotations` words and characters over `images` photos (81, photos), streamed to disk.

    Args:
        files: also write the photos, 400 by 300, as one stored zip; without them every annotation is a missing image.
    """
    rng = random.Random(seed)
    root = folder / "13.한국어글자체/04. Text in the wild_230209_add"
    root.mkdir(parents=True)
    names = [f"{(number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032X}.jpg" for number in range(images)]
    selected = 0

    def regions() -> Iterator[str]:
        nonlocal selected
        for number in range(annotations):
            # A word, its two characters, the next word: three annotations each.
            word = number % 3 == 0
            selected += word
            text = rng.choice(SYLLABLES) + (rng.choice(SYLLABLES) if word else "")
            x, y = 10 + number // 3 % 6 * 60, 8 + number // 18 % 8 * 34
            box = [x, y, 48, 24] if word else [x + 24 * (number % 3 - 1), y, 24, 24]
            yield json.dumps(
                {
                    "id": f"{number:08d}",
                    "image_id": f"{number // 3 * 3 * images // annotations:08d}",
                    "text": text,
                    "attributes": {"class": "word" if word else "character"},
                    "bbox": box,
                },
                ensure_ascii=False,
            )

    pictures = (
        json.dumps({"id": f"{number:08d}", "width": 400, "height": 300, "file_name": name, "type": "book"})
        for number, name in enumerate(names)
    )
    _stream(root / "textinthewild_data_info.json", pictures, regions())
    if files:
        variants = photos_of(400, 300, seed)
        with zipfile.ZipFile(root / "01_textinthewild_book_images_new.zip", "w", zipfile.ZIP_STORED) as archive:
            for number, name in enumerate(names):
                archive.writestr(zipfile.ZipInfo(f"book/{name}", WHEN), own(variants[number % KINDS], number))
    return Size(folder, images, annotations, selected, _bytes(folder))


def letters_json(folder: Path, images: int, *, files: bool = True, zipped: bool = True, seed: int = 0) -> Size:
    """One label of `images` images, each the crop of one syllable, about 100 by 100, PNG (81, printed), streamed.

    Args:
        files: also write the images.
        zipped: as one stored zip; else as hard links of a few files, in folders of 1,000 at most.
    """
    rng = random.Random(seed)
    root = folder / "13.한국어글자체/02.인쇄체_230721_add"
    root.mkdir(parents=True)
    variants = letters_of(seed)
    sizes = [Image.open(io.BytesIO(data)).size for data in variants]
    pictures = (
        json.dumps(
            {
                "id": f"{number:08d}",
                "width": sizes[number % KINDS][0],
                "height": sizes[number % KINDS][1],
                "file_name": f"{number:08d}.png",
            }
        )
        for number in range(images)
    )
    regions = (
        json.dumps(
            {
                "id": f"{number:08d}",
                "image_id": f"{number:08d}",
                "text": rng.choice(SYLLABLES),
                "attributes": {"font": "가상글꼴A", "type": "글자(음절)", "is_aug": False},
            },
            ensure_ascii=False,
        )
        for number in range(images)
    )
    _stream(root / "printed_data_info.json", pictures, regions)
    if files and zipped:
        with zipfile.ZipFile(root / "01_printed_syllable_images.zip", "w", zipfile.ZIP_STORED) as archive:
            for number in range(images):
                archive.writestr(zipfile.ZipInfo(f"{number:08d}.png", WHEN), own(variants[number % KINDS], number))
    elif files:
        for number in range(images):
            target = root / f"01_printed_syllable_images/{number // 1000:04d}/{number:08d}.png"
            first = root / f"01_printed_syllable_images/0000/{number % KINDS:08d}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            if number < KINDS:
                target.write_bytes(variants[number])
            else:
                os.link(first, target)
    return Size(folder, images, images, images, _bytes(folder))


def photos(
    folder: Path, images: int, *, zipped: bool = True, size: tuple[int, int] = (1632, 1224), seed: int = 0
) -> Size:
    """Photos of 2 megapixels with 3 or 4 boxes each, JPEG (105, newer form)."""
    rng = random.Random(seed)
    root = "030.야외 실제 촬영 한글 이미지/01.데이터/1.Training"
    labels, sources = f"{root}/라벨링데이터_230216_add/TL1", f"{root}/원천데이터_230216_add/TS1"
    variants = photos_of(*size, seed)
    count = 0
    with _Sink(folder, zipped) as sink:
        for number in range(images):
            stem = f"간판_가로형간판_{number:06d}"
            boxes = [
                {
                    "id": at + 1,
                    "image_id": 1,
                    "text": "".join(rng.choice(SYLLABLES) for _ in range(3)),
                    "bbox": [rng.randint(0, size[0] - 400), rng.randint(0, size[1] - 160), 360, 120],
                }
                for at in range(3 + number % 2)
            ]
            count += len(boxes)
            label = {
                "annotations": boxes,
                "cropLabels": [],
                "images": [{"id": 1, "file_name": f"{stem}.jpg", "width": size[0], "height": size[1]}],
                "info": {"name": stem},
                "metadata": [{"class": "실외간판", "wordorientation": "가로"}],
            }
            sink.add(labels, f"1.간판/{stem}.json", json.dumps(label, ensure_ascii=False).encode())
            sink.add(sources, f"1.간판/{stem}.jpg", own(variants[number % KINDS], number))
    return Size(folder, images, count, count, _bytes(folder))


def scans(
    folder: Path, images: int, *, zipped: bool = True, size: tuple[int, int] = (2450, 3420), seed: int = 0
) -> Size:
    """Pages of 8.4 megapixels with 100 boxes each, JPEG (023)."""
    rng = random.Random(seed)
    root = "023.OCR 데이터(공공)/01-1.정식개방데이터/Training"
    labels, sources = f"{root}/02.라벨링데이터/TL_OCR(public)_ZZ", f"{root}/01.원천데이터/TS_OCR(public)_ZZ"
    variants = photos_of(*size, seed)
    with _Sink(folder, zipped) as sink:
        for number in range(images):
            stem = f"ZZ_2010_9990218_0001_{number:05d}"
            boxes = []
            for at in range(100):
                x, y = (100 + at % 5 * 450) * size[0] // 2450, (100 + at // 5 * 160) * size[1] // 3420
                w, h = 180 * size[0] // 2450, 52 * size[1] // 3420
                text = "".join(rng.choice(SYLLABLES) for _ in range(3))
                boxes.append({"id": at, "data": text, "x": [x, x, x + w, x + w], "y": [y, y + h, y, y + h]})
            label = {
                "Annotation": {"object_recognition": 1, "text_language": 0},
                "Dataset": {"identifier": "OCR(public)"},
                "Images": {"identifier": stem, "type": "jpg", "width": size[0], "height": size[1]},
                "Bbox": boxes,
            }
            sink.add(labels, f"{stem}.json", json.dumps(label, ensure_ascii=False).encode())
            sink.add(sources, f"{stem}.jpg", own(variants[number % KINDS], number))
    return Size(folder, images, 100 * images, 100 * images, _bytes(folder))


def own(data: bytes, number: int) -> bytes:
    """The same pixels, other bytes: a comment in a JPEG, a text chunk in a PNG."""
    note = f"{number:012d}".encode()
    if data[:2] == b"\xff\xd8":
        return data[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + data[2:]
    chunk = b"tEXtnote\0" + note
    return data[:33] + (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") + data[33:]


def photos_of(width: int, height: int, seed: int) -> list[bytes]:
    """Different JPEG images of one size, about as heavy as photos: smooth clouds with some noise and text."""
    made = []
    for kind in range(KINDS):
        noise = np.random.Generator(np.random.PCG64([seed, kind]))
        cloud = Image.fromarray(noise.integers(90, 255, (height // 40 + 2, width // 40 + 2, 3), np.uint8))
        pixels = np.asarray(cloud.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
        pixels += noise.integers(-6, 7, (height, width, 1), np.int16)
        canvas = np.clip(pixels, 0, 255).astype(np.uint8)
        for y in range(8, height - 40, max(34, height // 24)):
            ink = pages.cells(SYLLABLES[y % 30 : y % 30 + 8], "word", min(width - 20, 8 * 24), 24)
            canvas[y : y + 24, 10 : 10 + ink.shape[1]][ink] = 20
        made.append(_jpeg(canvas))
    return made


def letters_of(seed: int) -> list[bytes]:
    """Different small PNG images, each of one syllable."""
    made = []
    for kind in range(KINDS):
        noise = np.random.Generator(np.random.PCG64([seed, kind]))
        canvas = np.repeat(noise.integers(236, 240, (101 - kind, 96 + kind, 1), np.uint8), 3, axis=2)
        ink = pages.cells(SYLLABLES[kind], "char", 80, 80)
        canvas[8:88, 8:88][ink] = 20
        made.append(pages.encode(canvas, "png"))
    return made


class _Sink:
    """Files in a folder, or in a zip for each archive."""

    def __init__(self, folder: Path, zipped: bool) -> None:
        self.folder, self.zipped = folder, zipped
        self.archives: dict[str, zipfile.ZipFile] = {}

    def __enter__(self) -> _Sink:
        return self

    def __exit__(self, *_: object) -> None:
        for archive in self.archives.values():
            archive.close()

    def add(self, archive: str, name: str, data: bytes) -> None:
        target = self.folder / archive
        if self.zipped:
            if archive not in self.archives:
                target.parent.mkdir(parents=True, exist_ok=True)
                self.archives[archive] = zipfile.ZipFile(f"{target}.zip", "w", zipfile.ZIP_STORED)
            self.archives[archive].writestr(zipfile.ZipInfo(name, WHEN), data)
            return
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(data)


def _stream(path: Path, images: Iterator[str], annotations: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write('{"info": {"name": "Text in the wild Dataset"}, "images": [')
        _join(out, images)
        out.write('], "annotations": [')
        _join(out, annotations)
        out.write('], "licenses": []}')


def _join(out: TextIO, items: Iterator[str]) -> None:
    for number, item in enumerate(items):
        out.write(f",\n{item}" if number else item)


def _jpeg(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=88)
    return out.getvalue()


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
