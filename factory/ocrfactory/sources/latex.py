"""Source kind `latex`: pictures of formulas with their tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocrfactory.convert.entry import Container
from ocrfactory.convert.formats import latex
from ocrfactory.convert.formats.latex_rules import load_rules
from ocrfactory.convert.gather import Gathered
from ocrfactory.sources.labelled import place_of
from ocrfactory.sources.listed import Rooted
from ocrfactory.sources.source import Context, without_folders


class Latex(Rooted):
    """`gt.txt`: `path<TAB>tokens` a line, the tokens divided by spaces."""

    kind: Literal["latex"] = "latex"
    name: str = Field("latex", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    turn: Literal["ccw", "cw"] = Field("cw", description="Which way rotate_tall turns.")
    normalize: bool = Field(True, description="Write every formula in one way, by rules; the label stays in text_raw.")
    rules: str | None = Field(None, description="A file of rules in place of the shipped ones.")

    def portable(self) -> Latex:
        """See `Source.portable`."""
        paths = tuple(without_folders(path) for path in self.paths)
        update = {key: value and without_folders(value) for key, value in (("root", self.root), ("rules", self.rules))}
        return self.model_copy(update={"paths": paths, **update})

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`.

        Raises:
            RecipeError: the rules are off.
        """
        rules = load_rules(None if self.rules is None else place_of(self.rules, context))
        reading = latex.Latex(
            self.chosen(context, latex.PATTERNS), self.level, context.log, rules if self.normalize else None
        )
        return self.gathered(reading, reading.reader.read, reading.images, reading.in_one_way)
