"""Names as deliveries have them: from zips without a code page, from a Mac, with another case or extension."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
JUNK = ("thumbs.db", "desktop.ini", ".ds_store")
"""Files that systems leave behind."""


def normal(path: str) -> str:
    """A path in NFC with `/`, without leading slashes and empty steps: how every path of a delivery is told."""
    return "/".join(
        step for step in unicodedata.normalize("NFC", path).replace("\\", "/").split("/") if step not in ("", ".")
    )


def unsafe(path: str) -> bool:
    """Whether a path of a file would leave its folder, or name a place of its own."""
    return ".." in path.split("/") or "\0" in path or "://" in path or (len(path) > 1 and path[1] == ":")


def stem_key(path: str) -> str:
    """What an image and a label are paired by: the file name without folder and image extension, in NFC, case folded.

    Only a known extension is cut off: `5350069-2011.0001` keeps its dots.
    """
    name = path.rpartition("/")[2]
    return key(name[: -len(suffix)] if (suffix := suffix_of(name)) else name)


def key(text: str) -> str:
    """Text as it is compared: NFC, case folded."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).casefold()


def suffix_of(name: str) -> str:
    """The extension of an image or a label as it is written, with its dot; empty where there is none that is known."""
    suffix = PurePosixPath(name).suffix
    return suffix if suffix.lower() in IMAGE_SUFFIXES or suffix.lower() == ".json" else ""


def is_image(name: str) -> bool:
    """Whether a file is an image by its name."""
    return name.lower().endswith(IMAGE_SUFFIXES)


def is_junk(path: str) -> bool:
    """Whether a file is nobody's data: what systems leave behind, and hidden files."""
    steps = path.split("/")
    return steps[-1].lower() in JUNK or any(
        step == "__MACOSX" or (step.startswith(".") and step != "..") for step in steps
    )


def member_name(raw: str, utf8: bool) -> str:
    """The name of a zip member; without its UTF-8 flag `zipfile` takes it for CP437.

    Such bytes are UTF-8 where they can be (a Mac writes them so), which CP949 hardly ever is; else CP949 (Windows in
    Korean); else they stay what they are.
    """
    if utf8 or raw.isascii():
        return raw
    try:
        data = raw.encode("cp437")
    except UnicodeEncodeError:
        return raw
    for encoding in ("utf-8", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw
