"""Encoding: what goes in comes out, in every reader."""

import io
from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ocrfactory import encode
from PIL import Image

pictures = st.one_of(
    arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))),
    arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))),
)


@given(pictures)
def test_a_png_decodes_to_the_same_pixels_everywhere(picture):
    data = encode.png(picture)
    assert np.array_equal(encode.decode(data), picture)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), picture)
    with_opencv = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(with_opencv if picture.ndim == 2 else with_opencv[:, :, ::-1], picture)


@pytest.mark.parametrize("format", ["jpeg", "webp"])
@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3)])
def test_lossy_formats_keep_size_mode_and_nearly_the_grey(format, shape):
    picture = np.full(shape, 200, np.uint8)
    decoded = encode.decode(encode.encoder(format, 95)(picture))
    assert decoded.shape[:2] == shape[:2]
    assert abs(int(decoded.mean()) - 200) < 4


def test_a_grey_jpeg_stays_grey():
    assert encode.decode(encode.encoder("jpeg")(np.zeros((8, 8), np.uint8))).ndim == 2


def test_red_stays_red_through_opencv():
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[..., 0] = 255
    decoded = encode.decode(encode.encoder("jpeg", 95)(picture))
    assert decoded[8, 8, 0] > 200 > 60 > decoded[8, 8, 2]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda data: data[: len(data) // 2], "cut in half"),
        (lambda data: b"GIF89a" + data, "another format"),
        (lambda data: b"", "empty"),
    ],
    ids=["cut in half", "another format", "empty"],
)
def test_damaged_bytes_are_a_value_error(spoil, why):
    data = encode.png(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    with pytest.raises(ValueError, match=r"."):
        encode.decode(spoil(data))


@given(
    st.sampled_from(encode.FORMATS),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_whatever_bytes_are_changed_the_answer_is_pixels_or_a_value_error(format, changes):
    data = bytearray(encode.encoder(format)(np.arange(900, dtype=np.uint8).reshape(30, 30)))
    for place, value in changes:
        data[place % len(data)] = value
    with suppress(ValueError):
        assert encode.decode(bytes(data)).dtype == np.uint8


@pytest.mark.parametrize("mode", ["P", "RGBA", "1", "I;16", "LA"])
def test_other_modes_than_grey_and_rgb_are_refused(mode):
    data = io.BytesIO()
    Image.new(mode, (8, 8)).save(data, "PNG")
    with pytest.raises(ValueError, match="mode"):
        encode.decode(data.getvalue())


def test_exif_is_refused():
    data, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (8, 8)).save(data, "JPEG", exif=exif)
    with pytest.raises(ValueError, match="EXIF"):
        encode.decode(data.getvalue())


def test_a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded():
    with pytest.raises(ValueError, match="pixels"):
        encode.decode(encode._head(40_000, 40_000, 1) + encode._chunk(b"IDAT", b"x") + encode._END)
