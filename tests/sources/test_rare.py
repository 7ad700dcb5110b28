"""The source `rare`: every hole ends as a generated row, a fallback, a counted refusal, or a listed hole."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocrfactory import encode, read
from ocrfactory.build import Options, build
from ocrfactory.errors import EmptyPlanError, InputError, PlanChangedError, Reject
from ocrfactory.layout import Layout
from ocrfactory.recipe import Recipe
from ocrfactory.report.summary import summarise, write_report
from ocrfactory.rerender import rerender
from ocrfactory.sources.rare import Rare
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify
from pydantic import ValidationError

from tests.conftest import HAN
from tests.fill.stand_ins import StandInGate, make_blur
from tests.makers import make_font

torch = pytest.importorskip("torch")

WANTED = HAN + "龜龍鬱" + "A、" + "𰀀" + "\U000f0000"
"""Of these the target draws the first ten; the lender all of Han but one; the bundled pack has the last Han one."""
LENT = HAN + "龜龍"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A target, a lender, a set of classes and a generator, as files."""
    folder = tmp_path_factory.mktemp("rare")
    make_font(folder / "target.ttf", HAN[:10], family="Target")
    make_font(folder / "lender.ttf", LENT, family="Lender")
    (folder / "c.txt").write_text("".join(f"{char}\n" for char in WANTED), "utf-8")
    make_blur(folder / "blur.pt")
    make_blur(folder / "broken.pt", broken=True)
    return folder


@pytest.fixture
def rare(world):
    """The source on these files; keyword arguments change its fields."""

    def make(**changes):
        fields = {
            "fonts": ("target.ttf",),
            "charset": "c.txt",
            "content": ("lender.ttf",),
            "generator": "blur.pt",
            "engine": "torch",
        }
        return Rare.model_validate({**fields, **changes})

    return make


def context(world, **more):
    return Context(folder=world, offline=True, **more)


def drawn(world, source, seed=0, rows=None):
    settled = source.settle(context(world, seed=seed))
    drawer = source.portable().open(settled.state, seed)
    return settled, list(drawer.draw(range(settled.rows) if rows is None else rows))


def test_the_holes_of_the_face_are_drawn_and_those_that_cannot_be_are_listed(world, rare, gate):
    stand_in = gate(StandInGate())
    settled, samples = drawn(world, rare())
    planned = [*HAN[10:], "龜", "龍"]
    assert [sample.text for sample in samples][: len(planned)] == planned
    reasons = {hole.text: hole.reason for hole in settled.holes}
    assert reasons["鬱"] == "no_content"
    assert reasons["A"] == reasons["、"] == "outside_vocabulary"
    assert {hole.face for hole in settled.holes} == {"target"}
    assert set(settled.charset) == set(WANTED) - set(HAN[:10])
    assert set(settled.undrawn) == set(reasons)
    assert settled.asked["holes"] == settled.items + len(settled.holes)
    assert stand_in.asked.keys() == {sample.text for sample in samples}


def test_a_generated_row_says_all_of_its_origin(world, rare, gate):
    stand_in = gate(StandInGate())
    settled, samples = drawn(world, rare())
    sample = samples[0]
    assert (sample.origin, sample.kind, sample.image.shape) == ("gan", "glyph", (64, 64))
    assert sample.generator_id.startswith("blur-")
    assert sample.font.name == "Target Regular"
    assert sample.split_group == f"target/U+{ord(sample.text):04X}"
    assert sample.attrs["gate"].keys() == {"id", "attempt", "scores"}
    assert sample.attrs["gate"]["id"] == stand_in.id
    assert sample.attrs["gate"]["attempt"] == 1
    assert sample.attrs["gate"]["scores"]["margin"] == 0.3333
    assert set(sample.attrs["style_refs"]) <= set(HAN[:10])
    source = sample.attrs["content_source"][0]
    assert (source["slot"], source["face"], source["index"]) == (0, "lender", 0)
    assert settled.lenders[0].files[0].sha256 == source["sha256"]
    assert str(world) not in json.dumps([sample.attrs, settled.facts], default=str)


def test_ink_is_centred_and_the_same_row_is_the_same_whoever_is_drawn_beside_it(world, rare, gate):
    gate(StandInGate())
    settled, samples = drawn(world, rare(per_class=3))
    for sample in samples[::3]:
        rows, columns = np.flatnonzero((sample.image < 230).any(1)), np.flatnonzero((sample.image < 230).any(0))
        assert abs(int(rows[0]) - (63 - int(rows[-1]))) <= 1
        assert abs(int(columns[0]) - (63 - int(columns[-1]))) <= 1
    backwards = drawn(world, rare(per_class=3), rows=range(settled.rows - 1, -1, -1))[1][::-1]
    alone = [drawn(world, rare(per_class=3), rows=[row])[1][0] for row in (0, 7, settled.rows - 1)]
    for a, b in [
        *zip(samples, backwards, strict=True),
        *zip((samples[0], samples[7], samples[-1]), alone, strict=True),
    ]:
        assert (a.text, a.seed, a.attrs) == (b.text, b.seed, b.attrs)
        assert np.array_equal(a.image, b.image)


def test_the_first_picture_of_a_hole_is_plain_and_the_others_differ_in_place_and_size_alone(world, rare, gate):
    stand_in = gate(StandInGate())
    plain = drawn(world, rare())[1]
    samples = drawn(world, rare(per_class=3))[1]
    assert np.array_equal(samples[0].image, plain[0].image)
    assert "jitter" not in samples[0].attrs
    assert samples[1].attrs["jitter"].keys() == {"scale", "dx", "dy"}
    assert len({sample.image.tobytes() for sample in samples[:3]}) == 3
    assert len({sample.split_group for sample in samples[:3]}) == 1
    assert stand_in.asked[samples[0].text] == 2  # once a run, not once a picture


def test_what_is_refused_is_tried_again_with_other_references_and_no_more_often_than_said(world, rare, gate):
    first, second, never = HAN[10], HAN[11], HAN[12]
    stand_in = gate(StandInGate(refused=never, at_first={first: 1, second: 2}))
    _, samples = drawn(world, rare(retries=2))
    by_text = {s.text: s for s in samples if not isinstance(s, Reject)}
    assert by_text[first].attrs["gate"]["attempt"] == 2
    assert by_text[second].attrs["gate"]["attempt"] == 3
    assert by_text[HAN[13]].attrs["style_refs"] != by_text[first].attrs["style_refs"]
    rejects = [s for s in samples if isinstance(s, Reject)]
    assert [reject.reason for reject in rejects] == ["gate_class"]
    assert "reads as another" in rejects[0].detail
    assert f"U+{ord(never):04X}" in rejects[0].detail
    assert stand_in.asked[never] == 3
    gate(StandInGate(at_first={first: 1}))
    assert sum(isinstance(s, Reject) for s in drawn(world, rare(retries=0))[1]) == 1


def test_a_fallback_is_drawn_by_the_lender_and_says_so(world, rare, gate):
    gate(StandInGate(refused=HAN[10] + "𰀀"))
    settled, samples = drawn(world, rare(on_reject="fallback"))
    assert settled.origins == ("gan", "font")
    row = samples[0]
    assert (row.origin, row.generator_id, row.font.name) == ("font", None, "Lender Regular")
    assert row.font_size_px == 56.0
    assert row.attrs["fill"] == "fallback"
    assert row.attrs["in_place_of"] == "target"
    assert row.attrs["gate"]["refused"] == "gate_class"
    others = [s for s in samples[1:] if not isinstance(s, Reject)]
    assert {s.origin for s in others} == {"gan"}
    assert [s.reason for s in samples if isinstance(s, Reject)] == ["gate_class"]  # the bundled pack is no font


def test_ungated_rows_and_their_card_say_so(world, rare):
    settled, samples = drawn(world, rare(gate="ungated"))
    assert {sample.attrs["gate"] for sample in samples} == {"ungated"}
    assert any("Ungated" in notice for notice in settled.notices)


@pytest.mark.parametrize("size", [32, 64, 128])
def test_any_size_and_any_tone(world, rare, gate, size):
    gate(StandInGate())
    sample = drawn(world, rare(size=size, ink=200, ground=20))[1][0]
    assert sample.image.shape == (size, size)
    assert sample.image[0, 0] == 20
    assert sample.image.max() > 90
    assert sample.attrs["tone"] == [200, 20]
    assert rare(size=size).clean
    assert not rare(ink=200, ground=20).clean


def test_a_generator_of_one_channel_and_one_of_another_size_are_fed_what_they_take(world, rare, gate, tmp_path):
    gate(StandInGate())
    for name, how in (("one", {"channels": 1}), ("large", {"size": 128})):
        path = make_blur(tmp_path / f"{name}.pt", **how)
        sample = drawn(world, rare(generator=str(path)))[1][0]
        assert sample.image.shape == (64, 64)
        assert (sample.image < 128).any()


def test_several_targets_have_each_their_own_holes(world, rare, gate):
    gate(StandInGate())
    make_font(world / "second.ttf", HAN[5:], family="Second")
    settled, samples = drawn(world, rare(fonts=("target.ttf", "second.ttf")))
    texts = {name: {s.text for s in samples if s.font.name == f"{name} Regular"} for name in ("Target", "Second")}
    han = set(HAN)
    assert texts["Target"] & han == set(HAN[10:])
    assert texts["Second"] & han == set(HAN[:5])
    assert settled.facets["face"].names == ("target", "second")


def test_nothing_to_fill_and_nothing_that_can_be_filled_are_told_apart(world, rare, gate):
    gate(StandInGate())
    with pytest.raises(EmptyPlanError, match="draws every class"):
        rare(charset="U+4E00").settle(context(world))
    with pytest.raises(EmptyPlanError, match="outside_vocabulary 26") as error:
        rare(charset="U+0041..U+005A").settle(context(world))
    assert error.value.cure == "outside_vocabulary: only single Han and Hangul characters are drawn: " + (
        "name others with --charset"
    )


def test_a_face_without_any_of_both_scripts_shows_no_style(world, rare, gate):
    gate(StandInGate())
    make_font(world / "latin.ttf", "ABC", family="Latin")
    with pytest.raises(EmptyPlanError, match="no_references 1") as error:
        rare(fonts=("latin.ttf",), charset="U+4E00").settle(context(world))
    assert "nothing shows its style: name another with --font" in error.value.cure
    assert "no_content" not in error.value.cure


def test_a_generator_that_fails_stops_the_run_and_rejects_nothing(world, rare, gate):
    gate(StandInGate())
    with pytest.raises(InputError, match="out of paint"):
        drawn(world, rare(generator="broken.pt"))


def test_another_generator_than_the_planned_one_is_refused(world, rare, gate, tmp_path):
    gate(StandInGate())
    path = make_blur(tmp_path / "g.pt")
    settled = rare(generator=str(path)).settle(context(world))
    make_blur(path, channels=1)
    with pytest.raises(InputError, match="planned with") as error:
        rare(generator=str(path)).portable().open(settled.state, 0)
    assert "put back the generator of that name and hash" in error.value.cure
    gate(StandInGate(id="other-1"))
    settled = rare().settle(context(world))
    gate(StandInGate())
    with pytest.raises(InputError, match="the gate is stand-in"):
        rare().portable().open(settled.state, 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"retries": 4}, "less than or equal to 3"),
        ({"fonts": ()}, "at least 1 item"),
        ({"gate": "ungated", "on_reject": "fallback"}, "refuses nothing"),
        ({"ink": 100, "ground": 110}, "cannot be seen"),
        ({"font": "uming"}, "Extra inputs"),
    ],
)
def test_fields_that_make_no_sense_are_refused(rare, fields, words):
    with pytest.raises(ValidationError, match=words):
        rare(**fields)


def test_an_augmentation_for_drawn_fonts_only_is_refused_for_generated_rows(world, rare):
    part = {"source": rare().model_dump(), "augment": "aggressive"}
    with pytest.raises(ValidationError, match="the source gives gan"):
        Recipe.model_validate({"name": "x", "parts": [part]})


def recipe_of(source, **more):
    return Recipe.model_validate(
        {"name": "fill", "max_reject_rate": 1, "parts": [{"source": source.model_dump()}], **more}
    )


@settings(max_examples=12, deadline=None)
@given(
    refused=st.sets(st.sampled_from(LENT[10:])),
    at_first=st.dictionaries(st.sampled_from(LENT[10:]), st.integers(1, 3), max_size=5),
    retries=st.integers(0, 3),
    fallback=st.booleans(),
    per_class=st.integers(1, 2),
    limit=st.none() | st.integers(1, 20),
)
def test_every_hole_is_accounted_for(world, tmp_path_factory, refused, at_first, retries, fallback, per_class, limit):
    source = Rare(
        fonts=("target.ttf",),
        charset="c.txt",
        content=("lender.ttf",),
        generator="blur.pt",
        engine="torch",
        retries=retries,
        on_reject="fallback" if fallback else "hole",
        per_class=per_class,
    )
    out = tmp_path_factory.mktemp("out") / "o"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ocrfactory.sources.rare.models", with_gate(StandInGate(refused, at_first)))
        patch.setattr("ocrfactory.sources.rare_drawer.models", with_gate(StandInGate(refused, at_first)))
        build(recipe_of(source, limit=limit), out, context(world), Options(executor="serial"))
    account = summarise(out).fill["rare"]
    holes = len(set(WANTED) - set(HAN[:10])) * per_class
    told = account.admitted + account.fallback + sum(account.refused.values()) + sum(account.unfit.values())
    assert account.asked == holes == told + sum(account.failed.values()) + account.not_drawn
    assert account.ungated == 0
    assert account.not_drawn == (0 if limit is None else max(0, holes - sum(account.unfit.values()) - limit))
    if not refused and not at_first:
        assert account.admitted == account.judged
    if fallback:
        assert account.refused == {}
    assert verify(out).problems == ()


def with_gate(stand_in):
    from ocrfactory.fill.load import load_generator

    def models(generator, engine, gate, base=None):
        return load_generator(generator, engine=engine, base=base), stand_in

    return models


@pytest.fixture(scope="module")
def serial(world, tmp_path_factory):
    out = tmp_path_factory.mktemp("serial") / "out"
    source = Rare(
        fonts=("target.ttf",), charset="c.txt", content=("lender.ttf",), generator="blur.pt", engine="torch",
        gate="ungated", per_class=4,
    )  # fmt: skip
    recipe = recipe_of(source, shard_rows=11, splits={"test": 0.2})
    build(recipe, out, context(world), Options(executor="serial"))
    return recipe, out


def files(out):
    return {path.name: path.read_bytes() for path in (out / "data").iterdir()}


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_give_the_same_files(world, serial, tmp_path, workers):
    recipe, out = serial
    build(recipe, tmp_path / "out", context(world), Options(workers=workers))
    assert files(tmp_path / "out") == files(out)


def test_a_run_that_lost_a_shard_goes_on_and_makes_the_same_files(world, serial, tmp_path):
    recipe, out = serial
    shutil.copytree(out, tmp_path / "out")
    layout = Layout(tmp_path / "out")
    lost = sorted((tmp_path / "out/data").iterdir())[1]
    lost.unlink()
    layout.sidecar(lost.stem).unlink()
    layout.manifest.unlink()
    build(recipe, tmp_path / "out", context(world), Options(executor="serial"))
    assert files(tmp_path / "out") == files(out)


def test_a_run_is_not_gone_on_with_by_another_version_of_the_library_that_draws(world, serial, tmp_path, monkeypatch):
    recipe, out = serial
    shutil.copytree(out, tmp_path / "out")
    layout = Layout(tmp_path / "out")
    facts = json.loads(layout.facts.read_text("utf-8"))["parts"]["rare"]
    assert facts["library"] == {"torch": str(torch.__version__)}
    layout.manifest.unlink()
    monkeypatch.setattr(torch, "__version__", "99.0")
    with pytest.raises(PlanChangedError, match=r'parts\.rare\.library\.torch: ".*", now "99\.0"'):
        build(recipe, tmp_path / "out", context(world), Options(executor="serial"))
    assert files(tmp_path / "out") == files(out)


def test_every_row_is_drawn_again_with_the_same_bytes(serial):
    _, out = serial
    assert verify(out).problems == ()
    for row in list(read.rows(out, ["id"]))[::5]:
        assert rerender(out, row["id"]).differences == ()


def test_gated_rows_are_drawn_again_alone_with_the_same_scores(world, rare, gate, tmp_path):
    gate(StandInGate(refused=HAN[10]))
    build(recipe_of(rare(on_reject="fallback")), tmp_path / "o", context(world), Options(executor="serial"))
    for row in read.rows(tmp_path / "o", ["id"]):
        assert rerender(tmp_path / "o", row["id"]).differences == ()


def test_rows_are_augmented_and_the_sheet_tells_them_from_those_of_the_font(world, rare, gate, tmp_path):
    from ocrfactory.report import preview

    gate(StandInGate())
    recipe = Recipe.model_validate(
        {
            "name": "mixed",
            "parts": [
                {"source": {"kind": "glyphs", "fonts": ["target.ttf"], "charset": "c.txt"}},
                {"source": rare().model_dump(), "augment": "gan"},
            ],
        }
    )
    build(recipe, tmp_path / "o", context(world), Options(executor="serial", max_reject_rate=0.5))
    write_report(tmp_path / "o")
    bands = {}
    for path in preview._some_shards(tmp_path / "o"):
        preview._collect(path, bands)
    assert set(bands) == {("glyphs", "Target Regular"), ("rare", "Target Regular (generated)")}
    rows = {row["source"]: row for row in read.rows(tmp_path / "o", ["source", "aug", "image"])}
    assert rows["glyphs"]["aug"] is None
    assert json.loads(rows["rare"]["aug"])
    assert encode.decode(rows["rare"]["image"]["bytes"]).shape[0] == 64
    charset = (tmp_path / "o" / "meta" / "charset.txt").read_text("utf-8").split()
    assert charset == list(WANTED)
