"""`ocrfactory recipes`: list, show, check and preview recipes, and print their JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocrfactory.cli import running
from ocrfactory.cli.words import printable

if TYPE_CHECKING:
    from ocrfactory.augment.recipes import AugmentRecipe
    from ocrfactory.recipe import Recipe

app = typer.Typer(help="Recipes: what a data set is made of, and what happens to its pictures.", no_args_is_help=True)


@app.command("list")
def list_(as_json: running.AsJson = False) -> None:
    """The recipes that ship with the package: of data sets, and of augmentation."""
    import json

    from ocrfactory import recipe as recipes
    from ocrfactory.augment import recipes as augment

    found = {name: recipes.load(recipes.find(name)).title for name in recipes.names()}
    ops = {name: augment.load(augment.find(name)).title for name in augment.names()}
    if as_json:
        typer.echo(json.dumps({"recipes": found, "augment": ops}, ensure_ascii=False, indent=2))
        return
    width = max(map(len, [*found, *ops]), default=0)
    for title, group in (("data sets (ocrfactory build NAME)", found), ("augmentation (--recipe NAME)", ops)):
        typer.echo(f"{title}:")
        for name, words in group.items():
            typer.echo(f"  {name:<{width}}  {words}")


@app.command()
def show(recipe: Annotated[str, typer.Argument(help="A file, or the name of a shipped recipe.")]) -> None:
    """Print a recipe as it is written."""
    from ocrfactory import yamlfile

    typer.echo(yamlfile.read_text(_find(recipe)), nl=False)


@app.command()
def check(recipe: Annotated[list[str], typer.Argument(help="Files, or names of shipped recipes.")]) -> None:
    """Read recipes, explain them, and report every mistake as file:line:col; exit 3 if there is one."""
    from ocrfactory.errors import RecipeError

    problems: list[str] = []
    for name in recipe:
        try:
            found = _load(name)
        except RecipeError as error:
            problems += error.problems
        else:
            for line in _explained(name, found):
                typer.echo(printable(line))
    if problems:
        raise RecipeError(problems)


@app.command()
def preview(
    recipe: Annotated[str, typer.Argument(help="An augmentation or data-set recipe: a file or a name.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it here. [default: NAME-preview.png]")] = None,
    font: Annotated[
        list[str] | None, typer.Option("--font", "-f", help="Fonts to show an augmentation recipe with. [default: ko]")
    ] = None,
    text: Annotated[Path | None, typer.Option("--text", help="Lines to show it with. [default: built in]")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="A finished data set to show it with, such as scans.")
    ] = None,
    seed: running.RootSeed = 0,
    offline: running.Offline = False,
    font_dir: running.FontDir = None,
) -> None:
    """Draw a contact sheet: samples before, after each op alone, and after all of them."""
    from ocrfactory.augment.recipes import AugmentRecipe
    from ocrfactory.cli.recipe_options import recipe_from_options
    from ocrfactory.report.augment_sheet import augment_sheet
    from ocrfactory.sources.source import Context

    found, path = _load(recipe), _find(recipe)
    folder = path.parent
    if isinstance(found, AugmentRecipe):
        source: dict[str, Any] = {"kind": "dataset", "path": str(data)}
        if data is None:
            corpus = [{"kind": "lines", "file": str(text)}] if text else ()
            source = {"kind": "lines", "fonts": font or ["ko"], "corpus": corpus, "count": 12}
        part = {"source": source, "augment": found.model_dump(mode="json")}
        found = recipe_from_options({"name": "preview", "seed": seed, "parts": [part]})
        folder = Path()
    target = out or Path(f"{path.stem}-preview.png")
    context = Context(folder=folder, font_dirs=tuple(font_dir or ()), offline=offline, log=running.log)
    for line in augment_sheet(found, target, context):
        running.log(f"rejected: {line}")
    typer.echo(f"preview: {target}")


@app.command()
def ops(name: Annotated[str | None, typer.Argument(help="One op, with all its fields.")] = None) -> None:
    """The ops of augmentation recipes, by family."""
    from ocrfactory.augment import FAMILIES, OPS, reference
    from ocrfactory.errors import InputError

    if name is not None:
        if name not in OPS:
            raise InputError(f"no op is called {name!r}", f"known: {', '.join(OPS)}")
        for line in reference.explain(name):
            typer.echo(line)
        return
    width = max(map(len, OPS))
    for family, members in FAMILIES.items():
        typer.echo(f"{family}:")
        for op in members:
            typer.echo(f"  {op.model_fields['op'].default:<{width}}  {reference.summary(op)}")


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it here.")] = None,
    augment: Annotated[bool, typer.Option("--augment", help="Of augmentation recipes.")] = False,
) -> None:
    """The JSON Schema of recipes, for editors."""
    import json

    from ocrfactory.augment.recipes import AugmentRecipe
    from ocrfactory.recipe import Recipe

    model = AugmentRecipe if augment else Recipe
    text = json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        from ocrfactory.write import write_bytes

        write_bytes(out, f"{text}\n".encode())


def _find(name: str) -> Path:
    """The file of a recipe of either sort."""
    from ocrfactory import recipe as recipes
    from ocrfactory.augment import recipes as augment

    known = name in augment.names() and name not in recipes.names()
    return augment.find(name) if known else recipes.find(name)


def _load(name: str) -> Recipe | AugmentRecipe:
    """A recipe of either sort, told apart by its keys: only an augmentation recipe has `ops` and no parts."""
    from ocrfactory import recipe as recipes
    from ocrfactory import yamlfile
    from ocrfactory.augment import recipes as augment

    path = _find(name)
    values, _ = yamlfile.values_and_marks(yamlfile.read_text(path), str(path))
    if isinstance(values, dict) and "ops" in values and "parts" not in values:
        return augment.load(path)
    return recipes.load(path)


def _explained(name: str, found: Recipe | AugmentRecipe) -> list[str]:
    from ocrfactory.augment.recipes import AugmentRecipe

    if isinstance(found, AugmentRecipe):
        made_for = f", for {', '.join(found.origins)}" if found.origins else ""
        return [f"{name}: ok, {len(found.ops)} ops{made_for}", *_ops(found)]
    lines = [f"{name}: ok, id {found.id}"]
    for part in found.parts:
        lines.append(f"  {part.source.name}: {part.source.kind}")
        if part.augment is not None:
            lines.append(f"    augmented in {', '.join(part.augmented)}, in this order:")
            lines += [f"  {line}" for line in _ops(part.augment)]
    return lines


def _ops(recipe: AugmentRecipe) -> list[str]:
    lines = []
    for op in recipe.ops:
        values = op.model_dump(mode="json", exclude={"op", "p"}, exclude_defaults=True)
        words = ", ".join(f"{key} {value}" for key, value in values.items())
        lines.append(f"  {op.op:<14} {op.p:>4.0%}  {words}".rstrip())
    if recipe.floor is None:
        lines.append("  whatever is left of the text, it is kept: no floor")
    return lines
