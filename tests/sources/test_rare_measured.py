"""What `fill eval` measures is what the source `rare` draws: the same pixels, the same verdicts, as many attempts."""

import numpy as np
import pytest
from ocrfactory.errors import Reject
from ocrfactory.fill.attempts import draw_and_judge
from ocrfactory.fill.lenders import Looking
from ocrfactory.fill.load import load_generator
from ocrfactory.fill.subject import ATTEMPTS, Subject
from ocrfactory.fonts.select import select_faces
from ocrfactory.sources.rare import Rare
from ocrfactory.sources.source import Context

from tests.conftest import HAN
from tests.fill.stand_ins import StandInGate, make_blur
from tests.makers import make_font

pytest.importorskip("torch")

REFUSED, LATE = HAN[11], {HAN[12]: 1, HAN[13]: 2}


def test_holes_are_drawn_and_judged_alike_by_both(tmp_path, gate):
    make_font(tmp_path / "target.ttf", HAN[:10], family="Target")
    make_font(tmp_path / "lender.ttf", HAN, family="Lender")
    make_blur(tmp_path / "blur.pt")
    gate(StandInGate(refused=REFUSED, at_first=LATE))
    source = Rare(
        fonts=("target.ttf",),
        charset="+".join(f"U+{ord(char):04X}" for char in HAN),
        content=("lender.ttf",),
        generator="blur.pt",
        engine="torch",
    )
    settled = source.settle(Context(folder=tmp_path, offline=True, seed=5))
    rows = list(source.open(settled.state, 5).draw(range(settled.rows)))

    target, lender = (select_faces([str(tmp_path / f"{name}.ttf")]).faces[0] for name in ("target", "lender"))
    generator = load_generator(str(tmp_path / "blur.pt"), engine="torch")
    subject = Subject(target, generator, Looking(offline=True), [lender], seed=5)
    shown = subject.show(HAN[10:])
    judged = draw_and_judge(subject, StandInGate(refused=REFUSED, at_first=LATE), shown)

    assert len(rows) == len(shown.texts) == len(HAN) - 10
    for row, text, ink, reason in zip(rows, shown.texts, judged.last, judged.last_reasons, strict=True):
        if isinstance(row, Reject):
            assert (text, row.reason) == (REFUSED, reason)
        else:
            assert (row.text, reason) == (text, None)
            assert row.attrs["gate"]["attempt"] == 1 + LATE.get(text, 0)
            assert np.array_equal(255 - row.image, ink)


def test_both_try_as_often():
    assert Rare.model_fields["retries"].default + 1 == ATTEMPTS
