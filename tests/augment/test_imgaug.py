"""Any augmenter of imgaug, from a recipe: each one works or is refused with its reason."""

import random
import subprocess
import sys

import numpy as np
import pytest
from ocrfactory.augment import imgaug_tree
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.imgaug import Imgaug
from ocrfactory.augment.op import Chance
from ocrfactory.errors import Reject
from ocrfactory.sample import Sample
from pydantic import ValidationError

ADD = {"augmenter": "Add", "args": {"value": 25}}
WEATHER = {"density": 0.1, "density_uniformity": 0.5, "angle": 0, "speed": 0.03, "blur_sigma_fraction": 0.01}
LEAST = {
    "BlendAlpha": {"foreground": ADD},
    "BlendAlphaCheckerboard": {"nb_rows": 2, "nb_cols": 4, "foreground": ADD},
    "BlendAlphaElementwise": {"foreground": ADD},
    "BlendAlphaFrequencyNoise": {"foreground": ADD},
    "BlendAlphaHorizontalLinearGradient": {"foreground": ADD},
    "BlendAlphaRegularGrid": {"nb_rows": 2, "nb_cols": 4, "foreground": ADD},
    "BlendAlphaSimplexNoise": {"foreground": ADD},
    "BlendAlphaSomeColors": {"foreground": ADD},
    "BlendAlphaVerticalLinearGradient": {"foreground": ADD},
    "ChangeColorspace": {"to_colorspace": "HSV"},
    "CloudLayer": {
        "intensity_mean": 200,
        "intensity_freq_exponent": -2,
        "intensity_coarse_scale": 2,
        "alpha_min": 0,
        "alpha_multiplier": 0.3,
        "alpha_size_px_max": 8,
        "alpha_freq_exponent": -2,
        "sparsity": 1,
        "density_multiplier": 0.5,
    },
    "KeepSizeByResize": {"children": {"augmenter": "Crop", "args": {"px": 2, "keep_size": False}}},
    "OneOf": {"children": [ADD]},
    "RainLayer": {**WEATHER, "drop_size": 0.3, "drop_size_uniformity": 0.3},
    "ReplaceElementwise": {"mask": 0.1, "replacement": 0},
    "Resize": {"size": [20, 30]},
    "SnowflakesLayer": {**WEATHER, "flake_size": 0.3, "flake_size_uniformity": 0.3},
    "WithPolarWarping": {"children": {"augmenter": "Affine", "args": {"rotate": 2}}},
    "WithColorspace": {"to_colorspace": "HSV", "children": ADD},
}
for _name in imgaug_tree.known():
    for _end, _args in {
        "AspectRatio": {"aspect_ratio": 4.0},
        "FixedSize": {"width": 124, "height": 40},
        "MultiplesOf": {"width_multiple": 7, "height_multiple": 6},
        "PowersOf": {"width_base": 5, "height_base": 6},
    }.items():
        if _name.endswith(_end):
            LEAST[_name] = _args

USABLE = [
    name for name in imgaug_tree.known() if name not in imgaug_tree.REFUSED and not name.startswith("imgcorruptlike.")
]


def op(name, **args):
    return Imgaug(augmenter=name, args=args or LEAST.get(name, {}))


def sample(colour=False, outlined=True, ground=255):
    """Three bars as characters, on a picture that must not be written into."""
    image = np.full((40, 130), ground, np.uint8)
    boxes = []
    for x in (47, 60, 73):
        image[14:28, x : x + 10] = 255 - ground
        boxes += [x, 14, x + 10, 28]
    mask = np.zeros(image.shape, np.uint16)
    for number, x in enumerate((47, 60, 73)):
        mask[14:28, x : x + 10] = number + 1
    image = np.dstack([image, image // 2, image]) if colour else image
    image.setflags(write=False)
    mask.setflags(write=False)
    return Sample(
        text="abc", image=image, kind="line", origin="font", seed=1, license="x", ground=ground, mask=mask,
        char_boxes=tuple(map(float, boxes)) if outlined else None, font_size_px=24.0,
    )  # fmt: skip


def applied(which, seed=5, frame=None, **of):
    frame = frame or Frame(sample(**of))
    which.apply(frame, which.draw(Chance(seed, "aug"), frame))
    return frame


def digest(frame):
    arrays = [frame.image, frame.points, frame.reference] + ([] if frame.mask is None else [frame.mask])
    return [(array.shape, array.tobytes()) for array in arrays]


def disturb():
    augmenters = imgaug_tree.import_imgaug()
    np.random.seed(random.randrange(1 << 30))  # noqa: NPY002 - what other code might do
    augmenters.meta.ia.seed(random.randrange(1 << 30))
    augmenters.AdditiveGaussianNoise(scale=9)(image=np.zeros((9, 9, 3), np.uint8))


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "rgb"])
@pytest.mark.parametrize("name", USABLE)
def test_every_augmenter_works_and_depends_on_its_seed_alone(name, colour):
    which = op(name)
    results = []
    for _ in range(2):
        disturb()
        numpy_before, python_before = np.random.get_state(), random.getstate()  # noqa: NPY002
        own = imgaug_tree.import_imgaug().meta.ia.random.GLOBAL_RNG
        for seed in range(20):
            try:
                frame = applied(which, seed, colour=colour)
                break
            except Reject as reject:
                assert "clipped" in str(reject), reject  # noqa: PT017 - that ink may leave is told below
        assert frame.image.dtype == np.uint8
        assert frame.image.ndim == (3 if colour else 2)
        assert frame.reference.shape == frame.image.shape
        assert frame.mask.shape == frame.image.shape[:2]
        assert frame.mask.dtype == np.uint16
        assert len(frame.boxes()) == 12
        results.append((seed, digest(frame)))
        after = np.random.get_state()  # noqa: NPY002
        assert after[1].tobytes() == numpy_before[1].tobytes()
        assert after[2] == numpy_before[2]
        assert random.getstate() == python_before
        assert imgaug_tree.import_imgaug().meta.ia.random.GLOBAL_RNG is own
    assert results[0] == results[1]


def test_every_augmenter_is_used_or_refused_for_a_reason():
    known = set(imgaug_tree.known())
    corrupt = {name for name in known if name.startswith("imgcorruptlike.")}
    assert set(imgaug_tree.REFUSED) <= known
    counts = {"known": len(known), "usable": len(USABLE), "refused": len(imgaug_tree.REFUSED), "corrupt": len(corrupt)}
    assert counts == {"known": 189, "usable": 152, "refused": 18, "corrupt": 19}
    for name in [*imgaug_tree.REFUSED, "imgcorruptlike.Fog"]:
        with pytest.raises(ValidationError, match=f"imgaug's {name} cannot be used: .{{10}}"):
            Imgaug(augmenter=name)


SIX = [
    op("Affine", rotate=[-3, 3], scale=[0.9, 1.0]),
    op("AdditiveGaussianNoise", scale=[0, 20]),
    op("ElasticTransformation", alpha=6, sigma=3),
    op("Sequential", children=[ADD, {"augmenter": "Sometimes", "args": {"p": 0.5, "then_list": ADD}}]),
    op("KMeansColorQuantization"),
    op("MultiplyAndAddToBrightness"),
]


def test_another_process_makes_the_same_pictures():
    code = (
        "import random, hashlib; from tests.augment.test_imgaug import *; order = list(range(len(SIX)));"
        "random.shuffle(order); found = {i: hashlib.sha256(repr(digest(applied(SIX[i]))).encode()).hexdigest()"
        " for i in order}; print([found[i] for i in range(len(SIX))])"
    )
    said = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(said) == 1


def test_other_seeds_make_other_pictures_and_the_seed_is_recorded():
    for which in SIX[:3]:
        assert digest(applied(which, 1)) != digest(applied(which, 2))
    drawn = SIX[0].draw(Chance(1, "aug"), Frame(sample()))
    assert drawn["augmenter"] == "Affine"
    assert drawn["args"] == {"rotate": [-3, 3], "scale": [0.9, 1.0]}
    assert 0 <= drawn["seed"] < 2**31


WHITE = {"cval": 255, "mode": "constant"}
MOVES = {
    "Affine": {"rotate": 4, "translate_px": {"x": 5, "y": -3}, "scale": 0.9, **WHITE},
    "ElasticTransformation": {"alpha": 40, "sigma": 5, **WHITE},
    "PerspectiveTransform": {"scale": 0.04, "fit_output": True, **WHITE},
    "PiecewiseAffine": {"scale": 0.03, **WHITE},
    "ShearX": {"shear": 8, **WHITE},
    "Pad": {"px": [3, 20, 5, 10], "keep_size": False, "pad_cval": 255},
    "Crop": {"px": [3, 4, 3, 4], "keep_size": False},
    "Resize": {"size": {"height": 60, "width": 160}},
    "AffineCv2": {"rotate": 4, "translate_px": 3, **WHITE},
}


@pytest.mark.parametrize("name", MOVES)
def test_boxes_mask_and_reference_follow_the_ink(name):
    frame = applied(op(name, **MOVES[name]))
    boxes = np.reshape(frame.boxes(), (3, 4))
    assert np.abs(boxes - np.reshape(sample().char_boxes, (3, 4))).max() > 1
    for number, (x0, y0, x1, y1) in enumerate(boxes, 1):
        rows, columns = np.nonzero(frame.mask == number)
        seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        assert np.abs(seen - (x0, y0, x1, y1)).max() <= 2, (number, seen, boxes)
        own = frame.image[round(y0) : round(y1), round(x0) : round(x1)] < 128
        assert own.mean() > 0.4
    ink, reference = frame.image < 128, frame.reference < 128
    assert (ink != reference).mean() < 0.03


def test_points_that_no_projection_moves_are_moved_one_by_one():
    shift = {"augmenter": "Affine", "args": {"translate_px": {"x": 4, "y": 0}, "cval": 255}}
    for which in (
        op("BlendAlphaCheckerboard", nb_rows=3, nb_cols=7, foreground=shift),
        op("Sequential", children=[shift]),
    ):
        frame = applied(which)
        assert digest(frame) == digest(applied(which))
        moved = np.reshape(frame.boxes(), (3, 4)) - np.reshape(sample().char_boxes, (3, 4))
        assert moved.min() > -0.01
        assert moved.max() == pytest.approx(4)


def test_a_space_and_tight_pictures_survive_a_bent_geometry():
    import msgspec
    from ocrfactory.sample import Outline

    square = np.float32([[0, 0], [30, 0], [30, 40], [0, 40]])
    parts = ((square, 0.0, 0.0), (np.float32([[40, 20]]), 0.0, 0.0), (square, 100.0, 0.0))
    tight = msgspec.structs.replace(sample(), outline=Outline(parts, (1, 1, 1)), mask=None)
    frame = applied(op("ElasticTransformation", alpha=8, sigma=3), frame=Frame(tight))
    assert np.abs(np.reshape(frame.boxes(), (3, 4))[1] - (40, 20, 40, 20)).max() < 5
    assert frame.mask is None


def test_the_reference_gets_the_geometry_and_not_the_noise():
    noise = {"augmenter": "AdditiveGaussianNoise", "args": {"scale": 40}}
    turn = {"augmenter": "Affine", "args": {"rotate": 5, "cval": 255}}
    for ground in (255, 0):
        turn["args"]["cval"] = ground
        frame = applied(op("Sequential", children=[turn, noise]), ground=ground)
        still = np.abs(frame.reference[:, :10].astype(int) - ground)
        assert still.max() == 0
        assert frame.image[:, :10].std() > 5
        assert (np.abs(frame.reference.astype(int) - (255 - ground)) < 60).sum() > 300


def test_ink_that_leaves_the_picture_is_a_reject():
    with pytest.raises(Reject) as caught:
        applied(op("Affine", translate_px={"x": 60, "y": 0}))
    assert caught.value.reason == "clipped"
    assert applied(op("Affine", translate_px={"x": 60, "y": 0}), outlined=False).boxes() is None


def test_grey_stays_grey_and_read_only_pictures_stay_as_they_were():
    given = sample()
    before = given.image.copy()
    frame = applied(op("Grayscale", alpha=1), frame=Frame(given))
    assert frame.image.ndim == 2
    assert np.array_equal(given.image, before)
    assert not frame.clean


def test_less_strength_blends_what_moves_no_ink():
    def drawn(strength):
        frame = Frame(sample())
        which = op("Invert", p=1)
        which.apply(frame, which.draw(Chance(1, "aug", strength), frame))
        return int(frame.image[0, 0])

    assert (drawn(1.0), drawn(0.5), drawn(0.0)) == (0, 128, 255)


def test_two_numbers_are_a_range_and_a_choice_says_so():
    def values(value):
        which = op("Add", value=value)
        return {int(applied(which, seed, ground=0).image[0, 0]) for seed in range(25)}

    assert len(values([10, 60])) > 10
    assert values({"choice": [10, 60]}) == {10, 60}
    assert values([10, 60, 90]) == {10, 60, 90}
    assert len(values({"range": [10, 60]})) > 10


def test_arguments_that_numpy_2_or_imgaug_would_stumble_over():
    applied(op("ElasticTransformation", alpha=2, sigma=[2, 3]))
    applied(op("Convolve", matrix=[[0, 1, 0], [1, -4, 1], [0, 1, 0]]))
    applied(op("WithChannels", channels=[0, 2], children=ADD), colour=True)
    applied(op("SomeOf", n=[1, None], children=[ADD, ADD]))
    inner = {"augmenter": "Sequential", "args": {"children": [ADD, SIX[1].model_dump(include={"augmenter", "args"})]}}
    which = op("BlendAlpha", factor=[0.2, 0.8], foreground=inner)
    assert digest(applied(which)) == digest(applied(which))


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("GaussianBlurr", {}, "no augmenter 'GaussianBlurr'; did you mean GaussianBlur"),
        ("os.system", {}, "no augmenter"),
        ("meta", {}, "no augmenter"),
        ("__class__", {}, "no augmenter"),
        ("pillike._FilterBase", {}, "no augmenter"),
        ("GaussianBlur", {"sgima": 1}, "imgaug's GaussianBlur: .*sgima.*arguments: sigma"),
        ("GaussianBlur", {"sigma": "much"}, "imgaug's GaussianBlur: "),
        ("Resize", {}, "imgaug's Resize: .*size"),
        ("Add", {"seed": 3}, "seed is given by ocrfactory"),
        ("GaussianBlur", {"sigma": 1e9}, "sigma: a number is not within"),
        ("GaussianBlur", {"sigma": [0, 10**400]}, "sigma: a number is not within"),
        ("GaussianBlur", {"sigma": float("nan")}, "sigma: a number is not within"),
        ("MotionBlur", {"k": 100001}, "k: a number is not within"),
        ("Affine", {"scale": 1000, "fit_output": True}, "scale 1000 is not within 0 to 8"),
        ("PiecewiseAffine", {"nb_rows": [4, 200]}, "nb_rows 200 is not within 0 to 32"),
        ("PadToAspectRatio", {"aspect_ratio": 0.001}, "aspect_ratio 0.001 is not within"),
        ("Resize", {"size": {"height": 100.0, "width": 50}}, "size 100 is not within 0 to 8"),
        ("Convolve", {"matrix": [[1] * 3] * 500}, "at most 31 rows"),
        ("Sequential", {"children": ["Add"]}, "children holds augmenters"),
        ("Sequential", {"children": {"augmenter": "Fliplr"}}, "Fliplr cannot be used: it mirrors text"),
        ("Sequential", {"children": {"augmenter": "Add", "argz": {}}}, "an augmenter inside another is"),
        ("Sequential", {"children": [ADD] * 100}, "100 augmenters in one; at most 64"),
        ("Add", {"value": {"range": [1]}}, "range takes a list of two"),
        ("Add", {"value": {1, 2}}, "is no JSON value"),
    ],
)
def test_mistakes_are_named_when_the_recipe_is_loaded(name, args, words):
    with pytest.raises(ValidationError, match=words):
        Imgaug(augmenter=name, args=args)


def test_a_thousand_augmenters_inside_each_other_are_refused_at_once():
    tree = ADD
    for _ in range(1000):
        tree = {"augmenter": "Sequential", "args": {"children": [tree]}}
    with pytest.raises(ValidationError, match="nested more than"):
        Imgaug(**tree)


def test_an_error_of_imgaug_rejects_the_row(monkeypatch):
    which = op("Add", value=3)
    monkeypatch.setattr(imgaug_tree.Tree, "run", lambda *args: 1 / 0)
    with pytest.raises(Reject) as caught:
        applied(which)
    assert (caught.value.reason, caught.value.detail) == ("imgaug_failed", "Add: ZeroDivisionError: division by zero")


def test_a_recipe_without_it_never_loads_imgaug():
    code = "import ocrfactory.augment.imgaug, sys; print('imgaug' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False\n"
