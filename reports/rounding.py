"""Rounding by the largest remainder, so that parts add up to their sum on paper."""

from collections.abc import Sequence
from math import floor


def spread(parts: Sequence[float]) -> list[int]:
    """Return whole numbers that add up to the rounded sum of the parts.

    Each part is rounded down; the rest goes to those that lost most, the first one first.
    """
    whole = [floor(round(part, 6)) for part in parts]
    left = floor(round(sum(parts), 6) + 0.5) - sum(whole)
    by_loss = sorted(range(len(parts)), key=lambda n: whole[n] - parts[n])
    for n in by_loss[:left]:
        whole[n] += 1
    return whole
