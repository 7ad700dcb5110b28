"""The command line: parse, one call, print. One file for each group of commands."""

from __future__ import annotations

from ocrfactory.cli.main import main

__all__ = ["main"]
