"""The back-test: each method's error at each month's end, and how often the band holds."""

import csv
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import fmean

import numpy as np
from msgspec import Struct

from bench.forecast import simple_methods
from bench.forecast.simple_methods import Method
from bench.forecast.synthetic_ports import SyntheticPort

MONTHS = range(1, 12)  # at their ends; at December's there is nothing left to forecast
MOST = 1.8  # per cent, the mean error on the sample
FROM_APRIL = slice(3, None)  # of MONTHS: no worse than the straight line
HELD = (0.70, 0.90)  # of all cases, by the 80 % band
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
    """Mean absolute errors in per cent of the year's total."""

    errors: Mapping[str, tuple[float, ...]]
    """Method -> a mean for each month."""
    held: Mapping[str, tuple[bool, ...]]
    """Level of the band -> whether it held, for each port and month."""

    def overall(self, method: str) -> float:
        """The mean over the months."""
        return fmean(self.errors[method])


def month_end(year: int, month: int) -> date:
    """The day after a month."""
    return date(year + month // 12, month % 12 + 1, 1)


def score(
    ports: Sequence[SyntheticPort],
    methods: Mapping[str, Method] = SIMPLE,
    end: Callable[[int, int], date] = month_end,
    months: Sequence[int] = MONTHS,
) -> Score:
    """Every method on every port, at an instant of each of the months."""
    errors: dict[str, list[list[float]]] = {OURS: [], **{name: [] for name in methods}}
    held: dict[str, list[bool]] = {}
    for port in ports:
        found = [simple_methods.theta(port, end(port.year, month)) for month in months]
        errors[OURS].append([abs(one.value / port.truth - 1) * 100 for one in found])
        for one in found:
            edges = {(level, bound): teu for level, bound, teu in one.bounds}
            for level in {level for level, _, _ in one.bounds}:
                inside = edges[level, "lower"] <= port.truth <= edges[level, "upper"]
                held.setdefault(level, []).append(inside)
        for name, method in methods.items():
            totals = (method(port, end(port.year, month)) for month in months)
            errors[name].append([abs(total / port.truth - 1) * 100 for total in totals])
    means = {name: tuple(np.mean(rows, axis=0).tolist()) for name, rows in errors.items()}
    return Score(means, {level: tuple(cases) for level, cases in held.items()})


def sample(path: Path, years: Iterable[int]) -> list[SyntheticPort]:
    """The years of a file of months, each with what lies before it; a month's days are alike."""
    with path.open(encoding="utf-8", newline="") as lines:
        amounts = {
            row["month"]: float(row["container_throughput"]) for row in csv.DictReader(lines)
        }
    found = []
    for year in years:
        teu: list[float] = []
        for month, amount in amounts.items():
            if int(month[:4]) <= year:
                days = monthrange(int(month[:4]), int(month[5:]))[1]
                teu += [amount / days] * days
        first = date.fromisoformat(f"{min(amounts)}-01")
        found.append(SyntheticPort(f"Singapore {year}", year, first, np.array(teu)))
    return found


def broken(real: Score, synthetic: Sequence[Score], counted: Sequence[Score] = ()) -> list[str]:
    """What the forecast must hold and doesn't; of what comes singly, only the band."""
    said = []
    if real.overall(OURS) > MOST:
        said.append(f"the sample's mean error is {real.overall(OURS):.2f} %, expected <= {MOST}")
    for one in (real, *synthetic):
        ours, line = one.errors[OURS][FROM_APRIL], one.errors["straight line"][FROM_APRIL]
        if any(mine > other for mine, other in zip(ours, line, strict=True)):
            said.append(f"worse than the straight line: {ours} and {line}")
    cases = [held for one in (real, *synthetic, *counted) for held in one.held["0.80"]]
    least, most = HELD
    if not least <= fmean(cases) <= most:
        said.append(f"the 80 % band held {fmean(cases):.0%}, expected {least:.0%} to {most:.0%}")
    return said
