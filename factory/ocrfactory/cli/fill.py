"""`ocrfactory fill`: the characters that a face lacks, drawn in its style; and what belongs to that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrfactory.cli import fill_eval, fill_train, running

app = typer.Typer(help="Draw the characters that a face lacks, in its style, through a gate.")

_FILL = "Filling"


def _was_given(context: typer.Context, name: str | None) -> bool:
    source = context.get_parameter_source(name or "")
    return source is not None and source.name == "COMMANDLINE"


@app.callback(invoke_without_command=True)
def fill(
    context: typer.Context,
    font: Annotated[
        list[str] | None, typer.Option("--font", "-f", help="Whose holes: face id, file (x.ttc#3), pack. Repeatable.")
    ] = None,
    charset: Annotated[
        str | None, typer.Option("--charset", "-c", help="Names, files, set algebra. [default: the pack's own]")
    ] = None,
    content: Annotated[
        list[str] | None,
        typer.Option(
            "--content",
            help="Fonts that show what to draw. Repeatable. [default: the pack's others, HanaMin, BabelStone]",
            rich_help_panel=_FILL,
        ),
    ] = None,
    generator: Annotated[
        str, typer.Option("--generator", help="A bundled one, or a .pt, .onnx, .safetensors.", rich_help_panel=_FILL)
    ] = "fast",
    engine: Annotated[
        str, typer.Option("--engine", help="What runs it; auto: the best that is here.", rich_help_panel=_FILL)
    ] = "auto",
    on_reject: Annotated[
        str,
        typer.Option(
            "--on-reject",
            help="What the gate refuses: hole (left out), or fallback (drawn by another font).",
            rich_help_panel=_FILL,
        ),
    ] = "hole",
    retries: Annotated[
        int,
        typer.Option("--retries", min=0, max=3, help="Tries with other references.", rich_help_panel=_FILL),
    ] = 2,
    ungated: Annotated[
        bool, typer.Option("--ungated", help="No gate: every row and the data card say so.", rich_help_panel=_FILL)
    ] = False,
    per_class: Annotated[
        int, typer.Option("--per-class", min=1, help="Pictures of each hole.", rich_help_panel=running.GLYPHS)
    ] = 1,
    size: Annotated[
        int, typer.Option("--size", min=16, max=512, help="Width and height in pixels.", rich_help_panel=running.GLYPHS)
    ] = 64,
    ink: running.Ink = 0,
    ground: running.Ground = 255,
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="Augmentation: gan, gentle, ... or a file. See recipes list.")
    ] = None,
    extra_faces: Annotated[bool, typer.Option("--extra-faces", help="Fill the extra faces of packs, too.")] = False,
    locale: running.Locale = None,
    format: running.Format = "png",
    quality: running.Quality = None,
    seed: running.RootSeed = 0,
    limit: running.Limit = None,
    shard_rows: running.ShardRows = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the data set. [default: FONT-fill]")] = None,
    out: running.Out = None,
    workers: running.Workers = None,
    executor: running.Executor = "processes",
    dry_run: running.DryRun = False,
    as_json: running.AsJson = False,
    max_reject_rate: Annotated[
        float,
        typer.Option("--max-reject-rate", min=0, max=1, help="Share of refused holes that fails the run."),
    ] = 1.0,
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
    """Draw the characters that a face lacks in the style of those that it has; a gate admits them or does not."""
    from ocrfactory.errors import UsageError

    if context.invoked_subcommand is not None:
        said = [param for param in context.command.params if _was_given(context, param.name)]
        if said:
            words, command = ", ".join(param.opts[0] for param in said), context.invoked_subcommand
            raise UsageError(f"{words}: of fill alone here", f"options of fill {command} stand behind that word")
        return
    if not font:
        raise UsageError("fill takes --font: whose holes?", "such as: ocrfactory fill --font uming --charset tcc17380")
    from ocrfactory.cli.recipe_options import recipe_from_options, slug

    source: dict[str, Any] = {
        "kind": "rare",
        "fonts": font,
        "charset": charset,
        "content": content or (),
        "generator": generator,
        "engine": engine,
        "gate": "ungated" if ungated else "gated",
        "on_reject": on_reject,
        "retries": retries,
        "per_class": per_class,
        "size": size,
        "ink": ink,
        "ground": ground,
        "extra_faces": extra_faces,
        "locale": locale,
    }
    chosen = recipe_from_options(
        {
            "name": name or slug(font, "-fill"),
            "seed": seed,
            "limit": limit,
            "shard_rows": shard_rows,
            "image": {"format": format, "quality": quality},
            "max_reject_rate": max_reject_rate,  # what is refused is the gate at work
            "parts": [{"source": source, "augment": recipe}],
        }
    )
    running.Run(
        chosen,
        out,
        workers=workers,
        executor=executor,
        dry_run=dry_run,
        as_json=as_json,
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


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(help="A data set with generated rows.", metavar="DIR")],
    engine: Annotated[str, typer.Option("--engine", help="What runs the gate.")] = "auto",
    as_json: running.AsJson = False,
    offline: running.Offline = False,
    font_dir: running.FontDir = None,
) -> None:
    """Ask the gate again about every generated row of a data set; exit 8 where it takes an admission back."""
    import msgspec

    from ocrfactory.cli.words import printable
    from ocrfactory.errors import VerifyError
    from ocrfactory.fill.audit import audit as ask_again
    from ocrfactory.fill.audit import in_words
    from ocrfactory.fill.gate import load_gate
    from ocrfactory.fill.lenders import Looking

    looking = Looking(tuple(font_dir or ()), offline, False, running.log)
    found = ask_again(folder, load_gate(engine), looking)
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2))
    else:
        for line in in_words(found):
            typer.echo(printable(line))
    if found.taken_back:
        raise VerifyError(
            f"{folder}: {len(found.taken_back):,} rows that claim to be admitted are refused by the same gate, "
            f"such as {found.taken_back[0]}",
            "the pictures or their labels were changed after they were made: build the data set again",
        )


app.command()(fill_train.train)
app.command()(fill_train.pack)
app.command("eval")(fill_eval.evaluate)
