"""Methods that forecast a year's total from the days before an instant: ours, and common ones."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from bench.forecast.known_year import KnownYear
from kpis.forecast.basis import Basis
from kpis.forecast.theta import YEAR, outlook
from kpis.model.periods import MonthPeriod, ahead, back
from kpis.plan.progress import Outlook

Method = Callable[[KnownYear, date], float]


def theta(port: KnownYear, end: date) -> Outlook:
    """Return the forecast of `kpis.forecast` with its band."""
    days = tuple(float(teu) for teu in port.daily[: (end - port.first).days])
    start, stop = _year(port)
    found = outlook(Basis(port.first, days, stop, port.between(start, end)))
    if found is None:
        raise ValueError(f"{port.name}: the history has less than two years before {end}")
    return found


def straight_line(port: KnownYear, end: date) -> float:
    """Return the mean day of the year so far, times the days of the year."""
    start, stop = _year(port)
    return port.between(start, end) * (stop - start).days / (end - start).days


def year_on_year(port: KnownYear, end: date) -> float:
    """Return last year's total, times this year's amount so far over that of the same days."""
    start, _ = _year(port)
    before, same_day = (on.replace(year=on.year - 1) for on in (start, end))
    grown = port.between(start, end) / port.between(before, same_day)
    return port.between(before, start) * grown


def last_three_months(port: KnownYear, end: date) -> float:
    """Return the amount so far, plus the mean day of the last three months for each day left."""
    start, stop = _year(port)
    first = back(end, port.first)[-3].start
    rate = port.between(first, end) / (end - first).days
    return port.between(start, end) + rate * (stop - end).days


def holt_winters(port: KnownYear, end: date) -> float:
    """Return the forecast of exponential smoothing with damped trend, multiplicative season."""
    return _smoothed(port, end, trend="add", damped_trend=True)


def level_only(port: KnownYear, end: date) -> float:
    """Return the forecast of exponential smoothing with multiplicative season and no trend."""
    return _smoothed(port, end)


def _smoothed(port: KnownYear, end: date, **model: Any) -> float:
    start, stop = _year(port)
    rates = np.array([_rate(port, month) for month in back(end, port.first)])
    rest = ahead(end, stop)
    fit = ExponentialSmoothing(rates, seasonal="mul", seasonal_periods=YEAR, **model).fit()
    days: NDArray[np.int64] = np.array([month.days for month in rest])
    return port.between(start, end) + float(np.asarray(fit.forecast(len(rest))) @ days)


def _rate(port: KnownYear, month: MonthPeriod) -> float:
    return port.between(*month) / month.days


def _year(port: KnownYear) -> tuple[date, date]:
    start = date(port.year, 1, 1)
    return start, date(port.year + 1, 1, 1)
