"""A data-set recipe: parts, each a source, and what holds for all of them.

YAML -> frozen Recipe, or one error that lists every mistake with file:line:col.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ocrfactory import schema, shipped, yamlfile
from ocrfactory.augment.recipes import AugmentRecipe, resolve
from ocrfactory.errors import InputError
from ocrfactory.sources import AnySource
from ocrfactory.sources.source import without_folders
from ocrfactory.targets import Classes, SplitName, Views


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImageFormat(_Model):
    """How pictures are stored."""

    format: Literal["png", "jpeg", "webp", "keep"] = Field(
        "png",
        description="keep: a picture that a source has as a file stays that file, byte for byte, until an op changes "
        "it; all else is png.",
    )
    quality: int | None = Field(None, ge=1, le=100, description="For jpeg and webp; 90 when not given.")

    @model_validator(mode="after")
    def _quality_means_something(self) -> ImageFormat:
        if self.format in ("png", "keep") and self.quality is not None:
            raise ValueError(f"quality is for jpeg and webp; {self.format} loses nothing")
        return self


class Split(_Model):
    """What belongs to one split: a share of the groups, or whatever is held out."""

    share: float | None = Field(None, gt=0, lt=1, description="Share of the rows, kept within one group.")
    faces: tuple[str, ...] = Field((), description="Ids of faces whose rows all come here.")
    classes: str | None = Field(None, description="A charset whose rows all come here: names, files, set algebra.")

    @model_validator(mode="before")
    @classmethod
    def _bare_share(cls, value: Any) -> Any:
        return {"share": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _says_something(self) -> Split:
        if self.share is None and not self.faces and self.classes is None:
            raise ValueError("a split takes a share, faces or classes")
        return self


class Part(_Model):
    """One source, and what happens to its samples."""

    source: AnySource
    augment: AugmentRecipe | None = Field(
        None, description="Ops, in order; or the name of an augmentation recipe, or its file."
    )
    augment_splits: tuple[SplitName, ...] | None = Field(
        None, description="Splits whose rows are augmented; by default all, of an existing data set only train."
    )

    @field_validator("augment", mode="before")
    @classmethod
    def _named(cls, value: Any, info: ValidationInfo) -> Any:
        return resolve(value, (info.context or {}).get("folder", Path()))

    @model_validator(mode="after")
    def _fits(self) -> Part:
        faults = self.augment.faults(self.source.origins, self.source.clean) if self.augment else []
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def augmented(self) -> tuple[SplitName, ...]:
        """The splits whose rows are augmented."""
        if self.augment is None:
            return ()
        default: tuple[SplitName, ...] = ("train",) if self.source.finished else ("train", "validation", "test")
        return default if self.augment_splits is None else self.augment_splits


class Recipe(_Model):
    """A whole data set."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Lower-case ASCII; the default folder in outputs/."
    )
    title: str = ""
    seed: int = Field(0, ge=0, lt=2**53)
    parts: tuple[Part, ...] = Field(min_length=1)
    splits: dict[SplitName, Split] = Field(default_factory=dict)
    classes: Classes | None = Field(None, description="How many rows of each class are drawn, and whose.")
    views: Views | None = Field(None, description="Settings of the views; they are written with `classes`, too.")
    image: ImageFormat = ImageFormat()
    limit: int | None = Field(None, ge=1, description="Draw this many rows, chosen at random over all parts.")
    order: Literal["shuffle", "source"] = Field(
        "shuffle", description="source: as the sources number them, for browsing."
    )
    shard_rows: int | None = Field(None, ge=1, description="Rows of a shard at most; by default chosen from the total.")
    group_rows: int = Field(1000, ge=1, le=100_000, description="Rows of a Parquet row group.")
    max_reject_rate: float = Field(
        0.01, ge=0, le=1, description="Share of rejects that fails the run; 1 where rejects are faults of real data."
    )

    @field_validator("parts")
    @classmethod
    def _names_differ(cls, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        names = [part.source.name for part in parts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are named {name!r}; ids start with the name, so give each its own")
        return parts

    @field_validator("splits")
    @classmethod
    def _shares_fit(cls, splits: dict[str, Split]) -> dict[str, Split]:
        shares = {name: split.share for name, split in splits.items() if split.share is not None}
        train = splits.get("train")
        if train is not None and (train.faces or train.classes):
            raise ValueError("train takes what no other split holds out: state it for validation or test")
        total = sum(shares.values())
        if "train" in shares and abs(total - 1) > 1e-6:
            raise ValueError(f"the shares add up to {total:g}, not 1; leave train out and it takes the rest")
        if "train" not in shares and total >= 1:
            raise ValueError(f"the shares add up to {total:g}: nothing is left for train")
        return splits

    @model_validator(mode="after")
    def _faces_can_be_held_out(self) -> Recipe:
        for part in self.parts:
            if part.source.mixes_faces and any(split.faces for split in self.splits.values()):
                raise ValueError(
                    f"source {part.source.name} mixes faces within a row, so a held-out face would be seen in train: "
                    "drop mixed_faces and fallback (on_reject: hole), or splits by faces"
                )
        return self

    @model_validator(mode="after")
    def _fallbacks_meet_the_lender_s_own(self) -> Recipe:
        """A fallback is a drawing of the lender: it lies in one split with the same drawing by another part.

        Rows of data sets are not looked at: their groups are what they were when these were made.
        """
        sources = [part.source for part in self.parts if part.source.kind in ("glyphs", "rare")]
        refusals = {str(getattr(source, "on_reject", "")) for source in sources if source.kind == "rare"}
        routes = self.classes.route if self.classes else ()
        if "fallback" not in refusals or not (self.splits or routes):
            return self
        why = "with on_reject: fallback one picture may come of two parts, and would lie in two splits"
        groups = {source.name: str(getattr(source, "split_group", "")) for source in sources}
        if len(set(groups.values())) > 1:
            told = ", ".join(f"{name} {group}" for name, group in groups.items())
            raise ValueError(f"{why} where their split_group differ ({told}): give all of them the same, pair or class")
        if len(refusals) > 1:
            raise ValueError(f"{why} where another part of kind rare has on_reject: hole: give all of them the same")
        if any(route.parts_groups and route.origin != "real" for route in routes):
            raise ValueError(f"{why} where a route parts groups: drop parts_groups, or take on_reject: hole")
        return self

    def canonical(self) -> dict[str, Any]:
        """Everything that the recipe says, defaults included, paths cut short: what its id is the hash of."""
        parts = tuple(
            part.model_copy(
                update={"source": part.source.portable(), "augment": part.augment and part.augment.portable()}
            )
            for part in self.parts
        )
        splits = {
            name: split.model_copy(update={"classes": split.classes and without_folders(split.classes)})
            for name, split in self.splits.items()
        }
        whole = self.model_copy(
            update={"parts": parts, "splits": splits, "classes": self.classes and self.classes.portable()}
        )
        unsaid = {name for name in ("classes", "views") if getattr(self, name) is None}  # older recipes keep their ids
        return whole.model_dump(mode="json", exclude={"max_reject_rate", *unsaid})  # the rate judges rows, makes none

    @property
    def wanted_views(self) -> Views | None:
        """The settings of the views, where any are to be written."""
        return self.views or (Views() if self.classes is not None else None)

    @property
    def sha256(self) -> str:
        """Hash of the canonical text."""
        return sha256(schema.dump(self.canonical()).encode()).hexdigest()

    @property
    def id(self) -> str:
        """The `recipe_id` column: 16 hex digits."""
        return self.sha256[:16]


def names() -> list[str]:
    """The recipes that ship with the package."""
    return sorted(path.stem for path in shipped.folder("recipes").glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a recipe: a path, or the name of a shipped one.

    Raises:
        InputError: there is no such file and no such name.
    """
    path = Path(name)
    try:
        here = path.is_file()
    except (OSError, ValueError):  # too long for a name, or holds NUL
        here = False
    if path.suffix in (".yaml", ".yml") or here:
        if not here:
            raise InputError(f"{name}: no such file", f"shipped recipes: {', '.join(names()) or 'none'}")
        return path
    if name not in names():
        raise InputError(f"no recipe named {name!r}", f"give a file, or one of: {', '.join(names()) or 'none'}")
    return shipped.folder("recipes") / f"{name}.yaml"


def load(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        InputError: unreadable.
        RecipeError: every mistake, with file:line:col.
    """
    return yamlfile.load(path, Recipe, {"folder": path.parent})
