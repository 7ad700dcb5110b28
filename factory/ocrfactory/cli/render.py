"""`ocrfactory render`: glyphs or lines from fonts, as a one-part recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ocrfactory.cli import running

_LINE = "Lines"


def render(
    context: typer.Context,
    font: Annotated[
        list[str], typer.Option("--font", "-f", help="Pack, face id, family, file (x.ttc#3) or folder. Repeatable.")
    ],
    mode: Annotated[str, typer.Option("--mode", help="glyph: single characters. line: lines of text.")] = "glyph",
    charset: Annotated[
        str | None,
        typer.Option("--charset", "-c", help="Names, files, set algebra. [default: the pack's own; lines: all]"),
    ] = None,
    per_class: Annotated[
        int,
        typer.Option("--per-class", min=1, help="Pictures of each (face, class).", rich_help_panel=running.GLYPHS),
    ] = 1,
    size: Annotated[
        int, typer.Option("--size", min=8, max=1024, help="Width and height in pixels.", rich_help_panel=running.GLYPHS)
    ] = 64,
    placement: Annotated[
        list[str] | None,
        typer.Option(
            "--placement",
            help="centre, em or fit; or GROUP=..., as punctuation=centre.",
            rich_help_panel=running.GLYPHS,
        ),
    ] = None,
    ink: running.Ink = 0,
    ground: running.Ground = 255,
    text: Annotated[
        Path | None,
        typer.Option("--text", help="A text file: each line once, in order.", rich_help_panel=_LINE),
    ] = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            "--corpus",
            help="Sample from a built-in corpus (ko, zh-Hant, ja, en) or a text file. Repeatable. "
            "[default: the fonts' language]",
            rich_help_panel=_LINE,
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option("--count", "-n", min=1, help="Lines. [default: 1000; all of --text]", rich_help_panel=_LINE),
    ] = None,
    height: Annotated[
        int, typer.Option("--height", min=12, max=1024, help="Pixels across the line.", rich_help_panel=_LINE)
    ] = 64,
    vertical: Annotated[bool, typer.Option("--vertical", help="Set lines vertically.", rich_help_panel=_LINE)] = False,
    fallback: Annotated[
        bool,
        typer.Option(
            "--fallback", help="Another font may draw what the chosen one lacks; recorded.", rich_help_panel=_LINE
        ),
    ] = False,
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", "-r", help="Augmentation: aggressive, gentle, ... or a file. See recipes list."),
    ] = None,
    margin: Annotated[
        float | None, typer.Option("--margin", min=0, help="Pixels around the em box or the ink. [default: 1/16]")
    ] = None,
    extra_faces: Annotated[bool, typer.Option("--extra-faces", help="Draw the extra faces of packs, too.")] = False,
    locale: running.Locale = None,
    format: running.Format = "png",
    quality: running.Quality = None,
    seed: running.RootSeed = 0,
    limit: running.Limit = None,
    shard_rows: running.ShardRows = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the data set. [default: from the fonts]")] = None,
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
    """Draw every class with every face that really has it, or lines of text: no tofu, no silent gap."""
    from ocrfactory.cli.recipe_options import placements, recipe_from_options, refuse_foreign, slug

    refuse_foreign(context, mode)
    source: dict[str, Any] = {
        "fonts": font,
        "charset": charset,
        "margin": margin,
        "extra_faces": extra_faces,
        "locale": locale,
    }
    if mode == "line":
        kind: dict[str, Any] = {
            "kind": "lines",
            "corpus": [{"kind": "lines", "file": str(text)}] if text else corpus or (),
            "count": count if count or text else 1000,
            "height": height,
            "vertical": 1.0 if vertical else 0.0,
            "fallback": fallback,
        }
    else:
        kind = {
            "kind": "glyphs",
            "per_class": per_class,
            "size": size,
            "placement": placements(placement or []),
            "ink": ink,
            "ground": ground,
        }
    chosen = recipe_from_options(
        {
            "name": name or slug(font, "-lines" if mode == "line" else ""),
            "seed": seed,
            "limit": limit,
            "shard_rows": shard_rows,
            "image": {"format": format, "quality": quality},
            "parts": [{"source": {**kind, **source}, "augment": recipe}],
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
        offline=offline,
        font_dirs=font_dir,
        allow_missing=allow_missing,
        allow_unpinned=allow_unpinned,
        progress=progress,
    )()
