"""Generators made by the tests: tiny, with weights that draw something, in every format that can be loaded."""

import json
from hashlib import sha256

import numpy as np
from ocrfactory.fill.sidecar import FORMAT, Sidecar

SIZE = 16
K = 2


def pictures(*shape, seed=0):
    """Sparse ink, uint8, the same for the same seed."""
    return np.where(np.random.default_rng(seed).random(shape) > 0.8, 255, 0).astype(np.uint8)


def digest(path):
    """SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def write_sidecar(weights, **changes):
    """A sidecar beside a weights file; a change to None removes the field."""
    fields = {
        "format": FORMAT,
        "size": SIZE,
        "content_channels": 1,
        "style": "refs",
        "k": K,
        "licence": "CC0-1.0",
        "sha256": digest(weights),
        **changes,
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    weights.with_suffix(".json").write_text(json.dumps(fields), encoding="utf-8")
    return weights


def tiny_network(channels=2, seed=0):
    """A stand-in of a built-in network: it is steered by content and style, and draws more paper than ink."""
    import torch

    class Tiny(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.look = torch.nn.Conv2d(1, 4, 3, padding=1)
            self.head = torch.nn.Linear(4, 6)
            self.conv = torch.nn.Conv2d(channels, 8, 3, padding=1)
            self.norm = torch.nn.GroupNorm(2, 8)
            self.film = torch.nn.Linear(6, 8)
            self.ink = torch.nn.Conv2d(8, 1, 3, padding=1)

        def encode(self, references):
            batch, count = references.shape[:2]
            features = torch.relu(self.look(references.flatten(0, 1))).mean((2, 3))
            return self.head(features.unflatten(0, (batch, count)).mean(1))

        def forward(self, content, style):
            x = self.norm(self.conv(content)) * (1 + self.film(style)[:, :, None, None])
            return torch.sigmoid(4 * self.ink(torch.nn.functional.silu(x)) - 1)

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Tiny().eval()


def make_tiny_built_in(monkeypatch):
    """From here on `tiny` is the one built-in architecture."""
    from ocrfactory.fill import torch_engine

    def build(architecture, config):
        assert architecture == "tiny"
        return tiny_network(**config)

    monkeypatch.setattr(torch_engine, "build", build)


def save_network(folder, name="fast", channels=2, seed=0):
    """The stand-in as safetensors, graphs and sidecar: what the trainer writes."""
    from ocrfactory.fill.export_onnx import write_graphs
    from safetensors.torch import save_file

    network = tiny_network(channels, seed).half().float()
    weights = folder / f"{name}.safetensors"
    save_file({key: value.half() for key, value in network.state_dict().items()}, weights)
    fields = {"size": SIZE, "content_channels": channels, "style": "refs", "k": K, "licence": "CC0-1.0"}
    sidecar = Sidecar(format=FORMAT, architecture="tiny", sha256=digest(weights), **fields)
    graphs = write_graphs(network, weights, sidecar)
    weights.with_suffix(".json").write_text(sidecar.model_copy(update={"graphs": graphs}).to_json(), encoding="utf-8")
    return weights


def users_model(kind="refs", draw=None):
    """A user's module with forward(content, references | number | both); `draw` maps (content, weight) to a picture."""
    import torch

    class Users(torch.nn.Module):
        def __init__(self):
            super().__init__()
            kernel = torch.tensor([[0.0, 0.2, 0.0], [0.2, 0.2, 0.2], [0.0, 0.2, 0.0]])
            self.blur = torch.nn.Parameter(kernel[None, None])

        def forward(self, content, *style):
            weight = 0.5 + 0 * content[:, :1, :1, :1]
            if kind != "id":
                weight = weight + 0.2 * style[0].mean((1, 2, 3, 4))[:, None, None, None]
            if kind != "refs":
                weight = weight + 0.1 * style[-1].to(content.dtype)[:, None, None, None]
            if draw is not None:
                return draw(content, weight)
            return torch.nn.functional.conv2d(content[:, :1], self.blur.to(content.dtype), padding=1) * weight

    return Users().eval()


def example(kind="refs", channels=1, batch=2):
    """Inputs that fit a user's module."""
    import torch

    inputs = [torch.rand(batch, channels, SIZE, SIZE)]
    if kind != "id":
        inputs.append(torch.rand(batch, K, 1, SIZE, SIZE))
    if kind != "refs":
        inputs.append(torch.zeros(batch, dtype=torch.int64))
    return tuple(inputs)


def save_script(path, model, kind="refs", **changes):
    """A TorchScript archive and its sidecar."""
    import warnings

    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(model, example(kind)), path)
    return write_sidecar(path, **_by_kind(kind), **changes)


def save_onnx(path, model, kind="refs", dynamic=True, batch=2, **changes):
    """An ONNX file and its sidecar."""
    import warnings

    import torch

    names = {"refs": ["content", "style_refs"], "id": ["content", "style_id"]}
    inputs = names.get(kind, ["content", "style_refs", "style_id"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            example(kind, batch=batch),
            path,
            dynamo=False,
            opset_version=17,
            input_names=inputs,
            output_names=["glyph"],
            dynamic_axes={name: {0: "n"} for name in (*inputs, "glyph")} if dynamic else None,
        )
    return write_sidecar(path, **{**_by_kind(kind), **changes})


def _by_kind(kind):
    if kind == "refs":
        return {}
    style = {"style": kind, "style_ids": {"my-font": 3, "other": 0}}
    if kind == "id":
        return {**style, "k": None, "inputs": ["content", "style_id"]}
    return {**style, "inputs": ["content", "style_refs", "style_id"]}
