"""User backgrounds: found and hashed when planning, checked again when read."""

import struct
import zlib

import numpy as np
import pytest
from ocrfactory.augment import backgrounds
from ocrfactory.augment.backgrounds import calmed, crop, pixels_of, settle_backgrounds
from ocrfactory.errors import InputError, Reject
from ocrfactory.rng import stream
from PIL import Image as Pillow


def picture(path, seed=0, size=(120, 80)):
    Pillow.fromarray(stream(seed, "picture").integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).save(path)


def png_of_size(width, height):
    """A PNG whose head claims a size and whose body has next to nothing."""
    chunks = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0), b"IDAT" + zlib.compress(b"0"), b"IEND"]
    packed = (struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def test_broken_files_are_skipped_and_counted_with_reasons(tmp_path):
    picture(tmp_path / "b.png")
    (tmp_path / "sub").mkdir()
    picture(tmp_path / "sub" / "a.JPG", 1)
    (tmp_path / "text.jpg").write_text("hello")
    (tmp_path / "bomb.png").write_bytes(png_of_size(9000, 9000))
    (tmp_path / "huge.png").write_bytes(png_of_size(90000, 90000))
    (tmp_path / "empty.webp").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "half.png").write_bytes((tmp_path / "b.png").read_bytes()[:900])
    (tmp_path / "notes.txt").write_text("not counted")
    picture(tmp_path / ".hidden.png")
    found = settle_backgrounds(tmp_path.name, tmp_path.parent)
    assert [file.name for file in found.files] == ["b.png", "sub/a.JPG"]
    assert found.facts == [[file.name, file.sha256] for file in found.files]
    (note,) = found.notes
    assert note.startswith(f"7 of 9 files in {tmp_path.name} cannot be read: bomb.png: 9000x9000 pixels are more than")
    for reason in ("text.jpg: no picture of a known format", "folder.png: no regular file", "half.png: ", "huge.png: "):
        assert reason in note
    assert str(tmp_path) not in note


@pytest.mark.parametrize("content", [None, b"nothing"])
def test_a_folder_without_a_picture_is_an_error(tmp_path, content):
    if content:
        (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(InputError, match=tmp_path.name):
        settle_backgrounds(str(tmp_path))
    with pytest.raises(InputError, match="no such folder"):
        settle_backgrounds("missing", tmp_path)


def test_a_file_that_changed_or_went_is_a_reject(tmp_path):
    for name in ("a.png", "b.png"):
        picture(tmp_path / name)
    files = settle_backgrounds(str(tmp_path)).files
    picture(tmp_path / "a.png", 5)
    (tmp_path / "b.png").unlink()
    for file in files:
        with pytest.raises(Reject) as caught:
            pixels_of(files, file.name, file.sha256[:16], True)
        assert caught.value.reason == "background_changed"
        assert str(tmp_path) not in caught.value.detail
    with pytest.raises(Reject, match="not among the planned"):
        pixels_of((), "a.png", "0", True)


def test_the_cache_is_bounded_by_bytes(tmp_path, monkeypatch):
    for i in range(5):
        picture(tmp_path / f"{i}.png", i)
    files = settle_backgrounds(str(tmp_path)).files
    monkeypatch.setattr(backgrounds, "CACHE_BYTES", 60_000)
    monkeypatch.setattr(backgrounds, "_cache", type(backgrounds._cache)())
    first = pixels_of(files, files[0].name, files[0].sha256, True)
    for file in files:
        assert pixels_of(files, file.name, file.sha256, True).shape == (80, 120, 3)
        assert pixels_of(files, file.name, file.sha256, False).shape == (80, 120)
    assert sum(image.nbytes for image in backgrounds._cache.values()) <= 60_000
    assert np.array_equal(first, pixels_of(files, files[0].name, files[0].sha256, True))


def test_turned_and_transparent_pictures_are_shown_as_people_see_them(tmp_path):
    tall = Pillow.new("RGB", (40, 20), "red")
    exif = tall.getexif()
    exif[0x0112] = 6
    tall.save(tmp_path / "a.jpg", exif=exif)
    Pillow.new("RGBA", (10, 10), (0, 0, 0, 0)).save(tmp_path / "b.png")
    files = settle_backgrounds(str(tmp_path)).files
    assert pixels_of(files, "a.jpg", files[0].sha256, True).shape == (40, 20, 3)
    assert pixels_of(files, "b.png", files[1].sha256, False).min() == 255


def test_large_pictures_are_kept_smaller(tmp_path):
    picture(tmp_path / "a.png", size=(3000, 30))
    files = settle_backgrounds(str(tmp_path)).files
    assert pixels_of(files, "a.png", files[0].sha256, True).shape[1] == backgrounds.KEPT_SIDE


@pytest.mark.parametrize("size", [(771, 64), (10, 300), (1, 1), (5000, 8)])
def test_a_crop_has_the_size_that_is_asked_for(size):
    pixels = np.arange(120 * 80, dtype=np.uint8).reshape(80, 120)
    for scale, at in ((1.0, 0.0), (0.01, 1.0), (0.5, 0.5)):
        assert crop(pixels, *size, scale, at, at).shape == size[::-1]


def test_a_loud_picture_is_calmed_and_a_quiet_one_left_alone():
    loud = stream(1, "picture").integers(0, 256, (60, 60), dtype=np.uint8)
    found = calmed(loud, 150.0, 255.0, 30.0)
    low, high = np.percentile(found, (5, 95))
    assert low >= 149
    assert high - low == pytest.approx(60, abs=3)
    quiet = np.full((20, 20, 3), 200, np.uint8)
    assert calmed(quiet, 150.0, 255.0, 30.0) is quiet
