"""The contact sheet: small whatever the pictures are, and whole whatever the disk and the pictures are."""

import errno
import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from ocrfactory import encode
from ocrfactory.errors import NoSpaceError
from ocrfactory.report import preview
from PIL import Image


def test_a_full_disk_is_said_and_leaves_nothing(build_serially, tmp_path, monkeypatch):
    out = tmp_path / "out"
    build_serially(out)

    def full(path, data):
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(Image.Image, "save", _refuse_files(Image.Image.save))
    with pytest.raises(NoSpaceError):
        preview.make_preview(out)
    assert not [path.name for path in out.iterdir() if "preview" in path.name]


def _refuse_files(save):
    def full(image, target, *args, **options):
        if not isinstance(target, io.BytesIO):
            raise OSError(errno.ENOSPC, "No space left on device")
        return save(image, target, *args, **options)

    return full


def test_the_sheet_of_a_data_set_shows_its_bands(build_serially, tmp_path):
    out = tmp_path / "out"
    build_serially(out)
    with Image.open(preview.make_preview(out)) as sheet:
        assert sheet.width < 2000
        assert sheet.height >= 32
    assert [path.name for path in out.iterdir() if path.name.endswith(".part")] == []


def rows_of(pictures):
    """Rows of one face as a stand-in for `read.first_rows`."""

    def first_rows(path, columns, groups):
        for number, data in enumerate(pictures):
            row = {"text": "一", "source": "s", "font_name": f"f{number % 60}", "origin": "font"}
            row["image"] = {"bytes": data, "path": "a.png"}
            yield {name: row[name] for name in columns}

    return first_rows


def test_large_pictures_are_shrunk_as_they_are_read(monkeypatch, tmp_path):
    data = encode.png(np.zeros((1024, 1024, 3), np.uint8))
    monkeypatch.setattr(preview.read, "first_rows", rows_of([data] * 120))
    bands = {}
    tracemalloc.start()
    preview._collect(tmp_path, bands)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(bands) == preview.MAX_BANDS
    assert {cell.picture.size for cells in bands.values() for cell in cells} == {(96, 96)}
    assert most < 50 << 20
    sheet = preview._sheet(bands)
    assert sheet.width * sheet.height < 10_000_000


def test_only_pictures_of_chosen_rows_are_decoded(monkeypatch, tmp_path):
    decoded = []
    data = encode.png(np.zeros((8, 8), np.uint8))
    monkeypatch.setattr(preview.encode, "decode", lambda data: decoded.append(data) or np.zeros((8, 8), np.uint8))
    monkeypatch.setattr(preview.read, "first_rows", rows_of([data] * 6000))
    preview._collect(tmp_path, {})
    assert len(decoded) == preview.MAX_BANDS * preview.CELLS


@pytest.mark.parametrize("data", [None, b"", b"GIF89a", encode.png(np.zeros((64, 64), np.uint8))[:50]])
def test_a_damaged_picture_is_an_empty_cell(monkeypatch, tmp_path, data):
    monkeypatch.setattr(preview.read, "first_rows", rows_of([data]))
    bands = {}
    preview._collect(tmp_path, bands)
    (cells,) = bands.values()
    assert len(cells[0].picture.getcolors()) > 1  # the question mark
    assert preview._sheet(bands).height > 40


def test_names_are_wrapped_between_words():
    assert preview._wrapped("Noto Serif CJK TC Regular") == "Noto Serif CJK TC\nRegular"
    assert max(map(len, preview._wrapped("x" * 60).split("\n"))) == 24


def test_a_long_name_gets_room_for_all_its_lines():
    small = preview._Cell(Image.new("RGB", (8, 8)), "a")
    low = preview._sheet({("s", "a"): [small]})
    high = preview._sheet({("s", "word " * 40): [small]})
    assert high.height > low.height
