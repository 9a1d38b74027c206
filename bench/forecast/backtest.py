"""The back-test: each method's error at each month's end, and how often the band holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import chain
from statistics import fmean

import numpy as np
from msgspec import Struct

from bench.forecast import simple_methods
from bench.forecast.known_year import KnownYear
from bench.forecast.simple_methods import Method

MONTHS = range(1, 12)  # at their ends; at December's there is nothing left to forecast
MOST = 1.8  # per cent, the mean error on Singapore
FROM_APRIL = slice(3, None)  # of MONTHS; from there on it is no worse than the straight line
HELD = {"0.80": (0.76, 0.86), "0.95": (0.92, 0.98)}
"""Level of the band -> the least and the greatest share of the cases that it may hold."""
ENOUGH_YEARS = 10  # of a real port; the eleven cases of a year err together: few years say little
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
    """Absolute errors in per cent of the year's total, and where the band held."""

    errors: Mapping[str, tuple[tuple[float, ...], ...]]
    """Method -> for each year of a port, the error at each of the months."""
    held: Mapping[str, tuple[bool, ...]]
    """Level of the band -> whether it held, for each year and month."""

    @property
    def years(self) -> int:
        """Years of ports that were forecast."""
        return len(self.errors[OURS])

    def by_month(self, method: str) -> tuple[float, ...]:
        """The mean error at each of the months."""
        return tuple(np.mean(self.errors[method], axis=0).tolist())

    def overall(self, method: str) -> float:
        """The mean error of all cases."""
        return fmean(chain.from_iterable(self.errors[method]))

    def share_held(self, level: str) -> float:
        """The share of the cases that the band of a level holds."""
        return fmean(self.held[level])


class BackTest(Struct, frozen=True):
    """The scores of one run, each group by title."""

    singapore: Score
    real: Mapping[str, Score]
    """Series of real ports, Singapore's too."""
    short: Mapping[str, Score]
    """The same years again, with little before them."""
    synthetic: Mapping[str, Score]
    zones: Mapping[str, Score]
    """Signings, which come singly: only their band is judged."""

    @property
    def whole(self) -> Score:
        """All years of real ports as one."""
        return together(list(self.real.values()))


def month_end(year: int, month: int) -> date:
    """The day after a month."""
    return date(year + month // 12, month % 12 + 1, 1)


def score(
    ports: Sequence[KnownYear],
    methods: Mapping[str, Method] = SIMPLE,
    end: Callable[[int, int], date] = month_end,
    months: Sequence[int] = MONTHS,
) -> Score:
    """Every method's errors on every port, at one instant in each of the months."""
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
    """The score of the years of all, by the methods that each of them has."""
    methods = [name for name in scores[0].errors if all(name in one.errors for one in scores)]
    return Score(
        {name: tuple(row for one in scores for row in one.errors[name]) for name in methods},
        {
            level: tuple(case for one in scores for case in one.held[level])
            for level in scores[0].held
        },
    )


def broken(run: BackTest) -> list[str]:
    """The promises of docs/forecast.md that the run breaks, each as one sentence."""
    said = []
    if (error := run.singapore.overall(OURS)) > MOST:
        said.append(f"Singapore's mean error is {error:.2f} %, expected <= {MOST}")
    whole = {"all real ports": run.whole}
    for name, one in {**whole, **run.short, **run.synthetic}.items():
        ours, best = one.overall(OURS), min(map(one.overall, one.errors))
        if ours > best:
            said.append(f"{name}: the mean error is {ours:.2f} %, a simple method's {best:.2f} %")
    for name, one in {"Singapore": run.singapore, **run.synthetic}.items():
        mine, line = (one.by_month(method)[FROM_APRIL] for method in (OURS, "straight line"))
        if worse := sum(error > other for error, other in zip(mine, line, strict=True)):
            said.append(f"{name}: worse than the straight line in {worse} of {len(line)} months")
    long = {name: one for name, one in run.real.items() if one.years >= ENOUGH_YEARS}
    for name, one in {**whole, **long, **run.short, **run.synthetic, **run.zones}.items():
        for level, (least, most) in HELD.items():
            if not least <= (share := one.share_held(level)) <= most:
                said.append(f"{name}: the band of {level} held {share:.1%} of the cases")
    return said
