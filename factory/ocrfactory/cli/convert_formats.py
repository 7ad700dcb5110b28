"""`ocrfactory convert` for the formats of others: each says its own options, and shares those of every run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ocrfactory.cli.convert import Join, KeepIllegible, Pad, command_of

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


COMMANDS = (latex, lmdb, paddle, mmocr, folder, trdg, hf, coco)


def _name(fields: dict[str, Any]) -> str:
    return str(fields["kind"]).removesuffix("_folder")


def add_to(app: typer.Typer) -> None:
    """The commands of all formats."""
    for source in COMMANDS:
        app.command(source.__name__)(command_of(source, _name))
