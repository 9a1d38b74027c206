"""Recording rules: every KPI without the worker's labels, and the sums of those that add up."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from kpis.model.kpi import Family, Kpi, Unit, hourly, recorded, summed_over, total

WORKER = ("instance", "job")
"""The labels that scraping adds to a series."""


class Recording(Struct, frozen=True):
    """A recording rule; the fields have the names of Prometheus's rule files."""

    record: str
    expr: str


class RuleGroup(Struct, frozen=True):
    """Rules that Prometheus evaluates in order, so that later ones see earlier results."""

    name: str
    rules: tuple[Recording, ...]


def groups(catalogue: Iterable[Family[Any, Any]]) -> tuple[RuleGroup, ...]:
    """Return a group of rules for each prefix of KPIs."""
    by_name: dict[str, list[Recording]] = {}
    for family in catalogue:
        rules = by_name.setdefault(family.name, [])
        for kpi in family.kpis:
            rules.extend(recordings(kpi))
    return tuple(RuleGroup(name, tuple(rules)) for name, rules in by_name.items())


def recordings(kpi: Kpi[Any]) -> Iterator[Recording]:
    """Return the rules of one KPI.

    The first takes the greatest value over workers.  While a partition moves, two workers may show
    a series in one scrape, and a sum would count it twice.
    """
    worker = ", ".join(WORKER)
    yield Recording(str(recorded(kpi)), f"max without ({worker}) ({kpi.series})")
    yield Recording(str(hourly(kpi)), _thinned(kpi))
    if summed := total(kpi):
        over = ", ".join(summed_over(kpi))
        yield Recording(str(summed), f"sum without ({over}) ({recorded(kpi)})")


def _thinned(kpi: Kpi[Any]) -> str:
    """Return the rule that records a value if the last hour has none, or a different one.

    So the series exists at once on a new machine, where a group evaluated once an hour would wait,
    and it follows while a year is loaded.  Values that differ by less than a thousandth count as
    equal: that is the width of a line on a chart.
    """
    seen = f"last_over_time({hourly(kpi)}[1h])"
    near = "3600" if kpi.unit is Unit.TIMESTAMP else f"0.001 * abs({recorded(kpi)})"
    return f"{recorded(kpi)} unless abs({recorded(kpi)} - {seen}) <= {near}"
