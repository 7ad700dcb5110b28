"""`ocrfactory doctor`: what this machine has and lacks."""

from __future__ import annotations

import typer

from ocrfactory.cli import running


def doctor(as_json: running.AsJson = False) -> None:
    """Print versions, fonts, cores, memory and GPU, and what is missing with the line that installs it."""
    from ocrfactory.doctor import examine

    findings = examine()
    if as_json:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            mark = " " if finding.ok else "!"
            typer.echo(f"{mark} {finding.name:<{width}}  {finding.value}")
            if finding.cure:
                typer.echo(f"  {'':<{width}}  -> {finding.cure}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(4)
