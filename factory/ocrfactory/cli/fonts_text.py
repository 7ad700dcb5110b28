"""What `ocrfactory fonts` prints and writes: records, tables, verdicts."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from ocrfactory.charset import Charset
    from ocrfactory.errors import FontError
    from ocrfactory.fonts.coverage import Coverage
    from ocrfactory.fonts.coverage.audit import FontAudit
    from ocrfactory.fonts.face import Face
    from ocrfactory.fonts.inventory import FaceState

NAMED = 20
"""Classes that the table names before it counts the rest; --json and --csv have them all."""


def emit(text: str) -> None:
    """Print as UTF-8: the locale's encoding may lack the characters."""
    typer.echo(text.encode("utf-8", "backslashreplace"), nl=False)


def state(found: FaceState) -> str:
    """Where a face was found, or what would fetch it."""
    if found.complete:
        return f"pinned, {', '.join(dict.fromkeys(each.route for each in found.files.values()))}"
    if found.others:
        return "another version is here"
    from ocrfactory.fonts.inventory import origin

    return f"not here: {origin(found.face)}"


def record(face: Face) -> dict[str, Any]:
    """A face for machines."""
    files = [
        {"path": file.path, "index": file.index, "sha256": file.sha256, "family": file.family, "style": file.style}
        for file in face.files
    ]
    first = face.files[0]
    return {
        "id": face.id,
        "index": first.index,
        "path": first.path,
        "files": files,
        "family": first.family,
        "style": first.style,
        "version": first.version,
        "lang": face.lang,
        "need": face.need,
        "licence": face.licence,
        "attribution": face.attribution,
        "package": face.package,
        "package_version": face.package_version,
        "pinned": face.pinned,
        "fs_type": first.fs_type,
        "sha256": first.sha256,
    }


def coverage_facts(
    faces: Sequence[Face], charsets: Mapping[str, Charset], classes: Sequence[str], covered: Sequence[Coverage]
) -> dict[str, Any]:
    """Counts for each pair of a face and a charset, and what no face draws; `classes` is the union of the charsets."""
    import numpy as np

    from ocrfactory.fonts.coverage import REASONS

    place = {text: number for number, text in enumerate(classes)}
    verdicts = np.array([found.verdict for found in covered], np.uint8).reshape(len(faces), len(classes))
    rows, sets = [], []
    for name, charset in charsets.items():
        part = verdicts[:, [place[text] for text in charset.classes]]
        undrawn = np.flatnonzero((part != 0).all(axis=0)).tolist()
        sets.append(
            {
                "charset": name,
                "sha256": charset.sha256,
                "classes": len(charset),
                "undrawn": [charset.classes[number] for number in undrawn],
            }
        )
        for face, row in zip(faces, part, strict=True):
            counts = np.bincount(row, minlength=len(REASONS)).tolist()
            reasons = {reason: count for reason, count in zip(REASONS[1:], counts[1:], strict=True) if count}
            rows.append(
                {"face": face.id, "charset": name, "drawn": counts[0], "holes": sum(counts[1:]), "reasons": reasons}
            )
    rows.sort(key=lambda row: [face.id for face in faces].index(row["face"]))
    notes = [note for found in covered for note in found.quarantined]
    alike = {face.id: list(found.same_as_base) for face, found in zip(faces, covered, strict=True)}
    same = {id: sequences for id, sequences in alike.items() if sequences}
    return {"charsets": sets, "faces": rows, "quarantined": list(dict.fromkeys(notes)), "same_as_base": same}


def coverage_table(facts: Mapping[str, Any]) -> str:
    """The facts for people: one line for each face and charset, then what nobody draws."""
    from ocrfactory.fonts.coverage import REASONS

    present = [reason for reason in REASONS[1:] if any(reason in row["reasons"] for row in facts["faces"])]
    head = ["face", "charset", "drawn", "holes", *present]
    body = [
        [row["face"], row["charset"], f"{row['drawn']:,}", f"{row['holes']:,}"]
        + [f"{row['reasons'].get(reason, 0):,}" for reason in present]
        for row in facts["faces"]
    ]
    lines = _columns([head, *body], left=2)
    lines += [f"warning: {note}" for note in facts["quarantined"]]
    lines += [
        f"{face}: {len(sequences):,} variation sequences look like the character without the selector"
        for face, sequences in facts["same_as_base"].items()
    ]
    lines += [_undrawn(each) for each in facts["charsets"]]
    return "".join(f"{line}\n" for line in lines)


def _undrawn(charset: Mapping[str, Any]) -> str:
    from ocrfactory.charset import codepoints

    missing, name = charset["undrawn"], charset["charset"]
    if not missing:
        return f"{name}: every one of {charset['classes']:,} classes is drawn by at least one face"
    words = ", ".join(f"{text} ({codepoints(text)})" for text in missing[:NAMED])
    more = f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else ""
    return f"{name}: no face draws {len(missing):,} of {charset['classes']:,} classes: {words}{more}"


def write_matrix(path: Path, faces: Sequence[Face], classes: Sequence[str], covered: Sequence[Coverage]) -> None:
    """Every class with the verdict of every face, as CSV. The file appears whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    from ocrfactory.charset import codepoints
    from ocrfactory.errors import OutputError
    from ocrfactory.fonts.coverage import REASONS

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["class", "codepoints", *(face.id for face in faces)])
    verdicts = [found.verdict.tolist() for found in covered]
    for number, each in enumerate(classes):
        writer.writerow([each, codepoints(each), *(REASONS[row[number]] for row in verdicts)])
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(text.getvalue().encode())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise OutputError(f"{path}: {error.strerror or error}", "choose another --csv") from error


def refusals(found: FontAudit, licence: bool) -> list[str]:
    """Why a font must not be used; empty when it may."""
    reasons = [found.quarantine] if found.quarantine else []
    if found.file.fs_type & 0x0002:
        reasons.append("embedding is restricted by the font (OS/2 fsType)")
    if licence and not found.licence_known:
        reasons.append("the licence is proprietary" if found.licence == "proprietary" else "the licence is unknown")
    return reasons


def audit_record(found: FontAudit, refused: Sequence[str]) -> dict[str, Any]:
    """An audit for machines."""
    return {
        "face": found.face,
        "path": found.file.path,
        "index": found.file.index,
        "sha256": found.file.sha256,
        "mapped": found.mapped,
        "drawn": found.drawn,
        "faults": found.faults,
        "variation_sequences": found.variation_sequences,
        "licence": found.licence,
        "licence_known": found.licence_known,
        "fs_type": found.file.fs_type,
        "embedding": list(found.embedding),
        "quarantine": found.quarantine,
        "refused": list(refused),
    }


def audit_text(found: FontAudit, refused: Sequence[str]) -> str:
    """An audit for people, with its verdict as the last line."""
    faulty = found.mapped - found.drawn
    lines = [
        f"{found.face}  {found.file.path} face {found.file.index}",
        f"  mapped {found.mapped:,}, drawn {found.drawn:,}, variation sequences {found.variation_sequences:,}",
    ]
    for reason, blocks in found.faults.items():
        where = ", ".join(f"{block} {count:,}" for block, count in blocks.items())
        lines.append(f"  {reason} {sum(blocks.values()):,}: {where}")
    lines.append(f"  licence: {found.licence}; embedding: {', '.join(found.embedding) or 'free'}")
    if refused:
        verdict = f"refused: {'; '.join(refused)}"
    elif faulty:
        verdict = f"usable; it maps {faulty:,} code points that it does not draw"
    else:
        verdict = "usable; it draws all that it maps"
    return "".join(f"{line}\n" for line in (*lines, f"  verdict: {verdict}"))


def audit_error(broken: Sequence[FontError], examined: Sequence[tuple[FontAudit, Sequence[str]]]) -> FontError | None:
    """One error for all that must not be used, or None."""
    from ocrfactory.errors import FontError

    refused = [f"{found.face}: {'; '.join(reasons)}" for found, reasons in examined if reasons]
    if not refused and not broken:
        return None
    cure = broken[0].cure if not examined and broken[0].cure else "leave these fonts out"
    if any("the licence is" in line for line in refused):
        cure += ", or give --allow-unknown if you have the right to use them"
    return FontError("\n".join([*(error.message for error in broken), *refused]), cure)


def _columns(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Rows as lines: the first columns flush left, the others, which are numbers, flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
