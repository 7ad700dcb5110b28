"""`ocrfactory build`: a whole data set from a recipe."""

from __future__ import annotations

from ocrfactory.cli import running


def build(
    recipe: running.RecipeName,
    seed: running.Seed = None,
    limit: running.Limit = None,
    data: running.Data = None,
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
    from ocrfactory.cli.recipe_options import chosen_recipe

    chosen, folder = chosen_recipe(recipe, seed, limit)
    running.Run(
        chosen,
        out,
        folder=folder,
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
