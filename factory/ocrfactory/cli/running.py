"""What commands have in common: options, and for those that build the plan in words and the end of a run."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocrfactory.cli.meter import Meter
from ocrfactory.cli.words import printable

if TYPE_CHECKING:
    from ocrfactory.recipe import Recipe
    from ocrfactory.sources.source import Context

RecipeName = Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe file, or the name of a shipped one.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Root seed. [default: the recipe's]")]
RootSeed = Annotated[int, typer.Option("--seed", min=0, help="Root seed.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Draw this many rows, chosen at random.")]
Data = Annotated[
    Path | None, typer.Option("--data", help="Where labelled data lies, such as the folder that holds aihub/105.")
]
GLYPHS = "Glyphs"
"""The panel of options that single characters have."""
Ink = Annotated[int, typer.Option("--ink", min=0, max=255, help="Grey level of the ink.", rich_help_panel=GLYPHS)]
Ground = Annotated[
    int, typer.Option("--ground", min=0, max=255, help="Grey level of the ground.", rich_help_panel=GLYPHS)
]
Locale = Annotated[str | None, typer.Option("--locale", help="tw, hk, jp, kr or cn: the face of a collection.")]
Format = Annotated[str, typer.Option("--format", help="png, jpeg or webp.")]
Quality = Annotated[int | None, typer.Option("--quality", min=1, max=100, help="Of jpeg and webp. [default: 90]")]
ShardRows = Annotated[int | None, typer.Option("--shard-rows", min=1, help="Rows of a shard at most.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Output folder. [default: outputs/NAME]")]
Workers = Annotated[
    int | None, typer.Option("--workers", "-w", min=1, help="Processes. [default: as cores and memory allow]")
]
Executor = Annotated[str, typer.Option("--executor", help="processes, or serial: all in this process, for debugging.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan and draw nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
MaxRejects = Annotated[
    float | None,
    typer.Option(
        "--max-reject-rate", min=0, max=1, help="Share of rejects that fails the run. [default: the recipe's, 0.01]"
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Remove what another plan left in the output folder.")]
StealLock = Annotated[bool, typer.Option("--steal-lock", help="Take over the lock of another host.")]
ItemTimeout = Annotated[float, typer.Option("--item-timeout", min=1, help="Seconds that one row may take.")]
Offline = Annotated[bool, typer.Option("--offline", envvar="OCRFACTORY_OFFLINE", help="Never fetch a font package.")]
FontDir = Annotated[list[Path] | None, typer.Option("--font-dir", help="Look for fonts here first. Repeatable.")]
AllowMissing = Annotated[bool, typer.Option("--allow-missing", help="Go on without faces that cannot be found.")]
AllowUnpinned = Annotated[bool, typer.Option("--allow-unpinned", help="Accept a font file whose hash no pack lists.")]
Verify = Annotated[bool, typer.Option("--verify", help="Hash committed shards again before going on.")]
Progress = Annotated[str, typer.Option("--progress", help="auto, bar, plain or none.")]


class Run:
    """One build from the command line: plan or build, then say what came of it."""

    def __init__(
        self,
        recipe: Recipe,
        out: Path | None,
        *,
        folder: Path = Path(),
        data: Path | None = None,
        workers: int | None = None,
        executor: str = "processes",
        dry_run: bool = False,
        as_json: bool = False,
        max_reject_rate: float | None = None,
        force: bool = False,
        steal_lock: bool = False,
        verify: bool = False,
        item_timeout: float = 60.0,
        offline: bool = False,
        font_dirs: list[Path] | None = None,
        allow_missing: bool = False,
        allow_unpinned: bool = False,
        progress: str = "auto",
    ) -> None:
        self.recipe, self.dry_run, self.as_json, self.progress = recipe, dry_run, as_json, progress
        self.out = out or Path("outputs") / recipe.name
        self.context_fields: dict[str, Any] = {
            "folder": folder,
            "data": data,
            "font_dirs": tuple(font_dirs or ()),
            "offline": offline,
            "allow_missing": allow_missing,
            "allow_unpinned": allow_unpinned,
            "log": log,
        }
        self.option_fields: dict[str, Any] = {
            "executor": executor,
            "workers": workers,
            "max_reject_rate": max_reject_rate,
            "force": force,
            "steal_lock": steal_lock,
            "verify": verify,
            "item_timeout": item_timeout,
        }

    def __call__(self) -> None:
        """Plan or build.

        Raises:
            OcrFactoryError: whatever `build.build` raises.
        """
        from ocrfactory.errors import UsageError
        from ocrfactory.executors import EXECUTORS
        from ocrfactory.sources.source import Context

        if self.option_fields["executor"] not in EXECUTORS:
            raise UsageError(f"--executor {self.option_fields['executor']!r}: one of {', '.join(EXECUTORS)}")
        context = Context(**self.context_fields)
        if self.dry_run:
            self._plan(context)
        else:
            self._build(context)

    def _plan(self, context: Context) -> None:
        from ocrfactory.build import default_workers
        from ocrfactory.classplan import class_plan
        from ocrfactory.cli.class_text import all_in_words, class_facts
        from ocrfactory.cli.plan_text import plan_facts
        from ocrfactory.plan import make_plan

        survey = make_plan(self.recipe, context)
        workers = self.option_fields["workers"] or default_workers()
        facts = plan_facts(self.recipe, survey, workers)
        classes = class_plan(survey)
        summary = None if classes is None else class_facts(classes, classes.rows())
        for note in facts["notes"]:
            log(note)
        if self.as_json:
            typer.echo(json.dumps({**facts, "class_plan": summary}, ensure_ascii=False, indent=2))
        else:
            for line in all_in_words(facts, summary):
                typer.echo(printable(line))

    def _build(self, context: Context) -> None:
        from ocrfactory.build import Options, build
        from ocrfactory.errors import TooManyRejectsError
        from ocrfactory.report.preview import make_preview
        from ocrfactory.report.summary import in_words, write_report

        start = time.monotonic()
        failure = None
        with Meter(
            self.progress if not self.as_json else "none" if self.progress == "auto" else self.progress
        ) as meter:
            try:
                build(self.recipe, self.out, context, Options(progress=meter, **self.option_fields))
            except TooManyRejectsError as error:  # the rows are there and worth a report all the same
                failure = error
        summary = write_report(self.out)
        if summary.rows:
            make_preview(self.out)
        seconds = time.monotonic() - start
        if self.as_json:
            import msgspec

            typer.echo(json.dumps({**msgspec.to_builtins(summary), "seconds": round(seconds, 2)}, ensure_ascii=False))
        else:
            for line in in_words(summary):
                typer.echo(printable(line))
            pace = f", {meter.made / meter.seconds:,.0f} rows/s" if meter.made else ""
            typer.echo(f"{seconds:.1f} s{pace}")
            typer.echo(f"data:    {self.out / 'data'}{'/'}*.parquet")
            if summary.rows:
                typer.echo(f"preview: {self.out / 'preview.png'}")
        if failure is None and not summary.rows:
            failure = TooManyRejectsError(
                f"no row was made: all {summary.planned} were rejected", "see the reasons above"
            )
        if failure is not None:
            raise failure


def log(line: str) -> None:
    """One line for people, on stderr, that a progress bar does not tear."""
    from tqdm import tqdm

    tqdm.write(printable(line), file=sys.stderr)
