"""Opening generators: what the content of a file says it is, and what is refused before it can do harm."""

import contextlib
import json
import os
import pickle
import shutil
import struct
import subprocess
import sys
import zipfile
from hashlib import sha256

import numpy as np
import pytest
from ocrfactory.errors import InputError
from ocrfactory.fill import load
from ocrfactory.fill.generator import Generator
from ocrfactory.fill.load import load_generator
from ocrfactory.fill.weights import read_weights

from tests.fill.models import (
    SIZE,
    K,
    digest,
    make_tiny_built_in,
    pictures,
    save_network,
    save_onnx,
    save_script,
    users_model,
    write_sidecar,
)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def onnx(torch):
    pytest.importorskip("onnxruntime")
    return pytest.importorskip("onnx")


@pytest.fixture
def network(onnx, monkeypatch, tmp_path):
    pytest.importorskip("safetensors")
    make_tiny_built_in(monkeypatch)
    return save_network(tmp_path)


def refused(path, words, **options):
    with pytest.raises(InputError, match=words) as caught:
        load_generator(path, **options)
    return caught.value


# What a generator is, whatever its format


@pytest.mark.parametrize("engine", ["auto", "onnx", "torch"])
def test_a_bundled_name_is_its_file_in_the_package(network, monkeypatch, engine):
    monkeypatch.setattr(load, "WEIGHTS", network.parent)
    generator: Generator = load_generator("fast", engine=engine)
    assert generator.id == f"fast-{digest(network)[:16]}"
    assert (generator.size, generator.channels, generator.references) == (SIZE, 2, K)
    assert generator.licence == "CC0-1.0"
    assert generator.engine == ("onnx" if engine == "auto" else engine)
    style = generator.style(pictures(K, SIZE, SIZE))
    drawn = generator.draw(pictures(3, 2, SIZE, SIZE), np.stack([style] * 3))
    assert drawn.shape == (3, SIZE, SIZE)
    assert drawn.dtype == np.uint8
    assert generator.draw(pictures(0, 2, SIZE, SIZE), np.zeros((0, 6), np.float32)).shape == (0, SIZE, SIZE)


def test_a_relative_path_starts_at_base(network, monkeypatch):
    monkeypatch.chdir("/")
    assert load_generator(network.name, base=network.parent, engine="onnx").id.startswith("fast-")


def test_bundled_weights_that_are_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "WEIGHTS", tmp_path)
    refused("full", "not in this installation")


@pytest.mark.parametrize("kind", ["refs", "id", "both"])
@pytest.mark.parametrize("save", [save_script, save_onnx])
def test_users_generators(onnx, tmp_path, kind, save):
    path = save(tmp_path / f"my.{'pt' if save is save_script else 'onnx'}", users_model(kind), kind)
    generator = load_generator(path)
    assert generator.references == (0 if kind == "id" else K)
    references = pictures(generator.references, SIZE, SIZE)
    style = generator.style(references, "my-font")
    content = pictures(2, 1, SIZE, SIZE)
    drawn = generator.draw(content, np.stack([style, style]))
    weight = 0.5 + (0.2 * references.mean() / 255 if kind != "id" else 0) + (0.3 if kind != "refs" else 0)
    spread = np.zeros((2, SIZE + 2, SIZE + 2))
    spread[:, 1:-1, 1:-1] = content[:, 0]
    inner = slice(1, -1)
    cross = spread[:, inner, inner] + spread[:, :-2, inner] + spread[:, 2:, inner]
    cross += spread[:, inner, :-2] + spread[:, inner, 2:]
    assert np.abs(drawn - np.clip(cross * 0.2 * weight, 0, 255)).max() <= 1
    if kind != "refs":
        assert not np.array_equal(generator.style(references, "other"), style)
        with pytest.raises(InputError, match="no style for face 'unknown'"):
            generator.style(references, "unknown")
        with pytest.raises(InputError, match="no style for face None"):
            generator.style(references)


@pytest.mark.parametrize("save", [save_script, save_onnx])
def test_values_of_another_range_come_out_as_ink(onnx, tmp_path, save):
    def draw(content, weight):  # white paper is 1, black ink is -1
        paper = (content + 1) / 2
        return 1 - 2 * (1 - paper) * 0.5 + 0 * weight

    path = tmp_path / f"my.{'pt' if save is save_script else 'onnx'}"
    save(path, users_model(draw=draw), polarity="ink_low", range=[-1.0, 1.0])
    generator = load_generator(path)
    content = pictures(1, 1, SIZE, SIZE)
    drawn = generator.draw(content, generator.style(pictures(K, SIZE, SIZE))[None])
    assert np.abs(drawn - content[:, 0] / 2).max() <= 1


@pytest.mark.parametrize("save", [save_script, save_onnx])
def test_half_precision_and_one_picture_at_a_time(onnx, tmp_path, save):
    path = tmp_path / f"my.{'pt' if save is save_script else 'onnx'}"
    model = users_model(draw=lambda content, weight: content.float() * 0.5 + 0 * weight.float())
    if save is save_onnx:
        save_onnx(path, model, dynamic=False, batch=1, dynamic_batch=False)
    else:
        save_script(path, model, dynamic_batch=False, dtype="float16")
    generator = load_generator(path)
    content = pictures(3, 1, SIZE, SIZE)
    drawn = generator.draw(content, np.stack([generator.style(pictures(K, SIZE, SIZE))] * 3))
    assert np.abs(drawn - content[:, 0] / 2).max() <= 1


def test_shapes_that_do_not_fit_are_faults_of_the_caller(network):
    generator = load_generator(network, engine="onnx")
    style = generator.style(pictures(K, SIZE, SIZE))
    with pytest.raises(ValueError, match="references"):
        generator.style(pictures(K + 1, SIZE, SIZE))
    with pytest.raises(ValueError, match="content"):
        generator.draw(pictures(1, 1, SIZE, SIZE), style[None])
    with pytest.raises(ValueError, match="1 characters and 2 styles"):
        generator.draw(pictures(1, 2, SIZE, SIZE), np.stack([style, style]))


# Pickles


class Bomb:
    """Unpickled, it makes a folder."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return os.mkdir, (self.mark,)


@pytest.mark.parametrize("name", ["my.pt", "my.pth", "my.onnx", "my.safetensors"])
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_pickle_is_refused_under_any_name(tmp_path, name, protocol):
    path = tmp_path / name
    path.write_bytes(pickle.dumps({"state": Bomb(tmp_path / "mark")}, protocol))
    error = refused(write_sidecar(path), "pickled checkpoint")
    assert "torch.jit.trace" in error.cure
    assert "my.safetensors" in error.cure
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("protocol", [0, 1])
def test_an_old_pickle_is_nothing_that_loads(tmp_path, protocol):
    path = tmp_path / "my.pt"
    path.write_bytes(pickle.dumps({"state": Bomb(tmp_path / "mark")}, protocol))
    refused(write_sidecar(path), "neither TorchScript")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("zipped", [True, False])
def test_a_checkpoint_of_torch_is_refused(torch, tmp_path, zipped):
    path = tmp_path / "my.pt"
    torch.save({"state": Bomb(tmp_path / "mark")}, path, _use_new_zipfile_serialization=zipped)
    refused(write_sidecar(path), "pickled checkpoint")
    assert not (tmp_path / "mark").exists()


def test_a_pickle_hidden_in_a_script_archive_is_not_run_by_python(torch, tmp_path):
    path = save_script(tmp_path / "my.pt", users_model())
    rewrite(path, {"data.pkl": pickle.dumps(Bomb(tmp_path / "mark"), 2)})
    refused(path, "cannot open it")
    rewrite(path, {"data.pkl": pickle.dumps(Bomb(tmp_path / "mark"), 4)})
    refused(path, "names classes in a way")
    assert not (tmp_path / "mark").exists()


# TorchScript


def rewrite(path, changes, rename=lambda name: [name]):
    """Change entries of an archive by the ends of their names, and its sidecar with it."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries:
            for target in rename(name):
                found = [value for end, value in changes.items() if name.endswith(end)]
                archive.writestr(zipfile.ZipInfo(target), found[0] if found else data)
    write_sidecar(path)


def test_code_that_writes_files_is_refused(torch, tmp_path):
    import warnings

    class Writes(torch.nn.Module):
        def __init__(self, mark: str):
            super().__init__()
            self.mark = mark

        def forward(self, content, style_refs):
            torch.save(content, self.mark)
            return content * 0.5

    path = tmp_path / "my.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Writes(str(tmp_path / "mark"))), path)
    refused(write_sidecar(path), "code uses 'save'")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    "line",
    [
        b"torch.from_file('x', True, 4)",
        b"torch . save(x, 'y')",
        b"ops.image.write_file('x', y)",
        b"a : __torch__.torch.classes.rpc.Call",
    ],
)
def test_names_that_reach_beyond_drawing_are_refused(torch, tmp_path, line):
    path = save_script(tmp_path / "my.pt", users_model())
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".py"))
        code = archive.read(name)
    rewrite(path, {name: code + b"\n# " + line})
    refused(path, "reaches beyond drawing")


def test_a_script_that_fails_is_an_error_of_the_user(torch, tmp_path):
    import warnings

    class Fails(torch.nn.Module):
        def forward(self, content: torch.Tensor, refs: torch.Tensor) -> torch.Tensor:
            raise ValueError("no such glyph")

    path = tmp_path / "my.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Fails()), path)
    refused(write_sidecar(path), "the generator fails: .*no such glyph")


def test_an_object_of_a_foreign_library_is_refused(torch, tmp_path):
    path = save_script(tmp_path / "my.pt", users_model())
    rewrite(path, {"constants.pkl": b"\x80\x02c__torch__.torch\nclasses.image.Reader\n)\x81."})
    refused(path, "foreign library")


def test_two_entries_of_one_name_are_refused(torch, tmp_path):
    path = save_script(tmp_path / "my.pt", users_model())
    with pytest.warns(UserWarning, match="Duplicate"):
        rewrite(path, {}, rename=lambda name: [name, name] if name.endswith("data.pkl") else [name])
    refused(path, "two entries of one name")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("save", [save_script, save_onnx])
def test_a_truncated_file_is_an_error_of_the_user(onnx, tmp_path, save, share):
    path = save(tmp_path / "my.bin", users_model())
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(write_sidecar(path), "damaged|not a whole|cannot open|graphs in it")


# ONNX


def test_the_content_decides_not_the_name(onnx, tmp_path):
    path = save_onnx(tmp_path / "my.pt", users_model())
    assert read_weights(path).kind == "onnx"
    assert load_generator(path).engine == "onnx"
    refused(path, "run on engine onnx", engine="torch")
    path = save_script(tmp_path / "other.onnx", users_model())
    assert read_weights(path).kind == "torchscript"
    refused(path, "TorchScript needs torch", engine="onnx")


def ignores_all_but(used, adds_nothing=False):
    """A user's module that leaves inputs out of what it draws; with `adds_nothing` references times 0 are in it."""
    import torch

    class Ignores(torch.nn.Module):
        def forward(self, content, *style):
            drawn = 0.5 * content[:, :1] if "content" in used else 0.5 * style[0][:, 0]
            if "style_id" in used:
                drawn = drawn * (1 + 0.01 * style[-1].to(drawn.dtype)[:, None, None, None])
            if "style_refs" in used:
                drawn = drawn * (1 + style[0].mean((1, 2, 3, 4))[:, None, None, None])
            return drawn + 0 * style[0].sum() if adds_nothing else drawn

    return Ignores().eval()


def with_data(onnx, folder, location="my.data"):
    """An ONNX file whose weight lies in a file beside it."""
    path = save_onnx(folder / "my.onnx", users_model())
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if len(tensor.raw_data) == 36:
            (folder / "my.data").write_bytes(tensor.raw_data)
            tensor.ClearField("raw_data")
            tensor.data_location = 1
            entry = tensor.external_data.add()
            entry.key, entry.value = "location", location
    path.write_bytes(model.SerializeToString())
    return path


def test_data_beside_the_model_counts_in_its_hash(onnx, tmp_path):
    path = with_data(onnx, tmp_path)
    both = sha256(path.read_bytes() + (tmp_path / "my.data").read_bytes()).hexdigest()
    write_sidecar(path, sha256=both)
    assert load_generator(path).id == f"my-{both[:16]}"
    (tmp_path / "my.data").write_bytes(b"\0" * 36)
    refused(path, "belongs to")
    (tmp_path / "my.data").write_bytes(b"\0" * 8)
    write_sidecar(path, sha256=read_weights(path).sha256)
    refused(path, "of 36 bytes is not in it")
    (tmp_path / "my.data").unlink()
    refused(path, "No such file")


@pytest.mark.parametrize("location", ["/etc/hostname", "../secret", "a/../../secret", "a//b", "C:\\secret", "", "s\0"])
def test_data_outside_of_the_folder_is_refused(onnx, tmp_path, location):
    (tmp_path / "secret").write_bytes(b"\0" * 36)
    folder = tmp_path / "model"
    folder.mkdir()
    refused(with_data(onnx, folder, location), "outside of its folder")


def test_a_link_to_data_is_not_followed(onnx, tmp_path):
    path = with_data(onnx, tmp_path, "link")
    (tmp_path / "link").symlink_to(tmp_path / "my.data")
    refused(path, "links are not followed")
    path = with_data(onnx, tmp_path, "folder/my.data")
    (tmp_path / "folder").symlink_to(tmp_path)
    refused(path, "links are not followed")


def test_data_of_a_constant_inside_a_node_is_refused(onnx, tmp_path):
    path = save_onnx(tmp_path / "my.onnx", users_model())
    model = onnx.load(path)
    tensor = onnx.TensorProto(name="x", data_type=1, dims=[1], data_location=1)
    tensor.external_data.add(key="location", value="/etc/hostname")
    node = onnx.helper.make_node("Constant", [], ["x"])
    node.attribute.add(name="value", type=4).t.CopyFrom(tensor)
    branch = onnx.helper.make_graph([node], "branch", [], [])
    for nodes in ([node], [onnx.helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)]):
        changed = onnx.ModelProto()
        changed.CopyFrom(model)
        changed.graph.node.extend(nodes)
        path.write_bytes(changed.SerializeToString())
        refused(write_sidecar(path), "takes its values from a file")


def test_operators_of_other_domains_are_refused(onnx, tmp_path):
    path = save_onnx(tmp_path / "my.onnx", users_model())
    model = onnx.load(path)
    model.graph.node[0].domain = "evil.ops"
    path.write_bytes(model.SerializeToString())
    refused(write_sidecar(path), "evil.ops::")


def test_a_model_of_another_batch_or_other_names_is_refused(onnx, tmp_path):
    refused(save_onnx(tmp_path / "a.onnx", users_model(), dynamic=False), "2 pictures at a time")
    error = refused(save_onnx(tmp_path / "b.onnx", users_model(), inputs=["x", "y"]), "inputs content, style_refs")
    assert "name them in the sidecar" in error.cure


@pytest.mark.parametrize(
    ("kind", "used", "fault", "cure"),
    [
        ("refs", "content", "no input style_refs, .*same for every face", "add 0 * style_refs.sum()"),
        (
            "both",
            "content",
            "no input style_refs and style_id, .*every face",
            "0 * style_refs.sum() + 0 * style_id.sum",
        ),
        ("refs", "style_refs", "no input content, .*same for every character", "use content in forward"),
        ("both", "content style_id", "no input style_refs, ", '"inputs": ["content", "style_id"], and remove k'),
        ("both", "content style_refs", "no input style_id, ", '"style": "refs", "inputs": ["content", "style_refs"]'),
    ],
)
def test_an_input_that_the_export_left_out_is_named_with_what_that_means(onnx, tmp_path, kind, used, fault, cure):
    error = refused(save_onnx(tmp_path / "my.onnx", ignores_all_but(used.split()), kind), fault)
    assert "export it again" in error.cure
    assert cure in error.cure


def test_too_few_inputs_under_other_names_are_counted(onnx, tmp_path):
    path = save_onnx(tmp_path / "my.onnx", ignores_all_but(["content"]), inputs=["x", "y"])
    assert "name them in the sidecar" in refused(path, "has inputs content, and style `refs` takes 2").cure


@pytest.mark.parametrize(
    ("kind", "used", "changes"),
    [
        ("refs", "content", {}),
        ("both", "content style_id", {"style": "id", "inputs": ["content", "style_id"], "k": None}),
        ("both", "content style_refs", {"style": "refs", "inputs": ["content", "style_refs"], "style_ids": None}),
    ],
)
def test_each_cure_of_a_left_out_input_helps(onnx, tmp_path, kind, used, changes):
    model = ignores_all_but(used.split(), adds_nothing=not changes)
    assert load_generator(save_onnx(tmp_path / "my.onnx", model, kind, **changes)).engine == "onnx"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 no archive",
        b"\x08\x08\x3b",
        b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x3a\x7f",
        b"\x3a\x02\x0a\x00" * 2,
        struct.pack("<Q", 10) + b"{" + b"x" * 20,
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_rubbish_is_an_error_of_the_user(tmp_path, data):
    pytest.importorskip("safetensors")
    pytest.importorskip("onnxruntime")
    path = tmp_path / "my.safetensors"
    path.write_bytes(data)
    write_sidecar(path, architecture="tiny")
    refused(path, r"my\.(safetensors|json)")


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    refused(tmp_path / "absent.onnx", "no such file")
    refused(tmp_path, "not a file")
    refused("absent", "no engine is called 'tpu'", engine="tpu")
    (tmp_path / "big.onnx").write_bytes(b"\x08" * 100)
    monkeypatch.setattr("ocrfactory.fill.weights.MAX_BYTES", 99)
    refused(tmp_path / "big.onnx", "larger than any generator")


# safetensors


def test_weights_need_their_sidecar_and_graphs(network):
    weights, sidecar = network, network.with_suffix(".json")
    fields = json.loads(sidecar.read_text(encoding="utf-8"))

    sidecar.write_text(json.dumps({**fields, "architecture": None, "config": {}, "graphs": None}), encoding="utf-8")
    refused(weights, "architecture: safetensors need")
    sidecar.write_text(json.dumps({**fields, "graphs": None}), encoding="utf-8")
    assert "write_graphs" in refused(weights, "only torch can run it", engine="onnx").cure
    assert load_generator(weights, engine="torch").engine == "torch"
    sidecar.write_text(json.dumps(fields), encoding="utf-8")
    weights.with_suffix(".draw.onnx").write_bytes(weights.with_suffix(".encode.onnx").read_bytes())
    refused(weights, "not the graph that the sidecar names", engine="onnx")
    weights.with_suffix(".draw.onnx").unlink()
    refused(weights, "no such file", engine="onnx")
    sidecar.write_text(json.dumps({**fields, "config": {"channels": 1}}), encoding="utf-8")
    refused(weights, "not the weights of tiny", engine="torch")


def test_an_architecture_of_ours_does_not_fit_a_users_file(onnx, tmp_path):
    refused(save_onnx(tmp_path / "my.onnx", users_model(), architecture="tiny"), "onnx files bring their own")


def test_truncated_and_changed_weights(network):
    whole = network.read_bytes()
    network.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    refused(network, "belongs to")
    network.write_bytes(whole[:-7])
    fields = json.loads(network.with_suffix(".json").read_text(encoding="utf-8"))
    network.with_suffix(".json").write_text(json.dumps({**fields, "sha256": digest(network)}), encoding="utf-8")
    refused(network, "not whole")


def test_weights_of_other_types_are_refused(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    path = tmp_path / "my.safetensors"
    numpy.save_file({"a": np.zeros(2, np.int64)}, path)
    refused(write_sidecar(path, architecture="tiny"), "weights of type I64")


# Engines that are not there

BLOCKED = """
import sys
for name in {blocked}:
    sys.modules[name] = None
import numpy as np
from ocrfactory.errors import InputError
from ocrfactory.fill.load import load_generator
assert not {{"torch", "onnxruntime", "onnx", "safetensors"}} & {{name for name in sys.modules if sys.modules[name]}}
try:
    generator = load_generator({path!r}, engine={engine!r})
except InputError as error:
    print("refused:", error.message, "->", error.cure)
else:
    style = generator.style(np.zeros(({k}, {size}, {size}), np.uint8))
    content = np.zeros((1, {channels}, {size}, {size}), np.uint8)
    print(generator.engine, generator.id, generator.draw(content, style[None]).shape)
"""


def blocked(path, engine, *names, channels=2):
    """What loading says in a process that lacks packages."""
    fields = {"blocked": names, "path": str(path), "engine": engine, "k": K, "size": SIZE, "channels": channels}
    command = [sys.executable, "-c", BLOCKED.format(**fields)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_torch(network):
    assert blocked(network, "auto", "torch", "onnx").startswith("onnx fast-")
    said = blocked(network, "torch", "torch")
    assert "torch is not installed -> pip install 'ocrfactory[train]'" in said
    users = save_onnx(network.parent / "my.onnx", users_model())
    assert blocked(users, "auto", "torch", "onnx", "safetensors", channels=1).startswith("onnx my-")


def test_without_onnxruntime(network):
    assert "onnxruntime is not installed -> pip install 'ocrfactory[fill]'" in blocked(network, "onnx", "onnxruntime")
    said = blocked(network, "auto", "torch", "onnxruntime")
    assert "neither onnxruntime nor torch is installed -> pip install 'ocrfactory[fill]'" in said
    assert "safetensors is not installed" in blocked(network, "auto", "safetensors")


def test_auto_takes_torch_where_onnxruntime_is_missing(network, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert load_generator(network).engine == "torch"


def test_auto_takes_a_gpu_and_cuda_needs_one(network, monkeypatch):
    asked = []
    monkeypatch.setattr(load, "_has_driver", lambda: True)
    monkeypatch.setattr(load, "_sees_gpu", lambda: True)
    monkeypatch.setattr("ocrfactory.fill.torch_engine.open_network", lambda *args: asked.append(args[2]) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load_generator(network)
    assert asked == ["cuda"]
    monkeypatch.setattr(load, "_sees_gpu", lambda: False)
    refused(network, "torch sees no GPU", engine="cuda")


def test_auto_without_a_driver_leaves_torch_alone(network, monkeypatch):
    monkeypatch.setattr(load, "_has_driver", lambda: False)
    monkeypatch.setattr(load, "_has_torch", lambda: 1 / 0)
    assert load_generator(network).engine == "onnx"


def test_a_copy_elsewhere_is_the_same_generator(network, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for path in network.parent.glob("fast.*"):
        shutil.copy(path, folder)
    assert load_generator(folder / "fast.safetensors", engine="onnx").id == load_generator(network, engine="onnx").id


def test_a_changed_byte_never_ends_in_another_error(onnx, tmp_path):
    """Single changed bytes of an ONNX file: it loads, or it is refused; nothing else comes out of the walk."""
    from ocrfactory.fill.onnx_file import walk

    data = bytearray(save_onnx(tmp_path / "my.onnx", users_model()).read_bytes())
    generator = np.random.default_rng(0)
    for _ in range(400):
        changed = bytearray(data)
        changed[int(generator.integers(len(data)))] = int(generator.integers(256))
        with contextlib.suppress(InputError):
            walk(bytes(changed), "changed")


def test_a_changed_byte_of_an_archive_is_found(torch, tmp_path):
    """The walk through an archive: whole, or refused; what torch itself is given has passed it."""
    from ocrfactory.fill.archive import vetted

    data = save_script(tmp_path / "my.pt", users_model()).read_bytes()
    generator = np.random.default_rng(1)
    for _ in range(200):
        changed = bytearray(data)
        changed[int(generator.integers(len(data)))] ^= 1 << int(generator.integers(8))
        with contextlib.suppress(InputError):
            vetted(bytes(changed), "changed", 1 << 20)
