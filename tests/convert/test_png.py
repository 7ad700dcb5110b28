"""The plain kind of PNG is known by its headers alone; everything else goes the long way."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.convert.png import plain_size
from PIL import Image, PngImagePlugin

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
RGB = np.dstack([GREY] * 3)


def saved(pixels, **options):
    file = io.BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(file, "PNG", **options)
    return file.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(kind, data=b""):
    """A PNG with one more chunk behind its header."""
    plain = saved(RGB)
    return plain[:33] + chunk(kind, data) + plain[33:]


@pytest.mark.parametrize(("pixels", "found"), [(GREY, (4, 3, 1)), (RGB, (4, 3, 3))])
def test_eight_bits_of_grey_or_rgb_are_plain(pixels, found):
    assert plain_size(saved(pixels)) == found


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "I;16"])
def test_other_modes_are_not(mode):
    assert plain_size(saved(Image.new(mode, (4, 3)))) is None


@pytest.mark.parametrize("kind", [b"pHYs", b"gAMA", b"tIME", b"bKGD"])
def test_harmless_chunks_are_walked_over(kind):
    assert plain_size(with_chunk(kind, b"12345678")) == (4, 3, 3)


@pytest.mark.parametrize("kind", [b"eXIf", b"tRNS", b"acTL", b"PLTE", b"abCd"])
def test_what_changes_the_picture_or_is_unknown_is_not_plain(kind):
    assert plain_size(with_chunk(kind, b"123456")) is None


def test_a_comment_is_plain_and_exif_in_a_text_is_not():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Software", "x")
    assert plain_size(saved(RGB, pnginfo=notes)) == (4, 3, 3)
    for key in ("Raw profile type exif", "XML:com.adobe.xmp"):
        notes.add_itxt(key, "x")
        assert plain_size(saved(RGB, pnginfo=notes)) is None


def test_interlaced_or_cut_off_or_no_png_is_not_plain():
    plain = saved(RGB)
    assert plain_size(plain[:28] + b"\1" + plain[29:]) is None
    for end in (0, 8, 20, 33, 44, len(plain) - 13):
        assert plain_size(plain[:end]) is None
    assert plain_size(b"GIF89a" + bytes(60)) is None


def test_a_chunk_that_says_it_is_larger_than_the_file_ends_the_walk():
    plain = saved(RGB)
    assert plain_size(plain[:33] + b"\xff\xff\xff\xff" + plain[37:]) is None


@given(st.binary(max_size=80), st.integers(0, 60))
def test_garbage_is_no_plain_png_and_never_an_exception(garbage, at):
    plain = saved(RGB)
    found = plain_size(plain[:at] + garbage)
    assert found is None or found[2] in (1, 3)
