"""`ocrfactory convert`: labelled data as rows. Here AIHub; the other formats are in `convert_formats.py`."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrfactory.cli import running
from ocrfactory.cli.words import printable

app = typer.Typer(help="Turn labelled data into rows, every fault counted.", no_args_is_help=True)

_LABELS, _CROPS = "Labels", "Crops"
Paths = Annotated[list[str], typer.Argument(help="Folders and zips; zips are read where they lie.", metavar="DIR|ZIP")]
Level = Annotated[
    str | None,
    typer.Option("--level", help="char, word, line or paragraph: keep these only.", rich_help_panel=_LABELS),
]
Join = Annotated[
    str | None,
    typer.Option("--join", help="line or paragraph: join neighbouring boxes into one row.", rich_help_panel=_LABELS),
]
KeepIllegible = Annotated[
    bool, typer.Option("--keep-illegible", help="Keep what is marked as unreadable.", rich_help_panel=_LABELS)
]
KeepPerson = Annotated[
    bool,
    typer.Option(
        "--keep-person-attributes", help="Keep what labels say of people: age, sex, job.", rich_help_panel=_LABELS
    ),
]
DropDuplicates = Annotated[
    bool, typer.Option("--drop-duplicates", help="Reject what an equal file gave before.", rich_help_panel=_LABELS)
]
Pad = Annotated[
    float,
    typer.Option("--pad", min=0, max=2, help="Share of a box's shorter side, added around.", rich_help_panel=_CROPS),
]
Warp = Annotated[
    bool, typer.Option("--warp", help="Straighten boxes of four points into rectangles.", rich_help_panel=_CROPS)
]
RotateTall = Annotated[
    float | None,
    typer.Option(
        "--rotate-tall",
        min=1,
        help="Turn crops this many times as tall as wide; recorded. [default: never]",
        rich_help_panel=_CROPS,
    ),
]
Turn = Annotated[str, typer.Option("--turn", help="Which way --rotate-tall turns: ccw or cw.", rich_help_panel=_CROPS)]
Format = Annotated[
    str, typer.Option("--format", help="keep: whole images stay the files they are, crops are png. png, jpeg, webp.")
]
Recipe = Annotated[
    str | None, typer.Option("--recipe", "-r", help="Augment the train rows: scan, gentle, ... or a file.")
]
License = Annotated[str | None, typer.Option("--license", help="SPDX name for the column license.")]
Lang = Annotated[str | None, typer.Option("--lang", help="For the column lang, as ko or zh-Hant.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Take this many annotations, chosen at random.")]
Strict = Annotated[bool, typer.Option("--strict", help="Fail if anything was rejected. [default: rejects are counted]")]


def aihub(
    paths: Paths,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="Number or name of the data set. [default: its labels tell]")
    ] = None,
    spec: Annotated[
        Path | None, typer.Option("--spec", help="A YAML file that describes the labels of another data set.")
    ] = None,
    level: Level = None,
    join: Join = None,
    keep_illegible: KeepIllegible = False,
    keep_person_attributes: KeepPerson = False,
    pad: Pad = 0.0,
    warp: Warp = False,
    turn: Turn = "ccw",
) -> dict[str, Any]:
    """Crops and labels of AIHub's data sets, from folders and zips as they were downloaded."""
    return {
        "kind": "aihub",
        "paths": paths,
        "dataset": dataset,
        "spec": None if spec is None else str(spec),
        "level": level,
        "join": join,
        "keep_illegible": keep_illegible,
        "keep_person_attributes": keep_person_attributes,
        "pad": pad,
        "warp": warp,
        "turn": turn,
    }


def run_of(
    source: dict[str, Any],
    default_name: Callable[[], str],
    *,
    drop_duplicates: DropDuplicates = False,
    rotate_tall: RotateTall = None,
    license: License = None,
    lang: Lang = None,
    recipe: Recipe = None,
    format: Format = "keep",
    quality: running.Quality = None,
    seed: running.RootSeed = 0,
    limit: Limit = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the rows. [default: the data set's]")] = None,
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
    """What every command does; its keyword arguments are the options that all of them have."""
    fields = {
        **source,
        "name": name or default_name(),
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


def convert(
    source: dict[str, Any],
    *,
    recipe: str | None,
    image: dict[str, Any],
    seed: int,
    limit: int | None,
    strict: bool,
    max_reject_rate: float | None,
    out: Path | None,
    **run: Any,
) -> None:
    """Build the one-part recipe of a labelled source.

    Rejects are the faults of the data: they are counted and do not fail the run, unless it was asked to be strict.

    Raises:
        UsageError: an option is off, or two exclude each other.
    """
    from ocrfactory.cli.recipe_options import recipe_from_options
    from ocrfactory.errors import UsageError

    if strict and max_reject_rate is not None:
        raise UsageError("--strict is --max-reject-rate 0: take one of them")
    chosen = recipe_from_options(
        {
            "name": source["name"],
            "seed": seed,
            "limit": limit,
            "image": image,
            "max_reject_rate": 0 if strict else 1 if max_reject_rate is None else max_reject_rate,
            "parts": [{"source": source, "augment": recipe}],
        }
    )
    running.Run(chosen, out, **run)()


def _name(fields: dict[str, Any]) -> str:
    """The data set's name, found from a first look where nobody says which it is."""
    from ocrfactory.convert import adapters
    from ocrfactory.convert.delivery import find_delivery
    from ocrfactory.convert.recognise import first_look, source_name
    from ocrfactory.convert.spec import load_spec

    if fields["spec"] is not None:
        sources = load_spec(Path(fields["spec"])).sources
    elif fields["dataset"] is not None:
        sources = adapters.get(fields["dataset"]).sources
    else:
        return source_name(first_look(find_delivery([Path(path) for path in fields["paths"]])))
    return sources[0] if len(sources) == 1 else "aihub"


def command_of(
    source: Callable[..., dict[str, Any]], default_name: Callable[[dict[str, Any]], str]
) -> Callable[..., None]:
    """A function with the options of a format and those that all share, which is what Typer reads its options from."""
    own = inspect.signature(source, eval_str=True).parameters
    shared = list(inspect.signature(run_of, eval_str=True).parameters.values())[2:]

    def command(**given: Any) -> None:
        fields = source(**{name: given.pop(name) for name in own})
        run_of(fields, lambda: default_name(fields), **given)

    parameters = [*(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own.values()), *shared]
    command.__doc__ = source.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect looks for
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


app.command("aihub")(command_of(aihub, _name))


@app.command()
def detect(paths: Paths, as_json: running.AsJson = False) -> None:
    """Say which data sets the labels in a folder or zip are, with the scores; nothing is converted."""
    from ocrfactory.convert.delivery import find_delivery
    from ocrfactory.convert.recognise import first_look
    from ocrfactory.errors import InputError

    delivery = find_delivery([Path(path) for path in paths])
    groups = first_look(delivery)
    if as_json:
        import msgspec

        found = [msgspec.to_builtins(group) for group in groups]
        faults = [msgspec.to_builtins(fault) for fault in delivery.faults]
        facts = {"labels": len(delivery.labels), "images": len(delivery.images), "groups": found, "faults": faults}
        typer.echo(json.dumps({**facts, "notes": delivery.notes}, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{len(delivery.labels):,} labels, {len(delivery.images):,} images")
        for note in (*delivery.notes, *(f"{fault.path}: {fault.reason}: {fault.detail}" for fault in delivery.faults)):
            typer.echo(printable(f"  {note}"))
        for group in groups:
            typer.echo(
                printable(f"{group.source or 'unsure'}: {group.count} of those looked at, such as {group.example}")
            )
            for score in [score for score in group.scores if score.points][:4]:
                typer.echo(f"  {score.points:>3}  {score.adapter:<20} {'; '.join(score.reasons)}")
    if not groups:
        raise InputError(f"{', '.join(paths)}: no labels (.json)", "is this the folder of the delivery?")
    if any(group.chosen is None for group in groups):
        raise InputError("not every label can be told", "say --dataset NAME, or describe the labels: --spec FILE")


@app.command("check-spec")
def check_spec(
    spec: Annotated[Path, typer.Argument(help="A YAML file that describes labels.")],
    label: Annotated[Path | None, typer.Option("--label", help="Try it on this label and show what it finds.")] = None,
) -> None:
    """Check a description of labels; every mistake with file:line:col."""
    from ocrfactory.convert.document import Document
    from ocrfactory.convert.spec import load_spec
    from ocrfactory.errors import InputError, Reject

    adapter = load_spec(spec)
    typer.echo(printable(f"{spec}: {adapter.name} is valid; levels {', '.join(adapter.levels)}"))
    if label is None:
        return
    try:
        pages = list(adapter.pages(Document.of(label.name, label.read_bytes())))
    except Reject as reject:
        raise InputError(f"{label}: {reject.reason}: {reject.detail}") from reject
    except OSError as error:
        raise InputError(f"{label}: {error.strerror or error}") from error
    typer.echo(f"{len(pages)} pages, {sum(len(page.regions) for page in pages)} annotations")
    for page in pages[:1]:
        typer.echo(printable(f"image {page.image}, {page.width} x {page.height}"))
        for region in page.regions[:20]:
            fault = f"  {region.fault[0]}: {region.fault[1]}" if region.fault else ""
            typer.echo(printable(f"  {region.level:<9} {region.box}  {region.text!r}{fault}"))
