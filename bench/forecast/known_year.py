"""A year whose total is known, with its history, which the back-test forecasts."""

from datetime import date

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class KnownYear(Struct, frozen=True):
    """The year of a port, the first day of its history, and its TEU by day to the year's end.

    For a zone the amounts are signed projects instead of TEU.
    """

    name: str
    year: int
    first: date
    daily: NDArray[np.float64]

    @property
    def total(self) -> float:
        """The total of the year."""
        return self.between(date(self.year, 1, 1), date(self.year + 1, 1, 1))

    def between(self, start: date, end: date) -> float:
        """Return the amount from `start` up to, and without, `end`."""
        return float(self.daily[(start - self.first).days : (end - self.first).days].sum())
