"""`ocrfactory convert` for the formats of others: each says its own options, and shares those of every run."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from ocrfactory.cli import running
from ocrfactory.cli.convert import (
    DropDuplicates,
    Format,
    Join,
    KeepIllegible,
    Limit,
    Pad,
    Quality,
    Recipe,
    RotateTall,
    Seed,
    Strict,
    convert,
)

_LABELS = "Labels"
Paths = Annotated[
    list[str], typer.Argument(help="Folders, zips or single label files.", metavar="PATH", show_default=False)
]
Level = Annotated[
    str | None,
    typer.Option("--level", help="What the rows are: char, word, line or paragraph.", rich_help_panel=_LABELS),
]
Root = Annotated[
    str | None,
    typer.Option("--root", help="Where the paths in lists start. [default: beside each list]", rich_help_panel=_LABELS),
]
TextColumn = Annotated[
    str | None,
    typer.Option(
        "--text-column",
        help="Column of the texts. [default: text, label, ground_truth or transcription]",
        rich_help_panel=_LABELS,
    ),
]
License = Annotated[str | None, typer.Option("--license", help="SPDX name for the column license.")]
Lang = Annotated[str | None, typer.Option("--lang", help="For the column lang, as ko or zh-Hant.")]


def lmdb(paths: Paths, level: Level = None) -> dict[str, Any]:
    """LMDBs that DTRB and PARSeq read: one, or a tree of them."""
    return {"kind": "lmdb", "paths": paths, "level": level}


def paddle(paths: Paths, root: Root = None, level: Level = None) -> dict[str, Any]:
    """Recognition lists of PaddleOCR: rec_gt_*.txt."""
    return {"kind": "paddle", "paths": paths, "root": root, "level": level}


def mmocr(paths: Paths, root: Root = None, level: Level = None) -> dict[str, Any]:
    """Recognition lists of MMOCR: JSON (1.x); JSON lines and train_label.txt (0.x)."""
    return {"kind": "mmocr", "paths": paths, "root": root, "level": level}


def folder(paths: Paths, text_column: TextColumn = None, level: Level = None) -> dict[str, Any]:
    """Image folders: metadata.jsonl or .csv, docTR's labels.json, X.gt.txt beside X.png (kraken, tesstrain)."""
    return {"kind": "folder", "paths": paths, "text_column": text_column, "level": level}


def trdg(
    paths: Paths,
    names: Annotated[
        str | None,
        typer.Option(
            "--names", help="text_id or id_text: how files are named without a labels.txt.", rich_help_panel=_LABELS
        ),
    ] = None,
    level: Level = None,
) -> dict[str, Any]:
    """Output folders of trdg. Rows have the origin real, and synthetic: true in attrs."""
    return {"kind": "trdg_folder", "paths": paths, "names": names, "level": level}


def hf(
    paths: Paths,
    image_column: Annotated[
        str | None,
        typer.Option("--image-column", help="Column of the images. [default: by its shape]", rich_help_panel=_LABELS),
    ] = None,
    text_column: TextColumn = None,
    level: Level = None,
) -> dict[str, Any]:
    """Parquet of Hugging Face data sets."""
    return {"kind": "hf", "paths": paths, "image_column": image_column, "text_column": text_column, "level": level}


def coco(
    paths: Paths,
    root: Annotated[
        str | None, typer.Option("--root", help="Another folder that images lie in.", rich_help_panel=_LABELS)
    ] = None,
    level: Level = None,
    join: Join = None,
    keep_illegible: KeepIllegible = False,
    pad: Pad = 0.0,
) -> dict[str, Any]:
    """COCO-Text, and COCO whose annotations carry texts."""
    return {
        "kind": "coco",
        "paths": paths,
        "root": root,
        "level": level,
        "join": join,
        "keep_illegible": keep_illegible,
        "pad": pad,
    }


def latex(
    paths: Paths,
    root: Root = None,
    normalize: Annotated[
        bool,
        typer.Option(
            "--normalize/--as-written", help="Write each formula in one way, by rules.", rich_help_panel=_LABELS
        ),
    ] = True,
    rules: Annotated[
        str | None,
        typer.Option("--rules", help="A YAML file of rules in place of the shipped ones.", rich_help_panel=_LABELS),
    ] = None,
    turn: Annotated[str, typer.Option("--turn", help="Which way --rotate-tall turns: cw or ccw.")] = "cw",
    level: Level = None,
) -> dict[str, Any]:
    """Formulas: gt.txt with path and tokens, beside tokens.txt."""
    return {
        "kind": "latex",
        "paths": paths,
        "root": root,
        "normalize": normalize,
        "rules": rules,
        "turn": turn,
        "level": level,
    }


def _run(
    source: dict[str, Any],
    *,
    drop_duplicates: DropDuplicates = False,
    rotate_tall: RotateTall = None,
    license: License = None,
    lang: Lang = None,
    recipe: Recipe = None,
    format: Format = "keep",
    quality: Quality = None,
    seed: Seed = 0,
    limit: Limit = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the rows. [default: the format's]")] = None,
    out: running.Out = None,
    workers: running.Workers = None,
    executor: running.Executor = "processes",
    dry_run: running.DryRun = False,
    as_json: running.AsJson = False,
    strict: Strict = False,
    max_reject_rate: running.MaxRejects = None,
    force: running.Force = False,
    steal_lock: running.StealLock = False,
    verify: running.Verify = False,
    item_timeout: running.ItemTimeout = 60.0,
    progress: running.Progress = "auto",
) -> None:
    """What every format does; its keyword arguments are the options that all commands have."""
    fields = {
        **source,
        "name": name or source["kind"].removesuffix("_folder"),
        "drop_duplicates": drop_duplicates,
        "rotate_tall": rotate_tall,
        "license": license,
        "lang": lang,
    }
    convert(
        {
            key: value for key, value in fields.items() if value is not None
        },  # what was not given is as the source has it
        recipe=recipe,
        image={"format": format, "quality": quality},
        seed=seed,
        limit=limit,
        strict=strict,
        max_reject_rate=max_reject_rate,
        out=out,
        workers=workers,
        executor=executor,
        dry_run=dry_run,
        as_json=as_json,
        force=force,
        steal_lock=steal_lock,
        verify=verify,
        item_timeout=item_timeout,
        progress=progress,
    )


COMMANDS = (latex, lmdb, paddle, mmocr, folder, trdg, hf, coco)


def add_to(app: typer.Typer) -> None:
    """The commands of all formats."""
    for source in COMMANDS:
        app.command(source.__name__)(_command(source))


def _command(source: Callable[..., dict[str, Any]]) -> Callable[..., None]:
    """A function with the options of a format and those that all share, which is what Typer reads its options from."""
    own = inspect.signature(source, eval_str=True).parameters
    shared = list(inspect.signature(_run, eval_str=True).parameters.values())[1:]

    def command(**given: Any) -> None:
        _run(source(**{name: given.pop(name) for name in own}), **given)

    parameters = [*(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own.values()), *shared]
    command.__doc__ = source.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect looks for
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command
