"""`ocrfactory fonts`: packs, their faces, what of them is on this machine, and what they really draw."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ocrfactory.fonts.face import Face

app = typer.Typer(no_args_is_help=True, help="Font packs: list, show, install, remove; fonts: coverage, audit.")

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
    from ocrfactory.cli import fonts_text
    from ocrfactory.fonts.inventory import look
    from ocrfactory.fonts.packs import load_pack, pack_names

    for name in pack_names():
        pack = load_pack(name)
        typer.echo(f"{pack.name}  {pack.title}  (charset {pack.charset or '-'}, lang {pack.lang})")
        for state in look(pack.faces, font_dir or ()):
            face = state.face
            typer.echo(f"  {face.id:<26} {face.need:<6} {face.licence:<28} {fonts_text.state(state)}")


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
    from ocrfactory.cli import fonts_text
    from ocrfactory.fonts.files import faces_of_file
    from ocrfactory.fonts.locate import is_regular
    from ocrfactory.fonts.packs import pack_names

    if what not in pack_names() and is_regular(what) and Path(what).suffix not in {".yaml", ".yml"}:
        faces = faces_of_file(what)
    else:
        faces = _all_faces(what, font_dir, offline, allow_missing, allow_unpinned)
    records = [fonts_text.record(face) for face in faces]
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


@app.command()
def coverage(
    fonts: Annotated[
        list[str] | None, typer.Argument(help="Pack, face id, family, file (x.ttc#3) or folder.", metavar="[FONT]...")
    ] = None,
    font: Annotated[list[str] | None, typer.Option("--font", "-f", help="The same, as for `render`.")] = None,
    charset: Annotated[
        list[str] | None,
        typer.Option("--charset", "-c", help="Names, files, set algebra; repeatable. [default: the pack's own]"),
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write every class with the verdict of every face.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    extra_faces: Annotated[bool, typer.Option("--extra-faces", help="Look at the extra faces of packs, too.")] = False,
    locale: Annotated[
        str | None, typer.Option("--locale", help="tw, hk, jp, kr or cn: the face of a collection.")
    ] = None,
    font_dir: FontDirs = None,
    offline: Offline = False,
    allow_missing: AllowMissing = False,
    allow_unpinned: AllowUnpinned = False,
) -> None:
    """Count what each face really draws of a character set, and why not the rest; judged on drawn pixels."""
    from ocrfactory.charset import load_charset
    from ocrfactory.cli import fonts_text
    from ocrfactory.errors import CharsetError
    from ocrfactory.fonts.coverage import cover_all
    from ocrfactory.fonts.select import select_faces

    selection = select_faces(
        [*(fonts or ()), *(font or ())],
        locale=locale,
        font_dirs=font_dir or (),
        offline=offline,
        allow_missing=allow_missing,
        allow_unpinned=allow_unpinned,
        with_extra=extra_faces,
        log=_log,
    )
    expressions = charset or ([selection.charset] if selection.charset else [])
    if not expressions:
        raise CharsetError(
            "no charset: these fonts belong to no pack, so there is no default",
            "name one with --charset, such as tcc17380, hangul or jisx0208+kana: ocrfactory charset list",
        )
    charsets = {name: load_charset(name) for name in expressions}
    classes = list(dict.fromkeys(text for each in charsets.values() for text in each.classes))
    covered = cover_all(selection.faces, classes, _log)
    facts = fonts_text.coverage_facts(selection.faces, charsets, classes, covered)
    if csv_file is not None:
        fonts_text.write_matrix(csv_file, selection.faces, classes, covered)
        _log(f"{csv_file}: {len(classes):,} classes")
    if as_json:
        import json

        fonts_text.emit(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    else:
        fonts_text.emit(fonts_text.coverage_table(facts))


@app.command()
def audit(
    what: Annotated[
        list[str], typer.Argument(help="Font files, packs or folders of fonts.", metavar="FILE|PACK|FOLDER...")
    ],
    licence: Annotated[bool, typer.Option("--licence", help="Refuse fonts of unknown or proprietary licence.")] = False,
    allow_unknown: Annotated[
        bool, typer.Option("--allow-unknown", help="With --licence: only report such licences.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    font_dir: FontDirs = None,
    offline: Offline = False,
    allow_missing: AllowMissing = False,
    allow_unpinned: AllowUnpinned = False,
) -> None:
    """Examine fonts: what they map and do not draw, licence, embedding; exit status 4 if one must not be used."""
    from ocrfactory.cli import fonts_text
    from ocrfactory.errors import FontError
    from ocrfactory.fonts.coverage.audit import audit as examine

    def chosen(word: str) -> list[Face]:
        return _all_faces(word, font_dir, offline, allow_missing, allow_unpinned)

    faces: list[Face] = []
    broken: list[FontError] = []
    for word in what:
        for look in _looks(word, chosen):
            try:
                faces += look()
            except FontError as error:
                broken.append(error)
    strict = licence and not allow_unknown
    examined = [(found, fonts_text.refusals(found, strict)) for found in examine(faces)]
    if as_json:
        import json

        document = {
            "faces": [fonts_text.audit_record(found, refused) for found, refused in examined],
            "unreadable": [error.message for error in broken],
        }
        fonts_text.emit(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    else:
        fonts_text.emit("".join(fonts_text.audit_text(found, refused) for found, refused in examined))
    if fault := fonts_text.audit_error(broken, examined):
        raise fault


def _looks(word: str, chosen: Callable[[str], list[Face]]) -> list[Callable[[], list[Face]]]:
    """How to get the faces that a word means, file by file, so that a broken file costs only itself."""
    from ocrfactory.fonts.files import faces_of_file
    from ocrfactory.fonts.locate import font_files, is_folder, is_regular
    from ocrfactory.fonts.packs import pack_names

    path = Path(word).expanduser()
    if word in pack_names() or path.suffix in {".yaml", ".yml"}:
        return [partial(chosen, word)]
    if is_folder(path):
        return [partial(faces_of_file, file) for file in font_files(path)] or [partial(chosen, word)]
    return [partial(faces_of_file, path) if is_regular(path) else partial(chosen, word)]


def _all_faces(
    word: str, font_dir: list[Path] | None, offline: bool, allow_missing: bool, allow_unpinned: bool
) -> list[Face]:
    """The faces that a word means, the extra ones of a pack too."""
    from ocrfactory.fonts.select import select_faces

    return select_faces(
        [word],
        font_dirs=font_dir or (),
        offline=offline,
        allow_missing=allow_missing,
        allow_unpinned=allow_unpinned,
        with_extra=True,
        log=_log,
    ).faces


def _log(line: str) -> None:
    typer.echo(line, err=True)
