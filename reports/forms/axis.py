"""A vertical axis of a chart: round numbers that contain all values."""

from collections.abc import Iterable
from math import ceil, floor, log10

from msgspec import Struct


class ValueAxis(Struct, frozen=True):
    """The ticks of an axis, at equal distances, from the lowest to the highest."""

    ticks: tuple[float, ...]

    @property
    def low(self) -> float:
        """The lowest tick."""
        return self.ticks[0]

    @property
    def high(self) -> float:
        """The highest tick."""
        return self.ticks[-1]


def axis(values: Iterable[float], at_most: int = 5) -> ValueAxis:
    """Return the axis that contains 0 and some values, with about `at_most` steps of 1, 2 or 5."""
    found = (0.0, *values)
    low, high = min(found), max(found)
    span = high - low or 1.0
    rough = span / at_most
    power = 10.0 ** floor(log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * 0.999)
    first, last = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    return ValueAxis(tuple(n * step for n in range(first, last + 1)))
