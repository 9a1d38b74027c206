"""The fewest records that sum to a difference: those to look at first."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

MOST_STEPS = 50_000_000  # amounts times the largest sum: half a second, 50 MB


def fewest(records: Mapping[int, int], total: int) -> dict[int, int]:
    """Return amount -> how many records of this amount to take, so that they sum to `total`.

    `records` is amount -> how many there are; amounts and `total` are hundredths of a TEU, or
    moves, and all records sum to `total`.  Those of the sign of `total` suffice as a rule, and
    then none could be left out.  Where no choice of them sums to it, or the sum is too large to
    try all choices, the largest are taken first, and what goes beyond `total` is taken back.
    """
    sign = -1 if total < 0 else 1
    same = {amount * sign: count for amount, count in records.items() if amount * sign > 0}
    taken = _exact(same, total * sign)
    if taken is None:
        return _largest_first(records, total)
    return {amount * sign: count for amount, count in taken.items()}


def _exact(records: Mapping[int, int], total: int) -> dict[int, int] | None:
    """Return the least number of records that sum to `total`; None if none do, or it is large.

    A bounded change problem by dynamic programming: a count becomes parcels of 1, 2, 4 … records,
    so that each parcel is taken or not.
    """
    if not total:
        return {}
    if not records:
        return None
    unit = int(np.gcd.reduce(np.array([*records, total])))
    size = total // unit
    parcels = [
        (amount, part) for amount, count in sorted(records.items()) for part in _parcels(count)
    ]
    if len(parcels) * size > MOST_STEPS:
        return None
    best = np.full(size + 1, np.inf)
    best[0] = 0
    chosen: list[npt.NDArray[np.bool_]] = []
    for amount, part in parcels:
        step = amount * part // unit
        better = np.zeros(size + 1, bool)
        if step <= size:
            offered = best[: size + 1 - step] + part
            better[step:] = offered < best[step:]
            best[step:] = np.minimum(best[step:], offered)
        chosen.append(better)
    if np.isinf(best[size]):
        return None
    taken: dict[int, int] = {}
    left = size
    for (amount, part), better in zip(reversed(parcels), reversed(chosen), strict=True):
        if better[left]:
            taken[amount] = taken.get(amount, 0) + part
            left -= amount * part // unit
    return taken


def _parcels(count: int) -> list[int]:
    """Return 1, 2, 4 … and a rest that sum to `count`."""
    parcels = []
    part = 1
    while count > 0:
        parcels.append(min(part, count))
        count -= part
        part *= 2
    return parcels


def _largest_first(records: Mapping[int, int], total: int) -> dict[int, int]:
    """Take the largest amount that is not beyond what is left, else the smallest that is."""
    free = {amount: count for amount, count in records.items() if amount and count}
    taken: dict[int, int] = {}
    left = total
    while left:
        same = sorted((a for a in free if (a > 0) == (left > 0)), key=abs)
        within = [amount for amount in same if abs(amount) <= abs(left)]
        amount = within[-1] if within else same[0]
        number = min(free[amount], abs(left) // abs(amount) if within else 1)
        taken[amount] = taken.get(amount, 0) + number
        left -= amount * number
        free[amount] -= number
        if not free[amount]:
            del free[amount]
    return taken
