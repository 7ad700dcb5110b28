"""Files without what they say of their makers: no EXIF, no place, no comment; the pixels are bit for bit the same."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocrfactory.convert.metadata import without_metadata
from PIL import Image, ImageCms, PngImagePlugin

SECRET = b"SECRET-OF-A-PERSON"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b"http://ns.adobe.com/xap/1.0/\0<x>" + SECRET + b"</x>"


def pixels(seed=0):
    return np.random.Generator(np.random.PCG64(seed)).integers(0, 256, (20, 30, 3), np.uint8)


def exif():
    found = Image.Exif()
    found[0x010E] = SECRET.decode()
    found.get_ifd(0x8825)[1] = "N"
    found.get_ifd(0x8825)[2] = (37.0, 33.0, 59.0)
    return found


def saved(format, image=None, **options):
    file = io.BytesIO()
    (image or Image.fromarray(pixels())).save(file, format, **options)
    return file.getvalue()


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def with_segment(jpeg, marker, data, at=2):
    return jpeg[:at] + bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data + jpeg[at:]


def clean(format, data):
    """The file without metadata, its pixels compared."""
    found = without_metadata(format, data)
    assert found is not None
    assert np.array_equal(decoded(found), decoded(data))
    with Image.open(io.BytesIO(found)) as image:
        assert not image.getexif()
        assert "xmp" not in image.info
        assert "comment" not in image.info
    assert SECRET not in found
    return found


def test_a_jpeg_loses_exif_place_xmp_and_comment_and_keeps_its_profile():
    data = saved("JPEG", exif=exif(), icc_profile=PROFILE, xmp=XMP, comment=SECRET)
    assert SECRET in data
    found = clean("jpeg", data)
    assert Image.open(io.BytesIO(found)).info["icc_profile"] == PROFILE


@pytest.mark.parametrize("marker", [0xE1, 0xE2, 0xE3, 0xEC, 0xED, 0xEF, 0xFE])
def test_other_segments_of_a_jpeg_are_dropped(marker):
    clean("jpeg", with_segment(saved("JPEG"), marker, SECRET))


def test_the_colour_transform_of_adobe_is_kept():
    data = saved("JPEG", Image.fromarray(pixels()).convert("CMYK"), comment=SECRET)
    assert b"Adobe" in clean("jpeg", data)


def test_a_progressive_jpeg_is_cleaned():
    clean("jpeg", saved("JPEG", exif=exif(), progressive=True))


def test_what_stands_between_two_scans_of_a_jpeg_is_dropped():
    data = saved("JPEG", progressive=True)
    second = data.index(b"\xff\xc4", data.index(b"\xff\xda"))  # the tables of the second scan
    clean("jpeg", with_segment(data, 0xE1, b"Exif\0\0" + SECRET, second))


def test_fill_bytes_before_a_segment_do_not_hide_it():
    data = saved("JPEG", comment=SECRET)
    at = data.index(b"\xff\xfe")
    clean("jpeg", data[:at] + b"\xff\xff\xff" + data[at:])


def test_what_follows_the_end_of_a_jpeg_is_dropped():
    clean("jpeg", saved("JPEG") + SECRET)


def test_the_second_picture_of_a_camera_goes_with_its_exif():
    first, second = Image.fromarray(pixels()), Image.fromarray(pixels(1))
    data = saved("MPO", first, save_all=True, append_images=[second], exif=exif())
    assert data.count(b"\xff\xd8\xff") == 2
    found = clean("jpeg", data)
    assert found.count(b"\xff\xd8\xff") == 1
    assert b"Exif\0\0" not in found


def test_a_png_loses_exif_and_texts_and_keeps_its_profile():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET.decode())
    notes.add_text("Comment", SECRET.decode() * 20, zip=True)
    notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    found = clean("png", saved("PNG", exif=exif(), pnginfo=notes, icc_profile=PROFILE))
    assert Image.open(io.BytesIO(found)).info["icc_profile"] == PROFILE
    assert found.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize("options", [{}, {"exif": exif()}])
def test_what_follows_the_end_of_a_png_is_dropped(options):
    clean("png", saved("PNG", **options) + SECRET)


def test_a_webp_loses_exif_and_xmp_and_its_header_no_longer_announces_them():
    data = saved("WEBP", exif=exif(), xmp=XMP, icc_profile=PROFILE, lossless=True)
    found = clean("webp", data)
    assert found[found.index(b"VP8X") + 8] & 0x0C == 0
    assert struct.unpack_from("<I", found, 4)[0] == len(found) - 8
    assert Image.open(io.BytesIO(found)).info["icc_profile"] == PROFILE


def test_what_follows_the_end_of_a_webp_is_dropped():
    clean("webp", saved("WEBP", lossless=True) + SECRET)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_file_without_metadata_stays_what_it_is(format):
    data = saved(format)
    assert without_metadata(format.lower(), data) == data


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\0", b"\xff\xd8abc", b"\xff\xd8\xff\xe0\0\0" * 3]
)
def test_a_jpeg_whose_structure_cannot_be_followed_gives_none(data):
    assert without_metadata("jpeg", data) is None


def test_a_png_that_ends_early_gives_none():
    data = saved("PNG", exif=exif())
    assert without_metadata("png", data[:-12]) is None
    assert without_metadata("png", data[:60]) is None


@given(st.sampled_from(["jpeg", "png", "webp"]), st.binary(max_size=60), st.integers(0, 60))
def test_garbage_is_never_an_exception_and_always_ends(format, garbage, at):
    data = saved(format.upper(), exif=exif())
    without_metadata(format, data[:at] + garbage + data[at + 5 :])
    without_metadata(format, garbage)
