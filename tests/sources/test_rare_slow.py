"""A slow generator works as long as each glyph keeps to the time of a row, however many are drawn together."""

import time

import pytest
from ocrfactory import inhand
from ocrfactory.build import Options, build
from ocrfactory.errors import OcrFactoryError
from ocrfactory.recipe import Recipe
from ocrfactory.sources.rare_drawer import RareDrawer
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify
from ocrfactory.work import make_shard

from tests.conftest import HAN
from tests.fill.stand_ins import make_blur
from tests.makers import make_font

pytest.importorskip("torch")

TIMEOUT = 2.0


def _slowly(job, loading, glyph):
    """`make_shard` with a generator that takes this many seconds to load, and for each glyph."""
    from ocrfactory.fill.script_engine import ScriptEngine

    start, ink = RareDrawer.__init__, ScriptEngine.ink

    def load(self, *arguments):
        time.sleep(loading)
        start(self, *arguments)

    def draw(self, content, styles):
        time.sleep(glyph * len(content))
        return ink(self, content, styles)

    RareDrawer.__init__, ScriptEngine.ink = load, draw
    try:
        return make_shard(job)
    finally:
        RareDrawer.__init__, ScriptEngine.ink = start, ink


def slow(job):
    return _slowly(job, 1.5 * TIMEOUT, TIMEOUT / 5)


def stuck(job):
    return _slowly(job, 0, 600)


def stuck_at_the_start(job):
    return _slowly(job, 600, 0)


def stuck_before_its_note(job):
    time.sleep(600)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    make_font(folder / "target.ttf", HAN[:5], family="Target")
    make_font(folder / "lender.ttf", HAN, family="Lender")
    (folder / "c.txt").write_text("".join(f"{char}\n" for char in HAN), "utf-8")
    make_blur(folder / "blur.pt")
    return folder


@pytest.fixture
def recipe(world):
    source = {
        "kind": "rare", "fonts": ["target.ttf"], "charset": "c.txt", "content": ["lender.ttf"],
        "generator": "blur.pt", "engine": "torch", "gate": "ungated",
    }  # fmt: skip
    return Recipe.model_validate({"name": "slow", "max_reject_rate": 1, "parts": [{"source": source}]})


def test_many_slow_glyphs_and_a_slow_start_are_no_stall(world, recipe, tmp_path):
    log = []
    context = Context(folder=world, offline=True, log=log.append)
    manifest = build(recipe, tmp_path / "o", context, Options(workers=1, work=slow, item_timeout=TIMEOUT))
    assert (manifest.rows, manifest.rejects) == (len(HAN) - 5, 0)
    assert not [line for line in log if "drawn again" in line]
    assert verify(tmp_path / "o").problems == ()


@pytest.mark.parametrize("work", [stuck, stuck_at_the_start, stuck_before_its_note])
def test_a_shard_that_never_gets_on_ends_the_run_and_the_cure_is_the_time_that_a_row_has(
    world, recipe, tmp_path, monkeypatch, work
):
    monkeypatch.setattr("ocrfactory.build.MAX_POISON", 0)
    monkeypatch.setattr("ocrfactory.build.MAX_ATTEMPTS", 2)
    monkeypatch.setattr("ocrfactory.build.LOADING", 60.0 if work is stuck else 1.0)
    with pytest.raises(OcrFactoryError, match=r"failed 2 times, at last: no progress for 1 s") as caught:
        build(
            recipe, tmp_path / "o", Context(folder=world, offline=True), Options(workers=1, work=work, item_timeout=1)
        )
    assert "more time than --item-timeout 1" in caught.value.cure


def test_a_sign_of_life_leaves_the_row_in_hand_and_needs_no_note(tmp_path):
    inhand.alive()
    with inhand.InHand(tmp_path / "n") as note:
        note.note(7)
        before = inhand.read(tmp_path / "n")
        inhand.alive()
        ticks, position = inhand.read(tmp_path / "n")
        assert (ticks, position) == (before[0] + 1, 7)
    inhand.alive()
