"""Whole numbers in given proportions."""

from __future__ import annotations

from collections.abc import Sequence


def shares(weights: Sequence[float], count: int) -> list[int]:
    """`count` divided by weights: rounded down, and what is left goes to the largest remainders, the first on a tie."""
    whole = sum(weights)
    exact = [count * weight / whole for weight in weights]
    parts = [int(each) for each in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: count - sum(parts)]:
        parts[i] += 1
    return parts
