"""The forecast: the amount so far, and Theta on rates per calendar day for the days to come.

1. The books are cut into months back from the last whole day, so that no month is incomplete, and
   each month's amount is divided by its days.  Spring Festival moves between January and February:
   the two share one rate, and a January alone waits for its February (`Basis.months`).
2. Season: each month's mean deviation from its own year in logarithms, after the year's own growth
   is taken off, shrunk by the part that chance explains (James and Stein).  A hub without a season
   gets none, and a season seen in two years counts for less than one seen in five.
3. Theta (Assimakopoulos and Nikolopoulos 2000; statsmodels' ThetaModel) goes on with the rates
   without their season: exponential smoothing with half the trend.  statsmodels could find the
   season too, but its test finds none in two years, and without the test it keeps every one whole.
4. The band: see `kpis.forecast.interval`.

statsmodels takes two seconds and 150 MB to import, so the forecast runs in a process of its own.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.forecasting.theta import ThetaModel

from kpis.forecast.basis import Basis
from kpis.forecast.interval import LEVELS, error_of_sum, surprise
from kpis.model.periods import MonthPeriod
from kpis.plan.progress import Outlook

YEAR = 12  # months
LEAST = 1e-3  # of the mean rate: a month without a move has a logarithm too
SAME = 1e-9  # of the mean rate: rates that differ by less leave smoothing nothing to be fitted to

Rates = NDArray[np.float64]


def outlook(basis: Basis) -> Outlook | None:
    """The forecast of a period's total with its 80 and 95 % band; None without two years.

    Neither the forecast nor its band is below the amount so far.
    """
    months, rest = basis.months, basis.rest
    rates = np.array([basis.per_day(month) for month in months])
    if not basis.suffices or rates.mean() <= 0:
        return None
    size = float(rates.mean())
    rates = _with_one_festival(rates / size, months)
    season, weight = seasons(rates)
    coming = season[np.arange(len(rest)) % YEAR]
    theta = _Theta(rates / season[np.arange(-len(rates), 0) % YEAR], 1 + weight * (YEAR - 1))
    days = np.array([basis.days_to_come(month) for month in rest])
    to_come = days @ _with_one_festival(theta.levels(len(rest)) * coming, rest)
    value = basis.done + size * max(0.0, float(to_come))
    spread = size * theta.error_of_sum(days * coming)
    edges = (
        (name, bound, max(basis.done, value + sign * width * spread))
        for name, width in LEVELS
        for bound, sign in (("lower", -1), ("upper", 1))
    )
    return Outlook(value, tuple(edges))


def seasons(rates: Rates) -> tuple[Rates, float]:
    """Factors of the next twelve months, and the share of the observed season in them, 0 to 1.

    `rates` are of two years or more; the years are counted back from the last month.
    """
    years = np.log(np.maximum(rates[len(rates) % YEAR :], LEAST)).reshape(-1, YEAR)
    means = years.mean(axis=1)
    growth = (means[-1] - means[0]) / (len(years) - 1)
    course = growth / YEAR * (np.arange(YEAR) - (YEAR - 1) / 2)
    apart = years - means[:, None] - course
    seen = apart.mean(axis=0)
    chance = ((apart - seen) ** 2).sum() / (len(years) - 1) / len(years)
    signal = (seen**2).sum()
    weight = max(0.0, 1.0 - chance / signal) if signal > 0 else 0.0
    return np.exp(weight * seen), weight


class _Theta:
    """Theta on rates without season, with the degrees of freedom that season and trend cost."""

    def __init__(self, rates: Rates, spent: float) -> None:
        self._fit: Any = None  # statsmodels has no types
        self._rate, self._alpha, self._error = float(rates[0]), 1.0, 0.0
        if np.ptp(rates) < SAME:
            return
        self._fit = ThetaModel(rates, deseasonalize=False).fit()
        self._alpha = float(self._fit.params["alpha"])
        share, level = surprise(rates, self._alpha, spent)
        self._error = share * level

    def levels(self, months: int) -> Rates:
        """The rates of the months to come, without their season."""
        if self._fit is None:
            return np.full(months, self._rate)
        return np.asarray(self._fit.forecast(months), dtype=float)

    def error_of_sum(self, weights: Rates) -> float:
        """The standard error of the coming months' sum, each by its weight."""
        return self._error * error_of_sum(weights, self._alpha)


def _with_one_festival(rates: Rates, months: list[MonthPeriod]) -> Rates:
    """The rates, with those of a January and its February replaced by their mean over the days."""
    found = rates.copy()
    for n, (january, february) in enumerate(pairwise(months)):
        if january.start.month == 1:
            days = np.array([january.days, february.days])
            found[n : n + 2] = days @ rates[n : n + 2] / days.sum()
    return found
