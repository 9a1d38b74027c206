"""The forecast: what there is, and Theta on rates per calendar day for the days to come.

1. The books are cut into months back from the last whole day, so that no month is under way, and
   each is divided by its days.  Spring Festival moves between January and February: the two are
   one rate, and a January alone waits for its February (`Basis.months`).
2. Season: each month's mean deviation from its own year in logarithms, the year's own growth taken
   off, and shrunk by what chance would make of it (James and Stein): a hub without a season keeps
   none, and two years are not believed like five.
3. Theta (Assimakopoulos and Nikolopoulos 2000; statsmodels' ThetaModel): exponential smoothing
   with half the trend, on what is left.  statsmodels would find the season too, but its test finds
   none in two years, and without the test it believes every one.
4. Interval: Theta is ARIMA(0,1,1) with drift (Hyndman and Billah 2003), so a surprise e in a month
   adds e to it and alpha·e to each later one.  The days to come weighted by their season, that
   gives the standard error of their sum; statsmodels' own intervals are for single months, whose
   errors don't add up as if they were strangers.  The surprises are those of the past, one step
   ahead, with the degrees of freedom that season, level and trend cost; `WIDENED` is for what the
   model doesn't know of (its parameters are estimates, ports have breaks), measured by the
   back-test: `make backtest`, docs/forecast.md.

statsmodels takes two seconds and 150 MB to import: the worker asks a process of its own.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.forecasting.theta import ThetaModel

from kpis.forecast.basis import Basis
from kpis.model.periods import MonthPeriod
from kpis.plan.progress import Outlook

YEAR = 12  # months
LEVELS = (("0.80", 1.2816), ("0.95", 1.9600))  # and how many standard errors hold that share
WIDENED = 1.2  # back-test: without it the 80 % band holds 73 % of the synthetic cases
LEAST = 1e-3  # of the mean rate: a month without a move has a logarithm too
SAME = 1e-9  # of the mean rate: what smoothing can't be fitted to, for want of any surprise

Rates = NDArray[np.float64]


def outlook(basis: Basis) -> Outlook | None:
    """The forecast of a period's total with its 80 and 95 % band; None without two years.

    Neither it nor its band is below what there is.
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
    spread = size * WIDENED * theta.error_of_sum(days * coming)
    edges = (
        (name, bound, max(basis.done, value + sign * width * spread))
        for name, width in LEVELS
        for bound, sign in (("lower", -1), ("upper", 1))
    )
    return Outlook(value, tuple(edges))


def seasons(rates: Rates) -> tuple[Rates, float]:
    """Factors of the next twelve months, and how much of what was seen is believed, 0 to 1.

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
    """Theta on rates without season; `spent` is the degrees of freedom that the season cost."""

    def __init__(self, rates: Rates, spent: float) -> None:
        self._fit: Any = None  # statsmodels has no types
        self._rate, self._alpha, self._surprise = float(rates[0]), 1.0, 0.0
        if np.ptp(rates) < SAME:
            return
        self._fit = ThetaModel(rates, deseasonalize=False).fit()
        self._alpha = float(self._fit.params["alpha"])
        level, squares = rates[0], 0.0
        for rate in rates[1:]:
            squares += (rate - level) ** 2
            level += self._alpha * (rate - level)
        self._surprise = float(np.sqrt(squares / (len(rates) - 1 - spent)))

    def levels(self, months: int) -> Rates:
        """The rates of the months to come, but for their season."""
        if self._fit is None:
            return np.full(months, self._rate)
        return np.asarray(self._fit.forecast(months), dtype=float)

    def error_of_sum(self, weights: Rates) -> float:
        """The standard error of the coming months' sum, each by its weight."""
        later = weights.sum() - weights.cumsum()
        return self._surprise * float(np.sqrt(((weights + self._alpha * later) ** 2).sum()))


def _with_one_festival(rates: Rates, months: list[MonthPeriod]) -> Rates:
    """The rates with that of January and February made one, by their days."""
    found = rates.copy()
    for n, (january, february) in enumerate(pairwise(months)):
        if january.start.month == 1:
            days = np.array([january.days, february.days])
            found[n : n + 2] = days @ rates[n : n + 2] / days.sum()
    return found
