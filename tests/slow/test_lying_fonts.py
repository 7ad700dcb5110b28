"""Real fonts that map more than they draw: what is found must be what was counted by other means.

The fonts come from OCRFACTORY_TEST_FONTS, a folder of unpacked fonts, or else from Debian packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from ocrfactory import read
from ocrfactory.build import Options, build
from ocrfactory.charset import load_charset
from ocrfactory.encode import decode
from ocrfactory.fonts.coverage import cover
from ocrfactory.fonts.coverage.facts import DRAWN, PLACEHOLDER, FontFacts, examine
from ocrfactory.fonts.face import Face, FontFile
from ocrfactory.fonts.names import sha256_of
from ocrfactory.fonts.opened import OpenedFont
from ocrfactory.recipe import Recipe
from ocrfactory.sources.source import Context

PACKAGES = (
    "fonts-alee", "fonts-aoyagi-kouzan-t", "fonts-arphic-ukai", "fonts-cns11643-kai", "fonts-kouzan-mouhitsu",
    "fonts-nanum", "fonts-noto-cjk", "fonts-seto",
)  # fmt: skip
URO, EXT_A, HANGUL = (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xAC00, 0xD7A3)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    named = os.environ.get("OCRFACTORY_TEST_FONTS")
    root = Path(named) if named else fetched(tmp_path_factory.mktemp("debian"))
    paths = {path.name: path for path in sorted(root.rglob("*")) if path.suffix in (".ttf", ".ttc", ".otf")}

    def find(name: str) -> Path:
        if name not in paths:
            pytest.skip(f"{name} is not below {root}")
        return paths[name]

    return find


def fetched(folder: Path) -> Path:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        pytest.skip("no apt-get on this machine, and OCRFACTORY_TEST_FONTS names no folder")
    done = subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the font packages cannot be fetched: {done.stderr.strip()[-200:]}")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return folder


@cache
def facts(path: Path, index: int = 0) -> FontFacts:
    return examine(OpenedFont(FontFile(path=str(path), index=index, sha256="0" * 64, family="", style="")))


def drawn(found: FontFacts, first: int, last: int, verdict: int = DRAWN) -> int:
    codes, verdicts = found.counted()
    return int(np.count_nonzero((codes >= first) & (codes <= last) & (verdicts == verdict)))


@pytest.mark.parametrize(
    ("name", "index", "block", "count"),
    [
        ("NanumSquareR.ttf", 0, HANGUL, 2_479),
        ("NanumSquareR.ttf", 0, URO, 0),
        ("NanumGothic.ttf", 0, HANGUL, 11_172),
        ("setofont.ttf", 0, HANGUL, 6_944),
        ("setofont.ttf", 0, URO, 17_140),
        ("setofont.ttf", 0, EXT_A, 164),
        ("AoyagiKouzanT.ttf", 0, URO, 2_965),
        ("kouzan-mouhitsu-gyosho.ttf", 0, URO, 6_367),
        ("KouzanBrushFontSousyo.ttf", 0, URO, 7_107),
        ("kouzan-mouhitsu.ttf", 0, URO, 12_200),
        ("ukai.ttc", 2, URO, 18_366),
        ("ukai.ttc", 2, EXT_A, 719),
        ("NotoSerifCJK-Regular.ttc", 3, URO, 20_971),
        ("NotoSerifCJK-Regular.ttc", 3, HANGUL, 11_172),
    ],
)
def test_a_font_draws_what_was_counted(
    fonts: Callable[[str], Path], name: str, index: int, block: tuple[int, int], count: int
) -> None:
    assert drawn(facts(fonts(name), index), *block) == count


@pytest.mark.parametrize(
    ("names", "index", "count"),
    [
        (("TW-Kai-98_1.ttf", "TW-Kai-Ext-B-98_1.ttf", "TW-Kai-Plus-98_1.ttf"), 0, 17_379),
        (("NotoSerifCJK-Regular.ttc",), 3, 17_338),
    ],
)
def test_a_typeface_draws_its_share_of_the_17380_classes(
    fonts: Callable[[str], Path], names: tuple[str, ...], index: int, count: int
) -> None:
    files = tuple(
        FontFile(path=str(fonts(name)), index=index, sha256=sha256_of(fonts(name)), family="", style="")
        for name in names
    )
    found = cover(Face(id="typeface", files=files, lang="zh-Hant"), load_charset("tcc17380").classes)
    assert int(np.count_nonzero(found.file_of >= 0)) == count
    assert not found.quarantined


def test_no_ideograph_of_guseul_is_believed(fonts: Callable[[str], Path]) -> None:
    """It sets the Korean reading for each: 6,312 in groups above the limit, the rest in smaller ones."""
    found = facts(fonts("Guseul.ttf"))
    assert drawn(found, *URO, PLACEHOLDER) + drawn(found, 0xF900, 0xFAFF, PLACEHOLDER) >= 6_312
    assert drawn(found, *HANGUL) == 11_172


def test_a_glyf_font_recounted_by_its_contours(fonts: Callable[[str], Path]) -> None:
    path = fonts("NanumSquareR.ttf")
    recount(path, facts(path), lambda font: lambda name: font["glyf"][name].numberOfContours != 0)


def test_a_cff_font_recounted_by_its_curves(fonts: Callable[[str], Path]) -> None:
    path = fonts("NotoSerifCJK-Regular.ttc")
    recount(path, facts(path), with_curves)


def with_curves(font: Any) -> Callable[[str], bool]:
    glyphs = font.getGlyphSet()

    def inked(name: str) -> bool:
        pen = BoundsPen(glyphs)
        glyphs[name].draw(pen)
        return pen.bounds is not None

    return inked


def recount(path: Path, found: FontFacts, judge: Callable[[Any], Callable[[str], bool]]) -> None:
    """Ideographs and syllables that have an outline by fontTools are exactly those that we call drawn."""
    with TTFont(path, fontNumber=0, lazy=True) as font:
        has_ink, cmap = judge(font), font.getBestCmap()
        blocks = (*range(EXT_A[0], EXT_A[1] + 1), *range(URO[0], URO[1] + 1), *range(HANGUL[0], HANGUL[1] + 1))
        expected = {code for code in blocks if code in cmap and cmap[code] != ".notdef" and has_ink(cmap[code])}
    codes, verdicts = found.counted()
    ours = set(codes[verdicts == DRAWN].tolist())
    assert ours & set(blocks) == expected


def test_guseul_draws_no_ideograph(fonts: Callable[[str], Path]) -> None:
    assert drawn(facts(fonts("Guseul.ttf")), *URO) == 0


@pytest.mark.parametrize(
    "name",
    [
        "NanumSquareR.ttf",
        "setofont.ttf",
        "AoyagiKouzanT.ttf",
        "kouzan-mouhitsu-gyosho.ttf",
        "KouzanBrushFontSousyo.ttf",
        "Guseul.ttf",
    ],
)
def test_a_build_of_a_lying_font_holds_no_blank_picture_and_no_placeholder(
    fonts: Callable[[str], Path], name: str, tmp_path: Path
) -> None:
    path = fonts(name)
    codes, verdicts = facts(path).counted()
    inside = ((codes >= URO[0]) & (codes <= URO[1])) | ((codes >= HANGUL[0]) & (codes <= HANGUL[1]))
    lied, true = codes[inside & (verdicts != DRAWN)].tolist(), codes[inside & (verdicts == DRAWN)].tolist()
    asked = [chr(code) for code in lied[:: max(1, len(lied) // 200)] + true[:: max(1, len(true) // 200)]]
    (tmp_path / "classes.txt").write_text("\n".join(asked), encoding="utf-8")
    source = {"kind": "glyphs", "fonts": [str(path)], "charset": str(tmp_path / "classes.txt"), "size": 48}
    recipe = Recipe.model_validate({"name": "lying", "parts": [{"source": source}]})
    build(recipe, tmp_path / "out", Context(), Options(executor="serial"))
    rows = list(read.rows(tmp_path / "out", ["text", "image"]))
    pictures = [decode(row["image"]["bytes"]) for row in rows]
    assert lied
    assert {ord(row["text"]) for row in rows} == {ord(char) for char in asked} & set(true)
    assert all((picture < 128).any() for picture in pictures)
    assert Counter(picture.tobytes() for picture in pictures).most_common(1)[0][1] < 12
