"""The entry point: the tree of commands, and the one place where errors become words and exit codes."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from ocrfactory import __version__
from ocrfactory.cli import build, charset, doctor, fonts, recipes, render, verify
from ocrfactory.errors import OcrFactoryError

app = typer.Typer(
    name="ocrfactory",
    help="Makes OCR training data: no tofu, no lost label, the same bytes every time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("render")(render.render)
app.command("build")(build.build)
app.command("verify")(verify.verify)
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
        app()
    except OcrFactoryError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `ocrfactory charset show hangul | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def print_error(error: OcrFactoryError) -> None:
    """The message and the cure, on stderr; control characters by name, for messages carry names from files."""
    print(f"error: {_printable(error.message)}", file=sys.stderr)
    if error.cure:
        print(f"cure: {_printable(error.cure)}", file=sys.stderr)


def _printable(text: str) -> str:
    return "".join(char if char == "\n" or char.isprintable() else f"<U+{ord(char):04X}>" for char in text)
