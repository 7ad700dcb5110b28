"""What a recipe may ask of its classes: how many rows of each, whose rows first, which go where, and two views."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ocrfactory.sources.source import without_folders

SplitName = Literal["train", "validation", "test"]
Origin = Literal["font", "gan", "real"]
Group = Literal["han", "hangul", "kana", "punctuation", "latin", "digit", "other"]
REAL_CAP = 50
"""Real rows of a class where a recipe says nothing: enough to show how print looks, too few to drown what is drawn."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Route(_Model):
    """Rows of one origin, of all classes or of some, whose split is stated."""

    origin: Origin
    group: Group | None = Field(None, description="Classes of this group only.")
    charset: str | None = Field(None, description="Classes of this charset only: names, files, set algebra.")
    to: SplitName
    parts_groups: bool = Field(
        False,
        description="Its rows may leave the rest of their group, such as a page, in another split; they become a group "
        "of their own. Otherwise that is an error.",
    )


class Classes(_Model):
    """How many rows of each class are drawn. It rules rows of single characters; all others stay as they are."""

    charset: str | None = Field(
        None, description="The classes that are wanted: names, files, set algebra; by default all that the parts have."
    )
    min_per_class: int = Field(
        1, ge=1, description="Rows of a class that are wanted; a class with fewer is listed as short. It draws none."
    )
    max_per_class: int | None = Field(
        None, ge=1, description="Rows of a class at most, of those that may train; what is held out is not counted."
    )
    cap: int | None = Field(
        REAL_CAP, ge=0, description="Real rows of a class at most, over all splits; null: as many as there are."
    )
    priority: tuple[Origin, ...] = Field(
        ("font", "gan", "real"), description="Whose rows are taken first where max_per_class cuts."
    )
    route: tuple[Route, ...] = Field((), description="Where rows go by origin and class; the first that fits counts.")

    @field_validator("priority")
    @classmethod
    def _names_each_origin_once(cls, value: tuple[Origin, ...]) -> tuple[Origin, ...]:
        if sorted(value) != ["font", "gan", "real"]:
            raise ValueError(f"name font, gan and real once each, not {', '.join(value) or 'none'}")
        return value

    @model_validator(mode="after")
    def _room_for_the_least(self) -> Classes:
        if self.max_per_class is not None and self.max_per_class < self.min_per_class:
            raise ValueError(f"max_per_class {self.max_per_class} is below min_per_class {self.min_per_class}")
        return self

    def portable(self) -> Classes:
        """The same without any path of this machine: what is hashed and published."""
        route = tuple(
            step.model_copy(update={"charset": step.charset and without_folders(step.charset)}) for step in self.route
        )
        return self.model_copy(update={"charset": self.charset and without_folders(self.charset), "route": route})


class Balanced(_Model):
    """The view in which every class is drawn equally often."""

    per_class: int | None = Field(
        None, ge=1, description="Draws of a class; by default the mean of rows a class, so both views are as long."
    )
    repeat: int = Field(10, ge=1, description="A row is drawn this often at most, so a class of few rows stays short.")


class Views(_Model):
    """Lists over the same rows of train: `natural` names each once, `balanced` each class equally often."""

    balanced: Balanced = Balanced()
