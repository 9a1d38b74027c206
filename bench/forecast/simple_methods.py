"""What people forecast a year's total with: each from the days before an instant."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from bench.forecast.synthetic_ports import SyntheticPort
from kpis.forecast.basis import Basis
from kpis.forecast.theta import YEAR, outlook
from kpis.model.periods import MonthPeriod, ahead, back
from kpis.plan.progress import Outlook

Method = Callable[[SyntheticPort, date], float]


def theta(port: SyntheticPort, end: date) -> Outlook:
    """Ours, with its band."""
    days = tuple(float(teu) for teu in port.teu[: (end - port.first).days])
    start, stop = _year(port)
    found = outlook(Basis(port.first, days, stop, port.between(start, end)))
    if found is None:
        raise ValueError(f"{port.name}: less than two years before {end}")
    return found


def straight_line(port: SyntheticPort, end: date) -> float:
    """The mean day so far, on every day of the year."""
    start, stop = _year(port)
    return port.between(start, end) * (stop - start).days / (end - start).days


def year_on_year(port: SyntheticPort, end: date) -> float:
    """Last year, as much greater as this one is so far."""
    start, _ = _year(port)
    before, same_day = (on.replace(year=on.year - 1) for on in (start, end))
    grown = port.between(start, end) / port.between(before, same_day)
    return port.between(before, start) * grown


def last_three_months(port: SyntheticPort, end: date) -> float:
    """The mean day of the last three months, on every day to come."""
    start, stop = _year(port)
    first = back(end, port.first)[-3].start
    rate = port.between(first, end) / (end - first).days
    return port.between(start, end) + rate * (stop - end).days


def holt_winters(port: SyntheticPort, end: date) -> float:
    """Damped trend, multiplicative season."""
    return _smoothed(port, end, trend="add", damped_trend=True)


def level_only(port: SyntheticPort, end: date) -> float:
    """Level and multiplicative season, no trend."""
    return _smoothed(port, end)


def _smoothed(port: SyntheticPort, end: date, **model: Any) -> float:
    start, stop = _year(port)
    rates = np.array([_rate(port, month) for month in back(end, port.first)])
    rest = ahead(end, stop)
    fit = ExponentialSmoothing(rates, seasonal="mul", seasonal_periods=YEAR, **model).fit()
    days: NDArray[np.int64] = np.array([month.days for month in rest])
    return port.between(start, end) + float(np.asarray(fit.forecast(len(rest))) @ days)


def _rate(port: SyntheticPort, month: MonthPeriod) -> float:
    return port.between(*month) / month.days


def _year(port: SyntheticPort) -> tuple[date, date]:
    start = date(port.year, 1, 1)
    return start, date(port.year + 1, 1, 1)
