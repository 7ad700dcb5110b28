"""A delivery of a few files, written by hand: what the families of `families.py` are too whole for."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(width: int = 60, height: int = 40, seed: int = 0, format: str = "PNG", **options: Any) -> bytes:
    """An image file of noise; another seed gives other pixels."""
    pixels = np.random.Generator(np.random.PCG64(seed)).integers(0, 256, (height, width, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format, **options)
    return file.getvalue()


def annotation(text: Any = "가나", box: Any = (5, 6, 20, 10), id: Any = 1, image_id: Any = 1) -> dict[str, Any]:
    """A word, as data set 105 has it."""
    return {"id": id, "image_id": image_id, "text": text, "bbox": box if box is None else list(box)}


def label(
    *annotations: dict[str, Any], image: str = "a.png", size: tuple[Any, Any] = (60, 40), **metadata: Any
) -> bytes:
    """A label of data set 105."""
    value = {
        "images": [{"id": 1, "file_name": image, "width": size[0], "height": size[1]}],
        "annotations": list(annotations),
        "metadata": [{"wordorientation": "가로", **metadata}],
        "info": {},
    }
    return json.dumps(value, ensure_ascii=False).encode()


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Files by their paths below a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def pages(count: int, words: int = 3, size: tuple[int, int] = (60, 60), **options: Any) -> dict[str, bytes]:
    """Labels and images of `count` pages; each text says which page and which word it is."""
    files: dict[str, bytes] = {}
    for page in range(count):
        found = [annotation(f"쪽{page} 말{word}", (4, 4 + 12 * word, 30, 10), word + 1) for word in range(words)]
        files[f"{page:03}.json"] = label(*found, image=f"{page:03}.png", size=size)
        files[f"{page:03}.png"] = picture(*size, seed=page, **options)
    return files
