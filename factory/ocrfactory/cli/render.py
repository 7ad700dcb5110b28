"""`ocrfactory render`: glyphs from fonts, as a one-part recipe."""

from __future__ import annotations

from typing import Annotated

import typer

from ocrfactory.cli import running


def render(
    font: Annotated[
        list[str], typer.Option("--font", "-f", help="Pack, face id, family, file (x.ttc#3) or folder. Repeatable.")
    ],
    charset: Annotated[
        str | None, typer.Option("--charset", "-c", help="Names, files, set algebra. [default: the pack's own]")
    ] = None,
    per_class: Annotated[
        int, typer.Option("--per-class", min=1, help="Pictures of each (face, class); all but the first vary.")
    ] = 1,
    size: Annotated[int, typer.Option("--size", min=8, max=1024, help="Width and height in pixels.")] = 64,
    margin: Annotated[
        float | None, typer.Option("--margin", min=0, help="Pixels around the em box. [default: size / 16]")
    ] = None,
    placement: Annotated[
        list[str] | None,
        typer.Option("--placement", help="centre, em or fit; or GROUP=..., such as punctuation=centre."),
    ] = None,
    ink: Annotated[int, typer.Option("--ink", min=0, max=255, help="Grey level of the ink.")] = 0,
    ground: Annotated[int, typer.Option("--ground", min=0, max=255, help="Grey level of the ground.")] = 255,
    extra_faces: Annotated[bool, typer.Option("--extra-faces", help="Draw the extra faces of packs, too.")] = False,
    locale: Annotated[
        str | None, typer.Option("--locale", help="tw, hk, jp, kr or cn: the face of a collection.")
    ] = None,
    format: Annotated[str, typer.Option("--format", help="png, jpeg or webp.")] = "png",
    quality: Annotated[
        int | None, typer.Option("--quality", min=1, max=100, help="Of jpeg and webp. [default: 90]")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Root seed.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Draw this many rows, chosen at random.")] = None,
    shard_rows: Annotated[int | None, typer.Option("--shard-rows", min=1, help="Rows of a shard at most.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the data set. [default: from the fonts]")] = None,
    out: running.Out = None,
    workers: running.Workers = None,
    executor: running.Executor = "processes",
    dry_run: running.DryRun = False,
    as_json: running.AsJson = False,
    max_reject_rate: running.MaxRejects = 0.01,
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
    """Draw every class with every face that really has it: no tofu, no silent gap."""
    from ocrfactory.cli.recipe_options import placements, recipe_from_options, slug

    title = name or slug(font)
    source = {
        "kind": "glyphs",
        "fonts": font,
        "charset": charset,
        "per_class": per_class,
        "size": size,
        "margin": margin,
        "placement": placements(placement or []),
        "ink": ink,
        "ground": ground,
        "extra_faces": extra_faces,
        "locale": locale,
    }
    recipe = recipe_from_options(
        {
            "name": title,
            "seed": seed,
            "limit": limit,
            "shard_rows": shard_rows,
            "image": {"format": format, "quality": quality},
            "parts": [{"source": source}],
        }
    )
    running.Run(
        recipe,
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
        offline=offline,
        font_dirs=font_dir,
        allow_missing=allow_missing,
        allow_unpinned=allow_unpinned,
        progress=progress,
    )()
