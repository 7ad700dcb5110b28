"""The source `trdg`: its pictures depend on the row alone, its failures are counted."""

import builtins
import random
import subprocess
import sys

import cv2
import numpy as np
import pytest
from ocrfactory.errors import FontError, InputError, Reject
from ocrfactory.sample import Sample
from ocrfactory.sources.source import Context
from ocrfactory.sources.trdg import Trdg
from PIL import Image
from pydantic import ValidationError

from tests.makers import make_font, make_ttc, make_variable_font

pytest.importorskip("trdg", reason="the extra trdg is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trdg")
    make_font(folder / "a.ttf", "가나다라마", blanks=" ", family="A")
    make_font(folder / "b.ttf", "가나다라마바사", blanks=" ", family="B")
    make_ttc(folder / "c.ttc", [folder / "a.ttf", folder / "b.ttf"])
    make_variable_font(folder / "v.ttf", "가나다라마바사")
    (folder / "texts.txt").write_text("가나다\n나 다\n바사\n가하\n마라다나\n가나다라마바사\n", encoding="utf-8")
    return folder


def drawn(folder, seed=0, rows=None, fonts=("a.ttf", "b.ttf"), **settings):
    corpus = [{"kind": "lines", "file": str(folder / "texts.txt")}]
    source = Trdg(fonts=fonts, corpus=corpus, **settings)
    settled = source.settle(Context(folder=folder))
    drawer = source.open(settled.state, seed)
    return settled, list(drawer.draw(range(settled.rows) if rows is None else rows))


def pictures(samples):
    return [s.image.tobytes() + bytes(s.image.shape) if isinstance(s, Sample) else str(s) for s in samples]


def test_a_text_is_drawn_by_a_font_that_has_all_of_it_or_rejected_by_name(folder):
    settled, rows = drawn(folder)
    assert settled.items == len(rows) == 6
    found = {row.text: row for row in rows if isinstance(row, Sample)}
    assert set(found) == {"가나다", "나 다", "바사", "마라다나", "가나다라마바사"}
    assert found["바사"].font.name == found["가나다라마바사"].font.name == "B Regular"
    (reject,) = [row for row in rows if isinstance(row, Reject)]
    assert (reject.reason, reject.detail) == ("undrawable", "no face draws U+D558")
    assert settled.undrawn == ("하",)
    assert settled.facets["face"].names[settled.facets["face"].codes[3]] == "-"
    for row in found.values():
        assert (row.kind, row.origin, row.direction, row.font_size_px) == ("line", "font", "ltr", 32.0)
        assert row.image.dtype == np.uint8
        assert row.image.shape[0] == 32
        assert row.char_boxes is None
        assert settled.facets["group"].names[settled.facets["group"].codes[0]]
        assert row.split_group in settled.facets["group"].names


WILD = {"background_type": 0, "distorsion_type": 3, "random_skew": True, "skewing_angle": 5, "blur": 2,
        "random_blur": True, "text_color": "#000000,#404040"}  # fmt: skip


@pytest.mark.parametrize("settings", [WILD, WILD | {"background_type": 2}, WILD | {"background_type": 3}])
def test_the_same_row_is_the_same_picture_whatever_was_drawn_before(folder, settings):
    first = drawn(folder, **settings)[1]
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002 - what other code might do
    cv2.setRNGSeed(5)
    again = drawn(folder, **settings, rows=range(5, -1, -1))[1][::-1]
    assert pictures(first) == pictures(again)
    assert pictures(first) != pictures(drawn(folder, seed=1, **settings)[1])


def test_the_global_generators_are_left_as_they_were(folder, capsys):
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    drawn(folder, **WILD)
    drawn(folder, text_color="#f0f0f0", background_type=1)
    after = np.random.get_state()  # noqa: NPY002
    assert random.getstate() == python
    assert (after[1].tobytes(), after[2:]) == (numpy[1].tobytes(), numpy[2:])
    assert capsys.readouterr().out == ""


def test_another_process_draws_the_same_bytes(folder):
    code = (
        "import sys, pathlib, hashlib; from tests.sources.test_trdg import *;"
        "print(hashlib.sha256(repr(pictures(drawn(pathlib.Path(sys.argv[1]), **WILD)[1])).encode()).hexdigest())"
    )
    run = [sys.executable, "-c", code, str(folder)]
    assert len({subprocess.run(run, capture_output=True, check=True).stdout for _ in range(2)}) == 1


def test_a_white_ground_gives_grey_pictures_and_colours_give_colours(folder):
    assert drawn(folder, background_type=1)[1][0].image.ndim == 2
    assert drawn(folder, background_type=1, text_color="#900000")[1][0].image.ndim == 3


def test_vertical_lines_are_as_wide_as_the_size(folder):
    row = drawn(folder, orientation=1)[1][0]
    assert row.direction == "ttb"
    assert row.image.shape[1] == 32 < row.image.shape[0]


def test_what_trdg_gives_up_and_what_cannot_be_seen_are_counted_rejects(folder, tmp_path):
    rows = drawn(folder, background_type=1, text_color="#fbfbfb")[1]
    assert {row.reason for row in rows} == {"blank", "undrawable"}
    Image.new("RGB", (400, 80), "#aaaaaa").save(tmp_path / "grey.png")  # trdg takes white text for this grey
    rows = drawn(folder, background_type=3, image_dir=str(tmp_path), text_color="#ffffff")[1]
    assert {row.reason for row in rows} == {"trdg_none", "undrawable"}


def test_a_picture_of_gigabytes_is_refused_before_it_is_drawn(tmp_path):
    make_font(tmp_path / "f.ttf", "가", blanks=" ")
    (tmp_path / "texts.txt").write_text("가" * 200 + "\n" + "가 가" * 20 + "\n", encoding="utf-8")
    rows = drawn(tmp_path, fonts=("f.ttf",), size=512, space_width=20)[1]
    assert [row.reason for row in rows] == ["too_long", "too_long"]


def test_an_error_of_trdg_is_a_counted_reject(folder, monkeypatch):
    from trdg import computer_text_generator

    monkeypatch.setattr(computer_text_generator, "generate", lambda *args: 1 / 0)
    assert {row.reason for row in drawn(folder)[1]} == {"trdg_failed", "undrawable"}


def test_a_text_that_does_not_fit_the_width_is_rejected_not_cut(folder):
    rows = drawn(folder, width=100)[1]
    assert isinstance(rows[0], Sample)
    assert rows[0].image.shape == (32, 100)
    assert rows[5].reason == "clipped"


def test_marks_and_right_to_left_texts_are_rejected(tmp_path):
    make_font(tmp_path / "m.ttf", "ax\u0301א")
    (tmp_path / "texts.txt").write_text("x\u0301a\nאא\naa\n", encoding="utf-8")
    rows = drawn(tmp_path, fonts=("m.ttf",))[1]
    assert [getattr(row, "reason", "drawn") for row in rows] == ["undrawable", "bidi", "drawn"]


def test_faces_that_trdg_cannot_open_are_left_out_and_said(folder):
    settled, rows = drawn(folder, fonts=("c.ttc", "v.ttf@wght=700"))
    assert [face.files[0].index for face in settled.fonts] == [0]
    assert "left out" in settled.notes[0]
    with pytest.raises(FontError, match="no instance of a variable font"):
        drawn(folder, fonts=("v.ttf@wght=700",))
    assert rows[2].reason == "undrawable"


def test_background_pictures_are_taken_in_order_of_their_names(folder, tmp_path):
    import trdg.background_generator as backgrounds

    for name in ("c", "a", "b"):
        Image.new("RGB", (400, 80), {"a": "#ffe0e0", "b": "#e0ffe0", "c": "#e0e0ff"}[name]).save(
            tmp_path / f"{name}.png"
        )
    settled, rows = drawn(folder, background_type=3, image_dir=str(tmp_path))
    assert len(settled.facts["pictures"]) == 3
    assert {tuple(row.image[0, 0]) for row in rows if isinstance(row, Sample)} <= {
        (255, 224, 224), (224, 255, 224), (224, 224, 255)
    }  # fmt: skip
    assert backgrounds.os is __import__("os")
    with pytest.raises(InputError, match="no folder 'nowhere'"):
        drawn(folder, background_type=3, image_dir="nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="0 pictures"):
        drawn(folder, background_type=3, image_dir=str(tmp_path / "empty"))


def test_without_trdg_the_plan_says_how_to_install_it(folder, monkeypatch):
    real = builtins.__import__
    for name in [name for name in sys.modules if name.split(".")[0] == "trdg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_No(), *sys.meta_path])
    with pytest.raises(InputError) as caught:
        drawn(folder)
    assert "pip install --no-deps trdg" in caught.value.cure
    assert builtins.__import__ is real


class _No:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "trdg":
            raise ModuleNotFoundError(name)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"is_handwritten": True}, "TensorFlow 1"),
        ({"text_color": "reddish"}, "reddish"),
        ({"text_color": "#ffffff,#000000"}, "the darker one"),
        ({"text_color": "#000,#111,#222"}, "3 colours"),
        ({"margins": (20, 0, 20, 0)}, "leave no room in a size of 32"),
        ({"margins": (-1, 0, 0, 0)}, "0 or more"),
        ({"width": 5}, "leave no room in a width of 5"),
        ({"width": 100, "orientation": 1}, "horizontal"),
        ({"space_width": 0}, "greater than 0"),
        ({"size": 10**9}, "1024"),
        ({"size": 512, "background_type": 2}, "above a size of 128"),
        ({"image_dir": "x"}, "background_type: 3"),
        ({"distorsion": 1}, "[Ee]xtra"),
    ],
)
def test_settings_that_cannot_work_are_named_when_the_recipe_is_loaded(settings, words):
    with pytest.raises(ValidationError, match=words):
        Trdg(fonts=("x",), **settings)


def test_files_that_are_no_pictures_cost_no_line_and_are_noted(folder, tmp_path):
    Image.new("RGB", (400, 80), "#ffe0e0").save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    (tmp_path / "notes.txt").write_text("to do")
    settled, rows = drawn(folder, background_type=3, image_dir=str(tmp_path))
    assert {row.reason for row in rows if isinstance(row, Reject)} == {"undrawable"}
    assert len(settled.facts["pictures"]) == 1
    assert any("2 of 3 files" in note and "notes.txt: no picture" in note for note in settled.notes)
    (tmp_path / "a.png").unlink()
    with pytest.raises(InputError, match="2 of 2 files in"):
        drawn(folder, background_type=3, image_dir=str(tmp_path))


def test_a_reject_that_quotes_an_error_names_no_folder_of_this_machine(folder, monkeypatch):
    from trdg import computer_text_generator

    def fails(*args):
        raise OSError("cannot open '/home/me/secret/a.png'")

    monkeypatch.setattr(computer_text_generator, "generate", fails)
    details = {row.detail for row in drawn(folder)[1] if row.reason == "trdg_failed"}
    assert all("a.png" in detail and "/" not in detail for detail in details)
    assert details
