"""The one place where a random generator is born.

A generator comes from a key, never from a stream: so a row is the same whoever draws it, in whatever order, after
whatever kill.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest, xxh3_128_intdigest

_EIGHT = Struct("<8Q")
SEED_BITS = 53
"""A seed stays exact in JSON, in browsers and in float64."""


def seed_of(*key: str | int) -> int:
    """A seed of `SEED_BITS` bits from a key: (build seed, part name, item key, replica)."""
    return xxh3_64_intdigest("\x1f".join(map(str, key)).encode()) >> (64 - SEED_BITS)


def stream(seed: int, stage: str) -> np.random.Generator:
    """The generator of one stage of one sample; `seed` is the sample's own.

    Philox takes its key as it is. A `SeedSequence` would hash the key once more, at twice the time.
    """
    return np.random.Generator(np.random.Philox(key=xxh3_128_intdigest(f"{seed}\x1f{stage}".encode())))


def block(seed: int, stage: str, number: int) -> list[float]:
    """Eight numbers in [0, 1) from a key, block after block: for streams of a few dozen.

    To make a generator costs thirty microseconds in the middle of other work; a block costs two.
    """
    digest = blake2b(f"{seed}\x1f{stage}\x1f{number}".encode()).digest()
    return [(value >> 11) * 2.0**-53 for value in _EIGHT.unpack(digest)]


def uniforms(seed: int, stage: str, count: int) -> list[float]:
    """A few numbers in [0, 1) from a key, each with the 53 bits of a float.

    To make a generator costs eight microseconds; a hash costs a fifth of one. For more than a handful use `stream`.
    """
    return [(xxh3_64_intdigest(f"{seed}\x1f{stage}\x1f{i}".encode()) >> 11) * 2.0**-53 for i in range(count)]


def hashes(seed: int, stage: str, count: int) -> NDArray[np.uint64]:
    """uint64 (count,): a hash of each number from 0 on, under a key; for choices among millions of rows.

    The finaliser of SplitMix64 over key + number * odd constant: each number has its hash, however many there are.
    """
    key = np.uint64(xxh3_64_intdigest(f"{seed}\x1f{stage}".encode()))
    value = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) + key
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
