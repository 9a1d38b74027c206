"""The back-test measures each method's error by month, and how often the band holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import chain
from statistics import fmean

import numpy as np
from msgspec import Struct

from bench.forecast import simple_methods
from bench.forecast.known_year import KnownYear
from bench.forecast.simple_methods import Method

MONTHS = range(1, 12)  # forecasts are made at their ends; after December nothing is left
MOST = 1.8  # per cent; the greatest mean error on Singapore
FROM_APRIL = slice(3, None)  # of MONTHS, where the forecast must not be worse than the line
HELD = {"0.80": (0.76, 0.86), "0.95": (0.92, 0.98)}
"""Level of the band -> the least and the greatest share of the cases that it may hold."""
ENOUGH_YEARS = 10  # of a real port; the eleven cases of a year err together, so few say little
OURS = "Theta (ours)"
SIMPLE: Mapping[str, Method] = {
    "last three months": simple_methods.last_three_months,
    "year on year": simple_methods.year_on_year,
    "straight line": simple_methods.straight_line,
}
SLOW: Mapping[str, Method] = {
    "Holt-Winters, damped": simple_methods.holt_winters,
    "level and season": simple_methods.level_only,
}
COUNTED: Mapping[str, Method] = {
    name: SIMPLE[name] for name in ("last three months", "straight line")
}


class Score(Struct, frozen=True):
    """Absolute errors in per cent of the year's total, and whether the band held."""

    errors: Mapping[str, tuple[tuple[float, ...], ...]]
    """Method -> for each year of a port, the error at each of the months."""
    held: Mapping[str, tuple[bool, ...]]
    """Level of the band -> whether it held, for each year and month."""

    @property
    def years(self) -> int:
        """Years of ports that were forecast."""
        return len(self.errors[OURS])

    def by_month(self, method: str) -> tuple[float, ...]:
        """Return the method's mean error at each of the months."""
        return tuple(np.mean(self.errors[method], axis=0).tolist())

    def overall(self, method: str) -> float:
        """Return the method's mean error over all cases."""
        return fmean(chain.from_iterable(self.errors[method]))

    def share_held(self, level: str) -> float:
        """Return the share of the cases in which the band of a level held."""
        return fmean(self.held[level])


class BackTest(Struct, frozen=True):
    """The scores of one run; each group maps a title to its score."""

    singapore: Score
    real: Mapping[str, Score]
    """Series of real ports, including Singapore."""
    short: Mapping[str, Score]
    """The same years again, each with a short history."""
    synthetic: Mapping[str, Score]
    zones: Mapping[str, Score]
    """Signings of zones, which come singly; only their band is judged."""

    @property
    def whole(self) -> Score:
        """The score of all years of real ports together."""
        return together(list(self.real.values()))


def month_end(year: int, month: int) -> date:
    """Return the first day after a month."""
    return date(year + month // 12, month % 12 + 1, 1)


def score(
    ports: Sequence[KnownYear],
    methods: Mapping[str, Method] = SIMPLE,
    end: Callable[[int, int], date] = month_end,
    months: Sequence[int] = MONTHS,
) -> Score:
    """Return every method's errors on every port, with one forecast in each of the months.

    `end(year, month)` is the first day that a forecast does not know.
    """
    errors: dict[str, list[tuple[float, ...]]] = {OURS: [], **{name: [] for name in methods}}
    held: dict[str, list[bool]] = {}
    for port in ports:
        found = [simple_methods.theta(port, end(port.year, month)) for month in months]
        errors[OURS].append(tuple(abs(one.value / port.total - 1) * 100 for one in found))
        for one in found:
            edges = {(level, bound): teu for level, bound, teu in one.bounds}
            for level in {level for level, _, _ in one.bounds}:
                inside = edges[level, "lower"] <= port.total <= edges[level, "upper"]
                held.setdefault(level, []).append(inside)
        for name, method in methods.items():
            totals = (method(port, end(port.year, month)) for month in months)
            errors[name].append(tuple(abs(total / port.total - 1) * 100 for total in totals))
    return Score(
        {name: tuple(rows) for name, rows in errors.items()},
        {level: tuple(cases) for level, cases in held.items()},
    )


def together(scores: Sequence[Score]) -> Score:
    """Return the score of the years of all scores, for the methods that all of them have."""
    methods = [name for name in scores[0].errors if all(name in one.errors for one in scores)]
    return Score(
        {name: tuple(row for one in scores for row in one.errors[name]) for name in methods},
        {
            level: tuple(case for one in scores for case in one.held[level])
            for level in scores[0].held
        },
    )


def broken(run: BackTest) -> list[str]:
    """Return the bounds of docs/forecast.md that the run breaks, each as one sentence."""
    failures = []
    if (error := run.singapore.overall(OURS)) > MOST:
        failures.append(f"Singapore: the mean error is {error:.2f} %, expected <= {MOST} %")
    whole = {"all real ports": run.whole}
    for name, one in {**whole, **run.short, **run.synthetic}.items():
        ours, best = one.overall(OURS), min(map(one.overall, one.errors))
        if ours > best:
            failures.append(
                f"{name}: the mean error is {ours:.2f} %, but a simple method has {best:.2f} %"
            )
    for name, one in {"Singapore": run.singapore, **run.synthetic}.items():
        mine, line = (one.by_month(method)[FROM_APRIL] for method in (OURS, "straight line"))
        if worse := sum(error > other for error, other in zip(mine, line, strict=True)):
            failures.append(
                f"{name}: the forecast is worse than the straight line "
                f"in {worse} of {len(line)} months"
            )
    long = {name: one for name, one in run.real.items() if one.years >= ENOUGH_YEARS}
    for name, one in {**whole, **long, **run.short, **run.synthetic, **run.zones}.items():
        for level, (least, most) in HELD.items():
            if not least <= (share := one.share_held(level)) <= most:
                failures.append(
                    f"{name}: the {level} band held {share:.1%} of the cases, "
                    f"expected {least:.0%} to {most:.0%}"
                )
    return failures
