"""`ocrfactory fonts`: packs, their faces, and what of them is on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ocrfactory.fonts.face import Face
    from ocrfactory.fonts.inventory import FaceState

app = typer.Typer(no_args_is_help=True, help="Font packs: list, show, install, remove.")

FontDirs = Annotated[
    list[Path] | None, typer.Option("--font-dir", help="A folder of fonts to look in first; repeatable.")
]
Offline = Annotated[bool, typer.Option("--offline", help="Fetch nothing; OCRFACTORY_OFFLINE=1 means the same.")]
AllowMissing = Annotated[bool, typer.Option("--allow-missing", help="Go on without the faces that cannot be had.")]
AllowUnpinned = Annotated[
    bool,
    typer.Option("--allow-unpinned", help="Accept a file of the right name with a hash that the pack does not list."),
]


@app.command("list")
def list_packs(font_dir: FontDirs = None) -> None:
    """List every pack and face: need, licence, and where it was found."""
    from ocrfactory.fonts.inventory import look
    from ocrfactory.fonts.packs import load_pack, pack_names

    for name in pack_names():
        pack = load_pack(name)
        typer.echo(f"{pack.name}  {pack.title}  (charset {pack.charset or '-'}, lang {pack.lang})")
        for state in look(pack.faces, font_dir or ()):
            face = state.face
            typer.echo(f"  {face.id:<26} {face.need:<6} {face.licence:<28} {_state(state)}")


@app.command()
def show(
    what: Annotated[str, typer.Argument(help="A pack, a font file or a folder of fonts.", metavar="PACK|FILE|FOLDER")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    font_dir: FontDirs = None,
    offline: Offline = False,
    allow_missing: AllowMissing = False,
    allow_unpinned: AllowUnpinned = False,
) -> None:
    """Show the faces of a pack, a file or a folder, with paths and hashes; a pack is installed first if needed."""
    from ocrfactory.fonts.files import faces_of_file
    from ocrfactory.fonts.packs import pack_names
    from ocrfactory.fonts.select import select_faces

    if what not in pack_names() and Path(what).is_file() and Path(what).suffix not in {".yaml", ".yml"}:
        faces = faces_of_file(what)
    else:
        faces = select_faces(
            [what],
            font_dirs=font_dir or (),
            offline=offline,
            allow_missing=allow_missing,
            allow_unpinned=allow_unpinned,
            with_extra=True,
            log=_log,
        ).faces
    records = [_record(face) for face in faces]
    if as_json:
        import json

        typer.echo(json.dumps({"pack": faces[0].pack, "faces": records}, ensure_ascii=False, indent=1))
        return
    for record in records:
        typer.echo(f"{record['id']}  {record['family']} {record['style']}  {record['lang']}  {record['licence']}")
        for file in record["files"]:
            typer.echo(f"  face {file['index']}  {file['sha256']}  {file['path']}")


@app.command()
def install(
    packs: Annotated[list[str], typer.Argument(help="Packs to make ready.", metavar="PACK...")],
    font_dir: FontDirs = None,
    offline: Offline = False,
    allow_missing: AllowMissing = False,
    allow_unpinned: AllowUnpinned = False,
) -> None:
    """Make packs ready, core and extra faces; what is not on this machine is fetched from Debian packages."""
    from ocrfactory.fonts.install import install as install_pack

    for name in packs:
        faces = install_pack(
            name,
            font_dirs=font_dir or (),
            offline=offline,
            allow_missing=allow_missing,
            allow_unpinned=allow_unpinned,
            need=("core", "extra"),
            log=_log,
        )
        typer.echo(f"{name}: {len(faces)} faces: {', '.join(face.id for face in faces)}")


@app.command()
def remove(pack: Annotated[str, typer.Argument(help="The pack.", metavar="PACK")]) -> None:
    """Delete the packages that were fetched for a pack; other fonts of this machine are left alone."""
    from ocrfactory.fonts.install import remove as remove_pack

    removed = remove_pack(pack, _log)
    for folder in removed:
        typer.echo(f"deleted {folder}")
    if not removed:
        typer.echo(f"{pack}: nothing was fetched for it")


def _log(line: str) -> None:
    typer.echo(line, err=True)


def _state(state: FaceState) -> str:
    if state.complete:
        return f"pinned, {', '.join(dict.fromkeys(found.route for found in state.files.values()))}"
    if state.others:
        return "another version is here"
    from ocrfactory.fonts.inventory import origin

    return f"not here: {origin(state.face)}"


def _record(face: Face) -> dict[str, Any]:
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
