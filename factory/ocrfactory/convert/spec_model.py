"""The YAML of an adapter, as a model: where in the JSON of a label its images, texts and boxes lie."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from ocrfactory.convert.boxes import Convention
from ocrfactory.convert.jsonpath import Path

LevelName = Literal["char", "word", "line", "paragraph"]
SplitName = Literal["train", "validation", "test"]
TypeName = Literal["str", "int", "number", "bool", "list", "dict", "any", "absent"]


def _path(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"first"} and isinstance(value["first"], list):
        value = " | ".join(str(each) for each in value["first"])
    if not isinstance(value, str):
        raise ValueError("a path is meant, or first: [path, path]")
    return Path(value)


def _pattern(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("a regular expression is meant")
    try:
        return re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        at = getattr(error, "pos", None)
        where = "" if at is None else f", character {at + 1}"
        raise ValueError(f"bad regular expression{where}: {getattr(error, 'msg', None) or error}") from error


def _words(value: Any) -> Any:
    values = value if isinstance(value, (list, tuple)) else [value]
    if any(isinstance(each, (bool, list, dict)) or each is None for each in values):
        raise ValueError("words or numbers are meant; put words like true and null into quotes")
    return frozenset(str(each) for each in values)


def _line(value: Any) -> Any:
    return value if value == "outer" else _path(value)


def _form(value: Any) -> str:
    """Which of two forms was meant, so that a mistake in one is not reported for both."""
    if isinstance(value, dict):
        return "join" if "join" in value else "mapping"
    return "plain"


PathField = Annotated[Path, BeforeValidator(_path)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(_pattern)]
Words = Annotated[frozenset[str], BeforeValidator(_words)]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        alias_generator=lambda name: name.rstrip("_").replace("_", "-"),
        populate_by_name=True,  # dataset-sn and dataset_sn are one key
    )


class Test(_Model):
    """A question about one value."""

    from_: PathField
    in_: Words | None = Field(None, description="True where the value, as text, is one of these.")
    not_in: Words | None = Field(None, description="True where there is a value and it is none of these.")

    @model_validator(mode="after")
    def _asks_something(self) -> Test:
        if (self.in_ is None) == (self.not_in is None):
            raise ValueError("give in or not-in")
        return self


class Condition(_Model):
    """What a label of this shape has. Written `path: type`, or `path: {is: ..., in: [...], weight: ...}`."""

    path: PathField
    is_: TypeName = Field("any", description="Type of the value.")
    in_: Words | None = Field(None, description="The values that it may have, as text.")
    weight: int = Field(1, ge=1, le=100)

    @model_validator(mode="before")
    @classmethod
    def _one_key(cls, value: Any) -> Any:
        if not isinstance(value, dict) or len(value) != 1:
            raise ValueError("one path and what it leads to is meant, as in - 'images[0].id': str")
        ((path, detail),) = value.items()
        return {"path": path, **(detail if isinstance(detail, dict) else {"is": detail})}


class Joined(_Model):
    """A file name in parts."""

    join: tuple[PathField, ...] = Field(min_length=1)
    with_: str = "."


File = Annotated[
    Annotated[Joined, Tag("join")] | Annotated[PathField, Tag("mapping")] | Annotated[PathField, Tag("plain")],
    Discriminator(_form),
]
Source = Annotated[
    Annotated[str, Tag("plain")]
    | Annotated[dict[str, Pattern], Tag("mapping")]
    | Annotated[dict[str, Pattern], Tag("join")],
    Discriminator(_form),
]


class Pairing(_Model):
    """How an image is found for a label."""

    by: tuple[Literal["relative-path", "stem"], ...] = Field(
        ("relative-path", "stem"),
        min_length=1,
        description="stem: the file name decides; relative-path: of several, the one in the most similar folders; "
        "relative-path alone: it must lie in a folder of the same name.",
    )


class Layout(_Model):
    """What the paths say: regular expressions on a path below the delivery, zips as folders."""

    label: Pattern | None = Field(None, description="Only these .json files are labels.")
    image: Pattern | None = Field(None, description="Only these images are meant.")
    split: dict[SplitName, Pattern] = Field(
        default_factory=dict, description="In place of the shared rules; what matches farthest to the left decides."
    )
    pair: Pairing = Pairing()


class PageSpec(_Model):
    """Where the image of a page is described."""

    each: PathField | None = Field(None, description="Every image, where a label holds many: `images[]`.")
    id: PathField | None = Field(None, description="What annotations call the image; with each.")
    file: File | None = None
    width: PathField | None = None
    height: PathField | None = None
    lang: PathField | None = None
    vertical: Test | None = Field(None, description="All text of the page runs from top to bottom.")
    attributes: dict[str, PathField] = Field(default_factory=dict)
    person: dict[str, PathField] = Field(default_factory=dict)


class BoxSpec(_Model):
    """Where the box of a region is, and what its numbers mean."""

    from_: PathField | None = None
    as_: Convention

    @model_validator(mode="after")
    def _has_a_place(self) -> BoxSpec:
        if (self.from_ is None) != (self.as_ == "whole-image"):
            raise ValueError("whole-image has no from; every other box needs one")
        return self


class LevelMap(_Model):
    """The level by a value of the label."""

    from_: PathField
    map: dict[str, LevelName] = Field(min_length=1)
    default: LevelName = Field("word", description="For a value that is not in the map.")


Level = Annotated[
    Annotated[LevelName, Tag("plain")] | Annotated[LevelMap, Tag("mapping")] | Annotated[LevelMap, Tag("join")],
    Discriminator(_form),
]
Line = Annotated[Path | Literal["outer"], BeforeValidator(_line)]


class Illegible(_Model):
    """Marks of text that nobody can read. They belong to one shape: elsewhere the same letters may be text."""

    text_in: Words = frozenset()
    text_null: bool = Field(False, description="No text at all means unreadable.")
    where: Test | None = None


class RegionSpec(_Model):
    """Where the regions are. Paths start at the element, that of `each` at the top."""

    each: PathField | None = Field(None, description="Every region; left out: the label is one.")
    page: PathField | None = Field(None, description="The id of its image; where the page has each.")
    text: PathField
    box: BoxSpec
    id: PathField | None = None
    level: Level = "word"
    line: Line | None = Field(
        None, description="The number of its line: a path, or outer: its element of the outermost [] of each."
    )
    vertical: bool = False
    illegible: Illegible | None = None
    empty_in: Words = Field(frozenset(), description="Texts that mean that there is none.")
    attributes: dict[str, PathField] = Field(default_factory=dict)
    person: dict[str, PathField] = Field(default_factory=dict)


class Spec(_Model):
    """One shape of labels."""

    name: str = Field(pattern=r"^[a-z][a-z0-9._-]{0,62}$")
    title: str = ""
    dataset_sn: tuple[int, ...] = ()
    source: Source = Field(
        "", description="The source of rows; or sources and what their paths match, first match wins."
    )
    source_from: PathField | None = Field(None, description="A value of the label that is matched as the path is.")
    lang: str | None = None
    license: str | None = Field(None, min_length=1, description="SPDX name for the column `license`.")
    default_level: LevelName | None = Field(None, description="Where the same text is labelled at two levels.")
    layout: Layout = Layout()
    match: tuple[Condition, ...] = Field(min_length=1, description="All must hold.")
    hints: tuple[Pattern, ...] = Field((), description="What the paths of such labels match.")
    page: PageSpec = Field(default_factory=lambda: PageSpec())
    regions: RegionSpec
    quirks: dict[str, bool] = Field(
        default_factory=dict, description="Notes for people, such as bom: true; every quirk is looked for anyway."
    )

    @model_validator(mode="after")
    def _images_and_regions_find_each_other(self) -> Spec:
        given = {self.page.each is not None, self.page.id is not None, self.regions.page is not None}
        if len(given) > 1:
            raise ValueError("page.each, page.id and regions.page go together: they say whose region it is")
        if self.page.each is not None and self.regions.each is None:
            raise ValueError("page.each needs regions.each")
        return self

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that regions can have."""
        level = self.regions.level
        return (level,) if isinstance(level, str) else tuple(dict.fromkeys(level.map.values()))

    @property
    def sources(self) -> tuple[str, ...]:
        """The names that rows can get as their source."""
        if isinstance(self.source, str):
            return (self.source or self.name.replace(".", "-"),)
        return tuple(self.source)
