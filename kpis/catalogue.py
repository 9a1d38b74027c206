"""Every KPI there is, and the reading of one owner's books by all families that know them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kpis.course import Measured
from kpis.indicators import INDICATORS, IndicatorBook
from kpis.investment import INVESTMENT
from kpis.kpi import Family, Kpi, Reading, measure
from kpis.measures import MEASURABLE
from kpis.port import PortBooks
from kpis.portfolio import Portfolio
from kpis.targets import TARGETS, Owned
from kpis.throughput import LATEST, THROUGHPUT

Books = Measured | Owned

CATALOGUE: tuple[Family[Any, Any], ...] = (*MEASURABLE, TARGETS)
"""The families; what metrics, rules, panels, history and docs are rendered from."""

KPIS: dict[str, Kpi[Any]] = {str(kpi.series): kpi for family in CATALOGUE for kpi in family.kpis}
"""Series -> its KPI."""


def readings(books: Books, at: datetime) -> Iterator[Reading]:
    """Every reading of one owner's books at an instant."""
    match books:
        case PortBooks() if books.is_empty:
            return  # as if its moves had never been announced
        case PortBooks():
            yield from measure(THROUGHPUT, books, at)
            yield from measure(LATEST, books, at)
        case Portfolio():
            yield from measure(INVESTMENT, books, at)
        case IndicatorBook():
            yield from measure(INDICATORS, books, at)
        case Owned():
            yield from measure(TARGETS, books, at)
