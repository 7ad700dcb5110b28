"""`ocrfactory verify`: open everything again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrfactory.cli import running
from ocrfactory.cli.meter import Meter


def verify(
    folder: Annotated[Path, typer.Argument(help="The folder of a data set.")],
    as_json: running.AsJson = False,
    progress: running.Progress = "auto",
) -> None:
    """Check counts, hashes, pictures, schema, ids and labels of a data set; exit 8 if anything is wrong."""
    from ocrfactory.verify import raise_for
    from ocrfactory.verify import verify as check

    with Meter("none" if as_json else progress) as meter:
        verdict = check(folder, meter)
    if as_json:
        import msgspec

        typer.echo(msgspec.json.encode(verdict).decode())
    raise_for(verdict, folder)
    if not as_json:
        typer.echo(f"{folder}: {verdict.rows:,} rows in {verdict.shards} shards, nothing wrong")
