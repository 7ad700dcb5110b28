"""Output folders of trdg, written by trdg itself."""

import pytest
from ocrfactory.compat import import_trdg
from ocrfactory.errors import InputError

from tests.convert.formats.helpers import make, picture, put
from tests.makers import make_font

TEXTS = ("abc", "bca", "c ab")


@pytest.fixture(scope="module")
def trdg(tmp_path_factory):
    """A function that lets trdg write its files, named in one of its three ways."""
    import_trdg()
    from trdg.data_generator import FakeTextDataGenerator

    font = make_font(tmp_path_factory.mktemp("font") / "f.ttf", "abc 012")

    def write(folder, name_format):
        folder.mkdir(parents=True)
        for number, text in enumerate(TEXTS):
            options = dict.fromkeys(("skewing_angle", "blur", "distorsion_type", "distorsion_orientation"), 0)
            FakeTextDataGenerator.generate(
                index=number, text=text, font=str(font), out_dir=str(folder), size=32, extension="png",
                random_skew=False, random_blur=False, background_type=1, is_handwritten=False, width=-1,
                name_format=name_format, alignment=1, text_color="#000000", orientation=0, space_width=1.0,
                character_spacing=0, margins=(5, 5, 5, 5), fit=False, output_mask=1, word_split=False,
                image_dir="", **options,
            )  # fmt: skip
        if name_format == 2:
            labels = "".join(f"{number}.png {text}\n" for number, text in enumerate(TEXTS))
            (folder / "labels.txt").write_text(labels, "utf-8")
        return folder

    return write


@pytest.mark.parametrize(("form", "names"), [(0, "text_id"), (1, "id_text"), (2, None)])
def test_what_trdg_writes_is_read_back_however_it_names_its_files(tmp_path, trdg, form, names):
    folder = trdg(tmp_path / "train/out", form)
    made = make(tmp_path / "data", "trdg_folder", tmp_path / "train", names=names)
    assert made.splits == dict.fromkeys(TEXTS, "train")
    assert not made.reasons
    files = {path.read_bytes() for path in folder.glob("*.png") if not path.name.endswith("_mask.png")}
    assert {row["image"]["bytes"] for row in made.rows} == files
    assert all(row["origin"] == "real" and '"synthetic":true' in row["attrs"] for row in made.rows)


def test_files_without_labels_txt_need_a_word_on_their_names(tmp_path):
    put(tmp_path / "d", {"a_0.png": picture(1), "1/labels.txt": "0.png b\n", "1/0.png": picture(2)})
    with pytest.raises(InputError, match=r"a_0.png: no labels.txt"):
        make(tmp_path / "out", "trdg_folder", tmp_path / "d")
    with pytest.raises(InputError, match=r"no labels\.txt") as caught:
        make(tmp_path / "out", "trdg_folder", put(tmp_path / "e", {"a_0.png": picture(1)}))
    assert "text_id for TEXT_0.jpg" in caught.value.cure
    with pytest.raises(InputError, match=r"no labels\.txt and no image"):
        make(tmp_path / "out", "trdg_folder", put(tmp_path / "f", {"a.txt": "x"}))


def test_the_text_in_a_name_is_no_word_on_the_split(tmp_path):
    files = {"train ticket_0.png": picture(1), "dev_1.png": picture(2), "test/labels.txt": "0.png x\n"}
    made = make(
        tmp_path / "out", "trdg_folder", put(tmp_path / "d", {**files, "test/0.png": picture(3)}), names="text_id"
    )
    assert made.splits == {"train ticket": "train", "dev": "train", "x": "test"}


def test_names_that_hold_no_text_or_a_part_of_it_are_counted(tmp_path):
    files = {"a_b_0.png": picture(1), "plain.png": picture(2), f"{'a' * 198}_1.png": picture(3), "_7.png": picture(4)}
    made = make(tmp_path / "out", "trdg_folder", put(tmp_path / "d", files), names="text_id")
    assert list(made.texts) == ["a_b"]
    assert made.reasons == {"bad_name": 2, "text_empty": 1}


def test_broken_lines_and_missing_images_are_counted(tmp_path):
    put(tmp_path / "d", {"labels.txt": "0.png two words\nalone\n1.png x\n../0.png y\n", "0.png": picture(1)})
    made = make(tmp_path / "out", "trdg_folder", tmp_path / "d")
    assert list(made.texts) == ["two words"]
    assert made.reasons == {"bad_line": 1, "missing_image": 1, "unsafe_path": 1}
