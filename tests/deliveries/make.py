"""One delivery on disk, and its truth."""

from __future__ import annotations

import hashlib
import json
import random
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from tests.deliveries import pages
from tests.deliveries.families import FAMILIES, Family, Where, each_unit
from tests.deliveries.quirks import QUIRKS
from tests.deliveries.truth import Delivery, Scene, Truth, expect
from tests.deliveries.zips import write_zip

Form = Literal["tree", "zip"]
Members = dict[str, dict[str, bytes]]
"""Archive (path without its extension; empty for loose files) -> name -> bytes."""


def make_delivery(
    folder: Path, family: str, *, images: int = 6, seed: int = 0, quirks: Collection[str] = (), form: Form = "tree"
) -> Truth:
    """Write a delivery of `family` into `folder`; the truth also goes to `folder` + `.truth.jsonl`, beside it.

    Args:
        images: before the quirks, which bring images of their own.
        quirks: names of `QUIRKS`; each must occur in the family.
        form: everything unpacked (a folder in place of each zip), or zips.
    """
    made = plan(family, images=images, seed=seed, quirks=quirks, form=form)
    members, truth = render(made)
    store(folder, made, members)
    truth.write(folder.with_name(f"{folder.name}.truth.jsonl"))
    return truth


def plan(family: str, *, images: int, seed: int, quirks: Collection[str], form: Form) -> Delivery:
    """The scenes, with the quirks in them."""
    shape = FAMILIES[family]
    # A string seeds by its digest: the same on every machine and in every process.
    delivery = Delivery(shape, form, random.Random(f"{family}/{seed}"))
    delivery.scenes = [shape.scene(delivery, number + 1) for number in range(images)]
    for name in quirks:
        quirk = QUIRKS[name]
        if family not in quirk.families:
            raise ValueError(f"{name} does not occur in {family}")
        if quirk.zip_only and form != "zip":
            raise ValueError(f"{name} occurs in zips only")
        quirk.change(delivery)
    return delivery


def render(delivery: Delivery) -> tuple[Members, Truth]:
    """The files of a delivery, and what must come of them."""
    family = delivery.family
    members: Members = defaultdict(dict)
    truth = Truth(family.name, delivery.form, files=Counter(delivery.files))
    paths: dict[int, str] = {}
    drawn: dict[int, bytes] = {}
    for scene in delivery.scenes:
        path = paths[scene.number] = add_image(delivery, scene, members, drawn, truth)
        if family.label and not scene.no_label:
            add_label(delivery, scene, members)
            if not scene.broken_label:
                expect(truth, scene, path, {id(unit): at for at, unit in enumerate(scene.units)})
    if family.document:
        add_documents(delivery, members, truth, paths)
    truth.rows.sort(key=lambda row: (row.src_image, row.index))
    return members, truth


def add_image(delivery: Delivery, scene: Scene, members: Members, drawn: dict[int, bytes], truth: Truth) -> str:
    """The image file of a scene, wherever it lies; its path below the archive, NFC."""
    (archive, inside), _ = delivery.family.where(scene)
    name = f"{scene.disk_stem or scene.stem}.{scene.disk_ext or scene.ext}"
    member = join(inside if scene.image_dir is None else scene.image_dir, name)
    path = unicodedata.normalize("NFC", member)
    if scene.no_image:
        return path
    source = scene.pixels_of or scene
    data, ink = pages.file_of(source, random.Random(f"{delivery.family.name}/{source.number}"))
    if scene.cut:
        data = data[: 12 if delivery.family.whole else len(data) // 2]
    drawn[scene.number] = data
    if member in members[archive]:
        raise ValueError(f"{member}: drawn twice")
    members[archive][member] = data
    if not scene.cut:
        truth.images[path] = (data, scene.turned)
        truth.page_ink[path] = ink
    for number, place in enumerate(scene.copies):
        other = Scene(**{**vars(scene), "number": 7000 + 10 * scene.number + number, "copies": []})
        members[archive][join(place, name)] = pages.file_of(other, delivery.rng)[0]
    return path


def add_label(delivery: Delivery, scene: Scene, members: Members) -> None:
    """The label file of a scene."""
    _, (archive, inside) = delivery.family.where(scene)
    member = join(inside if scene.label_dir is None else scene.label_dir, f"{scene.label_stem or scene.stem}.json")
    data = written(delivery.family.label(scene), scene.encoding or delivery.encoding or delivery.family.encoding)
    members[archive][member] = data[: len(data) // 2] + b"\xff\xfe\xff" if scene.broken_label else data


def add_documents(delivery: Delivery, members: Members, truth: Truth, paths: dict[int, str]) -> None:
    """The labels of many images, and what comes of their annotations."""
    family: Family = delivery.family
    by_label: dict[Where, list[Scene]] = defaultdict(list)
    for scene in delivery.scenes:
        by_label[family.where(scene)[1]].append(scene)
    for (archive, inside), scenes in by_label.items():
        document = family.document(scenes) if family.document else None
        data = written(document, delivery.encoding or family.encoding)
        if inside:
            members[archive][inside] = data
        else:
            members[""][archive] = data
        indices = {id(unit): at for at, (_, unit) in enumerate(each_unit(scenes))}
        for scene in scenes:
            if not scene.no_label:
                expect(truth, scene, paths[scene.number], indices)


def store(folder: Path, delivery: Delivery, members: Members) -> None:
    """Write the files, unpacked or in zips."""
    folder.mkdir(parents=True)
    for archive, files in members.items():
        if not archive or delivery.form == "tree":
            for name, data in files.items():
                target = folder / archive / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        if archive and (delivery.form == "zip" or delivery.leftover):
            names = list(files.items())
            random.Random(archive).shuffle(names)  # the order in a zip is nobody's promise
            write_zip(
                folder / f"{archive}.zip", names, cp949=delivery.cp949_names, leading_slash=delivery.leading_slash
            )
    place = folder / Path(next(archive for archive in members if archive)).parent
    for name, data in delivery.stray.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)


def join(folder: str, name: str) -> str:
    """A member's path."""
    return f"{folder}/{name}" if folder else name


def written(label: Any, encoding: str) -> bytes:
    """A label as a file."""
    return json.dumps(label, ensure_ascii=False, indent=1).encode(encoding)


def digest(folder: Path) -> str:
    """One digest of everything below a folder: the same seed gives the same bytes."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
