"""`ocrfactory plan`: what a recipe would build, class by class, before a pixel is drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ocrfactory.cli import running


def plan(
    recipe: running.RecipeName,
    seed: running.Seed = None,
    limit: running.Limit = None,
    data: running.Data = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write a line for each class here.")] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw rows a class from the head to the long tail, as PNG.")
    ] = None,
    workers: running.Workers = None,
    as_json: running.AsJson = False,
    offline: running.Offline = False,
    font_dir: running.FontDir = None,
    allow_missing: running.AllowMissing = False,
    allow_unpinned: running.AllowUnpinned = False,
) -> None:
    """Plan a data set: rows of each class by origin, what is short, what nothing can fill. Draws nothing."""
    from ocrfactory.build import default_workers
    from ocrfactory.classplan import class_plan
    from ocrfactory.classtable import to_csv
    from ocrfactory.cli.class_text import all_in_words, class_facts
    from ocrfactory.cli.plan_text import plan_facts
    from ocrfactory.cli.recipe_options import chosen_recipe
    from ocrfactory.cli.words import printable
    from ocrfactory.errors import InputError, OutputError
    from ocrfactory.plan import make_plan
    from ocrfactory.report.longtail import draw_long_tail, need_matplotlib
    from ocrfactory.sources.source import Context
    from ocrfactory.write import write_bytes

    for option, path in (("--csv", csv), ("--plot", plot)):  # before minutes of planning, not behind them
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            raise OutputError(f"{option} {path}: no file can be written there", "name a file in a folder that exists")
    if plot is not None:
        need_matplotlib()
    chosen, folder = chosen_recipe(recipe, seed, limit)
    context = Context(
        folder=folder,
        data=data,
        font_dirs=tuple(font_dir or ()),
        offline=offline,
        allow_missing=allow_missing,
        allow_unpinned=allow_unpinned,
        log=running.log,
    )
    survey = make_plan(chosen, context)
    facts = plan_facts(chosen, survey, workers or default_workers())
    for note in facts["notes"]:
        running.log(note)
    classes = class_plan(survey)
    if classes is None and (csv or plot):
        raise InputError("no part of the recipe has rows of single characters, so there is no table of classes")
    rows = [] if classes is None else classes.rows()
    if csv is not None:
        write_bytes(csv, to_csv(rows))
    if plot is not None and classes is not None:
        write_bytes(plot, draw_long_tail(chosen.name, rows, classes.rules, classes.asked))
    if as_json:
        found = None if classes is None else class_facts(classes, rows, whole=True)
        typer.echo(json.dumps({**facts, "class_plan": found}, ensure_ascii=False, indent=2))
        return
    for line in all_in_words(facts, None if classes is None else class_facts(classes, rows)):
        typer.echo(printable(line))
