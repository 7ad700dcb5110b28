"""A source image: whatever is in the file, it is the right pixels, upright, or a reject."""

import io
import itertools
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory.convert import picture
from ocrfactory.convert.picture import picture_of
from ocrfactory.encode import decode
from ocrfactory.errors import Reject
from PIL import Image, ImageOps

ORIENTATION = 0x0112
RGB = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (30, 50, 3), np.uint8)
SMOOTH = np.add.outer(np.arange(600) / 3, np.arange(700) / 5).astype(np.uint8)
PHOTO = np.dstack([SMOOTH, SMOOTH[::-1], 255 - SMOOTH])


def saved(image, format="PNG", **options):
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, format, **options)
    return file.getvalue()


def oriented(image, orientation, format="JPEG", **options):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return saved(image, format, exif=exif, **options)


def reason(data, whole=False, said=None):
    with pytest.raises(Reject) as caught:
        picture_of(data, said, whole)
    return caught.value.reason


def opened(data, mode="RGB"):
    return np.asarray(Image.open(io.BytesIO(data)).convert(mode))


# Orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("image", "format"),
    [(RGB, "JPEG"), (RGB[..., 0], "JPEG"), (PHOTO, "JPEG"), (RGB, "PNG"), (RGB, "WEBP"), (RGB, "TIFF")],
)
def test_every_orientation_is_applied_as_pillow_applies_it(image, format, orientation):
    data = oriented(image, orientation, format)
    found = picture_of(data, None, whole=False)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert found.pixels.shape == upright.shape
    assert np.array_equal(found.pixels, upright)
    assert found.flags == (() if orientation == 1 else ("exif_applied",))
    assert found.size == (upright.shape[1], upright.shape[0])


@pytest.mark.parametrize(
    ("orientation", "said", "turned", "flags"),
    [
        (6, None, True, ("exif_applied",)),
        (6, (50, 30), False, ()),  # the label counts in the pixels of the file
        (6, (30, 50), True, ("exif_applied",)),
        (6, (31, 50), True, ("exif_applied", "size_mismatch")),
        (3, (50, 30), True, ("exif_applied",)),  # half a turn: the size cannot tell
        (2, (50, 30), True, ("exif_applied",)),
        (3, (30, 50), True, ("exif_applied", "size_mismatch")),
        (1, (50, 30), False, ()),
        (1, (30, 50), False, ("size_mismatch",)),
        (9, (50, 30), False, ()),  # no orientation at all
        (0, None, False, ()),
    ],
)
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_the_size_in_the_label_tells_which_pixels_it_counts_in(orientation, said, turned, flags, format):
    data = oriented(RGB, orientation, format)
    found = picture_of(data, said, whole=False)
    plain = np.asarray(Image.open(io.BytesIO(data)))
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert np.array_equal(found.pixels, upright if turned else plain)
    assert found.flags == flags


def test_the_size_of_a_square_cannot_tell_so_it_is_turned():
    data = oriented(RGB[:, :30], 6)
    assert picture_of(data, (30, 30), whole=False).flags == ("exif_applied",)


def test_a_plain_png_of_another_size_than_the_label_says_is_flagged():
    assert picture_of(saved(RGB), (50, 31), whole=True).flags == ("size_mismatch",)
    assert picture_of(saved(RGB), (50, 30), whole=True).flags == ()


# Modes


@pytest.mark.parametrize("format", ["PNG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_grey_and_rgb_are_taken_as_they_are(format, mode):
    image = Image.fromarray(RGB).convert(mode)
    found = picture_of(saved(image, format, **({"lossless": True} if format == "WEBP" else {})), None, whole=False)
    expected = np.asarray(image.convert("RGB") if format == "WEBP" else image)  # WebP knows no grey
    assert np.array_equal(found.pixels, expected)
    assert found.flags == ()


@pytest.mark.parametrize("mode", ["1", "P", "PA", "LA", "RGBA", "CMYK", "I;16"])
def test_other_modes_are_converted_and_flagged(mode):
    grey = Image.fromarray(RGB[..., 0])
    if mode == "I;16":
        image = Image.fromarray(RGB[..., 0].astype(np.uint16) * 256 + 77)
    elif mode == "1":
        image = grey.convert("1")
    else:
        image = Image.fromarray(RGB).convert("P" if mode == "PA" else mode)
        image = image.convert("PA") if mode == "PA" else image
    format = "TIFF" if mode in ("CMYK", "PA") else "PNG"
    if mode == "PA":
        image, format = image.convert("RGBA"), "PNG"
    found = picture_of(saved(image, format), None, whole=True)
    assert found.flags == ("mode_converted",)
    assert found.file is None
    assert found.pixels.dtype == np.uint8
    expected = np.asarray(image.convert("L")) if mode == "1" else RGB[..., 0] if mode == "I;16" else None
    if expected is None:
        expected = np.asarray(image.convert("RGB"))
    assert np.array_equal(found.pixels, expected)


@pytest.mark.parametrize("make", ["alpha", "palette", "key"])
def test_what_is_transparent_lies_on_white(make):
    image = Image.new("RGBA", (4, 3), (9, 9, 9, 0))
    options = {}
    if make == "palette":
        image = Image.new("P", (4, 3), 0)
        image.putpalette([9, 9, 9])
        options = {"transparency": 0}
    elif make == "key":
        image, options = Image.new("RGB", (4, 3), (9, 9, 9)), {"transparency": (9, 9, 9)}
    found = picture_of(saved(image, **options), None, whole=False)
    assert (found.pixels == 255).all()
    assert found.pixels.shape == (3, 4, 3)


def test_a_cmyk_jpeg_is_converted():
    found = picture_of(saved(Image.fromarray(RGB).convert("CMYK"), "JPEG"), None, whole=True)
    assert found.flags == ("mode_converted",)
    assert found.pixels.shape == (30, 50, 3)


@pytest.mark.parametrize("mode", ["F", "I"])
def test_a_mode_without_a_fixed_range_of_greys_is_a_reject(mode):
    assert reason(saved(Image.new(mode, (4, 3)), "TIFF")) == "image_mode"


# What is broken


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("image", "format"), [(RGB, "JPEG"), (PHOTO, "JPEG"), (RGB, "PNG"), (PHOTO, "PNG"), (RGB, "WEBP"), (RGB, "BMP")]
)
def test_a_file_that_was_cut_off_is_a_reject(image, format, whole):
    data = saved(image, format)
    for share in (0.05, 0.5, 0.9, 0.99):
        assert reason(data[: int(len(data) * share)], whole) == "decode_error"


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"no image", b"GIF89a", b"<svg/>", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"]
)
def test_what_is_no_image_is_a_reject(data):
    assert reason(data) == "decode_error"


@pytest.mark.parametrize("format", ["GIF", "PPM", "ICO", "TGA", "PCX", "JPEG2000"])
def test_other_formats_are_refused_whatever_their_name_is(format):
    if format == "JPEG2000" and not Image.registered_extensions().get(".jp2"):
        pytest.skip("Pillow without it")
    assert reason(saved(RGB, format)) == "decode_error"


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, pixels, colour=0):
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_001, 1_000), (1_000_000, 1_000_000), (2**31 - 1, 2**31 - 1), (65_000, 65_000)])
@pytest.mark.parametrize("colour", [0, 3, 6])
def test_the_header_of_a_bomb_is_refused_before_a_pixel_is_decoded(size, colour, monkeypatch):
    monkeypatch.setattr(picture.cv, "imdecode", lambda *_: pytest.fail("it was decoded"))
    assert reason(png_of(*size, zlib.compress(b""), colour)) in ("too_large", "decode_error")


def test_more_than_fifty_megapixels_are_refused_by_name():
    assert reason(png_of(10_000, 5_001, zlib.compress(b""))) == "too_large"
    huge = saved(Image.new("1", (10_000, 5_001)), "TIFF", compression="group4")
    assert reason(huge) == "too_large"


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_an_image_without_a_side_is_a_reject(size):
    assert reason(png_of(*size, zlib.compress(b""))) == "decode_error"


@pytest.mark.parametrize(
    "harm",
    [
        lambda rows: zlib.compress(rows)[:-20],
        lambda rows: zlib.compress(rows)[:-4] + b"\0\0\0\0",
        lambda rows: b"no zlib",
        lambda rows: zlib.compress(b"\x09" + rows[1:]),
    ],
)
def test_a_plain_png_whose_pixels_are_broken_is_a_reject_and_no_grey_picture(harm):
    rows = b"".join(b"\0" + bytes(row) for row in RGB[..., 0])
    assert picture_of(png_of(50, 30, zlib.compress(rows)), None, whole=True).pixels.shape == (30, 50)
    assert reason(png_of(50, 30, harm(rows)), whole=True) == "decode_error"


def test_a_jpeg_whose_middle_is_lost_but_whose_end_is_there_is_the_same_fast_and_slow(monkeypatch):
    data = saved(PHOTO, "JPEG")
    damaged = data[: len(data) // 2] + b"\xff\xd9"
    found = []
    for limit in (1, 1 << 40):
        monkeypatch.setattr(picture, "_FAST_FROM", limit)
        try:
            found.append(picture_of(damaged, None, whole=False).pixels.tobytes())
        except Reject as reject:
            found.append(reject.reason)
    assert found[0] == found[1]


# Speed must not show


@pytest.mark.parametrize(
    "options", [{}, {"quality": 30}, {"subsampling": 0}, {"subsampling": 2}, {"progressive": True}, {"optimize": True}]
)
@pytest.mark.parametrize("grey", [False, True])
def test_fast_and_slow_decoding_of_a_jpeg_give_equal_pixels(options, grey, monkeypatch):
    data = saved(PHOTO[..., 0] if grey else PHOTO, "JPEG", **options)
    monkeypatch.setattr(picture, "_FAST_FROM", 1)
    fast = picture_of(data, None, whole=False)
    monkeypatch.setattr(picture, "_FAST_FROM", 1 << 40)
    slow = picture_of(data, None, whole=False)
    assert np.array_equal(fast.pixels, slow.pixels)
    assert fast.flags == slow.flags


@pytest.mark.parametrize("options", [{}, {"icc_profile": b"x" * 200}, {"dpi": (72, 72)}, {"compress_level": 0}])
@pytest.mark.parametrize("grey", [False, True])
def test_fast_and_slow_decoding_of_a_png_give_equal_pixels(options, grey, monkeypatch):
    data = saved(RGB[..., 0] if grey else RGB, **options)
    fast = picture_of(data, None, whole=False)
    monkeypatch.setattr(picture, "_plain_png", lambda *_: None)
    slow = picture_of(data, None, whole=False)
    assert np.array_equal(fast.pixels, slow.pixels)


def test_gamma_and_background_in_a_png_change_no_pixel():
    plain = saved(RGB)
    extra = (
        png_chunk(b"gAMA", struct.pack(">I", 100_000))
        + png_chunk(b"bKGD", b"\0\1\0\2\0\3")
        + png_chunk(b"sBIT", b"\5\5\5")
    )
    assert np.array_equal(picture_of(plain[:33] + extra + plain[33:], None, whole=False).pixels, RGB)


# Files that are kept


@pytest.mark.parametrize(("format", "name"), [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_whole_picture_keeps_its_file_without_metadata(format, name):
    exif = Image.Exif()
    exif[0x010E] = "secret"
    found = picture_of(saved(RGB, format, exif=exif), None, whole=True)
    assert found.file[0] == name
    assert b"secret" not in found.file[1]
    assert np.array_equal(decode(found.file[1]), found.pixels)


@pytest.mark.parametrize("orientation", [2, 6])
def test_a_file_that_has_to_be_turned_is_not_kept(orientation):
    assert picture_of(oriented(RGB, orientation), None, whole=True).file is None


@pytest.mark.parametrize("format", ["BMP", "TIFF"])
def test_formats_that_rows_do_not_know_are_not_kept(format):
    assert picture_of(saved(RGB, format), None, whole=True).file is None


def test_no_file_is_kept_where_only_crops_are_wanted():
    assert picture_of(saved(RGB), None, whole=False).file is None


SEEDS = [
    oriented(RGB, 6), oriented(RGB, 6, "PNG"), saved(RGB), oriented(RGB, 5, "WEBP"), saved(RGB, "BMP"),
    saved(RGB, "TIFF"), saved(RGB, "TIFF", compression="tiff_lzw"), saved(Image.fromarray(RGB).convert("P")),
    saved(Image.fromarray(RGB).convert("CMYK"), "JPEG"), saved(Image.fromarray(RGB).convert("RGBA"), "WEBP"),
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=6)), max_size=6), st.booleans()
)
@pytest.mark.filterwarnings("ignore")
def test_whatever_is_broken_in_a_file_it_is_a_picture_or_a_reject(data, changes, whole):
    for place, value in changes:
        at = place % len(data)
        data = data[:at] + value + data[at + len(value) :]
    try:
        found = picture_of(data, None, whole)
    except Reject as reject:
        assert reject.reason in ("decode_error", "too_large", "image_mode")  # noqa: PT017 - both outcomes are right
        return
    assert found.pixels.dtype == np.uint8
    assert found.pixels.ndim == 2 or found.pixels.shape[2] == 3


def test_turns_compose_to_the_same_as_numpy():
    for orientation in range(1, 9):
        again = picture.turned(picture.turned(RGB, orientation), {6: 8, 8: 6}.get(orientation, orientation))
        assert np.array_equal(again, RGB)
    turns = {picture.turned(RGB, orientation).tobytes() for orientation in range(1, 9)}
    assert len(turns) == len(list(itertools.permutations(range(4)))) // 3
