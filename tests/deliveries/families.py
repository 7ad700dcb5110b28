"""The families of deliveries: where their files lie and how their labels are written."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.deliveries.pages import CELL
from tests.deliveries.truth import AS_DRAWN, NOT_SELECTED, Delivery, Scene, Unit

SYLLABLES = (
    "가나다라마바사아자차카타파하고노도로모보소오조초코토포호구누두루무부수우주추쿠투푸후기니디리미비시이지치키티피히"
)
HAN = "一丁七三上下不中丸主之乘九也事二于云五井人今仁仕他付代令以仰"
PAGE = (400, 300)
BAND = 34
"""Height of the band in which each text of a page lies."""
INSIDE = (0.25, 0.375, -0.5, -0.625)
"""What a box of fractions has beyond the pixels of the ink: it is a little smaller."""

Where = tuple[str, str]
"""An archive (a folder or a zip, without its extension) and a folder inside it; no archive: loose files."""


@dataclass(frozen=True)
class Family:
    """One shape of delivery."""

    name: str
    ext: str
    fill: Callable[[Scene, random.Random], None]
    """Gives a new scene its units."""
    label: Callable[[Scene], Any] | None
    """The label of one image; None where one label has many images."""
    where: Callable[[Scene], tuple[Where, Where]]
    """Where the image and where the label of a scene belong."""
    stem: Callable[[Scene], str]
    document: Callable[[list[Scene]], Any] | None = None
    """The one label of many images."""
    box: str = ""
    """How boxes are written: xywh, xyxy, xs-ys, polygon; empty: the image is the crop."""
    splits: tuple[str, ...] = ("train", "train", "validation")
    variants: tuple[str, ...] = ("",)
    encoding: str = "utf-8"
    states_size: bool = True
    nameless: tuple[str, ...] = ()
    """Variants whose labels name no image: it is the one of the label's own name."""
    illegible: tuple[str, ...] = ()
    """Marks for unreadable text."""
    camera: bool = False
    """Photos, so EXIF orientations occur."""
    size: tuple[int, int] = PAGE

    @property
    def whole(self) -> bool:
        """Is the image the crop?"""
        return not self.box

    def scene(self, delivery: Delivery, number: int, split: str | None = None) -> Scene:
        """A scene with its units."""
        made = Scene(
            number=number,
            stem="",
            ext=self.ext,
            split=split or self.splits[(number - 1) % len(self.splits)],
            size=self.size,
            id=number,
            variant=self.variants[(number - 1) % len(self.variants)],
        )
        made.stem = self.stem(made)
        self.fill(made, delivery.rng)
        return made


def word(rng: random.Random, least: int = 2, most: int = 4) -> str:
    """An invented word."""
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(least, most)))


# What lies in the images


def words(scene: Scene, rng: random.Random, level: str = "word", first_id: int = 1) -> None:
    """3 to 6 words, each in a band of its own, one below the other."""
    for number in range(rng.randint(3, 6)):
        text = word(rng)
        width = CELL * len(text)
        box = (rng.randint(6, scene.size[0] - width - 6), 8 + BAND * number, width, CELL)
        scene.units.append(Unit(text, level, box, first_id + number))


def words_and_chars(scene: Scene, rng: random.Random) -> None:
    """Words, each followed by its characters; and something that nobody has to read."""
    words(scene, rng)
    units: list[Unit] = []
    for unit in scene.units:
        unit.extra["class"] = "word"
        unit.id = f"{scene.number * 1000 + len(units):08d}"
        units.append(unit)
        x, y, _, h = unit.box or (0, 0, 0, 0)
        for number, char in enumerate(unit.text or ""):
            part = Unit(char, "char", (x + CELL * number, y, CELL, h), f"{scene.number * 1000 + len(units):08d}")
            part.drawn, part.expect, part.extra["class"] = False, NOT_SELECTED, "character"
            units.append(part)
    ignored = Unit(None, "word", (5, 270, 44, 20), f"{scene.number * 1000 + len(units):08d}", drawn=False)
    ignored.expect, ignored.extra["class"] = "illegible", "ignored"
    scene.units = [*units, ignored]


def figures(scene: Scene, rng: random.Random) -> None:
    """Formulas, and a figure without text."""
    words(scene, rng, "line")
    for unit in scene.units:
        unit.id = None
        unit.text = f"{unit.text} $={rng.randint(2, 9)}\\pi$"
    figure = Unit(None, "line", (20, 240, 60, 50), None, drawn=False)
    figure.expect = FIGURE
    scene.units.append(figure)


def columns(scene: Scene, rng: random.Random) -> None:
    """Two columns of four characters, right to left."""
    for column in range(2):
        for row in range(4):
            box = (300 - 80 * column, 20 + 40 * row, 30, 30)
            more = {"column": column, "row": row}
            unit = Unit(rng.choice(HAN), "char", box, None, fraction=INSIDE, extra=more)
            scene.units.append(unit)


def old_letters(scene: Scene, rng: random.Random) -> None:
    """Eight letters of several code points each."""
    for number in range(8):
        text = chr(0x1100 + rng.randrange(18)) + chr(rng.choice((0x119E, 0x11A1, 0x1188))) + chr(0x11A8 + number)
        box = (20 + 44 * number, 30 + 10 * (number % 3), 30, 32)
        scene.units.append(Unit(text, "char", box, None, extra={"column": number, "row": 0}))


def one_text(scene: Scene, rng: random.Random) -> None:
    """The image is one text: a letter, a word or a sentence, by its variant."""
    if "syllable" in scene.variant:
        text, level = rng.choice(SYLLABLES), "char"
    elif "sentence" in scene.variant:
        text, level = f"{word(rng)} {word(rng)} {word(rng)}", "line"
    else:
        text, level = word(rng), "word"
    scene.size = (20 + 16 * len(text) + scene.number % 5, 40 + scene.number % 7)
    scene.id = f"{scene.number:08d}"
    scene.units.append(Unit(text, level, None, scene.id))


def handwritten_word(scene: Scene, rng: random.Random) -> None:
    """One word that fills the image, and its characters."""
    text = word(rng)
    scene.size = (8 + CELL * len(text), 8 + CELL)
    scene.units.append(Unit(text, "word", None))
    for number, char in enumerate(text if CHARACTERS_OF_A_WORD_COUNT else ""):
        unit = Unit(char, "char", (4 + CELL * number, 4, CELL, CELL), drawn=False, expect=NOT_SELECTED)
        scene.units.append(unit)


def handwritten_letter(scene: Scene, rng: random.Random) -> None:
    """One letter that fills the image."""
    scene.size = (40 + scene.number % 9, 44)
    scene.units.append(Unit(rng.choice(SYLLABLES), "char", None))


def problem(scene: Scene, rng: random.Random) -> None:
    """One text over the whole page."""
    scene.size = (240, 120)
    text = f"{word(rng)} ${rng.randint(2, 9)}$ {word(rng)}"
    scene.units.append(Unit(text, "paragraph", None))


FIGURE = "text_empty"
"""What becomes of a segment without text."""
CHARACTERS_OF_A_WORD_COUNT = True
"""Are the characters of a handwritten word annotations of their own?"""


# Boxes as they are written


def claim(unit: Unit) -> tuple[float, float, float, float]:
    """x, y, w, h as the label has it."""
    if unit.claim is None:
        raise ValueError("the image is the crop")
    return unit.claim


def xywh(unit: Unit) -> Any:
    """[x, y, w, h]"""
    return list(claim(unit)) if unit.written is AS_DRAWN else unit.written


def xyxy(unit: Unit) -> Any:
    """[x1, y1, x2, y2]"""
    x, y, w, h = claim(unit)
    return [x, y, x + w, y + h] if unit.written is AS_DRAWN else unit.written


def xs_ys(unit: Unit) -> dict[str, Any]:
    """Four x and four y: top left, bottom left, top right, bottom right."""
    if unit.written is not AS_DRAWN:
        return {"x": unit.written, "y": unit.written}
    x, y, w, h = claim(unit)
    return {"x": [x, x, x + w, x + w], "y": [y, y + h, y, y + h]}


def polygon(unit: Unit) -> list[list[float]]:
    """The points, clockwise from the top left."""
    x, y, w, h = claim(unit)
    return unit.points or [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]


def ids(unit: Unit) -> dict[str, Any]:
    """The id, where there is one."""
    return {} if unit.id is None else {"id": unit.id}


# Labels: many images in one


def coco_images(scenes: list[Scene], **more: Callable[[Scene], Any]) -> list[dict[str, Any]]:
    """The list `images` of a label of many images."""
    return [
        {
            "id": scene.id,
            "width": (scene.stated_size or scene.size)[0],
            "height": (scene.stated_size or scene.size)[1],
            "file_name": scene.name,
            **{key: make(scene) for key, make in more.items()},
        }
        for scene in scenes
        if not scene.no_label
    ]


def each_unit(scenes: list[Scene]) -> Iterator[tuple[Scene, Unit]]:
    """Every annotation of one label, in its order."""
    for scene in scenes:
        for unit in scene.units if not scene.no_label else ():
            yield scene, unit


def image_id(scene: Scene, unit: Unit) -> Any:
    """The id of the image as an annotation states it."""
    return next(value for value in (unit.image_id, scene.image_id, scene.id) if value is not None)


def letters_document(kind: str) -> Callable[[list[Scene]], Any]:
    """The label of 81 where the image is the crop."""
    types = {"char": "글자(음절)", "word": "단어(어절)", "line": "문장"}

    def attributes(scene: Scene, unit: Unit) -> dict[str, Any]:
        if kind == "handwriting":
            return {"type": types[unit.level], "gender": "여", "age": str(20 + scene.number), "job": "만든이"}
        return {"font": "가상글꼴A", "type": types[unit.level], "is_aug": kind == "augmented"}

    def document(scenes: list[Scene]) -> Any:
        return {
            "info": {"name": "Text in the wild Dataset", "date_created": "2019-10-14 04:31:48"},
            "images": coco_images(scenes, license=lambda _: "made up"),
            "annotations": [
                {
                    **ids(unit),
                    "image_id": image_id(scene, unit),
                    "text": unit.text,
                    "attributes": attributes(scene, unit),
                }
                for scene, unit in each_unit(scenes)
            ],
            "licenses": [{"name": "made up", "url": ""}],
        }

    return document


def wild_document(scenes: list[Scene]) -> Any:
    """The label of the photos of 81."""
    return {
        "info": {"name": "Text in the wild Dataset", "date_created": "2019-10-14 04:31:48"},
        "images": coco_images(scenes, type=lambda scene: WILD[scene.variant]),
        "annotations": [
            {
                **ids(unit),
                "image_id": image_id(scene, unit),
                "text": unit.text,
                "attributes": {"class": unit.extra["class"]},
                "bbox": xywh(unit),
            }
            for scene, unit in each_unit(scenes)
        ],
        "licenses": [],
    }


def drawings_document(scenes: list[Scene]) -> Any:
    """The label of 239: drawings."""
    return {
        "images": coco_images(scenes),
        "annotations": [
            {**ids(unit), "image_id": image_id(scene, unit), "bbox": xywh(unit), "attributes": {"OCR": unit.text}}
            for scene, unit in each_unit(scenes)
        ],
    }


# Labels: one for each image


def stated(scene: Scene) -> dict[str, int]:
    """Width and height as the label has them."""
    width, height = scene.stated_size or scene.size
    return {"width": width, "height": height}


def outdoor_label(old: bool) -> Callable[[Scene], Any]:
    """The label of 105 in its older and its newer form."""

    def label(scene: Scene) -> Any:
        metadata = {
            "class": "실외간판",
            "subclass": "가로형간판",
            "wordorientation": "세로" if scene.vertical else "가로",
            "weather": "맑음",
            "device": "스마트폰",
        }
        taken = {"date_captured" if old else "date_created": "20210109"}
        return {
            "annotations": [
                {**ids(unit), "image_id": image_id(scene, unit), "text": unit.text, "bbox": xywh(unit)}
                for unit in scene.units
            ],
            "cropLabels": [],
            "images": [{"id": scene.id, "file_name": scene.name, **taken, **stated(scene)}],
            "info": {"name": scene.stem, "date_created": "20210111", "description": ""},
            "metadata": metadata if old else [metadata],
        }

    return label


def forms_label(scene: Scene) -> Any:
    """The label of 91: images of printed forms, written words, written letters."""
    licence = {"output": "made", "font": "가상글꼴B", "font_no": "012", "writer_no": "0011", "writer_gender": "1"}
    head = {"name": "made", "date_created": "2020-11-30"}
    first = scene.units[0]
    if first.box is not None:
        text: dict[str, Any] = {
            "type": "printed",
            "word": [{"wordbox": xyxy(unit), "value": unit.text, "source": "made"} for unit in scene.units],
        }
    elif first.level == "word":
        chars = [
            {"charbox": [4 + CELL * at, 4, 4 + CELL * (at + 1), 4 + CELL], "value": char}
            for at, char in enumerate(first.text or "")
        ]
        text = {"type": "word", "word": chars}
    elif scene.alias:
        text, head["text"] = {"type": "letter"}, first.text or ""
    else:
        text = {"type": "letter", "letter": {"value": first.text}}
    image = {"file_name": scene.name, **stated(scene)}
    return {"info": head, "image": image, "license": licence, "text": text}


def documents_label(scene: Scene) -> Any:
    """The label of 88, whose keys have dots."""
    width, height = scene.stated_size or scene.size
    return {
        "images": [
            {
                "image.make.code": "9990069",
                "image.make.year": "2011",
                "image.category": "인.허가",
                "image.width": width,
                "image.height": height,
                "image.file.name": scene.name,
                "image.create.time": "20201118",
            }
        ],
        "annotations": [
            {
                **ids(unit),
                "annotation.type": "rectangle",
                "annotation.ttype": "textType1",
                "annotation.text": unit.text,
                "annotation.bbox": xywh(unit),
            }
            for unit in scene.units
        ],
    }


def scans_label(key: str, identifier: str, with_ids: bool = True) -> Callable[[Scene], Any]:
    """The label of 023, 024 and 025."""

    def label(scene: Scene) -> Any:
        return {
            "Annotation": {"object_recognition": 1, "text_language": 0},
            "Dataset": {"identifier": identifier, "name": "made", "label_path": "", "src_path": "", "category": 1},
            "Images": {
                "identifier": scene.stem,
                "type": scene.ext,
                **stated(scene),
                "dpi": 300,
                "writing_style": 1,
                "group": 3,
                "year": 2010,
            },
            key: [
                {**(ids(unit) if with_ids else {}), "data": unit.text, "type": 1, "typeface": 1, **xs_ys(unit)}
                for unit in scene.units
            ],
        }

    return label


def handwriting_label(scene: Scene) -> Any:
    """The label of 605."""
    place = "acquisition_location" if scene.alias else "acquistion_location"
    path = "HW_OCR/4.Validation/P.Paper/O.Form"
    return {
        "Annotation": {"object_recognition": 0, "text_language": 0},
        "Dataset": {"category": 0, "identifier": "IMG_OCR_53", "label_path": path, "name": "made", "type": 1},
        "Images": {
            place: "공공",
            "application_field": "필사본",
            "background": 0,
            "data_captured": "2021.10.05",
            **stated(scene),
            "identifier": scene.stem,
            "media_type": 0,
            "pen_color": "black",
            "pen_type": 0,
            "type": scene.ext,
            "writer_age": 25,
            "writer_sex": 0,
            "written_content": 0,
        },
        "bbox": [{"data": unit.text, **ids(unit), **xs_ys(unit)} for unit in scene.units],
    }


def packages_label(scene: Scene) -> Any:
    """The label of 055 and 056: polygons, and boxes beside them."""
    boxes = []
    for unit in scene.units:
        x, y, w, h = claim(unit)
        boxes.append({**ids(unit), "x": x, "y": y, "width": w, "height": h})
    image = {"identifier": scene.stem, "name": scene.name, "document_name": "가상청약서", "class": "made"}
    root = {} if scene.alias else {"Identifier": scene.stem, "name": scene.name}
    polygons = [
        {**ids(unit), "type": unit.extra.get("type", 1), "text": unit.text, "points": polygon(unit)}
        for unit in scene.units
    ]
    return {**root, "images": [{**image, **stated(scene)}], "annotations": [{"polygons": polygons, "bbox": boxes}]}


def segments_label(scene: Scene) -> Any:
    """The label of 038: formulas and figures."""
    segments = []
    for unit in scene.units:
        sort = (
            {"type": "도형", "type_detail": "삼각형"}
            if unit.text is None
            else {"type": "수식/텍스트", "type_detail": "텍스트/수식"}
        )
        text = {} if unit.text is None else {"equation": unit.text}
        segments.append({"box": polygon(unit), **sort, **text})
    return {"id": f"made-{scene.number}", "chapter_id": "1113", "material_type": "손글씨", "segments": segments}


def sums_label(scene: Scene) -> Any:
    """The labels of 110 and 111: a problem, its answer, a student's solution."""
    text = scene.units[0].text
    head = {"id": scene.stem.split("_A")[0].split("_1_O")[0]}
    grade = {"question_grade": "M1", "question_term": 1, "question_topic_name": "made", "question_difficulty": 3}
    if scene.variant == "2.모범답안":
        lines = [{"type": "line", "text": text}]
        return {**head, "answer_info": [{"answer_text": text, "answer_bbox": lines, "answer_clac_bbox": []}]}
    if scene.variant == "3.손글씨풀이":
        return {**head, "explanation_info": [{"explanation_text": text}]}
    return {**head, "question_filename": scene.name, "question_info": [grade], "OCR_info": [{"question_text": text}]}


def blockprint_label(scene: Scene) -> Any:
    """The label of 603: columns of characters."""
    nested: dict[int, list[Any]] = {}
    for unit in scene.units:
        x, y, w, h = claim(unit)
        column, row = unit.extra["column"], unit.extra["row"]
        box = [float(x), float(y), float(w), float(h), column, row]
        nested.setdefault(column, []).append({"bbox": box, "type": "1", "label": unit.text})
    width, height = scene.stated_size or scene.size
    return {
        "Info_Name": "made",
        "Info_Block": "목판본",
        "Info_Style": "해서",
        "Image_ID": scene.stem,
        "Image_File_name": scene.stem,
        "Image_Width": width,
        "Image_Height": height,
        "Image_dpi": 300,
        "Image_Char_col_no": 2,
        "Image_Char_row_no": 4,
        "Image_Text_Coord": list(nested.values()),
    }


def old_letters_label(scene: Scene) -> Any:
    """The label of old Hangul."""
    key = "Bbox" if scene.alias else "bbox"
    coords = [
        {"annotate": unit.text, key: [*claim(unit), unit.extra["column"], unit.extra["row"]]} for unit in scene.units
    ]
    return {"Image_filename": scene.stem, "Text_Coord": coords}


def languages_label(scene: Scene) -> Any:
    """The label of 71730; the points are pairs, or one flat list."""
    rows = []
    for unit in scene.units:
        points = polygon(unit)
        flat = [value for point in points for value in point]
        rows.append({"text": unit.text, "polygon_points": flat if scene.alias else points})
    return {"Images": {"file_name": scene.name, **stated(scene)}, "Annotation": rows}


# Where files lie


def side(scene: Scene, train: str, validation: str) -> str:
    """The part of a path that says the split."""
    return train if scene.split == "train" else validation


def letters_where(root: str, names: str, label: str) -> Callable[[Scene], tuple[Where, Where]]:
    """81: a zip for each sort of text, and one label for all."""
    top = f"13.한국어글자체/{root}"
    return lambda scene: ((f"{top}/{names.format(scene.variant)}", ""), (f"{top}/{label}", ""))


WILD = {"book": "book", "goods": "product", "signboard": "sign", "traffic_sign": "traffic sign"}


def wild_where(scene: Scene) -> tuple[Where, Where]:
    """81, photos."""
    root = "13.한국어글자체/04. Text in the wild_230209_add"
    image = (f"{root}/01_textinthewild_{scene.variant}_images_new", scene.variant)
    return image, (f"{root}/textinthewild_data_info.json", "")


def outdoor_new_where(scene: Scene) -> tuple[Where, Where]:
    """105, the newer form."""
    root = f"030.야외 실제 촬영 한글 이미지/01.데이터/{side(scene, '1.Training', '2.Validation')}"
    which = side(scene, "T", "V")
    return (f"{root}/원천데이터_230216_add/{which}S1", f"1.간판/{scene.variant}"), (
        f"{root}/라벨링데이터_230216_add/{which}L1",
        f"1.간판/{scene.variant}",
    )


def outdoor_old_where(scene: Scene) -> tuple[Where, Where]:
    """105, the older form: two trees that do not mirror each other."""
    split = side(scene, "Training", "Validation")
    root = f"야외 실제 촬영 한글 이미지/{split}"
    part, inside, label = {
        "11.기타": ("책표지3", "11.기타", "2.책표지/11.기타"),
        "5.실내안내판": ("간판_실내안내판_원천데이터2", "", "1.간판/5.실내안내판/새 폴더 (2)"),
        "1.가게": ("가로글1", "", "3.가로글/1.가게"),
    }[scene.variant]
    return (f"{root}/[원천]{split}_{part}", inside), (f"{root}/[라벨]{split}", label)


def forms_where(kind: str, folder: str) -> Callable[[Scene], tuple[Where, Where]]:
    """91."""

    def where(scene: Scene) -> tuple[Where, Where]:
        split = side(scene, "Training", "Validation")
        root = f"031.다양한 형태의 한글 문자 이미지 인식 데이터/01.데이터/{split}"
        return (f"{root}/[원천]{split}_{kind}", folder), (f"{root}/[라벨]{split}_{kind}", folder)

    return where


def documents_where(scene: Scene) -> tuple[Where, Where]:
    """88: `labling` and `labeling`, `jpg` and `Jpg`."""
    root = f"032.공공행정문서 OCR/01.데이터/{side(scene, '01.Training', '02.Validation')}"
    below = "인.허가/9990069/2011"
    image = side(scene, "[원천]train_partly_labeling_01", "[원천]validation")
    label = side(scene, "[라벨]train_partly_labling", "[라벨]validation")
    folder = side(scene, "02.원천데이터(jpg)", "02.원천데이터(Jpg)")
    return (f"{root}/{image}", f"{folder}/{below}"), (f"{root}/{label}", f"01.라벨링데이터(Json)/{below}")


def scans_where(root: str, part: str) -> Callable[[Scene], tuple[Where, Where]]:
    """023, 024 and 025: zips that pair by their prefix."""

    def where(scene: Scene) -> tuple[Where, Where]:
        below, letter = f"{root}/01-1.정식개방데이터/{side(scene, 'Training', 'Validation')}", side(scene, "T", "V")
        return (f"{below}/01.원천데이터/{letter}S_{part}", ""), (f"{below}/02.라벨링데이터/{letter}L_{part}", "")

    return where


def handwriting_where(scene: Scene) -> tuple[Where, Where]:
    """605: `4.Validation` inside Training."""
    root = f"053.대용량 손글씨 OCR 데이터/01.데이터/{side(scene, '1.Training', '2.Validation')}"
    below = "HW-OCR/4.Validation/P.Paper/O.Form"
    return (f"{root}/원천데이터/{side(scene, 'TS5', 'VS')}", below), (
        f"{root}/라벨링데이터/{side(scene, 'TL', 'VL')}",
        f"라벨/{below}",
    )


def packages_where(root: str, below: str, space: str) -> Callable[[Scene], tuple[Where, Where]]:
    """055 and 056: `1. Training` with a space in one of them."""

    def where(scene: Scene) -> tuple[Where, Where]:
        top = f"{root}/01.데이터/{side(scene, f'1.{space}Training', f'2.{space}Validation')}"
        letter = side(scene, "T", "V")
        images, labels = f"{below}{scene.variant}/images", f"{below}{scene.variant}/annotations"
        return (f"{top}/원천데이터/{letter}S1", images), (f"{top}/라벨링데이터/{letter}L1", labels)

    return where


def segments_where(scene: Scene) -> tuple[Where, Where]:
    """038."""
    root = f"038.수식, 도형, 낙서기호 OCR 데이터/01.데이터/{side(scene, '1.Training', '2.Validation')}"
    letter = side(scene, "T", "V")
    return (f"{root}/원천데이터/{letter}S_고1", "1113"), (f"{root}/라벨링데이터/{letter}L_고1", "1113")


def sums_where(root: str) -> Callable[[Scene], tuple[Where, Where]]:
    """110 and 111: a zip for problems, one for answers, one for solutions."""

    def where(scene: Scene) -> tuple[Where, Where]:
        below, letter = f"{root}/3.개방데이터/1.데이터/{side(scene, 'Training', 'Validation')}", side(scene, "T", "V")
        part = f"{scene.variant}_초등학교_3학년"
        return (f"{below}/01.원천데이터/{letter}S_{part}", ""), (f"{below}/02.라벨링데이터/{letter}L_{part}", "")

    return where


def blockprint_where(scene: Scene) -> tuple[Where, Where]:
    """603: the image lies beside its label."""
    place = (f"고서 한자 인식 OCR/{side(scene, 'Training', 'Validation')}/목판본", "가상전")
    return place, place


def old_letters_where(scene: Scene) -> tuple[Where, Where]:
    """Old Hangul."""
    root, letter = f"OCR 데이터(옛한글)/{side(scene, 'Training', 'Validation')}", side(scene, "T", "V")
    return (f"{root}/01.원천데이터/{letter}S", "목판본"), (f"{root}/02.라벨링데이터/{letter}L", "목판본")


def languages_where(scene: Scene) -> tuple[Where, Where]:
    """71730: four folders, the odd ones hold images."""
    images, labels = side(scene, "01_data", "03_data"), side(scene, "02_data", "04_data")
    return (f"다중언어 OCR/{images}/OCR_KE", "C2"), (f"다중언어 OCR/{labels}/OCR_KE", "C2")


def drawings_where(scene: Scene) -> tuple[Where, Where]:
    """239: two zips of images share one label."""
    root, letter = f"239.건축 도면 데이터/{side(scene, 'Training', 'Validation')}", side(scene, "T", "V")
    return (f"{root}/01.원천데이터/{letter}S_OCR_{scene.variant}", ""), (
        f"{root}/02.라벨링데이터/{letter}L_OCR",
        f"OCR_{letter}.json",
    )


def _sum_stem(scene: Scene) -> str:
    tail = {"1.문제": "", "2.모범답안": "_A", "3.손글씨풀이": "_1_O"}[scene.variant]
    return f"M1_1_01_21720_{51479 + (scene.number - 1) // 3}{tail}"


def _hex(scene: Scene) -> str:
    return f"{(scene.number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128:032X}"


def _wild(scene: Scene, rng: random.Random) -> None:
    scene.id = f"{scene.number + 1233:08d}"
    words_and_chars(scene, rng)


def _numbered_from_zero(scene: Scene, rng: random.Random) -> None:
    words(scene, rng, first_id=0)


def _strings(scene: Scene, rng: random.Random) -> None:
    words(scene, rng, first_id=0)
    for unit in scene.units:
        unit.id, unit.fraction = str(unit.id), INSIDE


def _without_ids(scene: Scene, rng: random.Random) -> None:
    words(scene, rng)
    for unit in scene.units:
        unit.id = None


def _apart(scene: Scene, rng: random.Random) -> None:
    words(scene, rng, first_id=scene.number * 100)


_SIZES = ("syllable", "word", "sentence")

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            "81-printed",
            "png",
            one_text,
            None,
            letters_where("02.인쇄체_230721_add", "01_printed_{}_images", "printed_data_info.json"),
            lambda scene: f"{scene.number:08d}",
            letters_document("printed"),
            splits=("train",),
            variants=_SIZES,
        ),
        Family(
            "81-handwriting",
            "png",
            one_text,
            None,
            letters_where("01.손글씨", "01_handwriting_{}_images", "handwriting_data_info_clean.json"),
            lambda scene: f"{scene.number + 300000:08d}",
            letters_document("handwriting"),
            splits=("train",),
            variants=_SIZES,
        ),
        Family(
            "81-augmented",
            "png",
            one_text,
            None,
            letters_where("03.인쇄체 증강데이터", "augmentation_data{}", "augmentation_data_info.json"),
            lambda scene: f"{scene.number + 600000:08d}",
            letters_document("augmented"),
            splits=("train",),
            variants=("1", "2"),
        ),
        Family(
            "81-wild",
            "jpg",
            _wild,
            None,
            wild_where,
            _hex,
            wild_document,
            box="xywh",
            splits=("train",),
            variants=tuple(WILD),
            camera=True,
        ),
        Family(
            "105-new",
            "jpg",
            words,
            outdoor_label(old=False),
            outdoor_new_where,
            lambda scene: f"간판_가로형간판_{scene.number:06d}",
            box="xywh",
            variants=("5.실내안내판", "1.가로형간판"),
            illegible=("xxx", "XXX"),
            camera=True,
        ),
        Family(
            "105-old",
            "jpg",
            words,
            outdoor_label(old=True),
            outdoor_old_where,
            # The order of the images is not the order of the labels: neither of folders nor of names.
            lambda scene: f"간판_실내안내판_{997 * scene.number % 1000:06d}",
            box="xywh",
            splits=("train", "train", "train", "validation"),
            variants=("11.기타", "5.실내안내판", "1.가게"),
            illegible=("xxx", "XXX"),
            camera=True,
        ),
        Family(
            "91-printed",
            "jpg",
            _without_ids,
            forms_label,
            forms_where("인쇄체", "3.양식/1"),
            lambda scene: f"{991_0000_0000 + scene.number:011d}",
            box="xyxy",
        ),
        Family(
            "91-word",
            "jpg",
            handwritten_word,
            forms_label,
            forms_where("필기체", "2.단어/4"),
            lambda scene: f"{992_0000_0000 + scene.number:011d}",
        ),
        Family(
            "91-letter",
            "jpg",
            handwritten_letter,
            forms_label,
            forms_where("필기체", "1.글자/2"),
            lambda scene: f"{993_0000_0000 + scene.number:011d}",
        ),
        Family(
            "88",
            "jpg",
            words,
            documents_label,
            documents_where,
            lambda scene: f"9990069-2011-0001-{scene.number:04d}",
            box="xywh",
        ),
        Family(
            "023",
            "jpg",
            words,
            scans_label("Bbox", "OCR(public)"),
            scans_where("023.OCR 데이터(공공)", "OCR(public)_ZZ_2010_9990218_0001"),
            lambda scene: f"ZZ_2010_9990218_0001_{scene.number:04d}",
            box="xs-ys",
        ),
        Family(
            "024",
            "png",
            words,
            scans_label("Bbox", "OCR(edu)"),
            scans_where("024.OCR 데이터(교육)", "OCR(edu)_E_G1"),
            lambda scene: f"E_G1_{scene.number:05d}",
            box="xs-ys",
        ),
        Family(
            "025",
            "png",
            _without_ids,
            scans_label("bbox", "OCR(finance)", with_ids=False),
            scans_where("025.OCR 데이터(금융 및 물류)", "OCR(finance)_F_1"),
            lambda scene: f"F_1_{scene.number:05d}",
            box="xs-ys",
        ),
        Family(
            "605",
            "png",
            _numbered_from_zero,
            handwriting_label,
            handwriting_where,
            lambda scene: f"IMG_OCR_53_4PO_{scene.number:05d}",
            box="xs-ys",
            nameless=("",),
            illegible=("xxx",),
        ),
        Family(
            "055",
            "jpg",
            _strings,
            packages_label,
            packages_where("055.금융업 특화 문서 OCR 데이터", "", " "),
            lambda scene: f"IMG_{scene.number:04d}",
            box="polygon",
            variants=("bank", "insure"),
            camera=True,
        ),
        Family(
            "056",
            "jpg",
            _strings,
            packages_label,
            packages_where("056.의약품, 화장품 패키징 OCR 데이터", "result/", ""),
            lambda scene: f"IMG_{scene.number + 5000:04d}",
            box="polygon",
            variants=("medicine", "cosmetics"),
            encoding="utf-8-sig",
            camera=True,
        ),
        Family(
            "038",
            "png",
            figures,
            segments_label,
            segments_where,
            lambda scene: f"M_P_h1_1113_{scene.number:05d}",
            box="polygon",
            states_size=False,
            nameless=("",),
        ),
        Family(
            "110",
            "png",
            problem,
            sums_label,
            sums_where("110.수학 과목 자동 풀이 데이터"),
            _sum_stem,
            variants=("1.문제", "2.모범답안", "3.손글씨풀이"),
            encoding="utf-8-sig",
            states_size=False,
            nameless=("2.모범답안", "3.손글씨풀이"),
        ),
        Family(
            "111",
            "png",
            problem,
            sums_label,
            sums_where("111.수학 과목 문제생성 데이터"),
            _sum_stem,
            variants=("1.문제", "2.모범답안", "3.손글씨풀이"),
            encoding="utf-8-sig",
            states_size=False,
            nameless=("2.모범답안", "3.손글씨풀이"),
        ),
        Family(
            "603",
            "jpg",
            columns,
            blockprint_label,
            blockprint_where,
            lambda scene: f"000_{scene.number:03d}",
            box="xywh-more",
        ),
        Family(
            "old-hangul",
            "png",
            old_letters,
            old_letters_label,
            old_letters_where,
            lambda scene: f"목판본_001_문학류_가상전_01_{scene.number:03d}",
            box="xywh-more",
            encoding="utf-8-sig",
            states_size=False,
        ),
        Family(
            "71730",
            "jpeg",
            _without_ids,
            languages_label,
            languages_where,
            lambda scene: f"OCR_KE_C2_{scene.number:06d}",
            box="polygon",
            illegible=("###",),
        ),
        Family(
            "239",
            "png",
            _apart,
            None,
            drawings_where,
            lambda scene: f"DRAWING_{scene.number:04d}",
            drawings_document,
            box="xywh",
            variants=("1", "2"),
        ),
    )
}
