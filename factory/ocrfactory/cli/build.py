"""`ocrfactory build`: a whole data set from a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrfactory.cli import running


def build(
    recipe: Annotated[str, typer.Argument(help="A recipe file, or the name of a shipped one.")],
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Root seed. [default: the recipe's]")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Draw this many rows, chosen at random.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Where labelled data lies, such as the folder that holds aihub/105.")
    ] = None,
    out: running.Out = None,
    workers: running.Workers = None,
    executor: running.Executor = "processes",
    dry_run: running.DryRun = False,
    as_json: running.AsJson = False,
    max_reject_rate: running.MaxRejects = None,
    force: running.Force = False,
    steal_lock: running.StealLock = False,
    verify: running.Verify = False,
    item_timeout: running.ItemTimeout = 60.0,
    offline: running.Offline = False,
    font_dir: running.FontDir = None,
    allow_missing: running.AllowMissing = False,
    allow_unpinned: running.AllowUnpinned = False,
    progress: running.Progress = "auto",
) -> None:
    """Build a data set. Stopped or killed, the same command goes on; the bytes are the same every time."""
    from ocrfactory import recipe as recipes
    from ocrfactory.cli.recipe_options import recipe_from_options

    path = recipes.find(recipe)
    chosen = recipes.load(path)
    changes = {name: value for name, value in (("seed", seed), ("limit", limit)) if value is not None}
    if changes:
        chosen = recipe_from_options({**chosen.model_dump(mode="json"), **changes})
    running.Run(
        chosen,
        out,
        folder=path.parent,
        data=data,
        workers=workers,
        executor=executor,
        dry_run=dry_run,
        as_json=as_json,
        max_reject_rate=max_reject_rate,
        force=force,
        steal_lock=steal_lock,
        verify=verify,
        item_timeout=item_timeout,
        offline=offline,
        font_dirs=font_dir,
        allow_missing=allow_missing,
        allow_unpinned=allow_unpinned,
        progress=progress,
    )()
