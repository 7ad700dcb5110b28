"""Checkpoints: tensors in one safetensors file, all else in its header. Written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import msgspec
import torch

from ocrfactory.errors import InputError
from ocrfactory.fill.training.device import Device
from ocrfactory.fill.training.settings import GeneratorSettings, ReaderSettings

FORMAT = "ocrfactory-training/2"


def save(path: Path, tensors: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
    """Write a checkpoint under a private name, then rename it.

    Args:
        facts: step, settings, hashes: whatever is no tensor; must survive JSON.
    """
    from safetensors.torch import save_file

    part = path.with_name(path.name + ".part")
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    save_file(plain, part, {"format": FORMAT, "facts": json.dumps(facts)})
    part.replace(path)


def load(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Read a checkpoint.

    Raises:
        InputError: it is missing, damaged, or no checkpoint of this program.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise InputError(f"{path}: no checkpoint of this version of ocrfactory", "start again without --resume")
            return {name: file.get_tensor(name) for name in file.keys()}, json.loads(header["facts"])  # noqa: SIM118
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise InputError(f"{path}: no checkpoint: {error}", "start again without --resume") from error


class Training(Protocol):
    """What a checkpoint is of."""

    device: Device
    pack_sha256: str
    step: int

    @property
    def settings(self) -> GeneratorSettings | ReaderSettings:
        """All its numbers."""
        ...


def facts_of(training: Training) -> dict[str, Any]:
    """What a checkpoint says beside its tensors."""
    return {
        "step": training.step,
        "settings": msgspec.to_builtins(training.settings),
        "pack_sha256": training.pack_sha256,
        "numbers": training.device.numbers,
        "device": training.device.words,
    }


def refuse_other(path: Path, facts: dict[str, Any], training: Training) -> None:
    """Refuse a checkpoint of other settings or of another pack.

    Raises:
        InputError: it is.
    """
    now = msgspec.to_builtins(training.settings)
    differ = [name for name, value in facts.get("settings", {}).items() if now.get(name) != value]
    if facts.get("pack_sha256") != training.pack_sha256:
        differ.append("glyph pack")
    if differ or set(facts.get("settings", {})) != set(now):
        raise InputError(
            f"{path}: a checkpoint of another training; these differ: {', '.join(differ) or 'fields of the settings'}",
            "take the same options, or start afresh in another --out",
        )


def module_state(prefix: str, module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The weights and buffers of a module, named below `prefix`."""
    return {f"{prefix}.{name}": value for name, value in module.state_dict().items()}


def restore_module(prefix: str, module: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Put back what `module_state` gave."""
    module.load_state_dict({name: tensors[f"{prefix}.{name}"] for name in module.state_dict()})


def optimizer_state(prefix: str, optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """The moments and step counts of an optimizer, by parameter number."""
    return {
        f"{prefix}.{number}.{name}": torch.as_tensor(value)
        for number, moments in optimizer.state_dict()["state"].items()
        for name, value in moments.items()
    }


def restore_optimizer(prefix: str, optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """Put back what `optimizer_state` gave; learning rates are the schedule's business."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith(f"{prefix}."):
            number, name = key.removeprefix(f"{prefix}.").split(".", 1)
            state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
