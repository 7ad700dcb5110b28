"""`ocrfactory fill train` and `fill pack` as a user meets them."""

import json
import shutil
import sys

import pytest

from tests.conftest import HAN
from tests.fill.training.packs import write_pack
from tests.makers import make_font

pytest.importorskip("safetensors")


@pytest.fixture(scope="module")
def glyphs(tmp_path_factory):
    return write_pack(tmp_path_factory.mktemp("pack") / "glyphs.safetensors")


def nano(glyphs, out, *more):
    return (
        "fill", "train", "--preset", "nano", "--pack", glyphs, "--out", out, "--steps", 4, "--every", 2,
        "--device", "cpu", "--precision", "float32", "--threads", 1, "--progress", "plain", *more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(here, glyphs, tmp_path_factory):
    """A toy, trained from the command line."""
    torch = pytest.importorskip("torch")
    for package in ("onnx", "onnxruntime", "matplotlib"):
        pytest.importorskip(package)
    threads = torch.get_num_threads()
    out = tmp_path_factory.mktemp("trained") / "nano"
    said = here(*nano(glyphs, out))
    yield out, said
    torch.set_num_threads(threads)


SHIPPED = ["nano.draw.onnx", "nano.encode.onnx", "nano.json", "nano.md", "nano.safetensors"]


def test_train_writes_weights_json_graphs_and_a_model_card(trained):
    out, (code, said, err) = trained
    assert code == 0, err
    names = sorted(path.name for path in out.iterdir())
    assert names == ["checkpoint.safetensors", "curves.png", "metrics.jsonl", *SHIPPED, "samples.png"]
    for name in SHIPPED:
        assert str(out / name) in said
    assert "step 4 of 4" in err


def test_measures_are_lines_of_rising_steps(trained):
    out, _ = trained
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text("utf-8").splitlines()]
    assert [line["step"] for line in lines] == [2, 4]
    assert all({"l1", "ssim", "copy", "rate", "seconds"} <= set(line) for line in lines)


def test_the_model_card_says_how_it_was_made_and_of_what(trained, glyphs):
    out, _ = trained
    card = (out / "nano.md").read_text("utf-8")
    assert "ocrfactory fill train --preset nano" in card
    assert "| steps | 4 of 4 |" in card
    assert "| tw-kai | test | 640 | OFL-1.1 | Copyright of TW-Kai |" in card
    assert '"width": 8' in card


def test_finish_writes_the_files_of_the_checkpoint_again(here, glyphs, trained, tmp_path):
    out = shutil.copytree(trained[0], tmp_path / "again")
    for name in SHIPPED:
        (out / name).unlink()
    code, _, err = here(*nano(glyphs, out, "--resume", "--finish"))
    assert code == 0, err
    assert "step" not in err
    for name in SHIPPED:
        if name != "nano.md":
            assert (out / name).read_bytes() == (trained[0] / name).read_bytes()


def test_a_folder_that_holds_a_training_is_refused(here, glyphs, trained):
    code, _, err = here(*nano(glyphs, trained[0]))
    assert code == 6
    assert "a training lies here already" in err
    assert "--resume" in err


def test_other_settings_do_not_resume(here, glyphs, trained):
    code, _, err = here(*nano(glyphs, trained[0], "--resume", "--width", 12, "--seed", 5))
    assert code == 4
    assert "these differ: width, seed" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--preset", "huge"], 2, "--preset 'huge': one of nano, fast, full, gate-nano, gate"),
        (["--finish"], 2, "--finish goes with --resume"),
        (["--resume", "--finish"], 4, "nothing to finish"),
        (["--device", "abacus"], 2, "--device 'abacus'"),
        (["--precision", "float7"], 2, "--precision 'float7'"),
        (["--progress", "song"], 2, "--progress 'song'"),
        (["--steps", "0"], 2, "--steps"),
        (["--pack", "absent.safetensors"], 4, "ocrfactory fill pack absent.safetensors"),
    ],
)
def test_mistakes_have_words_and_an_exit_code(here, glyphs, tmp_path, words, code, said):
    pytest.importorskip("torch")
    found, _, err = here(*nano(glyphs, tmp_path / "o"), *words)
    assert found == code, err
    assert said in " ".join(err.split())
    assert "Traceback" not in err
    assert not list(tmp_path.glob("o/*"))


def test_without_torch_it_says_what_to_install(here, glyphs, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "ocrfactory.fill.training.device", raising=False)  # as before its first import
    code, _, err = here(*nano(glyphs, tmp_path / "o"))
    assert code == 4
    assert "training needs torch" in err
    assert "pip install 'ocrfactory[train]'" in err


def test_a_file_that_is_no_pack_is_refused(here, font, tmp_path):
    pytest.importorskip("torch")
    code, _, err = here(*nano(font, tmp_path / "o"))
    assert code == 4
    assert "no glyph pack" in err


def test_where_there_is_no_pack_one_is_made_and_one_that_is_too_small_is_refused(here, font, charset, tmp_path):
    pytest.importorskip("torch")
    words = nano("x", tmp_path / "o")
    at = words.index("--pack")
    words = (*words[:at], *words[at + 2 :], "--font", font, "--charset", charset, "--offline")
    code, _, err = here(*words)
    assert code == 4
    assert "glyphs.safetensors: 20 glyphs" in err
    assert "500 characters to train on" in err
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["glyphs.safetensors"]


# fill pack


def test_pack_draws_every_character_of_every_face(here, font, charset, tmp_path):
    out = tmp_path / "new" / "p.safetensors"
    code, said, err = here("fill", "pack", out, "--font", font, "--charset", charset, "--offline")
    assert code == 0, err
    assert f"{out}: 20 glyphs" in said
    assert "1 of 1 faces\n" in err
    from ocrfactory.fill.training.pack import GlyphPack

    assert "".join(map(chr, GlyphPack(out).codes.tolist())) == "".join(sorted(HAN))


def test_extra_faces_of_a_font_pack_are_held_out(here, tmp_path, charset):
    from hashlib import sha256

    faces = []
    for id, need in (("one", "core"), ("two", "extra")):
        file = make_font(tmp_path / f"{id}.ttf", HAN, family=id)
        hashed = sha256(file.read_bytes()).hexdigest()
        faces.append(
            f"  - id: {id}\n    family: {id}\n    need: {need}\n    licence: MIT\n    attribution: by {id}\n"
            f"    files:\n      - {{file: {id}.ttf, sha256: [{hashed}]}}\n"
        )
    (tmp_path / "mine.yaml").write_text("name: mine\ntitle: Mine\nfaces:\n" + "".join(faces), "utf-8")
    code, _, err = here(
        "fill", "pack", tmp_path / "p", "-f", tmp_path / "mine.yaml", "-c", charset, "--font-dir", tmp_path, "--offline"
    )
    assert code == 0, err
    from ocrfactory.fill.training.pack import GlyphPack

    found = GlyphPack(tmp_path / "p").faces
    assert [(face.id, face.held_out, face.licence) for face in found] == [("one", False, "MIT"), ("two", True, "MIT")]


def test_pack_is_silent_where_no_progress_is_asked_for(here, font, charset, tmp_path):
    words = ("fill", "pack", tmp_path / "p", "--font", font, "--charset", charset, "--offline", "--progress")
    assert here(*words, "none")[2] == ""
    code, _, err = here(*words, "song")
    assert code == 2
    assert "--progress 'song'" in err


def test_pack_names_a_font_that_is_not_there(here, tmp_path):
    code, _, err = here("fill", "pack", tmp_path / "p", "--font", "nosuchfont", "--offline")
    assert code == 4
    assert "nosuchfont" in err
    assert not (tmp_path / "p").exists()
