"""What can be wrong with a delivery. A quirk changes it and what has to come of it, and says where it occurs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from tests.deliveries.families import FAMILIES, Family, word
from tests.deliveries.truth import Delivery, Scene, Unit

UNREAD_IS_MISSING = False
"""Is an image whose label is no JSON also an image without a label?"""
AMBIGUOUS_IS_MISSING = False
"""Are images that a label could mean, but none for certain, images without a label?"""

Change = Callable[[Delivery], None]


@dataclass(frozen=True)
class Quirk:
    """One thing that is wrong, or looks wrong and is not."""

    name: str
    families: tuple[str, ...]
    change: Change
    zip_only: bool = False
    alone: bool = False
    """Does it say something else in the company of others?"""

    @property
    def about(self) -> str:
        """What it does, in a line."""
        return (self.change.__doc__ or "").strip().splitlines()[0]


QUIRKS: dict[str, Quirk] = {}

ALL = tuple(FAMILIES)
EACH = tuple(name for name, family in FAMILIES.items() if family.label)
"""Families with one label for each image."""
ONE = tuple(name for name in ALL if name not in EACH)
CROPS = tuple(name for name, family in FAMILIES.items() if family.whole)
PAGES = tuple(name for name in ALL if name not in CROPS)
LETTERS = tuple(name for name in ALL if name.startswith("81"))
PHOTOS = tuple(name for name, family in FAMILIES.items() if family.camera)
PLAIN_BOX = ("81-wild", "105-new", "105-old", "88", "239")
"""Families whose box is one list of four numbers, x y w h."""
POLYGONS = ("055", "056", "71730")
MIXED_CASE = ("105-new", "105-old", "88", "023", "024", "025", "71730", "81-wild")
FIXED_LETTERS = ("603", "old-hangul")
"""Families whose labels are single letters."""
WORDS = tuple(name for name in PAGES if name not in (*FIXED_LETTERS, "038"))
SUMS = ("110", "111")
LATIN = ("81-wild", "023", "024", "025", "605", "055", "056", "038", "110", "111", "71730", "239")
"""Families whose file names have letters that have a case."""


def quirk(
    name: str, families: Collection[str], *, zip_only: bool = False, alone: bool = False
) -> Callable[[Change], Change]:
    """Enter a change into `QUIRKS`."""

    def enter(change: Change) -> Change:
        QUIRKS[name] = Quirk(name, tuple(families), change, zip_only, alone)
        return change

    return enter


def of_family(family: Family | str, form: str = "tree", *, together: bool = False) -> list[str]:
    """The names of the quirks that occur in a family.

    Args:
        together: leave out those that have to be alone.
    """
    name = family if isinstance(family, str) else family.name
    return [
        quirk.name
        for quirk in QUIRKS.values()
        if name in quirk.families and not (quirk.zip_only and form != "zip") and not (together and quirk.alone)
    ]


def keep_only(scene: Scene, count: int) -> list[Unit]:
    """Leave the first `count` units (characters of a word, figures and what is ignored go too)."""
    scene.units = [unit for unit in scene.units if unit.drawn][:count]
    return scene.units


# Q1 - Q3: encodings of labels and of names


@quirk("Q1-bom", ALL)
def q1_bom(delivery: Delivery) -> None:
    """A label with a byte order mark."""
    if delivery.family.label:
        delivery.new_scene().encoding = "utf-8-sig"
    else:
        delivery.encoding = "utf-8-sig"


@quirk("Q1-cp949", [name for name in ALL if name not in ("old-hangul",)], alone=True)
def q1_cp949(delivery: Delivery) -> None:
    """A label in CP949."""
    if delivery.family.label:
        delivery.new_scene().encoding = "cp949"
    else:
        delivery.encoding = "cp949"


@quirk("Q1-broken", EACH)
def q1_broken(delivery: Delivery) -> None:
    """A label that is no JSON: one line of the ledger; nobody knows its annotations."""
    delivery.new_scene().broken_label = True
    delivery.files["json_decode"] += 1
    delivery.files["missing_label"] += UNREAD_IS_MISSING


@quirk("Q2-cp949-names", ALL, zip_only=True, alone=True)
def q2_cp949_names(delivery: Delivery) -> None:
    """Names of zip members in CP949, and no flag that says so."""
    delivery.cp949_names = True


@quirk("Q3-leading-slash", ALL, zip_only=True)
def q3_leading_slash(delivery: Delivery) -> None:
    """Zip members whose names begin with a slash."""
    delivery.leading_slash = True


# Q4 - Q9: names, pairs, splits


@quirk("Q4-nfd", ALL)
def q4_nfd(delivery: Delivery) -> None:
    """The image's name is decomposed on disk and composed in the label."""
    scene = delivery.new_scene()
    if scene.stem.isascii():
        scene.stem += "" if delivery.family.name in SUMS else "_가각"
    scene.disk_stem = unicodedata.normalize("NFD", scene.stem)
    if scene.disk_stem != scene.stem and scene.variant not in delivery.family.nameless:
        scene.flags.add("name_normalized")


@quirk("Q4-case", LATIN)
def q4_case(delivery: Delivery) -> None:
    """The image's name is in lower case on disk and in upper case in the label."""
    scene = delivery.new_scene()
    scene.disk_stem = scene.stem.lower()
    if scene.variant not in delivery.family.nameless:
        scene.flags.add("name_normalized")


@quirk("Q5-case", MIXED_CASE)
def q5_case(delivery: Delivery) -> None:
    """`.JPG` on disk, `.jpg` in the label."""
    scene = delivery.new_scene()
    scene.disk_ext = scene.ext.upper()
    scene.flags.add("ext_mismatch")


@quirk("Q5-other", MIXED_CASE)
def q5_other(delivery: Delivery) -> None:
    """`.jpeg` against `.jpg`."""
    scene = delivery.new_scene()
    scene.disk_ext = {"jpeg": "jpg", "jpg": "jpeg", "png": "PNg"}[scene.ext]
    scene.flags.add("ext_mismatch")


@quirk("Q5-silent", ("603", "old-hangul", "038"))
def q5_silent(delivery: Delivery) -> None:
    """`.JPG` on disk, no extension in the label: nothing disagrees."""
    scene = delivery.new_scene()
    scene.disk_ext = scene.ext.upper()


@quirk("Q6-trees", ("105-new", "105-old"))
def q6_trees(delivery: Delivery) -> None:
    """The label lies in another folder than the image; one is called `새 폴더 (2)`."""
    scene = delivery.new_scene()
    scene.label_dir, scene.image_dir = "9.엉뚱한곳/새 폴더 (2)", "3.여기"


@quirk("Q6-suffix", ("105-new", "88"))
def q6_suffix(delivery: Delivery) -> None:
    """Two images of one name: the folders tell which label is whose."""
    first = delivery.new_scene("train")
    second = delivery.new_scene("train")
    second.stem = first.stem
    for scene, folder in ((first, "6.두이름/1.이쪽"), (second, "6.두이름/2.저쪽")):
        scene.label_dir, scene.image_dir = f"라벨/{folder}", f"원천/{folder}"


@quirk("Q6-ambiguous", ("105-new", "88"))
def q6_ambiguous(delivery: Delivery) -> None:
    """Two images of one name, and a label in neither's folder."""
    scene = delivery.new_scene("train")
    scene.label_dir, scene.image_dir, scene.copies = "7.라벨", "7.이쪽", ["7.저쪽"]
    scene.fault = "ambiguous_stem"
    delivery.files["missing_label"] += 2 * AMBIGUOUS_IS_MISSING


@quirk("Q7-inner-validation", ("105-new", "023", "038", "056", "88"))
def q7_inner_validation(delivery: Delivery) -> None:
    """A folder called `4.Validation` inside Training."""
    scene = delivery.new_scene("train")
    scene.label_dir = scene.image_dir = "HW/4.Validation/P"


@quirk("Q8-spelling", ("88", "055"))
def q8_spelling(delivery: Delivery) -> None:
    """`labling` and `labeling`, `jpg` and `Jpg`, `1. Training`: the families have them anyway."""
    delivery.new_scene("validation")


@quirk("Q9-missing-image", ALL)
def q9_missing_image(delivery: Delivery) -> None:
    """A label without its image."""
    scene = delivery.new_scene("train")
    scene.no_image, scene.fault = True, "missing_image"


@quirk("Q9-missing-label", ALL)
def q9_missing_label(delivery: Delivery) -> None:
    """An image without its label."""
    delivery.new_scene("train").no_label = True
    delivery.files["missing_label"] += 1


# Q10 - Q13: ids


@quirk("Q10-dup-id", ("88", "105-new", "105-old", "605", "023"))
def q10_dup_id(delivery: Delivery) -> None:
    """Three annotations of one id."""
    scene = delivery.new_scene()
    for unit in scene.units[1:3]:
        unit.id = scene.units[0].id
        unit.flags.add("dup_ann_id")


@quirk("Q10-gap", ("88", "105-new", "605"))
def q10_gap(delivery: Delivery) -> None:
    """Ids with a gap."""
    delivery.new_scene().units[-1].id = 977


@quirk("Q11-dup-image", ("81-wild",))
def q11_dup_image(delivery: Delivery) -> None:
    """Two images of one file name with different ids: the first counts."""
    first, second = delivery.new_scene(), delivery.new_scene()
    second.stem, second.variant = first.stem, first.variant
    second.no_image, second.fault = True, "dup_image"


@quirk("Q12-id-type", LETTERS)
def q12_id_type(delivery: Delivery) -> None:
    """The image's id is "00000007", the annotation says 7."""
    scene = delivery.new_scene()
    scene.image_id = int(scene.id)
    for unit in scene.units:
        unit.flags.add("id_type")


@quirk("Q13-orphan", ONE)
def q13_orphan(delivery: Delivery) -> None:
    """An annotation of an image that is not there."""
    scene = delivery.new_scene()
    unit = scene.units[0]
    unit.image_id = "90000001" if isinstance(scene.id, str) else 90000001
    unit.drawn = unit.box is None
    unit.spoil("orphan_ann")


@quirk("Q13-wrong-id", ("105-new", "105-old"))
def q13_wrong_id(delivery: Delivery) -> None:
    """One image, one label, and an image id that is wrong: it does not matter."""
    delivery.new_scene().image_id = 77


@quirk("id-differs", LETTERS)
def id_differs(delivery: Delivery) -> None:
    """The id of an annotation is not the id of its image: nothing is lost."""
    scene = delivery.new_scene()
    for number, unit in enumerate(scene.units):
        unit.id = f"{70000000 + scene.number * 100 + number:08d}"


# Q14 - Q18: boxes


def _written(value: object, reason: str) -> Change:
    def change(delivery: Delivery) -> None:
        _, unit = delivery.one()
        unit.written = value
        unit.spoil(reason)

    return change


for _name, _value, _reason, _families in (
    ("Q14-null", None, "bbox_missing", (*PLAIN_BOX, "023", "605")),
    ("Q14-nulls", [None] * 4, "bbox_missing", (*PLAIN_BOX, "023")),
    ("Q14-three", [10, 20, 30], "bbox_type", PLAIN_BOX),
    ("Q14-words", "somewhere", "bbox_type", PLAIN_BOX),
    ("Q14-object", {"x": 10}, "bbox_type", PLAIN_BOX),
):
    QUIRKS[_name] = Quirk(_name, tuple(_families), _written(_value, _reason))


@quirk("Q14-string", PLAIN_BOX)
def q14_string(delivery: Delivery) -> None:
    """A box as JSON inside a string: understood."""
    _, unit = delivery.one()
    unit.written = str(list(unit.box or ()))


@quirk("Q14-pairs", PLAIN_BOX)
def q14_pairs(delivery: Delivery) -> None:
    """A box as four corners: understood."""
    _, unit = delivery.one()
    x, y, w, h = unit.box or (0, 0, 0, 0)
    unit.written = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]


def _claimed(w: float, h: float) -> Change:
    def change(delivery: Delivery) -> None:
        _, unit = delivery.one()
        x, y, _, _ = unit.box or (0, 0, 0, 0)
        unit.claimed = (x, y, w, h)
        unit.spoil("bbox_empty")

    return change


for _name, _size, _families in (
    ("Q15-no-width", (0, 20), PAGES),
    ("Q15-no-height", (20, 0), PAGES),
    ("Q15-negative-width", (-30, 20), PLAIN_BOX),
    ("Q15-nan", (float("nan"), 20), ("105-new", "105-old", "88")),
):
    QUIRKS[_name] = Quirk(_name, tuple(_families), _claimed(*_size))


@quirk("Q16-negative", PAGES)
def q16_negative(delivery: Delivery) -> None:
    """A box that begins 10 pixels left of the image: clipped, not mirrored."""
    _, unit = delivery.one()
    _, y, w, h = unit.box or (0, 0, 0, 0)
    unit.box, unit.claimed = (0, y, w, h), (-10, y, w + 10, h)
    unit.flags.add("bbox_clipped")


@quirk("Q16-outside", PAGES)
def q16_outside(delivery: Delivery) -> None:
    """A box that ends 10 pixels right of the image."""
    scene, unit = delivery.one()
    _, y, w, h = unit.box or (0, 0, 0, 0)
    unit.box, unit.claimed = (scene.size[0] - w, y, w, h), (scene.size[0] - w, y, w + 10, h)
    unit.flags.add("bbox_clipped")


@quirk("Q16-far", PAGES)
def q16_far(delivery: Delivery) -> None:
    """A box of which less than half is inside."""
    _, unit = delivery.one()
    _, y, w, h = unit.box or (0, 0, 0, 0)
    unit.drawn, unit.claimed = False, (-w * 2 // 3, y, w, h)
    unit.spoil("bbox_clipped")


@quirk("Q16-elsewhere", PAGES)
def q16_elsewhere(delivery: Delivery) -> None:
    """A box that is all outside."""
    scene, unit = delivery.one()
    unit.drawn, unit.claimed = False, (scene.size[0] + 40, 20, 50, 20)
    unit.spoil("bbox_clipped")


@quirk("Q16-sliver", PLAIN_BOX)
def q16_sliver(delivery: Delivery) -> None:
    """A box of which one column of pixels is inside."""
    scene, unit = delivery.one()
    unit.drawn, unit.claimed = False, (scene.size[0] - 1, 20, 2, 30)
    unit.spoil("bbox_clipped")


@quirk("touches-zero", PAGES)
def touches_zero(delivery: Delivery) -> None:
    """A box that begins at 0, 0 is legal."""
    scene = delivery.new_scene()
    unit = keep_only(scene, 2)[0]
    unit.box = (0, 0, *(unit.box or (0, 0, 1, 1))[2:])


@quirk("x-beyond-w", PAGES)
def x_beyond_w(delivery: Delivery) -> None:
    """A box further from the left than it is wide is legal."""
    scene, unit = delivery.one()
    _, y, w, h = unit.box or (0, 0, 0, 0)
    unit.box = (scene.size[0] - w - 2, y, w, h)


@quirk("Q17-corners", ("023", "024", "025", "605"))
def q17_corners(delivery: Delivery) -> None:
    """Corners as top left, bottom left, top right, bottom right: the families have them anyway."""
    delivery.new_scene()


@quirk("Q18-many", POLYGONS)
def q18_many(delivery: Delivery) -> None:
    """A polygon of six points."""
    _, unit = delivery.one()
    x, y, w, h = unit.box or (0, 0, 0, 0)
    unit.points = [[x, y], [x + w / 2, y], [x + w, y], [x + w, y + h], [x + w / 2, y + h], [x, y + h]]
    unit.flags.add("poly_n")


@quirk("Q18-order", POLYGONS)
def q18_order(delivery: Delivery) -> None:
    """Four points in no order."""
    _, unit = delivery.one()
    x, y, w, h = unit.box or (0, 0, 0, 0)
    unit.points = [[x + w, y + h], [x, y], [x, y + h], [x + w, y]]


# Q19 - Q22: texts


@quirk("Q19-mark", [name for name in ALL if FAMILIES[name].illegible])
def q19_mark(delivery: Delivery) -> None:
    """The family's marks for unreadable text."""
    for mark in delivery.family.illegible:
        _, unit = delivery.one()
        unit.text = mark
        unit.spoil("illegible")


@quirk("Q19-type", ("055", "056"))
def q19_type(delivery: Delivery) -> None:
    """Type 0: unreadable."""
    _, unit = delivery.one()
    unit.extra["type"] = 0
    unit.spoil("illegible")


@quirk("Q19-null", ("81-wild",))
def q19_null(delivery: Delivery) -> None:
    """A word whose text is null."""
    _, unit = delivery.one()
    unit.text = None
    unit.spoil("illegible")


@quirk("Q19-legal", ("88", "023", "024", "025", "055", "056", "239", "81-wild", "91-printed"))
def q19_legal(delivery: Delivery) -> None:
    """`XXX` and `###` where they mean nothing but themselves."""
    for text in ("XXX", "###"):
        _, unit = delivery.one()
        unit.text = text


@quirk("Q20-empty", [name for name in ALL if not name.startswith("91-w")])
def q20_empty(delivery: Delivery) -> None:
    """No text."""
    _, unit = delivery.one()
    unit.text = ""
    unit.spoil("text_empty")


@quirk("Q20-spaces", [name for name in WORDS if name != "81-wild"])
def q20_spaces(delivery: Delivery) -> None:
    """Nothing but spaces."""
    _, unit = delivery.one()
    unit.text = "  \t "
    unit.spoil("text_empty")


@quirk("Q20-none", SUMS)
def q20_none(delivery: Delivery) -> None:
    """The word None, written where there is no text."""
    _, unit = delivery.one()
    unit.text = "None"
    unit.spoil("text_empty")


@quirk("Q20-none-legal", WORDS)
def q20_none_legal(delivery: Delivery) -> None:
    """The word None where it is a word."""
    _, unit = delivery.one()
    unit.text = "None"


@quirk("Q21-jamo", WORDS)
def q21_jamo(delivery: Delivery) -> None:
    """A word with loose letters: kept."""
    _, unit = delivery.one()
    unit.text = "굵ㅇㄴ"
    unit.flags.add("stray_jamo")


@quirk("tab", WORDS)
def tab(delivery: Delivery) -> None:
    """A tab inside a text."""
    _, unit = delivery.one()
    unit.text = f"{word(delivery.rng)}\t{word(delivery.rng)}"
    unit.flags.add("space_normalized")


@quirk("nfd-text", WORDS)
def nfd_text(delivery: Delivery) -> None:
    """A decomposed text becomes composed, and stays as it was in `text_raw`."""
    _, unit = delivery.one()
    unit.text = unicodedata.normalize("NFD", unit.text or "")


@quirk("Q22-levels", ("81-wild", "91-word"))
def q22_levels(delivery: Delivery) -> None:
    """Words and their characters: the families have both anyway."""
    delivery.new_scene()


@quirk("ttb", ("105-new", "105-old"))
def ttb(delivery: Delivery) -> None:
    """A photo of vertical text."""
    delivery.new_scene().vertical = True


# Q23 - Q25: the images


def turned(scene: Scene, orientation: int, *flags: str, size: tuple[int, int] = (300, 400)) -> None:
    """A photo with an EXIF orientation; all its texts fit into `size`."""
    scene.orientation, scene.size = orientation, size
    scene.flags |= set(flags)
    for unit in scene.units:
        if unit.box:
            x, y, w, h = unit.box
            unit.box = (min(x, size[0] - w - 6), y, w, h)


@quirk("Q23-upright", PHOTOS)
def q23_upright(delivery: Delivery) -> None:
    """EXIF 6, and the label's size is that of the upright photo."""
    turned(delivery.new_scene(), 6, "exif_applied")


@quirk("Q23-raw", PHOTOS)
def q23_raw(delivery: Delivery) -> None:
    """EXIF 6, and the label's size is that of the file's pixels: they count as they are."""
    scene = delivery.new_scene()
    turned(scene, 6, size=(400, 300))
    scene.turned = False


@quirk("Q23-square", PHOTOS)
def q23_square(delivery: Delivery) -> None:
    """EXIF 8 on a square photo: its size says nothing, so it is turned."""
    turned(delivery.new_scene(), 8, "exif_applied", size=(300, 300))


@quirk("Q23-180", PHOTOS)
def q23_180(delivery: Delivery) -> None:
    """EXIF 3: the size says nothing, so it is turned."""
    turned(delivery.new_scene(), 3, "exif_applied", size=(400, 300))


@quirk("Q23-neither", PHOTOS)
def q23_neither(delivery: Delivery) -> None:
    """EXIF 6, and a size that is neither: it is turned."""
    scene = delivery.new_scene()
    turned(scene, 6, "exif_applied", "size_mismatch")
    scene.stated_size = (555, 444)


@quirk("Q24-size", [name for name in ALL if FAMILIES[name].states_size])
def q24_size(delivery: Delivery) -> None:
    """A size that is wrong."""
    scene = delivery.new_scene()
    scene.stated_size = (scene.size[0] + 7, scene.size[1] + 5)
    scene.flags.add("size_mismatch")


@quirk("Q25-cut", ALL)
def q25_cut(delivery: Delivery) -> None:
    """An image file that ends too early."""
    scene = delivery.new_scene()
    scene.cut, scene.fault = True, "decode_error"


# Q27 - Q31: what else lies about


@quirk("Q27-stray", ALL)
def q27_stray(delivery: Delivery) -> None:
    """What desktops leave behind."""
    delivery.stray |= {"Thumbs.db": b"\xd0\xcf", ".DS_Store": b"\0\0\0\1Bud1", "__MACOSX/._a.jpg": b"\0\5\x16\7"}


@quirk("Q27-leftover", ALL, alone=True)
def q27_leftover(delivery: Delivery) -> None:
    """The zips lie beside what was unpacked from them (in a delivery of zips: nothing)."""
    delivery.leftover = True


@quirk("Q28-empty", ALL)
def q28_empty(delivery: Delivery) -> None:
    """A zip of no bytes."""
    delivery.stray["빈것.zip"] = b""
    delivery.files["bad_zip"] += 1


@quirk("Q28-torn", ALL)
def q28_torn(delivery: Delivery) -> None:
    """A zip without its end."""
    delivery.stray["찢긴것.zip"] = b"PK\3\4" + bytes(4000)
    delivery.files["bad_zip"] += 1


@quirk("Q28-part", ALL)
def q28_part(delivery: Delivery) -> None:
    """A part of a zip that nobody joined."""
    delivery.stray["토막.zip.part0"] = b"PK\3\4" + bytes(4000)
    delivery.files["bad_zip"] += 1


@quirk("Q29-gps", (*PHOTOS, *CROPS))
def q29_gps(delivery: Delivery) -> None:
    """An image file that says where it was taken."""
    delivery.new_scene().gps = True


@quirk("Q30-alias", ("605", "055", "056", "old-hangul", "71730", "91-letter"))
def q30_alias(delivery: Delivery) -> None:
    """The family's other spelling of its keys."""
    delivery.new_scene().alias = True


@quirk("Q31-twice", ALL)
def q31_twice(delivery: Delivery) -> None:
    """One image and its label under two names: both count, unless duplicates are to be dropped."""
    first = delivery.new_scene("train")
    second = delivery.new_scene("train")
    second.pixels_of, second.size, second.variant = first, first.size, first.variant
    if delivery.family.name not in SUMS:
        second.stem = f"{second.stem}_b"
    own_ids = delivery.family.label is None
    second.units = [
        replace(
            unit,
            id=f"{88000000 + 100 * second.number + number}" if own_ids else unit.id,
            extra=dict(unit.extra),
            flags=set(),
        )
        for number, unit in enumerate(first.units)
    ]
    if own_ids and isinstance(first.units[0].id, int):
        for unit in second.units:
            unit.id = int(unit.id)


@quirk("dotted", [name for name in ALL if name not in SUMS])
def dotted(delivery: Delivery) -> None:
    """Names with dots, which differ after the second one only."""
    for tail in ("a.1", "a.2"):
        delivery.new_scene("train").stem = f"이름.v2.{tail}"
