"""Randomness comes from keys."""

from hypothesis import given
from hypothesis import strategies as st
from ocrfactory import rng


@given(st.integers(0, 2**53 - 1), st.text(max_size=20), st.text(max_size=20), st.integers(0, 10**6))
def test_a_seed_is_exact_in_json_and_float(build, part, item, replica):
    seed = rng.seed_of(build, part, item, replica)
    assert 0 <= seed < 2**53
    assert int(float(seed)) == seed


def test_the_same_key_gives_the_same_numbers_and_another_key_others():
    assert rng.stream(7, "draw").random() == rng.stream(7, "draw").random()
    assert rng.stream(7, "draw").random() != rng.stream(7, "augment").random()
    assert rng.stream(7, "draw").random() != rng.stream(8, "draw").random()


def test_parts_of_a_key_do_not_run_into_each_other():
    assert rng.seed_of("a", "bc") != rng.seed_of("ab", "c")


def test_uniforms_fill_the_unit_interval_evenly_and_without_repeats():
    values = [value for seed in range(2000) for value in rng.uniforms(seed, "draw", 4)]
    assert len(set(values)) == len(values)
    counts = [sum(i / 10 <= value < (i + 1) / 10 for value in values) for i in range(10)]
    assert sum(counts) == len(values)
    assert max(counts) - min(counts) < 150


def test_known_keys_keep_their_seeds_from_release_to_release():
    assert rng.seed_of(0, "glyphs", "tw-kai", "U+4E00", 0) == rng.seed_of("0", "glyphs", "tw-kai", "U+4E00", "0")
    assert rng.seed_of(0, "glyphs", "tw-kai", "U+4E00", 0) == 2748709379781040
    assert rng.stream(1, "draw").integers(0, 1000, 4).tolist() == [123, 793, 67, 63]


def test_hashes_of_many_numbers_are_those_of_each_number_whatever_their_count():
    assert rng.hashes(7, "a", 10).tolist() == rng.hashes(7, "a", 1000)[:10].tolist()
    assert not set(rng.hashes(7, "a", 1000).tolist()) & set(rng.hashes(8, "a", 1000).tolist())
    assert rng.hashes(7, "a", 0).shape == (0,)


def test_hashes_are_spread_evenly():
    values = rng.hashes(1, "spread", 100_000)
    assert len(set(values.tolist())) == 100_000
    tenths = [int(((values >= i * 2**64 // 10) & (values < (i + 1) * 2**64 // 10)).sum()) for i in range(10)]
    assert max(tenths) - min(tenths) < 800


def test_known_keys_keep_their_hashes_from_release_to_release():
    assert rng.hashes(0, "classes", 2).tolist() == [16626959117606687328, 2384621132103669881]
