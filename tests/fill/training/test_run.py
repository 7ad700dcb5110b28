"""A training from start to files, stopped on the way and gone on with."""

import json

import msgspec
import numpy as np
import PIL.Image
import pytest

torch = pytest.importorskip("torch")
for package in ("onnx", "onnxruntime", "safetensors", "matplotlib"):
    pytest.importorskip(package)

from ocrfactory.errors import InputError, OutputError  # noqa: E402 - after its packages are known to be there
from ocrfactory.fill.gate import load_gate  # noqa: E402
from ocrfactory.fill.training import checkpoint, run  # noqa: E402
from ocrfactory.fill.training.generator import GeneratorTraining  # noqa: E402
from ocrfactory.fill.training.reader import ReaderTraining  # noqa: E402
from ocrfactory.fill.training.run import CHECKPOINT, METRICS, Options, train  # noqa: E402
from ocrfactory.fill.training.settings import GENERATORS, READERS  # noqa: E402
from ocrfactory.fill.training.sheets import curves, sheet  # noqa: E402

from tests.fill.training.packs import glyph  # noqa: E402

NANO = msgspec.structs.replace(GENERATORS["nano"], styles=2, rows=4, steps=6, warmup=2)
OPTIONS = Options(device="cpu", precision="float32", every=4, log_every=3)


class StoppedError(Exception):
    """In place of a signal."""


def until(step):
    def told(done, steps, measured):
        assert steps == NANO.steps
        assert measured
        if done == step:
            raise StoppedError

    return told


def stopped(pack, out, step, **options):
    """A training that goes on until `step`, and no further."""
    with pytest.raises(StoppedError):
        train("nano", NANO, pack, out, msgspec.structs.replace(OPTIONS, **options), until(step))


def lines_of(out):
    return [json.loads(line) for line in (out / METRICS).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def whole(pack, device, tmp_path_factory):
    """A training that ran to its last step."""
    out = tmp_path_factory.mktemp("whole")
    stopped(pack, out, 6)
    return out


def test_it_leaves_a_checkpoint_its_measures_curves_and_a_sheet(whole):
    assert sorted(path.name for path in whole.iterdir()) == [CHECKPOINT, "curves.png", METRICS, "samples.png"]
    assert [line["step"] for line in lines_of(whole)] == [3, 4, 6]
    for name in ("curves.png", "samples.png"):
        with PIL.Image.open(whole / name) as picture:
            assert np.asarray(picture.convert("L")).std() > 5


def test_stopped_and_resumed_it_is_the_same_training(pack, device, whole, tmp_path):
    stopped(pack, tmp_path, 5)
    assert [line["step"] for line in lines_of(tmp_path)] == [3, 4]
    with (tmp_path / METRICS).open("a", encoding="utf-8") as file:
        file.write('{"step": 5, "seconds": 1.0}\n{"step": 5, "seco')  # told after the checkpoint, and cut off
    stopped(pack, tmp_path, 6, resume=True)
    (one, facts), (other, same) = (checkpoint.load(folder / CHECKPOINT) for folder in (tmp_path, whole))
    assert facts == same
    assert set(one) == set(other)
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    found, wanted = lines_of(tmp_path), lines_of(whole)
    assert [line.pop("seconds") for line in found] == sorted(line["seconds"] for line in lines_of(tmp_path))
    assert found == [{name: value for name, value in line.items() if name != "seconds"} for line in wanted]


def test_measures_of_a_run_that_ended_before_its_first_checkpoint_are_forgotten(pack, device, tmp_path):
    for _ in range(2):
        stopped(pack, tmp_path, 3)
        assert not (tmp_path / CHECKPOINT).exists()
    assert [line["step"] for line in lines_of(tmp_path)] == [3]


def test_checkpoints_may_come_more_often_than_measures(pack, device, tmp_path):
    stopped(pack, tmp_path, 2, every=2, log_every=50)
    assert (tmp_path / "curves.png").exists()
    assert [line["step"] for line in lines_of(tmp_path)] == [2]


def test_a_folder_that_holds_a_training_is_refused(pack, whole):
    with pytest.raises(OutputError, match="a training lies here already") as caught:
        train("nano", NANO, pack, whole, OPTIONS, until(1))
    assert "--resume" in caught.value.cure


def test_there_is_nothing_to_finish_without_a_checkpoint(pack, tmp_path):
    options = msgspec.structs.replace(OPTIONS, resume=True, finish=True)
    with pytest.raises(InputError, match="nothing to finish"):
        train("nano", NANO, pack, tmp_path / "new", options, until(1))
    assert not (tmp_path / "new").exists()


def test_other_settings_do_not_go_on_with_a_checkpoint(pack, whole):
    with pytest.raises(InputError, match="these differ: steps"):
        train(
            "nano", msgspec.structs.replace(NANO, steps=99), pack, whole, Options(device="cpu", resume=True), until(1)
        )


def test_a_training_goes_on_with_the_numbers_that_it_began_with(pack, whole):
    other = "bfloat16" if checkpoint.load(whole / CHECKPOINT)[1]["numbers"] == "cpu float32" else "float32"
    with pytest.raises(InputError, match=f"cpu {other} to other weights") as caught:
        train("nano", NANO, pack, whole, Options(device="cpu", precision=other, resume=True), until(1))
    assert "--precision" in caught.value.cure


def test_the_caller_s_random_numbers_go_on_as_if_nothing_had_happened(pack, device):
    torch.manual_seed(77)
    wanted = torch.rand(3)
    torch.manual_seed(77)
    GeneratorTraining(pack, NANO, device)
    ReaderTraining(pack, READERS["gate-nano"], device)
    assert torch.equal(torch.rand(3), wanted)


def test_a_gate_is_trained_measured_and_shipped(pack, device, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "CALIBRATED", 30)
    settings = msgspec.structs.replace(READERS["gate-nano"], rows=16, steps=3, warmup=1)
    files = train("gate-nano", settings, pack, tmp_path, OPTIONS, lambda done, steps, measured: None)
    assert [file.name for file in files] == [
        "gate.safetensors", "gate.classes.safetensors", "gate.onnx", "gate.json", "gate.md",
    ]  # fmt: skip
    gate = load_gate("onnx", tmp_path)
    late = pack.faces[-1]
    rows = np.arange(late.start, late.start + 40)
    texts = [chr(code) for code in pack.codes[rows].tolist()]
    content = np.stack([pack.ink(pack.rows_of(number, pack.codes[rows])) for number in (0, 1)], 1)
    right = [verdict.reason for verdict in gate.judge(pack.ink(rows), texts, content)]
    wrong = [verdict.reason for verdict in gate.judge(pack.ink(rows), texts[1:] + texts[:1], content)]
    assert right.count(None) > 20
    assert wrong.count(None) == 0
    report = json.loads((tmp_path / "gate.json").read_text("utf-8"))["training"]
    assert report["false_accepts"] < 0.02
    assert report["wrong_pairs"] == 2 * report["right_pairs"]
    strange = report["unknown_characters"]
    assert (strange["wrong_pairs"], strange["right_pairs"]) == (report["wrong_pairs"], report["right_pairs"])
    assert strange["false_accepts"] < 0.02
    assert set(report["false_rejects_by_face"]) >= {"late"}
    assert report["top1_of_unseen_glyphs"]["late"] > 0.8
    assert not (tmp_path / "samples.png").exists()
    assert "top1" in lines_of(tmp_path)[0]


def test_a_gate_that_could_not_be_measured_is_refused_before_it_is_trained(tmp_path):
    from ocrfactory.fill.training.pack import GlyphPack

    from tests.fill.training.packs import FACES, write_pack

    lenders = GlyphPack(write_pack(tmp_path / "p", FACES[:3]))
    with pytest.raises(InputError, match="never saw"):
        train("gate-nano", READERS["gate-nano"], lenders, tmp_path / "out", OPTIONS, until(1))


# Sheets and curves


def test_a_sheet_is_black_on_white_with_a_cell_for_each_picture(tmp_path):
    rows = [[glyph(0x4E00 + i) for i in range(3)] for _ in range(2)]
    sheet(rows, tmp_path / "s.png")
    with PIL.Image.open(tmp_path / "s.png") as picture:
        assert picture.size == (3 * 66, 2 * 66)
        assert np.array_equal(255 - np.asarray(picture)[1:65, 1:65], rows[0][0])


def test_curves_are_drawn_of_whatever_was_measured(tmp_path):
    lines = [
        {"step": 1, "seconds": 0.1, "l1": 0.5, "ssim": 0.1, "copy": 0.2},
        {"step": 2, "seconds": 0.2, "critic": 2.0},
    ]
    (tmp_path / "m").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    for name in ("a.png", "b.png"):
        curves(tmp_path / "m", tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()  # nothing of the clock in it


def test_curves_without_matplotlib_say_what_to_install(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(InputError, match="matplotlib") as caught:
        curves(tmp_path / "m", tmp_path / "c.png")
    assert "pip install" in caught.value.cure
