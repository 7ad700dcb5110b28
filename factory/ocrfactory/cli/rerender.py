"""`ocrfactory rerender`: one row drawn again, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ocrfactory.cli import running
from ocrfactory.cli.words import printable


def rerender(
    folder: Annotated[Path, typer.Argument(help="A finished data set.")],
    id: Annotated[str, typer.Option("--id", help="The row: a value of its column `id`.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the picture that was drawn here.")] = None,
    plain: Annotated[
        Path | None, typer.Option("--plain", help="Write the picture before augmentation here, as PNG.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="The data-set recipe, where the plan is not in the folder.")
    ] = None,
    as_json: running.AsJson = False,
    offline: running.Offline = False,
    font_dir: running.FontDir = None,
) -> None:
    """Draw a row of a data set again and compare it: the same bytes, or exit 8 and what differs."""
    import json

    from ocrfactory import recipe as recipes
    from ocrfactory.encode import png
    from ocrfactory.errors import InputError, Reject, VerifyError
    from ocrfactory.rerender import rerender as again
    from ocrfactory.sources.source import Context
    from ocrfactory.write import write_bytes

    path = recipes.find(recipe) if recipe else None
    context = Context(
        folder=path.parent if path else Path(), font_dirs=tuple(font_dir or ()), offline=offline, log=running.log
    )
    try:
        found = again(folder, id, recipes.load(path) if path else None, context)
    except Reject as reject:
        raise InputError(f"{id} cannot be drawn again: {reject.reason}: {reject.detail}") from reject
    if out is not None:
        write_bytes(out, found.image)
    if plain is not None:
        write_bytes(plain, png(found.plain.image))
    row = found.row
    facts = {
        "id": id,
        "text": row["text"],
        "font": row["font_name"],
        "seed": row["seed"],
        "aug": _decoded(row["aug"] or "[]", list),
        "attrs": _decoded(row["attrs"] or "{}", dict),
        "same": not found.differences,
        "differences": list(found.differences),
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
    else:
        typer.echo(printable(f"{id}: {row['text']!r}, {row['font_name'] or row['origin']}, seed {row['seed']}"))
        for op in facts["aug"]:
            words = ", ".join(f"{name} {value}" for name, value in op.items() if name != "op")
            typer.echo(printable(f"  {op['op']}: {words}"))
    if found.differences:
        raise VerifyError(f"{folder}: {id} differs in {', '.join(found.differences)}")
    if not as_json:
        typer.echo("the same, bit for bit")


def _decoded(text: str, type: type) -> Any:
    """What a column of JSON says; nothing where it was damaged, which the comparison tells."""
    import json

    try:
        found = json.loads(text)
    except ValueError:
        return type()
    return found if isinstance(found, type) else type()
