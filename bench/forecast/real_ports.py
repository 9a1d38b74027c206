"""Known years of real ports, made from published months that are spread evenly over their days."""

import csv
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from msgspec import Struct

from bench.forecast.known_year import KnownYear

FIXTURES = Path("tests/fixtures")  # the README there names who published the figures


class PublishedSeries(Struct, frozen=True):
    """A file of published months, and the years of it that the back-test forecasts."""

    name: str
    file: str
    years: Sequence[int]

    @property
    def title(self) -> str:
        """The port with the first and the last year."""
        return f"{self.name} {self.years[0]}–{self.years[-1]}"

    def ports(self, root: Path = FIXTURES, years_before: int | None = None) -> list[KnownYear]:
        """Return each year with its whole history, or with only `years_before` years of it."""
        amounts = _amounts(root / self.file)
        return [_port(self.name, amounts, year, years_before) for year in self.years]


SINGAPORE = PublishedSeries("Singapore", "singapore-monthly-thousand-teu.csv", (2017, 2018, 2019))
"""The file has no 2020, and a forecast needs the two years before its year."""
HOUSTON = PublishedSeries("Houston", "houston-monthly-teu.csv", range(2003, 2025))
NEW_YORK = PublishedSeries("New York and New Jersey", "new-york-monthly-teu.csv", (2023, 2024))


def _amounts(path: Path) -> dict[str, float]:
    """Return month, such as `2019-08` -> its amount."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["month"]: float(row["container_throughput"]) for row in csv.DictReader(lines)}


def _port(name: str, amounts: dict[str, float], year: int, years_before: int | None) -> KnownYear:
    start = max(min(amounts), "" if years_before is None else f"{year - years_before}-01")
    teu: list[float] = []
    for month, amount in amounts.items():
        if month >= start and int(month[:4]) <= year:
            days = monthrange(int(month[:4]), int(month[5:]))[1]
            teu += [amount / days] * days
    return KnownYear(f"{name} {year}", year, date.fromisoformat(f"{start}-01"), np.array(teu))
