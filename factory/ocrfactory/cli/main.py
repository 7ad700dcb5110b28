"""The entry point: the tree of commands, and the one place where errors become words and exit codes."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import sys
from typing import Annotated

import typer

from ocrfactory import __version__
from ocrfactory.cli import (
    augment,
    build,
    charset,
    convert,
    convert_formats,
    doctor,
    fill,
    fonts,
    plan,
    recipes,
    render,
    rerender,
    verify,
)
from ocrfactory.cli.words import printable
from ocrfactory.errors import InterruptedRunError, OcrFactoryError

app = typer.Typer(
    name="ocrfactory",
    help="Makes OCR training data: no tofu, no lost label, the same bytes every time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("render")(render.render)
app.command("plan")(plan.plan)
app.command("build")(build.build)
app.command("augment")(augment.augment)
app.command("verify")(verify.verify)
app.command("rerender")(rerender.rerender)
convert_formats.add_to(convert.app)
app.add_typer(convert.app, name="convert")
app.add_typer(fill.app, name="fill")
app.add_typer(fonts.app, name="fonts")
app.add_typer(charset.app, name="charset")
app.add_typer(recipes.app, name="recipes")
app.command("doctor")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ocrfactory {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run a command; exit with the code of `errors.py`."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # here, where a full disk behind it is still an error with words
    except OcrFactoryError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `ocrfactory charset show hangul | head`
        _discard_stdout()
        sys.exit(128 + signal.SIGPIPE)
    except OSError as error:
        _discard_stdout()
        print(f"error: {printable(str(error))}", file=sys.stderr)
        sys.exit(7 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 6)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def print_error(error: OcrFactoryError) -> None:
    """The message and the cure, on stderr; control characters by name, for messages carry names from files."""
    cure = error.cure
    if isinstance(error, InterruptedRunError):
        cure = f"it goes on with: {shlex.join(['ocrfactory', *sys.argv[1:]])}"
    elif error.exit_code == OcrFactoryError.exit_code:
        report = "this is our fault: please report it with the lines above and the output of: ocrfactory doctor"
        cure = f"{cure}; {report}" if cure else report
    print(f"error: {printable(error.message)}", file=sys.stderr)
    if cure:
        print(f"cure: {printable(cure)}", file=sys.stderr)


def _discard_stdout() -> None:
    """What is still buffered has nowhere to go; the interpreter must not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
