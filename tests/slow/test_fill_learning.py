"""A small generator learns from a few real faces: on held-out characters it beats copying the content. Needs apt and a
network; some minutes of one core."""

from __future__ import annotations

import shutil

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ocrfactory.charset import load_charset  # noqa: E402 - after torch is known to be there
from ocrfactory.fill import similarity  # noqa: E402
from ocrfactory.fill.heldout import is_held_out  # noqa: E402
from ocrfactory.fill.training.device import Device  # noqa: E402
from ocrfactory.fill.training.generator import GeneratorTraining  # noqa: E402
from ocrfactory.fill.training.pack import GlyphPack, make_pack  # noqa: E402
from ocrfactory.fill.training.settings import GENERATORS  # noqa: E402
from ocrfactory.fonts import locate  # noqa: E402
from ocrfactory.fonts.select import select_faces  # noqa: E402
from ocrfactory.rng import stream  # noqa: E402

pytestmark = pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt-get on this machine")

LENDER = "noto-serif-tc"
STYLES = ("noto-sans-tc", "noto-sans-tc-bold", "nanum-gothic", "nanum-gothic-bold")
SETTINGS = msgspec.structs.replace(
    GENERATORS["nano"], width=12, steps=1000, rows=4, rate=3e-3, average=0.98, adversarial_from=1.0
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> GlyphPack:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OCRFACTORY_OFFLINE", raising=False)
        locate.forget()
        faces = select_faces([f"fill/{id}" for id in (LENDER, *STYLES)]).faces
    faces[0] = msgspec.structs.replace(faces[0], need="extra")  # it shows what to draw, and is no style
    path = tmp_path_factory.mktemp("pack") / "glyphs.safetensors"
    make_pack(faces, load_charset("tcc17380").classes[::4], path)
    return GlyphPack(path)


@pytest.fixture(scope="module")
def trained(pack: GlyphPack) -> GeneratorTraining:
    training = GeneratorTraining(pack, SETTINGS, Device("cpu", "float32"))
    while training.step < SETTINGS.steps:
        training.advance()
    return training


@pytest.mark.parametrize("style", STYLES)
def test_held_out_characters_are_drawn_better_than_their_content_copied(
    pack: GlyphPack, trained: GeneratorTraining, style: str
) -> None:
    face = pack.number_of[style]
    codes = pack.codes_of(face)
    held = np.array([is_held_out(int(code)) for code in codes])
    assert held.sum() >= 40
    rng = stream(0, "slow test")
    wanted = codes[held]
    content = trained.batches.content(face, "han", wanted, rng)
    shown = rng.choice(codes[~held], SETTINGS.references, replace=False)
    drawn = trained.draw(content, pack.ink(pack.rows_of(face, shown)))
    true = pack.ink(pack.rows_of(face, wanted))
    copied = similarity.ssim(content.max(1), true).mean()
    learnt = similarity.ssim(drawn, true).mean()
    assert learnt >= copied + 0.1, (learnt, copied)
