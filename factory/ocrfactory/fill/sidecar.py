"""The sidecar of a generator: the JSON beside its weights that says how it is fed and what it draws.

JSON -> frozen Sidecar, or one error that lists every mistake.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ocrfactory.errors import InputError

FORMAT = "ocrfactory-generator/1"
MAX_BYTES = 1 << 20
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
GUIDE = 'the fields are explained in factory/ocrfactory/fill/README.md, "Your own generator"'


class Sidecar(BaseModel):
    """What the weights cannot say of themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    format: Literal["ocrfactory-generator/1"]
    size: int = Field(ge=16, le=512, multiple_of=8, description="Side of content, references and output in pixels.")
    content_channels: Literal[1, 2]
    content_fonts: tuple[str, ...] = Field((), description="The designs it was trained to read, for people.")
    style: Literal["refs", "id", "both"] = Field(description="Told by reference glyphs, by a number, or by both.")
    k: int | None = Field(None, ge=1, le=64, description="Reference glyphs of a style; not for style `id`.")
    style_ids: dict[str, Annotated[int, Field(ge=0, lt=2**24)]] = Field(
        default_factory=dict, description="Ids of faces and the numbers that the model knows them by."
    )
    polarity: Literal["ink_high", "ink_low"] = Field("ink_high", description="The value of ink: high, or low.")
    range: tuple[float, float] = Field((0.0, 1.0), description="Paper to ink (ink_high), before mean and std.")
    mean: float = Field(0.0, description="Taken away from what lies in the range.")
    std: float = Field(1.0, gt=0, description="What the rest is divided by; the output is turned back likewise.")
    inputs: tuple[str, ...] = Field(("content", "style_refs"), description="Content, references, number: in order.")
    output: str = "glyph"
    dynamic_batch: bool = Field(True, description="false: it takes one picture at a time.")
    dtype: Literal["float32", "float16"] = Field("float32", description="Of the pictures that go in.")
    architecture: str | None = Field(None, description="For safetensors: the name of a built-in network.")
    config: dict[str, int | float | str | bool] = Field(
        default_factory=dict, description="For safetensors: settings of that network."
    )
    graphs: dict[Literal["encode", "draw"], Digest] | None = Field(
        None, description="For safetensors: SHA-256 of the ONNX graphs beside the weights."
    )
    licence: str = Field(min_length=1, description="Terms of the weights: they go with what they draw.")
    sha256: Digest = Field(description="Of the weights file, then of its data files in the order of their names.")

    @field_validator("range")
    @classmethod
    def _rises(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[0] >= value[1]:
            raise ValueError("the first number is the lower one; for white ink on black say so by polarity")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Sidecar:
        faults = []
        if self.style == "id" and self.k is not None:
            faults.append("k counts reference glyphs, and style `id` has none: remove it")
        if self.style != "id" and self.k is None:
            faults.append(f"style `{self.style}` takes k, the number of reference glyphs")
        if self.style != "refs" and not self.style_ids:
            faults.append(f'style `{self.style}` takes style_ids: {{"id of a face": 0, ...}}')
        if self.style == "refs" and self.style_ids:
            faults.append("style_ids are for style `id` and `both`: remove them")
        wanted = 3 if self.style == "both" else 2
        if len(self.inputs) != wanted or len(set(self.inputs)) != wanted:
            faults.append(f"style `{self.style}` has {wanted} inputs of different names, not {list(self.inputs)}")
        if self.architecture is None and (self.config or self.graphs):
            faults.append("config and graphs are for built-in networks: name the architecture or remove them")
        if self.architecture is not None:
            plain = (self.style, self.polarity, self.range, self.mean, self.std, self.dtype)
            if plain != ("refs", "ink_high", (0.0, 1.0), 0.0, 1.0, "float32"):
                faults.append(
                    "a built-in architecture has style `refs`, polarity ink_high, range [0, 1], mean 0, std 1 and "
                    "dtype float32"
                )
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def scale(self) -> tuple[float, float]:
        """(gain, offset): what the model is fed is ink (0 to 255) * gain + offset, and its output is read likewise."""
        low, high = self.range
        if self.polarity == "ink_low":
            low, high = high, low
        return (high - low) / 255 / self.std, (low - self.mean) / self.std

    def to_json(self) -> str:
        """The document, for the file beside the weights."""
        return self.model_dump_json(indent=2, exclude_defaults=True) + "\n"


def read_sidecar(weights: Path, sha256: str) -> Sidecar:
    """The sidecar beside a weights file: the same name, ending in `.json`.

    Raises:
        InputError: it is missing, it has mistakes (all are listed), or it belongs to other weights than these.
    """
    path = weights.with_suffix(".json")
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{weights}: no sidecar {path.name} lies beside it", _draft(weights, sha256)) from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    if len(text) > MAX_BYTES:
        raise InputError(f"{path}: a sidecar of more than {MAX_BYTES} bytes is none", GUIDE)
    try:
        sidecar = Sidecar.model_validate_json(text)
    except ValidationError as error:
        mistakes = [
            f"{path}: {'.'.join(map(str, item['loc'])) or 'document'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise InputError("\n".join(mistakes), GUIDE) from error
    if sidecar.sha256 != sha256:
        raise InputError(
            f"{weights}: its SHA-256 is {sha256}, and {path.name} belongs to {sidecar.sha256}",
            f'the file was changed or damaged, or the sidecar is another\'s; if it is right: "sha256": "{sha256}"',
        )
    return sidecar


def _draft(weights: Path, sha256: str) -> str:
    fields: dict[str, Any] = {"format": FORMAT, "size": 64, "content_channels": 1, "style": "refs", "k": 8}
    known = ""
    shapes = _shapes(weights)
    if shapes is not None:
        config = _unet(shapes)
        fields |= {"architecture": "unet", "config": config or {"width": 32}, "content_channels": 2, "k": 16}
        if config is not None:
            fields["content_channels"] = config["channels"]
            known = "its tensors tell architecture, config and content_channels, but not k; "
        else:
            known = (
                "architecture and config are placeholders, for its tensors are not those of a built-in network: "
                "export a network of your own as ONNX; "
            )
    draft = json.dumps({**fields, "licence": "...", "sha256": sha256})
    return f"write one, for example {draft}; {known}{GUIDE}"


def _shapes(weights: Path) -> dict[str, Any] | None:
    """What a safetensors file says of its tensors, by name; None where it is another file."""
    try:
        with weights.open("rb") as file:
            start = file.read(9)
            length = int.from_bytes(start[:8], "little")
            if start[8:] != b"{" or length > weights.stat().st_size - 8:
                return None
            found: dict[str, Any] = json.loads(b"{" + file.read(min(max(length, 1), MAX_BYTES) - 1))
    except OSError:
        return None
    except (ValueError, RecursionError):  # damaged, which is told when it is loaded
        return {}
    return found


def _unet(shapes: dict[str, Any]) -> dict[str, int] | None:
    """Settings of `networks.UNet`; None where the tensors are not its own."""
    try:
        config = {
            "width": shapes["stem.weight"]["shape"][0],
            "style": shapes["encoder.head.0.weight"]["shape"][0],
            "channels": shapes["copy"]["shape"][0],
            "encoder": shapes["encoder.layers.1.weight"]["shape"][0] // 2,
        }
    except (LookupError, TypeError):
        return None
    fits = all(isinstance(value, int) for value in config.values()) and config["channels"] in (1, 2)
    return config if fits else None
