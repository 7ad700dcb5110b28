"""What lies beside the shards says what is true of every kind of source."""

import json

import pytest
from ocrfactory.build import Options, build
from ocrfactory.classtable import from_csv
from ocrfactory.layout import Layout
from ocrfactory.recipe import Recipe
from ocrfactory.report.summary import write_report
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify

from tests.conftest import HAN
from tests.fill.stand_ins import StandInGate, make_blur
from tests.makers import make_font

pytest.importorskip("torch")


@pytest.fixture
def made(tmp_path, gate):
    """A data set of what a face draws and of its holes, one of which the gate refuses; and no font has the letter."""
    gate(StandInGate(refused=HAN[10]))
    make_font(tmp_path / "target.ttf", HAN[:10], family="Target")
    make_font(tmp_path / "lender.ttf", HAN, family="Lender")
    make_blur(tmp_path / "blur.pt")
    (tmp_path / "c.txt").write_text("".join(f"{text}\n" for text in HAN + "A"), "utf-8")
    fields = {"fonts": ["target.ttf"], "charset": "c.txt"}
    filling = {"content": ["lender.ttf"], "generator": "blur.pt", "engine": "torch"}
    recipe = {
        "name": "t",
        "parts": [{"source": {"kind": "glyphs", **fields}}, {"source": {"kind": "rare", **fields, **filling}}],
        "classes": {},
        "max_reject_rate": 1,
    }
    context = Context(folder=tmp_path, offline=True)
    build(Recipe.model_validate(recipe), tmp_path / "out", context, Options(executor="serial"))
    return tmp_path / "out"


def test_of_a_face_whose_holes_are_filled_no_coverage_is_told_but_what_can_be_filled(made):
    target, filled, lender = json.loads(Layout(made).fonts.read_bytes())
    holes = len(HAN) - 10
    assert target["coverage"] == {"drawn": 10, "holes": holes + 1}
    assert "coverage" not in filled
    assert filled["fill"] == {"holes": holes + 1, "fillable": holes, "unfillable": 1}
    assert not {"coverage", "fill"} & lender.keys()


def test_a_class_whose_only_row_the_gate_refused_is_short(made):
    rows = {row.text: row for row in from_csv(Layout(made).class_plan)}
    refused = rows[HAN[10]]
    assert (refused.planned, refused.written, refused.rejected, refused.status) == (1, 0, 1, "short")
    assert rows["A"].status == "unfillable"
    assert {row.status for row in rows.values() if row.written} == {"ok"}
    assert write_report(made).below_minimum == {HAN[10]: 0, "A": 0}
    assert verify(made).problems == ()
