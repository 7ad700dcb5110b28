"""The gate admits the character that was asked for, and says of everything else why not."""

import json
from hashlib import sha256
from types import SimpleNamespace

import cv2
import msgspec
import numpy as np
import pytest
from ocrfactory.errors import InputError
from ocrfactory.fill.frame import draw_frame
from ocrfactory.fill.gate import FORMAT, ReaderGate, Reading, Thresholds, load_gate, nearest_classes, refusal
from ocrfactory.fill.marks import Marks
from ocrfactory.fonts.names import describe
from ocrfactory.fonts.opened import open_font

from tests.makers import make_font

KNOWN = "".join(map(chr, range(0x4E00, 0x4E40)))
RARE = "龍龜"
LIMITS = Thresholds(
    ink=(0.02, 0.6),
    ratio=(0.5, 2.0),
    specks=2,
    peak=200.0,
    excess=100,
    agreement=0.6,
    own=0.9,
    margin=0.002,
    alike=0.01,
    unknown_own=0.9,
    unknown_margin=0.002,
)
NAMES = {"ink", "ratio", "agreement", "own", "margin"}


def eye(ink):
    """A made reader: the picture at 16 x 16, without its mean, of length 1."""
    small = ink.reshape(-1, 16, 4, 16, 4).mean((2, 4), dtype=np.float32).reshape(len(ink), -1)
    small -= small.mean(1, keepdims=True)
    return small / np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-6)


@pytest.fixture(scope="module")
def glyphs(tmp_path_factory):
    """The glyph of each character in one design."""
    path = make_font(tmp_path_factory.mktemp("gate") / "f.ttf", KNOWN + RARE)
    font = open_font(describe(path, 0), "und")
    return {text: draw_frame(font, text) for text in KNOWN + RARE}


@pytest.fixture(scope="module")
def made(glyphs):
    """A gate that knows `KNOWN`, by the made reader."""
    codes = np.array([ord(text) for text in KNOWN], np.uint32)
    return ReaderGate("made", eye, codes, eye(np.stack([glyphs[text] for text in KNOWN])), LIMITS)


def worn(picture):
    """The same glyph, a little softer."""
    return cv2.GaussianBlur(picture, (0, 0), 0.7)


def ask(gate, glyphs, pictures, classes, content=None):
    """Verdicts on pictures under labels, beside the labels' own glyphs."""
    shown = [glyphs[text] for text in classes] if content is None else content
    frames = np.stack([np.stack([glyph, np.zeros_like(glyph)]) for glyph in shown])
    return gate.judge(np.stack(pictures), list(classes), frames)


def test_right_glyphs_are_admitted(made, glyphs):
    verdicts = ask(made, glyphs, [worn(glyphs[text]) for text in KNOWN], KNOWN)
    assert [verdict.reason for verdict in verdicts] == [None] * len(KNOWN)
    assert {verdict.detail for verdict in verdicts} == {""}


def test_swapped_labels_are_refused_and_the_character_that_was_read_is_named(made, glyphs):
    pictures = [glyphs[text] for text in KNOWN]
    verdicts = ask(made, glyphs, pictures, KNOWN[1:] + KNOWN[0])
    assert all(verdict.reason for verdict in verdicts)
    # With the glyph that is really shown as its content nothing but the reader can tell.
    verdicts = ask(made, glyphs, pictures, KNOWN[1:] + KNOWN[0], pictures)
    assert {verdict.reason for verdict in verdicts} == {"gate_class"}
    assert verdicts[0].detail == f"reads as U+4E00 {KNOWN[0]}"
    assert all(verdict.scores["margin"] < 0 for verdict in verdicts)


def test_a_picture_between_two_look_alikes_is_refused(made, glyphs):
    a, b = KNOWN[4], KNOWN[int(made.look_alikes(4)[0])]
    between = (0.52 * glyphs[a] + 0.48 * glyphs[b]).astype(np.uint8)
    (verdict,) = ask(made, glyphs, [between], a)
    assert verdict.reason == "gate_look_alike"
    assert f"nearest is U+{ord(b):04X}" in verdict.detail
    assert 0 <= verdict.scores["margin"] < LIMITS.alike


def test_a_picture_of_nothing_like_its_class_is_refused(made, glyphs):
    strict = ReaderGate("strict", eye, made.codes, made.prototypes, msgspec.structs.replace(LIMITS, own=0.9999))
    (verdict,) = ask(strict, glyphs, [worn(glyphs["一"])], "一")
    assert verdict.reason == "gate_unlike"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda ink: np.zeros_like(ink), "gate_ink"),
        (lambda ink: np.full_like(ink, 255), "gate_ink"),
        (lambda ink: ink // 4, "gate_ink"),
        (lambda ink: np.roll(ink, -int(np.flatnonzero(ink.any(0))[0]), 1), "gate_border"),
        (lambda ink: np.maximum(ink, _dirt()), "gate_specks"),
        (lambda ink: np.ascontiguousarray(ink[:, ::-1]), "gate_content"),
    ],
)
def test_a_picture_that_is_no_drawing_of_a_glyph_is_refused(made, glyphs, change, reason):
    (verdict,) = ask(made, glyphs, [change(glyphs["七"])], "七")
    assert verdict.reason == reason
    assert verdict.detail


def _dirt():
    ink = np.zeros((64, 64), np.uint8)
    ink[2:62:20, 2] = 255
    return ink


def test_a_class_that_the_reader_does_not_know_is_judged_beside_its_content(made, glyphs):
    right, wrong = ask(made, glyphs, [worn(glyphs["龍"]), glyphs["龍"][::-1].copy()], "龍龍")
    assert right.reason is None
    assert right.scores["own"] > 0.95
    assert wrong.reason
    mixed = (glyphs[KNOWN[3]] * 0.3 + glyphs["龍"] * 0.7).astype(np.uint8)
    (swapped,) = ask(made, glyphs, [glyphs[KNOWN[3]]], "龍", [mixed])
    assert swapped.reason == "gate_class"  # a class that it knows is nearer than the content


def test_unknown_classes_have_limits_of_their_own(made, glyphs):
    limits = msgspec.structs.replace(LIMITS, unknown_own=0.9999)
    strict = ReaderGate("strict", eye, made.codes, made.prototypes, limits)
    known, unknown = ask(strict, glyphs, [worn(glyphs["一"]), worn(glyphs["龍"])], "一龍")
    assert (known.reason, unknown.reason) == (None, "gate_unlike")


def test_of_two_content_glyphs_the_nearer_one_counts(made, glyphs):
    content = np.stack([glyphs["龜"], glyphs["龍"]])[None]
    (reading,) = made.compare(made.read(glyphs["龍"][None]), ["龍"], content)
    assert not reading.known
    assert reading.own == pytest.approx(1, abs=1e-5)


def test_a_class_of_several_code_points_is_not_known(made, glyphs):
    (reading,) = made.compare(made.read(glyphs["一"][None]), ["一\ufe00"], glyphs["一"][None, None])
    assert not reading.known


def test_an_empty_batch_has_no_verdicts(made):
    assert made.judge(np.zeros((0, 64, 64), np.uint8), [], np.zeros((0, 2, 64, 64), np.uint8)) == []


def test_a_verdict_does_not_depend_on_what_stands_beside_it(made, glyphs):
    texts = KNOWN[:10] + RARE
    pictures = [worn(glyphs[text]) for text in KNOWN[:8] + RARE + KNOWN[8:10]]
    together = ask(made, glyphs, pictures, texts)
    for i, text in enumerate(texts):
        (alone,) = ask(made, glyphs, [pictures[i]], text)
        assert alone.reason == together[i].reason
        assert alone.scores == pytest.approx(together[i].scores, abs=1e-4)


def test_every_verdict_has_the_same_scores(made, glyphs):
    pictures = [glyphs["一"], glyphs["丁"], np.zeros((64, 64), np.uint8), glyphs["龍"]]
    for verdict in ask(made, glyphs, pictures, "一一一龍"):
        assert set(verdict.scores) == NAMES
        assert np.isfinite(list(verdict.scores.values())).all()


def test_look_alikes_are_the_nearest_classes_and_never_the_class_itself(made):
    found = made.look_alikes(9).tolist()
    likeness = made.prototypes @ made.prototypes[9]
    assert 9 not in found
    assert likeness[found] == pytest.approx(np.sort(likeness)[-2:-10:-1])
    assert likeness[made.look_alikes(9, 3)] == pytest.approx(likeness[found[:3]])
    assert len(made.look_alikes(9, 1000)) == len(KNOWN) - 1


def test_a_list_of_look_alikes_is_what_would_be_found(made):
    rng = np.random.default_rng(0)
    prototypes = rng.normal(size=(1100, 6)).astype(np.float32)
    prototypes /= np.linalg.norm(prototypes, axis=1, keepdims=True)
    listed = nearest_classes(prototypes, 5)
    assert listed.shape == (1100, 5)
    found = ReaderGate("x", eye, np.arange(1100, dtype=np.uint32), prototypes, LIMITS)
    with_list = ReaderGate("x", eye, found.codes, prototypes, LIMITS, listed)
    for number in (0, 511, 512, 1024, 1099):
        assert listed[number].tolist() == found.look_alikes(number, 5).tolist()
        assert with_list.look_alikes(number, 3).tolist() == listed[number, :3].tolist()
        assert with_list.look_alikes(number, 7).tolist() == found.look_alikes(number, 7).tolist()
    assert nearest_classes(prototypes[:3], 5).shape == (3, 2)


def test_a_gate_of_a_single_class_judges_too(glyphs):
    gate = ReaderGate("one", eye, np.array([0x4E00], np.uint32), eye(glyphs["一"][None]), LIMITS)
    right, wrong = ask(gate, glyphs, [glyphs["一"], glyphs["龍"]], "一一", [glyphs["一"], glyphs["龍"]])
    assert right.reason is None
    assert wrong.reason == "gate_unlike"


GOOD = Marks(ink=0.2, ratio=1.0, pieces=3, excess=0, specks=0, peak=250.0, border=0, agreement=0.9)
READ = Reading(known=True, own=0.95, margin=0.5, rival=0x4E8C, alike=False)
ROOMY = msgspec.structs.replace(LIMITS, margin=0.2, alike=0.3, unknown_own=0.97, unknown_margin=0.6)


@pytest.mark.parametrize(
    ("marks", "reading", "reason"),
    [
        ({}, {}, None),
        ({"ink": 0.019}, {}, "gate_ink"),
        ({"ink": 0.61}, {}, "gate_ink"),
        ({"ratio": 0.4}, {}, "gate_ink"),
        ({"ratio": 2.1}, {}, "gate_ink"),
        ({"ink": float("nan")}, {}, "gate_ink"),
        ({"peak": 199.0}, {}, "gate_faint"),
        ({"border": 1}, {}, "gate_border"),
        ({"specks": 2}, {}, None),
        ({"specks": 3}, {}, "gate_specks"),
        ({"excess": 100}, {}, None),
        ({"excess": 101}, {}, "gate_pieces"),
        ({"agreement": 0.59}, {}, "gate_content"),
        ({}, {"margin": -0.01}, "gate_class"),
        ({}, {"own": 0.89}, "gate_unlike"),
        ({}, {"margin": 0.19}, "gate_margin"),
        ({}, {"margin": 0.25}, None),
        ({}, {"margin": 0.25, "alike": True}, "gate_look_alike"),
        ({}, {"margin": 0.31, "alike": True}, None),
        ({}, {"known": False, "margin": 0.7}, "gate_unlike"),
        ({}, {"known": False, "own": 0.98}, "gate_margin"),
        ({}, {"known": False, "own": 0.98, "margin": 0.7}, None),
    ],
)
def test_each_limit_has_its_reason(marks, reading, reason):
    found, said = refusal(ROOMY, msgspec.structs.replace(GOOD, **marks), msgspec.structs.replace(READ, **reading))
    assert found == reason
    assert bool(said) == (reason is not None)


# The gate as files

EASY = msgspec.structs.replace(LIMITS, own=0.8, margin=0.0005, alike=0.0005)


@pytest.fixture(scope="module")
def shipped(glyphs, tmp_path_factory):
    """A folder with the files of a gate whose network reads a linear picture of the glyph."""
    torch = pytest.importorskip("torch")
    for package in ("onnx", "onnxruntime", "safetensors"):
        pytest.importorskip(package)
    from ocrfactory.fill.networks import Reader
    from ocrfactory.fill.training.release import release_gate

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        network = Reader(width=8, dimensions=64).eval()
        network.project.weight.mul_(0.01)
        network.half().float()
        shown = torch.from_numpy(np.stack([glyphs[text] for text in KNOWN])[:, None]).float() / 255
        directions = network(shown).numpy()
    training = SimpleNamespace(
        average=network,
        directions=directions,
        codes=np.array([ord(text) for text in KNOWN]),
        settings=SimpleNamespace(network={"width": 8, "dimensions": 64}),
    )
    folder = tmp_path_factory.mktemp("weights")
    files = release_gate(training, EASY, {"wrong_pairs": 7}, folder)
    assert sorted(file.name for file in files) == sorted(FILES)
    return folder


FILES = ("gate.json", "gate.safetensors", "gate.classes.safetensors", "gate.onnx")
HASHES = {"gate.safetensors": "weights", "gate.classes.safetensors": "classes", "gate.onnx": "graph"}


@pytest.fixture
def copied(shipped, tmp_path):
    """The same files, to be damaged."""
    for name in FILES:
        (tmp_path / name).write_bytes((shipped / name).read_bytes())
    return tmp_path


def change_card(folder, **fields):
    card = json.loads((folder / "gate.json").read_text("utf-8"))
    (folder / "gate.json").write_text(json.dumps({**card, **fields}), "utf-8")


def refused(folder, said, engine="onnx"):
    with pytest.raises(InputError, match=said) as caught:
        load_gate(engine, folder)
    assert caught.value.cure
    return caught.value


def test_what_was_released_judges_alike_on_every_engine(shipped, glyphs):
    gates = {engine: load_gate(engine, shipped) for engine in ("onnx", "torch")}
    assert gates["onnx"].id == gates["torch"].id
    assert gates["onnx"].id == f"gate-{sha256((shipped / 'gate.json').read_bytes()).hexdigest()[:16]}"
    assert gates["onnx"].thresholds == EASY
    texts = KNOWN + KNOWN[::-1] + RARE
    pictures = [worn(glyphs[text]) for text in KNOWN * 2 + RARE]
    on_onnx, on_torch = (ask(gate, glyphs, pictures, texts, pictures) for gate in gates.values())
    assert [verdict.reason for verdict in on_onnx] == [verdict.reason for verdict in on_torch]
    assert {verdict.reason for verdict in on_onnx[: len(KNOWN)]} == {None}
    assert {verdict.reason for verdict in on_onnx[len(KNOWN) : 2 * len(KNOWN)]} == {"gate_class"}
    for one, other in zip(on_onnx, on_torch, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=2e-4)  # engines round in other places


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    assert name in refused(copied, "cannot be read").message


@pytest.mark.parametrize("name", HASHES)
def test_a_truncated_file_is_not_the_one_that_the_card_names(copied, name):
    data = (copied / name).read_bytes()
    (copied / name).write_bytes(data[: len(data) // 2])
    refused(copied, f"{name}: not the file that gate.json names")


@pytest.mark.parametrize("name", HASHES)
def test_a_card_that_names_another_file_is_refused(copied, name):
    change_card(copied, **{f"{HASHES[name]}_sha256": "0" * 64})
    refused(copied, f"{name}: not the file that gate.json names")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "ocrfactory-gate/1"}', "\x00"])
def test_a_card_that_is_none_is_refused(copied, text):
    (copied / "gate.json").write_text(text, "utf-8")
    refused(copied, "cannot be read")


def test_a_limit_that_this_version_does_not_know_is_refused(copied):
    card = json.loads((copied / "gate.json").read_text("utf-8"))
    change_card(copied, thresholds={**card["thresholds"], "luck": 0.5})
    refused(copied, "luck")


def test_a_gate_of_another_format_is_refused(copied):
    change_card(copied, format="ocrfactory-gate/2")
    assert FORMAT in refused(copied, "ocrfactory-gate/2").message


@pytest.mark.parametrize(("engine", "said"), [("torch", "not the weights of reader"), ("onnx", "does not fit")])
def test_weights_of_another_network_are_refused(copied, engine, said):
    from safetensors.numpy import load, save

    weights = load((copied / "gate.safetensors").read_bytes())
    weights["stem.1.weight"] = weights["stem.1.weight"][:4]
    data = save(weights)
    (copied / "gate.safetensors").write_bytes(data)
    change_card(copied, weights_sha256=sha256(data).hexdigest())
    refused(copied, said, engine)


def test_an_unknown_engine_or_architecture_is_refused(copied):
    refused(copied, "no engine", "gpu")
    change_card(copied, architecture="oracle")
    refused(copied, "oracle", "torch")


def test_the_id_changes_with_whatever_decides(copied):
    from safetensors.numpy import load, save

    ids = {load_gate("onnx", copied).id}
    card = json.loads((copied / "gate.json").read_text("utf-8"))
    change_card(copied, thresholds={**card["thresholds"], "own": 0.91})
    ids.add(load_gate("onnx", copied).id)
    for name, key in (("gate.safetensors", "linear.bias"), ("gate.classes.safetensors", "directions")):
        tensors = load((copied / name).read_bytes())
        tensors[key] = np.ascontiguousarray(tensors[key][..., ::-1])
        data = save(tensors)
        (copied / name).write_bytes(data)
        change_card(copied, **{f"{HASHES[name]}_sha256": sha256(data).hexdigest()})
        ids.add(load_gate("onnx", copied).id)
    assert len(ids) == 4
