"""The catalogue of all KPIs, and the readings of one owner's books by the families for them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kpis.model.kpi import Family, Kpi, Reading, measure
from kpis.port.books import PortBooks
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.target.measures import MEASURABLE
from kpis.target.target_book import TARGETS, OwnedTarget
from kpis.target.target_progress import Measured
from kpis.zone.indicators import INDICATORS, IndicatorBook
from kpis.zone.investment import INVESTMENT
from kpis.zone.portfolio import Portfolio

Books = Measured | OwnedTarget

CATALOGUE: tuple[Family[Any, Any], ...] = (*MEASURABLE, TARGETS)
"""The families of KPIs, from which metrics, rules, panels, history and docs are rendered."""

KPIS: dict[str, Kpi[Any]] = {str(kpi.series): kpi for family in CATALOGUE for kpi in family.kpis}
"""Series -> KPI."""


def readings(books: Books, at: datetime) -> Iterator[Reading]:
    """Return every reading of one owner's books at an instant."""
    match books:
        case PortBooks() if books.is_empty:
            return  # as if no snapshot had ever arrived
        case PortBooks():
            yield from measure(THROUGHPUT, books, at)
            yield from measure(LATEST, books, at)
        case Portfolio():
            yield from measure(INVESTMENT, books, at)
        case IndicatorBook():
            yield from measure(INDICATORS, books, at)
        case OwnedTarget():
            yield from measure(TARGETS, books, at)
