"""Made-up years of ports and zones, from a seed and by day, whose totals are therefore known."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from bench.forecast.known_year import KnownYear
from producers.simulate.seasonality import NEW_YEAR, WEEKDAYS

HISTORY_YEARS = (2, 6)  # two to five whole years before the one that is forecast
LAST_YEARS = (2021, 2033)
GROWTH, GROWTH_SPREAD = 0.06, 0.07  # a year: a young port doubles in ten, an old one may shrink
SEASON = 0.06  # the most that one standard deviation of the months' season may be
FESTIVAL = (0.1, 1.2)  # share of the Spring Festival's dip: a hub has little of it, a feeder all
MONTH_NOISE = (0.01, 0.035)  # passing changes: fog, congestion, a carrier's blank sailings
MONTH_MEMORY = (0.3, 0.8)  # share of a passing change that is left after a month
WANDER = 0.008  # a month: lasting changes
BREAK_CHANCE, BREAK = 0.012, 0.10  # a month: a new berth opens, a service is lost
DAY_NOISE = (0.05, 0.2)
STORM_CHANCE, STORM = 2 / 365, 0.2  # that a storm of two days begins, and the share still handled
SIGNINGS = (10, 60)  # a year
SIGNING_GROWTH, SIGNING_WANDER = 0.15, 0.08  # a year, a month: one deviation

_AROUND_NEW_YEAR = ((-21, 1.06), (-8, 0.9), (-4, 0.7), (-1, 0.45), (4, 0.6), (7, 0.75), (11, 0.9))
"""(days from the lunar new year, activity from that day on); from day 16 on it is 1 again."""
_BACK_TO_WORK = 16


def synthetic(seed: int) -> KnownYear:
    """The port of a seed: growth, season, festival, memory, breaks and storms of its own."""
    random = np.random.default_rng(seed)
    year, first, days = _span(random)
    month = np.array([(on.year - first.year) * 12 + on.month - 1 for on in days])
    growth = random.normal(GROWTH, GROWTH_SPREAD) * np.arange(len(days)) / 365.25
    season = 1 + random.uniform(0, SEASON) * random.normal(size=12)
    festival = np.array([_festival(on) for on in days]) ** random.uniform(*FESTIVAL)
    week = np.array([WEEKDAYS[on.weekday()] for on in days])
    months = _months(random, int(month[-1]) + 1)
    noise = random.normal(0, random.uniform(*DAY_NOISE), len(days))
    storm = random.random(len(days)) < STORM_CHANCE
    weather = np.where(storm | np.roll(storm, 1), STORM, 1.0)
    size = random.uniform(300, 100_000)
    course = np.exp(growth + months[month] + noise) * season[month % 12]
    return KnownYear(f"synthetic {seed}", year, first, size * course * festival * week * weather)


def signings(seed: int) -> KnownYear:
    """The zone of a seed: projects are signed singly, at a rate that grows and wanders."""
    random = np.random.default_rng(seed)
    year, first, days = _span(random)
    month = np.array([(on.year - first.year) * 12 + on.month - 1 for on in days])
    wander = np.cumsum(random.normal(0, SIGNING_WANDER, int(month[-1]) + 1))
    growth = random.normal(0, SIGNING_GROWTH) * np.arange(len(days)) / 365.25
    rate = random.uniform(*SIGNINGS) / 365 * np.exp(growth + wander[month])
    return KnownYear(f"zone {seed}", year, first, random.poisson(rate).astype(float))


def _span(random: np.random.Generator) -> tuple[int, date, list[date]]:
    """A year, the first day of its history, and all days to its end."""
    years = int(random.integers(*HISTORY_YEARS))
    year = int(random.integers(*LAST_YEARS))
    first = date(year - years, 1, 1)
    return year, first, [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]


def _months(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Logarithm of each month's level: passing changes, lasting changes and breaks together."""
    spread, memory = random.uniform(*MONTH_NOISE), random.uniform(*MONTH_MEMORY)
    passing = np.zeros(count)
    for n, shock in enumerate(random.normal(0, spread, count)):
        passing[n] = memory * passing[n - 1] + shock if n else shock
    broken = (random.random(count) < BREAK_CHANCE) * random.normal(0, BREAK, count)
    return passing + np.cumsum(random.normal(0, WANDER, count) + broken)


def _festival(on: date) -> float:
    """Activity on a day around Spring Festival, 1 on an ordinary day."""
    away = (on - NEW_YEAR[on.year]).days
    if away >= _BACK_TO_WORK:
        return 1.0
    return next((rest for start, rest in reversed(_AROUND_NEW_YEAR) if away >= start), 1.0)
