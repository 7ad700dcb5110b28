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


@pytest.mark.parametrize(
    "table",
    [rows(*[5] * 40), rows(*range(400, 200, -1)), rows(7), rows(0), rows(*(9000 // (1 + i) for i in range(17_380)))],
    ids=["all short", "none short", "one class", "one class without a row", "17,380 classes"],
)
@pytest.mark.parametrize(("least", "most"), [(200, None), (200, 200), (190, 200), (3, None), (1_000_000, None)])
@pytest.mark.filterwarnings("error")
def test_what_is_wanted_of_a_class_stands_in_the_picture_whatever_the_classes_have(table, least, most, monkeypatch):
    figure = pytest.importorskip("matplotlib.figure")
    drawn = []
    monkeypatch.setattr(figure.Figure, "savefig", lambda self, *_, **__: drawn.append(self.axes[0]))
    draw_long_tail("a_name", table, Classes(min_per_class=least, max_per_class=most), asked=True)
    (axes,) = drawn
    top = axes.get_ylim()[1]
    assert [line.get_ydata()[0] for line in axes.lines] == sorted({least, most or least})
    assert max(line.get_ydata()[0] for line in axes.lines) < top
    edges = axes.get_window_extent()
    words = {text.get_text(): text.get_window_extent() for text in axes.texts}
    assert any("min_per_class" in text for text in words)
    assert all(edges.x0 < box.x0 and edges.y0 < box.y0 and box.x1 < edges.x1 for box in words.values())
    boxes = list(words.values())
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[i + 1 :]), words


def test_the_ticks_of_few_classes_are_whole_ones(monkeypatch):
    figure = pytest.importorskip("matplotlib.figure")
    drawn = []
    monkeypatch.setattr(figure.Figure, "savefig", lambda self, *_, **__: drawn.append(self.axes[0]))
    draw_long_tail("a_name", rows(7, 3), Classes(), asked=True)
    assert [label.get_text() for label in drawn[0].get_xticklabels()] == ["0", "1", "2"]


def test_without_matplotlib_the_error_is_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match="matplotlib is not installed") as caught:
        need_matplotlib()
    assert caught.value.cure == "install it with: pip install 'ocrfactory[plot]'"
