"""An augmentation recipe: a list of ops in `recipes/augment/NAME.yaml`, which a part of a data-set recipe names.

YAML -> frozen AugmentRecipe, or one error that lists every mistake with file:line:col.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from ocrfactory import shipped, yamlfile
from ocrfactory.augment import AnyOp
from ocrfactory.augment.combine import walk
from ocrfactory.augment.files import portable
from ocrfactory.augment.legibility import Floor
from ocrfactory.errors import InputError

Origin = Literal["font", "gan", "real"]


class AugmentRecipe(BaseModel):
    """What happens to the samples of a part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    origins: tuple[Origin, ...] = Field((), description="What it is made for: font, gan, real. Empty: not said.")
    ops: tuple[SerializeAsAny[AnyOp], ...] = Field(min_length=1, description="In the order in which they are applied.")
    floor: Floor | None = Field(default_factory=Floor, description="What must stay legible; null: whatever comes.")

    @model_validator(mode="after")
    def _fits_what_it_is_for(self) -> AugmentRecipe:
        if self.origins == ("real",):  # where others are meant too, the part that uses it tells
            faults = self.faults(self.origins, clean=False)
            if faults:
                raise ValueError("; ".join(faults))
        return self

    def portable(self) -> AugmentRecipe:
        """The same recipe without any path of this machine, and without what is for people only."""
        return self.model_copy(update={"ops": portable(self.ops), "title": ""})

    def faults(self, origins: Sequence[str], clean: bool) -> list[str]:
        """Why this recipe must not meet samples of these origins; empty when it may.

        Args:
            clean: whether the samples are plain drawings, black on white.
        """
        faults = []
        for op in walk(self.ops):
            if op.pollutes and "real" in origins and not getattr(op, "force", False):
                faults.append(
                    f"{op.op} changes which pixels are ink, which ruins real scans; "
                    "leave it out, or say force: true in the op"
                )
            if op.wants_clean and not clean:
                faults.append(_wants_clean(op.op, origins))
        if self.origins and not set(origins) <= set(self.origins):
            other = ", ".join(sorted(set(origins) - set(self.origins)))
            faults.append(f"this augmentation is made for {', '.join(self.origins)}; the source gives {other}")
        return list(dict.fromkeys(faults))


def _wants_clean(op: str, origins: Sequence[str]) -> str:
    without = f"leave {op} out, or take an augmentation without it, such as gentle"
    if not origins or "real" in origins:  # a data set, or labelled data
        return f"{op} takes plain drawings, black on white, not finished pictures: {without}"
    return (
        f"{op} takes plain drawings, black on white: leave ink at 0 and ground at 255 (--ink, --ground) where the "
        f"source has them, or {without}"
    )


def names() -> list[str]:
    """The augmentation recipes that ship with the package."""
    return sorted(path.stem for path in (shipped.folder("recipes") / "augment").glob("*.yaml"))


def find(name: str, base: Path = Path()) -> Path:
    """The file of an augmentation recipe: a path, which may start at `base`, or the name of a shipped one.

    Raises:
        InputError: there is no such file and no such name.
    """
    if Path(name).suffix in (".yaml", ".yml"):
        for path in (base / name, Path(name)):
            if path.is_file():
                return path
        raise InputError(f"{name}: no such file", f"shipped augmentation recipes: {', '.join(names())}")
    if name not in names():
        raise InputError(f"no augmentation recipe named {name!r}", f"give a file, or one of: {', '.join(names())}")
    return shipped.folder("recipes") / "augment" / f"{name}.yaml"


def load(path: Path) -> AugmentRecipe:
    """Read an augmentation recipe.

    Raises:
        InputError: unreadable.
        RecipeError: every mistake, with file:line:col.
    """
    return yamlfile.load(path, AugmentRecipe)


def resolve(value: Any, base: Path = Path()) -> Any:
    """What a part says under `augment`: a name or a file becomes the recipe, a list of ops a recipe of its own."""
    if isinstance(value, str):
        return load(find(value, base))
    return {"ops": value} if isinstance(value, (list, tuple)) else value
