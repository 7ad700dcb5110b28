"""Banks of noise: the statistics that they promise, the same bytes in every process."""

import subprocess
import sys

import numpy as np
import pytest
from ocrfactory.augment import banks
from ocrfactory.augment.banks import GAUSSIAN_SD, SMOOTH_SD, UNIFORM_SD, gaussian_tile, smooth_tile, uniform_tile
from xxhash import xxh3_64_hexdigest


def windows(tile, count=100, height=64, width=771, **more):
    return np.stack([tile(height, width, seed, **more) for seed in range(count)]).astype(float)


@pytest.mark.parametrize(("tile", "mean", "sd"), [(gaussian_tile, 128, GAUSSIAN_SD), (uniform_tile, 127.5, UNIFORM_SD)])
def test_white_noise_has_its_mean_and_deviation_in_every_window(tile, mean, sd):
    found = windows(tile)
    assert np.abs(found.mean(axis=(1, 2)) - mean).max() < 0.02 * sd
    assert np.abs(found.std(axis=(1, 2)) - sd).max() < 0.02 * sd
    assert abs(found.std() - sd) < 0.002 * sd


def test_gaussian_noise_is_gaussian():
    z = (windows(gaussian_tile, 20) - 128) / GAUSSIAN_SD
    assert abs((z**3).mean()) < 0.02
    assert (z**4).mean() == pytest.approx(3, rel=0.02)


@pytest.mark.parametrize("tile", [gaussian_tile, uniform_tile])
def test_pixels_of_white_noise_know_nothing_of_their_neighbours(tile):
    found = windows(tile, 10) - 128
    power = found.var()
    for dy, dx in ((0, 1), (1, 0), (1, 1), (0, 2), (5, 3)):
        beside = (found[:, : 64 - dy, : 771 - dx] * found[:, dy:, dx:]).mean()
        assert abs(beside) < 0.01 * power


@pytest.mark.parametrize("grain", [2, 3, 5, 8, 13, 30])
def test_smooth_noise_has_its_deviation_and_its_grain(grain):
    found = windows(smooth_tile, 60, grain=grain) - 128
    assert abs(found.mean()) < 2
    assert found.std() == pytest.approx(SMOOTH_SD, rel=0.02)
    curve = [(found[..., lag:] * found[..., : 771 - lag]).mean() / found.var() for lag in range(grain + 2)]
    below = next(lag for lag, value in enumerate(curve) if value < 0.5)
    half = below - 1 + (curve[below - 1] - 0.5) / (curve[below - 1] - curve[below])
    assert 2 * half == pytest.approx(grain, rel=0.08)
    assert found.min() < -100 < 100 < found.max()


@pytest.mark.parametrize("grain", [60, 300, 3000])
def test_large_grains_have_no_steps(grain):
    found = smooth_tile(300, 300, 4, grain).astype(int)
    for axis in (0, 1):
        assert np.abs(np.diff(found, axis=axis)).max() <= 2 + 520 / grain


def test_a_grain_beyond_the_limits_is_the_limit():
    assert np.array_equal(smooth_tile(30, 40, 1, 0.0), smooth_tile(30, 40, 1, banks.LEAST_GRAIN))
    assert np.array_equal(smooth_tile(30, 40, 1, 1e9), smooth_tile(30, 40, 1, banks.MOST_GRAIN))


@pytest.mark.parametrize("tile", [gaussian_tile, uniform_tile, lambda h, w, s: smooth_tile(h, w, s, 4)])
def test_other_seeds_are_other_windows(tile):
    found = (windows(tile, 30) - 128).reshape(30, -1)
    between = np.corrcoef(found) - np.eye(30)
    assert np.abs(between).max() < 0.05


@pytest.mark.parametrize("size", [(1, 1), (64, 771), (1100, 30), (3, 4097), (2100, 9000)])
def test_any_size_is_given_and_a_larger_one_than_the_bank_is_reflected(size):
    for tile in (gaussian_tile(*size, 7), uniform_tile(*size, 7)):
        assert tile.shape == size
        assert tile.dtype == np.uint8
    for grain in (2, 8, 50):
        assert smooth_tile(*size, 7, grain).shape == size


def test_what_lies_beyond_the_bank_is_its_mirror():
    part, _ = banks._part(banks._gaussian(), banks.HEIGHT + 5, banks.WIDTH + 9, 0)
    assert np.array_equal(part[: banks.HEIGHT, : banks.WIDTH], banks._gaussian())
    assert np.array_equal(part[banks.HEIGHT :], part[banks.HEIGHT - 5 : banks.HEIGHT][::-1])
    assert np.array_equal(part[:, banks.WIDTH :], part[:, banks.WIDTH - 9 : banks.WIDTH][:, ::-1])


def test_windows_are_flipped_both_ways():
    bank = banks._uniform()
    corners = {int(tile[0, 0]) for tile in (uniform_tile(*bank.shape, seed) for seed in range(20))}
    assert corners == {int(bank[y, x]) for y in (0, -1) for x in (0, -1)}


def test_a_bank_cannot_be_written_to():
    for seed in range(12):
        tile = gaussian_tile(8, 8, seed)
        if tile.base is not None:
            with pytest.raises(ValueError, match="read-only"):
                tile[0, 0] = 1


def test_banks_have_the_same_bytes_in_every_process_and_release():
    digests = [xxh3_64_hexdigest(bank().tobytes()) for bank in (banks._gaussian, banks._uniform)]
    assert digests == ["a9de2b66a096c49e", "ea487db95394a0c1"]
    tile = xxh3_64_hexdigest(smooth_tile(64, 771, 11, 5.0).tobytes())
    code = (
        "from ocrfactory.augment.banks import gaussian_tile, smooth_tile; from xxhash import xxh3_64_hexdigest as h;"
        "gaussian_tile(9, 9, 1); print(h(smooth_tile(64, 771, 11, 5.0).tobytes()))"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == tile


def test_adding_is_exact_to_the_rounding():
    rng = np.random.Generator(np.random.Philox(1))
    image, tile = (rng.integers(0, 256, (33, 77), dtype=np.uint8) for _ in range(2))
    for share in (0.01, 0.3, 0.77, 2.0):
        exact = np.rint(image + (tile - 128.0) * (round(share * 4096) / 4096)).clip(0, 255)
        assert np.array_equal(banks.added(image, tile, 128, share), exact)
