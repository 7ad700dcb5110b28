"""`ocrfactory charset`: the built-in sets, what an expression holds, and what is odd in a list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ocrfactory.charset import Report

app = typer.Typer(name="charset", help="Character sets: list, show, check.", no_args_is_help=True)

Expression = Annotated[
    str, typer.Argument(metavar="EXPR", help="A built-in name, a file, U+4E00..U+4E8F, or a+b, a-b, a&b, (a).")
]


@app.command("list")
def list_sets() -> None:
    """The built-in sets, with size and source."""
    from ocrfactory.charset import NAMED

    width = max(map(len, NAMED))
    for each in NAMED.values():
        typer.echo(f"{each.name:<{width}}  {each.size:>6,}  {each.description} [{each.source}]")


@app.command()
def show(
    expression: Expression,
    json: Annotated[bool, typer.Option("--json", help="A JSON object: name, sha256, duplicates, classes.")] = False,
    codepoints: Annotated[bool, typer.Option("--codepoints", help="Code points instead of characters.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write here, not to stdout.")] = None,
) -> None:
    """The classes of a set, one a line, in order."""
    from ocrfactory.charset import codepoints as spell
    from ocrfactory.charset import load_charset

    charset = load_charset(expression)
    classes = [spell(each) for each in charset.classes] if codepoints else list(charset.classes)
    if json:
        import json as encoder

        value = {
            "name": charset.name,
            "sha256": charset.sha256,
            "duplicates": charset.duplicates,
            "classes": classes,
        }
        text = encoder.dumps(value, ensure_ascii=False) + "\n"
    else:
        text = "".join(f"{each}\n" for each in classes)
    _emit(text.encode("utf-8", "backslashreplace"), out)
    if out is not None:
        typer.echo(f"{out}: {len(classes):,} classes", err=True)


@app.command()
def check(
    source: Annotated[str, typer.Argument(metavar="FILE|EXPR", help="A list of classes, or any EXPR of `show`.")],
    json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """What is odd in a list; exit status 4 if an entry cannot be a label at all."""
    from ocrfactory.charset import check as examine

    report = examine(source)
    if json:
        import json as encoder

        text = encoder.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n"
    else:
        text = _for_people(report)
    _emit(text.encode("utf-8", "backslashreplace"), None)
    if not report.usable:
        raise typer.Exit(4)


def _for_people(report: Report) -> str:
    groups = ", ".join(f"{name} {count:,}" for name, count in report.groups.items())
    lines = [
        f"{report.name} ({report.kind}): {report.total:,} entries, {report.unique:,} classes",
        f"  sha256  {report.sha256}",
        f"  groups  {groups or 'none'}",
    ]
    if report.unique_after_nfc != report.unique:
        lines.append(f"  NFC     would leave {report.unique_after_nfc:,} classes")
    if report.bom:
        lines.append("  file    starts with a byte order mark, which is dropped")
    if report.crlf:
        lines.append(f"  file    {report.crlf:,} lines end in CR LF, read as LF")
    unit = "line" if report.kind in ("text", "csv") else "entry"
    for name, finding in report.findings.items():
        note = f" (tables: Unicode {report.unicode_version})" if name == "unassigned" else ""
        lines.append(f"{name}: {finding.count:,} - {finding.means}{note}")
        for example in finding.examples:
            words = (f"{unit} {example.position}:", example.text, example.codepoints, example.note)
            lines.append("  " + " ".join(word for word in words if word))
    if not report.findings:
        lines.append("nothing odd")
    return "".join(f"{line}\n" for line in lines)


def _emit(text: bytes, out: Path | None) -> None:
    # Bytes, because the locale's encoding may lack the characters.
    if out is None:
        typer.echo(text, nl=False)
        return
    from ocrfactory.errors import OutputError

    try:
        out.write_bytes(text)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror or error}", "choose another --out") from error
