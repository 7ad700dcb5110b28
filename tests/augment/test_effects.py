"""Effects around and under ink: they stay inside the picture and do what they are named after."""

import numpy as np
import pytest
from ocrfactory.augment.effects import Extrude, Room, Shadow, Stroke, Uneven, arranged, grown, shifted, swept, worn
from ocrfactory.augment.frame import Frame
from ocrfactory.augment.op import Chance

from tests.augment.test_paint import drawing

EM = 36.0
DRAWN = {
    "stroke": {"width": 0.2, "tone": 200},
    "shadow": {"x": 0.3, "y": 0.4, "blur": 0.2, "opacity": 0.5},
    "extrude": {"x": -0.4, "y": 0.3, "tone": 120},
    "emboss": {"x": 0.1, "y": -0.1, "light": 0.5, "dark": 0.5},
    "hollow": {"width": 0.1},
}


def coverage(sample):
    return 255 - sample.image


@pytest.mark.parametrize("margin", [0, 1, 3, 10])
@pytest.mark.parametrize("names", [*([name] for name in DRAWN), list(DRAWN), ["stroke", "extrude", "shadow"]])
def test_no_effect_reaches_the_border(margin, names):
    sample = drawing(margin=margin, height=64)
    wide = np.pad(coverage(sample), 60)
    room = Room(Frame(sample))
    free = list(room.sides)
    layers, ink = arranged(wide, {name: DRAWN[name] for name in names}, EM, room)
    for image in [ink, *(layer.coverage for layer in layers)]:
        rows, columns = np.nonzero(image.any(axis=1))[0], np.nonzero(image.any(axis=0))[0]
        assert rows[0] >= 60
        assert rows[-1] < 60 + 64
        assert columns[0] >= 60
        assert columns[-1] < 60 + 200
    assert free == [margin] * 4
    assert min(room.sides) >= 0


def test_a_picture_without_an_outline_has_no_room():
    import msgspec

    bare = msgspec.structs.replace(drawing(), outline=None)
    assert Room(Frame(bare)).sides == [0, 0, 0, 0]
    layers, ink = arranged(coverage(bare), DRAWN, EM, Room(Frame(bare)))
    for image in [ink, *(layer.coverage for layer in layers)]:
        assert np.array_equal(image, coverage(bare))


def test_layers_lie_in_the_order_shadow_relief_block_outline():
    sample = drawing(margin=12, height=64)
    layers, ink = arranged(coverage(sample), {k: v for k, v in DRAWN.items() if k != "hollow"}, EM, Room(Frame(sample)))
    assert [layer.name for layer in layers] == ["shadow", "dark", "light", "extrude", "stroke"]
    assert np.array_equal(ink, coverage(sample))


def test_hollow_ink_lies_around_the_drawing_and_not_in_it():
    sample = drawing(margin=12, height=64)
    _, ink = arranged(coverage(sample), {"hollow": {"width": 0.05}}, EM, Room(Frame(sample)))
    assert not ink[sample.image == 0].any()
    assert ink.max() == 255


def test_grown_ink_reaches_as_far_as_its_radius():
    dot = np.zeros((41, 41), np.uint8)
    dot[20, 20] = 255
    areas = [int(grown(dot, radius).sum()) / 255 for radius in (0, 0.5, 1, 1.5, 2, 4, 8)]
    assert areas == sorted(areas)
    assert areas[-1] == pytest.approx(np.pi * 8.35**2, rel=0.1)
    assert not grown(dot, 8)[20, 29]
    assert grown(dot, 8)[20, 28]


def test_shifted_and_swept_ink_goes_where_it_is_told():
    dot = np.zeros((21, 31), np.uint8)
    dot[10, 15] = 255
    assert np.argwhere(shifted(dot, 4, -3)).tolist() == [[7, 19]]
    line = np.argwhere(swept(dot, 4, -2)).tolist()
    assert [7 + 1, 19] in line
    assert [10, 15] in line
    assert len(line) == 5
    assert swept(dot, 0, 0) is dot


def test_uneven_ink_loses_no_more_than_its_amount():
    full = np.full((64, 300), 255, np.uint8)
    for grain in (0.0, 0.5):
        found = worn(full, {"amount": 0.4, "grain": grain, "seed": 5}, EM)
        assert found.min() >= 255 * 0.6 - 1
        assert found.std() > 5
    assert np.array_equal(worn(full, {"amount": 0.0, "grain": 0.0, "seed": 5}, EM), full)


def test_without_strength_an_effect_is_nothing():
    chance = Chance(1, "test", 0.0)
    assert Stroke().draw(chance)["width"] == 0
    assert Uneven().draw(chance)["amount"] == 0
    assert Shadow().draw(chance)["opacity"] == 0
    assert Extrude().draw(chance) == {"x": 0, "y": 0}


def test_angles_are_counter_clockwise_as_seen():
    chance = Chance(1, "test")
    drawn = Extrude(depth=(0.1, 0.1), angle=(-90, -90)).draw(chance)
    assert drawn["y"] == pytest.approx(0.1)
    assert drawn["x"] == pytest.approx(0)
