"""The two old libraries work on current NumPy and Pillow."""

import numpy as np
import pytest
from ocrfactory import compat
from PIL import Image, ImageFont


def test_imgaug_draws_on_current_numpy_and_leaves_no_borrowed_name_behind():
    augmenters = compat.import_imgaug()
    picture = np.full((32, 32), 200, np.uint8)
    assert augmenters.AdditiveGaussianNoise(scale=8)(image=picture).std() > 1
    assert augmenters.Fog()(image=np.dstack([picture] * 3)).shape == (32, 32, 3)
    assert not hasattr(np, "sctypes")


def test_trdg_draws_on_current_pillow(tmp_path):
    pytest.importorskip("trdg", reason="the extra trdg is not installed")
    generators = compat.import_trdg()
    from tests.makers import make_font

    font = make_font(tmp_path / "a.ttf", "ABC")
    ((image, label),) = generators.GeneratorFromStrings(["ABC"], fonts=[str(font)], count=1, size=32)
    assert label == "ABC"
    assert isinstance(image, Image.Image)
    assert np.asarray(image.convert("L")).min() < 128
    assert ImageFont.truetype(str(font), 32).getbbox("ABC")[2] > 0
