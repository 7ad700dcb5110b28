"""`ocrfactory recipes`: list, show and check recipes, and print their JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrfactory.cli import running

app = typer.Typer(help="Recipes: what a data set is made of.", no_args_is_help=True)


@app.command("list")
def list_(as_json: running.AsJson = False) -> None:
    """The recipes that ship with the package."""
    import json

    from ocrfactory import recipe as recipes

    found = {name: recipes.load(recipes.find(name)) for name in recipes.names()}
    if as_json:
        typer.echo(json.dumps({name: recipe.title for name, recipe in found.items()}, ensure_ascii=False, indent=2))
        return
    width = max(map(len, found), default=0)
    for name, recipe in found.items():
        typer.echo(f"{name:<{width}}  {recipe.title}")


@app.command()
def show(recipe: Annotated[str, typer.Argument(help="A file, or the name of a shipped recipe.")]) -> None:
    """Print a recipe as it is written."""
    from ocrfactory import recipe as recipes
    from ocrfactory import yamlfile

    typer.echo(yamlfile.read_text(recipes.find(recipe)), nl=False)


@app.command()
def check(recipe: Annotated[list[str], typer.Argument(help="Files, or names of shipped recipes.")]) -> None:
    """Read recipes and report every mistake as file:line:col; exit 3 if there is one."""
    from ocrfactory import recipe as recipes
    from ocrfactory.errors import RecipeError

    problems: list[str] = []
    for name in recipe:
        try:
            found = recipes.load(recipes.find(name))
        except RecipeError as error:
            problems += error.problems
        else:
            typer.echo(f"{name}: ok, id {found.id}")
    if problems:
        raise RecipeError(problems)


@app.command()
def schema(out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it here.")] = None) -> None:
    """The JSON Schema of recipes, for editors."""
    import json

    from ocrfactory.recipe import Recipe

    text = json.dumps(Recipe.model_json_schema(), indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        from ocrfactory.write import write_bytes

        write_bytes(out, f"{text}\n".encode())
