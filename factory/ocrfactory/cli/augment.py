"""`ocrfactory augment`: an augmentation recipe over a data set that exists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrfactory.cli import running


def augment(
    folder: Annotated[Path, typer.Argument(help="A finished data set.")],
    recipe: Annotated[str, typer.Option("--recipe", "-r", help="Augmentation recipe: a name or a file.")],
    all_splits: Annotated[
        bool, typer.Option("--all-splits", help="Augment validation and test, too; else they are copied as they are.")
    ] = False,
    format: Annotated[
        str | None, typer.Option("--format", help="png, jpeg or webp. [default: as the data set has it]")
    ] = None,
    quality: running.Quality = None,
    seed: running.RootSeed = 0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Take this many rows, chosen at random.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the data set. [default: FOLDER-RECIPE]")] = None,
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
    progress: running.Progress = "auto",
) -> None:
    """Make a new data set of the rows of another: train rows augmented, all others as they are."""
    from ocrfactory.cli.recipe_options import recipe_from_options, slug

    part = {
        "source": {"kind": "dataset", "path": str(folder)},
        "augment": recipe,
        "augment_splits": ["train", "validation", "test"] if all_splits else None,
    }
    chosen = recipe_from_options(
        {
            "name": name or slug([folder.resolve().name.lower(), Path(recipe).stem]),
            "seed": seed,
            "limit": limit,
            "image": {"format": format or _format_of(folder), "quality": quality},
            "parts": [part],
        }
    )
    running.Run(
        chosen,
        out,
        workers=workers,
        executor=executor,
        dry_run=dry_run,
        as_json=as_json,
        max_reject_rate=max_reject_rate,
        force=force,
        steal_lock=steal_lock,
        verify=verify,
        item_timeout=item_timeout,
        progress=progress,
    )()


def _format_of(folder: Path) -> str:
    """How a data set stores its pictures: with another format none of them could stay as it is."""
    from ocrfactory import read
    from ocrfactory.errors import EmptyPlanError

    for entry in read.manifest(folder).shards:
        with read.readable(folder / entry.path):
            for row in read.first_rows(folder / entry.path, ["image"], 1):
                return Path(row["image"]["path"]).suffix[1:]
    raise EmptyPlanError(f"{folder}: it has no row")
