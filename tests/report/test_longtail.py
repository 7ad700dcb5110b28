"""The picture of the long tail: the same bytes for the same table, without a clock, and whatever the table holds."""

import io
import sys

import pytest
from ocrfactory.classtable import ClassRow
from ocrfactory.errors import InputError
from ocrfactory.report.longtail import draw_long_tail, need_matplotlib
from ocrfactory.targets import Classes
from PIL import Image


def rows(*counts):
    return [
        ClassRow(chr(0x4E00 + i), f"U+{0x4E00 + i:04X}", "han", n // 2, n - n // 2, 0, n, n, 0, 0, "ok", "")
        for i, n in enumerate(counts)
    ]


@pytest.mark.parametrize("table", [rows(100, 50, 3, 1, 0, 0), rows(0), rows(7)])
@pytest.mark.parametrize("rules", [Classes(), Classes(min_per_class=3, max_per_class=200)])
def test_it_is_a_picture_of_a_stated_size_without_date_or_version(table, rules):
    pytest.importorskip("matplotlib")
    data = draw_long_tail("a_name", table, rules, asked=True)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (1200, 600)
        assert set(picture.info) <= {"dpi"}
    assert draw_long_tail("a_name", table, rules, asked=True) == data


def test_without_matplotlib_the_error_is_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match="matplotlib is not installed") as caught:
        need_matplotlib()
    assert caught.value.cure == "install it with: pip install 'ocrfactory[plot]'"
